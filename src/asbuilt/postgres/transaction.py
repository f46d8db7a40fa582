"""A transaction: begun at its first statement, its connection to itself."""

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Literal

import asyncpg

from asbuilt.postgres.driver import Connection, Database, Result
from asbuilt.postgres.errors import Condition, StatementFailed, condition

Isolation = Literal["serializable", "repeatable read", "read committed"]

# Where a snapshot is kept, who waits for a row waits in vain: its holder changes it, and the one who waited fails.
_WAIT_FOR_A_ROW = "; SET LOCAL lock_timeout = '100ms'"
_AT_ONCE = 1.0  # seconds


class Transaction:
    """Statements that take effect together. Calls made at once take turns; `commit` or `abandon` ends it.

    A transaction without a statement costs nothing.
    """

    def __init__(self, database: Database, isolation: Isolation = "serializable", *, read_only: bool = False) -> None:
        self._database = database
        self._begin = f"BEGIN ISOLATION LEVEL {isolation.upper()}{' READ ONLY' if read_only else ''}"
        if isolation != "read committed":
            self._begin += _WAIT_FOR_A_ROW
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def run(self, sql: str, values: Sequence[object]) -> Result:
        """Raises `StatementFailed`; what follows in this transaction then fails too."""
        async with self._turn:
            began = perf_counter()
            try:
                if self._connection is None:
                    self._connection = await self._database.acquire()
                    await self._connection.command(self._begin)
                return await self._connection.run(sql, values)
            except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError):
                # Tables have changed: begun anew, the transaction sees them as they are now.
                if self._connection is not None:
                    self._connection.forget()
                raise StatementFailed(Condition("serialization", message="tables have changed")) from None
            except StatementFailed:
                raise
            except Exception as error:
                raise StatementFailed(_in_time(condition(error), perf_counter() - began)) from None

    async def commit(self) -> None:
        """Make it last. Raises `StatementFailed`: nothing has lasted then."""
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        try:
            done = await connection.command("COMMIT")
        except asyncpg.PostgresError as error:
            self._database.release(connection)
            raise StatementFailed(condition(error)) from None
        except BaseException as error:
            self._database.rest(connection)
            if isinstance(error, Exception):
                raise StatementFailed(condition(error)) from None
            raise
        self._database.release(connection)
        if done != "COMMIT":
            raise StatementFailed(Condition("other", message="a statement had failed, so nothing was committed"))

    async def abandon(self) -> None:
        """Undo it."""
        if self._connection is None:
            return
        connection, self._connection = self._connection, None
        try:
            await connection.command("ROLLBACK")
        except BaseException as error:
            self._database.rest(connection)
            # With a connection that is lost, PostgreSQL undoes the transaction itself.
            if not isinstance(error, Exception):
                raise
        else:
            self._database.release(connection)


def _in_time(found: Condition, seconds: float) -> Condition:
    """A wait for a row that ends in the moment the row is had is told as a cancelled statement."""
    if found.kind == "timeout" and seconds < _AT_ONCE:
        return Condition("lock", found.sqlstate, message=found.message)
    return found
