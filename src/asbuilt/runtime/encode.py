"""From a type to a function that turns an algorithm's value into JSON, and refuses what the document does not promise.

A compiled encoder takes instances, rows, mappings or plain values and gives what `to_json` writes:
members under their names, datetimes in UTC with `Z` and six digits, decimals as written.
"""

import math
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

import msgspec

from asbuilt.language.names import snake
from asbuilt.language.types import (
    ABSENT,
    UNSET,
    Anything,
    Array,
    Choice,
    Constant,
    Map,
    Named,
    Null,
    Scalar,
    ScalarKind,
    Type,
    Types,
    Union,
    spelled,
)
from asbuilt.language.values import iso_duration
from asbuilt.runtime.instances import Instance, attributes

Plain: TypeAlias = object
Encode: TypeAlias = Callable[[object], Plain]
_NOTHING = object()
_ENCODER = msgspec.json.Encoder()


class Unfit(Exception):  # noqa: N818 - named by what is the matter
    """A value does not fit the type that is documented for it. `at` is the JSON pointer to it."""

    def __init__(self, message: str, at: str = "") -> None:
        super().__init__(message, at)
        self.message = message
        self.at = at

    def below(self, token: str) -> "Unfit":
        return Unfit(self.message, f"/{token}{self.at}")

    def __str__(self) -> str:
        return f"the answer{f' at {self.at}' if self.at else ''} {self.message}"


def to_json(value: Plain) -> bytes:
    """The JSON of what an encoder gave."""
    return _ENCODER.encode(value)


@dataclass(frozen=True)
class Encoders:
    """The encoder of each type of a document. Recursive schemas refer to themselves by name."""

    types: Types
    _named: dict[str, list[Encode]] = field(default_factory=dict)

    def encoder(self, type_: Type) -> Encode:
        resolved = self.types.resolve(type_)
        match resolved:
            case Scalar(kind):
                return _SCALARS[kind]
            case Choice(values):
                return _one_of(values)
            case Null():
                return _null
            case Array(item):
                return _array(self.encoder(item))
            case Map(value):
                return _map(self.encoder(value))
            case Anything():
                return plain
            case Union(options):
                return _either([self.encoder(option) for option in options], spelled(resolved))
            case Named():
                return self._schema(resolved)

    def _schema(self, named: Named) -> Encode:
        if self.types.schema(named) is None:
            return plain
        key = spelled(named)
        place = self._named.get(key)
        if place is None:
            place = self._named[key] = []
            place.append(self._object(named))
            return place[0]
        return place[0] if place else _later(place)

    def _object(self, named: Named) -> Encode:
        schema = self.types.schema(named)
        kept = (
            [
                (member.name, name, member.column or snake(member.name), self.encoder(member.type), member.default)
                for name, member in zip(attributes(schema), schema.fields, strict=True)
                if not member.write_only
            ]
            if schema
            else []
        )

        def encode(value: object) -> Plain:
            made: dict[str, Plain] = {}
            read = None if isinstance(value, Instance) else _reader(value)
            for name, attribute, column, encode_member, default in kept:
                item = getattr(value, attribute, _NOTHING) if read is None else read(name, attribute, column)
                if item is _NOTHING:
                    if default is UNSET:
                        raise Unfit(f"has no member `{name}`, which `{spelled(named)}` promises")
                    item = default
                if item is ABSENT:
                    continue
                try:
                    made[name] = encode_member(item)
                except Unfit as unfit:
                    raise unfit.below(name) from None
            return made

        return encode


def _reader(value: object) -> Callable[[str, str, str], object]:
    """How the members of a value are read: by attribute, or by key under any of the member's names."""
    if isinstance(value, Mapping):
        return lambda name, attribute, column: next(
            (value[key] for key in (name, attribute, column) if key in value), _NOTHING
        )
    if value is None or isinstance(value, str | bytes | int | float | Decimal | list | tuple):
        raise Unfit(f"is {_named(value)}, not an object")
    return lambda name, attribute, column: next(
        (found for key in (attribute, column, name) if (found := getattr(value, key, _NOTHING)) is not _NOTHING),
        _NOTHING,
    )


def plain(value: object) -> Plain:
    """A value without a documented type, as JSON: each Python type in its own spelling."""
    if value is None or isinstance(value, bool):
        return value
    for type_, encode in _BY_PYTHON_TYPE:
        if isinstance(value, type_):
            return encode(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items() if item is not ABSENT}
    if isinstance(value, Instance):
        wire = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
        named = ((name, getattr(value, attribute)) for name, attribute in wire)
        return {name: plain(item) for name, item in named if item is not ABSENT}
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    raise Unfit(f"is {_named(value)}, which JSON can't hold")


