"""What a database holds, in PostgreSQL's own words: enough of its catalogue to tell whether two mean the same.

More than `introspect`: generated columns, sequences, operator classes, deferral, the text of views. Reads the
system catalogues alone; asbuilt's own schema and what extensions brought along are left out. Works on PostgreSQL 13
to 18: members that only some versions have are read through `to_jsonb`.
https://www.postgresql.org/docs/18/catalogs.html
"""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, TypeVar

import asyncpg

from asbuilt.values import frozen

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# Constants in expressions are written by these: set alike wherever catalogues are compared.
SPELLING_SETTINGS: Mapping[str, str] = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "quote_all_identifiers": "off",
    "bytea_output": "hex",
}
ACTIONS: Mapping[str, str] = {
    "a": "NO ACTION",
    "r": "RESTRICT",
    "c": "CASCADE",
    "n": "SET NULL",
    "d": "SET DEFAULT",
}
_OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'asbuilt')"


def _name(oid: str, name: str, visible: str = "pg_table_is_visible") -> str:
    """A name as the search path finds it: without its schema where that is enough."""
    return f"CASE WHEN pg_catalog.{visible}({oid}) THEN '' ELSE n.nspname || '.' END || {name}"


def _free(class_: str, oid: str) -> str:
    return f"""NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.{class_}'::regclass
                           AND e.objid = {oid} AND e.deptype = 'e')"""


_TABLES = f"""
SELECT {_name("c.oid", "c.relname")} AS name, n.nspname AS schema, c.relname AS bare, c.relkind::text AS kind,
       CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END AS query, c.oid::int8 AS oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND {_OURS} AND {_free("pg_class", "c.oid")}
ORDER BY c.oid
"""
_COLUMNS = f"""
SELECT a.attrelid::int8 AS relation, a.attname::text AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null, a.attidentity::text AS identity, a.attgenerated::text AS generated,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default,
       CASE WHEN a.attcollation <> t.typcollation THEN l.collname::text END AS collation,
       (SELECT ROW(q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcycle, q.seqtypid::regtype)::text
        FROM pg_catalog.pg_depend p JOIN pg_catalog.pg_sequence q ON q.seqrelid = p.refobjid
        WHERE d.oid IS NOT NULL AND p.classid = 'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid
          AND p.refclassid = 'pg_catalog.pg_class'::regclass LIMIT 1) AS drawn,
       (SELECT ROW(q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcycle, q.seqtypid::regtype)::text
        FROM pg_catalog.pg_depend p JOIN pg_catalog.pg_sequence q ON q.seqrelid = p.objid
        WHERE a.attidentity <> '' AND p.classid = 'pg_catalog.pg_class'::regclass AND p.refobjid = a.attrelid
          AND p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjsubid = a.attnum
          AND p.deptype = 'i' LIMIT 1) AS own_sequence
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND {_OURS}
ORDER BY c.oid, a.attnum
"""
_ATTRIBUTES = """ARRAY(SELECT a.attname::text FROM unnest({keys}) WITH ORDINALITY AS u(number, place)
       JOIN pg_catalog.pg_attribute a ON a.attrelid = {relation} AND a.attnum = u.number ORDER BY u.place)"""
