"""Lists of parameters: `status: Status?, limit: Limit = 20, after: Cursor?`."""

import re
from collections.abc import Iterator, Mapping

from asbuilt.diagnostics import Hole
from asbuilt.language.annotations import read_annotation_text, read_default
from asbuilt.language.names import Name
from asbuilt.language.python import read_expression
from asbuilt.language.types import ABSENT, UNSET, Default, Scalar, ScalarKind, Type
from asbuilt.sections.api.model import Parameter, Place
from asbuilt.sections.api.notation.routes import untyped
from asbuilt.source import Fragment

_NAME = re.compile(r"\s*(?P<name>(?:[^\W\d]|\$)[\w$.-]*(?:\[\w*\])*)\s*(?P<optional>\?)?\s*(?P<colon>:)?")
_WORD = re.compile(r"[A-Za-z][\w-]*")
_JSON_WORDS: Mapping[str, Default] = {"true": True, "false": False, "null": None, "none": None}
_OPENERS, _CLOSERS = "([{", ")]}"


def read_parameters(text: Fragment, place: Place, holes: list[Hole]) -> tuple[Parameter, ...]:
    """The parameters in a list. `?` makes one optional; a default does as well."""
    found = (_parameter(item, place, holes) for item in split(text, ",\n"))
    return tuple(parameter for parameter in found if parameter is not None)


def split(text: Fragment, separators: str) -> Iterator[Fragment]:
    """The items between separators that stand in no brackets and no quotes, trimmed; empty ones are left out."""
    start, depth, quote = 0, 0, ""
    written = text.text
    for match in re.finditer(rf"[\"'()\[\]{{}}{re.escape(separators)}]", written):
        char, at = match.group(), match.start()
        if quote:
            quote = "" if char == quote and written[at - 1] != "\\" else quote
        elif char in "\"'":
            quote = char
        elif char in _OPENERS:
            depth += 1
        elif char in _CLOSERS:
            depth -= 1
        elif depth <= 0:
            if item := trimmed(text, start, at):
                yield item
            start = at + 1
    if item := trimmed(text, start, len(written)):
        yield item


def trimmed(text: Fragment, start: int, end: int) -> Fragment | None:
    """`text[start:end]` without the white space around it; None where nothing is left."""
    piece = text.text[start:end]
    bare = piece.strip()
    if len(bare) == len(text.text):
        return text if bare else None
    begin = start + len(piece) - len(piece.lstrip())
    return text.part(begin, begin + len(bare)) if bare else None


def _parameter(item: Fragment, place: Place, holes: list[Hole]) -> Parameter | None:
    match = _NAME.match(item.text)
    if match is None or (match.end() < len(item.text) and not match.group("colon") and item.text[match.end()] != "="):
        hint = "write `name`, `name: int`, `name: int?` or `name: int = 20`, with commas between them"
        holes.append(Hole(item.whole, f"`{item.text}` is not a parameter", hint))
        return None
    name = Name(match.group("name"), item.span(*match.span("name")))
    equals = _assignment(item.text, match.end())
    written = trimmed(item, match.end(), equals if equals >= 0 else len(item.text))
    optional = match.group("optional") is not None
    if match.group("colon") and written is None:
        hint = f"write `{name.text}: str`, or leave the colon out"
        holes.append(Hole(item.whole, f"`{name.text}` has no type behind its colon", hint))
    if written is not None and written.text.endswith("?"):
        optional = True
        written = trimmed(written, 0, len(written.text) - 1)
    default: Default = None if optional else UNSET
    type_, absent = untyped(name), False
    if written is not None:
        annotation = read_annotation_text(written, holes)
        type_, absent = annotation.type, annotation.absent
        default = annotation.default if annotation.default is not UNSET else default
    if equals >= 0:
        value = trimmed(item, equals + 1, len(item.text))
        default = _default(value, holes) if value is not None else default
        type_ = _guessed(type_, default) if written is None else type_
    if absent and default is UNSET:
        default = ABSENT
    return Parameter(name, place, type_, item.whole, default)


def _assignment(text: str, begin: int) -> int:
    """Where the `=` of the default stands: in no brackets and no quotes."""
    depth, quote = 0, ""
    for at in range(begin, len(text)):
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in _OPENERS:
            depth += 1
        elif char in _CLOSERS:
            depth -= 1
        elif char == "=" and depth <= 0:
            return at
    return -1


def _default(value: Fragment, holes: list[Hole]) -> Default:
    """A default as Python or JSON has it; a bare word is a string."""
    if value.text in _JSON_WORDS:
        return _JSON_WORDS[value.text]
    if value.text.isdecimal() and value.text.isascii() and len(value.text) < 20:
        return int(value.text)
    if _WORD.fullmatch(value.text) and value.text not in ("True", "False", "None", "Absent"):
        return value.text
    found = read_expression(value)
    if isinstance(found, Hole):
        hint = "write a number, `true`, `null`, or a string in quotes"
        holes.append(Hole(value.whole, f"`{value.text}` is not a default", hint))
        return ABSENT
    return read_default(*found, holes)


def _guessed(type_: Type, default: Default) -> Type:
    """The type that a default implies where none is written."""
    kinds: Mapping[type, ScalarKind] = {bool: "bool", int: "int", float: "float"}
    kind = kinds.get(type(default))
    return Scalar(kind, type_.span) if kind else type_
