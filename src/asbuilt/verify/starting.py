"""Processes of the target that `verify` starts: watched until they serve or end, and always ended, with all they began.

Each is the leader of a session of its own, so that what a shell starts for it goes with it.
"""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Literal, TypeAlias

from asbuilt.values import frozen

HOST = "127.0.0.1"
PATIENCE = 20.0  # seconds until a target serves that is started as it should be
GRACE = 5.0  # seconds to end by itself
_LOOK = 0.05
_SEARCH = 0.4  # seconds between two searches for other ports than the expected one
_ANSWER = 1.0
_LARGEST = 256 * 1024
_LISTENS = "0A"  # the state in /proc/net/tcp
Environ: TypeAlias = Mapping[str, str]
Outcome: TypeAlias = Literal["serves", "ended", "neither"]


@frozen
class Settled:
    """What became of a start. `ports` are those where it answers; `code` is how it ended, None where it did not.

    `output` is what it wrote, on both channels. `seconds` is how long it took.
    """

    outcome: Outcome
    ports: tuple[int, ...]
    code: int | None
    output: str
    seconds: float


class Started:
    """One process, with its output in a file. `port` is where it is expected to listen."""

    def __init__(self, command: str, environ: Environ, port: int) -> None:
        self.port = port
        self._began = self._searched = time.monotonic()
        self._found: set[int] = set()
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is ended
        try:
            self._process = subprocess.Popen(  # noqa: S602 - the user's own command line
                command,
                shell=True,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except BaseException:
            self._output.close()
            raise

    @property
    def session(self) -> int:
        """What it leads, by its number."""
        return self._process.pid

    def look(self) -> Settled:
        """What can be seen of it now."""
        code = self._process.poll()
        ports = () if code is not None else tuple(port for port in sorted(self._ports()) if answers(port))
        outcome: Outcome = "ended" if code is not None else "serves" if ports else "neither"
        return Settled(outcome, ports, code, self._said(), time.monotonic() - self._began)

    def ask(self) -> None:
        """Ask it, and what it has started, to end."""
        self._tell(signal.SIGTERM)

    def end(self) -> None:
        """End it and what it has started; returns when it is gone."""
        try:
            self.ask()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
        finally:
            self._tell(signal.SIGKILL)
            self._process.wait()
            self._output.close()

    def _tell(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _said(self) -> str:
        return os.pread(self._output.fileno(), _LARGEST, 0).decode("utf-8", "replace")

    def _ports(self) -> set[int]:
        if time.monotonic() - self._searched >= _SEARCH:
            self._searched = time.monotonic()
            self._found = ports_of(self._process.pid)
        return self._found | {self.port}


@contextmanager
def started(starts: Iterable[tuple[str, Environ, int]]) -> Iterator[list[Started]]:
    """A process for each command, environment and port it is expected at; all are ended with the block."""
    running: list[Started] = []
    try:
        for each in starts:
            running.append(Started(*each))  # noqa: PERF401 - each is to be ended, should the next one fail
        yield running
    finally:
        _end(running)


def settled(running: Iterable[Started], patience: float) -> list[Settled]:
    """What became of each: it serves, or it has ended, or the patience is over."""
    all_of_them = list(running)
    found: dict[Started, Settled] = {}
    deadline = time.monotonic() + patience
    while len(found) < len(all_of_them):
        time.sleep(_LOOK)
        late = time.monotonic() >= deadline
        for each in all_of_them:
            if each not in found:
                seen = each.look()
                if late or seen.outcome != "neither":
                    found[each] = seen
    return [found[each] for each in all_of_them]


def free_ports(count: int) -> list[int]:
    """So many ports of the loopback that nobody listens at."""
    with ExitStack() as ending:
        asked = [ending.enter_context(socket.socket()) for _ in range(count)]
        for each in asked:
            each.bind((HOST, 0))
        return [int(each.getsockname()[1]) for each in asked]


def is_free(port: int) -> bool:
    """Whether a server could listen at a port, here and at all addresses."""
    for host in (HOST, ""):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((host, port))
            except (OSError, OverflowError):
                return False
    return True


def answers(port: int) -> bool:
    """Whether a server of HTTP is there, whatever it says."""
    connection = http.client.HTTPConnection(HOST, port, timeout=_ANSWER)
    try:
        connection.request("GET", "/")
        connection.getresponse().read(1)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def ports_of(session: int) -> set[int]:
    """The ports at which processes of a session listen; none where the system does not tell (proc(5))."""
    sockets: set[str] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            # The fields after the name, which may hold anything, are: state, parent, group, session.
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                for held in (folder / "fd").iterdir():
                    with suppress(OSError):
                        sockets.add(os.readlink(held))  # noqa: PTH115 - what it names is no path
    return {port for inode, port in _listening() if f"socket:[{inode}]" in sockets} if sockets else set()


def _listening() -> Iterator[tuple[str, int]]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENS:
                    yield fields[9], int(fields[1].rpartition(":")[2], 16)


def _end(running: list[Started]) -> None:
    """Ends each, also when it is interrupted while it ends another."""
    for each in running:
        each.ask()
    with ExitStack() as ending:
        for each in running:
            ending.callback(each.end)
