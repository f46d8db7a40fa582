"""The database asbuilt brings along: a private PostgreSQL for each document, its data kept between runs."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from asbuilt.postgres import cluster, datafolder, roles
from asbuilt.postgres.account import Account, server_account
from asbuilt.postgres.cluster import Blueprint, Ground
from asbuilt.postgres.datafolder import Place
from asbuilt.postgres.login import Login
from asbuilt.postgres.postmaster import Manner, Postmaster
from asbuilt.postgres.providers import Binaries, Search, find
from asbuilt.postgres.unavailable import DatabaseUnavailable, OtherVersion, ServerFailed

__all__ = ["DatabaseUnavailable", "EmbeddedServer", "Login", "data_folder", "start"]

LEFTOVER_PATIENCE = 30.0  # seconds for the server of a killed asbuilt to end
BLUEPRINT = Blueprint(roles.COMPONENT_CLUSTER, durable=True)
LOGINS = (
    ("all", roles.LAUNCHER),
    (roles.DATABASE, roles.OWNER),
    (roles.DATABASE, roles.SERVICE),
)


class EmbeddedServer:
    """A running server; a context manager that stops it. `kept` is where `fresh` has put the data there was before."""

    def __init__(self, postmaster: Postmaster, ground: Ground, kept: Path | None, ending: ExitStack) -> None:
        self.service: Login = postmaster.login(roles.SERVICE, roles.DATABASE)
        self.owner: Login = postmaster.login(roles.OWNER, roles.DATABASE)
        self.version: str = ground.binaries.version
        self.data_folder: Path = ground.place.data
        self.log: Path = ground.place.log
        self.kept = kept
        self._ending = ending
        self._starter = os.getpid()

    def stop(self) -> None:
        """End the server and all its connections; what was committed is on disk. May be called again.

        A process forked from the one that started the server does not stop it.
        """
        if os.getpid() == self._starter:
            self._ending.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def data_folder(document: Path) -> Path:
    """Where the data of a document are, or will be."""
    return datafolder.place_of(document).data


def start(document: Path, *, fresh: bool = False, say: Callable[[str], None]) -> EmbeddedServer:
    """Start the server of a document and return when it accepts connections; make its data folder if there is none.

    `fresh` begins with an empty database and keeps the old data folder under another name. Raises
    `DatabaseUnavailable`: `AlreadyRunning`, `FolderRefused`, `OtherVersion`, `DiskFull`, `NoPostgres`, `ServerFailed`.
    """
    place = datafolder.place_of(document)
    account = server_account(place.data)
    datafolder.prepare(place, account)
    with ExitStack() as ending:
        lock = datafolder.held(place, patience=LEFTOVER_PATIENCE, user=f"`{document.name}`")
        ending.callback(datafolder.released, lock)
        kept = datafolder.laid_aside(place) if fresh else None
        if kept:
            say(f"the old data are kept in {kept}")
        with _fresh_as_a_way_out():
            ground = Ground(place, _binaries(place, account), account, lock)
            _furnish(ground, say)
            postmaster = Postmaster(ground, Manner(), say)
            ending.callback(postmaster.stop)
            postmaster.start()
        postmaster.supervise()
        return EmbeddedServer(postmaster, ground, kept, ending.pop_all())


def _binaries(place: Place, account: Account) -> Binaries:
    copies = datafolder.state_folder() / "binaries"
    with datafolder.folder_errors(copies):
        return find(Search(account, copies), datafolder.major_of(place.data))


def _furnish(ground: Ground, say: Callable[[str], None]) -> None:
    if not ground.place.data.exists():
        say(f"preparing PostgreSQL {ground.binaries.version} for the first run...")
        cluster.make(ground, BLUEPRINT)
    cluster.admit(ground.place, ground.account, LOGINS)


@contextmanager
def _fresh_as_a_way_out() -> Iterator[None]:
    try:
        yield
    except (OtherVersion, ServerFailed) as error:
        hint = f"{error.hint}; or start anew with `--fresh`, which keeps the old data aside"
        raise type(error)(error.message, hint) from None
