"""Where members of a request's body end up in the database, as far as that is certain."""

import ast
from collections.abc import Iterator, Mapping

from asbuilt.component.model import AlgorithmStep, Component, DerivedStep, Operation, PatternStep
from asbuilt.component.reach import reach_of
from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT, Array, Field, Schema, Type
from asbuilt.postgres.catalog import Table
from asbuilt.postgres.derivation import Derivation, RowsWrite
from asbuilt.postgres.row_values import written_row
from asbuilt.postgres.statement import Statement
from asbuilt.sections.algorithms import Algorithm
from asbuilt.sections.data import Pattern
from asbuilt.values import frozen

Step = str | int
_BRANCHES = (ast.If, ast.IfExp, ast.Raise, ast.Try, ast.While, ast.For, ast.AsyncFor, ast.Match, ast.Assert, ast.BoolOp)


@frozen
class Cell:
    """A column and the member of the body it is set from; `path` leads to it in the body.

    `omissible`: the member may be left out, and the column then has its default. `nulled`: it may be left out, and
    the column is then set to null.
    """

    column: str
    schema: Schema
    field: Field
    type: Type
    path: tuple[Step, ...]
    omissible: bool = False
    nulled: bool = False


@frozen
class Deposit:
    """A row that an operation writes. `filled` are columns that have a value from elsewhere, `fresh` says it is new."""

    operation: Operation
    body: Schema
    table: Table
    cells: tuple[Cell, ...]
    filled: frozenset[str] = frozenset()
    fresh: bool = False
    by: str = ""


def deposits(component: Component, *, certain: bool = True) -> Iterator[Deposit]:
    """The rows that operations write out of their bodies, in the order of the document.

    With `certain`, of what algorithms call only that which nothing may prevent; else all that they call.
    """
    for operation in component.operations:
        yield from deposits_of(component, operation, certain=certain)


def deposits_of(component: Component, operation: Operation, *, certain: bool = True) -> Iterator[Deposit]:
    """The rows that one operation writes out of its body."""
    body = operation.endpoint.body
    schema = component.types.schema(component.types.present(body.type)) if body and body.type else None
    if operation.hole is not None:
        return
    for step in operation.steps:
        match step:
            case DerivedStep(derivation) if schema:
                yield from _derived(component, operation, schema, derivation)
            case PatternStep(pattern):
                yield from _written(component, operation, schema, pattern, filled(pattern, operation))
            case AlgorithmStep(algorithm) if schema:
                functions = (algorithm,) if certain else reach_of(component, operation).functions
                for function in functions:
                    yield from _called(component, operation, schema, function, certain=certain)


def filled(pattern: Pattern, operation: Operation) -> dict[str, str]:
    """What fills each parameter of a pattern: a bare name is a member of the body if no parameter bears it."""
    own = {snake(parameter.name.text) for parameter in operation.endpoint.parameters}
    names = pattern.statement.parameters
    return {name: name if "." in name else f"body.{name}" for name in names if snake(name) not in own}


def _derived(component: Component, operation: Operation, schema: Schema, derivation: Derivation) -> Iterator[Deposit]:
    table = component.data.catalog.table(derivation.table)
    if table is None or derivation.deed not in ("create", "replace", "change"):
        return
    cells = []
    for assignment in derivation.assignments:
        found = member_at(component, schema, assignment.parameter)
        if found:
            owner, field, path = found
            omissible = assignment.optional and derivation.deed != "change"
            cells.append(Cell(assignment.column, owner, field, field.type, path, omissible))
    fresh = derivation.deed == "create"
    link = derivation.hops[0].link if fresh and derivation.hops else None
    filled = frozenset(a.column for a in derivation.assignments) | frozenset(link.columns if link else ())
    yield Deposit(operation, schema, table, tuple(cells), filled, fresh)
    for write in derivation.writes:
        if isinstance(write, RowsWrite):
            yield from _rows(component, operation, schema, write)


