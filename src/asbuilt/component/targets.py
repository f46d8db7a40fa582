"""The columns that members of a request's body certainly go to, for operations that no code stands between."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from asbuilt.component.deposits import Step, deposits_of, filled, member_at
from asbuilt.component.model import Component, DerivedStep, Operation, PatternStep
from asbuilt.language.types import Schema
from asbuilt.postgres.catalog import SqlType
from asbuilt.postgres.derivation import LinksWrite
from asbuilt.postgres.spelling import base_type, kind_of
from asbuilt.values import frozen

Place = tuple[tuple[Step, ...], SqlType]


@frozen
class Target:
    """What a value is stored as, domains resolved, and what its members are: `inside` has 0 for each item of a list."""

    columns: tuple[SqlType, ...] = ()
    inside: Mapping[Step, "Target"] | None = None

    def at(self, step: Step) -> "Target":
        return (self.inside or {}).get(step, NOWHERE)


NOWHERE = Target()


def targets(operation: Operation, component: Component) -> Target:
    """Where the members of an operation's body go. Nowhere, if an algorithm takes them: it may do with them anything.

    A member that goes to columns of different kinds is left out, and so is one that a pattern casts.
    """
    body = operation.endpoint.body
    schema = component.types.schema(component.types.present(body.type)) if body and body.type else None
    if schema is None or not all(isinstance(step, PatternStep | DerivedStep) for step in operation.steps):
        return NOWHERE
    found: dict[tuple[Step, ...], list[SqlType]] = {}
    for path, column in _places(operation, schema, component):
        type_ = base_type(column, component.data.catalog)
        if type_ not in found.setdefault(path, []):
            found[path].append(type_)
    catalog = component.data.catalog
    agreed = {
        path: tuple(types)
        for path, types in found.items()
        if len({(kind_of(one, catalog), one.dimensions) for one in types}) == 1
    }
    return _tree(agreed)


def _places(operation: Operation, schema: Schema, component: Component) -> Iterator[Place]:
    stored = {
        (deposit.by, cell.path): column.type
        for deposit in deposits_of(component, operation)
        for cell in deposit.cells
        if (column := deposit.table.column(cell.column))
    }
    for step in operation.steps:
        if isinstance(step, PatternStep):
            yield from _of_pattern(step, operation, schema, component, stored)
        elif isinstance(step, DerivedStep):
            yield from ((path, _taken(column)) for (_, path), column in stored.items())
            for write in step.derivation.writes:
                if isinstance(write, LinksWrite):
                    yield from _of_links(write, schema, component)


def _taken(column: SqlType) -> SqlType:
    """What a derived statement takes for a column: an instant also for a timestamp without time zone."""
    zoned = "timestamp with time zone"
    return replace(column, name=zoned) if column.name == "timestamp without time zone" else column


def _of_pattern(
    step: PatternStep,
    operation: Operation,
    schema: Schema,
    component: Component,
    stored: Mapping[tuple[str, tuple[Step, ...]], SqlType],
) -> Iterator[Place]:
    """What the parameters of a pattern are, by PostgreSQL's word; with the column's digits where one is stored."""
    name, catalog = step.pattern.name.text, component.data.catalog
    signature, given = component.signature(name), filled(step.pattern, operation)
    for parameter, type_ in signature.parameters if signature else ():
        member = member_at(component, schema, given.get(parameter, ""))
        if member:
            column = stored.get((name, member[2]), type_)
            alike = kind_of(column, catalog) == kind_of(type_, catalog) and column.dimensions == type_.dimensions
            yield member[2], column if alike else type_


def _of_links(write: LinksWrite, schema: Schema, component: Component) -> Iterator[Place]:
    table, member = component.data.catalog.table(write.table), member_at(component, schema, write.parameter)
    column = table.column(write.key) if table else None
    if member and column:
        yield (*member[2], 0, *write.path), column.type


def _tree(found: Mapping[tuple[Step, ...], tuple[SqlType, ...]]) -> Target:
    heads = dict.fromkeys(path[0] for path in found if path)
    inside = {head: _tree({path[1:]: one for path, one in found.items() if path[:1] == (head,)}) for head in heads}
    return Target(found.get((), ()), inside)
