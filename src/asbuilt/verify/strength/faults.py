"""The faults there are: each makes of what passes what a server with one mistake would make of it."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode

from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.places import Path, at, put
from asbuilt.verify.strength.between import Fault, Passing
from asbuilt.verify.strength.edits import Edit, edited, removed
from asbuilt.verify.strength.said import Said, said

Change: TypeAlias = Callable[[Response], Response]
_MEANWHILE = 0.003  # seconds in which requests that are sent at once have all begun
_REFUSAL = b'{"type":"about:blank","title":"Forbidden","status":403}'


# Answers


def answering(answer: Said, change: Change) -> Fault:
    """Answers that say the same are changed."""

    def fault(passing: Passing) -> Exchange:
        exchange = passing.forward(passing.request)
        if exchange.response is None or said(exchange.response) != answer:
            return exchange
        return Exchange(exchange.request, change(exchange.response))

    return fault


def with_status(status: int) -> Change:
    return lambda response: replace(response, status=status)


def with_media_type(media_type: str) -> Change:
    def change(response: Response) -> Response:
        others = (pair for pair in response.headers if pair[0] != "content-type")
        return replace(response, headers=(*others, ("content-type", media_type)))

    return change


def without_header(name: str) -> Change:
    return lambda response: replace(response, headers=tuple(h for h in response.headers if h[0] != name))


def with_member(way: Path, edit: Edit) -> Change:
    return _json(lambda value: edited(value, way, edit))


def with_list(way: Path, change: Callable[[list[Any]], list[Any]]) -> Change:
    def changed(value: Any) -> Any:
        items = at(value, way)
        return put(value, way, change(items)) if isinstance(items, list) else value

    return _json(changed)


def with_code(code: str) -> Change:
    """The body says another code, wherever it said that one."""
    old, new = (json.dumps(text).encode() for text in (code, f"{code}_"))
    return lambda response: replace(response, body=response.body.replace(old, new))


def empty_object(response: Response) -> Response:
    return replace(response, body=b"{}")


def _json(change: Callable[[Any], Any]) -> Change:
    def changed(response: Response) -> Response:
        try:
            return replace(response, body=json.dumps(change(response.json())).encode())
        except ValueError:
            return response

    return changed


# What is done


def refused(passing: Passing) -> Exchange:
    """Requests that are accepted are refused, though what they ask for is done."""
    exchange = passing.forward(passing.request)
    return _refusal(passing.request) if _accepted(exchange) else exchange


def accepted(answer: Said) -> Fault:
    """Requests that are refused are answered as an earlier one was, of the same operation."""

    def fault(passing: Passing) -> Exchange:
        exchange = passing.forward(passing.request)
        earlier = passing.memory.success(passing.operation)
        if exchange.response is None or said(exchange.response) != answer or earlier is None:
            return exchange
        return earlier

    return fault


def not_done(passing: Passing) -> Exchange:
    """From the second time on nothing is done: an earlier success is the answer."""
    return passing.memory.success(passing.operation) or passing.forward(passing.request)


def done_twice(passing: Passing) -> Exchange:
    exchange = passing.forward(passing.request)
    if _accepted(exchange):
        passing.forward(passing.request)
    return exchange


def not_done_at_once(passing: Passing) -> Exchange:
    """While a request is on its way, another one of the operation is answered as an earlier one was."""
    busy = passing.memory.enter(passing.operation)
    time.sleep(_MEANWHILE)
    try:
        earlier = passing.memory.success(passing.operation)
        return earlier if busy and earlier else passing.forward(passing.request)
    finally:
        passing.memory.leave(passing.operation)


def stale(passing: Passing) -> Exchange:
    """What was read once is answered ever after."""
    return passing.memory.reads.get(passing.request.target) or passing.forward(passing.request)


# What is asked


Holds: TypeAlias = Callable[[object], bool]


def ignoring_parameter(name: str) -> Fault:
    """The server does not look at a parameter of the query."""
    return lambda passing: _instead(passing, without_parameter(passing.request, name))


def ignoring_member(way: Path) -> Fault:
    """The server does not look at a member of the body."""
    return lambda passing: _instead(passing, with_body(passing.request, way, LEFT_OUT))


def accepting_parameter(name: str) -> Fault:
    """No value of a parameter is refused: those that were are as if it had been left out."""

    def fault(passing: Passing) -> Exchange:
        exchange = passing.forward(passing.request)
        other = without_parameter(passing.request, name)
        if _accepted(exchange) or other is None:
            return exchange
        again = passing.forward(other)
        return again if _accepted(again) else exchange

    return fault


def accepting_member(way: Path, holds: Holds) -> Fault:
    """Values of a kind are no reason to refuse a request, which is answered as an earlier one was.

    Whether they were the reason is told by what is answered with a good value in their place.
    """

    def fault(passing: Passing) -> Exchange:
        exchange = passing.forward(passing.request)
        earlier = passing.memory.success(passing.operation)
        if _accepted(exchange) or earlier is None or not _holds(passing.request, way, holds):
            return exchange
        above = at(body_of(earlier.request), way[:-1])
        good = above.get(way[-1], LEFT_OUT) if isinstance(above, dict) else LEFT_OUT
        other = with_body(passing.request, way, good)
        again = passing.forward(other) if other else exchange
        if again.response is None or exchange.response is None or said(again.response) == said(exchange.response):
            return exchange
        return again if _accepted(again) else earlier

    return fault


def refusing_member(way: Path, holds: Holds) -> Fault:
    """Values of a kind are a reason to refuse a request, which is then not carried out."""
    return lambda passing: (
        _refusal(passing.request) if _holds(passing.request, way, holds) else passing.forward(passing.request)
    )


class _LeftOut:
    """A member that is not there."""


LEFT_OUT = _LeftOut()


def body_of(request: Request) -> Any:
    """The JSON of a request; `LEFT_OUT` where it has none."""
    try:
        return json.loads(request.body) if request.body else LEFT_OUT
    except ValueError:
        return LEFT_OUT


def with_body(request: Request, way: Path, value: object) -> Request | None:
    """The request with a value at a place of its body; None where it has no such place."""
    body = body_of(request)
    above = at(body, way[:-1])
    if not isinstance(above, dict) or (value is LEFT_OUT and way[-1] not in above):
        return None
    new = edited(body, way, removed) if value is LEFT_OUT else put(body, way, value)
    return replace(request, body=json.dumps(new).encode())


def without_parameter(request: Request, name: str) -> Request | None:
    """The request without a parameter of the query; None where it has none of that name."""
    path, _, query = request.target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [pair for pair in pairs if pair[0] != name]
    if len(kept) == len(pairs):
        return None
    return replace(request, target=f"{path}?{urlencode(kept)}" if kept else path)


def _holds(request: Request, way: Path, holds: Holds) -> bool:
    above = at(body_of(request), way[:-1])
    return isinstance(above, dict) and holds(above.get(way[-1], LEFT_OUT))


def _instead(passing: Passing, other: Request | None) -> Exchange:
    """The answer to another request; to the one that came where that one is not accepted."""
    exchange = passing.forward(other) if other else None
    return exchange if exchange and _accepted(exchange) else passing.forward(passing.request)


def _accepted(exchange: Exchange) -> bool:
    return 200 <= exchange.status < 400


def _refusal(request: Request) -> Exchange:
    return Exchange(request, Response(403, (("content-type", "application/problem+json"),), _REFUSAL, 0.0))
