"""One PostgreSQL server as a child process that can't outlive asbuilt, and is started again should it die."""

import itertools
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path

from asbuilt.postgres.cluster import Ground, failure
from asbuilt.postgres.datafolder import folder_errors, forget_dead_server, socket_folder
from asbuilt.postgres.login import Login
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.values import frozen

PORT = 5432
READY = "ready"  # the eighth line of postmaster.pid: PM_STATUS_READY in PostgreSQL's src/include/utils/pidfile.h
PATIENCE = 600.0  # seconds for recovery after a crash, which takes as long as there is log to replay
STOPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))

# Standard input is a pipe whose other end only asbuilt holds. When it is closed without a word, asbuilt has died, and
# the watcher asks the server to shut down fast. `$$` is the server's own number: the shell becomes the server.
GUARDED = """
exec 3<&0 </dev/null
( { trap '' HUP TERM; read -r word <&3 || kill -INT $$; } >/dev/null 2>&1 & )
test -z "$1" || ulimit -f "$1"
shift
exec "$@" 3<&-
"""


@frozen
class Manner:
    """How a server is run. `largest_file`: the size in units of 512 bytes that none of its files may exceed."""

    settings: Mapping[str, str] = field(default_factory=dict)
    largest_file: int | None = None


class Postmaster:
    """A server on its ground, from `start` to `stop`. Its processes hold the ground's lock as long as they live."""

    def __init__(self, ground: Ground, manner: Manner, say: Callable[[str], None]) -> None:
        self._ground = ground
        self._manner = manner
        self._say = say
        self._stopping = threading.Event()
        self._supervisor: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None
        self._letting_go = threading.Lock()
        self._socket: Path | None = None

    def start(self) -> None:
        """Return when connections are accepted. Raises `DatabaseUnavailable`; nothing runs on then."""
        try:
            self._socket = socket_folder(self._ground.place, self._ground.account)
            forget_dead_server(self._ground.place.data)
            self._launch()
        except BaseException:
            self.stop()
            raise

    def supervise(self) -> None:
        """Start the server again whenever it ends by itself, until `stop`."""
        self._supervisor = threading.Thread(target=self._revive_forever, name="postgres", daemon=True)
        self._supervisor.start()

    def login(self, user: str, database: str) -> Login:
        return Login(str(self._socket), PORT, user, database)

    def stop(self) -> None:
        """End the server, connections and all, in an orderly way. Does nothing when called again."""
        self._stopping.set()
        self._end()
        while self._supervisor and self._supervisor.is_alive():
            self._supervisor.join(0.05)
            self._end()  # what the supervisor may have started meanwhile
        if self._socket:
            shutil.rmtree(self._socket, ignore_errors=True)

    def _launch(self) -> None:
        place = self._ground.place
        with folder_errors(place.log):
            if place.log.exists():
                place.log.replace(place.log.with_suffix(".log.1"))
            with place.log.open("xb") as log:
                place.log.chmod(0o600)
                reading, self._lifeline = os.pipe()
                try:
                    self._process = self._ground.account.spawn(
                        self._command(), lifeline=reading, log=log, keep=[self._ground.lock]
                    )
                finally:
                    os.close(reading)
        try:
            self._await(self._process)
        except BaseException:
            self._end()
            raise

    def _command(self) -> Sequence[str]:
        place = self._ground.place
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{self._socket}"',
            "unix_socket_permissions": "0700",
            "hba_file": str(place.access),
            "ident_file": str(place.identities),
            "log_destination": "stderr",
            "logging_collector": "off",
            "ssl": "off",
            "cluster_name": place.folder.name[:60],
            **self._manner.settings,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        limit = str(self._manner.largest_file or "")
        return [
            *("/bin/sh", "-c", GUARDED, "asbuilt-postgres", limit),
            *(self._ground.binaries.program("postgres"), "-D", str(place.data), *options),
        ]

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        begun = time.monotonic()
        told = False
        while not self._accepts(process):
            if process.poll() is not None or self._stopping.is_set():
                raise failure(self._ground, "the server did not come up", self._last_words())
            waited = time.monotonic() - begun
            if waited > PATIENCE:
                raise failure(self._ground, f"the server is not ready after {PATIENCE:.0f} s", self._last_words())
            if waited > 3 and not told:
                self._say("waiting for PostgreSQL to recover its data...")
                told = True
            time.sleep(0.002 if waited < 1 else 0.05)

    def _accepts(self, process: subprocess.Popen[bytes]) -> bool:
        try:
            lines = (self._ground.place.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == READY

    def _last_words(self) -> str:
        with suppress(OSError):
            return self._ground.place.log.read_text(errors="replace")[-4000:]
        return ""

    def _end(self) -> None:
        process = self._process
        if process is None:
            return
        for signal_number, patience in STOPS:
            process.send_signal(signal_number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience)
                break
        self._let_go()

    def _let_go(self) -> None:
        """Tell the watcher that the server has ended, so that it kills no process that inherits the number."""
        with self._letting_go:
            lifeline, self._lifeline = self._lifeline, None
        if lifeline is not None:
            with suppress(BrokenPipeError):
                os.write(lifeline, b"\n")
            os.close(lifeline)

    def _revive_forever(self) -> None:
        while self._process is not None:
            code = self._process.wait()
            if self._stopping.is_set():
                return
            self._let_go()
            self._say(f"PostgreSQL ended unexpectedly ({_cause(code)}); starting it again")
            self._revive()

    def _revive(self) -> None:
        last = ""
        for delay in itertools.chain((0.0, 0.1, 0.2, 0.5, 1.0, 2.0), itertools.repeat(5.0)):
            if self._stopping.wait(delay):
                return
            try:
                self._launch()
            except DatabaseUnavailable as error:
                if not self._stopping.is_set() and delay >= 1 and error.message != last:
                    last = error.message
                    self._say(last)
            else:
                self._say("PostgreSQL is up again")
                return


def _cause(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
