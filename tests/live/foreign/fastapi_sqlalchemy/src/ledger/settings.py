"""Settings of the ledger: the defaults, the environment, the command line, in this order."""

from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from shared.settings import Port, Settings


class LedgerSettings(Settings):
    model_config = SettingsConfigDict(cli_parse_args=True, cli_kebab_case=True)

    port: Port = Field(8080, validation_alias=AliasChoices("component_port", "port"))
    log_level: Literal["debug", "info", "warning", "error"] = "info"
