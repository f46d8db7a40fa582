"""Where things are written: a source file and the spans inside it.

The only place that counts lines and columns.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from asbuilt.values import frozen


@frozen
class Span:
    """A half-open range of offsets, in characters, in one source file."""

    start: int
    end: int

    def to(self, other: "Span") -> "Span":
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@frozen
class Position:
    """A place as an editor shows it: line and column both count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """The text of one document, and the path it was read from."""

    path: Path
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    @property
    def line_count(self) -> int:
        return len(self._starts)

    def position(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def line_start(self, line: int) -> int:
        """The offset of the first character of a line (from 1); past the last line, the end of the text."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its line break."""
        start = self.line_start(number)
        return self.text[start : self.line_start(number + 1)].rstrip("\r\n")

    def cut(self, span: Span) -> str:
        return self.text[span.start : span.end]


@frozen
class Fragment:
    """Text cut out of a source line by line, which still knows where each character was written.

    A fence inside a list item loses its indentation; `origins` holds, for each line of `text`,
    the offset in the source of that line's first character.
    """

    text: str
    origins: tuple[int, ...]
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        object.__setattr__(self, "_starts", tuple(starts))

    @property
    def whole(self) -> Span:
        return self.span(0, len(self.text))

    def offset(self, at: int) -> int:
        """Where in the source the character at `at` in this fragment stands."""
        if len(self._starts) == 1 and self.origins and 0 <= at <= len(self.text):
            return self.origins[0] + at
        at = max(0, min(at, len(self.text)))
        line = bisect_right(self._starts, at) - 1
        if line >= len(self.origins):
            line = len(self.origins) - 1
        return self.origins[line] + at - self._starts[line] if self.origins else 0

    def span(self, start: int, end: int) -> Span:
        """The source span of `text[start:end]`, which never swallows the line break after it."""
        first = self.offset(start)
        return Span(first, max(first, self.offset(end)))

    def line_start(self, line: int) -> int:
        """Where in this fragment a line (from 1) begins."""
        return self._starts[min(line, len(self._starts)) - 1]

    def part(self, start: int, end: int) -> "Fragment":
        """The fragment for `text[start:end]`."""
        text = self.text[start:end]
        if "\n" not in text:
            return Fragment(text, (self.offset(start),))
        first = bisect_right(self._starts, start) - 1
        count = text.count("\n") + 1
        tail = (self.offset(begin) for begin in self._starts[first + 1 : first + count])
        return Fragment(text, (self.offset(start), *tail))
