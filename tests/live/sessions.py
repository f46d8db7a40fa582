"""A real database for tests: an empty one, its connection set as the service's are, behind plain calls."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import asyncpg

from asbuilt.postgres.json_sql import SESSION_SETTINGS
from asbuilt.postgres.scratch import scratch
from asbuilt.postgres.sqltypes import parsed
from asbuilt.postgres.statement import Query, ResultColumn


class Session:
    """One connection, used without `await`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._loop = loop
        self._connection = connection

    def run(self, sql: str) -> None:
        self._loop.run_until_complete(self._connection.execute(sql))

    def rows(self, sql: str, *values: object) -> "list[asyncpg.Record]":
        return self._loop.run_until_complete(self._connection.fetch(sql, *values))

    def columns(self, sql: str) -> tuple[ResultColumn, ...]:
        """The columns of a statement's result, by PostgreSQL's own word."""
        prepared = self._loop.run_until_complete(self._connection.prepare(sql))
        found = prepared.get_attributes()
        types = self.rows(
            "SELECT format_type(o, NULL) AS name FROM unnest($1::oid[]) AS o", [a.type.oid for a in found]
        )
        return tuple(ResultColumn(a.name, parsed(type_["name"])) for a, type_ in zip(found, types, strict=True))

    def answer(self, query: Query, values: Mapping[str, object]) -> "asyncpg.Record | None":
        """The one row of a statement, its parameters given by name."""
        found = self.rows(query.sql, *(values[name] for name in query.parameters))
        assert len(found) <= 1
        return found[0] if found else None


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
