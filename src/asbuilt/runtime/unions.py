"""One of several types: the option is chosen by the JSON type, then by a member that tells, then by trying."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias

from asbuilt.language.types import (
    Anything,
    Array,
    Choice,
    Constant,
    Field,
    Map,
    Named,
    Null,
    Scalar,
    Type,
    Types,
    Union,
)
from asbuilt.runtime.faults import Fault, escaped

Decode: TypeAlias = Callable[[object, str, list[Fault]], object]
Option: TypeAlias = tuple[Type, Decode]

_KIND_NAMES = {
    "string": "a string",
    "number": "a number",
    "boolean": "true or false",
    "array": "an array",
    "object": "an object",
    "null": "null",
}
_PYTHON = {str: "string", bool: "boolean", int: "number", float: "number", Decimal: "number", list: "array"}
_SCALARS = {"int": {"number"}, "float": {"number"}, "decimal": {"number", "string"}, "bool": {"boolean"}}


def either(options: Sequence[Option], types: Types) -> Decode:
    """The decoder of a union. Where several options fit, the first without a fault counts."""
    by_kind = {kind: _chosen([o for o in options if kind in _kinds(o[0], types)], types) for kind in _KIND_NAMES}
    solid = [decode for type_, decode in options if not isinstance(type_, Null)]
    expected = [name for kind, name in _KIND_NAMES.items() if by_kind[kind] is not None]
    message = "must be " + " or ".join((", ".join(expected[:-1]), *expected[-1:]) if len(expected) > 1 else expected)

    def decode(value: object, at: str, faults: list[Fault]) -> object:
        chosen = by_kind[_kind(value)]
        if chosen is not None:
            return chosen(value, at, faults)
        if len(solid) == 1:
            return solid[0](value, at, faults)
        faults.append(Fault(at, message))
        return None

    return decode


def _kind(value: object) -> str:
    return "null" if value is None else _PYTHON.get(type(value), "object")


def _kinds(type_: Type, types: Types) -> set[str]:
    """The JSON types that values of a type have."""
    match type_:
        case Scalar(kind):
            return _SCALARS.get(kind, {"string"})
        case Choice(values):
            return {_kind(value) for value in values}
        case Array():
            return {"array"}
        case Map():
            return {"object"}
        case Null():
            return {"null"}
        case Anything():
            return set(_KIND_NAMES)
        case Union(options):
            return {kind for option in options for kind in _kinds(types.resolve(option), types)}
        case Named():
            return {"object"} if types.schema(type_) else set(_KIND_NAMES)


def _chosen(fitting: Sequence[Option], types: Types) -> Decode | None:
    if len(fitting) < 2:
        return fitting[0][1] if fitting else None
    return _told(fitting, types) or _tried([decode for _, decode in fitting])


def _told(options: Sequence[Option], types: Types) -> Decode | None:
    """By a member that is one constant in each option, and another in each; None where there is no such member."""
    schemas = [types.schema(type_) for type_, _ in options]
    first = schemas[0]
    for member in first.fields if first else ():
        constants = [_constants(schema.member(member.name), types) if schema else () for schema in schemas]
        every = [constant for some in constants for constant in some]
        if all(constants) and len(set(every)) == len(every):
            table = {one: decode for some, (_, decode) in zip(constants, options, strict=True) for one in some}
            return _by_member(member.name, table)
    return None


def _constants(member: Field | None, types: Types) -> tuple[Constant, ...]:
    type_ = types.resolve(member.type) if member else None
    return type_.values if isinstance(type_, Choice) else ()


def _by_member(name: str, table: dict[Constant, Decode]) -> Decode:
    token = "/" + escaped(name)
    message = "must be one of " + ", ".join(f"`{constant}`" for constant in table)

    def decode(value: object, at: str, faults: list[Fault]) -> object:
        told = value.get(name) if isinstance(value, dict) else None
        chosen = table.get(told) if isinstance(told, bool | int | float | str) else None
        if chosen is None:
            missing = isinstance(value, dict) and name not in value
            faults.append(Fault(at + token, "is required" if missing else message))
            return None
        return chosen(value, at, faults)

    return decode


def _tried(decoders: Sequence[Decode]) -> Decode:
    def decode(value: object, at: str, faults: list[Fault]) -> object:
        closest: list[Fault] | None = None
        for one in decoders:
            found: list[Fault] = []
            decoded = one(value, at, found)
            if not found:
                return decoded
            if closest is None or len(found) < len(closest):
                closest = found
        faults.extend(closest or ())
        return None

    return decode
