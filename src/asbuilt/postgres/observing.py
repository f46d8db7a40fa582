"""Looking at somebody's database: what is read is all of one moment, and nothing can be written."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg

from asbuilt.postgres.connecting import why_not
from asbuilt.postgres.inventory import SPELLING_SETTINGS, Connection
from asbuilt.postgres.login import DatabaseUrl
from asbuilt.postgres.spelling import identifier
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


# Where tables of these names are: first where the search path finds them, then where there are most.
_HOME = """
SELECT n.nspname AS schema, bool_or(pg_catalog.pg_table_is_visible(c.oid)) AS visible
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = ANY($1::text[]) AND c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%'
GROUP BY n.nspname ORDER BY visible DESC, count(*) DESC, n.nspname LIMIT 1
"""


def observe(url: str, work: Callable[[Connection], Awaitable[_Seen]], tables: Sequence[str] = ()) -> _Seen:
    """What `work` gives on a connection to the database, in one transaction that may only read.

    Where the search path finds none of `tables`, it is set to the schema that has most of them: systems set it
    themselves. Not to be called while an event loop runs in the thread. Raises `DatabaseUnavailable`.
    """
    return to_end(_observed(url, work, tables))


async def _observed(url: str, work: Callable[[Connection], Awaitable[_Seen]], tables: Sequence[str]) -> _Seen:
    login = DatabaseUrl(url)
    try:
        async with asyncio.timeout(PATIENCE):
            connection = await asyncpg.connect(**login.arguments(), server_settings=_SETTINGS, timeout=10)
            try:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    home = await connection.fetchrow(_HOME, list(tables))
                    if home is not None and not home["visible"]:
                        await connection.execute(f"SET LOCAL search_path TO {identifier(home['schema'])}, public")
                    return await work(connection)
            finally:
                connection.terminate()
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise why_not(error, login) from None
