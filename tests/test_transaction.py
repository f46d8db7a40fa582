"""What becomes of a transaction whose connection is lost."""

import asyncio
from typing import Any

import asyncpg
import pytest

from asbuilt.postgres.transaction import Transaction


class Connection:
    """Runs everything but ROLLBACK."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def command(self, sql: str) -> str:
        if sql == "ROLLBACK":
            raise self.error
        return sql

    async def run(self, sql: str, values: object) -> str:
        return sql


class Database:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.rested: list[Connection] = []

    async def acquire(self) -> Connection:
        return self.connection

    def rest(self, connection: Connection) -> None:
        self.rested.append(connection)

    def release(self, connection: Connection) -> None:
        raise AssertionError("a connection that could not roll back is not to be used again")


def abandoned(error: BaseException) -> list[Connection]:
    database: Any = Database(Connection(error))

    async def work() -> None:
        transaction = Transaction(database)
        await transaction.run("SELECT 1", ())
        await transaction.abandon()

    asyncio.run(work())
    rested: list[Connection] = database.rested
    return rested


@pytest.mark.parametrize("error", [asyncpg.InterfaceError("connection is closed"), ConnectionResetError(), OSError()])
def test_a_lost_connection_does_not_hide_why_the_transaction_was_abandoned(error: Exception) -> None:
    assert len(abandoned(error)) == 1


def test_cancelling_is_not_swallowed() -> None:
    with pytest.raises(asyncio.CancelledError):
        abandoned(asyncio.CancelledError())
