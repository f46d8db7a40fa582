"""Which columns the path alone fills: what is wrong with their values is wrong with the address."""

import ast
from collections.abc import Iterator, Mapping

from asbuilt.component.model import AlgorithmStep, Component, Operation, PatternStep
from asbuilt.component.reach import reach_of
from asbuilt.component.violations import Routed
from asbuilt.language.names import snake
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.row_values import written_row
from asbuilt.sections.algorithms import Algorithm
from asbuilt.sections.data import Pattern

# A column, by table and name, and the path parameter that is written into it; None: something else is.
_Filling = tuple[tuple[str, str], str | None]


def columns_of_path(operation: Operation, component: Component) -> Routed:
    """The parameters of the path that an operation writes into columns as they are, wherever it writes them."""
    own = {snake(parameter.name.text): parameter.name.text for parameter in operation.endpoint.parameters_in("path")}
    found: dict[tuple[str, str], set[str | None]] = {}
    for place, parameter in _fillings(operation, own, component) if own else ():
        found.setdefault(place, set()).add(parameter)
    return {place: name for place, names in found.items() if len(names) == 1 and (name := next(iter(names)))}


def _fillings(operation: Operation, own: Mapping[str, str], component: Component) -> Iterator[_Filling]:
    for step in operation.steps:
        if isinstance(step, PatternStep):
            given = {name: own.get(snake(name)) for name in step.pattern.statement.parameters}
            yield from _written(step.pattern, given, component.data.catalog)
        elif isinstance(step, AlgorithmStep):
            for function in reach_of(component, operation).functions:
                # Another function's arguments may be anything.
                known = own if function is step.algorithm else {}
                yield from _called(function, known, component)


def _called(function: Algorithm, own: Mapping[str, str], component: Component) -> Iterator[_Filling]:
    """What the patterns write that a function calls, with arguments of its own that it never changes."""
    nodes = list(ast.walk(function.node))
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    for node in nodes:
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name) or node.value.id != "db":
            continue
        pattern = component.data.pattern(node.attr)
        call = next((one for one in nodes if isinstance(one, ast.Call) and one.func is node), None)
        if pattern:
            given = {
                snake(keyword.arg): own.get(snake(keyword.value.id))
                for keyword in (call.keywords if call else ())
                if keyword.arg and isinstance(keyword.value, ast.Name) and keyword.value.id not in bound
            }
            names = {name: given.get(snake(name)) for name in pattern.statement.parameters}
            yield from _written(pattern, names, component.data.catalog)


def _written(pattern: Pattern, given: Mapping[str, str | None], catalog: Catalog) -> Iterator[_Filling]:
    row = written_row(pattern.statement, catalog)
    if row:
        yield from (((row.table, value.column), given.get(value.parameter or "")) for value in row.values)
        return
    tables = (catalog.table(name) for name in pattern.statement.written)
    yield from (((table.name, column.name), None) for table in tables if table for column in table.columns)
