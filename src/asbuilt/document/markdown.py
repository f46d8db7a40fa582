"""Markdown to located blocks: CommonMark with GFM's tables, by markdown-it's block rules.

markdown-it gives lines but no columns. It cuts prefixes (indentation, `>`, list markers) on the left only, so what
it hands out of a line is that line's end: this is how each block is traced back to where it was written.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from asbuilt.diagnostics import Hole
from asbuilt.document import tables
from asbuilt.document.anchors import anchors
from asbuilt.document.blocks import (
    Block,
    Document,
    Fence,
    Heading,
    Html,
    ListBlock,
    ListItem,
    Paragraph,
    Quote,
    Row,
    Table,
    ThematicBreak,
)
from asbuilt.document.inline import ELEMENTS
from asbuilt.document.lines import Lines, split_lines
from asbuilt.document.text import Text
from asbuilt.source import Fragment, Source, Span

MAX_NESTING = 40
_HTML = re.compile(
    rf"\s*<(?:[!?]|/?(?:{'|'.join(sorted(ELEMENTS))})(?:\s*/?>|\s*$|\s+(?:open|hidden|[^\s<>=]+\s?=)))", re.MULTILINE
)
_TASK = re.compile(r"\[([ xX])\][ \t]+")
_FRONT_START = re.compile(r"---[ \t]*$")
_FRONT_END = re.compile(r"(?:---|\.\.\.)[ \t]*$")
_FRONT_KEY = re.compile(r"[\w\"'][^:]{0,80}:(?: |$)")
_COMMENT_LINE = re.compile(r"[ \t]*(?:<!--.*-->[ \t]*)?$")


def read_blocks(source: Source) -> Document:
    """The document in a source. Never fails: what can't be read is a hole."""
    lines = split_lines(source.text)
    front, first = _front_matter(lines)
    state = StateBlock("\n".join(lines.texts), _PARSER, {}, [])
    _PARSER.block.tokenize(state, first, state.lineMax)
    builder = _Builder(lines)
    for index, token in enumerate(state.tokens):
        builder.take(token, state.tokens, index)
    return Document(source, tuple(builder.blocks), front, tuple(builder.holes))


def _front_matter(lines: Lines) -> tuple[Fragment | None, int]:
    """YAML between two lines of dashes at the top (comments may precede it), and the line after it."""
    opening = next((at for at, text in enumerate(lines.texts) if not _COMMENT_LINE.match(text)), 0)
    if not _FRONT_START.match(lines.texts[opening]):
        return None, 0
    for at in range(opening + 1, len(lines.texts)):
        if _FRONT_END.match(lines.texts[at]):
            body = list(lines.texts[opening + 1 : at])
            first = next((text for text in body if text.strip() and not text.startswith("#")), "")
            return (lines.code(opening + 1, body), at + 1) if _FRONT_KEY.match(first) else (None, 0)
    return None, 0


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table").disable("reference")
    parser.block.ruler.at("table", tables.table_rule, {"alt": ["paragraph", "reference"]})
    return parser


_PARSER = _make_parser()


