"""Errors as bullets and as examples of their bodies: "- `404 ORDER_NOT_FOUND`: no such order", JSON below a status."""

import re
from collections.abc import Iterator, Sequence

from asbuilt.document import Block, Fence, Heading, ListBlock, Paragraph, Text, flattened
from asbuilt.language.examples import Inference
from asbuilt.language.names import Name
from asbuilt.language.shapes import JsonArray, JsonConstant, JsonObject
from asbuilt.sections.api.model import ErrorRow, Shape, ShapeArray, ShapeConstant, ShapeHole, ShapeObject
from asbuilt.sections.api.notation.json_examples import examples
from asbuilt.sections.api.notation.phrases import codes, statuses
from asbuilt.source import Span

_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{4,}")
_CODE_MEMBERS = ("code", "errorCode", "error_code", "error", "type", "name")
_STATUS_MEMBERS = ("status", "statusCode", "status_code", "httpStatus")
_NEST = ("error", "errors", "detail")


def read_error_prose(blocks: Sequence[Block]) -> tuple[ErrorRow, ...]:
    """The rows that bullets and examples make. Only a code and a status together make one."""
    rows: list[ErrorRow] = []
    status: int | None = None
    for block in flattened(blocks):
        match block:
            case Heading(text=text) | Paragraph(text=text):
                found = statuses(text.lines[-1].plain)
                status = found[0] if len(found) == 1 else None if isinstance(block, Heading) else status
            case ListBlock(items=items):
                rows += (row for item in items if item.text and (row := _bullet(item.text.lines[0])))
            case Fence():
                rows += _shown(block, status)
    return tuple(rows)


def _bullet(text: Text) -> ErrorRow | None:
    """A code and a status in a bullet, and what follows them."""
    found, status = codes(text), [code for code in statuses(text.plain) if code >= 400]
    if len(found) != 1 or len(status) != 1:
        return None
    at = text.text.find(str(status[0]))
    references = tuple(
        Name(s.text, s.span) for s in text.code_spans if found[0].text not in s.text and not s.text.isdigit()
    )
    behind = re.split(r"\s*[:–—]\s+|\s+-\s+", text.plain, maxsplit=1)
    description = behind[1] if len(behind) == 2 else ""
    return ErrorRow(found[0], status[0], text.fragment.span(at, at + 3), description, references, text.span)


def _shown(fence: Fence, status: int | None) -> Iterator[ErrorRow]:
    for label, value in examples(fence.body):
        if not isinstance(value, JsonObject):
            continue
        code = _code(value)
        told = _number(value) or next(iter(statuses(label.text)), None) or status
        if code and told and told >= 400:
            name = Name(str(code.value), Span(code.span.start + 1, code.span.end - 1))
            yield ErrorRow(name, told, code.span, "", (), value.span, _shape(value, "", code))


def _code(value: JsonObject) -> JsonConstant | None:
    """The constant that is the code of an error: a member of the body, or of the object inside it."""
    for name in _CODE_MEMBERS:
        found = value.member(name)
        if isinstance(found, JsonConstant) and isinstance(found.value, str) and _CODE.fullmatch(found.value):
            return found
    for name in _NEST:
        inner = value.member(name)
        if isinstance(inner, JsonObject) and (found := _code(inner)):
            return found
    return None


def _number(value: JsonObject) -> int | None:
    for name in _STATUS_MEMBERS:
        found = value.member(name)
        if isinstance(found, JsonConstant) and isinstance(found.value, int) and 400 <= found.value < 600:
            return found.value
    return None


def _shape(value: JsonObject | JsonArray | JsonConstant | object, name: str, code: JsonConstant) -> Shape:
    """The body of an example as a shape: its code stays, all other values are examples of what will stand there."""
    match value:
        case JsonObject():
            return ShapeObject(tuple((m.name, _shape(m.value, m.name.text, code)) for m in value.members), value.span)
        case JsonArray(items=items) if any(isinstance(item, JsonObject) for item in items):
            return ShapeArray((_shape(items[0], name, code),), value.span)
        case JsonConstant() if value is code or value.value is None or isinstance(value.value, bool):
            return ShapeConstant(value.value, value.span)
        case JsonConstant() | JsonArray():
            return ShapeHole(name, Inference().type(value, ""), value.span)
    return ShapeHole(name, None, getattr(value, "span", code.span))
