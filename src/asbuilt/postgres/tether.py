"""A way to a database that can be cut and mended: to whoever uses it, the database is gone meanwhile.

Nothing of the database is touched and no right is needed. Bytes pass as they are, so that logins and TLS go through.
"""

import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.values import frozen

_HOST = "127.0.0.1"
_PORT = 5432
_PATIENCE = 10.0
_CHUNK = 64 * 1024
_HINT = "name one host in --database, such as `postgresql://user:password@host:5432/name`"
_AMBIGUOUS = {"hostaddr", "service"}


@frozen
class _Named:
    """What a URL names. `start` is what stands before the host, with the login; `query` is without host and port."""

    host: str
    port: int
    start: str
    path: str
    query: tuple[tuple[str, str], ...]

    @property
    def local(self) -> bool:
        """Whether the host is the folder of a unix socket."""
        return self.host.startswith("/")

    def at(self, place: str, **more: str) -> str:
        """The URL with another host and port in their place, or in the query."""
        query = urlencode([*self.query, *more.items()], safe="/", quote_via=quote)
        return f"{self.start}{place}{self.path}{f'?{query}' if query else ''}"


class Tether:
    """Leads from `url` to the database of another URL; a context manager. A unix socket stays one, TCP stays TCP.

    Raises `DatabaseUnavailable` where no such way can be made for a URL.
    """

    def __init__(self, url: str) -> None:
        self._named = _read(url)
        self._folder = Path()
        self._place = 0
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="tether-"))
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """What stands for the database's own URL; the same after each mending."""
        if self._named.local:
            return self._named.at("", host=str(self._folder), port=str(self._named.port))
        return self._named.at(f"{_HOST}:{self._place}")

    def cut(self) -> None:
        """Every connection breaks, and new ones are refused."""
        with self._lock:
            listener, self._listener = self._listener, None
            for each in (*self._open, *([listener] if listener else [])):
                _shut(each)
        if listener:
            listener.close()
        for thread in self._threads:
            thread.join(_PATIENCE)
        self._threads = []

    def mend(self) -> None:
        """New connections are let through."""
        listener = self._listening()
        self._listener = listener
        self._begin(self._accept, listener)

    def _listening(self) -> socket.socket:
        if self._named.local:
            path = self._folder / f".s.PGSQL.{self._named.port}"
            path.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(path))
            listener.listen()
            return listener
        listener = socket.create_server((_HOST, self._place))
        self._place = listener.getsockname()[1]
        return listener

    def _begin(self, do: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=do, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it is closed
            while True:
                taken, _ = listener.accept()
                with self._lock:
                    if self._listener is not listener:
                        taken.close()
                        return
                    self._begin(self._carry, taken)

    def _carry(self, taken: socket.socket) -> None:
        with taken, suppress(OSError), self._connected() as other:
            with self._lock:
                if self._listener is None:
                    return
                self._open |= {taken, other}
            back = threading.Thread(target=_pass, args=(other, taken), daemon=True)
            back.start()
            _pass(taken, other)
            back.join()
            with self._lock:
                self._open -= {taken, other}

    def _connected(self) -> socket.socket:
        if not self._named.local:
            return socket.create_connection((self._named.host, self._named.port), _PATIENCE)
        other = socket.socket(socket.AF_UNIX)
        try:
            other.connect(f"{self._named.host}/.s.PGSQL.{self._named.port}")
        except OSError:
            other.close()
            raise
        return other


def _pass(source: socket.socket, target: socket.socket) -> None:
    """Carries bytes until either side ends, and ends both."""
    with suppress(OSError):
        source.settimeout(None)
        while data := source.recv(_CHUNK):
            target.sendall(data)
    _shut(source)
    _shut(target)


def _shut(held: socket.socket) -> None:
    """Wakes whoever waits for it."""
    with suppress(OSError):
        held.shutdown(socket.SHUT_RDWR)


def _read(url: str) -> _Named:
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        login, at, _ = parts.netloc.rpartition("@")
        host = query.pop("host", "") or parts.hostname or os.environ.get("PGHOST", "")
        port = int(query.pop("port", "") or parts.port or os.environ.get("PGPORT", "") or _PORT)
    except ValueError:
        raise DatabaseUnavailable("the address of the database is not understood", _HINT) from None
    if not host or "," in host + parts.netloc or not _AMBIGUOUS.isdisjoint(query):
        raise DatabaseUnavailable("the URL of the database does not name one host", _HINT)
    if query.get("sslmode") == "verify-full":
        raise DatabaseUnavailable("a name is compared with the database's certificate", "use sslmode=require")
    return _Named(host, port, f"{parts.scheme}://{login}{at}", parts.path, tuple(query.items()))
