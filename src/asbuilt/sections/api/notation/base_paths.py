"""The prefix of all paths, where a document states it beside its endpoints: "Base URL: `/api/v1`"."""

import re
from collections.abc import Iterator, Sequence

from asbuilt.document import Block, Heading, Paragraph, Table, Text, flattened
from asbuilt.sections.api.model import Route
from asbuilt.sections.api.notation.routes import read_path

_STATED = re.compile(
    r"[\s*_]*(?:api\s+)?base[ _-]?(?:url|path|uri)(?:\s*\([^()]*\))?[\s*_]*(?::|is|=)[\s*_]*`?"
    r"(?P<url>(?:https?://[^/\s`]+)?(?:/[\w\-./{}]*)?)",
    re.IGNORECASE,
)
_KEY = re.compile(r"(?:api\s+)?base[ _-]?(?:url|path|uri)\b.*", re.IGNORECASE)


def read_base_path(blocks: Sequence[Block]) -> Route | None:
    """The one path that all such lines state; None where there is none, or where they differ."""
    routes: dict[str, Route] = {}
    for text in _statements(blocks):
        found = read_path(text.fragment, [])
        if found is not None and found.route.segments:
            routes[found.route.template.rstrip("/")] = found.route
    return next(iter(routes.values())) if len(routes) == 1 else None


def _statements(blocks: Sequence[Block]) -> Iterator[Text]:
    for block in flattened(blocks):
        if isinstance(block, Paragraph | Heading):
            for line in block.text.lines:
                match = _STATED.match(line.text)
                if match and match.group("url"):
                    yield line.part(*match.span("url"))
        elif isinstance(block, Table):
            for row in block.rows:
                if len(row.cells) == 2 and _KEY.fullmatch(row.cells[0].plain) and row.cells[1].code_spans:
                    yield Text(row.cells[1].code_spans[0].fragment)
