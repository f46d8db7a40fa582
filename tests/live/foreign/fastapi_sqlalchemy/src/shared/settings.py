"""Settings from the environment; a service that is not set up right does not start."""

import sys
from typing import Annotated, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings

Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    database_url: str
    port: Port = 8080


Kind = TypeVar("Kind", bound=Settings)


def load(kind: type[Kind]) -> Kind:
    """The settings, or an end of the process that names each variable at fault, and no value."""
    try:
        return kind()
    except ValidationError as error:
        for fault in error.errors():
            print(f"{str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
        sys.exit(78)
