"""A database for one examination of a component: as the embedded one is, empty, and gone afterwards."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import quote

import asyncpg

from asbuilt.postgres import roles
from asbuilt.postgres.cluster import Blueprint
from asbuilt.postgres.counting import MODULE
from asbuilt.postgres.direct import execute
from asbuilt.postgres.login import Login
from asbuilt.postgres.postmaster import Manner
from asbuilt.postgres.throwaway import CARELESS, Throwaway, started
from asbuilt.values import frozen

KIND = Throwaway(
    "trial",
    Blueprint(roles.COMPONENT_CLUSTER, durable=False, options=("--wal-segsize=1",)),
    (("all", roles.LAUNCHER), (roles.DATABASE, roles.OWNER), (roles.DATABASE, roles.SERVICE)),
    Manner({**CARELESS, "max_connections": "200"}),
    MODULE,
)
# In a schema of its own, so that it outlives a `public` that is made anew.
_COUNTING = (
    "CREATE SCHEMA asbuilt_counting",
    f"CREATE EXTENSION {MODULE} SCHEMA asbuilt_counting",
    "GRANT USAGE ON SCHEMA asbuilt_counting TO PUBLIC",
)


@frozen
class TrialDatabase:
    """`launcher` may do everything on the server, `owner` owns the database, which is empty."""

    launcher: Login
    owner: Login

    @property
    def url(self) -> str:
        """What `DATABASE_URL` takes, for the owner."""
        login = self.owner
        return f"postgresql://{login.user}@/{login.database}?host={quote(login.host, safe='/')}&port={login.port}"


@contextmanager
def trial_database() -> Iterator[TrialDatabase]:
    """A server of its own, with an empty database. Raises `DatabaseUnavailable`."""
    with ExitStack() as ending:
        server = started(KIND, ending)
        launcher = server.login(roles.LAUNCHER, roles.MAINTENANCE)
        execute(launcher, *roles.DROP_COMPONENT, *roles.CREATE_COMPONENT)
        ending.callback(_drop, launcher)
        execute(server.login(roles.LAUNCHER, roles.DATABASE), *roles.GRANT_COMPONENT)
        with suppress(asyncpg.PostgresError):  # programs without the module count nothing
            execute(server.login(roles.LAUNCHER, roles.DATABASE), *_COUNTING)
        yield TrialDatabase(launcher, server.login(roles.OWNER, roles.DATABASE))


def _drop(launcher: Login) -> None:
    with suppress(asyncpg.PostgresError, OSError):  # should the server have died, the next use begins by dropping
        execute(launcher, *roles.DROP_COMPONENT)
