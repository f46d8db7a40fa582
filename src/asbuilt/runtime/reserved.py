"""What every component serves below `/-/`: its OpenAPI document, its metrics, its health."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from asbuilt.component import Component
from asbuilt.postgres.driver import Database
from asbuilt.projections.openapi import openapi
from asbuilt.runtime.messages import Answer, Request
from asbuilt.runtime.metrics import Metrics
from asbuilt.sections.api import Literally, Route
from asbuilt.source import Span

Serve: TypeAlias = Callable[[Request, Sequence[str], str], Awaitable[Answer]]
NAMES = ("-openapi", "-metrics", "-live", "-ready")
_WITHIN = 1.0  # seconds for the database to answer
_NOWHERE = Span(0, 0)


class Reserved:
    """The reserved paths of one process. An endpoint of the document at the same path wins."""

    def __init__(self, component: Component, database: Database | None, metrics: Metrics) -> None:
        self._component = component
        self._database = database
        self._metrics = metrics
        self._openapi: bytes | None = None

    def routes(self) -> Iterator[tuple[str, Route, str, Serve]]:
        """Method, route, name and what answers."""
        serves = (self._document, self._numbers, self._live, self._ready)
        paths = ("openapi.json", "metrics", "health/live", "health/ready")
        for name, path, serve in zip(NAMES, paths, serves, strict=True):
            segments = tuple(Literally(part, _NOWHERE) for part in ("-", *path.split("/")))
            yield "GET", Route(segments, _NOWHERE), name, serve

    async def _document(self, _request: Request, _texts: Sequence[str], _request_id: str) -> Answer:
        if self._openapi is None:
            self._openapi = msgspec.json.encode(openapi(self._component))
        return Answer(200, (("content-type", "application/json"),), self._openapi)

    async def _numbers(self, _request: Request, _texts: Sequence[str], _request_id: str) -> Answer:
        headers = (("content-type", "text/plain; version=0.0.4; charset=utf-8"),)
        return Answer(200, headers, self._metrics.text().encode())

    async def _live(self, _request: Request, _texts: Sequence[str], _request_id: str) -> Answer:
        return _health(200, "live")

    async def _ready(self, _request: Request, _texts: Sequence[str], _request_id: str) -> Answer:
        if self._database is None or await self._database.answers(_WITHIN):
            return _health(200, "ready")
        return _health(503, "the database does not answer")


def _health(status: int, word: str) -> Answer:
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(status, headers, msgspec.json.encode({"status": word}))
