"""A PostgreSQL cluster made: `initdb`, settings, roles. It appears whole under its final name, or not at all."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from asbuilt.postgres.account import Account, caller
from asbuilt.postgres.datafolder import Place, disk_full, folder_errors
from asbuilt.postgres.providers import Binaries
from asbuilt.postgres.roles import LAUNCHER
from asbuilt.postgres.unavailable import DatabaseUnavailable, ServerFailed
from asbuilt.values import frozen

BUILTIN_LOCALES = 17  # the first major version that brings its own Unicode rules
DISK_FULL = ("No space left on device", "Disk quota exceeded")
ROOM_FOR_WORDS = 1 << 16  # bytes: on a full disk the server can't even log that it is full

SETTINGS = """
# Set by asbuilt when it made this folder; yours to change. Its own needs (socket, access) are on the command line.
timezone = 'UTC'
log_min_messages = log       # not every statement a client got wrong
log_checkpoints = off
jit = off                    # short statements: compiling them costs more than it gains
"""


@frozen
class Ground:
    """What a cluster stands on: its place, the programs that serve it, who runs them, and the place's lock."""

    place: Place
    binaries: Binaries
    account: Account
    lock: int


@frozen
class Blueprint:
    """How a cluster is made. `sessions`: SQL statements by the database they are run in. `durable`: flushed to disk."""

    sessions: Sequence[tuple[str, Sequence[str]]]
    durable: bool
    options: Sequence[str] = ()


def make(ground: Ground, blueprint: Blueprint) -> None:
    """Make the cluster of a place that has none. Raises `DiskFull`, `FolderRefused` and `ServerFailed`."""
    new = ground.place.unfinished
    with folder_errors(new):
        if new.exists():
            shutil.rmtree(new)
        new.mkdir(0o700)
        if ground.account.lent:
            os.chown(new, ground.account.uid, ground.account.gid)
        _initdb(ground, *_locale(ground.binaries), "--no-sync", "--encoding=UTF8", *blueprint.options)
        _append(ground, new / "postgresql.conf", SETTINGS)
        for database, statements in blueprint.sessions:
            _single_user(ground, database, statements)
        if blueprint.durable:
            _initdb(ground, "--sync-only")
        new.rename(ground.place.data)
        if blueprint.durable:
            for folder in (ground.place.folder, *ground.place.folder.parents[:2]):
                _flush(folder)


def admit(place: Place, account: Account, logins: Sequence[tuple[str, str]]) -> None:
    """Write who may connect: over the socket, as these roles to these databases, only the user asbuilt runs as.

    Written at each start and kept outside the data folder, so that a restored or a moved folder lets nobody in.
    """
    user = caller()
    rules = "".join(f"local {database} {role} peer map=asbuilt\n" for database, role in logins)
    names = "".join(f'asbuilt "{user}" {role}\n' for role in dict.fromkeys(role for _, role in logins))
    with folder_errors(place.folder):
        for file, text in ((place.access, rules), (place.identities, names)):
            file.write_text(text)
            file.chmod(0o644 if account.lent else 0o600)


def _locale(binaries: Binaries) -> tuple[str, ...]:
    """Text sorts by code point and knows Unicode's letters, the same on every machine."""
    if binaries.major >= BUILTIN_LOCALES:
        return ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    return ("--locale=C.UTF-8",) if os.uname().sysname == "Linux" else ("--locale=C", "--lc-ctype=UTF-8")


def _initdb(ground: Ground, *options: str) -> None:
    data = ("--pgdata", str(ground.place.unfinished))
    who = ("--username", LAUNCHER, "--auth=reject", "--no-instructions")
    _succeed(ground, [ground.binaries.program("initdb"), *data, *who, *options], "")


def _append(ground: Ground, file: Path, text: str) -> None:
    """Write as the server's account: root would follow a link that this account has put there."""
    _succeed(ground, ["/bin/sh", "-c", 'cat >>"$1"', "asbuilt", str(file)], text)


def _single_user(ground: Ground, database: str, statements: Sequence[str]) -> None:
    """Run statements without a server. See "Options for Single-User Mode" of the page on `postgres`.

    Nothing is flushed: the whole folder is, once, at the end.
    """
    data = ("-D", str(ground.place.unfinished), "-F", "-c", "exit_on_error=true", "-c", "log_checkpoints=off")
    _succeed(
        ground,
        [ground.binaries.program("postgres"), "--single", *data, database],
        "".join(f"{statement};\n" for statement in statements),
    )


def _succeed(ground: Ground, command: Sequence[str], text: str) -> None:
    result = ground.account.run(command, text=text, keep=[ground.lock])
    if result.returncode:
        raise failure(ground, f"{Path(command[0]).name} failed", result.stdout)


def failure(ground: Ground, what: str, output: str) -> DatabaseUnavailable:
    """The error that tells of output on failing: its reason, and its last lines."""
    if any(said in output for said in DISK_FULL) or shutil.disk_usage(ground.place.folder).free < ROOM_FOR_WORDS:
        return disk_full(ground.place.folder)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return ServerFailed(
        f"PostgreSQL {ground.binaries.version}: {what}" + "".join(f"\n  {line}" for line in lines[-8:]),
        f"its programs are in {ground.binaries.folder}, its data and log in {ground.place.folder}",
    )


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
