"""How names, constants, types and parameters are spelled in the SQL that asbuilt writes."""

import re
from dataclasses import dataclass, field

from pglast.keywords import COL_NAME_KEYWORDS, RESERVED_KEYWORDS, TYPE_FUNC_NAME_KEYWORDS

from asbuilt.language.types import ScalarKind
from asbuilt.postgres.catalog import Catalog, SqlType
from asbuilt.postgres.sqltypes import BUILT_IN, SERIALS

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_KEYWORDS = RESERVED_KEYWORDS | TYPE_FUNC_NAME_KEYWORDS | COL_NAME_KEYWORDS

# The type that a parameter of each kind is bound as, and the kind of each built-in type.
_BOUND: dict[ScalarKind, str] = {
    "str": "text",
    "int": "bigint",
    "float": "double precision",
    "bool": "boolean",
    "uuid": "uuid",
    "datetime": "timestamp with time zone",
    "date": "date",
    "time": "time without time zone",
    "timedelta": "interval",
    "decimal": "numeric",
    "bytes": "bytea",
}
_KINDS: dict[str, ScalarKind] = {
    **{name: kind for kind, name in _BOUND.items()},
    "smallint": "int",
    "integer": "int",
    "real": "float",
    "character varying": "str",
    "character": "str",
    "name": "str",
    "citext": "str",
    "timestamp without time zone": "datetime",
    "time with time zone": "time",
}
# What a text is read as before it goes to a column of the kind.
SPELLED: frozenset[ScalarKind] = frozenset(
    {"int", "float", "bool", "uuid", "datetime", "date", "time", "timedelta", "decimal"}
)
# Types that take and compare with a value bound as `_BOUND` has it, without a cast and without losing an index.
_ASSIGNABLE = frozenset(_KINDS) - {"citext", "character"}


def identifier(name: str) -> str:
    """The name as SQL writes it, in quotes where it needs them."""
    if _PLAIN.fullmatch(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def table_name(name: str) -> str:
    """A table of the catalogue; one outside `public` carries its schema before a dot."""
    return ".".join(identifier(part) for part in name.split(".", 1))


def literal(text: str) -> str:
    """A string constant, under `standard_conforming_strings`."""
    return "'" + text.replace("'", "''") + "'"


def column_of(alias: str, name: str) -> str:
    return f"{alias}.{identifier(name)}"


def base_type(type_: SqlType, catalog: Catalog) -> SqlType:
    """The type under domains; serial types are integers."""
    for _ in range(len(catalog.domains)):
        domain = None if type_.dimensions else catalog.domain(type_.name)
        if domain is None:
            break
        type_ = domain.base
    return SqlType(SERIALS.get(type_.name, type_.name), type_.modifiers, type_.dimensions)


def kind_of(type_: SqlType, catalog: Catalog) -> ScalarKind | None:
    """The scalar kind that values of a type have in JSON and Python; of an array's items, for an array."""
    base = base_type(type_, catalog)
    return "str" if catalog.enum(base.name) else _KINDS.get(base.name)


def stored_kind(kind: ScalarKind | None, type_: SqlType, catalog: Catalog) -> ScalarKind | None:
    """The kind that a value of a body's member is brought to before it is stored in a column of a type.

    A number becomes an integer or a decimal, and a text what it spells; what agrees, and what no kind is
    like, stays as it is.
    """
    column = kind_of(type_, catalog)
    if kind == "str" and column in SPELLED:
        return column
    if kind in ("float", "decimal") and column == "int":
        return "int"
    if kind in ("int", "float") and column == "decimal":
        return "decimal"
    return "date" if (kind, column) == ("datetime", "date") else kind


def cast_type(type_: SqlType) -> str:
    """The type for a cast: without length or precision, since an explicit cast to `varchar(3)` cuts in silence."""
    name = SERIALS.get(type_.name, type_.name)
    if name == "character":
        name = "bpchar"
    spelled = name if name in BUILT_IN or name.startswith('"') or name == "bpchar" else table_name(name)
    return spelled + "[]" * bool(type_.dimensions)


def interval_of(text: str) -> str:
    """The interval that a text spells, also with a sign before the whole: PostgreSQL reads signs of its parts alone."""
    return f"CASE WHEN {text} LIKE '-P%' THEN -substr({text}, 2)::interval ELSE {text}::interval END"


@dataclass(slots=True)
class Numbering:
    """Gives each parameter of a statement its number, in order of first use."""

    names: list[str] = field(default_factory=list)

    def of(self, name: str) -> str:
        if name not in self.names:
            self.names.append(name)
        return f"${self.names.index(name) + 1}"


def bound(number: str, kind: ScalarKind | None, type_: SqlType, catalog: Catalog, *, many: bool = False) -> str:
    """The parameter `$n`, whose value is of a kind, as a value for (or to compare with) a column of a type.

    The cast nearest to the number is the type PostgreSQL is told to expect, so that a driver can bind
    a value of that kind: an `int` is a bigint for an integer column too, and what is out of the
    column's range is PostgreSQL's to refuse.
    """
    base = base_type(type_, catalog)
    target = SqlType(type_.name, (), 1 if many else type_.dimensions)
    array = "[]" * bool(target.dimensions)
    kind = kind or kind_of(type_, catalog)
    if base.name in {"json", "jsonb"} and not array:
        return f"{number}::{cast_type(base)}"
    if kind == "int" and base.name == "numeric":
        kind = "decimal"
    expected = _BOUND[kind] if kind else "text"
    if kind and base.name in _ASSIGNABLE and _KINDS[base.name] == kind:
        return f"{number}::{expected}{array}"
    if expected == "text" and base.name == "interval" and not array:
        return interval_of(f"{number}::text")
    return f"{number}::{expected}{array}::{cast_type(target)}"
