"""The fences of the section with what the text around them calls them."""

import re
from collections.abc import Iterator, Sequence

from asbuilt.document import Block, Fence, Heading, ListBlock, Paragraph, Quote, Text
from asbuilt.language.names import Name
from asbuilt.values import frozen

_TYPE_NAME = re.compile(r"[A-Z][A-Za-z0-9_]*")
_CAPTION = re.compile(
    r"(?:\d+(?:\.\d+)*\.?\s+)?(?P<name>[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)"
    r"(?:\s*(?:shape|schema|object|model|dto|type|struct(?:ure)?|json|\([^()]*\)))*\s*:?",
    re.IGNORECASE,
)


# Headings that announce what follows without naming a type.
_NO_NAMES = frozenset(
    {"request", "response", "requests", "responses", "example", "examples", "body", "headers", "header", "query"}
    | {"errors", "error", "success", "notes", "note", "overview", "usage", "endpoints", "endpoint", "schema", "schemas"}
    | {"types", "models", "model", "parameters", "params", "payload", "input", "output", "returns", "api", "auth"}
    | {"authentication", "authorization", "validation", "rules", "summary", "description", "details", "dtos", "enums"}
    | {"interfaces", "where", "typescript", "python", "json", "yaml", "format", "structure", "fields", "pagination"}
    | {"general", "contract"}
)


@frozen
class Piece:
    """A fence, and the name of the type that a heading or a line above it announces."""

    fence: Fence
    caption: Name | None


def pieces(blocks: Sequence[Block]) -> Iterator[Piece]:
    """Every fence, at any depth, in the order of the document."""
    yield from _walk(blocks, [None])


def _walk(blocks: Sequence[Block], caption: list[Name | None]) -> Iterator[Piece]:
    for block in blocks:
        match block:
            case Heading(text=text):
                caption[0] = type_name(text)
            case Paragraph(text=text):
                caption[0] = type_name(text.lines[-1]) or caption[0]
            case Fence():
                yield Piece(block, caption[0])
                caption[0] = None
            case ListBlock(items=items):
                for item in items:
                    yield from _walk(item.blocks, caption)
            case Quote(blocks=inner):
                yield from _walk(inner, caption)


def type_name(text: Text) -> Name | None:
    """The name of a type that a heading or a caption consists of: `### Order`, "**`Order`** shape:"."""
    plain = text.plain.strip(" *_:")
    spans = [span for span in text.code_spans if _TYPE_NAME.fullmatch(span.text)]
    if len(spans) == 1 and len(plain.split()) <= 3:
        return Name(spans[0].text, spans[0].span)
    match = _CAPTION.fullmatch(plain)
    name = match.group("name") if match else ""
    if spans or not name[:1].isupper() or name.casefold() in _NO_NAMES:
        return None
    at = text.text.find(name)
    return Name(name, text.fragment.span(at, at + len(name))) if at >= 0 else None
