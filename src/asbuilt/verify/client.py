"""Sends requests exactly as they are written, and takes what comes: no redirects, no retries of what was answered."""

import http.client
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlsplit

from asbuilt.verify.exchange import Exchange, Request, Response

PATIENCE = 20.0
_LARGEST = 64 * 1024 * 1024
# Methods whose repetition after a connection that was closed meanwhile can do no harm.
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})


class Client:
    """One target. May be used by several threads, each with a connection of its own."""

    def __init__(self, base_url: str, patience: float = PATIENCE) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"`{base_url}` is no http or https URL")
        self.base_url = base_url.rstrip("/")
        self.sent = 0
        self._parts = parts
        self._prefix = parts.path.rstrip("/")
        self._patience = patience
        self._local = threading.local()

    def send(self, request: Request) -> Exchange:
        """Never raises for what the target does: a broken connection is an exchange without a response."""
        return self._sent(request)

    def _sent(self, request: Request) -> Exchange:
        self.sent += 1
        kept = getattr(self._local, "connection", None)
        connection = kept or self._connect()
        try:
            return Exchange(request, self._exchanged(connection, request))
        except (OSError, http.client.HTTPException) as fault:
            connection.close()
            self._local.connection = None
            # A server may close an idle connection just when the next request is sent on it.
            if kept is not None and (request.method in _REPEATABLE or isinstance(fault, ConnectionError)):
                return self._sent(request)
            return Exchange(request, None, f"{type(fault).__name__}: {fault}".rstrip(": "))

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

    def close(self) -> None:
        """Closes the connection of the calling thread."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=self._patience)
        self._local.connection = connection
        return connection

    def _exchanged(self, connection: http.client.HTTPConnection, request: Request) -> Response:
        started = time.perf_counter()
        connection.putrequest(request.method, self._prefix + request.target, skip_accept_encoding=True)
        named = {name.lower() for name, _ in request.headers}
        for name, value in request.headers:
            connection.putheader(name, value)
        if request.body is not None and not named & {"content-length", "transfer-encoding"}:
            connection.putheader("Content-Length", str(len(request.body)))
        # A server that refuses a body may answer and close before it has read all of it.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.endheaders(request.body)
        got = connection.getresponse()
        body = got.read(_LARGEST)
        headers = tuple((name.lower(), value) for name, value in got.getheaders())
        if got.will_close:
            self.close()
        return Response(got.status, headers, body, time.perf_counter() - started)
