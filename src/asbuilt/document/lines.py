"""The lines of a document as Markdown counts them, and where each was written."""

import re

from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

_BREAK = re.compile(r"\r\n?|\n")
_BLANK = " \t"
_MARK = "\ufeff"


@frozen
class Lines:
    """Lines without their breaks (any of LF, CR, CRLF); `starts` are offsets in the text as it was written."""

    texts: tuple[str, ...]
    starts: tuple[int, ...]

    def end(self, line: int) -> int:
        return self.starts[line] + len(self.texts[line])

    def span(self, first: int, last: int) -> Span:
        """The lines from `first` up to and without `last`, less the white space around them."""
        last = min(max(last, first + 1), len(self.texts))
        text = self.texts[first]
        start = self.starts[first] + len(text) - len(text.lstrip(_BLANK))
        while last > first + 1 and not self.texts[last - 1].strip(_BLANK):
            last -= 1
        return Span(start, max(start, self.starts[last - 1] + len(self.texts[last - 1].rstrip(_BLANK))))

    def prose(self, first: int, content: list[str]) -> Fragment:
        """Where the lines of prose `content` stand: each ends with its line, since only its beginning is cut."""
        origins, trimmed = [], []
        for line, text in enumerate(content, first):
            bare = text.strip(_BLANK)
            origins.append(self.starts[line] + len(self.texts[line].rstrip(_BLANK)) - len(bare))
            trimmed.append(bare)
        return Fragment("\n".join(trimmed), tuple(origins))

    def code(self, first: int, content: list[str]) -> Fragment:
        """Where the lines of code `content` stand, character by character.

        Of a tab that is indentation in part only, CommonMark keeps the rest as spaces: here the tab stays whole.
        """
        origins, kept = [], []
        for line, text in enumerate(content, first):
            exact = text
            for virtual in range(1, 4):
                if self.texts[line].endswith(exact):
                    break
                exact = "\t" + text[virtual:]
            origins.append(self.end(line) - len(exact))
            kept.append(exact)
        return Fragment("\n".join(kept), tuple(origins))


def split_lines(text: str) -> Lines:
    """The lines of a text; a byte order mark at its beginning belongs to none."""
    skipped = 1 if text.startswith(_MARK) else 0
    starts = (skipped, *(match.end() for match in _BREAK.finditer(text)))
    return Lines(tuple(_BREAK.split(text[skipped:])), starts)
