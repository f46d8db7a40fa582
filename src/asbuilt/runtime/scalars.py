"""Single values: from decoded JSON, and from the text of a path, a query or a header.

Every function takes a value and gives it in its Python type, or raises `Wrong`. No input takes long:
numbers are bounded before they are converted, and no text is matched by a backtracking expression.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeAlias, TypeVar
from uuid import UUID

import msgspec

from asbuilt.language.types import Constant, ScalarKind
from asbuilt.runtime.faults import Wrong

Take: TypeAlias = Callable[[object], object]
Converted = TypeVar("Converted")

_INTEGER = re.compile(r"[+-]?[0-9]{1,300}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,9})?", re.ASCII)
# The largest precision that can be declared: https://www.postgresql.org/docs/18/datatype-numeric.html
_MOST_DIGITS = 1000
_PARTS = re.compile(
    r"([+-]?)P(?=[0-9T+-])(?:([+-]?[0-9]{1,8})W)?(?:([+-]?[0-9]{1,9})D)?"
    r"(?:T(?=[0-9+-])(?:([+-]?[0-9]{1,11})H)?(?:([+-]?[0-9]{1,12})M)?(?:([+-]?[0-9]{1,14}(?:[.,][0-9]{1,6})?)S)?)?",
    re.ASCII,
)
_MINUTES = re.compile(r"\d\d:\d\d", re.ASCII)  # ISO 8601 lets a time of day go without its seconds
_LONGEST_WHOLE = 300  # digits of an integer; more than any column holds, few enough to convert in no time
_LOST_PLUS = re.compile(r" (?=[0-9]{2}:?[0-9]{2}$)", re.ASCII)


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong("must be a string")
    if "\x00" in value:
        raise Wrong("must not hold the character U+0000")
    return value


def whole(value: object) -> int:
    """An integer; `1.0` is one, `true` is none."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Decimal) and value.is_finite():
        if value.adjusted() > _LONGEST_WHOLE:
            raise Wrong("is too large")
        if value == value.to_integral_value():
            return int(value)
    raise Wrong("must be an integer")


def number(value: object) -> float:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        try:
            converted = float(value)
        except OverflowError:
            raise Wrong("is too large") from None
        if converted in (float("inf"), float("-inf")):
            raise Wrong("is too large")
        return converted
    raise Wrong("must be a number")


def decimal(value: object) -> Decimal:
    """A number, or a string that is spelled as one, with its digits as written."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise Wrong("must be a decimal number")
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise Wrong("must be a decimal number")
    try:
        converted = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        raise Wrong("must be a decimal number") from None
    if not writable(converted):
        raise Wrong("has too many digits")
    return converted


def writable(value: Decimal) -> bool:
    """Whether a decimal is short when it is written out: `1e999999999` is not."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MOST_DIGITS and value.adjusted() < _MOST_DIGITS


def truth(value: object) -> bool:
    if type(value) is bool:
        return value
    raise Wrong("must be true or false")


def identifier(value: object) -> UUID:
    """A UUID as RFC 9562 writes it: 36 characters, letters in either case."""
    if isinstance(value, str) and len(value) == 36:
        return _converted(value, UUID, "must be a UUID")
    raise Wrong("must be a UUID")


def moment(value: object) -> datetime:
    """A date and time of RFC 3339 with any offset, brought to UTC."""
    expected = "must be a date and time with an offset, such as `2026-01-31T12:00:00Z`"
    if not isinstance(value, str):
        raise Wrong(expected)
    converted = _converted(value, datetime, expected)
    if converted.tzinfo is None:
        raise Wrong(expected)
    try:
        return converted.astimezone(UTC)
    except OverflowError:
        raise Wrong("is out of range") from None


def day(value: object) -> date:
    if isinstance(value, str):
        return _converted(value, date, "must be a date such as `2026-01-31`")
    raise Wrong("must be a date such as `2026-01-31`")


def clock(value: object) -> time:
    expected = "must be a time of day without an offset, such as `12:00:00`"
    if isinstance(value, str):
        converted = _converted(f"{value}:00" if _MINUTES.fullmatch(value) else value, time, expected)
        if converted.tzinfo is None:
            return converted
    raise Wrong(expected)


def duration(value: object) -> timedelta:
    """An ISO 8601 duration of any sign, its parts with signs of their own too, as PostgreSQL writes them."""
    expected = "must be an ISO 8601 duration in days, hours, minutes and seconds, such as `PT1H30M`"
    if not isinstance(value, str):
        raise Wrong(expected)
    parts = _PARTS.fullmatch(value)
    return _total(parts) if parts else _converted(value, timedelta, expected)


def _total(parts: re.Match[str]) -> timedelta:
    sign, weeks, days, hours, minutes, seconds = parts.groups()
    whole, _, fraction = (seconds or "0").replace(",", ".").partition(".")
    micros = int(fraction.ljust(6, "0")) * (-1 if whole.startswith("-") else 1) if fraction else 0
    try:
        total = timedelta(
            weeks=int(weeks or 0),
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(whole),
            microseconds=micros,
        )
    except OverflowError:
        raise Wrong("is out of range") from None
    return -total if sign == "-" else total


def octets(value: object) -> bytes:
    if isinstance(value, str):
        try:
            return b64decode(value, validate=True)
        except ValueError:
            pass
    raise Wrong("must be a string in base64")


def one_of(values: tuple[Constant, ...]) -> Take:
    """Membership, where `true` is not 1 and 1 is not `true`."""
    known = frozenset((type(value), value) for value in values)
    message = ("must be one of " if len(values) > 1 else "must be ") + ", ".join(map(shown, values))

    def take(value: object) -> object:
        if isinstance(value, bool | int | float | str | None) and (type(value), value) in known:
            return value
        raise Wrong(message)

    return take


def shown(value: Constant) -> str:
    """A constant as a message shows it: text as it is, all else as JSON."""
    return f"`{value}`" if isinstance(value, str) else f"`{msgspec.json.encode(value).decode()}`"


FROM_JSON: dict[ScalarKind, Take] = {
    "str": text,
    "int": whole,
    "float": number,
    "bool": truth,
    "uuid": identifier,
    "datetime": moment,
    "date": day,
    "time": clock,
    "timedelta": duration,
    "decimal": decimal,
    "bytes": octets,
}


def _whole_text(value: object) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise Wrong("must be an integer")


def _number_text(value: object) -> float:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return number(float(value))
    raise Wrong("must be a number")


def _truth_text(value: object) -> bool:
    if value in ("true", "1"):
        return True
    if value in ("false", "0"):
        return False
    raise Wrong("must be true or false")


def _moment_text(value: object) -> datetime:
    """As `moment`; the plus of an offset, which a query string turns into a space, is put back."""
    return moment(_LOST_PLUS.sub("+", value) if isinstance(value, str) else value)


FROM_TEXT: dict[ScalarKind, Take] = {
    **FROM_JSON,
    "int": _whole_text,
    "float": _number_text,
    "bool": _truth_text,
    "datetime": _moment_text,
}


def _converted(value: str, type_: type[Converted], expected: str) -> Converted:
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError:
        raise Wrong(expected) from None
