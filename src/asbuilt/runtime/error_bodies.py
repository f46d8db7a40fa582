"""The bodies of errors: problems of RFC 9457, schemas and shapes of the document, filled when an error is answered."""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from http import HTTPStatus
from typing import TypeAlias

from asbuilt.language.names import Name, snake
from asbuilt.language.types import (
    ABSENT,
    UNSET,
    Array,
    Choice,
    Map,
    Named,
    Null,
    Scalar,
    Type,
    Types,
    Union,
)
from asbuilt.runtime.calls import BODY, member
from asbuilt.runtime.encode import Encoders, Plain, Unfit, plain
from asbuilt.runtime.faults import Fault, unescaped
from asbuilt.sections.api import ErrorRow, Shape, ShapeArray, ShapeConstant, ShapeHole, ShapeObject
from asbuilt.values import frozen

PROBLEM = "application/problem+json"
JSON = "application/json"


@frozen
class Occasion:
    """One error as it occurred: what holes are filled with, by the arguments it was raised with or by name.

    `given` are the values of the call, its body's members last: they fill what nothing else does. `envelope`
    is the one member that a body is wrapped in, `path` that of the request.
    """

    code: str
    status: int
    description: str
    detail: str
    request_id: str
    timestamp: str
    faults: tuple[Fault, ...] = ()
    holes: Mapping[str, object] = field(default_factory=dict)
    given: Mapping[str, object] = field(default_factory=dict)
    envelope: str = ""
    path: str = ""

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase if self.status in _PHRASED else self.code

    @property
    def message(self) -> str:
        return self.detail or self.description or self.title

    def fault(self, fault: Fault) -> "Occasion":
        """The same error, told of one fault alone."""
        place = self.place(fault)
        told = {"field": place, "path": place, "message": fault.message, "pointer": fault.at}
        # As FastAPI and Pydantic spell it, which many callers read.
        usual = {"loc": _location(fault), "msg": fault.message, "type": _KIND}
        holes = {**usual, **self.holes, **told}
        return replace(self, detail=fault.message, faults=(fault,), holes=holes)

    def place(self, fault: Fault) -> str:
        """Where a fault is, as people name it: `lines.0.sku`, and `name` rather than `user.name` in an envelope."""
        inside = self.envelope and fault.where == "body"
        return fault.field.removeprefix(f"{self.envelope}.") if inside else fault.field

    def value(self, name: str) -> object:
        """What a hole of that name holds; None for a name that says nothing."""
        for key in (name, snake(name)):
            if key in self.holes:
                return self.holes[key]
        read = _BY_NAME.get(snake(name))
        if read:
            return read(self)
        found = self._given(snake(name))
        return self.path if found is None and name == "path" else found

    def told(self, name: str) -> bool:
        """Whether the error itself fills a hole of that name, not merely the call it came of."""
        return name in self.holes or snake(name) in self.holes or snake(name) in _BY_NAME

    def _given(self, name: str) -> object:
        found = self.given.get(name, ABSENT)
        return member(self.given.get(BODY), name) if found is ABSENT else found


_PHRASED = frozenset(int(status) for status in HTTPStatus)
_BY_NAME: Mapping[str, Callable[[Occasion], object]] = {
    "code": lambda one: one.code,
    "error": lambda one: one.code,
    "error_code": lambda one: one.code,
    "status": lambda one: one.status,
    "status_code": lambda one: one.status,
    "title": lambda one: one.title,
    "description": lambda one: one.description,
    "detail": lambda one: one.message,
    "message": lambda one: one.message,
    "faults": lambda one: [fault.plain() for fault in one.faults],
    "errors": lambda one: [fault.plain() for fault in one.faults],
    "details": lambda one: [fault.plain() for fault in one.faults],
    "field": lambda one: one.place(one.faults[0]) if one.faults else None,
    "pointer": lambda one: one.faults[0].at if one.faults else None,
    "request_id": lambda one: one.request_id,
    "timestamp": lambda one: one.timestamp,
}
# What an error that is raised may say for itself; the rest of a problem is the document's and the request's.
_OWN = frozenset({"type", "title", "detail", "instance"})
_OF_FAULTS = frozenset({"field", "message", "path", "pointer", "loc", "msg"})
_KIND = "value_error"  # the one kind of fault there is
_CODES = frozenset({"code", "error_code", "error"})
Fill: TypeAlias = Callable[[Occasion], Plain]


