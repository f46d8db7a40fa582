"""Whether a JSON value is what a type of the document says: the judge of answers, apart from the runtime's encoder."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

import re2

from asbuilt.language.types import (
    Anything,
    Array,
    Choice,
    Constraints,
    Map,
    Named,
    Null,
    Scalar,
    Schema,
    Type,
    Types,
    Union,
    refine,
    spelled,
)
from asbuilt.values import frozen

Member: TypeAlias = tuple[str, str]
_DURATION = re.compile(r"-?P(?=.)(\d+(\.\d+)?[YMWD])*(T(\d+(\.\d+)?[HMS])+)?")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# Python reads more forms than anybody means: those of weeks, and those without signs between the parts.
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*")
_TIME = re.compile(r"\d\d:\d\d.*")
_SHOWN = 60


@frozen
class Mismatch:
    """`pointer` leads to the value (RFC 6901); `member` is the schema's member it stands in, where it stands in one."""

    pointer: str
    message: str
    member: Member | None = None

    def __str__(self) -> str:
        return f"{self.pointer or 'the body'}: {self.message}"


@dataclass
class Conformance:
    """Compares values with types; `seen` are the members of schemas that held a value as documented."""

    types: Types
    seen: set[Member] = field(default_factory=set)

    def mismatches(
        self, value: object, type_: Type, pointer: str = "", member: Member | None = None
    ) -> Iterator[Mismatch]:
        """Everything in the value that is not as the type says."""
        resolved = self.types.resolve(type_)
        match resolved:
            case Null():
                if value is not None:
                    yield Mismatch(pointer, f"{shown(value)} is not null", member)
            case Choice(values=values):
                if not any(_same(value, known) for known in values):
                    yield Mismatch(pointer, f"{shown(value)} is none of {', '.join(map(repr, values))}", member)
            case Scalar(kind=kind, constraints=constraints):
                yield from self._scalar(value, kind, constraints, pointer, member)
            case Array():
                yield from self._array(value, resolved, pointer, member)
            case Map():
                yield from self._map(value, resolved, pointer, member)
            case Union(options=options, constraints=constraints):
                options = tuple(refine(option, constraints) for option in options)
                yield from self._union(value, options, pointer, member)
            case Named():
                schema = self.types.schema(resolved)
                if schema:
                    yield from self._object(value, schema, pointer, member)
            case Anything():
                return

    def _scalar(
        self, value: object, kind: str, constraints: Constraints, pointer: str, member: Member | None
    ) -> Iterator[Mismatch]:
        if not _KINDS[kind](value):
            yield Mismatch(pointer, f"{shown(value)} is no {_NAMES.get(kind, kind)}", member)
            return
        broken = broken_constraint(value, kind, constraints)
        if broken:
            yield Mismatch(pointer, f"{shown(value)} {broken}", member)

    def _array(self, value: object, type_: Array, pointer: str, member: Member | None) -> Iterator[Mismatch]:
        if not isinstance(value, list):
            yield Mismatch(pointer, f"{shown(value)} is no list", member)
            return
        broken = _length(len(value), type_.constraints, "items")
        if broken:
            yield Mismatch(pointer, f"the list {broken}", member)
        if type_.constraints.unique and len({json.dumps(item, sort_keys=True) for item in value}) < len(value):
            yield Mismatch(pointer, "the list holds an item twice", member)
        for number, item in enumerate(value):
            yield from self.mismatches(item, type_.item, f"{pointer}/{number}", member)

    def _map(self, value: object, type_: Map, pointer: str, member: Member | None) -> Iterator[Mismatch]:
        if not isinstance(value, dict):
            yield Mismatch(pointer, f"{shown(value)} is no object", member)
            return
        broken = _length(len(value), type_.constraints, "members")
        if broken:
            yield Mismatch(pointer, f"the object {broken}", member)
        for name, item in value.items():
            yield from self.mismatches(item, type_.value, f"{pointer}/{_escaped(name)}", member)

    def _union(
        self, value: object, options: tuple[Type, ...], pointer: str, member: Member | None
    ) -> Iterator[Mismatch]:
        """None where one of the options holds, else what keeps the likeliest of them from holding."""
        tried = []
        for option in options:
            other = Conformance(self.types)
            found = list(other.mismatches(value, option, pointer, member))
            if not found:
                self.seen |= other.seen
                return
            if not isinstance(self.types.resolve(option), Null):
                tried.append(found)
        if len(tried) == 1:
            yield from tried[0]
        else:
            names = " | ".join(spelled(option) for option in options)
            yield Mismatch(pointer, f"{shown(value)} is no {names}", member)

    def _object(self, value: object, schema: Schema, pointer: str, member: Member | None) -> Iterator[Mismatch]:
        if not isinstance(value, dict):
            yield Mismatch(pointer, f"{shown(value)} is no {schema.name}", member)
            return
        for each in schema.fields:
            place = (schema.name, each.name)
            there = f"{pointer}/{_escaped(each.name)}"
            if each.name not in value:
                if each.required and not each.write_only:
                    yield Mismatch(there, f"`{each.name}` is missing", place)
            elif each.write_only:
                yield Mismatch(there, f"`{each.name}` is shown, though it may only be written", place)
            else:
                found = list(self.mismatches(value[each.name], each.type, there, place))
                yield from found
                if not found:
                    self.seen.add(place)


