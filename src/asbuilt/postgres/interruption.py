"""Breaks the connections that others have to a database, as an administrator's command or a failover does."""

import asyncpg

from asbuilt.postgres.connecting import why_not
from asbuilt.postgres.direct import fetch
from asbuilt.postgres.login import DatabaseUrl

# https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL: those of roles that it is a member of.
_TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND pg_has_role(usesysid, 'USAGE')
"""


def interrupt(url: str) -> int:
    """End the connections that the login may end; how many. New ones are let in. Raises `DatabaseUnavailable`."""
    login = DatabaseUrl(url)
    try:
        return sum(ended is True for (ended,) in fetch(login, _TERMINATE))
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise why_not(error, login) from None