@dataclass(slots=True)
class _Open:
    """A container that is still being filled."""

    token: Token
    blocks: list[Block] = field(default_factory=list)
    items: list[ListItem] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    lines: Lines
    blocks: list[Block] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    anchor: Callable[[str], str] = field(default_factory=anchors)

    def take(self, token: Token, tokens: list[Token], index: int) -> None:
        match token.type:
            case "paragraph_open":
                self._add(Paragraph(self._prose(tokens[index + 1])))
            case "fence":
                self._add(self._fence(token))
            case tables.TOKEN:
                self._add(self._table(token))
            case "heading_open":
                self._add(self._heading(token, tokens[index + 1]))
            case "code_block":
                body = self.lines.code(_first(token), token.content.removesuffix("\n").split("\n"))
                self._add(Fence("", _nothing_at(body.whole.start), body, body.whole, indented=True))
            case "html_block":
                content = token.content.removesuffix("\n").split("\n")
                body = self.lines.code(_first(token), content)
                # CommonMark takes `<Any words>` for HTML; here that is prose, most likely a placeholder.
                html = _HTML.match(body.text)
                self._add(Html(body, body.whole) if html else Paragraph(Text(self.lines.prose(_first(token), content))))
            case "hr":
                self._add(ThematicBreak(self._span(token)))
            case "bullet_list_open" | "ordered_list_open" | "list_item_open" | "blockquote_open":
                self.stack.append(_Open(token))
            case "bullet_list_close" | "ordered_list_close":
                self._close_list(self.stack.pop())
            case "list_item_close":
                self._close_item(self.stack.pop())
            case "blockquote_close":
                self._close_quote(self.stack.pop())

    def _add(self, block: Block) -> None:
        (self.stack[-1].blocks if self.stack else self.blocks).append(block)

    def _span(self, token: Token) -> Span:
        first, last = token.map or (0, 1)
        return self.lines.span(first, last)

    def _prose(self, inline: Token) -> Text:
        return Text(self.lines.prose(_first(inline), inline.content.split("\n")))

    def _heading(self, token: Token, inline: Token) -> Heading:
        level = int(token.tag[1:])
        if token.markup in ("=", "-"):
            text = self._prose(inline)
            return Heading(level, text, self.anchor(text.plain), text.span.to(self._span(token)))
        line = _first(token)
        written = self.lines.texts[line].rstrip(" \t")
        column = written.rfind(inline.content) if inline.content else len(written)
        begin = max(0, written.rfind(token.markup, 0, column))
        start = self.lines.starts[line]
        text = Text(Fragment(inline.content, (start + column,)))
        return Heading(level, text, self.anchor(text.plain), Span(start + begin, start + len(written)))

    def _fence(self, token: Token) -> Fence:
        first, last = token.map or (0, 1)
        content = token.content.removesuffix("\n").split("\n") if token.content else []
        start = self.lines.end(first) - len(token.markup) - len(token.info)
        if content:
            body = self.lines.code(first + 1, content)
        else:
            body = Fragment("", (self.lines.starts[first + 1] if last > first + 1 else self.lines.end(first),))
        if last - first < len(content) + 2:
            self.holes.append(
                Hole(
                    Span(start, self.lines.end(first)),
                    "this fence is never closed: all that follows is taken for code",
                    f"end the code with a line `{token.markup}`" if "`" not in token.markup else "add a closing fence",
                )
            )
        info = token.info.strip(" \t")
        at = self.lines.end(first) - len(token.info.lstrip(" \t"))
        label = info.split(maxsplit=1)[0].strip("{}.").lower() if info.strip() else ""
        return Fence(label, Text(Fragment(info, (at,))), body, Span(start, self.lines.span(first, last).end))

    def _table(self, token: Token) -> Table:
        first, last = token.map or (0, 1)
        header = self._row(first, token.meta[first], 0)
        rows = tuple(self._row(line, token.meta[line], len(header.cells)) for line in range(first + 2, last))
        return Table(header, rows, header.span.to(rows[-1].span if rows else self.lines.span(first + 1, last)))

    def _row(self, line: int, length: int, columns: int) -> Row:
        begin = self.lines.end(line) - length
        written = self.lines.texts[line][len(self.lines.texts[line]) - length :].rstrip(" \t")
        cells = tables.cells(written, begin)
        if columns and any(cell.text for cell in cells[columns:]):
            self.holes.append(
                Hole(
                    cells[columns].span.to(cells[-1].span),
                    f"the row has {len(cells)} cells, its table {columns} columns: the rest is not shown",
                    "write a pipe inside a cell as `\\|`",
                )
            )
        while len(cells) < columns:
            cells.append(_nothing_at(begin + len(written)))
        return Row(tuple(cells), Span(begin, begin + len(written)))

    def _close_list(self, closed: _Open) -> None:
        span = closed.items[0].span.to(closed.items[-1].span)
        self._add(ListBlock(closed.token.type == "ordered_list_open", tuple(closed.items), span))

    def _close_item(self, closed: _Open) -> None:
        number = int(closed.token.info) if closed.token.info else None
        blocks, checked = closed.blocks, None
        if blocks and isinstance(blocks[0], Paragraph) and (box := _TASK.match(blocks[0].text.text)):
            checked = box.group(1) != " "
            text = blocks[0].text
            blocks[0] = Paragraph(text.part(box.end(), len(text.text)))
        self.stack[-1].items.append(ListItem(tuple(blocks), self._contents(closed), number, checked))

    def _close_quote(self, closed: _Open) -> None:
        self._add(Quote(tuple(closed.blocks), self._contents(closed)))

    def _contents(self, closed: _Open) -> Span:
        """The span of a container's blocks. One without any, that deep, is where reading stopped."""
        if closed.blocks:
            return closed.blocks[0].span.to(closed.blocks[-1].span)
        span = self._span(closed.token)
        if closed.token.level >= MAX_NESTING - 1:
            message = f"what is nested deeper than {MAX_NESTING} levels is not read"
            self.holes.append(Hole(span, message, "bring the text out of its lists and quotes"))
        return span


def _first(token: Token) -> int:
    return token.map[0] if token.map else 0


def _nothing_at(offset: int) -> Text:
    return Text(Fragment("", (offset,)))
