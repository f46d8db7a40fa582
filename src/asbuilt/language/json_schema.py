"""JSON Schema, and the dialect of OpenAPI 3.0, as types: https://json-schema.org/draft/2020-12/json-schema-validation.

References are followed by name and within the document only, never to another file or the network.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from asbuilt.diagnostics import Hole, nearest
from asbuilt.document.yamltree import Mapping, Node, Sequence
from asbuilt.document.yamltree import Scalar as Leaf
from asbuilt.language.annotations import union
from asbuilt.language.constraints import Unenforced, pattern_hole
from asbuilt.language.names import snake
from asbuilt.language.scalars import EMAIL
from asbuilt.language.types import (
    ABSENT,
    FREE,
    UNSET,
    Alias,
    Anything,
    Array,
    Choice,
    Constant,
    Constraints,
    Default,
    Definition,
    Field,
    Map,
    Named,
    Null,
    Number,
    Scalar,
    ScalarKind,
    Schema,
    Type,
    refine,
)
from asbuilt.source import Span

_FORMATS: Dictionary[str, tuple[ScalarKind, Constraints]] = {
    "uuid": ("uuid", FREE),
    "date-time": ("datetime", FREE),
    "datetime": ("datetime", FREE),
    "date": ("date", FREE),
    "time": ("time", FREE),
    "duration": ("timedelta", FREE),
    "decimal": ("decimal", FREE),
    "byte": ("bytes", FREE),
    "binary": ("bytes", FREE),
    "email": ("str", Constraints(pattern=EMAIL, max_length=320)),
}
_KINDS: Dictionary[str, ScalarKind] = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_BOUNDS = {
    "minimum": "ge",
    "exclusiveMinimum": "gt",
    "maximum": "le",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
}
_COUNTS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minProperties": "min_length",
    "maxProperties": "max_length",
}
_INT32 = Constraints(ge=-(2**31), le=2**31 - 1)
_UNENFORCED = ("not", "if", "then", "else", "patternProperties", "dependentSchemas", "dependentRequired", "contains")
_KNOWN = (
    *_BOUNDS,
    *_COUNTS,
    *_UNENFORCED,
    "type",
    "format",
    "enum",
    "const",
    "items",
    "prefixItems",
    "properties",
    "required",
    "additionalProperties",
    "allOf",
    "oneOf",
    "anyOf",
    "nullable",
    "default",
    "readOnly",
    "writeOnly",
    "description",
    "title",
    "pattern",
    "uniqueItems",
)
_NULLS = frozenset({"null", "Null", "NULL", "~", ""})
_TRUTHS = frozenset({"true", "True", "TRUE"})
_FALSEHOODS = frozenset({"false", "False", "FALSE"})


@dataclass(slots=True)
class SchemaReader:
    """Reads schemas of one document. Objects inside others become definitions with names made from where they stand."""

    holes: list[Hole] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    _counts: dict[str, int] = field(default_factory=dict)

    def define(self, name: str, node: Node, name_span: Span) -> None:
        """Read a schema as the definition of a name."""
        self.taken.add(name)
        span = name_span.to(node.span)
        if isinstance(node, Mapping) and _is_object(node):
            self.definitions.append(self._schema(name, node, span, name_span))
        else:
            self.definitions.append(Alias(name, self.type(node, name), span, name_span))

    def type(self, node: Node, name: str) -> Type:
        """The type a schema describes. `name` is what an object in it is called."""
        if isinstance(node, Leaf):
            if node.text not in _TRUTHS:
                self._hole(node.span, f"`{node.text}` is not a schema", "write `type: string`, or a `$ref`")
            return Anything(node.span)
        if not isinstance(node, Mapping):
            self._hole(node.span, "a list is not a schema", "write `type: array` and `items`")
            return Anything(node.span)
        self._unknown_keywords(node)
        if reference := _leaf(node, "$ref"):
            return self._nullable(node, self.reference(reference))
        type_ = refine(self._bare(node, name), self.constraints(node))
        return self._nullable(node, type_)

    def reference(self, target: Leaf) -> Type:
        """`#/components/schemas/Order` names `Order`; the span is that of the name."""
        if not target.text.startswith("#"):
            message = f"`{target.text}` lies outside this document"
            self._hole(target.span, message, "only references that begin with `#` are followed")
            return Anything(target.span)
        name = target.text.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        start = target.fragment.offset(len(target.text) - len(name))
        return Named(name, Span(start, start + len(name)))

    def _bare(self, node: Mapping, name: str) -> Type:
        span = node.span
        if isinstance(values := node.get("enum"), Sequence):
            return Choice(tuple(v for item in values.items if not isinstance(v := value_of(item), list | dict)), span)  # type: ignore[misc]
        if (const := node.get("const")) is not None and not isinstance(constant := value_of(const), list | dict):
            return Choice((constant,), span)  # type: ignore[arg-type]
        for keyword in ("oneOf", "anyOf"):
            if isinstance(options := node.get(keyword), Sequence) and options.items:
                return union(
                    [self.type(option, f"{name}{index}") for index, option in enumerate(options.items, 1)], span
                )
        if (
            isinstance(parts := node.get("allOf"), Sequence)
            and len(parts.items) == 1
            and node.get("properties") is None
        ):
            return self.type(parts.items[0], name)
        if _is_object(node):
            return self._inline(node, name)
        kinds = _types(node)
        if not kinds:
            return self._implied(node, name)
        return union([self._of_kind(kind, node, name) for kind in kinds], span)

    def _implied(self, node: Mapping, name: str) -> Type:
        if node.get("items") is not None:
            return self._of_kind("array", node, name)
        if node.get("additionalProperties") is not None:
            return self._of_kind("object", node, name)
        return Anything(node.span)

    def _of_kind(self, kind: str, node: Mapping, name: str) -> Type:
        span = node.span
        match kind:
            case "null":
                return Null(span)
            case "array":
                items = node.get("items")
                return Array(self.type(items, f"{name}Item") if items is not None else Anything(span), span)
            case "object":
                values = node.get("additionalProperties")
                return Map(self.type(values, f"{name}Value") if isinstance(values, Mapping) else Anything(span), span)
        found = _leaf(node, "format")
        if kind in ("string", "number") and found and found.text in _FORMATS:
            scalar, constraints = _FORMATS[found.text]
            return Scalar(scalar, span, constraints)
        if kind == "integer" and found and found.text == "int32":
            return Scalar("int", span, _INT32)
        if kind not in _KINDS:
            where = _leaf(node, "type")
            hint = nearest(kind, (*_KINDS, "array", "object", "null"))
            self._hole(where.span if where else span, f"`{kind}` is not a type of JSON Schema", hint)
            return Anything(span)
        return Scalar(_KINDS[kind], span)

    def _nullable(self, node: Mapping, type_: Type) -> Type:
        nullable = _leaf(node, "nullable")
        return union([type_, Null(node.span)], node.span) if nullable and nullable.text in _TRUTHS else type_

    def _inline(self, node: Mapping, name: str) -> Type:
        """A definition for an object that has no name of its own."""
        title = _leaf(node, "title")
        wanted = title.text if title and title.text.isidentifier() else name or "Body"
        unique = wanted
        while unique in self.taken:
            count = self._counts[wanted] = self._counts.get(wanted, 1) + 1
            unique = f"{wanted}{count}"
        self.taken.add(unique)
        at = Span(node.span.start, node.span.start)
        self.definitions.append(self._schema(unique, node, node.span, at))
        return Named(unique, at)

    def _schema(self, name: str, node: Mapping, span: Span, name_span: Span) -> Schema:
        bases: list[Named] = []
        fields: dict[str, Field] = {}
        parts = node.get("allOf")
        for part in parts.items if isinstance(parts, Sequence) else ():
            if isinstance(part, Mapping) and (reference := _leaf(part, "$ref")):
                base = self.reference(reference)
                bases += [base] if isinstance(base, Named) else []
            elif isinstance(part, Mapping):
                fields |= {member.name: member for member in self._fields(part, name)}
        described = _leaf(node, "description")
        own = tuple(self._fields(node, name))
        overridden = {member.name for member in own}
        inherited = tuple(member for member in fields.values() if member.name not in overridden)
        table = _leaf(node, "x-table")
        return Schema(
            name,
            (*inherited, *own),
            span,
            name_span,
            bases=tuple(bases),
            table=table.text if table else None,
            description=described.text if described else "",
        )

    def _closed(self, node: Mapping) -> None:
        """Name what a schema says of members that it does not name: they are ignored whatever it is."""
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            rest = node.get(keyword)
            closed = isinstance(rest, Leaf) and rest.text in _FALSEHOODS
            if rest is not None and (closed or (isinstance(rest, Mapping) and rest.entries)):
                done = "refused" if closed else "read"
                message = f"unknown members are not {done}, as `{keyword}` says"
                hint = "members that no schema names are ignored, as the HTTP baseline has it"
                self.holes.append(Unenforced(rest.span, message, hint))

    def _fields(self, node: Mapping, owner: str) -> Iterator[Field]:
        properties = node.get("properties")
        if not isinstance(properties, Mapping):
            return
        self._closed(node)
        listed = node.get("required")
        required = (
            {value_of(item) for item in listed.items if isinstance(item, Leaf)}
            if isinstance(listed, Sequence)
            else set()
        )
        for key, schema in properties.entries:
            type_ = self.type(schema, owner + pascal(key.text))
            default: Default = UNSET if key.text in required else ABSENT
            mapping = schema if isinstance(schema, Mapping) else Mapping((), schema.span)
            if (written := mapping.get("default")) is not None:
                default = value_of(written)
            described = _leaf(mapping, "description")
            column = _leaf(mapping, "x-column")
            yield Field(
                key.text,
                type_,
                key.span.to(schema.span),
                default,
                _flag(mapping, "readOnly"),
                _flag(mapping, "writeOnly"),
                column.text if column else None,
                described.text if described else "",
            )

    def constraints(self, node: Mapping) -> Constraints:
        """The bounds, lengths and pattern of a schema."""
        spoken: dict[str, object] = {}
        for keyword, name in (*_BOUNDS.items(), *_COUNTS.items()):
            value = node.get(keyword)
            if value is None or (keyword.startswith("exclusive") and isinstance(value, Leaf) and _is_flag(value)):
                continue
            number = value_of(value)
            if (
                isinstance(number, bool)
                or not isinstance(number, Number)
                or (keyword in _COUNTS and not isinstance(number, int))
            ):
                self._hole(value.span, f"`{keyword}` takes a {'whole ' if keyword in _COUNTS else ''}number")
            else:
                spoken[name] = number
        # In OpenAPI 3.0 these are flags beside `minimum` and `maximum`.
        for flag, closed, opened in (("exclusiveMinimum", "ge", "gt"), ("exclusiveMaximum", "le", "lt")):
            if _flag(node, flag) and closed in spoken:
                spoken[opened] = spoken.pop(closed)
        if _flag(node, "uniqueItems"):
            spoken["unique"] = True
        if pattern := _leaf(node, "pattern"):
            full = anchored(pattern.text)
            hole = pattern_hole(full, pattern.span)
            if hole:
                self.holes.append(hole)
            else:
                spoken["pattern"] = full
        return replace(FREE, **spoken) if spoken else FREE  # type: ignore[arg-type]  # each was checked for its key

    def _unknown_keywords(self, node: Mapping) -> None:
        for key, _ in node.entries:
            if key.text in _UNENFORCED:
                self._hole(
                    key.span, f"`{key.text}` is not read, and would not be enforced", "describe the values by `type`"
                )
            elif key.text not in _KNOWN and not key.text.startswith(("x-", "$")) and (hint := _meant(key.text)):
                self._hole(key.span, f"`{key.text}` is not a keyword of JSON Schema", hint)

    def _hole(self, span: Span, message: str, hint: str = "") -> None:
        self.holes.append(Hole(span, message, hint))


@lru_cache(maxsize=256)
def _meant(keyword: str) -> str:
    return nearest(keyword, _KNOWN)


def anchored(pattern: str) -> str:
    """The pattern for a full match that fits where JSON Schema's, which may match anywhere, does."""
    anywhere = "(?s:.*)"
    if "|" in pattern:
        return f"{anywhere}(?:{pattern}){anywhere}"
    begins, ends = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    bare = pattern.removeprefix("^")
    bare = bare.removesuffix("$") if ends else bare
    if begins and ends:
        return bare
    return f"{'' if begins else anywhere}(?:{bare}){'' if ends else anywhere}"


