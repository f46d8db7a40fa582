"""Markup inside prose, with exact offsets: CommonMark's code spans, links, autolinks, tags and emphasis.

Every pass is linear in the length of the prose, whatever stands in it.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from html import unescape

from asbuilt.values import frozen

_PUNCTUATION = r"[!-/:-@\[-`{-~]"
_MARK = re.compile(rf"\\{_PUNCTUATION}|\\\n|`+|!?\[|\]|<|\*+|_+|&")
_ESCAPE = re.compile(rf"\\({_PUNCTUATION})")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]{0,2000}|[\w.!#$%&'*+/=?^`{|}~-]{1,200}@[\w.-]{1,200})>")
_COMMENT = re.compile(r"<!--")
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,20})(?:\s+(?:open|hidden|[^\s<>=]{1,60}\s?=[^<>]{0,2000}))?\s{0,9}/?>")
_DEFINITION = re.compile(r"\[([^\[\]\n]{1,200})\]:[ \t]*([^\s<>]{1,2000})", re.MULTILINE)
_SPACE = re.compile(r"[ \t]*\n?[ \t]*")
_POINTED = re.compile(r"<((?:[^<>\n\\]|\\.){0,2000})>")
_TITLE = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|\((?:[^()\\]|\\.)*\)', re.DOTALL)
_MAX_BRACKETS = 32  # inside one another: images may nest, and each holds the text of those inside
_MAX_PARENTHESES = 32  # as markdown-it and cmark: more are no link


_ELEMENTS = """
a abbr area article aside audio b bdi bdo blockquote br button caption center cite code col colgroup data datalist dd
del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i
iframe img input ins kbd label legend li link main map mark meta meter nav object ol optgroup option output p picture
pre progress q rp rt ruby s samp script section select small source span strike strong style sub summary sup svg table
tbody td template textarea tfoot th thead time tr track tt u ul var video wbr
"""
# What else stands in angle brackets is no HTML but a placeholder or a type's parameters; `<Code>` is a placeholder too.
ELEMENTS = frozenset(_ELEMENTS.split()) | frozenset(_ELEMENTS.upper().split())


@frozen
class Code:
    """`start` and `end` hold what stands between the backticks, `text` is that as rendered."""

    text: str
    start: int
    end: int


@frozen
class Reference:
    text: str
    target: str
    whole: tuple[int, int]
    aim: tuple[int, int]
    image: bool


@frozen
class Found:
    """The markup of one piece of prose; `tags` are the offsets of HTML tags and comments, autolinks included."""

    plain: str
    codes: tuple[Code, ...]
    links: tuple[Reference, ...]
    tags: tuple[tuple[int, int], ...]


NOTHING_MARKED = re.compile(r"[^\\`\[\]<*_&]*")


def scan(text: str, *, in_table: bool = False) -> Found:
    """All markup of `text`. A row of a table escapes its pipes, in code spans too (GFM)."""
    if NOTHING_MARKED.fullmatch(text):
        return Found(text, (), (), ())
    scanner = _Scanner(text, in_table)
    scanner.run()
    return Found(scanner.plain(), tuple(scanner.codes), tuple(scanner.links), tuple(scanner.tags))


@dataclass(slots=True)
class _Scanner:
    text: str
    in_table: bool
    codes: list[Code] = field(default_factory=list)
    links: list[Reference] = field(default_factory=list)
    tags: list[tuple[int, int]] = field(default_factory=list)
    shown: list[tuple[int, int, str]] = field(default_factory=list)  # what replaces text[start:end] when read as plain
    brackets: list[tuple[int, int, bool]] = field(default_factory=list)  # start, end of the mark, image
    emphases: dict[str, list[list[int]]] = field(default_factory=lambda: {"*": [], "_": []})
    runs: dict[int, list[int]] | None = None
    closable: bool = True  # no comment is looked for to the end twice

    def run(self) -> None:
        at = 0
        while match := _MARK.search(self.text, at):
            at = self._step(match)
        if self.text.lstrip().startswith("[") and "]:" in self.text:
            self._definitions()

    def plain(self) -> str:
        pieces: list[str] = []
        at = 0
        for start, end, shown in sorted(self.shown):
            if start >= at:
                pieces += (self.text[at:start], shown)
                at = end
        return "".join((*pieces, self.text[at:]))

    def _step(self, match: re.Match[str]) -> int:
        mark, start, end = match.group(), match.start(), match.end()
        match mark[0]:
            case "\\":
                self.shown.append((start, end, mark[1]))
            case "`":
                return self._code(start, end)
            case "[" | "!":
                self.brackets.append((start, end, mark[0] == "!"))
                del self.brackets[:-_MAX_BRACKETS]
            case "]":
                return self._close_bracket(start)
            case "<":
                return self._angle(start)
            case "&":
                if entity := _ENTITY.match(self.text, start):
                    self.shown.append((start, entity.end(), unescape(entity.group())))
                    return entity.end()
            case _:
                self._emphasis(mark[0], start, end)
        return end

    def _code(self, start: int, end: int) -> int:
        """A code span ends at the next run of as many backticks; without one the run is plain text."""
        if self.runs is None:
            self.runs = defaultdict(list)
            for run in re.finditer("`+", self.text):
                self.runs[run.end() - run.start()].append(run.start())
        length = end - start
        closers = self.runs.get(length, [])
        following = bisect_right(closers, end - 1)
        if following == len(closers):
            return end
        close = closers[following]
        inner = self.text[end:close]
        pad = 1 if inner.startswith((" ", "\n")) and inner.endswith((" ", "\n")) and inner.strip(" \n") else 0
        text = self.text[end + pad : close - pad].replace("\n", " ")
        text = text.replace("\\|", "|") if self.in_table else text
        self.codes.append(Code(text, end + pad, close - pad))
        self.shown.append((start, close + length, text))
        return close + length

    def _angle(self, start: int) -> int:
        if autolink := _AUTOLINK.match(self.text, start):
            target, span = autolink.group(1), autolink.span(1)
            self.links.append(Reference(target, target, autolink.span(), span, image=False))
            self.shown.append((*autolink.span(), target))
            self.tags.append(autolink.span())
            return autolink.end()
        if _COMMENT.match(self.text, start):
            close = self.text.find("-->", start + 2) if self.closable else -1
            self.closable = close >= 0
            end = close + 3 if close >= 0 else start
        else:
            tag = _TAG.match(self.text, start)
            end = tag.end() if tag and tag.group(1) in ELEMENTS else start
        if end == start:
            return start + 1
        self.tags.append((start, end))
        self.shown.append((start, end, ""))
        return end

    def _close_bracket(self, at: int) -> int:
        if not self.brackets:
            return at + 1
        start, opened, image = self.brackets.pop()
        found = _destination(self.text, at + 1) if self.text.startswith("(", at + 1) else None
        if found is None:
            return at + 1
        aim, end = found
        label = self.text[opened:at]
        target = unescape(_ESCAPE.sub(r"\1", self.text[slice(*aim)]))
        self.links.append(Reference(label, target, (start, end), aim, image))
        self.shown += ((start, opened, ""), (at, end, ""))
        if not image:  # links hold no links
            self.brackets = [bracket for bracket in self.brackets if bracket[2]]
        return end

    def _emphasis(self, mark: str, start: int, end: int) -> None:
        before = self.text[start - 1] if start else " "
        after = self.text[end] if end < len(self.text) else " "
        inside_word = mark == "_" and before.isalnum() and after.isalnum()
        openers = self.emphases[mark]
        length = end - start
        if not before.isspace() and not inside_word:
            while openers and length:
                opener = openers[-1]
                taken = min(length, opener[1] - opener[0])
                self.shown += ((opener[1] - taken, opener[1], ""), (start, start + taken, ""))
                opener[1] -= taken
                start, length = start + taken, length - taken
                if opener[0] == opener[1]:
                    openers.pop()
        if length and not after.isspace() and not inside_word:
            openers.append([start, end])

    def _definitions(self) -> None:
        for match in _DEFINITION.finditer(self.text):
            if match.start() == 0 or self.text[match.start() - 1] == "\n":
                self.links.append(Reference(match.group(1), match.group(2), match.span(), match.span(2), image=False))


def _destination(text: str, at: int) -> tuple[tuple[int, int], int] | None:
    """The offsets of a link's target in `(target "title")`, and of what follows the parenthesis."""
    at = _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]  # matches the empty string too
    if pointed := _POINTED.match(text, at):
        aim, at = pointed.span(1), pointed.end()
    else:
        end = _bare_target(text, at)
        if end is None:
            return None
        aim, at = (at, end), end
    spaced = _SPACE.match(text, at).end()  # type: ignore[union-attr]
    if spaced > at and (title := _TITLE.match(text, spaced)):
        spaced = _SPACE.match(text, title.end()).end()  # type: ignore[union-attr]
    return (aim, spaced + 1) if text.startswith(")", spaced) else None


_TARGET_STOP = re.compile(r"[\s()\\\x00-\x1f<]")


def _bare_target(text: str, at: int) -> int | None:
    depth = 0
    while stop := _TARGET_STOP.search(text, at):
        char, at = stop.group(), stop.start()
        if char == "(":
            depth += 1
            if depth > _MAX_PARENTHESES:
                return None
        elif char == ")":
            if not depth:
                return at
            depth -= 1
        elif char == "\\" and at + 1 < len(text) and not text[at + 1].isspace():
            at += 1
        elif char != "\\":
            return at if not depth else None
        at += 1
    return None