def problem(one: Occasion) -> Plain:
    """A problem: https://www.rfc-editor.org/rfc/rfc9457. Arguments of the error are members of it."""
    body: dict[str, Plain] = {"type": "about:blank", "title": one.title, "status": one.status}
    if one.message != one.title:
        body["detail"] = one.message
    body["code"] = one.code
    if one.faults:
        body["faults"] = [fault.plain() for fault in one.faults]
    given = {name: plain(value) for name, value in one.holes.items()}
    body |= {name: value for name, value in given.items() if name in _OWN or name not in body}
    body["request_id"] = one.request_id
    return body


def filler(row: ErrorRow | None, types: Types, encoders: Encoders) -> tuple[Fill, str]:
    """What makes the body of an error, and its media type."""
    if row is None or row.body is None:
        return problem, PROBLEM
    if isinstance(row.body, Name):
        return _typed(Named(row.body.text, row.body.span), "", types, encoders, depth=0), JSON
    return _shaped(row.body, types, encoders), JSON


def _shaped(shape: Shape, types: Types, encoders: Encoders) -> Fill:
    match shape:
        case ShapeConstant(value):
            return lambda _one: value
        case ShapeHole(name, type_):
            return _hole(name, type_, types, encoders)
        case ShapeArray(items):
            if len(items) == 1 and isinstance(items[0], ShapeHole) and _is_text(items[0], types):
                return _texts(items[0].name)
            return _listed([_shaped(item, types, encoders) for item in items], per_fault=_tells_of_faults(shape))
        case ShapeObject(members):
            if len(members) == 1 and _bare(members[0][0].text) == "field":
                return _by_field(_shaped(_as_message(members[0][1]), types, encoders))
            return _object([(name.text, _shaped(value, types, encoders)) for name, value in members])


def _typed(type_: Type, name: str, types: Types, encoders: Encoders, depth: int) -> Fill:
    """A schema's type as a shape: constants where only one value fits, holes elsewhere."""
    resolved = types.resolve(type_)
    schema = types.schema(resolved)
    match resolved:
        case Choice(values) if len(values) == 1:
            return lambda _one: values[0]
        case Named() if schema and depth < 8:
            members = [
                (member.name, _member(_typed(member.type, member.name, types, encoders, depth + 1), member.default))
                for member in schema.fields
                if not member.write_only
            ]
            return _object(members)
        case Array(item) if types.schema(item) and depth < 8:
            return _listed([_typed(item, name, types, encoders, depth + 1)], per_fault=True)
        case Array(Scalar("str")) if name not in ("code", "message"):
            return lambda one: one.holes.get(name) or [f"{one.place(fault)} {fault.message}" for fault in one.faults]
        case Map(value):
            return _by_field(_typed(value, "message", types, encoders, depth + 1))
        case Union(options) if any(isinstance(option, Null) for option in options):
            return _or_null(_typed(types.present(resolved), name, types, encoders, depth + 1))
        case _:
            return _hole(name, resolved, types, encoders)


def _hole(name: str, type_: Type | None, types: Types, encoders: Encoders) -> Fill:
    encode = encoders.encoder(type_) if type_ else plain
    # What nothing fills is null where the document allows it, else the emptiest value of its type.
    empty = "" if type_ is None else None if types.nullable(type_) else _emptiest(types.resolve(type_))
    # A code that is a number is the status: there is no other number to tell errors apart by.
    counted = type_ is not None and snake(name) in _CODES and _is_number(types.present(type_))

    def fill(one: Occasion) -> Plain:
        value = one.value(name)
        if value is None:
            return empty
        if counted and isinstance(value, str):
            value = one.status
        try:
            return encode(value)
        except Unfit:
            return plain(value) if one.told(name) else empty

    return fill


