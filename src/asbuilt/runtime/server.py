"""The parent process: it starts the workers, and ends them so that nothing in flight is lost."""

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeAlias

import msgspec
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import MPServer

from asbuilt.postgres.driver import Database, Size
from asbuilt.postgres.login import DatabaseUrl, Login
from asbuilt.postgres.waiting import to_end
from asbuilt.runtime.cannot_serve import CannotServe
from asbuilt.runtime.listening import accepts
from asbuilt.runtime.log import Log, to_descriptor
from asbuilt.runtime.observations import Said
from asbuilt.runtime.service import Service
from asbuilt.runtime.watching import snapshot
from asbuilt.runtime.worker import Report, Worker, rehearse, seats_for

Reload: TypeAlias = Callable[[], Service | None]
_DRAIN = 30  # seconds for what is in flight when the component is asked to end
_LOOK = 0.3  # seconds between two looks at the document's folder
_OVERLAP = 1.0  # seconds for a worker with the new version to begin before the old one ends
_FOLLOW = 0.01
_CONNECTIONS = 10_000  # open at once in a worker


def serve(
    service: Service,
    address: tuple[str, int],
    workers: int,
    say: Callable[[str], None],
    reload: Reload | None = None,
) -> int:
    """Serve until told to end; the exit code. Raises `CannotServe` and `DatabaseUnavailable` before anything listens.

    `address` is one that is `reserved` for it; `say` is given the ready line. `reload` reads the document anew
    when a file of its folder has changed; while it gives None, the version before it stays.
    """
    if service.login is not None:
        to_end(_demand_database(service.login))
    parent = Parent(service, workers, address, say)
    if reload is not None:
        threading.Thread(target=parent.watch, args=(reload,), daemon=True).start()
    return parent.run()


async def _demand_database(login: Login | DatabaseUrl) -> None:
    database = Database(login, str, Size(connections=1))
    await database.open()
    await database.close()


class Parent:
    """The process that starts and ends the workers. A worker that dies is replaced; one that can't begin ends all."""

    def __init__(self, service: Service, workers: int, address: tuple[str, int], say: Callable[[str], None]) -> None:
        self._service, self._seats = service, seats_for(service, workers)
        self._workers, self._address, self._say = workers, address, say
        self._reports, self._report = os.pipe()
        self._parent, self._held = os.pipe()  # the workers read the end of it when this process is gone
        self._signals = 0
        self._failure = ""
        self._server: Any = MPServer(  # typed in part only
            "asbuilt",
            address=address[0],
            port=address[1],
            interface=Interfaces.RSGI,
            workers=workers,
            http=HTTPModes.http1,
            websockets=False,
            backlog=2048,
            backpressure=_CONNECTIONS,
            log_level=LogLevels.error,
            log_dictconfig=_LOGGING,
            respawn_failed_workers=True,
            respawn_interval=_OVERLAP,
            workers_kill_timeout=_DRAIN,
        )

    def run(self) -> int:
        """Serve until a signal, or until a worker can't begin."""
        multiprocessing.set_start_method("fork", force=True)  # workers share memory and the component, read once
        self._server.on_startup(self._take_signals)
        threading.Thread(target=self._hear, daemon=True).start()
        try:
            self._server.serve(target_loader=self._load, wrap_loader=False)
        except SystemExit as ended:
            if not self._failure:
                raise CannotServe("the workers have died", "the log says why") from ended
        if self._failure:
            raise CannotServe("the component can't begin", "\n        ".join(self._failure.splitlines()))
        return 0 if self._signals < 2 else 130

    def watch(self, reload: Reload) -> None:
        """Look for changes of the document's folder, for ever; a version that can begin takes over."""
        folder = self._service.component.source.path.resolve().parent
        seen = snapshot(folder)
        while True:
            time.sleep(_LOOK)
            now = snapshot(folder)
            if now == seen:
                continue
            while seen != now:  # until a save is complete
                seen = now
                time.sleep(_LOOK / 3)
                now = snapshot(folder)
            service = reload()
            if service is not None and _can_begin(service):
                self._service, self._seats = service, seats_for(service, self._workers)
                self._server.signal_handler_reload()
                self._say(f"{service.component.facts.name} is served anew")

    def _load(self) -> Worker:
        """In a worker: what it runs."""
        os.close(self._held)
        return Worker(self._service, self._seats, self._report, self._parent)

    def _take_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        """The first signal lets what is in flight end, the second does not."""
        self._signals += 1
        if self._signals == 1:
            self._server.signal_handler_interrupt()
            return
        for worker in self._server.wrks:
            worker.kill()

    def _hear(self) -> None:
        """Read what the workers report; say that the component is ready once all of them are."""
        ready = 0
        with os.fdopen(self._reports, "rb") as reports:
            for line in reports:
                report = msgspec.json.decode(line, type=Report)
                if report.failure and ready >= self._workers:
                    print(report.failure, file=sys.stderr)  # the others go on
                    continue
                if report.failure:
                    self._failure = self._failure or report.failure
                    self._server.signal_handler_interrupt()
                    continue
                ready += 1
                if ready == self._workers:
                    self._ready()

    def _ready(self) -> None:
        while not accepts(*self._address):
            if self._signals:
                return
            time.sleep(_FOLLOW)
        host, port = self._address
        shown = f"[{host}]" if ":" in host else host
        self._say(f"{self._service.component.facts.name} is ready at http://{shown}:{port}")


def _can_begin(service: Service) -> bool:
    """Whether a version can be served, tried in a process of its own: its code is run there, not here."""
    trial = multiprocessing.get_context("fork").Process(target=rehearse, args=(service,))
    trial.start()
    trial.join()
    return trial.exitcode == 0


class Lines(logging.Handler):
    """What the HTTP server has to say, as lines of the log."""

    def emit(self, record: logging.LogRecord) -> None:
        log = Log(to_descriptor(sys.stderr.fileno()))
        log(Said(record.levelname.lower(), "server", {"message": record.getMessage()}))
        log.flush()


_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"lines": {"class": f"{__name__}.Lines"}},
    "loggers": {"_granian": {"handlers": ["lines"], "level": "ERROR", "propagate": False}},
}
