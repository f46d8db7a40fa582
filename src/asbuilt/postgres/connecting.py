"""Why a database that was named can't be had, in words that help."""

import asyncpg

from asbuilt.postgres.login import DatabaseUrl, Login
from asbuilt.postgres.unavailable import DatabaseUnavailable

_HINTS = {
    "28P01": "check user and password",
    "28000": "check the user, and what `pg_hba.conf` of the server lets in",
    "3D000": "create the database, or name another",
    "53300": "raise `max_connections` of the server, or lower the number of workers",
    "57P03": "the server is starting up or shutting down; try again in a moment",
    "42501": "let the role connect to the database (GRANT CONNECT)",
}


_OWN = " With `--database embedded`, `asbuilt run` brings a database along"


def why_not(error: Exception, login: Login | DatabaseUrl) -> DatabaseUnavailable:
    """The exception for the user. Neither password nor URL is ever shown."""
    where = f"at {login.host}" if isinstance(login, Login) else "that `DATABASE_URL` names"
    if isinstance(error, asyncpg.PostgresError):
        said = str(error.args[0]) if error.args else type(error).__name__
        hint = _HINTS.get(error.sqlstate or "", "")
        return DatabaseUnavailable(f"the database {where} refuses the connection: {said}", hint)
    if isinstance(error, TimeoutError):
        return DatabaseUnavailable(f"the database {where} does not answer", "check host, port and firewall")
    if isinstance(error, OSError):
        said = error.strerror or str(error) or type(error).__name__
        own = "" if isinstance(login, Login) else _OWN
        return DatabaseUnavailable(
            f"the database {where} can't be reached: {said}", f"is the server running there?{own}"
        )
    hint = "a URL looks like `postgresql://user:password@host:5432/name`"
    return DatabaseUnavailable(f"the database {where} can't be used: the address is not understood", hint)
