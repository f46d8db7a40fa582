"""A throw-away database for the referee: SQL of documents is tried here and nowhere else."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import asyncpg

from asbuilt.postgres import roles
from asbuilt.postgres.cluster import Blueprint
from asbuilt.postgres.direct import execute
from asbuilt.postgres.login import Login
from asbuilt.postgres.postmaster import Manner
from asbuilt.postgres.throwaway import CARELESS, Throwaway, started

SETTINGS = {
    **CARELESS,
    "max_wal_size": "32MB",
    "max_connections": "10",
    "max_locks_per_transaction": "1024",  # a schema of a thousand tables in one transaction
    "max_parallel_workers": "0",
    "shared_buffers": "16MB",
    "temp_file_limit": "64MB",
    "lock_timeout": "2s",
}
LARGEST_FILE = 64 * 2048  # 64 MB: a table, an index or a sort that grows past it fails as on a full disk
KIND = Throwaway(
    "scratch",
    Blueprint(roles.SCRATCH_CLUSTER, durable=False, options=("--wal-segsize=1",)),
    (("all", roles.LAUNCHER), (roles.SCRATCH, roles.SCRATCH)),
    Manner(SETTINGS, LARGEST_FILE),
)


@contextmanager
def scratch() -> Iterator[Login]:
    """An empty database and a login that owns it and may do nothing else on its server; gone afterwards, come what may.

    Several processes may each have one. Blocks: in a coroutine, call it from a thread. Raises `DatabaseUnavailable`.
    """
    with ExitStack() as ending:
        server = started(KIND, ending)
        launcher = server.login(roles.LAUNCHER, roles.MAINTENANCE)
        execute(launcher, *roles.DROP_SCRATCH, *roles.CREATE_SCRATCH)
        ending.callback(_drop, launcher)
        yield server.login(roles.SCRATCH, roles.SCRATCH)


def _drop(launcher: Login) -> None:
    with suppress(asyncpg.PostgresError, OSError):  # should the server have died, the next use begins by dropping
        execute(launcher, *roles.DROP_SCRATCH)
