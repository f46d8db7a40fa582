"""Types read off examples: what an author shows instead of saying it. They are guesses, and marked so."""

import re
from dataclasses import dataclass, field, replace

from asbuilt.language.json_schema import pascal
from asbuilt.language.names import singular, snake
from asbuilt.language.shapes import Json, JsonArray, JsonConstant, JsonHole, JsonMember, JsonObject
from asbuilt.language.type_words import read_type_words
from asbuilt.language.types import (
    ABSENT,
    UNSET,
    Anything,
    Array,
    Choice,
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
from asbuilt.source import Span

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
# What people put into the quotes of an example when they mean the type, not a value.
_WORDS: dict[str, ScalarKind] = {
    "string": "str",
    "number": "float",
    "integer": "int",
    "int": "int",
    "boolean": "bool",
    "bool": "bool",
    "uuid": "uuid",
    "iso8601": "datetime",
    "datetime": "datetime",
    "timestamp": "datetime",
    "float": "float",
    "decimal": "decimal",
}
_OPTIONS = re.compile(r"[\w.\-]{1,60}(?:\s*\|\s*[\w.\-]{1,60})+")


@dataclass(slots=True)
class Inference:
    """Reads types off examples. Objects become schemas named after where they stand."""

    definitions: list[Definition] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    _counts: dict[str, int] = field(default_factory=dict)

    def schema(self, value: JsonObject, name: str, name_span: Span) -> Schema:
        """The schema of which an object is an example, added to the definitions."""
        self.taken.add(name)
        fields: dict[str, Field] = {}
        for member in value.members:
            fields.setdefault(member.name.text, self._field(member, name))
        found = Schema(name, tuple(fields.values()), value.span, name_span, inferred=True)
        self.definitions.append(found)
        return found

    def type(self, value: Json, owner: str) -> Type:
        """The type of which a value is an example."""
        match value:
            case JsonConstant():
                return _of_constant(value)
            case JsonHole():
                return self._of_hole(value, owner)
            case JsonArray():
                return Array(self._item(value, owner), value.span)
            case JsonObject(members=()):
                return Map(Anything(value.span), value.span)
            case JsonObject():
                name = self.unique(owner)
                at = Span(value.span.start, value.span.start)
                self.schema(value, name, at)
                return Named(name, at)

    def unique(self, wanted: str) -> str:
        """The name, with a number where it is taken."""
        wanted = wanted or "Body"
        name = wanted
        while name in self.taken:
            count = self._counts[wanted] = self._counts.get(wanted, 1) + 1
            name = f"{wanted}{count}"
        return name

    def _field(self, member: JsonMember, owner: str) -> Field:
        type_ = self.type(member.value, owner + pascal(member.name.text))
        absent = isinstance(type_, Null)
        if absent:
            type_ = Anything(type_.span)
        span = member.name.span.to(member.value.span)
        return Field(member.name.text, type_, span, ABSENT if member.optional else UNSET)

    def _item(self, value: JsonArray, owner: str) -> Type:
        """The type of the items: that of the first; members that others lack may be left out."""
        if not value.items:
            return Anything(value.span)
        name = _one_of(owner)
        first = self.type(value.items[0], name)
        objects = [item for item in value.items if isinstance(item, JsonObject)]
        if not isinstance(first, Named) or len(objects) < 2:
            return first
        schema = self.definitions[-1]  # an object is defined after those inside it
        if isinstance(schema, Schema):
            common = set.intersection(*({member.name.text for member in item.members} for item in objects))
            fields = tuple(f if f.name in common else replace(f, default=ABSENT) for f in schema.fields)
            self.definitions[-1] = replace(schema, fields=fields)
        return first

    def _of_hole(self, hole: JsonHole, owner: str) -> Type:
        text = hole.text
        if not text.text:
            return Anything(text.whole)
        found = read_type_words(text, owner)
        if found is None:
            return Anything(text.whole)
        type_, definitions = found
        self.definitions += definitions
        self.taken |= {definition.name for definition in definitions}
        return type_


def _one_of(owner: str) -> str:
    return pascal(singular(snake(owner))) if owner else "Item"


def _of_constant(value: JsonConstant) -> Type:
    span = value.span
    match value.value:
        case bool():
            return Scalar("bool", span)
        case int():
            return Scalar("int", span)
        case float():
            return Scalar("float", span)
        case None:
            return Null(span)
        case str() as text:
            return _of_text(text, span)


def _of_text(text: str, span: Span) -> Type:
    word = text.strip("<>{}").casefold().replace(" ", "").replace("-", "")
    if word in _WORDS:
        return Scalar(_WORDS[word], span)
    if _UUID.fullmatch(text):
        return Scalar("uuid", span)
    if _DATETIME.fullmatch(text):
        return Scalar("datetime", span)
    if _DATE.fullmatch(text):
        return Scalar("date", span)
    if len(text) < 400 and _OPTIONS.fullmatch(text):
        return _of_options([option.strip() for option in text.split("|")], span)
    return Scalar("str", span)


def _of_options(options: list[str], span: Span) -> Type:
    """`"customer | vendor"` lists values, `"string | null"` lists types."""
    if "null" in options:
        kept = [option for option in options if option != "null"]
        inner = _of_text(kept[0], span) if len(kept) == 1 else _of_options(kept, span)
        return Union((inner, Null(span)), span)
    if all(option in _WORDS for option in options):
        return Anything(span)
    return Choice(tuple(options), span)
