"""Where a database lives on disk, who may use it now, and what it was written by."""

import errno
import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from asbuilt.postgres.account import Account, caller
from asbuilt.postgres.unavailable import AlreadyRunning, DatabaseUnavailable, DiskFull, FolderRefused
from asbuilt.values import frozen

STATE = "ASBUILT_STATE"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 103  # bytes: `sun_path` holds 104 with its end on macOS, 108 on Linux
FULL = {errno.ENOSPC, errno.EDQUOT}
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}


@frozen
class Place:
    """The folder of one database: its data, and beside them what belongs to the launcher alone."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def unfinished(self) -> Path:
        return self.folder / "data.new"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def access(self) -> Path:
        return self.folder / "pg_hba.conf"

    @property
    def identities(self) -> Path:
        return self.folder / "pg_ident.conf"


def state_folder() -> Path:
    """`$ASBUILT_STATE`; else `/var/lib/asbuilt` for root, and by the XDG base directories for everybody else.

    Never a folder that comes with a document: its `postgresql.conf` could name commands to run.
    """
    if named := os.environ.get(STATE):
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/asbuilt")
    xdg = Path(os.environ.get("XDG_STATE_HOME", ""))
    if xdg.is_absolute():
        return xdg / "asbuilt"
    try:
        return Path.home() / ".local" / "state" / "asbuilt"
    except RuntimeError:
        raise FolderRefused(
            f"`{caller()}` has no home folder to keep data in", f"set {STATE} or DATABASE_URL"
        ) from None


def place_of(document: Path) -> Place:
    """The place of a document's database, keyed by the document's resolved path."""
    path = document.resolve()
    slug = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:40] or "document"
    return Place(state_folder() / "databases" / f"{slug}-{_digest(path)}")


def prepare(place: Place, account: Account) -> None:
    """Make the folder and those above it, open to be passed through by the server's account and to nobody else.

    Raises `FolderRefused` and `DiskFull`.
    """
    with folder_errors(place.folder):
        for step in (*reversed(place.folder.parents), place.folder):
            if not step.is_dir():
                step.mkdir(exist_ok=True)
                step.chmod(0o711 if account.lent else 0o700)
        if place.folder.stat().st_uid != os.geteuid():
            raise FolderRefused(
                f"{place.folder} does not belong to `{caller()}`", "run asbuilt as the user who owns it, or remove it"
            )
    if not account.may_enter(place.folder):
        raise FolderRefused(
            f"the database runs as `{account.name}`, who can't enter {place.folder}",
            f"set {STATE} to a folder that everybody may pass through, such as /var/lib/asbuilt",
        )


def held(place: Place, *, patience: float, user: str) -> int:
    """Lock the folder for this process and the server it starts; the lock lives as long as any of them.

    The descriptor is that of an flock(2), which its heirs share. Processes left over from a server that nobody holds
    any more get `patience` seconds to end. Raises `AlreadyRunning`, naming the process.
    """
    deadline = time.monotonic() + patience
    with folder_errors(place.lock), ExitStack() as undo:
        descriptor = _opened(place.lock)
        undo.callback(os.close, descriptor)
        while not _locked(descriptor):
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace")
            if is_alive(holder) or time.monotonic() > deadline:
                raise AlreadyRunning(
                    f"the database of {user} is in use by process {holder or 'unknown'}",
                    "end that process first, or set DATABASE_URL to give this one another database",
                )
            time.sleep(0.02)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        undo.pop_all()
        return descriptor


def _opened(lock: Path) -> int:
    """A descriptor above 9: those below are what the shell that starts the server may name in its script."""
    low = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        return fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, 10)
    finally:
        os.close(low)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def released(descriptor: int) -> None:
    """Give a lock back. Should processes of the server linger, the next holder waits for them and not for us."""
    os.ftruncate(descriptor, 0)
    os.close(descriptor)


def is_alive(process: str) -> bool:
    """Whether a process of this number exists, whoever it belongs to."""
    if not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def major_of(data: Path) -> int | None:
    """The major version that wrote the data, or None where there are none yet. Raises `FolderRefused`."""
    with folder_errors(data):
        try:
            return int((data / "PG_VERSION").read_text())
        except FileNotFoundError:
            if data.exists():
                raise _not_data(data) from None
            return None
        except ValueError:
            raise _not_data(data) from None


def _not_data(data: Path) -> FolderRefused:
    return FolderRefused(
        f"{data} is no data folder of PostgreSQL: its file PG_VERSION is missing or broken",
        "restore it from a backup, or start anew with `--fresh`, which keeps this folder aside",
    )


def laid_aside(place: Place) -> Path | None:
    """Move the data away, under a name with the time, and say where to; None when there were none."""
    aside = place.folder / f"data-{datetime.now().astimezone():%Y-%m-%d-%H%M%S.%f}"
    with folder_errors(place.data):
        try:
            place.data.rename(aside)
        except FileNotFoundError:
            return None
    return aside


def forget_dead_server(data: Path) -> None:
    """Remove a `postmaster.pid` whose number now belongs to a process that has nothing to do with the data.

    PostgreSQL itself discards the file when no process of its user has that number, and refuses to start otherwise.
    To be called under the lock. All processes of a server have the data folder as their working directory.
    """
    file = data / "postmaster.pid"
    with suppress(OSError, UnicodeDecodeError):
        holder = file.read_text().split("\n", 1)[0].strip()
        if is_alive(holder) and not Path("/proc", holder, "cwd").samefile(data):
            file.unlink()


def socket_folder(place: Place, account: Account) -> Path:
    """A private folder with a path short enough for a socket, the same at each start unless somebody took the name."""
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - made private below
        if not parent or not account.may_enter(Path(parent)):
            continue
        folder = Path(parent, f"asbuilt-{_digest(place.folder)}")
        if len(os.fsencode(folder / SOCKET)) > LONGEST_SOCKET:
            continue
        with suppress(OSError):
            return _private(folder, account)
    raise FolderRefused("there is no folder for a socket: neither $TMPDIR nor /tmp can be used", "make /tmp writable")


def _private(folder: Path, account: Account) -> Path:
    try:
        folder.mkdir(0o700)
    except FileExistsError:
        status = folder.lstat()
        if (status.st_uid, status.st_mode) == (account.uid, 0o040700):
            return folder
        folder = Path(tempfile.mkdtemp(prefix="asbuilt-", dir=folder.parent))
    if account.lent:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    return folder


@contextmanager
def folder_errors(path: Path) -> Iterator[None]:
    """Tell what the operating system refuses about a path as `FolderRefused`, `DiskFull` or `DatabaseUnavailable`."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        if error.errno in FULL:
            raise disk_full(path) from error
        if error.errno in REFUSED:
            raise FolderRefused(
                f"`{caller()}` can't read and write {where}: {error.strerror}",
                f"give `{caller()}` that right, or set {STATE} to a folder of its own",
            ) from error
        raise DatabaseUnavailable(f"{where}: {error.strerror}", f"set {STATE} to another folder") from error


def disk_full(path: Path) -> DiskFull:
    return DiskFull(
        f"no space is left for the database in {path}; nothing that was written is lost",
        f"make room there, or set {STATE} to a folder on another disk",
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]
