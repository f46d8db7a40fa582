"""The types of TypeScript: unions, intersections, generics, objects, literals."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Never

from asbuilt.diagnostics import Hole
from asbuilt.language.annotations import union
from asbuilt.language.json_schema import pascal
from asbuilt.language.types import (
    ABSENT,
    FREE,
    UNSET,
    Anything,
    Array,
    Choice,
    Constant,
    Constraints,
    Definition,
    Field,
    Map,
    Named,
    Null,
    Scalar,
    ScalarKind,
    Schema,
    Type,
    Union,
)
from asbuilt.language.typescript_mapped import MAPPED, mapped_fields, named_in
from asbuilt.source import Fragment, Span

MAX_NESTING = 60
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*")
_WORD = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
_STRING = re.compile(r"'((?:[^'\\\n]|\\.)*)'|\"((?:[^\"\\\n]|\\.)*)\"|`([^`$]*+)`")
_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?")
_MODIFIERS = re.compile(r"(?:(?:public|private|protected|readonly|static|declare|override)\s+)*")
_DECORATOR = re.compile(r"@[\w.]+")
_TAIL = re.compile(r"[ \t]*[;,]?[ \t]*(?://[ \t]*(?P<text>[^\n]*))?")
_SCALARS: dict[str, ScalarKind] = {
    "string": "str",
    "String": "str",
    "number": "float",
    "Number": "float",
    "boolean": "bool",
    "Boolean": "bool",
    "bigint": "int",
    "Date": "datetime",
    "Buffer": "bytes",
    "Uint8Array": "bytes",
    "UUID": "uuid",
    "Decimal": "decimal",
    "ISODateString": "datetime",
}
_ANYTHING = frozenset({"any", "unknown", "JSON", "JsonValue", "symbol"})
_ARRAYS = frozenset({"Array", "ReadonlyArray", "Set", "ReadonlySet", "List"})
_MAPS = frozenset({"Record", "Map", "ReadonlyMap"})
_TRANSPARENT = frozenset({"Promise", "Readonly", "Required", "NonNullable", "Awaited", "Observable"})
# What a comment behind a member says of its type: TypeScript has no word for it.
_REMARKS: tuple[tuple[ScalarKind, re.Pattern[str], ScalarKind], ...] = (
    ("str", re.compile(r"\buuid\b", re.IGNORECASE), "uuid"),
    ("str", re.compile(r"\biso[ -]?8601\b|\bdate-time\b", re.IGNORECASE), "datetime"),
    ("float", re.compile(r"\b(?:int|integer|cents)\b", re.IGNORECASE), "int"),
)


class NoTypeError(Exception):
    """A text is no type that is read here; `at` is where it stopped being one."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


