"""From a type to a function that reads its values out of decoded JSON.

A compiled decoder takes a value, the JSON pointer to it and a list for faults. It gives the value as
code knows it (instances, UUIDs, datetimes, ...) and adds every fault it finds, not only the first;
where it added one, what it gives is of no use.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeAlias

from asbuilt.component.targets import NOWHERE, Target
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
    Schema,
    Type,
    Types,
    Union,
    refine,
    spelled,
)
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.spelling import kind_of
from asbuilt.postgres.sqltypes import element
from asbuilt.runtime.constraints import checks
from asbuilt.runtime.faults import Fault, Wrong, escaped
from asbuilt.runtime.holding import holder, reader
from asbuilt.runtime.instances import Classes, Instance, attributes, fresh
from asbuilt.runtime.scalars import FROM_JSON, FROM_TEXT, Take, one_of, writable
from asbuilt.runtime.unions import either

Decode: TypeAlias = Callable[[object, str, list[Fault]], object]
DEEPEST = 128  # levels of nesting where the type itself sets no limit
# The powers of ten, and the bits, of numbers without a documented type: what JSON parsers agree on, and not much more.
_NEAR, _FAR, _WIDE = -400, 400, 1400
_LEFT_OUT = object()


@dataclass(frozen=True)
class Decoders:
    """The decoder of each type of a document. Recursive schemas refer to themselves by name."""

    types: Types
    classes: Classes
    catalog: Catalog = field(default_factory=Catalog)
    _named: dict[str, list[Decode]] = field(default_factory=dict)

    def decoder(self, type_: Type) -> Decode:
        resolved = self.types.resolve(type_)
        match resolved:
            case Scalar(kind, _, constraints):
                return _single(FROM_JSON[kind], constraints)
            case Choice(values, _, constraints):
                return _single(one_of(values), constraints)
            case Null():
                return _single(_null, Constraints())
            case Array(item, _, constraints):
                return _checked(_array(self.decoder(item)), constraints, "items")
            case Map(value, _, constraints):
                return _checked(_map(self.decoder(value)), constraints, "members")
            case Anything(_, constraints):
                return _checked(anything, constraints, "items")
            case Union():
                return self._union(resolved)
            case Named():
                return _checked(self._schema(resolved), resolved.constraints, "members")

    def partial(self, type_: Type) -> Decode:
        """As `decoder`, but what the object leaves out is absent, whatever its default: a change keeps it."""
        present = self.types.present(type_)
        schema = self.types.schema(present)
        return self._object(schema, defaults=False) if schema else self.decoder(type_)

    def stored(self, type_: Type, target: Target, *, partial: bool = False) -> Decode:
        """As `decoder`, or `partial`, for a value that goes to columns: it is brought to what they hold, or refused."""
        if target == NOWHERE:
            return self.partial(type_) if partial else self.decoder(type_)
        present = self.types.present(type_)
        if isinstance(present, Union):
            return self.decoder(type_)
        decode = self._stored(present, target, partial=partial)
        if not self.types.nullable(type_):
            return decode
        return lambda value, at, faults: None if value is None else decode(value, at, faults)

    def _stored(self, type_: Type, target: Target, *, partial: bool) -> Decode:
        match type_:
            case Scalar(kind, _, constraints) if target.columns and not target.columns[0].dimensions:
                take = reader(kind, target.columns[0], self.catalog, FROM_JSON)
                return _single(take, constraints, self._holder(type_, target))
            case Choice(values, _, constraints) if target.columns:
                return _single(one_of(values), constraints, self._holder(type_, target))
            case Array(item, _, constraints):
                inner = target.at(0) if target.inside else Target(tuple(map(element, target.columns)))
                return _checked(_array(self.stored(item, inner)), constraints, "items")
            case Named() if target.inside and (schema := self.types.schema(type_)):
                made = self._object(schema, defaults=not partial, target=target)
                return _checked(made, type_.constraints, "members")
            case _:
                return self.decoder(type_)

    def text_stored(self, type_: Type, target: Target) -> Take | None:
        """What reads a scalar that goes to a column (or is an item of what does) from its text; None for all else."""
        columns = tuple(map(element, target.columns)) or target.at(0).columns
        if not columns or not isinstance(type_, Scalar):
            return None
        take = reader(type_.kind, columns[0], self.catalog, FROM_TEXT)
        return single(take, type_.constraints, hold=self._holder(type_, Target(columns)))

    def keeps_digits(self, target: Target) -> bool:
        """Whether a number of a body goes to a column that keeps all its digits."""
        own = any(kind_of(column, self.catalog) == "decimal" for column in target.columns)
        return own or any(self.keeps_digits(each) for each in (target.inside or {}).values())

    def _holder(self, type_: Type, target: Target) -> Take | None:
        made = (holder(type_, column, self.catalog) for column in target.columns)
        return next((hold for hold in made if hold), None)

    def _union(self, union: Union) -> Decode:
        # A constraint on a union is one on each of its options: `Annotated[str | None, Len(1, 5)]`.
        outer = replace(union.constraints, otherwise=UNSET, message=None)
        options = [self.types.resolve(refine(option, outer)) for option in union.options]
        decode = either([(option, self.decoder(option)) for option in options], self.types)
        return _mild(decode, union.constraints)

    def _schema(self, named: Named) -> Decode:
        schema = self.types.schema(named)
        if schema is None:
            return anything
        key = spelled(named)
        place = self._named.get(key)
        if place is None:
            place = self._named[key] = []
            place.append(self._object(schema))
            return place[0]
        return place[0] if place else _later(place)

    def _object(self, schema: Schema, *, defaults: bool = True, target: Target = NOWHERE) -> Decode:
        build = self.classes.of(schema)
        members: list[tuple[str, str, str, Decode | None, Callable[[], object] | None]] = []
        for name, member in zip(attributes(schema), schema.fields, strict=True):
            take = self.stored(member.type, target.at(member.name))
            default = member.default if defaults or member.required else ABSENT
            left_out = _when_left_out(take, default, read_only=member.read_only)
            token = "/" + escaped(member.name)
            members.append((member.name, name, token, None if member.read_only else take, left_out))

        def decode(value: object, at: str, faults: list[Fault]) -> object:
            if type(value) is not dict:
                faults.append(Fault(at, "must be an object"))
                return None
            if at.count("/") > DEEPEST:
                faults.append(Fault(at, "is nested too deeply"))
                return None
            before = len(faults)
            made: dict[str, object] = {}
            for name, attribute, token, take, left_out in members:
                item = value.get(name, _LEFT_OUT)
                if item is not _LEFT_OUT and take is not None:
                    made[attribute] = take(item, at + token, faults)
                elif left_out is not None:
                    made[attribute] = left_out()
                else:
                    faults.append(Fault(at + token, "is required"))
            return build(**made) if len(faults) == before else None

        return decode


def _later(place: list[Decode]) -> Decode:
    """A decoder that is still being made when it is first referred to."""

    def decode(value: object, at: str, faults: list[Fault]) -> object:
        return place[0](value, at, faults)

    return decode


def single(take: Take, constraints: Constraints, things: str = "characters", hold: Take | None = None) -> Take:
    """One value read and checked as its annotation says, leniency and wording included. Raises `Wrong`.

    `hold` brings what is right to the column it goes to.
    """
    made = (*checks(constraints, things), *([hold] if hold else ()))
    if made:
        take = _all(take, made)
    if constraints.message is not None:
        take = _worded(take, constraints.message)
    if constraints.otherwise is not UNSET:
        take = _lenient(take, fresh(constraints.otherwise))
    return _emptied(take) if constraints.empty_as_null else take


def anything(value: object, at: str, faults: list[Fault]) -> object:
    """Any JSON value, as it is; its strings hold no U+0000, its numbers end, and so does its nesting."""
    if isinstance(value, str):
        if "\x00" in value:
            faults.append(Fault(at, "must not hold the character U+0000"))
    elif isinstance(value, Decimal):
        if not _NEAR <= value.adjusted() <= _FAR or not writable(value):
            faults.append(Fault(at, "is out of range"))
    elif isinstance(value, int):
        if value.bit_length() > _WIDE:
            faults.append(Fault(at, "is out of range"))
    elif isinstance(value, list | dict) and at.count("/") > DEEPEST:
        faults.append(Fault(at, "is nested too deeply"))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            anything(item, f"{at}/{index}", faults)
    elif isinstance(value, dict):
        for name, item in value.items():
            anything(name, f"{at}/{escaped(name)}", faults)
            anything(item, f"{at}/{escaped(name)}", faults)
    return value


def _single(take: Take, constraints: Constraints, hold: Take | None = None) -> Decode:
    whole = single(take, constraints, hold=hold)

    def decode(value: object, at: str, faults: list[Fault]) -> object:
        try:
            return whole(value)
        except Wrong as wrong:
            faults.append(Fault(at, wrong.message))
            return None

    return decode


def _checked(decode: Decode, constraints: Constraints, things: str) -> Decode:
    """A container with the constraints on it; they are checked once its items are right."""
    check = single(lambda value: value, constraints, things)
    if constraints == Constraints():
        return decode

    def checked(value: object, at: str, faults: list[Fault]) -> object:
        before = len(faults)
        decoded = decode(value, at, faults)
        if len(faults) > before:
            return None
        try:
            return check(decoded)
        except Wrong as wrong:
            faults.append(Fault(at, wrong.message))
            return None

    return checked


def _mild(decode: Decode, constraints: Constraints) -> Decode:
    """A union whose annotation words its fault, or replaces what is wrong."""
    message, otherwise = constraints.message, constraints.otherwise
    if message is None and otherwise is UNSET:
        return decode

    def decoded(value: object, at: str, faults: list[Fault]) -> object:
        found: list[Fault] = []
        taken = decode(value, at, found)
        if found and otherwise is not UNSET:
            return fresh(otherwise)()
        faults.extend(found if message is None else [Fault(at, message)] * bool(found))
        return taken

    return decoded


def _array(item: Decode) -> Decode:
    def decode(value: object, at: str, faults: list[Fault]) -> object:
        if type(value) is not list:
            faults.append(Fault(at, "must be an array"))
            return None
        return [item(one, f"{at}/{index}", faults) for index, one in enumerate(value)]

    return decode


def _map(item: Decode) -> Decode:
    def decode(value: object, at: str, faults: list[Fault]) -> object:
        if type(value) is not dict:
            faults.append(Fault(at, "must be an object"))
            return None
        decoded: dict[str, object] = {}
        for name, one in value.items():
            place = f"{at}/{escaped(name)}"
            anything(name, place, faults)
            decoded[name] = item(one, place, faults)
        return decoded

    return decode


def _when_left_out(take: Decode, default: object, *, read_only: bool) -> Callable[[], object] | None:
    """What makes the value of a member that the body does not hold; None where it is required.

    A default is written as JSON, so it is read as the member itself would be: `"0.50"` may be a decimal.
    """
    if default is UNSET:
        return (lambda: ABSENT) if read_only else None
    if default is None or default is ABSENT:
        return lambda: default
    faults: list[Fault] = []
    try:
        decoded = take(default, "", faults)
    except IndexError:  # a recursive schema that is not ready yet
        return fresh(default)
    if faults:
        return fresh(default)
    return (lambda: take(default, "", [])) if isinstance(decoded, list | dict | Instance) else lambda: decoded


def _null(value: object) -> object:
    if value is not None:
        raise Wrong("must be null")
    return None


def _all(take: Take, made: tuple[Callable[[object], object], ...]) -> Take:
    if len(made) == 1:
        only = made[0]
        return lambda value: only(take(value))

    def taken(value: object) -> object:
        value = take(value)
        for check in made:
            value = check(value)
        return value

    return taken


def _worded(take: Take, message: str) -> Take:
    def taken(value: object) -> object:
        try:
            return take(value)
        except Wrong:
            raise Wrong(message) from None

    return taken


def _lenient(take: Take, otherwise: Callable[[], object]) -> Take:
    def taken(value: object) -> object:
        try:
            return take(value)
        except Wrong:
            return otherwise()

    return taken


def _emptied(take: Take) -> Take:
    return lambda value: None if value == "" else take(value)
