"""A piece of one source line as a terminal shows it, and the columns a span takes there."""

import unicodedata

from asbuilt.source import Source, Span
from asbuilt.values import frozen

TAB = 4
WIDTH = 120  # of an excerpt, in columns
LONGEST = 600  # characters of a message
_LEAD = 40  # what a cut line shows before the caret
_CUT = "…"
_JOINERS = "\u200c\u200d"
_REPLACEMENT = "\ufffd"


@frozen
class Excerpt:
    """`text` is what to print; `column` and `width` say where in it the span stands, counted in terminal columns."""

    line: int
    text: str
    column: int
    width: int


def visible(text: str) -> str:
    """Text without anything a terminal acts on: escapes and controls as pictures, tabs as spaces."""
    return "".join(_shown(char, 0)[0] for char in text)


def clipped(text: str) -> str:
    """Text that quotes a document, which may hold a name of any length, at a length that can be read."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}{_CUT}"


def excerpt(source: Source, line: int, span: Span) -> Excerpt:
    """The part of a span that stands on a line; where it is empty, one column marks the place."""
    start = source.line_start(line)
    length = len(source.line(line))
    first = min(max(span.start - start, 0), length)
    last = min(max(span.end - start, first), length)
    begin, end = _window(length, first, last)
    text, columns = _laid_out(source.text[start + begin : start + end])
    lead, tail = _CUT if begin else "", _CUT if end < length else ""
    column = columns[first - begin] + len(lead)
    width = columns[min(last, end) - begin] + len(lead) - column
    return Excerpt(line, f"{lead}{text}{tail}", column, max(1, width))


def _window(length: int, first: int, last: int) -> tuple[int, int]:
    """Which characters of a line to show, so that the span's beginning is among them."""
    if length <= WIDTH or last <= WIDTH - 1:
        return 0, min(length, WIDTH)
    begin = max(0, first - _LEAD)
    return begin, min(length, begin + WIDTH)


def _laid_out(text: str) -> tuple[str, list[int]]:
    """What to print for a text, and the column at which each character begins; the end is the last one."""
    shown: list[str] = []
    columns = [0]
    for char in text:
        picture, width = _shown(char, columns[-1])
        shown.append(picture)
        columns.append(columns[-1] + width)
    return "".join(shown), columns


def _shown(char: str, column: int) -> tuple[str, int]:
    """What to print for a character, and the columns that takes (Unicode Annex 11)."""
    if " " <= char <= "~":
        return char, 1
    if char == "\t":
        width = TAB - column % TAB
        return " " * width, width
    if char < " ":
        return chr(0x2400 + ord(char)), 1
    if char == "\x7f":
        return "\u2421", 1
    category = unicodedata.category(char)
    if category in ("Mn", "Me") or char in _JOINERS:
        return char, 0
    if category in ("Cc", "Cf", "Cs", "Zl", "Zp"):  # C1 controls, reordering marks, lone surrogates, line separators
        return _REPLACEMENT, 1
    return char, 2 if unicodedata.east_asian_width(char) in "WF" else 1
