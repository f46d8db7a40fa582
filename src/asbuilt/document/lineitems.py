"""Lines `Key: value` in a fence, nested by indentation, with `- ` for entries and `#` for comments."""

import re
from dataclasses import dataclass, field

from asbuilt.document.setting import Setting, setting_name
from asbuilt.document.text import Text, joined
from asbuilt.source import Fragment
from asbuilt.values import frozen

MAX_DEPTH = 32  # deeper lines count as being that deep
_KEY = re.compile(r"(?P<key>[^\s:#\-{}\[\],&*!|>%@`][^\n]{0,80}?)[ \t]*:(?=\s|$)[ \t]*")
_DASH = re.compile(r"[-*+][ \t]+")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))(?:#|//)(?=\s|$)")


@frozen
class LineSettings:
    """`unread` are the lines that are neither settings nor what follows one."""

    settings: tuple[Setting, ...]
    unread: tuple[Fragment, ...]


@dataclass(slots=True)
class _Open:
    """A setting whose children and further lines may still come."""

    indent: int
    key: Fragment
    lines: list[Fragment]
    children: list["_Open"] = field(default_factory=list)

    def closed(self) -> Setting:
        value = joined([Text(line) for line in self.lines if line.text] or [Text(self.lines[0])])
        key = Text(self.key)
        return Setting(setting_name(key.plain), key, value, tuple(child.closed() for child in self.children))


def read_lines(body: Fragment) -> LineSettings:
    """The settings of a fence, line by line."""
    root = _Open(-1, body.part(0, 0), [body.part(0, 0)])
    stack = [root]
    unread: list[Fragment] = []
    at = 0
    for line in body.text.split("\n"):
        start, at = at, at + len(line) + 1
        comment = _COMMENT.search(line)
        bare = line[: comment.start() if comment else len(line)].rstrip()
        if bare.strip() and not _take(stack, body, start, bare):
            unread.append(body.part(start, start + len(bare)))
    return LineSettings(tuple(child.closed() for child in root.children), tuple(unread))


def _take(stack: list[_Open], body: Fragment, start: int, line: str) -> bool:
    """Hang a line into the tree that the stack is the right edge of; False if it has no place there."""
    indent = len(line) - len(line.lstrip())
    dash = _DASH.match(line, indent)
    key = _KEY.match(line, dash.end() if dash else indent)
    end = start + len(line)
    if dash:
        value = body.part(end if key else start + dash.end(), end)
        _push(stack, indent, body.part(start + indent, start + indent), value)
        indent = dash.end()
    if key:
        name = body.part(start + key.start("key"), start + key.end("key"))
        _push(stack, indent, name, body.part(start + key.end(), end))
    elif not dash:
        # A deeper line without a key goes on with the value before it.
        if len(stack) == 1 or indent <= stack[-1].indent:
            return False
        stack[-1].lines.append(body.part(start + indent, end))
    return True


def _push(stack: list[_Open], indent: int, key: Fragment, value: Fragment) -> None:
    while len(stack) > 1 and (stack[-1].indent >= indent or len(stack) > MAX_DEPTH):
        stack.pop()
    opened = _Open(indent, key, [value])
    stack[-1].children.append(opened)
    stack.append(opened)
