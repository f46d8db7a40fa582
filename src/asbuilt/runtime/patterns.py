"""`db` of an algorithm: each data access pattern as a method, its parameters by keyword or in order of appearance."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from asbuilt.component import Component, Operation
from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT
from asbuilt.postgres.compile import compile_statement
from asbuilt.postgres.driver import Result, Runs
from asbuilt.postgres.errors import COLLISIONS, StatementFailed
from asbuilt.postgres.statement import Query
from asbuilt.runtime.calls import Call, getter, member
from asbuilt.runtime.database_errors import Places, refusal_of
from asbuilt.runtime.errors import Errors
from asbuilt.runtime.refusals import Refusal
from asbuilt.runtime.rows import records
from asbuilt.sections.data import Pattern
from asbuilt.values import frozen

_VARIANTS = 256


@dataclass(frozen=True)
class Method:
    """A pattern as algorithms call it."""

    pattern: Pattern

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its parameters, in order of appearance: `body` stands for all of `body.note` and `body.title`."""
        heads = (name.partition(".")[0] for name in self.pattern.statement.parameters)
        conditions = (condition.name.partition(".")[0] for condition in self.pattern.statement.conditions)
        return tuple(dict.fromkeys((*heads, *conditions)))

    @cached_property
    def optional(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(condition.name for condition in self.pattern.statement.conditions))

    @cached_property
    def _variants(self) -> dict[frozenset[str], Query]:
        return {}

    def query(self, present: frozenset[str]) -> Query:
        made = self._variants.get(present)
        if made is None:
            made = compile_statement(self.pattern.statement, present)
            if len(self._variants) >= _VARIANTS:
                self._variants.pop(next(iter(self._variants)))
            self._variants[present] = made
        return made

    def arguments(self, positional: tuple[object, ...], named: Mapping[str, object]) -> dict[str, object]:
        """The arguments by parameter. Raises TypeError as a Python function would."""
        name = self.pattern.name.text
        if len(positional) > len(self.names):
            raise TypeError(f"{name}() takes {len(self.names)} arguments, not {len(positional)}")
        given = dict(zip(self.names, positional, strict=False))
        by_snake = {snake(known): known for known in self.names}
        for key, value in named.items():
            known = by_snake.get(snake(key))
            if known is None:
                raise TypeError(f"{name}() has no parameter `{key}`; it has {', '.join(self.names) or 'none'}")
            if known in given:
                raise TypeError(f"{name}() got `{key}` twice")
            given[known] = value
        return given


class Patterns:
    """What `db` is made from, once for each operation."""

    def __init__(self, component: Component, operation: Operation, errors: Errors, places: Places) -> None:
        self.methods = {pattern.name.text: Method(pattern) for pattern in component.data.patterns}
        self.operation = operation
        self._errors = errors
        self._places = places
        self._queried = frozenset(snake(p.name.text) for p in operation.endpoint.parameters_in("query"))

    async def run(self, method: Method, given: Mapping[str, object], call: Call, runs: Runs) -> object:
        """The rows of a pattern as its cardinality says. Raises what the document has for `no row` and for failures."""
        pattern = method.pattern
        values = self._values(method, given, call)
        query = method.query(frozenset(name for name in method.optional if _lookup(values, name) is not ABSENT))
        arguments = [_present(_lookup(values, name)) for name in query.parameters]
        try:
            result = await runs.run(query.sql, arguments)
        except StatementFailed as failed:
            if failed.condition.kind in COLLISIONS:
                raise
            names = _as_the_call_has_it(query.parameters, arguments, failed.condition.argument, call)
            refusal = refusal_of(failed.condition, names, pattern.statement.written, self._places)
            raise self._errors.exception(refusal, self.operation.name) from failed
        return self._rows(pattern, result)

    def _values(self, method: Method, given: Mapping[str, object], call: Call) -> dict[str, object]:
        """The arguments, and what a pattern takes from the call itself: `body`, `request`, `principal`, a cursor."""
        values = dict(given)
        for name, value in given.items():
            if value is None and snake(name) in self._queried and snake(name) not in call.values:
                values[name] = ABSENT  # a query parameter that was left out, handed on
        dotted = {name.partition(".")[0] for name in method.pattern.statement.parameters if "." in name}
        for name in method.names:
            if name in values:
                continue
            if name in dotted:
                values[name] = _Given(call, name)
            elif name in method.optional:
                values[name] = ABSENT
            else:
                raise TypeError(f"{method.pattern.name.text}() needs `{name}`")
        return values

    def _rows(self, pattern: Pattern, result: Result) -> object:
        made = records(pattern.name.text, result.rows)
        match pattern.cardinality:
            case "many":
                return made
            case "none":
                return None
            case "maybe":
                return made[0] if made else None
            case "one":
                if not result.count:
                    about = (self.operation.name, pattern.name.text, *pattern.statement.tables)
                    raise self._errors.exception(Refusal("no row", about=about), self.operation.name)
                return made[0] if made else None


@frozen
class _Given:
    """What the call itself gives under a name: read member by member."""

    call: Call
    name: str


class Db:
    """The patterns for one call, to await: `await db.prices_of(skus=skus)`."""

    __slots__ = ("_call", "_patterns", "_runs")

    def __init__(self, patterns: Patterns, call: Call, runs: Runs) -> None:
        self._patterns, self._call, self._runs = patterns, call, runs

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = self._patterns.methods.get(name)
        if method is None:
            raise AttributeError(f"the document has no data access pattern `{name}`")

        def run(*positional: object, **named: object) -> Awaitable[Any]:
            return self._patterns.run(method, method.arguments(positional, named), self._call, self._runs)

        return run


class BlockingDb:
    """The patterns for an algorithm that is no coroutine: each call waits. Used in a thread of its own."""

    __slots__ = ("_db", "_loop")

    def __init__(self, db: Db, loop: asyncio.AbstractEventLoop) -> None:
        self._db, self._loop = db, loop

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._db, name)

        def run(*positional: object, **named: object) -> Any:
            return asyncio.run_coroutine_threadsafe(method(*positional, **named), self._loop).result()

        return run


def _lookup(values: Mapping[str, object], name: str) -> object:
    head, *path = name.split(".")
    found = values.get(head, ABSENT)
    if isinstance(found, _Given):
        if found.call.values.get(snake(head), ABSENT) is ABSENT and head != "request":
            return ABSENT
        return getter(name)(found.call)
    for part in path:
        found = member(found, snake(part), ABSENT)
    return found


def _as_the_call_has_it(
    names: Sequence[str], arguments: Sequence[object], refused: int | None, call: Call
) -> Sequence[str]:
    """The names of a statement's parameters, that of the refused one as the caller knows the value, if it is theirs."""
    if refused is None or refused >= len(names):
        return names
    name, argument = names[refused], arguments[refused]
    if call.values.get(snake(name)) is argument:
        return names
    own = next((known for known, value in call.values.items() if value is argument), name)
    return [*names[:refused], own, *names[refused + 1 :]]


def _present(value: object) -> object:
    return None if value is ABSENT else value
