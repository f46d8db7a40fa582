"""Fences by what they hold. A label helps where the content leaves a doubt; it never decides against it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.diagnostics import Hole
from asbuilt.document import Block, Fence
from asbuilt.language.names import Name
from asbuilt.sections.api.notation.clauses import KEYS, clause_key
from asbuilt.sections.api.notation.endpoint_blocks import HAS_TOP_KEY, LISTS_ENDPOINTS, MEANS_ENDPOINT
from asbuilt.sections.api.notation.express import is_express
from asbuilt.sections.api.notation.http_examples import is_http_example
from asbuilt.sections.api.notation.openapi import Part, structured
from asbuilt.sections.api.notation.phrases import lone_mention
from asbuilt.sections.api.notation.pieces import Piece, pieces
from asbuilt.sections.api.notation.python import is_python
from asbuilt.sections.api.notation.type_fences import declared_names, is_type_fence

_CLAUSE_LINE = re.compile(r"^[ \t]+(?:[-*+][ \t]+)?(?P<key>[A-Za-z][\w \-/]{0,40}?)[ \t]*:", re.MULTILINE)
_OPENAPI = re.compile(r"^[ \t]*+[\"']?(?:openapi|swagger|paths|components|\$schema)[\"']?\s*:", re.MULTILINE)
_CODE = re.compile(r"[{}();=]|^[ \t]*+(?:query|mutation|rpc|syntax)\b", re.MULTILINE)
_OTHER_LANGUAGES = frozenset({"sql", "mermaid", "dockerfile", "bash", "sh", "shell", "env", "plantuml"})


@dataclass(slots=True)
class Fences:
    """The fences of each notation, in the order of the document. `unread` notes those that no notation claims."""

    endpoints: list[Fence] = field(default_factory=list)
    structured: list[Part] = field(default_factory=list)
    python: list[Fence] = field(default_factory=list)
    typed: list[Fence] = field(default_factory=list)
    http: list[Fence] = field(default_factory=list)
    express: list[Fence] = field(default_factory=list)
    unread: list[Hole] = field(default_factory=list)
    _claimed: dict[int, tuple[Name, ...]] = field(default_factory=dict)

    def names_in(self, fence: Fence) -> tuple[Name, ...] | None:
        """The types that a claimed fence declares; None for one that no reader of fences has claimed."""
        return self._claimed.get(fence.span.start)

    def sort(self, piece: Piece) -> None:
        fence = piece.fence
        names: tuple[Name, ...] = ()
        text = fence.body.text
        part = structured(piece) if _OPENAPI.search(text) else None
        if part is None and not text.strip():
            return
        if part is not None:
            self.structured.append(part)
        elif LISTS_ENDPOINTS.search(text) or HAS_TOP_KEY.search(text):
            if lone_mention(fence):
                return
            (self.http if is_http_example(fence) and not _has_clauses(text) else self.endpoints).append(fence)
        elif is_http_example(fence):
            self.http.append(fence)
        elif MEANS_ENDPOINT.search(text) and _has_clauses(text):
            self.endpoints.append(fence)
        elif is_express(fence):
            self.express.append(fence)
        elif is_python(fence):
            self.python.append(fence)
        elif is_type_fence(fence):
            self.typed.append(fence)
            names = declared_names(fence)
        elif (part := structured(piece)) is not None:
            self.structured.append(part)
            names = (part.caption,) if part.caption else ()
        else:
            if (
                _CODE.search(text)
                and not text.lstrip().startswith(("{", "[", "//", "#"))
                and fence.label not in _OTHER_LANGUAGES
            ):
                self._unclaimed(fence)
            return
        self._claimed[fence.span.start] = names

    def _unclaimed(self, fence: Fence) -> None:
        """Note code that no reader knows; JSON is an example of what stands above it."""
        opens_json = fence.body.text.lstrip().startswith(("{", "[", "//", "#"))
        if opens_json or fence.label in _OTHER_LANGUAGES or not _CODE.search(fence.body.text):
            return
        first = fence.body.text.lstrip("\n").split("\n", 1)[0].strip()
        start = fence.body.text.find(first)
        where = fence.body.span(start, start + len(first))
        self.unread.append(Hole(where, "this block is in no notation that is read here"))


def sorted_fences(blocks: Sequence[Block]) -> Fences:
    """All fences in the blocks, each with the notation that its content is in."""
    found = Fences()
    for piece in pieces(blocks):
        found.sort(piece)
    return found


def _has_clauses(text: str) -> bool:
    return any(clause_key(match.group("key")) in KEYS for match in _CLAUSE_LINE.finditer(text))
