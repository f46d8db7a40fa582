"""Statements run directly: one connection, one after another, no pool. For coroutines there is asyncpg itself."""

import asyncpg

from asbuilt.postgres.login import DatabaseUrl, Login
from asbuilt.postgres.waiting import to_end


def execute(login: Login | DatabaseUrl, *statements: str) -> None:
    """Run each statement on its own, outside a transaction. Not to be called while an event loop runs in the thread.

    Raises `asyncpg.PostgresError` for what the server refuses and OSError when it can't be reached.
    """
    to_end(_execute(login, statements))


def fetch(login: Login | DatabaseUrl, query: str, *values: object) -> list[tuple[object, ...]]:
    """The rows of one query. Raises as `execute` does."""
    return to_end(_fetch(login, query, values))


async def _execute(login: Login | DatabaseUrl, statements: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(**login.arguments())
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _fetch(login: Login | DatabaseUrl, query: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(**login.arguments())
    try:
        return [tuple(row) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()
