"""Brings a database to the schema of a document: an empty one whole, an existing one only by what adds to it."""

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace

import asyncpg

from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.connecting import why_not
from asbuilt.postgres.draft import dotted, qualified
from asbuilt.postgres.grammar import Node, Refused, parse, split
from asbuilt.postgres.introspect import introspect
from asbuilt.postgres.login import DatabaseUrl, Login
from asbuilt.postgres.schema_change import Change, change
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.source import Fragment
from asbuilt.values import frozen

# The schema that asbuilt keeps its own tables in, and the key that signs cursors: the same for all replicas.
_OWN = (
    "CREATE SCHEMA IF NOT EXISTS asbuilt",
    "CREATE TABLE IF NOT EXISTS asbuilt.secrets (name text PRIMARY KEY, value bytea NOT NULL)",
    "INSERT INTO asbuilt.secrets"
    " SELECT 'cursor', sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea) ON CONFLICT DO NOTHING",
)
_OWN_THERE = "SELECT to_regclass('asbuilt.secrets') IS NOT NULL"
_CURSOR_KEY = "SELECT value FROM asbuilt.secrets WHERE name = 'cursor'"
_KEPT = "asbuilt_kept"
_LINES = 20
_NOT_ALLOWED = (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)
_TYPES = {"CreateEnumStmt", "CreateDomainStmt"}
# Holding no rows, these are made anew at each start: their bodies are not compared.
_REPLACED = {"CreateFunctionStmt", "ViewStmt", "CreateTrigStmt"}
_CREATE = re.compile(r"(?i)^(\s*create)(?!\s+or\s+replace)\b")


class SchemaDiffers(DatabaseUnavailable):
    """The database holds another schema than the document, and something would be lost on the way."""


@frozen
class Applied:
    """`shown` says, a line each, what was added; `cursor_key` signs the cursors of pages.

    `reserve` says, a line each, what the login was not let do and what follows from it.
    """

    shown: tuple[str, ...]
    cursor_key: bytes
    reserve: tuple[str, ...] = ()


async def apply_schema(login: Login | DatabaseUrl, ddl: Sequence[Fragment], *, embedded: bool) -> Applied:
    """Create what the document's schema has and the database has not; all of it or nothing.

    On a database that is not ours (`embedded` is false) nothing is changed unless none of the document's tables is
    there; where all of them are, a login that may only read, or may create nothing, is enough. Raises `SchemaDiffers`
    where something would be lost, `DatabaseUnavailable` where a statement is refused.
    """
    try:
        connection = await asyncpg.connect(**login.arguments(), server_settings={"search_path": "public"}, timeout=10)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise why_not(error, login) from None
    try:
        return await _apply(connection, tuple(_each(ddl)), embedded=embedded)
    except asyncpg.PostgresError as refusal:
        raise DatabaseUnavailable(
            f"the database refuses the schema of the document: {refusal.args[0]}", _way_on(refusal, embedded=embedded)
        ) from None
    finally:
        await connection.close()


def _way_on(refusal: asyncpg.PostgresError, *, embedded: bool) -> str:
    if "extension" in str(refusal.args[0]) and not isinstance(refusal, _NOT_ALLOWED):
        return "leave it out (`gen_random_uuid` and `sha256` are built in), or name a server that has it"
    if embedded:
        return "mend Database Schema, or name a server that takes it with `--database`"
    return "mend Database Schema, or give the role of `DATABASE_URL` the right to create it"


async def _apply(connection: "asyncpg.Connection", ddl: tuple["_Statement", ...], *, embedded: bool) -> Applied:
    live = await introspect(connection)
    created = {statement.makes for statement in ddl if statement.kind == "CreateStmt"}
    if not created & {table.name for table in live.tables}:
        await _run(connection, [*_OWN, *(statement.sql for statement in ddl)])
        return Applied(tuple(f"table `{name}`" for name in sorted(created)), await connection.fetchval(_CURSOR_KEY))
    key, reserve = await _cursor_key(connection)
    try:
        wanted = await _rehearsed(connection, ddl)
    except _NOT_ALLOWED as refusal:
        if not created <= {table.name for table in live.tables}:
            raise
        return Applied((), key, (*reserve, f"the schema of the database is not compared: {refusal.args[0]}"))
    steps = change(live, wanted, ours=embedded)
    _refuse_losses(steps, embedded=embedded)
    types = [each for each in ddl if each.kind in _TYPES and each.makes in steps.added]
    rest = [each for each in ddl if each.kind not in _TYPES and (each.makes in steps.added or each.kind in _REPLACED)]
    await _run(connection, [*(t.sql for t in types), *steps.statements, *map(_again, rest)])
    return Applied(steps.shown, key, reserve)


