"""The tokens of a line about transitions: names, arrows of every kind, what stands in brackets."""

import re

from asbuilt.diagnostics import Hole
from asbuilt.language.names import Name
from asbuilt.source import Fragment
from asbuilt.values import frozen

_TO = r"\b(?:(?:may|can|must|could)[ ])?(?:transition|move|change|go)(?:s|es)?[ ]to\b"
ARROW = re.compile(rf"[-=─━–—]+[>▶►→➤]|[→⇒⟶➔➜⟹➝▶►]|{_TO}")
_TOKEN = re.compile(
    rf"""
      (?P<space>\s+|\*\*|__(?=\W|$))
    | (?P<start>\[\*\])
    | (?P<labelled>-{{1,20}}\[(?P<inner>[^\]\[\n]{{1,80}})\]-{{1,20}}>
                 |-{{2,20}}[ ]?(?P<between>[A-Za-z_][\w. ]{{0,60}}?)[ ]?-{{1,20}}>)
    | (?P<both><[-=─]{{1,20}}>|[↔⇄⇔])
    | (?P<back><[-=─]{{1,20}}|[←⇐⟵])
    | (?P<arrow>[-=─━–—]{{1,20}}[>▶►→➤]|[→⇒⟶➔➜⟹➝▶►]|{_TO})
    | (?P<quoted>"[^"\n]*"|'[^'\n]*'|“[^”\n]*”|`[^`\n]+`)
    | (?P<variable>\$\{{\w+\}})
    | (?P<word>[\w.$]+(?:-(?![-=]*[>\]\[])[\w.]+)*(?:\(\))?|\*)
    | (?P<mark>[/,;:|·•])
    """,
    re.VERBOSE,
)
_QUOTES = re.compile(r"""'[^']*(?:''[^']*)*'(?!')|"[^"]*+\"""")
_CLOSING = {"[": "]", "(": ")"}


@frozen
class Token:
    """`text` is what it says: of a quoted name its content, of a labelled arrow its label."""

    kind: str
    text: str
    start: int
    end: int
    fragment: Fragment

    @property
    def name(self) -> Name:
        return Name(self.text, self.fragment.whole)


class Misread(Exception):  # noqa: N818 - never leaves the notation
    """A line that cannot be read, and where it stops being readable."""

    def __init__(self, hole: Hole) -> None:
        super().__init__(hole.message)
        self.hole = hole


def tokens(line: Fragment) -> list[Token]:
    """The tokens of a line, an `end` after them. Raises `Misread` at what is none."""
    found: list[Token] = []
    text, at = line.text, 0
    inside = False  # of a code span around a whole chain
    while at < len(text):
        if text[at] in _CLOSING and not text.startswith("[*]", at):
            end = _closed(line, at)
            found.append(_token(line, "bracket" if text[at] == "[" else "paren", at, end, at + 1, end - 1))
            at = end
            continue
        match = _TOKEN.match(text, at)
        kind = (match.lastgroup or "") if match else ""
        if text[at] == "`" and (match is None or ARROW.search(match.group())):
            if inside:
                found.append(_token(line, "tick", at, at + 1, at, at))
            inside = not inside
            at += 1
            continue
        if match is None:
            raise Misread(Hole(line.span(at, at + 1), f"`{text[at]}` has no meaning in a transition"))
        if kind in ("inner", "between", "labelled"):
            group = "inner" if match["inner"] else "between"
            found.append(_token(line, "arrow", match.start(), match.end(), *match.span(group)))
        elif kind == "quoted":
            found.append(_token(line, "quoted", match.start(), match.end(), match.start() + 1, match.end() - 1))
        elif kind == "arrow":
            found.append(_token(line, kind, match.start(), match.end(), match.end(), match.end()))
        elif kind != "space":
            found.append(_token(line, kind, match.start(), match.end(), match.start(), match.end()))
        at = match.end()
    found.append(_token(line, "end", len(text), len(text), len(text), len(text)))
    return found


def _token(line: Fragment, kind: str, start: int, end: int, first: int, last: int) -> Token:
    said = line.part(first, last)
    cut = len(said.text) - len(said.text.lstrip())
    bare = said.part(cut, max(cut, len(said.text.rstrip())))
    return Token(kind, bare.text, start, end, bare)


def _closed(line: Fragment, at: int) -> int:
    """Where what opens at `at` is closed; quotes and brackets inside of it are its own."""
    text = line.text
    opening, closing = text[at], _CLOSING[text[at]]
    depth, here = 0, at
    while here < len(text):
        quoted = _QUOTES.match(text, here) if text[here] in "'\"" else None
        if quoted:
            here = quoted.end()
            continue
        depth += (text[here] == opening) - (text[here] == closing)
        here += 1
        if depth == 0:
            return here
    raise Misread(Hole(line.span(at, len(text)), f"`{opening}` is never closed", f"close it with `{closing}`"))
