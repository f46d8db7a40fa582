"""Findings that an author has looked at and lets stand: `<!-- asbuilt: allow rule-name: the reason -->`.

It covers the block that follows; before a heading, all that stands under it; above the title, the whole document.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Hole
from asbuilt.document.blocks import Block, Heading, Html
from asbuilt.document.outline import Outline
from asbuilt.source import Span
from asbuilt.values import frozen

_COMMENT = re.compile(r"<!--\s*asbuilt:(?P<order>.*?)-->", re.DOTALL)
_ALLOW = re.compile(r"\s*allow\s+(?P<rule>[\w-]+)\s*:\s*(?P<reason>\S.*?)\s*", re.DOTALL)
FORM = "write `<!-- asbuilt: allow rule-name: the reason -->`"


@frozen
class Suppression:
    """`rule` is a name or a code; `covers` is the stretch of the document whose findings it silences."""

    rule: str
    reason: str
    span: Span
    covers: Span


@frozen
class Suppressions:
    allowed: tuple[Suppression, ...]
    holes: tuple[Hole, ...]


def read_suppressions(outline: Outline) -> Suppressions:
    """Every suppression of a document; one that gives no rule or no reason is a hole."""
    blocks = outline.document.blocks
    allowed: list[Suppression] = []
    holes: list[Hole] = []
    for at, block in enumerate(blocks):
        for start, end, order in _comments(block):
            span = Span(start, end)
            match = _ALLOW.fullmatch(order)
            if match is None:
                holes.append(Hole(span, "this suppression cannot be read", hint=FORM))
            else:
                allowed.append(Suppression(match["rule"], match["reason"], span, _covered(outline, blocks[at + 1 :])))
    return Suppressions(tuple(allowed), tuple(holes))


def _comments(block: Block) -> Iterator[tuple[int, int, str]]:
    if isinstance(block, Html):
        for match in _COMMENT.finditer(block.body.text):
            yield block.body.offset(match.start()), block.body.offset(match.end()), match["order"]


def _covered(outline: Outline, following: tuple[Block, ...]) -> Span:
    target = next((block for block in following if not isinstance(block, Html)), None)
    if target is None:
        return Span(0, 0)
    if not isinstance(target, Heading):
        return target.span
    if target.level == 1 and outline.title is not None and target.span.start <= outline.title.span.start:
        return Span(0, len(outline.document.source.text))
    return next((part.span for part in outline.walk() if part.heading is target), target.span)