_CONSTRAINTS = f"""
SELECT k.conrelid::int8 AS relation, k.conname::text AS name, k.contype::text AS kind,
       {_ATTRIBUTES.format(keys="k.conkey", relation="k.conrelid")} AS columns,
       CASE WHEN k.confrelid <> 0 THEN (SELECT {_name("f.oid", "f.relname")} FROM pg_catalog.pg_class f
           JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace WHERE f.oid = k.confrelid) END AS target,
       {_ATTRIBUTES.format(keys="k.confkey", relation="k.confrelid")} AS references,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.conrelid
             AND to_jsonb(k)->'confdelsetcols' @> to_jsonb(a.attnum) ORDER BY a.attnum) AS emptied,
       k.confdeltype::text AS on_delete, k.confupdtype::text AS on_update, k.confmatchtype::text AS match,
       k.condeferrable AS deferrable, k.condeferred AS deferred,
       coalesce((to_jsonb(k)->>'conenforced')::boolean, true) AS enforced,
       pg_catalog.pg_get_expr(k.conbin, k.conrelid) AS expression,
       pg_catalog.pg_get_constraintdef(k.oid) AS definition
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('f', 'c') AND {_OURS}
ORDER BY k.oid
"""
_INDEXES = f"""
SELECT x.indrelid::int8 AS relation, i.relname::text AS name, x.indisunique AS unique, m.amname::text AS method,
       x.indisvalid AND x.indisready AS valid, pg_catalog.pg_get_expr(x.indpred, x.indrelid) AS predicate,
       coalesce(k.contype::text, '') AS kind, coalesce(k.condeferrable, false) AS deferrable,
       coalesce(k.condeferred, false) AS deferred,
       coalesce((to_jsonb(x)->>'indnullsnotdistinct')::boolean, false) AS nulls_equal,
       ARRAY(SELECT coalesce(a.attname::text, pg_catalog.pg_get_indexdef(x.indexrelid, place, false))
             FROM generate_series(1, x.indnkeyatts) place
             LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[place - 1]
                                                AND a.attnum <> 0 ORDER BY place) AS keys,
       ARRAY(SELECT x.indkey[place - 1] = 0 FROM generate_series(1, x.indnkeyatts) place ORDER BY place) AS computed,
       ARRAY(SELECT CASE WHEN o.opcdefault THEN '' ELSE o.opcname::text END
             FROM generate_series(1, x.indnkeyatts) place
             JOIN pg_catalog.pg_opclass o ON o.oid = x.indclass[place - 1] ORDER BY place) AS classes,
       ARRAY(SELECT x.indoption[place - 1]::int FROM generate_series(1, x.indnkeyatts) place ORDER BY place) AS options,
       ARRAY(SELECT coalesce(l.collname::text, '') FROM generate_series(1, x.indnkeyatts) place
             LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[place - 1]
                                                AND a.attnum <> 0
             LEFT JOIN pg_catalog.pg_collation l ON l.oid = x.indcollation[place - 1]
                 AND l.collname <> 'default' AND l.oid IS DISTINCT FROM a.attcollation ORDER BY place) AS collations,
       ARRAY(SELECT pg_catalog.pg_get_indexdef(x.indexrelid, place, false)
             FROM generate_series(x.indnkeyatts + 1, x.indnatts) place ORDER BY place) AS included,
       CASE WHEN k.contype = 'x' THEN pg_catalog.pg_get_constraintdef(k.oid)
            ELSE pg_catalog.pg_get_indexdef(x.indexrelid) END AS definition
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = i.relam
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')
WHERE {_OURS} AND c.relkind IN ('r', 'p', 'm')
ORDER BY i.oid
"""
_TYPES = f"""
SELECT {_name("t.oid", "t.typname", "pg_type_is_visible")} AS name, n.nspname AS schema, t.typname::text AS bare,
       t.typtype::text AS kind, t.typnotnull AS not_null, t.typdefault AS default,
       CASE t.typtype WHEN 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod)
                      WHEN 'r' THEN (SELECT pg_catalog.format_type(r.rngsubtype, NULL) FROM pg_catalog.pg_range r
                                     WHERE r.rngtypid = t.oid) END AS base,
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
           AS labels,
       ARRAY(SELECT a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a
             WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY a.attnum) AS members,
       ARRAY(SELECT pg_catalog.pg_get_expr(k.conbin, 0) FROM pg_catalog.pg_constraint k
             WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.oid) AS checks
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')) AND {_OURS}
  AND {_free("pg_type", "t.oid")}
ORDER BY t.oid
"""


@frozen
class HeldColumn:
    """`default` is PostgreSQL's text of a default or, where `generated` is not empty, of what the column is made of.

    `sequence` are start, increment, bounds, cycle and type of the sequence that fills the column.
    """

    name: str
    type: str
    not_null: bool = False
    default: str | None = None
    generated: str = ""
    identity: str = ""
    collation: str | None = None
    sequence: str | None = None


@frozen
class HeldKey:
    """One key of an index: a column's name or an expression, its operator class unless that is the default one."""

    text: str
    computed: bool
    class_: str
    collation: str
    descending: bool
    nulls_first: bool


