"""What the text of a variable means: its type, read off a value, and its value, read by the type."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeAlias
from uuid import UUID

from asbuilt.language.types import Choice, Constraints, Scalar, ScalarKind, Type
from asbuilt.language.values import duration, size
from asbuilt.source import Span

Value: TypeAlias = bool | int | float | str | Decimal | UUID | datetime | date | time | timedelta | None

_TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_INTEGER = re.compile(r"[+-]?\d{1,30}(?:_\d{3})*")
_DECIMAL = re.compile(r"[+-]?\d{1,30}\.\d{1,30}")
_KINDS: dict[str, ScalarKind] = {
    "str": "str",
    "string": "str",
    "text": "str",
    "url": "str",
    "int": "int",
    "integer": "int",
    "number": "int",
    "port": "int",
    "float": "float",
    "decimal": "decimal",
    "bool": "bool",
    "boolean": "bool",
    "flag": "bool",
    "duration": "timedelta",
    "timedelta": "timedelta",
    "uuid": "uuid",
    "size": "int",
    "bytes": "int",
}


def inferred(name: str, text: str | None, span: Span, constraints: Constraints) -> Type:
    """The type of a variable by its value, and where it has none by its name."""
    return Scalar(_kind_by_name(name) if text is None else _kind_of(text), span, constraints)


def declared(word: str) -> ScalarKind | None:
    """The kind that a `Type` column names."""
    return _KINDS.get(word.strip().casefold())


def _kind_of(text: str) -> ScalarKind:
    if text.casefold() in ("true", "false"):
        return "bool"
    if _DECIMAL.fullmatch(text):
        return "float"
    if not _INTEGER.fullmatch(text) and duration(text) is not None:
        return "timedelta"
    return "int" if _INTEGER.fullmatch(text) or size(text) is not None else "str"


def _kind_by_name(name: str) -> ScalarKind:
    if name.startswith("FEATURE_") or name.endswith("_ENABLED"):
        return "bool"
    return "int" if name == "PORT" or name.endswith("_PORT") else "str"


def value_of(type_: Type, text: str) -> Value:
    """The value that a variable of this type has when its text is `text`.

    Sizes (`10 MB`) are integers in bytes, durations (`15m`) time spans. Raises ValueError with a
    reason that completes "the value ...", and never holds the text itself, which may be secret.
    """
    if isinstance(type_, Choice):
        return _chosen(type_, text)
    if not isinstance(type_, Scalar):
        return text
    value = _read(type_.kind, text)
    _demand_bounds(value, type_.constraints)
    return value


def _chosen(choice: Choice, text: str) -> Value:
    for value in choice.values:
        if str(value).casefold() == text.casefold():
            return value
    raise ValueError(f"is none of {', '.join(f'`{value}`' for value in choice.values)}")


def _read(kind: ScalarKind, text: str) -> Value:
    try:
        match kind:
            case "int":
                return int(text) if _INTEGER.fullmatch(text) else int(_some(size(text)))
            case "float":
                return float(text)
            case "decimal":
                return Decimal(text)
            case "bool":
                return _TRUTH[text.casefold()]
            case "timedelta":
                return timedelta(seconds=_some(duration(text)))
            case "uuid":
                return UUID(text)
            case "datetime":
                return datetime.fromisoformat(text)
            case "date":
                return date.fromisoformat(text)
            case "time":
                return time.fromisoformat(text)
    except (ValueError, KeyError, InvalidOperation, OverflowError):
        raise ValueError(f"is no {_SPOKEN.get(kind, kind)}") from None
    return text


_SPOKEN: dict[ScalarKind, str] = {
    "int": "integer",
    "float": "number",
    "decimal": "number",
    "bool": "boolean (`true` or `false`)",
    "timedelta": "duration (such as `15m`)",
    "uuid": "UUID",
}


def _some(value: float | None) -> float:
    if value is None:
        raise ValueError
    return value


def _demand_bounds(value: Value, bounds: Constraints) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return
    if bounds.ge is not None and value < bounds.ge:
        raise ValueError(f"is less than {bounds.ge}")
    if bounds.le is not None and value > bounds.le:
        raise ValueError(f"is greater than {bounds.le}")
