"""Whether the body of an error is what its row of the error table says."""

from collections.abc import Iterator

from asbuilt.language.names import Name
from asbuilt.language.types import Named, Types
from asbuilt.sections.api import ErrorRow, Shape, ShapeArray, ShapeConstant, ShapeHole, ShapeObject
from asbuilt.verify.conformance import Conformance, Mismatch
from asbuilt.verify.exchange import Response

PROBLEM = "application/problem+json"


def error_faults(types: Types, row: ErrorRow, response: Response) -> Iterator[Mismatch]:
    """What in the body is not as the row says; nothing where all is."""
    if row.body is None and response.media_type != PROBLEM:
        yield Mismatch("", f"the media type is {response.media_type or 'not given'}, not {PROBLEM}")
        return
    try:
        value = response.json()
    except ValueError:
        yield Mismatch("", "it is no JSON")
        return
    if row.body is None:
        yield from _problem(value, row)
    elif isinstance(row.body, Name):
        yield from Conformance(types).mismatches(value, Named(row.body.text, row.body.span))
    else:
        yield from _shape(value, row.body, "", types)


def _problem(value: object, row: ErrorRow) -> Iterator[Mismatch]:
    """https://www.rfc-editor.org/rfc/rfc9457: every member may be left out, `status` repeats the status."""
    if not isinstance(value, dict):
        yield Mismatch("", "it is no object")
    elif value.get("status", row.status) != row.status:
        yield Mismatch("/status", f"{value['status']!r} is not {row.status}")
    elif value.get("code", row.code.text) != row.code.text:
        yield Mismatch("/code", f"{value['code']!r} is not {row.code.text}")


def _shape(value: object, shape: Shape, pointer: str, types: Types) -> Iterator[Mismatch]:
    match shape:
        case ShapeObject():
            yield from _object(value, shape, pointer, types)
        case ShapeArray(items=items) if isinstance(value, list):
            for number, each in enumerate(value if len(items) == 1 else ()):
                yield from _shape(each, items[0], f"{pointer}/{number}", types)
        case ShapeArray():
            yield Mismatch(pointer, "it is no list")
        case ShapeConstant(value=constant):
            if value != constant or isinstance(value, bool) != isinstance(constant, bool):
                yield Mismatch(pointer, f"{value!r} is not {constant!r}")
        case ShapeHole(type=type_):
            if type_ is not None and value is not None:
                yield from Conformance(types).mismatches(value, type_, pointer)


def _object(value: object, shape: ShapeObject, pointer: str, types: Types) -> Iterator[Mismatch]:
    if not isinstance(value, dict):
        yield Mismatch(pointer, "it is no object")
        return
    for name, inner in shape.members:
        # An object with `field` as its key is made once for each faulty field.
        if name.text == "field" and not isinstance(inner, ShapeHole):
            continue
        if name.text not in value:
            yield Mismatch(f"{pointer}/{name.text}", "it is missing")
        else:
            yield from _shape(value[name.text], inner, f"{pointer}/{name.text}", types)
