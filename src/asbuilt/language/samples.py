"""A value that a type accepts: for examples in OpenAPI, witnesses of contradictions, and probes.

The same type always gives the same value. Where none can be had (constraints that exclude each other, a pattern
beyond the generator, a schema that contains itself without end), `NO_SAMPLE` says so.
"""

from decimal import Decimal
from math import ceil, floor
from typing import Final

import re2

from asbuilt.language.regex import shortest
from asbuilt.language.types import (
    ABSENT,
    UNSET,
    Anything,
    Array,
    Choice,
    Constraints,
    Map,
    Named,
    Null,
    Scalar,
    ScalarKind,
    Schema,
    Type,
    Types,
    Union,
)


class _NoSample:
    __slots__ = ()

    def __repr__(self) -> str:
        return "NO_SAMPLE"


NO_SAMPLE: Final = _NoSample()
_DEEPEST = 12
_WORDS = "sample text "
_FIXED: dict[ScalarKind, object] = {
    "bool": True,
    "uuid": "5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01",
    "datetime": "2026-01-02T03:04:05.000000Z",
    "date": "2026-01-02",
    "time": "03:04:05",
    "timedelta": "PT30M",
    "bytes": "c2FtcGxl",
}


def sample(type_: Type, types: Types) -> object:
    """A JSON value that the type accepts, or `NO_SAMPLE`. Optional members are left in where they have a value."""
    return _sample(type_, types, 0)


def _sample(type_: Type, types: Types, depth: int) -> object:
    if depth > _DEEPEST:
        return NO_SAMPLE
    resolved = types.resolve(type_)
    match resolved:
        case Scalar(kind, _, constraints):
            return scalar(kind, constraints)
        case Choice(values):
            return values[0] if values else NO_SAMPLE
        case Array(item, _, constraints):
            return _array(_sample(item, types, depth + 1), constraints)
        case Map(value, _, constraints):
            return _map(_sample(value, types, depth + 1), constraints)
        case Union(options):
            return _first(options, types, depth)
        case Named():
            schema = types.schema(resolved)
            return _object(schema, types, depth) if schema else NO_SAMPLE
        case Null():
            return None
        case Anything():
            return "anything"


def scalar(kind: ScalarKind, constraints: Constraints) -> object:
    """A value of a scalar type within its constraints, or `NO_SAMPLE`."""
    if kind == "str":
        return _text(constraints)
    if kind in {"int", "float", "decimal"}:
        return _number(constraints, whole=kind == "int")
    return _FIXED[kind]


def _first(options: tuple[Type, ...], types: Types, depth: int) -> object:
    values = (_sample(option, types, depth + 1) for option in options if not isinstance(option, Null))
    nullable = any(isinstance(types.resolve(option), Null) for option in options)
    return next((value for value in values if value is not NO_SAMPLE), None if nullable else NO_SAMPLE)


def _array(item: object, constraints: Constraints) -> object:
    count = max(1, constraints.min_length or 0)
    if constraints.max_length is not None and constraints.max_length < count:
        return [] if constraints.max_length == 0 and not constraints.min_length else NO_SAMPLE
    if item is NO_SAMPLE or (constraints.unique and count > 1):
        return NO_SAMPLE if constraints.min_length else []
    return [item] * count


def _map(member: object, constraints: Constraints) -> object:
    least, most = constraints.min_length or 0, constraints.max_length
    count = max(1, least) if member is not NO_SAMPLE and most != 0 else 0
    return {f"key{n}": member for n in range(count)} if count >= least else NO_SAMPLE


def _object(schema: Schema, types: Types, depth: int) -> object:
    members: dict[str, object] = {}
    for member in schema.fields:
        value = _sample(member.type, types, depth + 1)
        if value is not NO_SAMPLE:
            members[member.name] = value
        elif member.default is UNSET:
            return NO_SAMPLE
        elif member.default is not ABSENT:
            members[member.name] = member.default
    return members


def _text(constraints: Constraints) -> object:
    least, most = constraints.min_length or 0, constraints.max_length
    if most is not None and most < least:
        return NO_SAMPLE
    if constraints.pattern is not None:
        return _matching(constraints.pattern, least, most)
    length = max(least, min(len(_WORDS) - 1, len(_WORDS) if most is None else most))
    return (_WORDS * (length // len(_WORDS) + 1))[:length]


def _matching(pattern: str, least: int, most: int | None) -> object:
    text = shortest(pattern, least)
    if text is None or len(text) < least or (most is not None and len(text) > most):
        return NO_SAMPLE
    try:
        return text if re2.fullmatch(pattern, text) else NO_SAMPLE
    except re2.error:
        return NO_SAMPLE


def _number(constraints: Constraints, *, whole: bool) -> object:
    low = constraints.ge if constraints.ge is not None else constraints.gt
    high = constraints.le if constraints.le is not None else constraints.lt
    step = Decimal(str(constraints.multiple_of or (1 if whole else "0.5")))
    start = Decimal(str(low)) if low is not None else min(Decimal(1), Decimal(str(high))) if high is not None else 1
    rounded = (ceil if low is not None or high is None else floor)(Decimal(start) / step) * step
    for candidate in (rounded, rounded + step, rounded - step):
        if _within(candidate, constraints):
            return int(candidate) if candidate == candidate.to_integral_value() else float(candidate)
    return NO_SAMPLE


def _within(value: Decimal, constraints: Constraints) -> bool:
    return (
        (constraints.ge is None or value >= Decimal(str(constraints.ge)))
        and (constraints.gt is None or value > Decimal(str(constraints.gt)))
        and (constraints.le is None or value <= Decimal(str(constraints.le)))
        and (constraints.lt is None or value < Decimal(str(constraints.lt)))
    )