def broken_constraint(value: object, kind: str, constraints: Constraints) -> str:
    """What a scalar breaks, as the end of a sentence; empty where it breaks nothing."""
    if kind in {"int", "float", "decimal"}:
        return _range(Decimal(str(value)), constraints)
    if isinstance(value, str) and kind == "str":
        broken = _length(len(value), constraints, "characters")
        if not broken and constraints.pattern is not None and not _matches(constraints.pattern, value):
            return f"does not match {constraints.pattern}"
        return broken
    return ""


def _range(number: Decimal, constraints: Constraints) -> str:
    low, high = constraints.ge, constraints.le
    if low is not None and number < Decimal(str(low)):
        return f"is below {low}"
    if high is not None and number > Decimal(str(high)):
        return f"is above {high}"
    if constraints.gt is not None and number <= Decimal(str(constraints.gt)):
        return f"is not above {constraints.gt}"
    if constraints.lt is not None and number >= Decimal(str(constraints.lt)):
        return f"is not below {constraints.lt}"
    if constraints.multiple_of is not None and not _is_multiple(number, Decimal(str(constraints.multiple_of))):
        return f"is no multiple of {constraints.multiple_of}"
    return ""


def _is_multiple(number: Decimal, step: Decimal) -> bool:
    """True of a number that is too large for steps of that size to show in it."""
    try:
        return number % step == 0
    except InvalidOperation:
        return True


def _length(length: int, constraints: Constraints, what: str) -> str:
    if constraints.min_length is not None and length < constraints.min_length:
        return f"has {length} {what}, fewer than {constraints.min_length}"
    if constraints.max_length is not None and length > constraints.max_length:
        return f"has {length} {what}, more than {constraints.max_length}"
    return ""


def _matches(pattern: str, text: str) -> bool:
    try:
        return re2.fullmatch(pattern, text) is not None
    except re2.error:
        return True


def _same(value: object, known: object) -> bool:
    """Equality as JSON has it: `true` is not 1, and 1.0 is."""
    return value == known and isinstance(value, bool) == isinstance(known, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_int(value: object) -> bool:
    return _is_number(value) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def _is_decimal(value: object) -> bool:
    try:
        return not isinstance(value, bool) and isinstance(value, str | int | float) and Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _parsed(parse: Callable[[str], object], form: re.Pattern[str] | None = None) -> Callable[[object], bool]:
    def holds(value: object) -> bool:
        try:
            return isinstance(value, str) and (form is None or bool(form.fullmatch(value))) and parse(value) is not None
        except (ValueError, binascii.Error):
            return False

    return holds


_NAMES = {"str": "text", "int": "whole number", "float": "number", "uuid": "UUID", "bytes": "base64", "bool": "boolean"}
_KINDS: dict[str, Callable[[object], bool]] = {
    "str": lambda value: isinstance(value, str),
    "int": _is_int,
    "float": _is_number,
    "bool": lambda value: isinstance(value, bool),
    "uuid": _parsed(_UUID.fullmatch),
    "datetime": _parsed(datetime.fromisoformat, _DATETIME),
    "date": _parsed(date.fromisoformat, _DATE),
    "time": _parsed(time.fromisoformat, _TIME),
    "timedelta": _parsed(_DURATION.fullmatch),
    "decimal": _is_decimal,
    "bytes": _parsed(lambda text: base64.b64decode(text, validate=True)),
}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def shown(value: object) -> str:
    """A value in a message: a structure by its kind, what is long cut."""
    text = repr(value) if not isinstance(value, dict | list) else type(value).__name__
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
