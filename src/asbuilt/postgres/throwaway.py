"""Servers that live for a moment, on prepared clusters that are kept for speed.

Nothing of value is in them: they are not flushed to disk, and made anew after the machine has booted.
"""

import os
import shutil
import stat
import time
from contextlib import ExitStack, suppress
from dataclasses import field, replace
from pathlib import Path

from asbuilt.postgres import cluster, datafolder
from asbuilt.postgres.account import Account, server_account
from asbuilt.postgres.cluster import Blueprint, Ground
from asbuilt.postgres.datafolder import Place
from asbuilt.postgres.postmaster import Manner, Postmaster
from asbuilt.postgres.providers import Search, find
from asbuilt.postgres.unavailable import AlreadyRunning, ServerFailed
from asbuilt.values import frozen

CLUSTERS = 8
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made there is the user's own, or is not used
ROOM = 512 << 20  # bytes free, so that checks leave others theirs
PATIENCE = 30.0  # seconds for one of them to become free
CARELESS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "huge_pages": "off",
    "restart_after_crash": "off",
}


@frozen
class Throwaway:
    """A kind of server: `folder` is where its clusters are kept, `logins` who may use which database.

    `module` is loaded at the start by programs that bring it along.
    """

    folder: str
    blueprint: Blueprint
    logins: tuple[tuple[str, str], ...]
    manner: Manner = field(default_factory=Manner)
    module: str = ""


def started(kind: Throwaway, ending: ExitStack) -> Postmaster:
    """A started server on a free place, stopped at the end. A cluster that is broken is made anew.

    Blocks: in a coroutine, call it from a thread. Raises `DatabaseUnavailable`.
    """
    place, account, lock = _free_place(kind)
    ending.callback(datafolder.released, lock)
    copies = datafolder.state_folder() / "binaries"
    with datafolder.folder_errors(copies):
        ground = Ground(place, find(Search(account, copies)), account, lock)
    made_now = _furnish(kind, ground)
    manner = _manner(kind, ground)
    server = Postmaster(ground, manner, _silently)
    try:
        server.start()
    except ServerFailed:
        if made_now:
            raise
        shutil.rmtree(place.data)
        _furnish(kind, ground)
        server = Postmaster(ground, manner, _silently)
        server.start()
    ending.callback(server.stop)
    return server


def _manner(kind: Throwaway, ground: Ground) -> Manner:
    there = (ground.binaries.folder.parent / "lib" / f"{kind.module}{ending}" for ending in (".so", ".dylib"))
    if not kind.module or not any(file.is_file() for file in there):
        return kind.manner
    return replace(kind.manner, settings={**kind.manner.settings, "shared_preload_libraries": kind.module})


def _furnish(kind: Throwaway, ground: Ground) -> bool:
    """Whether the cluster had to be made: there was none, or it is of other programs or of before the last boot."""
    stamp = f"{ground.binaries.folder} {ground.binaries.version} {_boot()}"
    record = ground.place.folder / "made"
    with datafolder.folder_errors(ground.place.folder):
        stale = not (ground.place.data.exists() and record.exists() and record.read_text() == stamp)
        if stale:
            shutil.rmtree(ground.place.data, ignore_errors=True)
            cluster.make(ground, kind.blueprint)
            record.write_text(stamp)
    cluster.admit(ground.place, ground.account, kind.logins)
    return stale


def _boot() -> str:
    """What differs each time the machine has booted, where the machine tells it."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _free_place(kind: Throwaway) -> tuple[Place, Account, int]:
    root = _root(kind.folder)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for number in range(CLUSTERS):
            place = Place(root / f"{kind.folder}{number}")
            account = server_account(place.data)
            datafolder.prepare(place, account)
            with suppress(AlreadyRunning):
                return place, account, datafolder.held(place, patience=1, user="a check")
        time.sleep(0.05)
    raise AlreadyRunning(f"all {CLUSTERS} {kind.folder} databases are in use", "try again when other checks have ended")


def _root(folder: str) -> Path:
    """Where the clusters are kept: in memory if there is room, since a schema is hundreds of small files."""
    kept = datafolder.state_folder() / folder
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
