"""Servers written by hand, each started for a test on a database of its own."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal
from unittest import mock
from urllib.parse import urlencode

import pytest
from servers import passable_folder

from asbuilt.postgres import server
from asbuilt.postgres.direct import execute
from asbuilt.postgres.login import Login

Name = Literal["fastapi_sqlalchemy", "fastify_pg", "flask_psycopg"]
Example = Literal["todo", "ledger"]

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NAMES: tuple[Name, ...] = ("fastapi_sqlalchemy", "fastify_pg", "flask_psycopg")
EXAMPLES: tuple[Example, ...] = ("todo", "ledger")
ALL: tuple[tuple[Name, Example], ...] = tuple((name, example) for name in NAMES for example in EXAMPLES)
PYTHON = ROOT / ".venv-foreign" / "bin" / "python"
PATIENCE = 20.0
EMPTY = ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


@dataclass
class Foreign:
    """One implementation of one example, served for the length of a `with`; `sources` may be a changed copy of it.

    Skips the test when what the server is written in is not installed. Its database is empty at the start. Several
    may run at once, if they differ in name or example.
    """

    name: Name
    example: Example
    sources: Path | None = None
    variables: dict[str, str] = field(default_factory=dict)
    _ending: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    def __enter__(self) -> "Served":
        require(self.name)
        with ExitStack() as ending:
            database = ending.enter_context(empty_database(f"{self.name}-{self.example}-{os.getpid()}"))
            served = self._started(database)
            ending.callback(served.stop)
            served.await_ready()
            self._ending = ending.pop_all()
        return served

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()

    def _started(self, database: server.EmbeddedServer) -> "Served":
        command, folder = command_of(self.name, self.example, self.sources or HERE / self.name)
        port = free_port()
        url = url_of(database.owner)
        kept = {key: value for key, value in os.environ.items() if key not in ("COMPONENT_PORT", "LOG_LEVEL")}
        environment = kept | {"DATABASE_URL": url, "PORT": str(port), "PYTHONUNBUFFERED": "1"} | self.variables
        log = database.data_folder.parent / f"{self.name}-{self.example}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        return Served(process, port, url, command, folder, log, database)


@dataclass(frozen=True)
class Served:
    """A server that runs. `command` in `folder` starts it, given DATABASE_URL and PORT; `log` is what it wrote."""

    process: "subprocess.Popen[bytes]"
    port: int
    database_url: str
    command: Sequence[str]
    folder: Path
    log: Path
    database: server.EmbeddedServer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def await_ready(self) -> None:
        """Return when it accepts connections. Raises `NotReadyError`, with its log, when it ends or is late."""
        deadline = time.monotonic() + PATIENCE
        while not accepts(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotReadyError(self.log.read_text(errors="replace"))
            time.sleep(0.02)

    def stop(self, how: int = signal.SIGTERM, within: float = PATIENCE) -> int:
        """Tell it to end, and wait; its exit code. May be called again."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


class NotReadyError(AssertionError):
    """A server that did not start; the message is its log."""


def require(name: Name) -> None:
    """Skip the test when the server's own packages are not there."""
    if name == "fastify_pg":
        if shutil.which("node") is None:
            pytest.skip("node is not installed")
        if not (HERE / name / "node_modules").is_dir():
            pytest.skip("the packages of the Node server are not installed: `make foreign`")
    elif not PYTHON.exists():
        pytest.skip("the packages of the Python servers are not installed: `make foreign`")


def command_of(name: Name, example: Example, sources: Path) -> tuple[Sequence[str], Path]:
    """What starts a server, and the folder it is started in."""
    match name:
        case "fastapi_sqlalchemy":
            return (str(PYTHON), "-m", example), sources / "src"
        case "flask_psycopg":
            return (str(PYTHON), "-m", example), sources
        case "fastify_pg":
            return ("node", f"{example}.js"), sources


@contextmanager
def empty_database(name: str) -> Iterator[server.EmbeddedServer]:
    """An embedded PostgreSQL below `$ASBUILT_STATE`, or a folder that goes with it; its database is empty."""
    with ExitStack() as ending:
        if "ASBUILT_STATE" not in os.environ:
            folder = passable_folder()
            ending.callback(shutil.rmtree, folder)
            ending.enter_context(mock.patch.dict(os.environ, ASBUILT_STATE=str(folder)))
        started = ending.enter_context(server.start(Path(f"{name}.md"), say=lambda _: None))
        execute(started.owner, *EMPTY)
        yield started


def url_of(login: Login) -> str:
    """The login as a URL, as libpq, asyncpg and node-postgres read it."""
    return f"postgresql://{login.user}@/{login.database}?{urlencode({'host': login.host, 'port': login.port})}"


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def accepts(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