def _text(value: object) -> Plain:
    if isinstance(value, str):
        return value
    raise Unfit(f"is {_named(value)}, not a string")


def _whole(value: object) -> Plain:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    # PostgreSQL's sum(bigint) is numeric: a whole number by its value, not by its type.
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    raise Unfit(f"is {_named(value)}, not an integer")


def _number(value: object) -> Plain:
    if isinstance(value, float) and not math.isfinite(value):
        raise Unfit(f"is {value}, which JSON can't hold")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return _decimal(value)
    raise Unfit(f"is {_named(value)}, not a number")


def _decimal(value: object) -> Plain:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return msgspec.Raw(format(value, "f").encode())
    raise Unfit(f"is {_named(value)}, not a finite decimal")


def _truth(value: object) -> Plain:
    if isinstance(value, bool):
        return value
    raise Unfit(f"is {_named(value)}, not a boolean")


def _identifier(value: object) -> Plain:
    if isinstance(value, UUID):
        return str(value)
    raise Unfit(f"is {_named(value)}, not a UUID")


def _moment(value: object) -> Plain:
    """Without an offset it is taken for UTC, as the columns of type `timestamp` are."""
    if not isinstance(value, datetime):
        raise Unfit(f"is {_named(value)}, not a datetime")
    if value.tzinfo is not None and value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _day(value: object) -> Plain:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    raise Unfit(f"is {_named(value)}, not a date")


def _clock(value: object) -> Plain:
    if isinstance(value, time):
        return value.isoformat()
    raise Unfit(f"is {_named(value)}, not a time")


def _duration(value: object) -> Plain:
    if isinstance(value, timedelta):
        return iso_duration(value)
    raise Unfit(f"is {_named(value)}, not a timedelta")


def _octets(value: object) -> Plain:
    if isinstance(value, bytes | bytearray | memoryview):
        return b64encode(value).decode()
    raise Unfit(f"is {_named(value)}, not bytes")


_SCALARS: dict[ScalarKind, Encode] = {
    "str": _text,
    "int": _whole,
    "float": _number,
    "bool": _truth,
    "uuid": _identifier,
    "datetime": _moment,
    "date": _day,
    "time": _clock,
    "timedelta": _duration,
    "decimal": _decimal,
    "bytes": _octets,
}
_BY_PYTHON_TYPE: tuple[tuple[type, Encode], ...] = (
    (str, _text),
    (int, _whole),
    (float, _number),
    (Decimal, _decimal),
    (UUID, _identifier),
    (datetime, _moment),
    (date, _day),
    (time, _clock),
    (timedelta, _duration),
    (bytes, _octets),
)


def _null(value: object) -> Plain:
    if value is None:
        return None
    raise Unfit(f"is {_named(value)}, not null")


def _one_of(values: tuple[Constant, ...]) -> Encode:
    known = frozenset((type(value), value) for value in values)

    def encode(value: object) -> Plain:
        if isinstance(value, bool | int | float | str | None) and (type(value), value) in known:
            return value
        raise Unfit(f"is {_named(value)}, none of the documented constants")

    return encode


def _array(item: Encode) -> Encode:
    def encode(value: object) -> Plain:
        if type(value) is not list and (isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable)):
            raise Unfit(f"is {_named(value)}, not a list")
        made = []
        for index, one in enumerate(value):
            try:
                made.append(item(one))
            except Unfit as unfit:
                raise unfit.below(str(index)) from None
        return made

    return encode


def _map(item: Encode) -> Encode:
    def encode(value: object) -> Plain:
        if not isinstance(value, Mapping):
            raise Unfit(f"is {_named(value)}, not a mapping")
        made = {}
        for name, one in value.items():
            try:
                made[str(name)] = item(one)
            except Unfit as unfit:
                raise unfit.below(str(name)) from None
        return made

    return encode


def _either(options: list[Encode], spelling: str) -> Encode:
    def encode(value: object) -> Plain:
        closest: Unfit | None = None
        for option in options:
            try:
                return option(value)
            except Unfit as unfit:
                if closest is None or unfit.at > closest.at:
                    closest = unfit
        if closest is not None and closest.at:
            raise closest
        raise Unfit(f"is {_named(value)}, not {spelling}")

    return encode


def _later(place: list[Encode]) -> Encode:
    def encode(value: object) -> Plain:
        return place[0](value)

    return encode


def _named(value: object) -> str:
    return "None" if value is None else f"of type `{type(value).__name__}`"
