"""Statements that answer a request by themselves: PostgreSQL builds the JSON, the bytes go through untouched."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from asbuilt.component import Component, DerivedStep, MachineStep, Operation, PatternStep
from asbuilt.language.names import snake
from asbuilt.language.types import Scalar, Type
from asbuilt.postgres.compile import compile_statement
from asbuilt.postgres.derivation import Derivation, Outcome
from asbuilt.postgres.derived_sql import derived_query
from asbuilt.postgres.json_sql import json_query, outcome_of
from asbuilt.postgres.paging import cursor_parameters, page_keys, page_query
from asbuilt.postgres.query_text import with_constants
from asbuilt.postgres.statement import Query
from asbuilt.runtime.calls import BODY, Call, Get, getter, presence
from asbuilt.runtime.cannot_serve import CannotServe
from asbuilt.runtime.instances import attributes
from asbuilt.sections.data import Pattern
from asbuilt.values import frozen

Bind: TypeAlias = Callable[[Call], tuple[Query, Sequence[object]]]
_VARIANTS = 256  # of one statement kept; callers choose which parameters are present


@frozen
class Asked:
    """A statement as an operation asks it. `queries` compiles it for the names (of `optional`) that are present.

    `about` are the names a `no row` of it may be known by; `cursor` and `keys` are those of a page.
    """

    queries: Callable[[frozenset[str]], Query]
    optional: tuple[str, ...]
    outcome: Outcome
    demanding: bool
    about: tuple[str, ...]
    written: tuple[str, ...] = ()
    cursor: str | None = None
    keys: tuple[str, ...] = ()
    limit: str | None = None


def asked_of(
    step: PatternStep | DerivedStep | MachineStep, operation: Operation, answer: Type | None, component: Component
) -> Asked:
    """The statement of a step, whose answer is of a documented type (None: nothing is answered).

    Raises `CannotServe` for an event of a machine, which has none yet.
    """
    if isinstance(step, MachineStep):
        event = f"{step.machine.identifier}.{step.event}"
        raise CannotServe(f"`{event}` is an event of a state machine, and those are not enacted yet")
    if isinstance(step, DerivedStep):
        return _derived(step.derivation, operation, component)
    return _pattern(step.pattern, operation, answer, component)


def _derived(derivation: Derivation, operation: Operation, component: Component) -> Asked:
    catalog = component.data.catalog
    parents = tuple(hop.parent for hop in derivation.hops)
    own = () if derivation.deed in ("create", "list") else (derivation.table,)
    return Asked(
        lambda present: derived_query(derivation, catalog, present),
        tuple(sorted(derivation.optional)),
        derivation.outcome,
        demanding=True,
        about=(operation.name, *own, *parents),
        written=derivation.written,
        cursor=derivation.cursor,
        keys=tuple(name.partition(".")[2] for name in derivation.cursor_names),
        limit=derivation.limit,
    )


def _pattern(pattern: Pattern, operation: Operation, answer: Type | None, component: Component) -> Asked:
    statement, types, catalog = pattern.statement, component.types, component.data.catalog
    signature = component.signature(pattern.name.text)
    columns = signature.columns if signature else ()
    outcome = outcome_of(answer, types, pattern.cardinality)

    def queries(present: frozenset[str]) -> Query:
        query = compile_statement(statement, present)
        if outcome == "page" and answer is not None:
            return page_query(query, statement, columns, answer, types, catalog)
        return json_query(query, columns, answer, types, outcome, catalog)

    nullable = answer is not None and types.nullable(answer)
    cursors = cursor_parameters(statement)
    limit = statement.limit or ""
    return Asked(
        queries,
        tuple(dict.fromkeys(condition.name for condition in statement.conditions)),
        outcome,
        demanding=pattern.cardinality == "one" or (pattern.cardinality == "maybe" and not nullable),
        about=(operation.name, pattern.name.text, *statement.tables),
        written=statement.written,
        cursor=cursors[0].partition(".")[0] if cursors and outcome == "page" else None,
        keys=page_keys(statement) if outcome == "page" else (),
        limit=limit.removeprefix(":") if limit.startswith(":") else None,
    )


def binder(asked: Asked, operation: Operation, component: Component) -> Bind:
    """What gives, for a call, the variant of a statement that it asks for, and the values in order."""
    members = body_members(operation, component)
    constants = _usual_limit(asked, operation)
    if not asked.optional and not constants:
        return _fixed(*_ready(asked.queries(frozenset()), members))
    given = [(name, _presence(name, operation, members)) for name in asked.optional]
    usual = [(getter(name, members), value) for name, value in constants.items()]
    variants: dict[tuple[frozenset[str], bool], tuple[Query, tuple[Get, ...]]] = {}

    def bind(call: Call) -> tuple[Query, Sequence[object]]:
        names = frozenset([name for name, present in given if present(call)])
        as_usual = bool(usual) and all(get(call) == value for get, value in usual)
        variant = variants.get((names, as_usual))
        if variant is None:
            query = asked.queries(names)
            variant = _ready(with_constants(query, constants) if as_usual else query, members)
            if len(variants) >= _VARIANTS:
                variants.pop(next(iter(variants)))
            variants[names, as_usual] = variant
        query, gets = variant
        return query, [get(call) for get in gets]

    return bind


def _presence(name: str, operation: Operation, members: frozenset[str]) -> Callable[[Call], bool]:
    """What tells whether a parameter is present: a list of the query whose default is `[]` is not while it is empty."""
    for parameter in operation.endpoint.parameters_in("query"):
        if snake(parameter.name.text) == name and parameter.default == []:
            return lambda call: bool(call.values.get(name))
    return presence(name, members)


def body_members(operation: Operation, component: Component) -> frozenset[str]:
    """The attributes of an operation's body, which statements may name without `body.`."""
    body = operation.endpoint.body
    schema = component.types.schema(component.types.present(body.type)) if body and body.type else None
    taken = {snake(parameter.name.text) for parameter in operation.endpoint.parameters} | {BODY}
    return frozenset(attributes(schema)) - taken if schema else frozenset()


def _usual_limit(asked: Asked, operation: Operation) -> dict[str, int]:
    """The default of a list's limit: worth a statement of its own, which PostgreSQL plans once and well."""
    for parameter in operation.endpoint.parameters:
        if asked.limit and snake(parameter.name.text) == asked.limit and isinstance(parameter.default, int):
            return {asked.limit: parameter.default}
    return {}


def _ready(query: Query, members: frozenset[str]) -> tuple[Query, tuple[Get, ...]]:
    return query, tuple(getter(name, members) for name in query.parameters)


def _fixed(query: Query, gets: tuple[Get, ...]) -> Bind:
    if len(gets) == 1:
        only = gets[0]
        return lambda call: (query, (only(call),))
    return lambda call: (query, [get(call) for get in gets])


def is_text(type_: Type | None, component: Component) -> bool:
    """Whether values of a type are strings."""
    present = component.types.present(type_) if type_ else None
    return isinstance(present, Scalar) and present.kind == "str"
