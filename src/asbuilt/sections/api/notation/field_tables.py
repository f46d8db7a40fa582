"""Tables of members and of parameters: name, type, required, constraints, description."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from asbuilt.document import Row, Table
from asbuilt.language.names import Name
from asbuilt.language.type_words import read_type_words
from asbuilt.language.types import (
    ABSENT,
    FREE,
    UNSET,
    Anything,
    Array,
    Choice,
    Constraints,
    Default,
    Definition,
    Field,
    Map,
    Null,
    Scalar,
    Type,
    Union,
    refine,
)
from asbuilt.sections.api.model import Parameter, Place
from asbuilt.sections.api.notation.columns import cell, columns, folded

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": (
        "field",
        "name",
        "param",
        "parameter",
        "property",
        "attribute",
        "key",
        "member",
        "query parameter",
        "header",
    ),
    "type": ("type", "data type", "datatype", "tipo", "format"),
    "required": ("required", "mandatory", "optional", "req", "obrigatório", "presence"),
    "place": ("in", "location", "where", "source"),
    "constraints": (
        "constraints",
        "constraint",
        "validation",
        "rules",
        "validations",
        "values",
        "valores",
        "allowed values",
    ),
    "default": ("default", "default value", "padrão"),
    "description": ("description", "notes", "meaning", "purpose", "comment", "details"),
}
_NAMES_PARAMETERS = re.compile(r"param|query|parâmetro")
_MEMBER = re.compile(r"[A-Za-z_$][\w$.\-]*(?:\[\]?[\w.]*\]?)?[?*]?")
_YES = re.compile(r"(?:y|yes|true|required|sim|✓|✔|✅|☑|x|mandatory|always)\b.*|[✓✔✅☑●].*", re.IGNORECASE | re.DOTALL)
_NO = re.compile(r"(?:n|no|false|optional|não|✗|❌|never|conditional)\b.*|[✗❌○☐].*|[-–—]", re.IGNORECASE | re.DOTALL)
_PLACES: Mapping[str, Place] = {
    "path": "path",
    "url": "path",
    "query": "query",
    "header": "header",
    "headers": "header",
}
_LENGTHS = re.compile(
    r"(?P<low>\d{1,9})\s*(?:-|–|\.\.|to|,)\s*(?P<high>\d{1,9})\s*(?:chars?|characters?|items?|letters?|long)\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?<![\w.])(?P<low>-?\d{1,18}(?:\.\d{1,9})?)\s*(?:-|–|\.\.|to)\s*(?P<high>-?\d{1,18}(?:\.\d{1,9})?)(?![\w.])"
)
_MOST = re.compile(
    r"(?:max(?:imum)?(?:[ _]?(?P<length>len(?:gth)?|chars?|characters?|items?))?|at most|up to|<=|≤)\s*[:=]?\s*"
    r"(?P<bound>\d{1,18}(?:\.\d{1,9})?)(?:\s*(?P<unit>chars?|characters?|items?|letters?))?",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"(?:min(?:imum)?(?:[ _]?(?P<length>len(?:gth)?|chars?|characters?|items?))?|at least|>=|≥)\s*[:=]?\s*"
    r"(?P<bound>-?\d{1,18}(?:\.\d{1,9})?)(?:\s*(?P<unit>chars?|characters?|items?|letters?))?",
    re.IGNORECASE,
)
_ABOVE = re.compile(r"(?:greater than|(?<![<=])>)\s*(?P<bound>-?\d{1,18}(?:\.\d{1,9})?)", re.IGNORECASE)
_INTEGER = re.compile(r"-?\d{1,18}")
_DEFAULT = re.compile(
    r"\bdefaults?(?:[ \t]+is|[ \t]+to|[ \t]*[:=]|(?=[ \t]+(?:[`'\"\d-]|true\b|false\b|null\b)))[ \t]*"
    r"(?P<value>`[^`]+`|'[^']+'|\"[^\"]+\"|[\w+-]+(?:\.\d+)?)",
    re.IGNORECASE,
)


def field_columns(table: Table) -> dict[str, int] | None:
    """The columns of a table of members or parameters; None for any other table. Most names have to be names."""
    where = columns(table, _COLUMNS)
    if "name" not in where or "type" not in where or not table.rows:
        return None
    names = [row.cells[where["name"]].plain.strip(" *") for row in table.rows]
    return where if 2 * sum(1 for name in names if _MEMBER.fullmatch(name)) > len(names) else None


def lists_parameters(table: Table, where: Mapping[str, int]) -> bool:
    """Whether the header says that the rows are parameters of a request, not members of a body."""
    header = folded(table.header.cells[where["name"]].plain)
    return "place" in where or bool(_NAMES_PARAMETERS.search(header))


def read_fields(
    table: Table, where: Mapping[str, int], owner: str, define: Callable[[tuple[Definition, ...]], None]
) -> Iterator[Field]:
    """The rows as members of a schema. A type that is no type stands for any value."""
    for row in table.rows:
        name = _name(row, where)
        if name is None or "." in name.text or "[" in name.text:
            continue
        type_ = _type(row, where, name, owner, define)
        default = _default(row, where, type_)
        if default is UNSET and not _required(row, where, table):
            default = ABSENT
        described = cell(row.cells, where, "description")
        yield Field(name.text, type_, row.span, default, description=described.plain if described else "")


def read_parameter_rows(
    table: Table, where: Mapping[str, int], place: Place, define: Callable[[tuple[Definition, ...]], None]
) -> Iterator[Parameter | Field]:
    """The rows as parameters; one that is `in` the body is a member of it."""
    for row in table.rows:
        name = _name(row, where)
        if name is None:
            continue
        written = cell(row.cells, where, "place")
        own = folded(written.plain) if written else ""
        type_ = _type(row, where, name, "", define)
        default = _default(row, where, type_)
        needed = _required(row, where, table)
        if own.startswith("body"):
            yield Field(name.text, type_, row.span, default if default is not UNSET or needed else ABSENT)
            continue
        where_it_is = next((p for word, p in _PLACES.items() if own.startswith(word)), place)
        optional = where_it_is != "path" and not needed
        default = None if default is UNSET and optional else default
        described = cell(row.cells, where, "description")
        told = described.plain if described else ""
        yield Parameter(name, where_it_is, type_, row.span, default, description=told)


def _name(row: Row, where: Mapping[str, int]) -> Name | None:
    text = row.cells[where["name"]]
    spans = text.code_spans
    written = spans[0].fragment if spans else text.fragment
    match = re.search(_MEMBER, written.text)
    if match is None:
        return None
    bare = match.group().rstrip("?*")
    return Name(bare, written.span(match.start(), match.start() + len(bare)))


def _type(
    row: Row, where: Mapping[str, int], name: Name, owner: str, define: Callable[[tuple[Definition, ...]], None]
) -> Type:
    text = row.cells[where["type"]]
    found = read_type_words(text.fragment, owner + name.text.title())
    if found is None:
        return Anything(text.span)
    type_, definitions = found
    define(definitions)
    rules = cell(row.cells, where, "constraints")
    if rules is None:
        return type_
    values = tuple(span.text for span in rules.code_spans if re.fullmatch(r"[\w.\-]+", span.text))
    if isinstance(type_, Scalar) and type_.kind == "str" and len(values) > 1:
        return Choice(values, type_.span)
    return refine(type_, read_rules(rules.plain, type_))


def read_rules(text: str, type_: Type) -> Constraints:
    """The constraints that a cell states: `max 255`, `1-100`, `>= 0`, `8..64 characters`."""
    if isinstance(type_, Union):
        inner = next((option for option in type_.options if not isinstance(option, Null)), type_)
        return read_rules(text, inner) if not isinstance(inner, Union) else FREE
    has_length = isinstance(type_, Array | Map) or (isinstance(type_, Scalar) and type_.kind in ("str", "bytes"))
    has_bounds = isinstance(type_, Scalar) and type_.kind in ("int", "float", "decimal")
    if not has_length and not has_bounds:
        return FREE
    low, high = ("min_length", "max_length") if has_length else ("ge", "le")
    found: dict[str, int | Decimal] = {}
    span = _LENGTHS.search(text) if has_length else _RANGE.search(text)
    if span:
        found[low], found[high] = _number(span.group("low")), _number(span.group("high"))
    for name, match in ((high, _MOST.search(text)), (low, _LEAST.search(text))):
        if match and name not in found:
            found[name] = _number(match.group("bound"))
    if has_bounds and "ge" not in found and (above := _ABOVE.search(text)):
        found["gt"] = _number(above.group("bound"))
    if has_length:
        found = {name: bound for name, bound in found.items() if isinstance(bound, int) and bound >= 0}
    return replace(FREE, **found) if found else FREE  # type: ignore[arg-type]  # lengths were checked


def _number(text: str) -> int | Decimal:
    return int(text) if _INTEGER.fullmatch(text) else Decimal(text)


def _required(row: Row, where: Mapping[str, int], table: Table) -> bool:
    """Whether a member has to be there; where nothing is said, it has to unless it has a default."""
    text = cell(row.cells, where, "required")
    written = row.cells[where["name"]].plain.strip()
    if "required" not in where:
        return not written.endswith("?") and not lists_parameters(table, where)
    inverted = folded(table.header.cells[where["required"]].plain).startswith("optional")
    plain = text.plain.strip() if text else ""
    yes = bool(_YES.fullmatch(plain)) and not _NO.fullmatch(plain)
    return yes != inverted


def _default(row: Row, where: Mapping[str, int], type_: Type) -> Default:
    text = cell(row.cells, where, "default")
    if text is None:
        return _default_in_prose(row, where, type_)
    return _read_default((text.code_spans[0].text if text.code_spans else text.plain).strip("\"' "), type_)


def _default_in_prose(row: Row, where: Mapping[str, int], type_: Type) -> Default:
    """The default that stands among constraints or in a description: `>= 0, default 0`, `(default: "name")`."""
    for column in ("constraints", "description"):
        text = cell(row.cells, where, column)
        told = _DEFAULT.search(text.text) if text else None
        found = _read_default(told.group("value").strip("\"'`"), type_) if told else ABSENT
        if found is not ABSENT:
            return found
    return UNSET


def _read_default(written: str, type_: Type) -> Default:
    """A default by its type; ABSENT where it is none of that type."""
    if written.casefold() in ("null", "none", "nil"):
        return None
    if isinstance(type_, Scalar) and type_.kind == "bool" and written.casefold() in ("true", "false"):
        return written.casefold() == "true"
    if isinstance(type_, Scalar) and type_.kind in ("int", "float", "decimal"):
        if _INTEGER.fullmatch(written):
            return int(written)
        return float(written) if re.fullmatch(r"-?\d{1,18}\.\d{1,9}", written) else ABSENT
    fits = isinstance(type_, Choice) and written in type_.values
    return written if fits or (isinstance(type_, Scalar) and type_.kind == "str") else ABSENT
