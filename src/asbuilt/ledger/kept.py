"""What stands in sections without a reader: kept as it is, and told as not enacted; and what is prose alone."""

from collections.abc import Iterable, Iterator

from asbuilt.component import Component
from asbuilt.document import Block, Fence, Outline, Paragraph, Table, flattened
from asbuilt.ledger.claim import NOT_ENACTED, Stated
from asbuilt.ledger.place import OUTSIDE
from asbuilt.source import Source, Span

# The sections that readers look through; in all others, the blocks are kept.
READ = frozenset({"overview", "api", "data", "algorithms", "configuration", "state-machines"})
_SHOWN = 100


def is_read(key: str) -> bool:
    """Whether a reader looks through what stands under a key of the template."""
    return key.partition(".")[0] in READ


def kept(component: Component, outline: Outline) -> Iterator[Stated]:
    """One claim for each paragraph, row and fence under a key of the template that no reader looks through."""
    told = ((pending.span, pending.why.removeprefix("kept as located blocks: ")) for pending in component.pending)
    why = {span: f"{NOT_ENACTED}: {reason}" for span, reason in told}
    for key in dict.fromkeys(part.key for part in outline.walk()):
        for part in outline.parts(key) if key is not None and not is_read(key) else ():
            reason = why.get(part.title.span, NOT_ENACTED)
            for span in _statements(part.own):
                yield _kept(component.source, part.key or "", span, reason)


def _statements(blocks: Iterable[Block]) -> Iterator[Span]:
    for block in flattened(blocks):
        match block:
            case Paragraph() if block.text.text:
                yield block.span
            case Fence() if block.body.text.strip():
                yield block.body.whole
            case Table():
                yield from (row.span for row in block.rows)


def _kept(source: Source, key: str, span: Span, reason: str) -> Stated:
    said = " ".join(source.cut(span).split())
    shown = said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"
    return Stated(key, "kept", (key, shown), shown, span, "unchecked", reason)


def prose(_: Component, outline: Outline) -> Iterator[Stated]:
    """One claim for each part that no section of the template knows: people read it, nothing else does."""
    for part in outline.unmatched:
        title = part.title.plain.strip()
        if part.own and title:
            yield Stated(OUTSIDE, "prose", (title,), f"{title}: for people", part.title.span, "prose")
