"""Whose processes the database's are: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from asbuilt.postgres.unavailable import DatabaseUnavailable, FolderRefused
from asbuilt.values import frozen

UNPRIVILEGED = ("asbuilt", "nobody")
INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@frozen
class Account:
    """A user of this machine that programs of PostgreSQL run as. `lent`: it is not the caller, who is root."""

    name: str
    uid: int
    gid: int
    lent: bool

    def run(
        self, command: Sequence[str], *, text: str = "", keep: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, `text` on its standard input; its output and errors are captured together.

        Raises OSError when it can't be started at all.
        """
        return subprocess.run(  # noqa: S603 - the programs are PostgreSQL's own, found by `providers`
            list(command),
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            cwd="/",
            env=_environment(),
            pass_fds=tuple(keep),
            start_new_session=True,
            user=self.uid if self.lent else None,
            group=self.gid if self.lent else None,
            extra_groups=[] if self.lent else None,
        )

    def spawn(
        self, command: Sequence[str], *, lifeline: int, log: IO[bytes], keep: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, so that Ctrl-C in the terminal does not reach it."""
        return subprocess.Popen(  # noqa: S603 - as above
            list(command),
            stdin=lifeline,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            pass_fds=tuple(keep),
            start_new_session=True,
            user=self.uid if self.lent else None,
            group=self.gid if self.lent else None,
            extra_groups=[] if self.lent else None,
        )

    def may_enter(self, folder: Path) -> bool:
        """Whether permission bits let the account into a folder and all above it, by its path and its real one."""
        real = folder.resolve()
        try:
            return all(self._has_entry(step.stat()) for step in {real, *real.parents, *folder.parents})
        except OSError:
            return False

    def _has_entry(self, status: os.stat_result) -> bool:
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return bool(status.st_mode >> shift & 1)


def _environment() -> dict[str, str]:
    """Only what programs need to start: neither the caller's secrets nor its `PG...` variables reach the server."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {"TZ": "UTC", "LC_ALL": "C"}


def caller() -> str:
    """The name of the user that asbuilt runs as. Raises `DatabaseUnavailable` where the id has none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise DatabaseUnavailable(
            f"PostgreSQL needs a user with a name, and user id {os.geteuid()} has none on this machine",
            "add a line for it to /etc/passwd, run as a user who has one, or set DATABASE_URL",
        ) from None


def server_account(data: Path) -> Account:
    """Who runs the server of a data folder: the caller; for root the folder's owner, or an unprivileged user.

    Raises `FolderRefused` when the folder exists and belongs to somebody else.
    """
    name = caller()
    if os.geteuid() != 0:
        candidates = [Account(name, os.geteuid(), os.getegid(), lent=False)]
    else:
        candidates = list(_unprivileged())
    if not candidates:
        raise DatabaseUnavailable(
            "PostgreSQL refuses to run as root, and this machine has no user `nobody` or `asbuilt` to run it as",
            "create a system user `asbuilt`, or set DATABASE_URL",
        )
    owner = _owner(data)
    for account in candidates:
        if owner in (None, account.uid):
            return account
    raise FolderRefused(
        f"the data folder {data} belongs to {_name_of(owner)}, and the database runs as `{candidates[0].name}`",
        f"run asbuilt as its owner, or give it over: chown -R {candidates[0].name} {data}",
    )


def _unprivileged() -> Iterator[Account]:
    for name in UNPRIVILEGED:
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            yield Account(name, user.pw_uid, user.pw_gid, lent=True)


def _owner(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise FolderRefused(
            f"the data folder {folder} can't be looked at by `{caller()}`", "run asbuilt as the user who owns it"
        ) from None


def _name_of(uid: int | None) -> str:
    try:
        return f"`{pwd.getpwuid(uid or 0).pw_name}`"
    except KeyError:
        return f"user id {uid}"
