"""An application as ASGI servers, test clients and other applications call it: https://asgi.readthedocs.io/"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from asbuilt.runtime.messages import Answer, BodyBroken, BodyTooLarge, Request

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Answers: TypeAlias = Callable[[Request], Awaitable[Answer]]


class ScopeCaller:
    """Where an ASGI request comes from."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Message) -> None:
        self._scope = scope

    @property
    def client(self) -> str:
        client = self._scope.get("client")
        return str(client[0]) if client else ""

    @property
    def scheme(self) -> str:
        return str(self._scope.get("scheme", "http"))

    @property
    def authority(self) -> str | None:
        server = self._scope.get("server")
        return f"{server[0]}:{server[1]}" if server and server[1] else None


class RawHeaders:
    """The headers of an ASGI scope; of a repeated one the first counts."""

    __slots__ = ("_by_name",)

    def __init__(self, pairs: list[tuple[bytes, bytes]]) -> None:
        self._by_name: dict[str, str] = {}
        for name, value in pairs:
            self._by_name.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))

    def get(self, key: str, /) -> str | None:
        return self._by_name.get(key)


async def serve(app: Answers, scope: Message, receive: Receive, send: Send) -> None:
    """Answer one request; other kinds of scope are refused."""
    headers = RawHeaders(scope["headers"])
    path: str = scope["path"]
    root: str = scope.get("root_path", "")

    async def read(limit: int) -> bytes:
        return await _body(receive, headers.get("content-length"), limit)

    request = Request(
        scope["method"],
        path.removeprefix(root) if root and path.startswith(root) else path,
        scope.get("query_string", b"").decode("latin-1"),
        headers,
        read,
        ScopeCaller(scope),
    )
    answer = await app(request)
    lines = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
    if answer.status not in (204, 304):
        lines.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": lines})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})


async def _body(receive: Receive, length: str | None, limit: int) -> bytes:
    if length is not None and (not length.isdigit() or int(length) > limit):
        raise BodyTooLarge
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyBroken
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise BodyTooLarge
    return bytes(body)
