"""The todo document implemented by hand, in memory: a target that is there at once, and does the same each time."""

import json
import socket
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from asbuilt import ledger
from asbuilt.component import Component
from asbuilt.frontend import load
from asbuilt.language.types import Named, Schema
from asbuilt.ledger import Ledger
from asbuilt.verify.client import Client
from asbuilt.verify.conformance import Conformance
from asbuilt.verify.exchange import Exchange, Request, Response
from loopback import request_read
from written import NOWHERE

TODO = Path(__file__).parents[1] / "examples" / "todo.md"
_BEGUN = datetime(2026, 11, 23, tzinfo=UTC)
DEFAULTS = {"note": None, "priority": "normal", "due": None, "done": False}


@cache
def todo() -> tuple[Component, Ledger]:
    component = load(TODO).component
    return component, ledger.read(component)


class Refused(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Todos:
    """What is stored, and what is answered. All that is asked is in `requests`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.lists: dict[str, dict[str, Any]] = {}
        self.todos: dict[str, dict[str, Any]] = {}
        self._count = 0
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        with self._lock:
            self.requests.append(request)
            try:
                status, value = self._answer(request)
            except Refused as refused:
                told = json.dumps({"status": refused.status, "code": refused.code}).encode()
                return Response(refused.status, (("content-type", "application/problem+json"),), told, 0.001)
        body = b"" if value is None else json.dumps(value).encode()
        return Response(status, (("content-type", "application/json"),) if body else (), body, 0.001)

    def _answer(self, request: Request) -> tuple[int, Any]:
        url = urlsplit(request.target)
        path, query = [unquote(part) for part in url.path.split("/")[1:]], parse_qs(url.query, keep_blank_values=True)
        match request.method, path:
            case "POST", ["lists"]:
                return 201, self._new_list(self._body(request, "CreateList"))
            case "GET", ["lists"]:
                return 200, list(self.lists.values())
            case "GET", ["lists", key]:
                return 200, _found(self.lists, key)
            case "DELETE", ["lists", key]:
                del self.lists[_found(self.lists, key)["id"]]
                self.todos = {name: todo for name, todo in self.todos.items() if todo["listId"] in self.lists}
                return 204, None
            case "POST", ["lists", key, "todos"]:
                body = {**DEFAULTS, **self._body(request, "CreateTodo")}
                made = {**self._new(), "listId": _found(self.lists, key)["id"], **body}
                self.todos[made["id"]] = made
                return 201, made
            case "GET", ["lists", key, "todos"]:
                return 200, self._page(_found(self.lists, key), query)
            case "GET", ["todos", key]:
                return 200, _found(self.todos, key)
            case "PUT", ["todos", key]:
                _found(self.todos, key).update({**DEFAULTS, **self._body(request, "CreateTodo")})
                return 200, _found(self.todos, key)
            case "PATCH", ["todos", key]:
                _found(self.todos, key).update(self._body(request, "ChangeTodo"))
                return 200, _found(self.todos, key)
            case "DELETE", ["todos", key]:
                del self.todos[_found(self.todos, key)["id"]]
                return 204, None
        raise Refused(404, "NOT_FOUND")

    def _new(self) -> dict[str, Any]:
        self._count += 1
        made = _BEGUN + timedelta(seconds=self._count)
        return {"id": str(uuid.UUID(int=self._count << 64)), "createdAt": made.isoformat()}

    def _new_list(self, body: dict[str, Any]) -> dict[str, Any]:
        if any(known["title"] == body["title"] for known in self.lists.values()):
            raise Refused(409, "LIST_EXISTS")
        made = {**self._new(), "title": body["title"]}
        self.lists[made["id"]] = made
        return made

    def _page(self, of: dict[str, Any], query: dict[str, list[str]]) -> dict[str, Any]:
        done, limit, after = (query.get(name, [default])[0] for name, default in _QUERY)
        if not limit.isascii() or not limit.isdecimal() or not 1 <= int(limit) <= 100 or done not in ("", *_TRUTH):
            raise Refused(422, "INVALID")
        held = [todo for todo in self.todos.values() if todo["listId"] == of["id"]]
        held = [todo for todo in held if (not done or todo["done"] == _TRUTH[done]) and todo["id"] > after]
        items, more = held[: int(limit)], len(held) > int(limit)
        return {"items": items, "next": items[-1]["id"] if more else None}

    def _body(self, request: Request, schema: str) -> dict[str, Any]:
        try:
            value = json.loads(request.body or b"")
        except ValueError:
            raise Refused(400, "MALFORMED") from None
        types = todo()[0].types
        definition = types.definition(schema)
        assert isinstance(definition, Schema)
        faults = list(Conformance(types).mismatches(value, Named(schema, NOWHERE)))
        absent = {f"/{field.name}" for field in definition.fields if not field.required}
        if any(fault.pointer not in absent or "is missing" not in fault.message for fault in faults):
            raise Refused(422, "INVALID")
        known = {field.name for field in definition.fields}
        return {name: member for name, member in value.items() if name in known}

    def handle(self, accepted: socket.socket, number: int) -> None:
        """As a handler of a server."""
        while read := request_read(accepted):
            head, _, body = read.partition(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
            response = self.answer(Request(method, target, (), body or None))
            lines = [f"HTTP/1.1 {response.status} X", *(f"{name}: {value}" for name, value in response.headers)]
            length = [] if response.status == 204 else [f"Content-Length: {len(response.body)}"]
            accepted.sendall("\r\n".join([*lines, *length, "", ""]).encode() + response.body)


class Mortal(Todos):
    """Ends with its request of some number."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self.last = last
        self.end: Callable[[], None] = lambda: None

    def answer(self, request: Request) -> Response:
        if len(self.requests) >= self.last:
            self.end()
            raise ConnectionResetError
        return super().answer(request)


_TRUTH = {"true": True, "false": False}
_QUERY = (("done", ""), ("limit", "20"), ("after", ""))


def _found(rows: dict[str, dict[str, Any]], key: str) -> dict[str, Any]:
    if key not in rows:
        raise Refused(404, "NOT_FOUND")
    return rows[key]


class InMemory(Client):
    """A client of an imitation, without a network between them."""

    def __init__(self, todos: Todos) -> None:
        super().__init__("http://imitation")
        self.todos = todos

    def send(self, request: Request) -> Exchange:
        self._seconds()
        self.sent += 1
        return Exchange(request, self.todos.answer(request))
