"""Types as JSON Schema 2020-12, the dialect of OpenAPI 3.1.

A schema that is both sent and answered may need two: in an answer a member with a default is always there, in a
request it may be left out. The one for requests is then called `<Name>Input`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from asbuilt.language.types import (
    ABSENT,
    FREE,
    UNSET,
    Anything,
    Array,
    Choice,
    Constraints,
    Field,
    Map,
    Named,
    Null,
    Scalar,
    ScalarKind,
    Schema,
    Type,
    Types,
    Union,
    spelled,
)

JsonSchema: TypeAlias = dict[str, Any]
Direction = Literal["request", "answer"]

_SCALARS: dict[ScalarKind, JsonSchema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "decimal": {"type": "number"},
    "bool": {"type": "boolean"},
    "uuid": {"type": "string", "format": "uuid"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "timedelta": {"type": "string", "format": "duration"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
}
_RANGES = (("ge", "minimum"), ("gt", "exclusiveMinimum"), ("le", "maximum"), ("lt", "exclusiveMaximum"))
_LENGTHS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


@dataclass(slots=True)
class Components:
    """Collects the named schemas of one OpenAPI document while its operations are written."""

    types: Types
    schemas: dict[str, JsonSchema] = field(default_factory=dict)

    def schema(self, type_: Type, direction: Direction) -> JsonSchema:
        """The JSON Schema of a type; schemas of the document are referred to by name."""
        resolved = self.types.resolve(type_)
        match resolved:
            case Scalar(kind, _, constraints):
                return _constrained(dict(_SCALARS[kind]), constraints)
            case Choice(values):
                return _choice(values)
            case Array(item, _, constraints):
                return _constrained({"type": "array", "items": self.schema(item, direction)}, constraints)
            case Map(value, _, constraints):
                members = {"type": "object", "additionalProperties": self.schema(value, direction)}
                return _constrained(members, constraints)
            case Null():
                return {"type": "null"}
            case Anything():
                return {}
            case Union(options, _, constraints):
                return _constrained(_either([self.schema(option, direction) for option in options]), constraints)
            case Named():
                return self._reference(resolved, direction)

    def _reference(self, named: Named, direction: Direction) -> JsonSchema:
        schema = self.types.schema(named)
        if schema is None:
            return {}
        name = _component_name(named)
        if direction == "request" and _differs(schema):
            name += "Input"
        if name not in self.schemas:
            self.schemas[name] = {}  # a place for recursive references, before the members are known
            self.schemas[name] = self._object(schema, direction)
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, schema: Schema, direction: Direction) -> JsonSchema:
        members = [member for member in schema.fields if _takes_part(member, direction)]
        result: JsonSchema = {"type": "object"}
        if schema.description:
            result["description"] = schema.description
        result["properties"] = {member.name: self._member(member, direction) for member in members}
        required = [member.name for member in members if _required(member, direction)]
        if required:
            result["required"] = required
        return result

    def _member(self, member: Field, direction: Direction) -> JsonSchema:
        schema = self.schema(member.type, direction)
        if member.description:
            schema = {**schema, "description": member.description}
        if direction == "request" and member.default is not UNSET and member.default is not ABSENT:
            schema = {**schema, "default": plain(member.default)}
        return schema


def plain(value: object) -> object:
    """A default as JSON."""
    return float(value) if isinstance(value, Decimal) else value


def _takes_part(member: Field, direction: Direction) -> bool:
    return not (member.read_only if direction == "request" else member.write_only)


def _required(member: Field, direction: Direction) -> bool:
    return member.required if direction == "request" else member.default is not ABSENT


def _differs(schema: Schema) -> bool:
    return any(
        member.read_only or member.write_only or _required(member, "request") != _required(member, "answer")
        for member in schema.fields
    )


def _component_name(named: Named) -> str:
    return re.sub(r"[^\w.-]+", "_", spelled(named)).strip("_")


def _choice(values: Iterable[object]) -> JsonSchema:
    listed = list(values)
    if all(isinstance(value, str) for value in listed):
        return {"type": "string", "enum": listed}
    return {"enum": listed}


def _either(options: list[JsonSchema]) -> JsonSchema:
    """`anyOf`, or the shorter `type: [X, null]` where one plain type may be null."""
    if len(options) == 2 and options[1] == {"type": "null"} and isinstance(options[0].get("type"), str):
        if "enum" in options[0]:
            return {"enum": [*options[0]["enum"], None]}
        return {**options[0], "type": [options[0]["type"], "null"]}
    return {"anyOf": options}


def _constrained(schema: JsonSchema, constraints: Constraints) -> JsonSchema:
    if constraints == FREE:
        return schema
    written = schema.get("type", "")
    for name, keyword in _RANGES:
        bound = getattr(constraints, name)
        if bound is not None and constraints.clamp is None:
            schema[keyword] = float(bound) if isinstance(bound, Decimal) else bound
    if constraints.multiple_of is not None:
        multiple = constraints.multiple_of
        schema["multipleOf"] = float(multiple) if isinstance(multiple, Decimal) else multiple
    lengths = _LENGTHS.get(written if isinstance(written, str) else written[0])
    if lengths:
        for keyword, length in zip(lengths, (constraints.min_length, constraints.max_length), strict=True):
            if length is not None:
                schema[keyword] = length
    if constraints.pattern is not None:
        schema["pattern"] = f"^(?:{constraints.pattern})$"
    if constraints.unique:
        schema["uniqueItems"] = True
    return schema
