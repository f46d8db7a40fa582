"""The bodies of errors: JSON in which types stand where values will be."""

from collections.abc import Sequence

from asbuilt.diagnostics import Hole
from asbuilt.language.annotations import read_annotation_text
from asbuilt.language.shapes import Json, JsonArray, JsonConstant, JsonHole, JsonObject, read_json
from asbuilt.sections.api.model import Shape, ShapeArray, ShapeConstant, ShapeHole, ShapeObject
from asbuilt.source import Fragment


def read_shape(text: Fragment, holes: list[Hole]) -> Shape | None:
    """The shape a text describes; None, and a hole, where it is no JSON."""
    found = read_json(text)
    if isinstance(found, Hole):
        holes.append(found)
        return None
    return shape_of(found, "", holes)


def shape_of(value: Json, name: str, holes: list[Hole]) -> Shape:
    """A value as a shape. A hole bears the name of the member that it is the value of."""
    match value:
        case JsonObject():
            members = tuple((m.name, shape_of(m.value, m.name.text, holes)) for m in value.members)
            return ShapeObject(members, value.span)
        case JsonArray():
            return ShapeArray(_items(value.items, name, holes), value.span)
        case JsonConstant():
            return ShapeConstant(value.value, value.span)
        case JsonHole(text=text):
            type_ = read_annotation_text(text, holes).type if text.text else None
            return ShapeHole(name, type_, text.whole)


def _items(items: Sequence[Json], name: str, holes: list[Hole]) -> tuple[Shape, ...]:
    return tuple(shape_of(item, name, holes) for item in items)
