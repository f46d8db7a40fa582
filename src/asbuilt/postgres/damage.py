"""Single faults in the schema of a database: each is there for as long as somebody looks, and is gone afterwards."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import asyncpg

from asbuilt.postgres.connecting import why_not
from asbuilt.postgres.inventory import SPELLING_SETTINGS, Connection, HeldColumn, HeldTable, Inventory, take
from asbuilt.postgres.login import DatabaseUrl
from asbuilt.postgres.waiting import to_end
from asbuilt.values import frozen

_Seen = TypeVar("_Seen")
_PATIENCE = 30.0
_OTHER_TYPES = {
    "integer": "bigint",
    "bigint": "numeric",
    "text": "varchar(500)",
    "date": "timestamp",
    "boolean": "text",
}


@frozen
class Damage:
    """`kind` is what was done to what: a column dropped, a constraint dropped; `sql` does it."""

    kind: str
    place: str
    sql: str


def damages(held: Inventory) -> Iterator[Damage]:
    """Every fault of a kind that a migration may have, in the tables and indexes that there are."""
    for table in held.tables:
        if table.kind in {"r", "p"}:
            yield from _of_table(table)
        elif table.kind in {"v", "m"}:
            view = "MATERIALIZED VIEW" if table.kind == "m" else "VIEW"
            yield Damage("view dropped", table.name, f"DROP {view} {_quoted(table)} CASCADE")


def _of_table(table: HeldTable) -> Iterator[Damage]:
    alter = f"ALTER TABLE {_quoted(table)}"
    yield Damage("table dropped", table.name, f"DROP TABLE {_quoted(table)} CASCADE")
    for column in table.columns:
        yield from _of_column(table, column, alter)
    for index in table.indexes:
        if index.kind:
            drop = f"{alter} DROP CONSTRAINT {_name(index.name)} CASCADE"
            yield Damage("constraint dropped", f"{table.name}: {index.name}", drop)
        else:
            schema = _name(table.schema)
            yield Damage("index dropped", f"{table.name}: {index.name}", f"DROP INDEX {schema}.{_name(index.name)}")
    for name in (*(check.name for check in table.checks), *(reference.name for reference in table.references)):
        yield Damage("constraint dropped", f"{table.name}: {name}", f"{alter} DROP CONSTRAINT {_name(name)}")


def _of_column(table: HeldTable, column: HeldColumn, alter: str) -> Iterator[Damage]:
    place, name = f"{table.name}.{column.name}", _name(column.name)
    keyed = any(index.kind == "p" and column.name in index.columns for index in table.indexes)
    yield Damage("column dropped", place, f"{alter} DROP COLUMN {name} CASCADE")
    if column.not_null and not keyed and not column.identity:
        yield Damage("NOT NULL dropped", place, f"{alter} ALTER COLUMN {name} DROP NOT NULL")
    elif not column.not_null:
        yield Damage("NOT NULL added", place, f"{alter} ALTER COLUMN {name} SET NOT NULL")
    if column.default is not None and not column.generated:
        yield Damage("default dropped", place, f"{alter} ALTER COLUMN {name} DROP DEFAULT")
    other = _OTHER_TYPES.get(column.type)
    if other and not column.identity and not column.generated:
        yield Damage("another type", place, f"{alter} ALTER COLUMN {name} TYPE {other} USING {name}::{other}")


def damaged(url: str, damage: Damage, work: Callable[[Connection], Awaitable[_Seen]]) -> _Seen | None:
    """What `work` gives of a database with the damage, which is undone; None where PostgreSQL refuses to do it.

    Not to be called while an event loop runs in the thread. Raises `DatabaseUnavailable`.
    """
    return to_end(_damaged(url, damage, work))


async def _damaged(url: str, damage: Damage, work: Callable[[Connection], Awaitable[_Seen]]) -> _Seen | None:
    login = DatabaseUrl(url)
    try:
        async with asyncio.timeout(_PATIENCE):
            connection = await asyncpg.connect(
                **login.arguments(), server_settings={**SPELLING_SETTINGS, "lock_timeout": "5s"}, timeout=10
            )
            transaction = connection.transaction()
            await transaction.start()
            try:
                return await work(connection) if await _done(connection, damage) else None
            finally:
                await transaction.rollback()
                await connection.close()
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise why_not(error, login) from None


async def _done(connection: Connection, damage: Damage) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(damage.sql)
    except asyncpg.PostgresError:
        return False
    return True


def inventory(url: str) -> Inventory:
    """What a database holds. Raises `DatabaseUnavailable`."""

    async def nothing_done(connection: Connection) -> Inventory:
        return await take(connection)

    found = damaged(url, Damage("", "", "SELECT"), nothing_done)
    return found or Inventory((), ())


def _quoted(table: HeldTable) -> str:
    return f"{_name(table.schema)}.{_name(table.name.rpartition('.')[2])}"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
