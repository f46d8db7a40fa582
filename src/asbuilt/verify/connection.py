"""One connection to a target: a request goes out as it is written, and what comes is read to its end or not at all."""

import http.client
import io
import selectors
import socket
import ssl
import time
from functools import partial
from typing import Any
from urllib.parse import SplitResult

from asbuilt.verify.exchange import Request, Response

LARGEST = 64 * 1024 * 1024
# A body up to this size goes out with the head: no buffer of a system is smaller.
_SMALL = 16 * 1024
_PIECE = 64 * 1024


class Connection:
    """Connects with the first request. `usable` is false once no other request can follow on it."""

    def __init__(self, parts: SplitResult) -> None:
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._http = kind(parts.hostname or "", parts.port)
        self.usable = True

    def exchanged(self, request: Request, target: str, seconds: float) -> Response:
        """The answer to a request, all of it within that time. Raises OSError, HTTPException; ValueError for
        a request that is none (https://www.rfc-editor.org/rfc/rfc9112#section-3).
        """
        started = time.monotonic()
        until = started + seconds
        self._http.timeout = seconds
        self._http.response_class = partial(_Answer, until=until)  # type: ignore[assignment]
        if self._http.sock is not None:
            self._http.sock.settimeout(seconds)
        self._send(request, target, until)
        got = self._http.getresponse()
        body = got.read(LARGEST)
        if got.length:
            self.usable = False
            if len(body) == LARGEST:
                raise http.client.HTTPException(f"the body is longer than {LARGEST:,} bytes")
            raise http.client.HTTPException(f"the body ended after {len(body)} bytes, {got.length} before its end")
        self.usable = self.usable and not got.will_close
        headers = tuple((name.lower(), value) for name, value in got.getheaders())
        return Response(got.status, headers, body, time.monotonic() - started)

    def close(self) -> None:
        self.usable = False
        self._http.close()

    def _send(self, request: Request, target: str, until: float) -> None:
        named = {name.lower() for name, _ in request.headers}
        self._http.putrequest(request.method, target, skip_host="host" in named, skip_accept_encoding=True)
        for name, value in request.headers:
            self._http.putheader(name, _encoded(value))
        body = request.body
        if body is not None and not named & {"content-length", "transfer-encoding"}:
            self._http.putheader("Content-Length", str(len(body)))
        small = body is not None and len(body) <= _SMALL
        try:
            self._http.endheaders(body if small else None)
            if body and not small and not _written(self._http.sock, body, until):
                self.usable = False
        except (BrokenPipeError, ConnectionResetError):
            # A target that refuses a body may answer and close before it has read all of it.
            self.usable = False


class _Answer(http.client.HTTPResponse):
    """An answer that is there in time, as a whole; interim ones (RFC 9110, section 15.2) are passed over."""

    def __init__(self, sock: socket.socket, *arguments: Any, until: float, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp = io.BufferedReader(_Paced(self.fp.detach(), sock, until))

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not 100 <= found[1] < 200 or found[1] == 101:
                return found
            http.client.parse_headers(self.fp)


class _Paced(io.RawIOBase):
    """What a socket gives until a moment. One that only drips has no more time than one that is silent."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, until: float) -> None:
        self._raw = raw
        self._sock = sock
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _written(sock: socket.socket, body: bytes, until: float) -> bool:
    """Whether all of a body went out: what answers before has heard enough."""
    if isinstance(sock, ssl.SSLSocket):  # on which something to read need not be an answer
        sock.sendall(body)
        return True
    left = memoryview(body)
    with selectors.DefaultSelector() as ready:
        ready.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while left:
            events = ready.select(max(0.0, until - time.monotonic()))
            if not events:
                raise TimeoutError("timed out")
            if events[0][1] & selectors.EVENT_READ:
                return False
            left = left[sock.send(left[:_PIECE]) :]
    return True


def _encoded(value: str) -> bytes:
    """A header's value: in Latin-1 as it was always read, in UTF-8 where that does not hold it."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
