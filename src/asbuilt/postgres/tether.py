"""A way to a database that can be cut and mended: to whoever uses it, the database is gone meanwhile.

Nothing of the database is touched and no right is needed. Bytes pass as they are, so that logins and TLS go through.
"""

import asyncio
import os
import shutil
import tempfile
import threading
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
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
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="tether-"))
        self._thread.start()
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """What stands for the database's own URL; the same after each mending."""
        if self._named.local:
            return self._named.at("", host=str(self._folder), port=str(self._named.port))
        return self._named.at(f"{_HOST}:{self._place}")

    def cut(self) -> None:
        """Every connection breaks, and new ones are refused."""
        self._run(self._cut())

    def mend(self) -> None:
        """New connections are let through."""
        self._run(self._mend())

    def _run(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(_PATIENCE)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._open):
            writer.transport.abort()
        waiting = asyncio.all_tasks() - {task for task in (asyncio.current_task(),) if task}
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _mend(self) -> None:
        if self._named.local:
            socket = self._folder / f".s.PGSQL.{self._named.port}"
            self._server = await asyncio.start_unix_server(self._carry, socket)
            return
        self._server = await asyncio.start_server(self._carry, _HOST, self._place)
        self._place = self._server.sockets[0].getsockname()[1]

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if self._named.local:
                path = f"{self._named.host}/.s.PGSQL.{self._named.port}"
                other_reader, other_writer = await asyncio.open_unix_connection(path)
            else:
                other_reader, other_writer = await asyncio.open_connection(self._named.host, self._named.port)
        except OSError:
            self._leave(writer)
            return
        self._open.add(other_writer)
        await asyncio.gather(self._pass(reader, other_writer), self._pass(other_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                writer.write(data)
                await writer.drain()
        self._leave(writer)

    def _leave(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        writer.close()


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
