"""Prose, with what is marked up inside it: code spans, links, labels."""

import re
from collections.abc import Sequence
from dataclasses import field

from asbuilt.document.inline import Found, scan
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

_LABEL = re.compile(
    r"[ \t]*(?P<mark>\*\*|__)(?P<label>[^\n*]{1,200}?)(?P<inner>[ \t]*:)?(?P=mark)"
    r"(?:[ \t]*(?P<note>\([^()\n]{0,200}\)))?"
    r"(?(inner)[ \t]*|[ \t]*(?P<outer>:|[-–—](?=[ \t]))[ \t]*)"
)


@frozen
class CodeSpan:
    """A code span: `text` as rendered, `span` of what stands between the backticks.

    `fragment` has the length of the source: where a table cell escapes a pipe, it holds a space before the pipe.
    """

    text: str
    fragment: Fragment

    @property
    def span(self) -> Span:
        return self.fragment.whole


@frozen
class Link:
    """A link, an image, an autolink or a link definition; `span` holds its text and its target."""

    text: str
    target: str
    span: Span
    target_span: Span
    image: bool = False


@frozen
class Label:
    """The bold label that prose begins with, as in `**Language**: Python`, and what follows it.

    `note` is what stands in parentheses between the label and its colon.
    """

    name: "Text"
    note: "Text | None"
    rest: "Text"


@frozen
class Text:
    """Prose as written, each line without the white space around it; markup is found when it is asked for."""

    fragment: Fragment
    in_table: bool = False
    _found: Found | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def text(self) -> str:
        return self.fragment.text

    @property
    def span(self) -> Span:
        return self.fragment.whole

    @property
    def found(self) -> Found:
        found = self._found
        if found is None:
            found = scan(self.fragment.text, in_table=self.in_table)
            object.__setattr__(self, "_found", found)
        return found

    @property
    def plain(self) -> str:
        """What a reader sees: without emphasis, backticks, link targets and tags; escapes resolved."""
        return self.found.plain

    @property
    def code_spans(self) -> tuple[CodeSpan, ...]:
        return tuple(CodeSpan(code.text, self._masked(code.start, code.end)) for code in self.found.codes)

    @property
    def links(self) -> tuple[Link, ...]:
        cut = self.fragment.span
        return tuple(
            Link(link.text, link.target, cut(*link.whole), cut(*link.aim), link.image) for link in self.found.links
        )

    @property
    def label(self) -> Label | None:
        """The bold label at the beginning: its colon may stand inside or outside, a dash serves as well."""
        match = _LABEL.match(self.text)
        if match is None:
            return None
        note = match.group("note")
        return Label(
            name=self.part(match.start("label"), match.end("label")),
            note=self.part(match.start("note"), match.end("note")) if note else None,
            rest=self.part(match.end(), len(self.text)),
        )

    @property
    def lines(self) -> tuple["Text", ...]:
        if "\n" not in self.text:
            return (self,)
        starts = [0, *(at.end() for at in re.finditer("\n", self.text))]
        ends = [*(start - 1 for start in starts[1:]), len(self.text)]
        return tuple(self.part(start, end) for start, end in zip(starts, ends, strict=True))

    def part(self, start: int, end: int) -> "Text":
        return Text(self.fragment.part(start, end), self.in_table)

    def _masked(self, start: int, end: int) -> Fragment:
        cut = self.fragment.part(start, end)
        return Fragment(cut.text.replace("\\|", " |"), cut.origins) if self.in_table else cut


def joined(lines: Sequence[Text]) -> Text:
    """Lines as one prose, which still knows where each was written."""
    if len(lines) == 1:
        return lines[0]
    whole = Fragment(
        "\n".join(line.text for line in lines), tuple(at for line in lines for at in line.fragment.origins)
    )
    return Text(whole, lines[0].in_table)
