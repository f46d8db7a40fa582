"""The forms of a type as an author writes it: frozen values, each part with its span."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Literal, TypeAlias

from asbuilt.source import Span
from asbuilt.values import frozen

ScalarKind = Literal["str", "int", "float", "bool", "uuid", "datetime", "date", "time", "timedelta", "decimal", "bytes"]
Number: TypeAlias = int | float | Decimal
Constant: TypeAlias = bool | int | float | str | None


class _Unset:
    """The default of a field or parameter that has none."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"


class _AbsentType:
    """A member that was left out, which is something else than null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Absent"

    def __bool__(self) -> bool:
        return False


UNSET = _Unset()
ABSENT = _AbsentType()
# The value a default or `Otherwise` has: JSON, or one of the two marks above.
Default: TypeAlias = object


@frozen
class Constraints:
    """What a value must satisfy beyond its type. Lengths count characters, items or members.

    `pattern` is matched in full and in linear time (RE2's syntax). `clamp` and `otherwise` make a
    lenient parameter: a value out of range is moved to the bound, a value of the wrong type replaced.
    """

    ge: Number | None = None
    gt: Number | None = None
    le: Number | None = None
    lt: Number | None = None
    multiple_of: Number | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    unique: bool = False
    clamp: tuple[Number, Number] | None = None
    otherwise: Default = UNSET
    empty_as_null: bool = False
    message: str | None = None

    def under(self, outer: "Constraints") -> "Constraints":
        """These constraints with those of an outer annotation on top: the outer one wins where both speak."""
        spoken = {
            name: value for name in Constraints.__match_args__ if (value := getattr(outer, name)) != getattr(FREE, name)
        }
        return replace(self, **spoken) if spoken else self


FREE = Constraints()


@frozen
class Scalar:
    kind: ScalarKind
    span: Span
    constraints: Constraints = FREE


@frozen
class Choice:
    """One of several constants: `Literal`, an enum."""

    values: tuple[Constant, ...]
    span: Span
    constraints: Constraints = FREE


@frozen
class Array:
    item: "Type"
    span: Span
    constraints: Constraints = FREE


@frozen
class Map:
    """An object whose member names are data: `dict[str, T]`."""

    value: "Type"
    span: Span
    constraints: Constraints = FREE


@frozen
class Null:
    span: Span


@frozen
class Anything:
    """Any JSON value."""

    span: Span
    constraints: Constraints = FREE


@frozen
class Union:
    """One of several types. `X | None` is a union with `Null` as its last option."""

    options: tuple["Type", ...]
    span: Span
    constraints: Constraints = FREE


@frozen
class Named:
    """A type by its name: an alias, a schema, or a type variable of the schema it stands in."""

    name: str
    span: Span
    arguments: tuple["Type", ...] = ()
    constraints: Constraints = FREE


Type: TypeAlias = Scalar | Choice | Array | Map | Null | Anything | Union | Named


@frozen
class Field:
    """A member of a schema. `default` is UNSET where the member is required, ABSENT where it may be left out."""

    name: str
    type: Type
    span: Span
    default: Default = UNSET
    read_only: bool = False
    write_only: bool = False
    column: str | None = None
    description: str = ""

    @property
    def required(self) -> bool:
        return self.default is UNSET


@frozen
class Schema:
    """An object type. `inferred` says that it was read off an example and its types are guesses.

    The last `defaulted` of its type variables need no argument.
    """

    name: str
    fields: tuple[Field, ...]
    span: Span
    name_span: Span
    variables: tuple[str, ...] = ()
    bases: tuple[Named, ...] = ()
    table: str | None = None
    description: str = ""
    inferred: bool = False
    defaulted: int = 0

    def member(self, name: str) -> Field | None:
        return next((member for member in self.fields if member.name == name), None)


@frozen
class Alias:
    """A name for another type: `Sku = Annotated[str, ...]`."""

    name: str
    type: Type
    span: Span
    name_span: Span
    variables: tuple[str, ...] = ()
    defaulted: int = 0


Definition: TypeAlias = Schema | Alias


def refine(type_: Type, outer: Constraints) -> Type:
    """The type with further constraints on it."""
    if outer == FREE or isinstance(type_, Null):
        return type_
    return replace(type_, constraints=type_.constraints.under(outer))


def substitute(type_: Type, bound: Mapping[str, Type]) -> Type:
    """The type with type variables replaced by what they are bound to."""
    if not bound:
        return type_
    match type_:
        case Named(name, _, (), constraints) if name in bound:
            return refine(bound[name], constraints)
        case Named():
            return replace(type_, arguments=tuple(substitute(a, bound) for a in type_.arguments))
        case Array():
            return replace(type_, item=substitute(type_.item, bound))
        case Map():
            return replace(type_, value=substitute(type_.value, bound))
        case Union():
            return replace(type_, options=tuple(substitute(o, bound) for o in type_.options))
        case _:
            return type_


def names_in(type_: Type) -> Iterator[Named]:
    """Every name that occurs in a type, as written, outermost first."""
    match type_:
        case Named():
            yield type_
            yield from _names(type_.arguments)
        case Array():
            yield from names_in(type_.item)
        case Map():
            yield from names_in(type_.value)
        case Union():
            yield from _names(type_.options)


def _names(types: Iterable[Type]) -> Iterator[Named]:
    for type_ in types:
        yield from names_in(type_)


def spelled(type_: Type) -> str:
    """The type in the canonical notation, without its constraints: for messages."""
    match type_:
        case Scalar():
            proper = {"uuid": "UUID", "decimal": "Decimal"}
            return proper.get(type_.kind, type_.kind)
        case Choice():
            return f"Literal[{', '.join(repr(v).replace(chr(39), chr(34)) for v in type_.values)}]"
        case Array():
            return f"list[{spelled(type_.item)}]"
        case Map():
            return f"dict[str, {spelled(type_.value)}]"
        case Null():
            return "None"
        case Anything():
            return "Any"
        case Union():
            return " | ".join(spelled(option) for option in type_.options)
        case Named():
            arguments = ", ".join(spelled(argument) for argument in type_.arguments)
            return f"{type_.name}[{arguments}]" if arguments else type_.name
