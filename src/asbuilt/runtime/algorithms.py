"""Algorithms as steps of an operation: what their parameters are bound to, and how they are run."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
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

Bound: TypeAlias = Callable[[Call, Runs], object]
Invoke: TypeAlias = Callable[[Call, Runs], Awaitable[object]]


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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What algorithms are given besides the values of a request."""

    namespace: Mapping[str, Any]
    settings: object
    observe: Callable[[Observation], None]


def invoker(
    algorithm: Algorithm, operation: Operation, component: Component, patterns: Patterns, around: Surroundings
) -> Invoke:
    """What runs an algorithm for a call. Raises `Unbound` where a parameter can't be bound."""
    function = around.namespace[algorithm.name.text]
    blocking = not algorithm.is_async and database_of(algorithm) is not None
    bound = _bindings(algorithm, operation, component, _Tools(patterns, around, blocking=blocking))

    def arguments(call: Call, runs: Runs) -> dict[str, object]:
        return {name: value for name, get in bound if (value := get(call, runs)) is not _LEFT_OUT}

    if blocking or (not algorithm.is_async and waits(algorithm, component)):

        async def in_a_thread(call: Call, runs: Runs) -> object:
            return await asyncio.to_thread(function, **arguments(call, runs))

        return in_a_thread

    if algorithm.is_async:

        async def awaited(call: Call, runs: Runs) -> object:
            return await function(**arguments(call, runs))

        return awaited

    async def inline(call: Call, runs: Runs) -> object:
        return function(**arguments(call, runs)) if bound else function()

    return inline


_LEFT_OUT = object()


@dataclass(frozen=True, slots=True)
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
