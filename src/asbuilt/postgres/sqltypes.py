"""PostgreSQL's types by one name each, and what one type says of another.

Names are those of `format_type`: https://www.postgresql.org/docs/18/datatype.html
"""

import re
from functools import cache

from asbuilt.postgres.catalog import SqlType
from asbuilt.postgres.grammar import Node

_ALIASES = {
    "int": "integer",
    "int4": "integer",
    "int2": "smallint",
    "int8": "bigint",
    "float": "double precision",
    "float8": "double precision",
    "float4": "real",
    "bool": "boolean",
    "varchar": "character varying",
    "bpchar": "character",
    "char": "character",
    "decimal": "numeric",
    "dec": "numeric",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "varbit": "bit varying",
}
SERIALS = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}
_PLAIN = """
smallint integer bigint real numeric money boolean text bytea uuid json jsonb jsonpath xml date interval inet cidr
macaddr macaddr8 bit point line lseg box path polygon circle tsvector tsquery oid regclass regtype regproc name
int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange nummultirange tsmultirange
tstzmultirange datemultirange pg_lsn xid xid8 character record void trigger anyelement
"""
BUILT_IN = frozenset(_PLAIN.split()) | frozenset(_ALIASES.values())
SPELLINGS = BUILT_IN | frozenset(_ALIASES) | frozenset(SERIALS)
# Types that extensions bring, so that their names are no mistakes.
EXTENSIONS = {
    "citext": "citext",
    "hstore": "hstore",
    "ltree": "ltree",
    "vector": "vector",
    "halfvec": "vector",
    "sparsevec": "vector",
    "geometry": "postgis",
    "geography": "postgis",
    "cube": "cube",
    "isbn": "isn",
}
_FOREIGN = {
    "datetime": "timestamptz",
    "datetime2": "timestamptz",
    "datetimeoffset": "timestamptz",
    "smalldatetime": "timestamptz",
    "tinyint": "smallint",
    "mediumint": "integer",
    "double": "double precision",
    "number": "numeric",
    "string": "text",
    "str": "text",
    "clob": "text",
    "tinytext": "text",
    "mediumtext": "text",
    "longtext": "text",
    "ntext": "text",
    "varchar2": "varchar",
    "nvarchar": "varchar",
    "nvarchar2": "varchar",
    "blob": "bytea",
    "longblob": "bytea",
    "mediumblob": "bytea",
    "binary": "bytea",
    "varbinary": "bytea",
    "image": "bytea",
    "uniqueidentifier": "uuid",
    "guid": "uuid",
    "object": "jsonb",
    "array": "text[]",
    "list": "text[]",
    "long": "bigint",
    "byte": "smallint",
    "year": "smallint",
}
_WHOLE = {"smallint": (-(2**15), 2**15 - 1), "integer": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}
_FAMILIES = (
    {"smallint", "integer", "bigint", "numeric", "real", "double precision", "money"},
    {"text", "character varying", "character", "citext", "name"},
    {"timestamp without time zone", "timestamp with time zone", "date"},
    {"time without time zone", "time with time zone"},
    {"inet", "cidr"},
    {"bit", "bit varying"},
    {"json", "jsonb"},
)
_FORMATTED = re.compile(r"(?P<head>[^(\[]+?)\s*(?:\((?P<numbers>[\d,\s-]+)\))?(?P<tail>[^(\[]*)(?P<array>(?:\[\d*\])*)")
_ANY_PRECISION = 0xFFFF


def range_of(type_: SqlType) -> tuple[int, int] | None:
    """The least and the greatest whole number of an integer type, both included."""
    return None if type_.dimensions else _WHOLE.get(type_.name)


def element(type_: SqlType) -> SqlType:
    """The type of an array's items."""
    return SqlType(type_.name, type_.modifiers)


def comparable(left: SqlType, right: SqlType) -> bool:
    """Whether PostgreSQL compares values of the two types without a cast: a foreign key may join them."""
    if left.dimensions != right.dimensions:
        return False
    return left.name == right.name or any(left.name in family and right.name in family for family in _FAMILIES)


def foreign(name: str) -> str:
    """What PostgreSQL calls a type of another database, or an empty string."""
    return _FOREIGN.get(name.lower(), "")


def canonical(name: str, modifiers: tuple[int, ...] = (), dimensions: int = 0) -> SqlType:
    """The type by PostgreSQL's own name: `int4` is `integer`, `numeric(5)` is `numeric(5,0)`."""
    name = _ALIASES.get(name, name)
    if name == "numeric" and len(modifiers) == 1:
        modifiers = (*modifiers, 0)
    if name in {"bit", "character"} and not modifiers:
        modifiers = (1,)
    return SqlType(name, modifiers, dimensions)


@cache
def parsed(text: str) -> SqlType:
    """The type that `format_type` writes as `text`."""
    match = _FORMATTED.fullmatch(text.strip())
    if match is None:
        return SqlType(text.strip())
    name = " ".join((match["head"] + match["tail"]).split())
    if name in {'"char"', "bpchar"}:  # the one-byte type, and `character` without a length
        return SqlType(name, (), match["array"].count("["))
    name = name.replace('"', "").removeprefix("public.")
    numbers = tuple(int(number) for number in (match["numbers"] or "").split(",") if number.strip())
    return canonical(name, numbers, match["array"].count("["))


def type_of(node: Node) -> SqlType:
    """The type that a `TypeName` of the parse tree names."""
    names = [part["String"].get("sval", "") for part in node.get("names", ())]
    builtin = len(names) > 1 and names[0] == "pg_catalog"
    name = names[-1] if builtin else ".".join(part for part in names if part != "public")
    modifiers = tuple(number for mod in node.get("typmods", ()) if (number := _number(mod)) is not None)
    dimensions = len(node.get("arrayBounds", ()))
    if name == "interval" and modifiers:
        modifiers = tuple(number for number in modifiers[1:] if number != _ANY_PRECISION)
    if name == "char" and not builtin:  # the one-byte type "char", in quotes
        return SqlType('"char"', (), dimensions)
    if name == "bpchar" and not builtin:
        return SqlType("bpchar", modifiers, dimensions)
    return canonical(name, modifiers, dimensions)


def _number(node: Node) -> int | None:
    constant = node.get("A_Const", {})
    return int(constant["ival"].get("ival", 0)) if "ival" in constant else None
