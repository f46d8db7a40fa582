"""Go structs with JSON tags, as schemas: https://pkg.go.dev/encoding/json#Marshal."""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Hole
from asbuilt.language.types import (
    ABSENT,
    FREE,
    UNSET,
    Alias,
    Anything,
    Array,
    Choice,
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
    refine,
)
from asbuilt.source import Fragment, Span

_STRUCT = re.compile(r"^[ \t]*+type[ \t]+(?P<name>[A-Z]\w*)[ \t]+struct[ \t]*\{(?P<body>[^{}]*)\}", re.MULTILINE)
_MEMBER = re.compile(
    r"^[ \t]*+(?P<name>[A-Z]\w*)[ \t]+(?P<type>[^\s`/][^\s`]*)[ \t]*`(?P<tags>[^`\n]*)`"
    r"(?:[ \t]*//[ \t]*(?P<remark>[^\n]*))?",
    re.MULTILINE,
)
_SCALAR = re.compile(
    r"^[ \t]*+type[ \t]+(?P<name>[A-Z]\w*)[ \t]+(?P<type>string|bool|u?int(?:32|64)?|float64)[ \t]*$", re.MULTILINE
)
_CONSTANT = re.compile(r"^[ \t]*+\w+[ \t]+(?P<type>[A-Z]\w*)[ \t]*=[ \t]*\"(?P<value>[^\"\n]*)\"", re.MULTILINE)
_JSON = re.compile(r'json:"(?P<name>[^",]*)(?P<options>(?:,[^"]*)?)"')
_VALIDATE = re.compile(r'(?:validate|binding):"(?P<rules>[^"]*)"')
_RULE = re.compile(r"(?P<rule>min|max|gte|lte|gt|lt|len)=(?P<bound>\d{1,18})")
_SCALARS: dict[str, ScalarKind] = {
    "string": "str",
    "bool": "bool",
    "float32": "float",
    "float64": "float",
    "time.Time": "datetime",
    "uuid.UUID": "uuid",
    "decimal.Decimal": "decimal",
    "[]byte": "bytes",
    "time.Duration": "int",
    "rune": "int",
    "byte": "int",
}
_INTEGER = re.compile(r"u?int(?:8|16|32|64)?")
_ANYTHING = frozenset({"any", "interface{}", "json.RawMessage"})


def declares_structs(text: str) -> bool:
    return bool(_SCALAR.search(text)) or any(_JSON.search(match.group("body")) for match in _STRUCT.finditer(text))


def read_structs(fragment: Fragment) -> tuple[tuple[Definition, ...], tuple[Hole, ...]]:
    """The structs whose members have JSON names, and named scalars with the constants that are declared of them."""
    found: list[Definition] = []
    values: dict[str, list[str]] = {}
    for constant in _CONSTANT.finditer(fragment.text):
        values.setdefault(constant.group("type"), []).append(constant.group("value"))
    for match in _SCALAR.finditer(fragment.text):
        name, span = match.group("name"), fragment.span(*match.span())
        chosen = Choice(tuple(values[name]), span) if name in values else None
        type_ = chosen or _type(match.group("type"), fragment.span(*match.span("type")))
        found.append(Alias(name, type_, span, fragment.span(*match.span("name"))))
    for match in _STRUCT.finditer(fragment.text):
        fields = tuple(_fields(fragment, match))
        if fields:
            span, name_span = fragment.span(*match.span()), fragment.span(*match.span("name"))
            found.append(Schema(match.group("name"), fields, span, name_span))
    return tuple(found), ()


def _fields(fragment: Fragment, struct: re.Match[str]) -> Iterator[Field]:
    for match in _MEMBER.finditer(fragment.text, *struct.span("body")):
        tag = _JSON.search(match.group("tags"))
        if tag is None or tag.group("name") == "-":
            continue
        span = fragment.span(*match.span("type"))
        rules = _VALIDATE.search(match.group("tags"))
        written = rules.group("rules") if rules else ""
        absent = "omitempty" in tag.group("options") or "omitempty" in written
        type_ = _type(match.group("type"), span)
        yield Field(
            tag.group("name") or match.group("name"),
            refine(type_, _constraints(written, type_)),
            fragment.span(match.start("name"), match.end()),
            ABSENT if absent else UNSET,
            description=(match.group("remark") or "").strip(),
        )


def _type(written: str, span: Span) -> Type:
    if written in _SCALARS:
        return Scalar(_SCALARS[written], span)
    if _INTEGER.fullmatch(written):
        return Scalar("int", span, Constraints(ge=0) if written.startswith("u") else FREE)
    if written in _ANYTHING:
        return Anything(span)
    if written.startswith("*"):
        return Union((_type(written[1:], span), Null(span)), span)
    if written.startswith("[]"):
        return Array(_type(written[2:], span), span)
    if written.startswith("map[") and "]" in written:
        return Map(_type(written.partition("]")[2], span), span)
    name = written.rpartition(".")[2]
    start = span.end - len(name)
    return Named(name, Span(start, span.end)) if name.isidentifier() else Anything(span)


def _constraints(rules: str, type_: Type) -> Constraints:
    """What `validate:"min=1,max=64"` demands: bounds of numbers, lengths of all else."""
    numeric = isinstance(type_, Scalar) and type_.kind in ("int", "float", "decimal")
    found: dict[str, int] = {}
    for match in _RULE.finditer(rules):
        bound = int(match.group("bound"))
        match match.group("rule"):
            case "min" | "gte":
                found["ge" if numeric else "min_length"] = bound
            case "max" | "lte":
                found["le" if numeric else "max_length"] = bound
            case "gt" if numeric:
                found["gt"] = bound
            case "lt" if numeric:
                found["lt"] = bound
            case "len" if not numeric:
                found["min_length"] = found["max_length"] = bound
    return Constraints(**found) if found else FREE  # type: ignore[arg-type]  # each is a bound or a length
