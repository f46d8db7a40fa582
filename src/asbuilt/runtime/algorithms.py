"""Algorithms as steps of an operation: what their parameters are bound to, and how they are run."""

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

import msgspec

from asbuilt.component import Component, Operation
from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT, UNSET, Type
from asbuilt.postgres.driver import Runs
from asbuilt.runtime.calls import BODY, Call
from asbuilt.runtime.effects import database_of, waits
from asbuilt.runtime.loads import loaded_names
from asbuilt.runtime.log import OperationLog
from asbuilt.runtime.messages import Headers
from asbuilt.runtime.observations import Observation
from asbuilt.runtime.patterns import BlockingDb, Db, Patterns
from asbuilt.sections.algorithms import Algorithm, Argument
from asbuilt.values import frozen

Bound: TypeAlias = Callable[[Call, Runs], object]


class Unbound(Exception):  # noqa: N818 - named by what is the matter
    """A parameter of an algorithm is bound to nothing the operation has."""


class Response:
    """`response` of an algorithm: the headers of the answer."""

    __slots__ = ("headers",)

    def __init__(self, headers: MutableMapping[str, object]) -> None:
        self.headers = headers


class RequestView(msgspec.Struct, frozen=True):
    """`request` of an algorithm."""

    method: str
    path: str
    query: str
    base_url: str
    headers: Headers
    client: str
    id: str

    @property
    def url(self) -> str:
        return f"{self.base_url}{self.path}{'?' if self.query else ''}{self.query}"


@frozen
class Surroundings:
    """What algorithms are given besides the values of a request."""

    namespace: Mapping[str, Any]
    settings: object
    observe: Callable[[Observation], None]


@frozen
class Invoker:
    """How an algorithm is run: what its parameters are bound to, and whether it is awaited or sent to a thread."""

    function: Callable[..., Any]
    bound: tuple[tuple[str, Bound], ...]
    threaded: bool
    awaited: bool

    @property
    def plain(self) -> bool:
        """Whether its value is there at once."""
        return not self.threaded and not self.awaited

    def call(self, call: Call, runs: Runs) -> Any:
        """What the function gives: for a coroutine function, something to await."""
        return self.function(**self._arguments(call, runs)) if self.bound else self.function()

    async def __call__(self, call: Call, runs: Runs) -> object:
        if self.threaded:
            return await asyncio.to_thread(self.function, **self._arguments(call, runs))
        value = self.call(call, runs)
        return await value if self.awaited else value

    def _arguments(self, call: Call, runs: Runs) -> dict[str, object]:
        return {name: value for name, get in self.bound if (value := get(call, runs)) is not _LEFT_OUT}


def invoker(
    algorithm: Algorithm, operation: Operation, component: Component, patterns: Patterns, around: Surroundings
) -> Invoker:
    """What runs an algorithm for a call. Raises `Unbound` where a parameter can't be bound."""
    blocking = not algorithm.is_async and database_of(algorithm) is not None
    bound = _bindings(algorithm, operation, component, _Tools(patterns, around, blocking=blocking))
    threaded = blocking or (not algorithm.is_async and waits(algorithm, component))
    return Invoker(around.namespace[algorithm.name.text], tuple(bound), threaded, algorithm.is_async)


_LEFT_OUT = object()


@frozen
class _Tools:
    patterns: Patterns
    around: Surroundings
    blocking: bool

    def db(self, call: Call, runs: Runs) -> object:
        db = Db(self.patterns, call, runs)
        return BlockingDb(db, asyncio.get_running_loop()) if self.blocking else db


def _bindings(
    algorithm: Algorithm, operation: Operation, component: Component, tools: _Tools
) -> list[tuple[str, Bound]]:
    database = database_of(algorithm)
    made: list[tuple[str, Bound]] = []
    for argument in algorithm.arguments:
        name = argument.name.text
        bound = tools.db if name == database else _binding(argument, operation, component, tools)
        if bound is not None:
            made.append((name, bound))
        elif argument.default is UNSET:
            raise Unbound(f"`{algorithm.name.text}` has a parameter `{name}` that nothing in `{operation.name}` gives")
    return made


def _binding(argument: Argument, operation: Operation, component: Component, tools: _Tools) -> Bound | None:
    name, endpoint = snake(argument.name.text), operation.endpoint
    parameters = {snake(parameter.name.text) for parameter in endpoint.parameters}
    if name == BODY or (
        endpoint.body and name not in parameters and _same(argument.type, endpoint.body.type, component)
    ):
        return lambda call, _runs: None if (body := call.values.get(BODY)) is ABSENT else body
    if name in parameters:
        # For a parameter that the request left out: the function's own default, else None.
        defaulted = None if argument.default is UNSET else _LEFT_OUT
        return lambda call, _runs: call.values.get(name, defaulted)
    if name in loaded_names(operation):
        return lambda call, _runs: call.values.get(name)
    if name in _GIVEN:
        return _GIVEN[name]
    if name == "settings":
        return lambda _call, _runs: tools.around.settings
    if name == "log":
        return lambda call, _runs: OperationLog(tools.around.observe, operation.name, call.request_id)
    return None


_GIVEN: Mapping[str, Bound] = {
    "principal": lambda _call, _runs: None,
    "response": lambda call, _runs: Response(call.headers),
    "request": lambda call, _runs: RequestView(
        call.request.method,
        call.request.path,
        call.request.query,
        call.base_url,
        call.request.headers,
        call.request.caller.client,
        call.request_id,
    ),
}


def _same(one: Type | None, other: Type | None, component: Component) -> bool:
    """Whether two types are one schema."""
    if one is None or other is None:
        return False
    left, right = component.types.schema(one), component.types.schema(other)
    return left is not None and right is not None and left.name == right.name
