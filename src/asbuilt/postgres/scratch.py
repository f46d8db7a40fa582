"""A throw-away database for the referee: SQL of documents is tried here and nowhere else.

Each use has a server of its own (it starts in some 20 ms), on one of a few prepared clusters that are kept for
speed. Nothing of value is in them: they are not flushed to disk, and made anew after the machine has booted.
"""

import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import asyncpg

from asbuilt.postgres import cluster, datafolder, roles
from asbuilt.postgres.account import Account, server_account
from asbuilt.postgres.cluster import Blueprint, Ground
from asbuilt.postgres.datafolder import Place
from asbuilt.postgres.direct import execute
from asbuilt.postgres.login import Login
from asbuilt.postgres.postmaster import Manner, Postmaster
from asbuilt.postgres.providers import Search, find
from asbuilt.postgres.unavailable import AlreadyRunning, ServerFailed

CLUSTERS = 8
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made there is the user's own, or is not used
ROOM = 512 << 20  # bytes free, so that checks leave others theirs
PATIENCE = 30.0  # seconds for one of them to become free
BLUEPRINT = Blueprint(roles.SCRATCH_CLUSTER, durable=False, options=("--wal-segsize=1",))
LOGINS = (
    ("all", roles.LAUNCHER),
    (roles.SCRATCH, roles.SCRATCH),
)
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "32MB",
    "autovacuum": "off",
    "max_connections": "10",
    "max_locks_per_transaction": "1024",  # a schema of a thousand tables in one transaction
    "max_parallel_workers": "0",
    "shared_buffers": "16MB",
    "huge_pages": "off",
    "temp_file_limit": "64MB",
    "lock_timeout": "2s",
    "restart_after_crash": "off",
}
LARGEST_FILE = 64 * 2048  # 64 MB: a table, an index or a sort that grows past it fails as on a full disk


@contextmanager
def scratch() -> Iterator[Login]:
    """An empty database and a login that owns it and may do nothing else on its server; gone afterwards, come what may.

    Several processes may each have one. Blocks: in a coroutine, call it from a thread. Raises `DatabaseUnavailable`.
    """
    with ExitStack() as ending:
        server = _server(ending)
        ending.callback(server.stop)
        launcher = server.login(roles.LAUNCHER, roles.MAINTENANCE)
        execute(launcher, *roles.DROP_SCRATCH, *roles.CREATE_SCRATCH)
        ending.callback(_drop, launcher)
        yield server.login(roles.SCRATCH, roles.SCRATCH)


def _drop(launcher: Login) -> None:
    with suppress(asyncpg.PostgresError, OSError):  # should the server have died, the next use begins by dropping
        execute(launcher, *roles.DROP_SCRATCH)


def _server(ending: ExitStack) -> Postmaster:
    """A started server on a free place, whose lock is given back at the end. A cluster that is broken is made anew."""
    place, account, lock = _free_place()
    ending.callback(datafolder.released, lock)
    copies = datafolder.state_folder() / "binaries"
    with datafolder.folder_errors(copies):
        ground = Ground(place, find(Search(account, copies)), account, lock)
    made_now = _furnish(ground)
    server = Postmaster(ground, Manner(SETTINGS, LARGEST_FILE), _silently)
    try:
        server.start()
    except ServerFailed:
        if made_now:
            raise
        shutil.rmtree(place.data)
        _furnish(ground)
        server = Postmaster(ground, Manner(SETTINGS, LARGEST_FILE), _silently)
        server.start()
    return server


def _furnish(ground: Ground) -> bool:
    """Whether the cluster had to be made: there was none, or it is of other programs or of before the last boot."""
    stamp = f"{ground.binaries.folder} {ground.binaries.version} {_boot()}"
    record = ground.place.folder / "made"
    with datafolder.folder_errors(ground.place.folder):
        stale = not (ground.place.data.exists() and record.exists() and record.read_text() == stamp)
        if stale:
            shutil.rmtree(ground.place.data, ignore_errors=True)
            cluster.make(ground, BLUEPRINT)
            record.write_text(stamp)
    cluster.admit(ground.place, ground.account, LOGINS)
    return stale


def _boot() -> str:
    """What differs each time the machine has booted, where the machine tells it."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _free_place() -> tuple[Place, Account, int]:
    root = _root()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for number in range(CLUSTERS):
            place = Place(root / str(number))
            account = server_account(place.data)
            datafolder.prepare(place, account)
            with suppress(AlreadyRunning):
                return place, account, datafolder.held(place, patience=1, user="the referee")
        time.sleep(0.05)
    raise AlreadyRunning(f"all {CLUSTERS} scratch databases are in use", "try again when other checks have ended")


def _root() -> Path:
    """Where the clusters are kept: in memory if there is room, since a schema is hundreds of small files."""
    kept = datafolder.state_folder() / "scratch"
    memory = MEMORY / f"asbuilt-{os.geteuid()}"
    if datafolder.STATE in os.environ:
        return kept
    try:
        if shutil.disk_usage(MEMORY).free < ROOM:
            return kept
        memory.mkdir(mode=0o711, exist_ok=True)
        found = memory.lstat()
    except OSError:
        return kept
    # Anybody may make folders there: one that somebody else can write to is not ours.
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022
    return memory if ours else kept


def _silently(_: str) -> None:
    """Nobody is told of the progress of a server that lives for a moment."""
