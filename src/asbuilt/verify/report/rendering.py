"""The document as HTML, as it was read: block by block, with what is said of a line beside it.

Nothing of a document becomes markup but what Markdown makes of it: no HTML of its own, no images, no address but those
of other pages.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from asbuilt.document import (
    Block,
    Document,
    Fence,
    Heading,
    Html,
    ListBlock,
    Paragraph,
    Quote,
    Row,
    Table,
    Text,
    ThematicBreak,
)
from asbuilt.source import Fragment, Source, Span
from asbuilt.verify.examination import Entry
from asbuilt.verify.report.marks import has, mark, marks

_SPAN = re.compile("`([^`\n]+)`")
_LONGEST = 20_000  # characters of prose whose markup is looked for
_COMMENT = re.compile(r"\s*<!--.*?-->\s*", re.DOTALL)
_ELSEWHERE = re.compile(r"(?i)(?:https?|mailto):")
# What a browser would not show or act on, and the marks that turn the direction of text.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def safe(text: str) -> str:
    """Text as it may stand in HTML, also in an attribute; what cannot be seen is replaced."""
    return escape(_UNSEEN.sub("\ufffd", text))


def coded(text: str) -> str:
    """As `safe`; what stands in backticks is set as code. The backticks are there and not seen."""
    tick = '<span class="tick">`</span>'
    return _SPAN.sub(lambda code: f"{tick}<code>{code[1]}</code>{tick}", safe(text))


@dataclass
class Beside:
    """What is to stand beside the lines of a document; each entry is handed out once. `show` makes it HTML.

    `again` are the entries of claims that are said on a line too: there a link leads to them.
    """

    source: Source
    lines: dict[int, list[Entry]]
    again: dict[int, list[Entry]]
    show: Callable[[Sequence[Entry]], str]

    def take(self, span: Span) -> tuple[Entry, ...]:
        """The entries whose claims begin on the lines of a span."""
        return tuple(entry for line in self._known(span) for entry in self.lines.pop(line))

    def holds(self, span: Span) -> bool:
        return bool(self._known(span))

    def _known(self, span: Span) -> list[int]:
        first = self.source.position(span.start).line
        last = self.source.position(max(span.start, span.end - 1)).line
        if last - first > len(self.lines):
            return sorted(line for line in self.lines if first <= line <= last)
        return [line for line in range(first, last + 1) if line in self.lines]


def render_document(document: Document, beside: Beside) -> Iterator[str]:
    """The blocks in their order; after them the claims that stand in none."""
    if document.front is not None:
        yield _code(document.front, document.front.whole, beside)
    for block in document.blocks:
        yield _block(block, beside)
    rest = tuple(entry for line in sorted(beside.lines) for entry in beside.lines[line])
    beside.lines.clear()
    if rest:
        yield f'<div class="block">{_after(rest, beside)}</div>'


def _block(block: Block, beside: Beside) -> str:
    match block:
        case Heading():
            level, entries = min(block.level, 6), beside.take(block.span)
            heading = f'<h{level} id="doc-{safe(block.anchor)}">{_inline(block.text)}</h{level}>'
            return f'{heading}<div class="block">{_after(entries, beside)}</div>' if entries else heading
        case Paragraph():
            return f'<div class="block"><p>{_prose(block.text)}</p>{_after(beside.take(block.span), beside)}</div>'
        case Fence():
            return _code(block.body, block.span, beside)
        case Html():
            hidden = _COMMENT.fullmatch(block.body.text) and not beside.holds(block.span)
            return "" if hidden else _code(block.body, block.span, beside)
        case Table():
            return _table(block, beside)
        case ListBlock():
            return _list(block, beside)
        case Quote():
            inner = "".join(_block(one, beside) for one in block.blocks)
            return f'<blockquote class="block">{inner}</blockquote>'
        case ThematicBreak():
            return '<hr class="block">'


def _after(entries: Sequence[Entry], beside: Beside) -> str:
    """The claims of a block of prose, folded under their marks."""
    if not entries:
        return ""
    opened = " open" if any(entry.claim.standing == "refuted" for entry in entries) else ""
    return (
        f'<details class="beside" data-has="{has(entries)}"{opened}><summary>{marks(entries)}</summary>'
        f"{beside.show(entries)}</details>"
    )


# Code


def _code(body: Fragment, span: Span, beside: Beside) -> str:
    rows = []
    for text, start in zip(body.text.split("\n"), body.origins, strict=False):
        rows.append(_line(text, beside.source.position(start).line, beside.take(Span(start, start + 1)), beside))
    above = _after(beside.take(span), beside)
    return f'<div class="block code">{above}{"".join(rows)}</div>'


def _line(text: str, number: int, entries: Sequence[Entry], beside: Beside) -> str:
    shown = f'<span class="number">{number}</span><code>{safe(text.expandtabs(4)) or " "}</code>'
    links = "".join(
        f' <a href="#claim-{safe(entry.claim.id)}">{mark(entry.claim.standing)}</a>'
        for entry in beside.again.pop(number, ())
        if entry not in entries
    )
    if not entries:
        return f'<div class="line">{shown}<span class="marks">{links}</span></div>'
    opened = " open" if any(entry.claim.standing == "refuted" for entry in entries) else ""
    return (
        f'<details class="line" data-has="{has(entries)}"{opened}>'
        f'<summary>{shown}<span class="marks">{marks(entries)}{links}</span></summary>{beside.show(entries)}</details>'
    )


# Tables and lists


def _table(table: Table, beside: Beside) -> str:
    head = _after(beside.take(table.header.span), beside)
    rows = [_row(row, len(table.header.cells), beside) for row in table.rows]
    cells = "".join(f"<th>{_inline(cell)}</th>" for cell in table.header.cells)
    return (
        f'<div class="block table">{head}<table><thead><tr>{cells}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _row(row: Row, columns: int, beside: Beside) -> str:
    entries = beside.take(row.span)
    has_them = f' data-has="{has(entries)}"' if entries else ""
    cells = f"<tr{has_them}>{''.join(f'<td>{_inline(cell)}</td>' for cell in row.cells[:columns])}</tr>"
    if not entries:
        return cells
    return f'{cells}<tr class="verdicts"{has_them}><td colspan="{columns}">{_after(entries, beside)}</td></tr>'


def _list(block: ListBlock, beside: Beside) -> str:
    items = []
    for item in block.items:
        box = {None: "", True: "☑ ", False: "☐ "}[item.checked]
        number = f' value="{item.number}"' if item.number is not None and item.number < 1_000_000_000 else ""
        first, *others = item.blocks or (None,)
        if isinstance(first, Paragraph):
            inner = box + _prose(first.text) + _after(beside.take(first.span), beside)
        else:
            inner = box + (_block(first, beside) if first else "")
        items.append(f'<li{number} class="block">{inner}{"".join(_block(one, beside) for one in others if one)}</li>')
    tag = "ol" if block.ordered else "ul"
    return f'<{tag} class="block">{"".join(items)}</{tag}>'


# Prose


def _prose(text: Text) -> str:
    """A paragraph. Lines that each begin with a bold label stay lines."""
    lines = text.lines
    if len(lines) > 1 and all(line.text.startswith("**") for line in lines):
        return "<br>".join(_inline(line) for line in lines)
    return _inline(text)


def _inline(text: Text) -> str:
    written = text.text.replace("\\|", "|") if text.in_table else text.text
    if len(written) > _LONGEST:
        return safe(written)
    rendered: str = _MARKDOWN.renderInline(_UNSEEN.sub("\ufffd", written))
    return rendered


def _link(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _environment: EnvType
) -> str:
    """A link to a heading of the document or to another page; where it leads otherwise is only told."""
    target = str(tokens[index].attrGet("href") or "")
    if target.startswith("#"):
        return f'<a href="#doc-{safe(target[1:])}">'
    if _ELSEWHERE.match(target):
        return f'<a href="{safe(target)}" rel="noopener noreferrer">'
    return f'<a title="{safe(target)}">'


def _image(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _environment: EnvType
) -> str:
    return f'<span class="image">{safe(tokens[index].content)}</span>'


def _make_markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False})
    markdown.add_render_rule("link_open", _link)
    markdown.add_render_rule("image", _image)
    return markdown


_MARKDOWN = _make_markdown()
