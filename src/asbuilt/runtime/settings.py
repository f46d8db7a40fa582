"""The configuration of a running component: every variable by its type, from the sources in the document's order."""

import json
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from asbuilt.language.names import snake
from asbuilt.language.types import Choice, Constraints, Scalar, Type
from asbuilt.sections.configuration import Configuration, EnvironmentVariable, LoadingStep, value_of
from asbuilt.source import Span

_NOWHERE = Span(0, 0)
_USUAL = tuple(LoadingStep(kind, _NOWHERE) for kind in ("defaults", "environment", "command line"))
_LEVELS = ("debug", "info", "warning", "error")
# What these mean is the same in every component, declared or not.
_WELL_KNOWN: Mapping[str, Type] = {
    "DATABASE_URL": Scalar("str", _NOWHERE),
    "COMPONENT_PORT": Scalar("int", _NOWHERE, Constraints(ge=0, le=65_535)),
    "LOG_LEVEL": Choice(_LEVELS, _NOWHERE),
    "TRUSTED_PROXIES": Scalar("str", _NOWHERE),
}
_WAYS_ON: Mapping[str, str] = {
    "DATABASE_URL": "; with `--database embedded`, or where it is optional, asbuilt brings a database along"
}
_SECRET = frozenset({"DATABASE_URL"})
_LARGEST = 1_000_000
_TOO_LARGE = "it holds more than 1 MB"
_KINDS = {"YAML": "YAML without aliases", "YML": "YAML without aliases"}


class ConfigurationFaults(Exception):  # noqa: N818 - named by what is the matter
    """The configuration is faulty. Each fault names its variable and source, and never shows a value."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)


class Settings:
    """The values of all variables: `settings.inventory_url`, or `settings["INVENTORY_URL"]`. None where unset."""

    __slots__ = ("_secret", "_values")

    def __init__(self, values: Mapping[str, object], secret: frozenset[str] = frozenset()) -> None:
        self._values = dict(values)
        self._secret = secret

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __getattr__(self, name: str) -> Any:
        for known in (name, name.upper()):
            if known in self._values:
                return self._values[known]
        raise AttributeError(f"the document declares no variable `{name.upper()}`")

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def get(self, name: str, otherwise: Any = None) -> Any:
        """The value of a variable; `otherwise` where it is unset or not declared."""
        value = self._values.get(name)
        return otherwise if value is None else value

    def __repr__(self) -> str:
        shown = (f"{name}={'***' if name in self._secret else repr(value)}" for name, value in self._values.items())
        return f"Settings({', '.join(shown)})"


def load_settings(
    configuration: Configuration,
    folder: Path,
    environ: Mapping[str, str],
    arguments: Mapping[str, str] | None = None,
    *,
    without: frozenset[str] = frozenset(),
) -> Settings:
    """All variables from all sources; a later source wins. Raises `ConfigurationFaults`, all faults together.

    `arguments` are those of the command line, by variable: they count last, where the document's order does not
    place them. What is in `without` is unset, whatever the sources say, and not missed. Files are relative to the
    document's folder, and one that is not there is no fault.
    """
    variables = {variable.name.text: variable for variable in configuration.variables}
    types = {**_WELL_KNOWN, **{name: variable.type for name, variable in variables.items()}}
    faults: list[str] = []
    texts: dict[str, tuple[str, str]] = {}
    steps = configuration.loading or _USUAL
    for step in steps if any(step.kind == "command line" for step in steps) else (*steps, _USUAL[-1]):
        for name, text in _source(step, variables, folder, environ, arguments or {}, faults):
            if name in types and name not in without and text != "":
                texts[name] = (text, _spoken(step))
    values: dict[str, object] = dict.fromkeys(types)
    for name, type_ in types.items():
        if name in texts:
            values[name] = _read(name, type_, texts[name], faults)
        elif name in variables and variables[name].required and name not in without:
            faults.append(f"`{name}` is required and not set{_WAYS_ON.get(name, '')}")
    if faults:
        raise ConfigurationFaults(tuple(faults))
    secret = _SECRET | {name for name, variable in variables.items() if variable.secret}
    return Settings(values, frozenset(secret))


def _read(name: str, type_: Type, told: tuple[str, str], faults: list[str]) -> object:
    text, source = told
    try:
        return value_of(type_, text)
    except ValueError as fault:
        faults.append(f"`{name}` {fault} ({source})")
        return None


def _source(
    step: LoadingStep,
    variables: Mapping[str, EnvironmentVariable],
    folder: Path,
    environ: Mapping[str, str],
    arguments: Mapping[str, str],
    faults: list[str],
) -> Iterator[tuple[str, str]]:
    match step.kind:
        case "defaults":
            for name, variable in variables.items():
                if variable.default is not None:
                    yield name, variable.default
        case "environment":
            yield from environ.items()
        case "command line":
            yield from arguments.items()
        case "file":
            if step.path:
                yield from _file(folder / step.path, step.path, faults)


def _file(path: Path, shown: str, faults: list[str]) -> Iterator[tuple[str, str]]:
    """The variables in a file: `[database] url` is `DATABASE_URL`."""
    try:
        text = _text(path)
    except FileNotFoundError:
        return
    except UnicodeDecodeError:
        faults.append(f"`{shown}` can't be read: it is not UTF-8")
        return
    except (OSError, ValueError) as error:
        faults.append(f"`{shown}` can't be read: {getattr(error, 'strerror', None) or error}")
        return
    try:
        found = _parsed(path.suffix, text)
    except (ValueError, RecursionError, yaml.YAMLError):
        kind = path.suffix.removeprefix(".").upper() or "configuration"
        faults.append(f"`{shown}` is no {_KINDS.get(kind, kind)}")
        return
    yield from _flat(found, "")


def _text(path: Path) -> str:
    """The text of a regular file of a sane size; nothing else is waited for. Raises OSError and ValueError."""
    _demand_regular(path.stat())  # before it is opened: to open a device may do something
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        _demand_regular(os.fstat(handle))
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(_TOO_LARGE)
    return data.decode("utf-8-sig")


def _demand_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ValueError("it is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is a pipe or a device, not a regular file")
    if status.st_size > _LARGEST:
        raise ValueError(_TOO_LARGE)


def _parsed(suffix: str, text: str) -> object:
    match suffix:
        case ".toml":
            return tomllib.loads(text)
        case ".json":
            return json.loads(text)
        case ".yaml" | ".yml":
            # A few lines of aliases to aliases hold more than any memory.
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
                raise ValueError("aliases")
            return yaml.safe_load(text)
        case _:
            lines = (line.strip() for line in text.splitlines())
            pairs = (line.removeprefix("export ").partition("=") for line in lines if line and line[0] not in "#;[")
            return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def _flat(value: object, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{prefix}_{key}" if prefix else str(key))
    elif prefix and value is not None:
        text = json.dumps(value) if isinstance(value, bool | list) else str(value)
        yield snake(prefix).upper(), text


def _spoken(step: LoadingStep) -> str:
    return f"from `{step.path}`" if step.path else f"from the {step.kind}"
