"""Sends requests exactly as they are written, and takes what comes: no redirects, `send` repeats nothing answered."""

import http.client
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from asbuilt.verify.connection import Connection
from asbuilt.verify.exchange import PUT_OFF, Exchange, Request

PATIENCE = 20.0
SPENT = "the budget was spent before"
# The least time for an answer, once requests to the target have taken too long.
_LEAST_PATIENCE = 2.0
# Methods whose repetition after a connection that was closed meanwhile can do no harm.
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
# When a target that did not answer is asked whether it is there: a supervisor may be starting it again.
_PAUSES = (0.0, 0.5, 1.5)
# How long a request that was put off waits before it is sent again.
_SETTLING = (0.05, 0.1, 0.3, 0.5, 1.0)
_ROOT = Request("GET", "/", (("Accept", "*/*"),))


class Stopped(Exception):  # noqa: N818 - the end of a run, not an error
    """No more requests are sent, and why: the budget is spent, or the target went away. The examination catches it."""


class Client:
    """One target. May be used by several threads, each with a connection of its own.

    `deadline` is on the clock of `time.monotonic`. `gone` says since when the target does not answer at all.
    """

    def __init__(self, base_url: str, patience: float = PATIENCE) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"`{base_url}` is no http or https URL")
        self.base_url = base_url.rstrip("/")
        self.sent = 0
        self.deadline: float | None = None
        self.gone = ""
        self._parts = parts
        self._prefix = parts.path.rstrip("/")
        self._patience = patience
        self._local = threading.local()
        self._asking = threading.Lock()
        self._answered: Request | None = None

    def send(self, request: Request) -> Exchange:
        """Never raises for an answer, whatever it is: a broken connection is an exchange without a response.

        Raises `Stopped` where the deadline has come, or where the target does not answer any request any more.
        """
        kept = self._kept()
        seconds = self._seconds()
        self.sent += 1
        connection = kept or self._opened()
        try:
            response = connection.exchanged(request, self._prefix + request.target, seconds)
        except (OSError, http.client.HTTPException, ValueError) as fault:
            self.close()
            if self._may_repeat(request, fault, kept):
                return Client.send(self, request)
            return self._unanswered(request, fault)
        if not connection.usable:
            self.close()
        if self._answered is None and request.method == "GET":
            self._answered = request
        return Exchange(request, response)

    def settled(self, request: Request) -> Exchange:
        """As `send`, again and again while the answer is: not now (`PUT_OFF`), which does nothing that was asked."""
        exchange = self.send(request)
        for pause in _SETTLING:
            if exchange.status not in PUT_OFF:
                break
            time.sleep(pause)
            exchange = self.send(request)
        return exchange

    def together(self, requests: Sequence[Request]) -> list[Exchange]:
        """Sends all at the same time, each on a connection of its own; the answers in the order of the requests."""
        if not requests:
            return []
        gate = threading.Barrier(len(requests))

        def one(request: Request) -> Exchange:
            gate.wait()
            try:
                return self.send(request)
            finally:
                self.close()

        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(one, requests))

    def silence(self, seconds: float = PATIENCE) -> str:
        """Why the target does not answer at all; empty where it does, whatever it says."""
        return self._silence(_ROOT, seconds)

    def close(self) -> None:
        """Closes the connection of the calling thread."""
        connection = self._kept()
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _kept(self) -> Connection | None:
        found: Connection | None = getattr(self._local, "connection", None)
        return found

    def _opened(self) -> Connection:
        self._local.connection = connection = Connection(self._parts)
        return connection

    def _seconds(self) -> float:
        """How long an answer may take. Raises `Stopped`."""
        if self.gone:
            raise Stopped(self.gone)
        if self.deadline is None:
            return self._patience
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Stopped(SPENT)
        return min(self._patience, left)

    def _may_repeat(self, request: Request, fault: Exception, kept: Connection | None) -> bool:
        """A server may close an idle connection just when the next request is sent on it."""
        if kept is None or isinstance(fault, TimeoutError):
            return False
        return isinstance(fault, ConnectionError) or (
            request.method in _REPEATABLE and isinstance(fault, http.client.HTTPException)
        )

    def _unanswered(self, request: Request, fault: Exception) -> Exchange:
        self._seconds()
        told = _told(fault)
        with self._asking:  # one asks for all threads
            if not self.gone and not isinstance(fault, ValueError) and not self._is_there(fault):
                since = f"{request.method} {request.target}"
                self.gone = f"the target went away: it has not answered since {since} ({told})"
        self._seconds()
        if isinstance(fault, TimeoutError):
            self._patience = max(_LEAST_PATIENCE, self._patience / 2)
        return Exchange(request, None, told)

    def _is_there(self, fault: Exception) -> bool:
        """Whether the target still answers a request that it answered before, or any other."""
        slow = isinstance(fault, TimeoutError)
        for pause in _PAUSES if self._answered and not slow else _PAUSES[:1]:
            time.sleep(pause)
            seconds = min(self._seconds(), max(_LEAST_PATIENCE, PATIENCE / 4))
            if any(not self._silence(each, seconds) for each in dict.fromkeys((self._answered or _ROOT, _ROOT))):
                return True
        return False

    def _silence(self, request: Request, seconds: float) -> str:
        connection = Connection(self._parts)
        try:
            connection.exchanged(request, self._prefix + request.target, seconds)
        except (OSError, http.client.HTTPException, ValueError) as fault:
            return _told(fault)
        finally:
            connection.close()
        return ""


def _told(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}".rstrip(": ")