def _rows(component: Component, operation: Operation, schema: Schema, write: RowsWrite) -> Iterator[Deposit]:
    """The rows of a list in the body, one for each item."""
    table = component.data.catalog.table(write.table)
    found = member_at(component, schema, write.parameter)
    if table is None or found is None:
        return
    _, field, path = found
    listed = component.types.present(field.type)
    if not isinstance(listed, Array):
        return
    item = component.types.schema(component.types.present(listed.item))
    cells = []
    for column in write.columns:
        if column.counted:
            continue
        if not column.path:
            cells.append(Cell(column.column, schema, field, listed.item, (*path, 0)))
        elif item and len(column.path) == 1 and (member := item.member(column.path[0])):
            omissible = column.defaulted and member.default is ABSENT
            cells.append(Cell(column.column, item, member, member.type, (*path, 0, member.name), omissible))
    filled = frozenset(column.column for column in write.columns) | frozenset(write.link.columns)
    yield Deposit(operation, schema, table, tuple(cells), filled, fresh=True)


def member_at(component: Component, schema: Schema, parameter: str) -> tuple[Schema, Field, tuple[Step, ...]] | None:
    """The member that a parameter such as `body.customer.id` names: its schema, itself, and the way to it."""
    head, *names = parameter.split(".")
    path: tuple[Step, ...] = ()
    owner: Schema | None = schema
    field: Field | None = None
    for at, name in enumerate(names):
        field = next((one for one in owner.fields if snake(one.name) == snake(name)), None) if owner else None
        if head != "body" or field is None or owner is None:
            return None
        path = (*path, field.name)
        if at + 1 < len(names):
            owner = component.types.schema(component.types.present(field.type))
    return (owner, field, path) if owner and field else None


def _written(
    component: Component, operation: Operation, schema: Schema | None, pattern: Pattern, given: Mapping[str, str]
) -> Iterator[Deposit]:
    """What a pattern writes. `given` says what each of its parameters is: `body.note`, or anything else."""
    writing = written_row(pattern.statement, component.data.catalog)
    table = component.data.catalog.table(writing.table) if writing else None
    if writing is None or table is None:
        return
    cells = []
    conditional = _conditional(pattern.statement)
    for value in writing.values:
        source = given.get(value.parameter or "")
        found = member_at(component, schema, source) if schema and source else None
        if found:
            owner, field, path = found
            nulled = field.default is ABSENT and value.parameter not in conditional
            cells.append(Cell(value.column, owner, field, field.type, path, nulled=nulled))
    filled = frozenset(value.column for value in writing.values)
    body = schema or Schema("", (), operation.endpoint.span, operation.endpoint.span)
    yield Deposit(operation, body, table, tuple(cells), filled, writing.fresh, pattern.name.text)


def _conditional(statement: Statement) -> frozenset[str]:
    """The parameters that stand where a `-- when` may take them out of the statement."""
    stretches = [(condition.start, condition.end) for condition in statement.conditions]
    return frozenset(
        each.name for each in statement.placeholders if any(low <= each.start < high for low, high in stretches)
    )


def _called(
    component: Component, operation: Operation, schema: Schema, algorithm: Algorithm, *, certain: bool
) -> Iterator[Deposit]:
    """What patterns write that an algorithm calls with members of the body; `certain`: before it may do otherwise."""
    for call in _calls(algorithm, certain=certain):
        pattern = component.data.pattern(call.func.attr) if isinstance(call.func, ast.Attribute) else None
        if pattern:
            given = {keyword.arg: _member(keyword.value) for keyword in call.keywords if keyword.arg}
            known = {name: source for name, source in given.items() if source}
            yield from _written(component, operation, schema, pattern, known)


def _calls(algorithm: Algorithm, *, certain: bool) -> Iterator[ast.Call]:
    """The calls on `db`; of `certain` ones, those before the first branch, so that every request gets to them."""
    nodes = list(ast.walk(algorithm.node))
    branches = [(node.lineno, node.col_offset) for node in nodes if isinstance(node, _BRANCHES)] if certain else []
    first = min(branches, default=None)
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="db"))):
                if first is None or (node.end_lineno or node.lineno, node.end_col_offset or 0) < first:
                    yield node


def _member(value: ast.expr) -> str | None:
    match value:
        case ast.Attribute(value=ast.Name(id="body"), attr=attribute):
            return f"body.{attribute}"
    return None
