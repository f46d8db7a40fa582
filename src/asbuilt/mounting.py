"""A document as an ASGI application: for tests, and for mounting in other applications.

    app = asgi("orders.md")

The database is the one that `DATABASE_URL` names, else the one asbuilt brings along. It is opened by the
server's lifespan, or by the first request where there is none.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from asbuilt.frontend import Loaded, load
from asbuilt.postgres import server
from asbuilt.postgres.login import DatabaseUrl
from asbuilt.postgres.schema_apply import apply_schema
from asbuilt.report import render_text
from asbuilt.runtime.asgi import Message, Receive, Send, serve
from asbuilt.runtime.log import to_descriptor
from asbuilt.runtime.running import Running
from asbuilt.runtime.service import Service
from asbuilt.runtime.settings import Settings, load_settings


class FaultyDocument(Exception):  # noqa: N818 - named by what is the matter
    """The document has errors, so it is not served; the text is the report."""


class Application:
    """An ASGI application. One event loop uses it."""

    def __init__(self, loaded: Loaded, settings: Settings, write: Callable[[bytes], None]) -> None:
        self._loaded = loaded
        self._settings = settings
        self._write = write
        self._running: Running | None = None
        self._opening = asyncio.Lock()
        self._ending = ExitStack()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await serve((self._running or await self.open()).app, scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": 1000})

    async def open(self) -> Running:
        """Begin, once: the schema is brought to the database, the database opened.

        Raises `DatabaseUnavailable`, and what the document's own code raises while it is imported.
        """
        async with self._opening:
            if self._running is None:
                running = Running(await self._service(), self._write)
                await running.open()
                self._running = running
        return self._running

    async def close(self) -> None:
        """End what `open` began; the database that asbuilt brought along stops."""
        running, self._running = self._running, None
        if running is not None:
            await running.close()
        await asyncio.to_thread(self._ending.close)

    async def _service(self) -> Service:
        component, settings = self._loaded.component, self._settings
        if not component.data.ddl and not component.data.patterns:
            return Service(component, settings, None)
        url = settings.get("DATABASE_URL")
        if url:
            login = DatabaseUrl(url)
            applied = await apply_schema(login, component.data.ddl, embedded=False)
            return Service(component, settings, login, applied.cursor_key.hex())
        embedded = await asyncio.to_thread(server.start, component.source.path, say=_say)
        self._ending.callback(embedded.stop)
        applied = await apply_schema(embedded.owner, component.data.ddl, embedded=True)
        return Service(component, settings, embedded.service, applied.cursor_key.hex())

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.open()
                except Exception as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def asgi(
    document: str | os.PathLike[str],
    environ: Mapping[str, str] | None = None,
    *,
    write: Callable[[bytes], None] | None = None,
) -> Application:
    """The document as an ASGI application. `write` is given the lines of the log (default: standard error).

    Raises `FaultyDocument`, `UnreadableDocument` and `ConfigurationFaults`.
    """
    loaded = load(Path(document))
    if loaded.errors:
        raise FaultyDocument(render_text(loaded.source, loaded.errors, colour=False, limit=20))
    if loaded.unservable:
        raise FaultyDocument("\n".join(hole.message for hole in loaded.unservable))
    folder = loaded.source.path.resolve().parent
    settings = load_settings(loaded.component.configuration, folder, os.environ if environ is None else environ)
    return Application(loaded, settings, write or to_descriptor(2))


def _say(line: str) -> None:
    print(line, file=sys.stderr)
