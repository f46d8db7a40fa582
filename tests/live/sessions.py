"""A real database for tests: an empty one, its connection set as the service's are, behind plain calls."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import asyncpg

from asbuilt.postgres.json_sql import SESSION_SETTINGS
from asbuilt.postgres.scratch import scratch
from asbuilt.postgres.statement import Query


class Session:
    """One connection, used without `await`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._loop = loop
        self._connection = connection

    def run(self, sql: str) -> None:
        self._loop.run_until_complete(self._connection.execute(sql))

    def rows(self, sql: str, *values: object) -> "list[asyncpg.Record]":
        return self._loop.run_until_complete(self._connection.fetch(sql, *values))

    def answer(self, query: Query, values: Mapping[str, object]) -> "asyncpg.Record | None":
        """The one row of a statement, its parameters given by name."""
        found = self.rows(query.sql, *(values[name] for name in query.parameters))
        assert len(found) <= 1
        return found[0] if found else None

    def refill(self, tables: Sequence[str]) -> None:
        self.run(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


@contextmanager
def session(schema: str) -> Iterator[Session]:
    """A connection to an empty database in which `schema` has been carried out."""
    with scratch() as login:
        loop = asyncio.new_event_loop()
        settings = dict(SESSION_SETTINGS)
        connection = loop.run_until_complete(asyncpg.connect(**login.arguments(), server_settings=settings))
        try:
            made = Session(loop, connection)
            made.run(schema)
            yield made
        finally:
            loop.run_until_complete(connection.close())
            loop.close()
