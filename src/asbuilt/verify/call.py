"""A call of an operation, by its parameters and body, before it is bytes."""

import json
from dataclasses import replace
from typing import Final
from urllib.parse import quote, urlencode

from asbuilt.component import Operation
from asbuilt.language.types import Schema, Types
from asbuilt.sections.api import Literally
from asbuilt.values import frozen
from asbuilt.verify.exchange import Request


class _NoBody:
    __slots__ = ()

    def __repr__(self) -> str:
        return "NO_BODY"


NO_BODY: Final = _NoBody()
_FORM = "application/x-www-form-urlencoded"


@frozen
class Call:
    """`path`, `query`, `headers` hold texts by wire name; `body` is a JSON value, bytes as they are, or `NO_BODY`."""

    operation: Operation
    path: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: object = NO_BODY

    @property
    def title(self) -> str:
        """The endpoint as claims name it: `GET /lists/{id}`."""
        return self.operation.endpoint.title

    def request(self) -> Request:
        query = f"?{urlencode(self.query)}" if self.query else ""
        body = self._bytes()
        headers = self.headers
        named = {name.lower() for name, _ in headers}
        declared = self.operation.endpoint.body
        if body is not None and "content-type" not in named:
            headers = (("Content-Type", declared.media_type if declared else "application/json"), *headers)
        if "accept" not in named:
            headers = (*headers, ("Accept", "*/*"))
        return Request(self.operation.endpoint.method, self._path() + query, headers, body)

    def with_path(self, name: str, text: str) -> "Call":
        return replace(self, path=_put(self.path, name, text))

    def with_query(self, name: str, *texts: str) -> "Call":
        """With the parameter given once for each text; with no text, without it."""
        kept = tuple(pair for pair in self.query if pair[0] != name)
        return replace(self, query=(*kept, *((name, text) for text in texts)))

    def with_header(self, name: str, *texts: str) -> "Call":
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*kept, *((name, text) for text in texts)))

    def with_body(self, body: object) -> "Call":
        return replace(self, body=body)

    def _path(self) -> str:
        values = dict(self.path)
        route = self.operation.endpoint.route
        parts = [
            quote(segment.text, safe="~!$&'()*+,;=:@-._%")
            if isinstance(segment, Literally)
            else f"{segment.prefix}{quote(values.get(segment.name, ''), safe='')}{segment.suffix}"
            for segment in route.segments
        ]
        return "/" + "/".join(parts) + ("/" if route.trailing and parts else "")

    def _bytes(self) -> bytes | None:
        if self.body is NO_BODY:
            return None
        if isinstance(self.body, bytes):
            return self.body
        declared = self.operation.endpoint.body
        if declared and declared.medium == "form" and isinstance(self.body, dict):
            return urlencode({name: wire(value) for name, value in self.body.items()}).encode()
        if declared and declared.medium == "text" and isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, ensure_ascii=False).encode("utf-8", "surrogatepass")


def body_schema(operation: Operation, types: Types) -> Schema | None:
    """The schema of an operation's body; None where the body is none, or no object."""
    body = operation.endpoint.body
    return types.schema(types.present(body.type)) if body and body.type else None


def wire(value: object) -> str:
    """A JSON value as it stands in a path, a query or a header."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _put(pairs: tuple[tuple[str, str], ...], name: str, text: str) -> tuple[tuple[str, str], ...]:
    return (*(pair for pair in pairs if pair[0] != name), (name, text))
