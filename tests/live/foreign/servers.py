"""Servers written by hand, each started for a test on a database of its own."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import IO, Literal

import asyncpg
import pytest

from asbuilt.postgres.trial import TrialDatabase, trial_database

Name = Literal["fastapi_sqlalchemy", "fastify_pg", "flask_psycopg"]
Example = Literal["todo", "ledger"]

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NAMES: tuple[Name, ...] = ("fastapi_sqlalchemy", "fastify_pg", "flask_psycopg")
EXAMPLES: tuple[Example, ...] = ("todo", "ledger")
ALL: tuple[tuple[Name, Example], ...] = tuple((name, example) for name in NAMES for example in EXAMPLES)
PYTHON = ROOT / ".venv-foreign" / "bin" / "python"
PATIENCE = 20.0
CONNECTIONS_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'component'"


@dataclass
class Foreign:
    """One implementation of one example, served for the length of a `with`; `sources` may be a changed copy of it.

    Skips the test when what the server is written in is not installed. Its database is empty at the start, and counts
    statements. Several may run at once.
    """

    name: Name
    example: Example
    sources: Path | None = None
    variables: dict[str, str] = field(default_factory=dict)
    _ending: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    def __enter__(self) -> "Served":
        require(self.name)
        with ExitStack() as ending:
            database = ending.enter_context(trial_database())
            log = ending.enter_context(NamedTemporaryFile(prefix=f"{self.name}-{self.example}-", suffix=".log"))
            served = self._started(database, log)
            ending.callback(served.stop)
            served.await_ready()
            self._ending = ending.pop_all()
        return served

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()

    def _started(self, database: TrialDatabase, log: IO[bytes]) -> "Served":
        command, folder = command_of(self.name, self.example, self.sources or HERE / self.name)
        port = free_port()
        given = {"DATABASE_URL": database.url, "PORT": str(port), "PYTHONUNBUFFERED": "1"}
        kept = {key: value for key, value in os.environ.items() if key not in ("COMPONENT_PORT", "LOG_LEVEL")}
        process = subprocess.Popen(
            command, cwd=folder, env=kept | given | self.variables, stdout=log, stderr=subprocess.STDOUT
        )
        return Served(process, port, database, command, folder, Path(log.name))


@dataclass(frozen=True)
class Served:
    """A server that runs. `command` in `folder` starts it, given DATABASE_URL and PORT; `log` is what it wrote."""

    process: "subprocess.Popen[bytes]"
    port: int
    database: TrialDatabase
    command: Sequence[str]
    folder: Path
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return self.database.url

    @contextmanager
    def outage(self) -> Iterator[None]:
        """The database is lost for a while: connections end, and nothing leads to it."""
        socket = Path(self.database.owner.host) / f".s.PGSQL.{self.database.owner.port}"
        hidden = socket.with_name("hidden")
        asyncio.run(_cut(self.database, lambda: socket.rename(hidden)))
        try:
            yield
        finally:
            hidden.rename(socket)

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


async def _cut(database: TrialDatabase, close: Callable[[], object]) -> None:
    connection = await asyncpg.connect(**database.launcher.arguments())
    try:
        close()
        await connection.execute(CONNECTIONS_END)
    finally:
        await connection.close()


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


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def accepts(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
