"""The causes of errors that an operation has, by its request, its rows and its writes."""

from collections.abc import Iterator

from asbuilt.component.model import Component, Operation, PatternStep
from asbuilt.component.reach import Reach
from asbuilt.component.routed import columns_of_path
from asbuilt.component.violations import (
    Violation,
    changes_derived,
    members_derived,
    members_of_body,
    violations,
)
from asbuilt.language.types import UNSET, Type, Types
from asbuilt.postgres.writes import always_gives_rows, changes_of
from asbuilt.sections.api import Parameter

_WITHOUT_AUTH = {"none", "no", "public", "anonymous"}


def occasions(component: Component, operation: Operation, reach: Reach) -> Iterator[Violation]:
    """Each cause an operation has, with what it is about. One may come more than once."""
    yield from _of_clauses(operation)
    yield from _of_request(component, operation)
    yield from _of_rows(component, operation, reach)
    yield from _of_writes(component, operation, reach)
    if reach.asks_database:
        yield "timeout", ()
    yield "unavailable", ()
    yield "internal", ()


def raised_by(component: Component, reach: Reach) -> tuple[str, ...]:
    """The codes that an operation's functions raise, or take to raise them."""
    codes = component.error_rows
    found = [name.text for function in reach.functions for name in (*function.raises, *function.names_used)]
    return tuple(dict.fromkeys(code for code in found if code in codes))


def _of_clauses(operation: Operation) -> Iterator[Violation]:
    endpoint = operation.endpoint
    auth = endpoint.clause("auth")
    if auth and auth.text.strip().lower() not in _WITHOUT_AUTH:
        yield "token invalid", ()
        if "optional" not in auth.text.lower():
            yield "token missing", ()
    if endpoint.clause("roles"):
        yield "forbidden", ()
    if endpoint.clause("limit"):
        yield "too many requests", ()
    idempotency = endpoint.clause("idempotency")
    if idempotency:
        yield "key reused", ()
        if "optional" not in idempotency.text.lower():
            yield "key missing", ()


def _of_request(component: Component, operation: Operation) -> Iterator[Violation]:
    endpoint = operation.endpoint
    if endpoint.body is not None:
        yield "malformed", ()
        yield "too large", ()
        yield "media type", ()
        yield "validation", ("body",)
        for name in _members(endpoint.body.type, component.types) if endpoint.body.type else ():
            yield "validation", (name,)
    for parameter in (*endpoint.parameters_in("query"), *endpoint.parameters_in("header")):
        if _may_be_wrong(parameter, component.types):
            yield "validation", (parameter.name.text,)
        if parameter.name.text.lower() in {"if-match", "if-unmodified-since"}:
            yield "precondition", ()
    if any(answer.type for answer in endpoint.answers):
        yield "not acceptable", ()


def _members(type_: Type, types: Types) -> Iterator[str]:
    """The names of a body's members, each as its last part, those of nested schemas among them."""
    seen: set[str] = set()
    ahead = [type_]
    while ahead:
        present = types.present(ahead.pop())
        ahead += [inner for inner in (getattr(present, "item", None), getattr(present, "value", None)) if inner]
        ahead += getattr(present, "options", ())
        schema = types.schema(present)
        if schema and schema.name not in seen:
            seen.add(schema.name)
            yield from (field.name for field in schema.fields if not field.read_only)
            ahead += [field.type for field in schema.fields if not field.read_only]


def _may_be_wrong(parameter: Parameter, types: Types) -> bool:
    """Whether a value can be refused: not where the type says what stands for any other."""
    constraints = getattr(types.resolve(parameter.type), "constraints", None)
    return constraints is None or constraints.otherwise is UNSET


def _of_rows(component: Component, operation: Operation, reach: Reach) -> Iterator[Violation]:
    """What may be `no row`: a row of the path, or one that a statement asks for."""
    for _, table, _ in operation.loads:
        yield "no row", (operation.name, table)
    if operation.endpoint.parameters_in("path"):
        yield "no row", (operation.name,)
    for derivation in reach.derivations:
        own = () if derivation.deed in {"create", "list"} else (derivation.table,)
        if own or derivation.hops:
            yield "no row", (operation.name, *own, *(hop.parent for hop in derivation.hops))
    own_patterns = {step.pattern.name.text for step in operation.steps if isinstance(step, PatternStep)}
    nullable = any(answer.type and component.types.nullable(answer.type) for answer in operation.endpoint.answers)
    for pattern in reach.patterns:
        demanding = pattern.cardinality == "maybe" and pattern.name.text in own_patterns and not nullable
        if (demanding or pattern.cardinality == "one") and not always_gives_rows(pattern.statement):
            yield "no row", (operation.name, pattern.name.text, *pattern.statement.tables)


def _of_writes(component: Component, operation: Operation, reach: Reach) -> Iterator[Violation]:
    catalog, endpoint, types = component.data.catalog, operation.endpoint, component.types
    routed = columns_of_path(operation, component)
    for derivation in reach.derivations:
        members = members_derived(derivation, endpoint, types)
        yield from violations(changes_derived(derivation), members, catalog)
    for pattern in reach.patterns:
        members = members_of_body(endpoint, types, pattern.statement.written)
        yield from violations(changes_of(pattern.statement), members, catalog, routed)
