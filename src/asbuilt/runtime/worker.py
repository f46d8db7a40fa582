"""One worker process: a component on an event loop, driven by granian."""

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import traceback
from multiprocessing.synchronize import Lock

import msgspec

from asbuilt.postgres.driver import Size
from asbuilt.runtime import rsgi
from asbuilt.runtime.algorithms import Unbound
from asbuilt.runtime.log import to_descriptor
from asbuilt.runtime.metrics import layout_of, shared_memory
from asbuilt.runtime.reserved import NAMES
from asbuilt.runtime.running import Running
from asbuilt.runtime.service import Service
from asbuilt.values import frozen

_LOG = 2  # standard error
_ALTOGETHER = 64  # connections of all workers; PostgreSQL lets in 100 unless told otherwise
_LEAST = 2
_GARBAGE = 10_000  # objects that may form cycles, made since the collector last looked


class Report(msgspec.Struct):
    """What a worker tells its parent: that it is ready, or why it can't be."""

    failure: str = ""


@frozen
class Seats:
    """A part of the counters' memory for each worker; one whose worker has died is taken by the next."""

    owners: memoryview
    memory: memoryview
    turn: Lock

    @property
    def workers(self) -> int:
        return len(self.owners) // 2

    def take(self) -> int:
        """The number of a free seat."""
        with self.turn:
            for seat, owner in enumerate(self.owners):
                if not owner or not _lives(owner):
                    self.owners[seat] = os.getpid()
                    return seat
        return 0


def seats_for(service: Service, workers: int) -> Seats:
    """Seats for workers, and for those that come before the old ones have gone."""
    layout = layout_of(service.component, NAMES)
    turn = multiprocessing.get_context("fork").Lock()
    return Seats(shared_memory(2 * workers), shared_memory(2 * workers * layout.per_worker), turn)


def rehearse(service: Service) -> None:
    """Decide all there is to decide for a service, and run its code once. Raises what that raises."""
    try:
        Running(service, to_descriptor(_LOG))
    except Exception as error:
        print(why(error, service), file=sys.stderr)
        raise SystemExit(1) from None


def why(error: Exception, service: Service) -> str:
    """Why a component can't begin: the line of its document that fails, else all there is to know."""
    source = service.component.source
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(source.path)]
    if isinstance(error, Unbound):
        return str(error)
    if not lines or lines[-1] is None:
        return "".join(traceback.format_exception(error))
    place = f"{source.path}:{lines[-1]}: {source.line(lines[-1]).strip()}"
    return f"the document's own code fails while it is imported\n{place}\n{type(error).__name__}: {error}"


class Worker:
    """What granian loads in a worker: `__rsgi_init__`, then a call per request, then `__rsgi_del__`.

    `report` writes to the parent, `parent` can be read once the parent is gone.
    """

    def __init__(self, service: Service, seats: Seats, report: int, parent: int) -> None:
        self._service, self._seats = service, seats
        self._report, self._parent = report, parent
        self._running: Running | None = None
        self._door = rsgi.Door()
        self.__rsgi__ = self._door.serve

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # Ctrl-C reaches every process of a terminal; the parent alone decides what follows from it.
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        loop.add_reader(self._parent, self._orphaned, loop)
        try:
            service = self._service
            size = Size(connections=max(_LEAST, min(Size().connections, _ALTOGETHER // self._seats.workers)))
            running = Running(service, to_descriptor(_LOG), self._seats.memory, self._seats.take(), size)
            # The parent has seen the database; a worker that comes later must not end for want of it.
            loop.run_until_complete(running.open(patient=True))
        except Exception as error:
            self._tell(Report(why(error, self._service)))
            raise SystemExit(1) from None
        self._running, self._door.app = running, running.app
        _settle()
        self._tell(Report())

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._running is not None:
            loop.run_until_complete(self._running.close())

    def _tell(self, report: Report) -> None:
        os.write(self._report, msgspec.json.encode(report) + b"\n")

    def _orphaned(self, loop: asyncio.AbstractEventLoop) -> None:
        """The parent is gone without a word: end as if it had asked to."""
        loop.remove_reader(self._parent)
        os.kill(os.getpid(), signal.SIGTERM)


def _settle() -> None:
    """Keep the garbage collector from looking, again and again, at what lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE, 10, 10)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
