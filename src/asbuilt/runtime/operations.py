"""From an operation of the component to the function that performs a call of it, decided before the first call."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from asbuilt.component import AlgorithmStep, Component, DerivedStep, MachineStep, Operation, PatternStep, Step
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.driver import Database, Result, Runs
from asbuilt.postgres.errors import COLLISIONS, Condition, StatementFailed
from asbuilt.postgres.statement import Query
from asbuilt.runtime.admission import Admit, admission
from asbuilt.runtime.algorithms import Invoker, Surroundings, invoker
from asbuilt.runtime.answers import FromResult, from_result, from_value, success
from asbuilt.runtime.calls import Call
from asbuilt.runtime.cursors import Cursors, cursors_of
from asbuilt.runtime.database_errors import Places, places_of, refusal_of
from asbuilt.runtime.decode import Decoders
from asbuilt.runtime.effects import constant, several_statements
from asbuilt.runtime.encode import Encoders
from asbuilt.runtime.errors import Errors
from asbuilt.runtime.loads import loader
from asbuilt.runtime.messages import Answer
from asbuilt.runtime.patterns import Patterns
from asbuilt.runtime.preconditions import Check, precondition, reading_of
from asbuilt.runtime.refusals import Refusal
from asbuilt.runtime.statements import Bind, asked_of, binder, is_text
from asbuilt.runtime.tags import tag_of
from asbuilt.runtime.transactions import ALONE, ATTEMPTS, SERIALIZABLE, Together, mode_of
from asbuilt.values import frozen

Perform: TypeAlias = Callable[[Call], Awaitable[Answer]]
Stage: TypeAlias = Callable[[Call, Runs], Awaitable[Answer]]


@frozen
class Workshop:
    """What operations are made with: one for a component."""

    component: Component
    database: Database | None
    decoders: Decoders
    encoders: Encoders
    errors: Errors
    around: Surroundings
    secret: str


def performer(operation: Operation, shop: Workshop) -> Perform:
    """What performs a call whose path and headers are read: admits it, does it, makes its answer.

    Raises `Refusal`, `DocumentedError`, and what is wrong with the document's own code.
    """
    mode = mode_of(operation, several=several_statements(operation))
    runs: Runs = shop.database or _NoDatabase()
    read = reading_of(operation, shop.component)
    if read is None and not operation.loads and len(operation.steps) == 1 and (mode == ALONE or not shop.database):
        return _simple(operation, shop, runs)
    check = precondition(_work(read, shop)) if read else None
    work = _work(operation, shop, check)
    together = Together(shop.database, SERIALIZABLE if read else mode) if shop.database else None

    async def perform(call: Call) -> Answer:
        if together is None:
            return await work(call, runs)
        try:
            return await together(lambda runs: work(call, runs))
        except StatementFailed as failed:
            raise _unattributed(failed) from failed

    return perform


def _work(operation: Operation, shop: Workshop, check: Check | None = None) -> Stage:
    """All of an operation in order: rows of the path, admission, what must hold before it, its steps."""
    cursor = _cursor(operation, shop)
    admit = admission(operation, shop.component, shop.decoders, cursor)
    load = loader(operation)
    *first, last = [_stage(step, operation, shop, cursor) for step in operation.steps]

    async def work(call: Call, runs: Runs) -> Answer:
        call.headers.clear()  # of an attempt that collided
        if load is not None:
            await load(call, runs)
        if admit is not None:
            admit(call)
        if check is not None:
            await check(call, runs)
        for stage in first:
            await stage(call, runs)
        return await last(call, runs)

    return work


def _simple(operation: Operation, shop: Workshop, runs: Runs) -> Perform:
    """One step, outside a transaction: the shortest way from a call to its answer."""
    cursor = _cursor(operation, shop)
    admit = admission(operation, shop.component, shop.decoders, cursor)
    step = operation.steps[0]
    if isinstance(step, AlgorithmStep):
        return _algorithm_alone(step, operation, shop, admit, runs)
    statement = _statement(step, operation, shop, cursor)
    bind, give, run = statement.bind, statement.give, runs.run

    async def perform(call: Call) -> Answer:
        if admit is not None:
            admit(call)
        query, values = bind(call)
        attempts = ATTEMPTS
        while True:
            attempts -= 1
            try:
                return give(await run(query.sql, values))
            except StatementFailed as failed:
                # The victim of a deadlock has changed nothing.
                if not attempts or failed.condition.kind != "deadlock":
                    raise statement.refusal(failed, query) from failed

    return perform


def _algorithm_alone(
    step: AlgorithmStep, operation: Operation, shop: Workshop, admit: Admit | None, runs: Runs
) -> Perform:
    invoke, finish = _algorithm(step, operation, shop), from_value(operation, shop.encoders)
    if admit is None and constant(step.algorithm, shop.component):
        return _once(lambda call: finish(invoke.call(call, runs), call))
    plain = invoke.plain

    async def perform(call: Call) -> Answer:
        if admit is not None:
            admit(call)
        if plain:
            return finish(invoke.call(call, runs), call)
        try:
            return finish(await invoke(call, runs), call)
        except StatementFailed as failed:
            raise _unattributed(failed) from failed

    return perform


def _once(make: Callable[[Call], Answer]) -> Perform:
    """An answer that is always the same: made for the first call, tag and all."""
    made: list[Answer] = []

    async def perform(call: Call) -> Answer:
        if not made:
            answer = make(call)
            made.append(Answer(answer.status, answer.headers, answer.body, tag_of(answer.body)))
        return made[0]

    return perform


@frozen
class _Statement:
    """A step that is a statement: what binds its values, what makes the answer, what its failure means."""

    bind: Bind
    give: FromResult
    written: tuple[str, ...]
    places: Places

    def refusal(self, failed: StatementFailed, query: Query) -> Refusal:
        return refusal_of(failed.condition, query.parameters, self.written, self.places)


def _stage(step: Step, operation: Operation, shop: Workshop, cursor: tuple[str, Cursors] | None) -> Stage:
    """A step among others: what it raises when it collides is left to its transaction."""
    if isinstance(step, AlgorithmStep):
        invoke, finish = _algorithm(step, operation, shop), from_value(operation, shop.encoders)

        async def algorithm(call: Call, runs: Runs) -> Answer:
            return finish(await invoke(call, runs), call)

        return algorithm
    made = _statement(step, operation, shop, cursor)

    async def statement(call: Call, runs: Runs) -> Answer:
        query, values = made.bind(call)
        try:
            return made.give(await runs.run(query.sql, values))
        except StatementFailed as failed:
            if failed.condition.kind in COLLISIONS:
                raise
            raise made.refusal(failed, query) from failed

    return statement


def _algorithm(step: AlgorithmStep, operation: Operation, shop: Workshop) -> Invoker:
    patterns = Patterns(shop.component, operation, shop.errors, places_of(operation, shop.component))
    return invoker(step.algorithm, operation, shop.component, patterns, shop.around)


def _statement(
    step: PatternStep | DerivedStep | MachineStep,
    operation: Operation,
    shop: Workshop,
    cursor: tuple[str, Cursors] | None,
) -> _Statement:
    documented = success(operation)
    answer = documented.type if documented else None
    asked = asked_of(step, operation, answer, shop.component)
    text = is_text(answer, shop.component)
    give = from_result(asked, operation, cursor[1] if cursor else None, text=text)
    bind = binder(asked, operation, shop.component)
    return _Statement(bind, give, asked.written, places_of(operation, shop.component))


def _cursor(operation: Operation, shop: Workshop) -> tuple[str, Cursors] | None:
    """The parameter that takes a page's cursor, and what seals and opens cursors; None where nothing is paged."""
    last = operation.steps[-1]
    if isinstance(last, AlgorithmStep):
        return None
    documented = success(operation)
    asked = asked_of(last, operation, documented.type if documented else None, shop.component)
    if asked.outcome != "page" or not asked.keys:
        return None
    return asked.cursor or "", cursors_of(shop.secret, operation.name, asked.keys)


def _unattributed(failed: StatementFailed) -> Refusal:
    return refusal_of(failed.condition, (), (), Places(Catalog()))


class _NoDatabase:
    """What the statements of a component without tables would run on."""

    async def run(self, _sql: str, _values: Sequence[object], /) -> Result:
        raise StatementFailed(Condition("unavailable", message="the document has no database"))
