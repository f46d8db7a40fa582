"""The blocks of a Markdown document, each with the place it was written in."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from asbuilt.diagnostics import Hole
from asbuilt.document.text import Text
from asbuilt.source import Fragment, Source, Span
from asbuilt.values import frozen


@frozen
class Heading:
    """`anchor` is what GitHub derives from the text, made unique in the document."""

    level: int
    text: Text
    anchor: str
    span: Span


@frozen
class Paragraph:
    text: Text

    @property
    def span(self) -> Span:
        return self.text.span


@frozen
class Fence:
    """Fenced or indented code. `label` is the first word of the info string in lower case, empty without one."""

    label: str
    info: Text
    body: Fragment
    span: Span
    indented: bool = False


@frozen
class Row:
    """A row of a table: as many cells as the header at least, more where the author wrote more."""

    cells: tuple[Text, ...]
    span: Span


@frozen
class Table:
    header: Row
    rows: tuple[Row, ...]
    span: Span


@frozen
class ListItem:
    """`number` is the number as written in an ordered list; `checked` the box of a task list."""

    blocks: tuple["Block", ...]
    span: Span
    number: int | None = None
    checked: bool | None = None

    @property
    def text(self) -> Text | None:
        """The prose the item begins with."""
        first = self.blocks[0] if self.blocks else None
        return first.text if isinstance(first, Paragraph) else None


@frozen
class ListBlock:
    ordered: bool
    items: tuple[ListItem, ...]
    span: Span


@frozen
class Quote:
    blocks: tuple["Block", ...]
    span: Span


@frozen
class Html:
    """Raw HTML, comments among it."""

    body: Fragment
    span: Span


@frozen
class ThematicBreak:
    span: Span


Block: TypeAlias = Heading | Paragraph | Fence | Table | ListBlock | Quote | Html | ThematicBreak


@frozen
class Document:
    """A source as blocks. `front` is its YAML front matter; `holes` say what of it could not be read, and why."""

    source: Source
    blocks: tuple[Block, ...]
    front: Fragment | None
    holes: tuple[Hole, ...]


def flattened(blocks: Iterable[Block]) -> Iterator[Block]:
    """Each block and, after it, those inside it, in the order of the document."""
    stack = [iter(blocks)]
    while stack:
        block = next(stack[-1], None)
        if block is None:
            stack.pop()
            continue
        yield block
        if isinstance(block, Quote):
            stack.append(iter(block.blocks))
        elif isinstance(block, ListBlock):
            stack.append(inner for item in block.items for inner in item.blocks)


def texts(blocks: Iterable[Block], *, nested: bool = True) -> Iterator[Text]:
    """All prose in the blocks: headings, paragraphs and table cells; inside lists and quotes too, if `nested`."""
    for block in flattened(blocks) if nested else blocks:
        if isinstance(block, Heading | Paragraph):
            yield block.text
        elif isinstance(block, Table):
            for row in (block.header, *block.rows):
                yield from row.cells