async def _cursor_key(connection: "asyncpg.Connection") -> tuple[bytes, tuple[str, ...]]:
    """The key that the database keeps; where none can be kept there one of this run, and what follows from that."""
    try:
        if not await connection.fetchval(_OWN_THERE):
            await _run(connection, _OWN)
        return await connection.fetchval(_CURSOR_KEY), ()
    except _NOT_ALLOWED as refusal:
        return secrets.token_bytes(32), (f"cursors of pages hold for this process only: {refusal.args[0]}",)


def _again(statement: "_Statement") -> str:
    """The statement, so that it replaces what is there."""
    return _CREATE.sub(r"\1 OR REPLACE", statement.sql) if statement.kind in _REPLACED else statement.sql


async def _run(connection: "asyncpg.Connection", sql: Sequence[str]) -> None:
    async with connection.transaction():
        for statement in sql:
            await connection.execute(statement)


async def _rehearsed(connection: "asyncpg.Connection", ddl: tuple["_Statement", ...]) -> Catalog:
    """The catalogue that the document's schema makes, from a `public` that is made for it and undone."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(f"ALTER SCHEMA public RENAME TO {_KEPT}")
        await connection.execute("CREATE SCHEMA public")
        for statement in ddl:
            await connection.execute(statement.sql)
        return _without(await introspect(connection), f"{_KEPT}.")
    finally:
        await transaction.rollback()


def _without(catalog: Catalog, prefix: str) -> Catalog:
    """The catalogue without what stands in a schema of that prefix."""
    return replace(
        catalog,
        tables=tuple(table for table in catalog.tables if not table.name.startswith(prefix)),
        enums=tuple(enum for enum in catalog.enums if not enum.name.startswith(prefix)),
        domains=tuple(domain for domain in catalog.domains if not domain.name.startswith(prefix)),
        indexes=tuple(index for index in catalog.indexes if not index.table.startswith(prefix)),
        views=tuple(view for view in catalog.views if not view.name.startswith(prefix)),
    )


def _refuse_losses(steps: Change, *, embedded: bool) -> None:
    if embedded and steps.lost:
        raise SchemaDiffers(
            f"the data folder holds another schema than the document; going on would lose\n{_listed(steps.lost)}",
            "change Database Schema back, or start with `--fresh`, which keeps the old data aside",
        )
    if not embedded and (steps.shown or steps.lost):
        raise SchemaDiffers(
            "the database of `DATABASE_URL` is not at the schema of the document\n"
            + _listed((*steps.shown, *steps.lost)),
            "asbuilt changes nothing in a database that is in use: bring it there with your own migration",
        )


def _listed(lines: Sequence[str]) -> str:
    more = [f"  - and {len(lines) - _LINES} more"] if len(lines) > _LINES else []
    return "\n".join([*(f"  - {line}" for line in lines[:_LINES]), *more])


@frozen
class _Statement:
    """A statement of the schema, its kind in PostgreSQL's grammar, and the name of the object it makes or changes."""

    sql: str
    kind: str
    makes: str


def _each(ddl: Sequence[Fragment]) -> Iterator[_Statement]:
    for fragment in ddl:
        for start, end, _ in split(fragment.text):
            sql = fragment.text[start:end]
            try:
                tree = parse(sql)
            except Refused:
                continue
            if tree is not None:
                yield _Statement(sql, tree.kind, _object(tree.kind, tree.node))


def _object(kind: str, node: Node) -> str:
    match kind:
        case "CreateStmt" | "AlterTableStmt":
            return qualified(node["relation"])
        case "IndexStmt":
            return str(node.get("idxname", ""))
        case "CreateEnumStmt" | "AlterEnumStmt":
            return dotted(node["typeName"])
        case "CreateDomainStmt":
            return dotted(node["domainname"])
        case "ViewStmt":
            return qualified(node["view"])
        case _:
            return ""
