"""What a server says of statements: their parameters, their results, and how it would run them. None is executed.

Plans are generic ones, made without values: `EXPLAIN EXECUTE` of a prepared statement under
`plan_cache_mode = force_generic_plan`, which all versions since 12 have.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import asyncpg

from asbuilt.language.names import Name
from asbuilt.postgres.catalog import SqlType
from asbuilt.postgres.inventory import Connection
from asbuilt.postgres.reading import variant, variants
from asbuilt.postgres.sqltypes import parsed
from asbuilt.postgres.statement import Statement
from asbuilt.values import frozen

_TYPES = "SELECT pg_catalog.format_type(o, NULL) AS name FROM unnest($1::oid[]) WITH ORDINALITY AS u(o, n) ORDER BY n"
_PREPARED = "asbuilt_planned"


class Named(Protocol):
    """A statement with the name its author gave it."""

    @property
    def name(self) -> Name: ...
    @property
    def statement(self) -> Statement: ...


@frozen
class Planned:
    """What a server says of one statement. `refusal` is not empty where it refuses it, whole or without what may
    be absent; `sqlstate` is its code.
    """

    name: str
    sql: str
    parameters: tuple[tuple[str, SqlType], ...] = ()
    columns: tuple[tuple[str, SqlType], ...] = ()
    plan: str = ""
    refusal: str = ""
    sqlstate: str = ""


async def planned(connection: Connection, statements: Sequence[Named]) -> list[Planned]:
    """What the server says of each statement, inside the transaction of the connection; nothing stays behind."""
    await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    return [await _planned(connection, each) for each in statements]


async def _planned(connection: Connection, named: Named) -> Planned:
    made = variant(named.statement, None)
    try:
        async with connection.transaction():
            prepared = await connection.prepare(made.sql)
            parameters = await _types(connection, prepared.get_parameters())
            attributes = prepared.get_attributes()
            types = await _types(connection, [each.type for each in attributes])
            plan = await _plan(connection, made.sql, len(parameters))
            for present in list(variants(named.statement))[1:]:
                await connection.prepare(variant(named.statement, present).sql)
    except asyncpg.PostgresError as error:
        return Planned(named.name.text, made.sql, refusal=str(error.args[0]), sqlstate=error.sqlstate or "XX000")
    columns = tuple(zip((each.name for each in attributes), types, strict=True))
    return Planned(named.name.text, made.sql, tuple(zip(made.parameters, parameters, strict=True)), columns, plan)


async def _types(connection: Connection, types: Iterable[asyncpg.Type]) -> list[SqlType]:
    rows = await connection.fetch(_TYPES, [each.oid for each in types])
    return [parsed(row["name"]) for row in rows]


async def _plan(connection: Connection, sql: str, parameters: int) -> str:
    await connection.execute(f"PREPARE {_PREPARED} AS {sql}")
    values = f"({', '.join(['NULL'] * parameters)})" if parameters else ""
    rows = await connection.fetch(f"EXPLAIN EXECUTE {_PREPARED}{values}")
    await connection.execute(f"DEALLOCATE {_PREPARED}")
    return "\n".join(row[0] for row in rows)