@dataclass(slots=True)
class TypeReader:
    """Reads types from a place in a text. What it takes for any value is noted.

    `known` are schemas that this text or others declare; `wanted` names those that were looked for in vain.
    """

    fragment: Fragment
    known: Mapping[str, Schema] = field(default_factory=dict)
    at: int = 0
    depth: int = 0
    definitions: list[Definition] = field(default_factory=list)
    notes: list[Hole] = field(default_factory=list)
    defaulted: int = 0
    wanted: set[str] = field(default_factory=set)
    _text: str = field(init=False)

    def __post_init__(self) -> None:
        self._text = self.fragment.text

    def variables(self) -> tuple[str, ...]:
        """The names in `<T, U extends V = W>`; `defaulted` counts those with a default."""
        self.defaulted = 0
        if not self.take("<"):
            return ()
        names: list[str] = []
        while not self.take(">"):
            word = self._any_word()
            names.append(word)
            if self.word("extends"):
                self.type(word)
            if self.take("="):
                self.type(word)
                self.defaulted += 1
            self.take(",")
        return tuple(names)

    def members(self, owner: str) -> list[Field] | None:
        """The members between braces; None where there are methods: such a thing is no data."""
        self.expect("{")
        fields: list[Field] = []
        methods = False
        while not self.take("}"):
            if self.take(";") or self.take(","):
                continue
            if self._skip_decorator():
                continue
            start = self.at
            modifiers = _MODIFIERS.match(self._text, self.at)
            self.at = modifiers.end() if modifiers else self.at
            if self.peek() == "[":
                self._index_signature(owner)
                continue
            name, span = self.key()
            optional = self.take("?")
            self.take("!")
            if self.peek() in ("(", "<"):
                methods = True
                self._skip_method()
                continue
            self.expect(":")
            type_ = self.type(owner + pascal(name))
            if self.take("="):
                self._skip_value()
            type_, undefined = _without_undefined(type_)
            remark = self._remark()
            default = ABSENT if optional or undefined else UNSET
            fields.append(Field(name, _told(type_, remark), span.to(self.span(start)), default, description=remark))
        return None if methods else fields

    def _remark(self) -> str:
        """The comment behind a member, on its line."""
        end = self.at
        while end and self._text[end - 1] in " \t\n,;":
            end -= 1
        tail = _TAIL.match(self._text, end)
        return (tail.group("text") or "").strip() if tail else ""

    def _index_signature(self, owner: str) -> None:
        self.expect("[")
        while not self.take("]"):
            if self._ended():
                self.fail("a bracket is not closed")
            self.at += 1
            self.skip()
        self.take("?")
        self.expect(":")
        self.type(owner)

    def _skip_decorator(self) -> bool:
        match = _DECORATOR.match(self._text, self.at)
        if match is None:
            return False
        self.at = match.end()
        self.skip()
        if self.peek() == "(":
            self._skip_brackets()
        return True

    def _skip_method(self) -> None:
        if self.peek() == "<":
            self.variables()
        self._skip_brackets()
        if self.take(":"):
            self.type("")
        if self.peek() == "{":
            self._skip_brackets()

    def _skip_value(self) -> None:
        while not self._ended() and self.peek() not in (";", "}", ","):
            if self.peek() in ("(", "[", "{"):
                self._skip_brackets()
            else:
                string = _STRING.match(self._text, self.at)
                self.at = string.end() if string else self.at + 1
                if self._text[self.at - 1 : self.at] == "\n":
                    break
            self.skip()

    def _skip_brackets(self) -> None:
        depth = 0
        while not self._ended():
            char = self.peek()
            string = _STRING.match(self._text, self.at)
            self.at = string.end() if string else self.at + 1
            depth += (char in ("(", "[", "{")) - (char in (")", "]", "}"))
            self.skip()
            if depth <= 0:
                return

    def type(self, owner: str, *, top: bool = False) -> Type:
        """A union of intersections. `owner` names the objects inside."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            self.fail(f"it is nested deeper than {MAX_NESTING} levels")
        start = self.at
        self.take("|")
        options = [self._intersection(owner, top=top)]
        while self.take("|"):
            options.append(self._intersection(owner, top=False))
        self.depth -= 1
        if len(options) == 1:
            return options[0]
        return _united(options, self.span(start))

    def _intersection(self, owner: str, *, top: bool) -> Type:
        first = self._postfix(owner)
        if self.peek() != "&":
            return first
        parts = [first]
        while self.take("&"):
            parts.append(self._postfix(owner))
        joined = Joined(tuple(parts), first.span)
        for part in parts:
            schema = next((d for d in self.definitions if isinstance(part, Named) and d.name == part.name), None)
            if isinstance(schema, Schema) and part.span == schema.name_span:
                joined.fields.extend(schema.fields)
                self.definitions.remove(schema)
                joined.parts = tuple(other for other in joined.parts if other is not part)
        if top:
            return joined  # type: ignore[return-value]  # the caller asked for it
        bases = tuple(part for part in joined.parts if isinstance(part, Named))
        at = Span(first.span.start, first.span.start)
        self.definitions.append(Schema(owner, tuple(joined.fields), first.span, at, bases=bases))
        return Named(owner, at)

    def _postfix(self, owner: str) -> Type:
        start = self.at
        type_ = self.primary(owner)
        while self.peek() == "[":
            self.at += 1
            self.skip()
            if not self.take("]"):
                self.fail("indexed types are not followed")
            type_ = Array(type_, self.span(start))
        return type_

    def primary(self, owner: str) -> Type:
        start, char = self.at, self.peek()
        if char == "{":
            return self._object(owner, start)
        if char == "[":
            return self._tuple(owner, start)
        if char == "(":
            self.at += 1
            self.skip()
            inner = self.type(owner)
            self.expect(")")
            if self._text.startswith("=>", self.at):
                self.fail("functions are no data")
            return inner
        if _STRING.match(self._text, start) or _NUMBER.match(self._text, start):
            value = self.literal()
            return Choice((value,), self.span(start))
        word = self._any_word()
        if word == "readonly":
            return self._postfix(owner)
        if word in ("keyof", "typeof", "infer", "unique"):
            self.fail(f"`{word}` is not followed")
        span = self.span(start)
        if self.peek() == "<" and word not in ("true", "false", "null"):
            return self._generic(word, owner, span)
        return _word_type(word, span)

    def _object(self, owner: str, start: int) -> Type:
        at = self.at
        fields = self.members(owner)
        if fields is None:
            self.fail("methods are no data")
        span = self.span(start)
        if not fields:
            inner = re.match(r"\{\s*\[[^\]]*\]\s*:\s*", self._text[at:])
            if inner:
                end, self.at = self.at, at + inner.end()
                value = self.type(owner)
                self.at = end
                return Map(value, span)
            return Map(Anything(span), span)
        name_span = Span(span.start, span.start)
        self.definitions.append(Schema(owner, tuple(fields), span, name_span))
        return Named(owner, name_span)

    def _tuple(self, owner: str, start: int) -> Type:
        self.expect("[")
        items: list[Type] = []
        while not self.take("]"):
            items.append(self.type(owner))
            self.take(",")
        span = self.span(start)
        count = Constraints(min_length=len(items), max_length=len(items))
        return Array(union(items, span) if items else Anything(span), span, count)

    def _generic(self, word: str, owner: str, name_span: Span) -> Type:
        self.expect("<")
        arguments: list[Type] = []
        while not self.take(">"):
            if self._ended():
                self.fail("a bracket is not closed")
            arguments.append(self.type(owner))
            self.take(",")
        span = Span(name_span.start, self.fragment.offset(self.at))
        if word in _ARRAYS and len(arguments) == 1:
            return Array(arguments[0], span, Constraints(unique=True) if "Set" in word else FREE)
        if word in _MAPS and len(arguments) == 2:
            return Map(arguments[1], span)
        if word in MAPPED and (mapped := self._mapped(word, arguments, owner, span)):
            return mapped
        if word in _TRANSPARENT and len(arguments) == 1:
            return arguments[0]
        if word in ("Partial", "Pick", "Omit", "Exclude", "Extract", "ReturnType", "Parameters"):
            self.notes.append(Hole(name_span, f"`{word}` is not computed: any value is taken", "write the members out"))
            return Anything(span)
        return Named(word, name_span, tuple(arguments))

    def _mapped(self, word: str, arguments: list[Type], owner: str, span: Span) -> Type | None:
        """What a mapped type makes of a schema, as a schema called after its owner."""
        fields = mapped_fields(word, arguments, self._schema_of)
        if fields is None:
            return None
        inner = self._schema_of(arguments[0])
        if inner and inner.name_span == arguments[0].span and inner in self.definitions:
            self.definitions.remove(inner)  # it was only a step on the way
        at = Span(span.start, span.start)
        self.definitions.append(Schema(owner, fields, span, at))
        return Named(owner, at)

    def _schema_of(self, type_: Type) -> Schema | None:
        name = named_in(type_)
        if not name:
            return None
        inside = (d for d in self.definitions[-3:] if isinstance(d, Schema) and d.name_span == type_.span)
        found = next(inside, None) or self.known.get(name)
        if found is None:
            self.wanted.add(name)
        return found

    def literal(self) -> Constant:
        string = _STRING.match(self._text, self.at)
        if string:
            self.at = string.end()
            self.skip()
            return next(group for group in string.groups() if group is not None)
        number = _NUMBER.match(self._text, self.at)
        if number is None:
            return self.fail("a value is missing")
        self.at = number.end()
        self.skip()
        return float(number.group()) if "." in number.group() else int(number.group())

    def key(self) -> tuple[str, Span]:
        start = self.at
        match = _STRING.match(self._text, start) or _WORD.match(self._text, start)
        if match is None:
            self.fail("a member has no name")
        quoted = match.group()[0] in "'\"`"
        self.at = match.end()
        span = self.fragment.span(start + quoted, match.end() - quoted)
        self.skip()
        return match.group()[1:-1] if quoted else match.group(), span

    def skip(self) -> None:
        match = _SPACE.match(self._text, self.at)
        self.at = match.end() if match else self.at

    def peek(self) -> str:
        return self._text[self.at : self.at + 1]

    def _ended(self) -> bool:
        return self.at >= len(self._text)

    def take(self, mark: str) -> bool:
        if not self._text.startswith(mark, self.at):
            if self._ended() and mark in ("}", "]", ">", ")"):
                self.fail("a bracket is not closed")
            return False
        self.at += len(mark)
        self.skip()
        return True

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            self.fail(f"`{mark}` is missing")

    def word(self, word: str) -> bool:
        match = _WORD.match(self._text, self.at)
        if match is None or match.group() != word:
            return False
        self.at = match.end()
        self.skip()
        return True

    def _any_word(self) -> str:
        match = _WORD.match(self._text, self.at)
        if match is None:
            return self.fail("a type is missing")
        self.at = match.end()
        self.skip()
        return match.group()

    def span(self, start: int) -> Span:
        end = len(self._text[start : self.at].rstrip()) + start
        return self.fragment.span(start, end)

    def fail(self, message: str) -> Never:
        raise NoTypeError(self.at, message)


@dataclass(slots=True)
class Joined:
    """`A & B & {...}`: bases, and members of their own."""

    parts: tuple[Type, ...]
    span: Span
    fields: list[Field] = field(default_factory=list)


def _word_type(word: str, span: Span) -> Type:
    name = word.rpartition(".")[2]
    if name in _SCALARS:
        return Scalar(_SCALARS[name], span)
    if name in _ANYTHING:
        return Anything(span)
    if name in ("null", "undefined", "void", "never"):
        return Null(span) if name == "null" else Named("undefined", span)
    if name in ("true", "false"):
        return Choice((name == "true",), span)
    if name in ("object", "Object"):
        return Map(Anything(span), span)
    return Named(name, span)


def _united(options: list[Type], span: Span) -> Type:
    """A union, constants gathered into one choice."""
    values: list[Constant] = []
    others: list[Type] = []
    for option in options:
        if isinstance(option, Choice) and option.constraints == FREE:
            values += option.values
        else:
            others.append(option)
    chosen: list[Type] = [Choice(tuple(dict.fromkeys(values)), span)] if values else []
    if set(values) == {True, False} and all(isinstance(value, bool) for value in values):
        chosen = [Scalar("bool", span)]
    return union([*chosen, *others], span)


def _without_undefined(type_: Type) -> tuple[Type, bool]:
    """The type without `undefined`, which means that a member may be left out."""
    if isinstance(type_, Union):
        kept = [o for o in type_.options if not (isinstance(o, Named) and o.name == "undefined")]
        if len(kept) < len(type_.options):
            return (union(kept, type_.span) if kept else Anything(type_.span)), True
    if isinstance(type_, Named) and type_.name == "undefined":
        return Anything(type_.span), True
    return type_, False


def _told(type_: Type, remark: str) -> Type:
    if isinstance(type_, Scalar):
        for kind, pattern, told in _REMARKS:
            if type_.kind == kind and pattern.search(remark):
                return replace(type_, kind=told)
    if isinstance(type_, Union) and remark:
        return replace(type_, options=tuple(_told(option, remark) for option in type_.options))
    return type_
