"""What became of every character of a document: it is in a claim, it is prose, a reader used it, or nobody knew it."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

from asbuilt.component import Component
from asbuilt.diagnostics import Hole
from asbuilt.document import Outline, read_blocks, read_outline
from asbuilt.ledger.claim import Claim
from asbuilt.ledger.ledger import Ledger
from asbuilt.ledger.lines import Line, lines_for_readers
from asbuilt.ledger.located import executed_spans, used_spans
from asbuilt.source import Span

Nature: TypeAlias = Literal["prose", "claim", "understood", "not understood"]
NATURES: tuple[Nature, ...] = ("prose", "claim", "understood", "not understood")
_PROSE, _CLAIM, _USED, _UNREAD = range(4)
_USE = bytes.maketrans(bytes([_UNREAD]), bytes([_USED]))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the document. `claim` is the innermost one that says it, where `nature` is `claim`."""

    span: Span
    nature: Nature
    claim: Claim | None = None


def understand(component: Component, ledger: Ledger) -> tuple[Piece, ...]:
    """The whole text in pieces, without gap or overlap, in its order.

    Prose is what stands in no fence, row or item that a reader is there for: paragraphs, headings, comments, markup.
    A line that a reader took something from counts as understood in whole, unless a hole says which of it was not.
    """
    canvas = _Canvas(component.source.text)
    outline = read_outline(read_blocks(component.source))
    lines = tuple(lines_for_readers(component, outline))
    for line in lines:
        canvas.nature[line.span.start : line.span.end] = bytes([_UNREAD]) * (line.span.end - line.span.start)
    canvas.claim(claim for claim in ledger.claims if claim.kind != "reference")
    for span in (*used_spans(component, outline), *executed_spans(component)):
        canvas.use(span)
    canvas.settle(lines)
    # That a name resolves says nothing of the line it stands in.
    canvas.claim(claim for claim in ledger.claims if claim.kind == "reference")
    for hole in _holes(component, outline):
        canvas.unread(hole.span)
    return tuple(canvas.pieces())


def not_understood(component: Component, pieces: tuple[Piece, ...]) -> tuple[Span, ...]:
    """The stretches that no reader understood: what only white space and prose of the same lines divide is one."""
    text = component.source.text
    spans: list[Span] = []
    for piece in pieces:
        if piece.nature != "not understood":
            continue
        if spans and not text[spans[-1].end : piece.span.start].strip():
            spans[-1] = spans[-1].to(piece.span)
        else:
            spans.append(piece.span)
    return tuple(spans)


def _holes(component: Component, outline: Outline) -> Iterator[Hole]:
    """What readers say they could not read."""
    yield from component.api.holes
    yield from component.api.unread
    yield from component.data.holes
    yield from component.algorithms.holes
    yield from component.configuration.holes
    yield from component.machines.holes
    yield from outline.document.holes
    for fault in component.data.faults:
        if not fault.sqlstate:
            yield Hole(fault.span, fault.message)
    for line in (*component.configuration.unknown_steps, *component.algorithms.unread, *component.machines.unread):
        yield Hole(line.span, line.text)


class _Canvas:
    """The nature of each character, and the innermost claim that it stands in."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.claims: list[Claim] = []
        self.nature = bytearray(len(text))
        self.owner = array("l", [-1]) * len(text)

    def claim(self, claims: Iterable[Claim]) -> None:
        """Enter claims, the longest first, so that the innermost is seen."""
        first = len(self.claims)
        self.claims += claims
        spans = ((span, number) for number, claim in enumerate(self.claims[first:], first) for span in claim.spans)
        for span, number in sorted(spans, key=lambda one: one[0].start - one[0].end):
            length = span.end - span.start
            self.nature[span.start : span.end] = bytes([_CLAIM]) * length
            self.owner[span.start : span.end] = array("l", [number]) * length

    def use(self, span: Span) -> None:
        self.nature[span.start : span.end] = self.nature[span.start : span.end].translate(_USE)

    def settle(self, lines: tuple[Line, ...]) -> None:
        """Each line that was touched is used in whole; and where one was, so is what stands there for its sake.

        A comment is prose there. A block that nothing was taken from was not understood as a whole.
        """
        taken = {line.block for line in lines if self._touched(line)}
        for line in lines:
            if self._touched(line) or (line.block in taken and line.role == "structure"):
                self.use(line.span)
            elif line.block in taken and line.role == "comment":
                self.nature[line.span.start : line.span.end] = bytes(line.span.end - line.span.start)

    def _touched(self, line: Line) -> bool:
        piece = self.nature[line.span.start : line.span.end]
        return line.role == "mention" or _CLAIM in piece or _USED in piece

    def unread(self, span: Span) -> None:
        length = span.end - span.start
        self.nature[span.start : span.end] = bytes([_UNREAD]) * length
        self.owner[span.start : span.end] = array("l", [-1]) * length

    def pieces(self) -> Iterator[Piece]:
        self._clear_blanks()
        at = 0
        for (nature, owner), run in groupby(zip(self.nature, self.owner, strict=True)):
            end = at + sum(1 for _ in run)
            yield Piece(Span(at, end), NATURES[nature], self.claims[owner] if owner >= 0 else None)
            at = end

    def _clear_blanks(self) -> None:
        """White space at the edge of what was not understood is nothing to understand."""
        at = 0
        for nature, run in groupby(bytes(self.nature)):
            end = at + sum(1 for _ in run)
            if nature == _UNREAD and not self.text[at:end].strip():
                self.nature[at:end] = bytes(end - at)
            at = end
