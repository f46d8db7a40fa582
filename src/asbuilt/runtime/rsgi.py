"""An application as granian calls it: https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from granian.rsgi import ProtocolError  # type: ignore[attr-defined]

from asbuilt.runtime.messages import Answer, BodyBroken, BodyTooLarge, Caller, Header, Headers, Request


class Scope(Caller, Protocol):
    """What granian knows of a request; the path is percent-decoded. Each value is made anew when it is read."""

    @property
    def method(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def query_string(self) -> str: ...

    @property
    def headers(self) -> Headers: ...


class Http(Protocol):
    """A request's body and its answer."""

    def __call__(self) -> Awaitable[bytes]: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_empty(self, status: int, headers: Sequence[Header]) -> None: ...
    def response_bytes(self, status: int, headers: Sequence[Header], body: bytes) -> None: ...


class Door:
    """What granian calls for each request. `app` is put behind it before the first one comes."""

    app: Callable[[Request], Awaitable[Answer]]

    async def serve(self, scope: Scope, http: Http) -> None:
        """Answer one request. Date, length and the missing body of HEAD are the server's."""
        headers = scope.headers

        async def read(limit: int) -> bytes:
            return await _body(http, headers.get("content-length"), limit)

        answer = await self.app(Request(scope.method, scope.path, scope.query_string, headers, read, scope))
        if answer.body:
            http.response_bytes(answer.status, answer.headers, answer.body)
        else:
            http.response_empty(answer.status, answer.headers)


async def _body(http: Http, length: str | None, limit: int) -> bytes:
    if length is not None:
        if not length.isdigit() or int(length) > limit:
            raise BodyTooLarge
        try:
            return await http()
        except ProtocolError:
            raise BodyBroken from None
    return await _chunks(http, limit)


async def _chunks(http: Http, limit: int) -> bytes:
    """A body of unknown length. The server gives an empty chunk for the end, and for a client that broke off."""
    body, ends = bytearray(), 0
    async for chunk in http:
        ends += not chunk
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge
    if ends > 1:
        raise BodyBroken
    return bytes(body)
