"""Looking at somebody's database: what is read is all of one moment, and nothing can be written."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from asbuilt.postgres.connecting import why_not
from asbuilt.postgres.inventory import SPELLING_SETTINGS, Connection
from asbuilt.postgres.login import DatabaseUrl
from asbuilt.postgres.waiting import to_end

PATIENCE = 60.0  # seconds for all that is looked at
_Seen = TypeVar("_Seen")
_SETTINGS = {
    **SPELLING_SETTINGS,
    "application_name": "asbuilt verify",
    "default_transaction_read_only": "on",
    "statement_timeout": "10s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "60s",
}


def observe(url: str, work: Callable[[Connection], Awaitable[_Seen]]) -> _Seen:
    """What `work` gives on a connection to the database, in one transaction that may only read.

    Not to be called while an event loop runs in the thread. Raises `DatabaseUnavailable`.
    """
    return to_end(_observed(url, work))


async def _observed(url: str, work: Callable[[Connection], Awaitable[_Seen]]) -> _Seen:
    login = DatabaseUrl(url)
    try:
        async with asyncio.timeout(PATIENCE):
            connection = await asyncpg.connect(**login.arguments(), server_settings=_SETTINGS, timeout=10)
            try:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    return await work(connection)
            finally:
                connection.terminate()
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise why_not(error, login) from None
