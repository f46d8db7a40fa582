"""The catalogue of a live database, in the same terms as `ddl` reads it from a document.

asbuilt's own schema and what extensions brought along are left out.
https://www.postgresql.org/docs/18/catalogs.html
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

import asyncpg

from asbuilt.postgres.catalog import (
    Action,
    Catalog,
    Check,
    Column,
    Domain,
    EnumType,
    ForeignKey,
    Index,
    Key,
    SqlType,
    Table,
    View,
)
from asbuilt.postgres.sqltypes import parsed
from asbuilt.source import Span

_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_NOWHERE = Span(0, 0)
_ACTIONS: Mapping[str, Action] = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}
_IDENTITIES: Mapping[str, Literal["always", "by default"]] = {"a": "always", "d": "by default"}
# Which schemas count, and how a name in one of them is written.
_OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'asbuilt')"
_NAME = "CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || "
_COLUMNS = f"""
SELECT {_NAME} c.relname AS table, a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.attndims::int AS dimensions, a.attnotnull AS not_null, a.attidentity::text AS identity,
       a.attgenerated::text AS generated, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND {_OURS} AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid
                                         AND e.deptype = 'e')
ORDER BY c.oid, a.attnum
"""
_ATTRIBUTES = """ARRAY(SELECT a.attname::text FROM unnest({keys}) WITH ORDINALITY AS u(number, place)
       JOIN pg_catalog.pg_attribute a ON a.attrelid = {relation} AND a.attnum = u.number ORDER BY u.place)"""
_CONSTRAINTS = f"""
SELECT k.conname AS name, k.contype::text AS kind, {_NAME} c.relname AS table,
       {_ATTRIBUTES.format(keys="k.conkey", relation="k.conrelid")} AS columns,
       CASE WHEN k.confrelid <> 0 THEN (SELECT {_NAME} t.relname FROM pg_catalog.pg_class t
           JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace WHERE t.oid = k.confrelid) END AS target,
       {_ATTRIBUTES.format(keys="k.confkey", relation="k.confrelid")} AS references,
       k.confdeltype::text AS on_delete, k.confupdtype::text AS on_update,
       pg_catalog.pg_get_expr(k.conbin, k.conrelid) AS expression
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c') AND {_OURS}
ORDER BY k.oid
"""
_INDEXES = f"""
SELECT i.relname AS name, {_NAME} c.relname AS table, x.indisunique AS unique, m.amname AS method,
       pg_catalog.pg_get_expr(x.indpred, x.indrelid) AS predicate, k.contype::text AS kind,
       ARRAY(SELECT a.attname::text FROM generate_series(0, x.indnkeyatts - 1) AS place
             LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[place]
                                                AND a.attnum <> 0 ORDER BY place) AS columns
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = i.relam
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')
WHERE {_OURS} AND NOT i.relispartition AND c.relkind IN ('r', 'p', 'm')
ORDER BY i.oid
"""
_TYPES = f"""
SELECT {_NAME} t.typname AS name, t.typtype::text AS kind, t.typnotnull AS not_null,
       CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END AS base,
       t.typndims::int AS dimensions,
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
           AS labels,
       ARRAY(SELECT k.conname::text FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'
             ORDER BY k.oid) AS checks,
       ARRAY(SELECT pg_catalog.pg_get_expr(k.conbin, 0) FROM pg_catalog.pg_constraint k
             WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.oid) AS expressions
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')) AND {_OURS} AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid
                                         AND e.deptype = 'e')
ORDER BY t.oid
"""
_VIEWS = f"""
SELECT {_NAME} c.relname AS name, c.relkind = 'm' AS materialized, pg_catalog.pg_get_viewdef(c.oid) AS query
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND {_OURS} AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid
                                         AND e.deptype = 'e')
