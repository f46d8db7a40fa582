"""The bodies of errors as JSON Schema and as examples."""

from asbuilt.component import Component
from asbuilt.language.names import Name
from asbuilt.language.samples import NO_SAMPLE, sample
from asbuilt.language.types import Named, Scalar, Type
from asbuilt.projections.json_schema import Components, JsonSchema
from asbuilt.sections.api import ErrorRow, Shape, ShapeArray, ShapeConstant, ShapeHole, ShapeObject

PROBLEM_MEDIA_TYPE = "application/problem+json"
_TEXT: JsonSchema = {"type": "string"}
# What fills a hole by its name, where the row gives it no type.
_BY_NAME: dict[str, tuple[JsonSchema, object]] = {
    "status": ({"type": "integer"}, 400),
    "request_id": (_TEXT, "0f8fad5bd9cb469fa16570867728950e"),
    "timestamp": ({"type": "string", "format": "date-time"}, "2026-01-02T03:04:05.000000Z"),
    "faults": ({"type": "array", "items": {"type": "object"}}, []),
}
# RFC 9457, with the members that asbuilt adds to it.
PROBLEM: JsonSchema = {
    "type": "object",
    "description": "A problem (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": {"type": "string", "description": "the error code of the specification"},
        "request_id": _TEXT,
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901) into the body"},
                    "parameter": {"type": "string", "description": "the parameter of path, query or header"},
                    "message": _TEXT,
                },
                "required": ["message"],
            },
        },
    },
    "required": ["type", "title", "status"],
}


def error_content(component: Component, components: Components, row: ErrorRow | None) -> tuple[str, JsonSchema, object]:
    """Media type, schema and example of the body of an error row; None stands for a cause that no row claims."""
    if row is None or row.body is None:
        components.schemas.setdefault("Problem", PROBLEM)
        return PROBLEM_MEDIA_TYPE, {"$ref": "#/components/schemas/Problem"}, _problem_example(row)
    if isinstance(row.body, Name):
        named: Type = Named(row.body.text, row.body.span)
        return "application/json", components.schema(named, "answer"), sample(named, component.types)
    return "application/json", _schema(row.body, components), _example(row.body, component, row)


def _problem_example(row: ErrorRow | None) -> object:
    if row is None:
        return NO_SAMPLE
    return {"type": "about:blank", "title": row.code.text, "status": row.status, "code": row.code.text}


def _schema(shape: Shape, components: Components) -> JsonSchema:
    match shape:
        case ShapeObject(members):
            properties = {name.text: _schema(member, components) for name, member in members}
            return {"type": "object", "properties": properties, "required": list(properties)}
        case ShapeArray(items):
            listed = [_schema(item, components) for item in items]
            return {"type": "array", "items": listed[0] if len(listed) == 1 else {"anyOf": listed} if listed else {}}
        case ShapeConstant(value):
            return {"const": value}
        case ShapeHole(name, type_):
            return components.schema(type_, "answer") if type_ else _BY_NAME.get(name, (_TEXT, ""))[0]


def _example(shape: Shape, component: Component, row: ErrorRow) -> object:
    match shape:
        case ShapeObject(members):
            values = {name.text: _example(member, component, row) for name, member in members}
            return NO_SAMPLE if NO_SAMPLE in values.values() else values
        case ShapeArray(items):
            return [value for item in items if (value := _example(item, component, row)) is not NO_SAMPLE]
        case ShapeConstant(value):
            return value
        case ShapeHole(name, type_):
            present = component.types.present(type_) if type_ else None
            known = {
                "code": row.status if isinstance(present, Scalar) and present.kind == "int" else row.code.text,
                "status": row.status,
                "title": row.code.text,
                "message": row.sentence or row.code.text,
            }
            if name in known:
                return known[name]
            return sample(type_, component.types) if type_ else _BY_NAME.get(name, (_TEXT, name))[1]
