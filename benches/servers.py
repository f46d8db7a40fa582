"""The servers that are measured: how each is started, how it says it is there, and how it is stopped."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cores import pinned
from shop import DOCUMENT

HERE = Path(__file__).parent
VENV = HERE / ".venv"
ASBUILT = Path(sys.executable).with_name("asbuilt")
# An installed program has its bytecode beside it, so what is measured here may keep its own too.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class CannotStartError(Exception):
    """A server that never answered; the text is what it said last."""


@dataclass(frozen=True, slots=True)
class Server:
    """A contender. `command` has places for `{port}` and `{database}`."""

    name: str
    title: str
    command: tuple[str, ...]


def _peer(name: str, title: str) -> Server:
    uvicorn = f"{VENV}/bin/python -m uvicorn --loop uvloop --http httptools --no-access-log --log-level warning"
    module = name.replace("-", "_")
    return Server(name, title, (*uvicorn.split(), "--app-dir", f"{HERE}/peers", "--port", "{port}", f"{module}:app"))


SERVERS = (
    Server(
        "asbuilt",
        "asbuilt",
        (str(ASBUILT), "run", str(DOCUMENT), "--port", "{port}", "--database", "{database}", "--workers", "1"),
    ),
    _peer("fastapi-sqlalchemy", "FastAPI + SQLAlchemy async, uvicorn"),
    _peer("fastapi-asyncpg", "FastAPI + asyncpg, uvicorn"),
    _peer("fastapi-tuned", "FastAPI + asyncpg tuned by hand, uvicorn"),
    _peer("litestar-asyncpg", "Litestar + asyncpg, uvicorn"),
)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that has answered."""

    server: Server
    port: int
    pid: int


@contextmanager
def running(server: Server, database: str, cores: frozenset[int], folder: Path) -> Iterator[Running]:
    """`server` from its first answer on, stopped on leaving. Raises CannotStartError; its output goes to `folder`."""
    port = free_port()
    command = [part.format(port=port, database=database) for part in server.command]
    log = folder / f"{server.name}.log"
    with pinned(cores), log.open("wb") as output:
        try:
            process = subprocess.Popen(
                command, stdout=output, stderr=output, env=ENVIRONMENT | {"DATABASE_URL": database}, cwd=folder
            )
        except OSError as error:
            raise CannotStartError(f"{error.strerror}: {command[0]}") from None
    try:
        await_answer(process, port, log)
        yield Running(server, port, process.pid)
    finally:
        stop(process)


def await_answer(process: subprocess.Popen[bytes], port: int, log: Path, patience: float = 30) -> None:
    """Returns when the server has answered; raises CannotStartError when it ended, or kept silent."""
    deadline = time.monotonic() + patience
    while not _answers(port):
        if process.poll() is not None:
            raise CannotStartError(f"ended with {process.returncode}: {_last_words(log)}")
        if time.monotonic() > deadline:
            raise CannotStartError(f"no answer within {patience:.0f} s: {_last_words(log)}")
        time.sleep(0.02)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the process in an orderly way, and after ten seconds in another."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/about")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return "\n".join(lines[-12:]) or "it said nothing"