ORDER BY c.oid
"""


async def introspect(connection: _Connection) -> Catalog:
    """What the database holds that a document could define. Reads the system catalogues only; spans are empty."""
    columns = await connection.fetch(_COLUMNS)
    constraints = await connection.fetch(_CONSTRAINTS)
    indexes = await connection.fetch(_INDEXES)
    types = await connection.fetch(_TYPES)
    views = await connection.fetch(_VIEWS)
    return Catalog(
        tuple(_tables(columns, constraints, indexes)),
        tuple(EnumType(row["name"], tuple(row["labels"]), _NOWHERE) for row in types if row["kind"] == "e"),
        tuple(_domain(row) for row in types if row["kind"] == "d"),
        tuple(_index(row) for row in indexes if row["kind"] not in {"p", "u"}),
        tuple(View(row["name"], row["query"].rstrip("; \n"), _NOWHERE, row["materialized"]) for row in views),
        tuple(row["name"] for row in types if row["kind"] in {"c", "r"}),
    )


def _tables(
    columns: Sequence[asyncpg.Record], constraints: Sequence[asyncpg.Record], indexes: Sequence[asyncpg.Record]
) -> Iterable[Table]:
    found: dict[str, list[Column]] = {}
    for row in columns:
        found.setdefault(row["table"], [])
        if row["name"] is not None:
            found[row["table"]].append(_column(row))
    held = _grouped(constraints)
    unique = _grouped([row for row in indexes if _is_plain_key(row)])
    for name, own in found.items():
        rows = held.get(name, [])
        keys = [
            Key(r["name"], tuple(r["columns"]), _NOWHERE, r["kind"] == "p") for r in rows if r["kind"] in {"p", "u"}
        ]
        keys += [Key(r["name"], tuple(r["columns"]), _NOWHERE) for r in unique.get(name, [])]
        yield Table(
            name,
            tuple(own),
            _NOWHERE,
            tuple(sorted(keys, key=lambda key: not key.primary)),
            tuple(_foreign_key(row) for row in rows if row["kind"] == "f"),
            tuple(_check(row) for row in rows if row["kind"] == "c"),
        )


def _grouped(rows: Iterable[asyncpg.Record]) -> dict[str, list[asyncpg.Record]]:
    groups: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        groups.setdefault(row["table"], []).append(row)
    return groups


def _is_plain_key(row: asyncpg.Record) -> bool:
    return row["kind"] is None and row["unique"] and row["predicate"] is None and None not in row["columns"]


def _key(row: asyncpg.Record) -> Key:
    return Key(row["name"], tuple(row["columns"]), _NOWHERE, row["kind"] == "p")


def _column(row: asyncpg.Record) -> Column:
    return Column(
        row["name"],
        _typed(row["type"], row["dimensions"]),
        _NOWHERE,
        row["not_null"],
        row["default"],
        row["generated"] != "",
        _IDENTITIES.get(row["identity"]),
    )


def _typed(text: str, dimensions: int) -> SqlType:
    """`format_type` writes one pair of brackets for any number of dimensions; the catalogue knows how many."""
    type_ = parsed(text)
    return SqlType(type_.name, type_.modifiers, max(dimensions, type_.dimensions))


def _foreign_key(row: asyncpg.Record) -> ForeignKey:
    return ForeignKey(
        row["name"],
        tuple(row["columns"]),
        row["target"],
        tuple(row["references"]),
        _NOWHERE,
        _ACTIONS[row["on_delete"]],
        _ACTIONS[row["on_update"]],
    )


def _check(row: asyncpg.Record) -> Check:
    return Check(row["name"], row["expression"], tuple(row["columns"]), _NOWHERE)


def _index(row: asyncpg.Record) -> Index:
    columns = tuple(row["columns"])
    return Index(row["name"], row["table"], columns, _NOWHERE, row["unique"], row["method"], row["predicate"])


def _domain(row: asyncpg.Record) -> Domain:
    checks = zip(row["checks"], row["expressions"], strict=True)
    return Domain(
        row["name"],
        _typed(row["base"], row["dimensions"]),
        _NOWHERE,
        row["not_null"],
        tuple(Check(name, expression, ("value",), _NOWHERE) for name, expression in checks),
    )