def value_of(node: Node) -> Default:
    """The JSON value of a node, by the core schema of YAML 1.2."""
    match node:
        case Mapping(entries=entries):
            return {key.text: value_of(value) for key, value in entries}
        case Sequence(items=items):
            return [value_of(item) for item in items]
        case Leaf(quoted=True):
            return node.text
        case Leaf():
            return _plain(node.text)


def _plain(text: str) -> Constant | Decimal:
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return True
    if text in _FALSEHOODS:
        return False
    if text[:1] not in "+-.0123456789" or len(text) > 400:
        return text
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return float(number) if number.is_finite() else text


def pascal(name: str) -> str:
    """`order_line` and `order-line` are `OrderLine`."""
    return "".join(word.capitalize() for word in snake(name).split("_") if word)


def is_schema(node: Node) -> bool:
    """Whether a mapping looks like a schema rather than like data."""
    if not isinstance(node, Mapping):
        return False
    if any(node.get(key) is not None for key in ("$ref", "allOf", "oneOf", "anyOf", "$defs", "definitions", "$schema")):
        return True
    kind = node.get("type")
    named = isinstance(kind, Sequence) or (isinstance(kind, Leaf) and kind.text in (*_KINDS, "array", "object", "null"))
    return named or isinstance(node.get("properties"), Mapping) or isinstance(node.get("enum"), Sequence)


def _is_object(node: Mapping) -> bool:
    if isinstance(node.get("properties"), Mapping):
        return True
    parts = node.get("allOf")
    return isinstance(parts, Sequence) and len(parts.items) > 1


def _types(node: Mapping) -> list[str]:
    written = node.get("type")
    if isinstance(written, Leaf):
        return [written.text]
    if isinstance(written, Sequence):
        return [item.text for item in written.items if isinstance(item, Leaf)]
    return []


def _leaf(node: Mapping, key: str) -> Leaf | None:
    found = node.get(key)
    return found if isinstance(found, Leaf) else None


def _is_flag(leaf: Leaf) -> bool:
    return not leaf.quoted and leaf.text in _TRUTHS | _FALSEHOODS


def _flag(node: Mapping, key: str) -> bool:
    found = _leaf(node, key)
    return found is not None and found.text in _TRUTHS