@frozen
class HeldIndex:
    """An index, also one that stands behind a constraint: `kind` is `p`, `u`, `x`, or empty where there is none."""

    name: str
    kind: str
    unique: bool
    method: str
    keys: tuple[HeldKey, ...]
    included: tuple[str, ...]
    predicate: str | None
    nulls_equal: bool
    deferral: str
    valid: bool
    definition: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns, without expressions."""
        return tuple(key.text for key in self.keys if not key.computed)

    @property
    def is_key(self) -> bool:
        """Whether it stands behind a constraint, or is as good as one."""
        plain = self.unique and self.predicate is None and not any(key.computed for key in self.keys)
        return plain or self.kind != ""


@frozen
class HeldCheck:
    name: str
    expression: str
    columns: tuple[str, ...]
    enforced: bool
    definition: str


@frozen
class HeldReference:
    """A foreign key. `emptied` are the columns that `SET NULL` or `SET DEFAULT` is confined to."""

    name: str
    columns: tuple[str, ...]
    target: str
    references: tuple[str, ...]
    on_delete: str
    on_update: str
    match: str
    deferral: str
    emptied: tuple[str, ...]
    enforced: bool
    definition: str


@frozen
class HeldTable:
    """A table (`r`), partitioned table (`p`), view (`v`), materialized view (`m`) or foreign table (`f`)."""

    name: str
    schema: str
    kind: str
    columns: tuple[HeldColumn, ...]
    partition: str | None = None
    query: str | None = None
    indexes: tuple[HeldIndex, ...] = ()
    checks: tuple[HeldCheck, ...] = ()
    references: tuple[HeldReference, ...] = ()

    def column(self, name: str) -> HeldColumn | None:
        return next((column for column in self.columns if column.name == name), None)


@frozen
class HeldType:
    """An enum (`e`), domain (`d`), range (`r`) or composite type (`c`)."""

    name: str
    schema: str
    kind: Literal["e", "d", "r", "c"]
    labels: tuple[str, ...] = ()
    base: str | None = None
    not_null: bool = False
    default: str | None = None
    checks: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@frozen
class Inventory:
    """Tables, views and types may be asked for as the search path finds them, or with their schema before a dot."""

    tables: tuple[HeldTable, ...]
    types: tuple[HeldType, ...]

    def table(self, name: str) -> HeldTable | None:
        return _named(self.tables, name)

    def type(self, name: str) -> HeldType | None:
        return _named(self.types, name)


_T = TypeVar("_T", HeldTable, HeldType)


def _named(known: Iterable[_T], name: str) -> _T | None:
    local = name.rpartition(".")[2]
    found = (each for each in known if name in {each.name, f"{each.schema}.{local}"} and local == _local(each.name))
    return next(found, None)


def _local(name: str) -> str:
    return name.rpartition(".")[2]


async def take(connection: Connection) -> Inventory:
    """The inventory of the database, as the search path of the connection finds it."""
    tables = await connection.fetch(_TABLES)
    columns = _grouped(await connection.fetch(_COLUMNS))
    constraints = _grouped(await connection.fetch(_CONSTRAINTS))
    indexes = _grouped(await connection.fetch(_INDEXES))
    types = await connection.fetch(_TYPES)
    return Inventory(
        tuple(
            HeldTable(
                row["name"],
                row["schema"],
                row["kind"],
                tuple(map(_column, columns.get(row["oid"], ()))),
                row["partition"],
                row["query"],
                tuple(map(_index, indexes.get(row["oid"], ()))),
                tuple(_check(each) for each in constraints.get(row["oid"], ()) if each["kind"] == "c"),
                tuple(_reference(each) for each in constraints.get(row["oid"], ()) if each["kind"] == "f"),
            )
            for row in tables
        ),
        tuple(map(_type, types)),
    )


def _grouped(rows: Iterable[asyncpg.Record]) -> dict[int, list[asyncpg.Record]]:
    groups: dict[int, list[asyncpg.Record]] = {}
    for row in rows:
        groups.setdefault(row["relation"], []).append(row)
    return groups


def _column(row: asyncpg.Record) -> HeldColumn:
    return HeldColumn(
        row["name"],
        row["type"],
        row["not_null"],
        row["default"],
        row["generated"],
        row["identity"],
        row["collation"],
        row["own_sequence"] or row["drawn"],
    )


def _index(row: asyncpg.Record) -> HeldIndex:
    parts = zip(row["keys"], row["computed"], row["classes"], row["collations"], row["options"], strict=True)
    return HeldIndex(
        row["name"],
        row["kind"],
        row["unique"],
        row["method"],
        tuple(
            HeldKey(text, computed, class_, collation, bool(options & 1), bool(options & 2))
            for text, computed, class_, collation, options in parts
        ),
        tuple(row["included"]),
        row["predicate"],
        row["nulls_equal"],
        _deferral(row),
        row["valid"],
        row["definition"],
    )


def _deferral(row: asyncpg.Record) -> str:
    return "deferred" if row["deferred"] else "deferrable" if row["deferrable"] else ""


def _check(row: asyncpg.Record) -> HeldCheck:
    return HeldCheck(row["name"], row["expression"], tuple(row["columns"]), row["enforced"], row["definition"])


def _reference(row: asyncpg.Record) -> HeldReference:
    return HeldReference(
        row["name"],
        tuple(row["columns"]),
        row["target"],
        tuple(row["references"]),
        ACTIONS[row["on_delete"]],
        ACTIONS[row["on_update"]],
        row["match"],
        _deferral(row),
        tuple(row["emptied"]),
        row["enforced"],
        row["definition"],
    )


def _type(row: asyncpg.Record) -> HeldType:
    return HeldType(
        row["name"],
        row["schema"],
        row["kind"],
        tuple(row["labels"]),
        row["base"],
        row["not_null"],
        row["default"],
        tuple(row["checks"]),
        tuple(row["members"]),
    )
