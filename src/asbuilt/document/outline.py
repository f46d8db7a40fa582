"""The outline: a document's headings as a tree, matched to the template."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from asbuilt.document.blocks import Block, Document, Heading
from asbuilt.document.matching import key_of
from asbuilt.document.setting import Setting
from asbuilt.document.settings import front_settings
from asbuilt.document.text import Text
from asbuilt.source import Span
from asbuilt.values import frozen


@frozen
class Part:
    """A heading with what stands under it: `blocks` are those before the first deeper heading.

    `key` is the section or subsection of the template that the heading names, None where it names none.
    """

    heading: Heading
    key: str | None
    blocks: tuple[Block, ...]
    children: tuple["Part", ...]
    span: Span

    @property
    def title(self) -> Text:
        return self.heading.text

    @property
    def level(self) -> int:
        return self.heading.level

    @property
    def own(self) -> tuple[Block, ...]:
        """The blocks under the heading, those under deeper headings that name nothing else included, in order."""
        return tuple(_own(self))


@frozen
class Outline:
    """`preamble` stands before the first section: the title is not in it, front matter is."""

    document: Document
    title: Text | None
    front_matter: tuple[Setting, ...]
    preamble: tuple[Block, ...]
    roots: tuple[Part, ...]

    def walk(self) -> Iterator[Part]:
        """Every part, in the order of the document."""
        stack = list(reversed(self.roots))
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))

    def parts(self, key: str) -> tuple[Part, ...]:
        """The parts with that key. Repeated headings give several; one inside another of the same key is not apart."""
        return tuple(part for part in self._outermost() if part.key == key)

    def blocks(self, key: str) -> tuple[Block, ...]:
        """All blocks of a section or subsection, in order: repeated headings merged, deeper headings as blocks.

        What a deeper heading claims for another key is not among them; for a section this leaves what stands
        under none of its subsections.
        """
        return tuple(block for part in self.parts(key) for block in part.own)

    def has(self, key: str) -> bool:
        return any(part.key == key for part in self.walk())

    @property
    def unmatched(self) -> tuple[Part, ...]:
        """The outermost parts that belong to no section of the template."""
        return tuple(part for part in self._outermost() if part.key is None)

    def _outermost(self) -> Iterator[Part]:
        """Parts whose `own` blocks are not another's: those with a key of their own, and those outside all keys."""
        stack: list[tuple[Part, str | None]] = [(part, None) for part in reversed(self.roots)]
        while stack:
            part, above = stack.pop()
            if part.key != above if part.key else above is None:
                yield part
            stack.extend((child, part.key or above or "") for child in reversed(part.children))


def _own(part: Part) -> Iterator[Block]:
    yield from part.blocks
    stack = list(reversed(part.children))
    while stack:
        child = stack.pop()
        if child.key is not None and child.key != part.key:
            continue
        yield child.heading
        yield from child.blocks
        stack.extend(reversed(child.children))


def read_outline(document: Document) -> Outline:
    """The outline of a document; headings inside lists and quotes open no parts."""
    preamble, roots = _tree(document.blocks)
    title = None
    if roots and roots[0].level == 1 and (roots[0].key is None or sum(root.level == 1 for root in roots) == 1):
        title, preamble, roots = roots[0].title, (*preamble, *roots[0].blocks), (*roots[0].children, *roots[1:])
    front = front_settings(document.front, preamble)
    document = replace(document, holes=(*document.holes, *front.holes))
    return Outline(document, title, front.settings, preamble, roots)


@dataclass(slots=True)
class _Open:
    heading: Heading
    key: str | None
    blocks: list[Block] = field(default_factory=list)
    children: list[Part] = field(default_factory=list)

    def closed(self) -> Part:
        last = self.children[-1] if self.children else self.blocks[-1] if self.blocks else self.heading
        span = self.heading.span.to(last.span)
        return Part(self.heading, self.key, tuple(self.blocks), tuple(self.children), span)


def _tree(blocks: tuple[Block, ...]) -> tuple[tuple[Block, ...], tuple[Part, ...]]:
    preamble: list[Block] = []
    roots: list[Part] = []
    stack: list[_Open] = []

    def close() -> None:
        part = stack.pop().closed()
        (stack[-1].children if stack else roots).append(part)

    for block in blocks:
        if isinstance(block, Heading):
            while stack and stack[-1].heading.level >= block.level:
                close()
            above = [part.key for part in stack if part.heading.level > 1 or part.key]
            stack.append(_Open(block, key_of(block.text.plain, above)))
        else:
            (stack[-1].blocks if stack else preamble).append(block)
    while stack:
        close()
    return tuple(preamble), tuple(roots)