def _is_number(type_: Type) -> bool:
    return isinstance(type_, Scalar) and type_.kind in ("int", "float", "decimal")


def _emptiest(type_: Type) -> Plain:
    match type_:
        case Scalar("str"):
            return ""
        case Scalar("int" | "float" | "decimal"):
            return 0
        case Scalar("bool"):
            return False
        case Choice(values):
            return values[0] if values else None
        case Array():
            return []
        case Map():
            return {}
        case _:
            return None


def _member(fill: Fill, default: object) -> Fill:
    """A member of a schema; where nothing fills it, its default."""
    if default is UNSET:
        return fill

    def filled(one: Occasion) -> Plain:
        made = fill(one)
        return default if made is None or made == [] else made

    return filled


def _object(members: list[tuple[str, Fill]]) -> Fill:
    return lambda one: {name: made for name, fill in members if (made := fill(one)) is not ABSENT}


def _listed(items: list[Fill], *, per_fault: bool) -> Fill:
    """An array; one whose only item tells of a fault holds that item once per fault."""
    if len(items) == 1 and per_fault:
        return lambda one: [items[0](one.fault(fault)) for fault in one.faults]
    return lambda one: [item(one) for item in items]


def _by_field(value: Fill) -> Fill:
    """An object with a member for each faulty field; a list holds all that is wrong with it."""

    def fill(one: Occasion) -> Plain:
        made: dict[str, Plain] = {}
        for fault in one.faults:
            told = value(one.fault(fault))
            place = one.place(fault)
            known = made.get(place)
            if isinstance(known, list) and isinstance(told, list):
                known.extend(told)
            else:
                made.setdefault(place, told)
        return made

    return fill


def _is_text(hole: ShapeHole, types: Types) -> bool:
    return hole.type is not None and isinstance(found := types.resolve(hole.type), Scalar) and found.kind == "str"


def _texts(name: str) -> Fill:
    """A list of texts: those the error was raised with under that name, else what is wrong, fault by fault."""

    def fill(one: Occasion) -> Plain:
        told = one.holes.get(name, one.holes.get(snake(name)))
        if isinstance(told, list | tuple):
            return [str(text) for text in told]
        if told is not None:
            return [str(told)]
        return [f"{one.place(fault)} {fault.message}" for fault in one.faults] or [one.message]

    return fill


def _as_message(shape: Shape) -> Shape:
    """What stands under `field`: a hole without a name of its own is for what is wrong with that field."""
    match shape:
        case ShapeHole(name, type_, span) if _bare(name) == "field":
            return ShapeHole("message", type_, span)
        case ShapeArray((item,), span):
            return ShapeArray((_as_message(item),), span)
    return shape


def _or_null(fill: Fill) -> Fill:
    return lambda one: fill(one) or None


def _tells_of_faults(shape: ShapeArray) -> bool:
    """Whether the item of an array has holes for what a fault says."""
    pending: list[Shape] = list(shape.items)
    while pending:
        match pending.pop():
            case ShapeHole(name) if snake(name) in _OF_FAULTS:
                return True
            case ShapeArray(items):
                pending.extend(items)
            case ShapeObject(members):
                pending.extend(value for _, value in members)
    return False


def _location(fault: Fault) -> list[str]:
    """Where a fault is, token by token, as FastAPI has it: `["body", "lines", "0"]`, `["query", "limit"]`."""
    tokens = fault.at.split("/")[1:] if fault.where == "body" else [fault.at]
    return [fault.where, *(unescaped(token) for token in tokens)]


def _bare(name: str) -> str:
    return name.strip("<>{}$ ")
