"""JSON as people write it in documents: comments, trailing commas, `...`, and types where values will be.

`{"code": "OUT_OF_STOCK", "sku": Sku, "available": int}` has two holes. So does `{ email, password }`.
"""

import re
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

from asbuilt.diagnostics import Hole
from asbuilt.language.names import Name
from asbuilt.language.types import Constant
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

MAX_NESTING = 60
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|#[^\n]*)*")
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'')
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,400})(?:\.\d{1,400})?(?:[eE][+-]?\d{1,4})?(?=[\s,\]}#/]|$)")
_KEY = re.compile(r"[A-Za-z_$@][\w$@.\-]*")
_WORDS: dict[str, Constant] = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
_WORD = re.compile(r"(?:true|false|null|True|False|None)(?=\s*(?:[,\]}#/]|\n|$))")
_ELLIPSIS = re.compile(r"\.{3}|…")
_REMARK = re.compile(r"\([^()\n]*\)\s*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@frozen
class JsonConstant:
    value: Constant
    span: Span


@frozen
class JsonHole:
    """What stands where a value should, a type mostly: `int`, `Status | None`, `"a" | "b"`; empty for a bare key."""

    text: Fragment

    @property
    def span(self) -> Span:
        return self.text.whole


@frozen
class JsonMember:
    name: Name
    value: "Json"
    optional: bool = False


@frozen
class JsonObject:
    """`open` says that `...` stands for further members."""

    members: tuple[JsonMember, ...]
    span: Span
    open: bool = False

    def member(self, name: str) -> "Json | None":
        return next((member.value for member in self.members if member.name.text == name), None)


@frozen
class JsonArray:
    items: tuple["Json", ...]
    span: Span
    open: bool = False


Json: TypeAlias = JsonObject | JsonArray | JsonConstant | JsonHole


class _UnreadableError(Exception):
    def __init__(self, hole: Hole) -> None:
        super().__init__(hole.message)
        self.hole = hole


def read_json(fragment: Fragment) -> Json | Hole:
    """The one value a text holds."""
    found = read_json_at(fragment, 0)
    if isinstance(found, Hole):
        return found
    value, end = found
    if end < len(fragment.text):
        stop = fragment.text.find("\n", end)
        rest = fragment.span(end, stop if stop >= 0 else len(fragment.text))
        return Hole(rest, "something stands behind the end of the JSON value")
    return value


def read_json_at(fragment: Fragment, at: int) -> tuple[Json, int] | Hole:
    """The value that begins at an offset, and the offset of what follows it and the white space behind it."""
    parser = _Parser(fragment)
    try:
        parser.at = parser.past_space(at)
        value = parser.value()
    except _UnreadableError as fault:
        return fault.hole
    return value, parser.past_space(parser.at)


@dataclass(slots=True)
class _Parser:
    fragment: Fragment
    at: int = 0
    depth: int = 0
    _text: str = field(init=False)

    def __post_init__(self) -> None:
        self._text = self.fragment.text

    def past_space(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def value(self) -> Json:
        start = self.at
        char = self._text[start : start + 1]
        if char == "{":
            return self._object()
        if char == "[":
            return self._array()
        string = _STRING.match(self._text, start)
        if string and self._ends(string.end()):
            self.at = string.end()
            return JsonConstant(_unescaped(string.group(1) or string.group(2) or ""), self._span(start))
        number = _NUMBER.match(self._text, start)
        if number and self._ends(number.end()):
            self.at = number.end()
            written = number.group()
            value = float(written) if any(mark in written for mark in ".eE") else int(written)
            return JsonConstant(value, self._span(start))
        word = _WORD.match(self._text, start)
        if word:
            self.at = word.end()
            return JsonConstant(_WORDS[word.group()], self._span(start))
        return self._hole()

    def _ends(self, at: int) -> bool:
        """Whether a constant ends here: `"a" | "b"` goes on."""
        return self._text[self.past_space(at) :][:1] not in ("|", "(") and not self._text.startswith(" or ", at)

    def _object(self) -> JsonObject:
        start = self._open()
        members: list[JsonMember] = []
        is_open = False
        while True:
            self.at = self.past_space(self.at)
            char = self._text[self.at : self.at + 1]
            if char == "}":
                break
            if char in (",", ";"):
                self.at += 1
            elif ellipsis := _ELLIPSIS.match(self._text, self.at):
                is_open, self.at = True, ellipsis.end()
                spread = _KEY.match(self._text, self.at)
                self.at = spread.end() if spread else self.at
            else:
                members.append(self._member())
        self._close()
        return JsonObject(tuple(members), self._span(start), is_open)

    def _member(self) -> JsonMember:
        string = _STRING.match(self._text, self.at)
        key = string or _KEY.match(self._text, self.at)
        if key is None:
            self._fail("a name of a member is missing here", 'write `"name": value`')
        written = _unescaped(string.group(1) or string.group(2) or "") if string else key.group()
        inset = 1 if string else 0
        name = Name(written, self.fragment.span(key.start() + inset, key.end() - inset))
        self.at = self.past_space(key.end())
        optional = self._text.startswith("?", self.at) or self._text.startswith("*", self.at)
        if optional:
            self.at = self.past_space(self.at + 1)
        remark = _REMARK.match(self._text, self.at) if not string else None
        self.at = remark.end() if remark else self.at
        if self._text.startswith(":", self.at):
            self.at = self.past_space(self.at + 1)
            return JsonMember(name, self.value(), optional)
        if self._text[self.at : self.at + 1] in (",", "}", ";") and not string:
            return JsonMember(name, JsonHole(self.fragment.part(key.end(), key.end())), optional)
        return self._fail("a colon is missing here", f'write `"{written}": value`')

    def _array(self) -> JsonArray:
        start = self._open()
        items: list[Json] = []
        is_open = False
        while True:
            self.at = self.past_space(self.at)
            char = self._text[self.at : self.at + 1]
            if char == "]":
                break
            if char == ",":
                self.at += 1
            elif ellipsis := _ELLIPSIS.match(self._text, self.at):
                is_open, self.at = True, ellipsis.end()
            else:
                items.append(self.value())
        self._close()
        return JsonArray(tuple(items), self._span(start), is_open)

    def _open(self) -> int:
        start = self.at
        self.depth += 1
        if self.depth > MAX_NESTING:
            self._fail(f"brackets are nested deeper than {MAX_NESTING} levels", "name the inner parts")
        self.at += 1
        return start

    def _close(self) -> None:
        self.depth -= 1
        self.at += 1

    def _hole(self) -> JsonHole:
        """Text up to the next comma, bracket or line break that stands in no brackets of its own."""
        start, depth, at = self.at, 0, self.at
        while at < len(self._text):
            char = self._text[at]
            if char in "\"'":
                string = _STRING.match(self._text, at)
                at = string.end() if string else at + 1
                continue
            if depth <= 0 and (char in ",}]\n;" or self._text.startswith("//", at) or self._text.startswith(" #", at)):
                break
            depth += (char in "[({<") - (char in "])}>" and depth > 0)
            at += 1
        end = start + len(self._text[start:at].rstrip())
        if end == start:
            self._fail("a value is missing here", "write a value, or the name of a type")
        self.at = at
        return JsonHole(self.fragment.part(start, end))

    def _span(self, start: int) -> Span:
        return self.fragment.span(start, self.at)

    def _fail(self, message: str, hint: str = "") -> NoReturn:
        end = len(self._text)
        if self.at >= end:
            last = len(self._text.rstrip())
            raise _UnreadableError(
                Hole(self.fragment.span(max(0, last - 1), last), "the JSON value ends too early", "close its brackets")
            )
        raise _UnreadableError(Hole(self.fragment.span(self.at, self.at + 1), message, hint))


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda m: chr(int(m.group(1), 16)) if m.group(1) else _ESCAPES.get(m.group(2), m.group(2)), text)
