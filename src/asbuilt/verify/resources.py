"""What can be done with the rows of a table: which operations make, read, list, replace, change and delete them."""

from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.component import Component, Operation, PatternStep
from asbuilt.component.deposits import deposits
from asbuilt.component.derived_lists import is_cursor
from asbuilt.component.reach import reach_of
from asbuilt.language.names import snake
from asbuilt.language.types import Array, Named, Schema, Type
from asbuilt.postgres.catalog import Table
from asbuilt.sections.api import Parameter, Variable
from asbuilt.verify.places import Path
from asbuilt.verify.relations import Relations

# Parameters that say how many rows come at once.
LIMITS = frozenset({"limit", "per_page", "page_size"})


@dataclass(frozen=True, slots=True)
class Listing:
    """An operation that lists rows. `member` holds them (empty: the answer itself), `following` the next cursor."""

    operation: Operation
    item: Type
    member: str = ""
    following: str = ""
    limit: Parameter | None = None
    cursor: Parameter | None = None

    def items(self, answer: object) -> list[object] | None:
        """The items of an answer; None where it has not that form."""
        found = answer.get(self.member) if self.member and isinstance(answer, dict) else answer
        return found if isinstance(found, list) else None

    def next(self, answer: object) -> object:
        return answer.get(self.following) if self.following and isinstance(answer, dict) else None


@dataclass(frozen=True, slots=True)
class Resource:
    """The operations on the rows of one table, each None where there is none. `key` is the column that names a row."""

    table: Table
    key: str
    makers: tuple[Operation, ...]
    reader: Operation | None
    replacer: Operation | None
    changer: Operation | None
    deleter: Operation | None
    listings: tuple[Listing, ...]


def resources(component: Component, relations: Relations) -> Iterator[Resource]:
    """A resource for each table that has a key of one column and an operation that makes its rows."""
    for table in component.data.catalog.tables:
        makers = relations.makers(table.name)
        key = table.primary_key
        if not makers or key is None or len(key.columns) != 1:
            continue
        at_row = [each for each in component.operations if _is_at_row(relations, each, table)]
        yield Resource(
            table,
            key.columns[0],
            makers,
            _first(component, at_row, "GET", table),
            _first(component, at_row, "PUT", table),
            _first(component, at_row, "PATCH", table),
            next((each for each in at_row if each.endpoint.method == "DELETE"), None),
            tuple(_listings(component, table, key.columns[0])),
        )


def _is_at_row(relations: Relations, operation: Operation, table: Table) -> bool:
    """Whether the path ends in the key of a row of the table."""
    if operation.hole is not None or not operation.endpoint.route.segments:
        return False
    parameters = operation.endpoint.parameters_in("path")
    last = operation.endpoint.route.segments[-1]
    if not parameters or not isinstance(last, Variable) or last.name != parameters[-1].name.text:
        return False
    column = relations.of(operation).path.get(parameters[-1].name.text)
    return column is not None and column.table == table.name


def _first(component: Component, operations: list[Operation], method: str, table: Table) -> Operation | None:
    """The first with that method that answers with the row's key, so that it can be held against the row."""
    key = table.primary_key.columns[0] if table.primary_key else ""
    return next((each for each in operations if each.endpoint.method == method and key in shown(component, each)), None)


def shown(component: Component, operation: Operation) -> frozenset[str]:
    """The columns' names that the members of an answer have, where it is an object."""
    for answer in operation.endpoint.answers:
        schema = component.types.schema(component.types.present(answer.type)) if answer.type else None
        if schema and answer.status < 300:
            return frozenset(field.column or snake(field.name) for field in schema.fields)
    return frozenset()


def _listings(component: Component, table: Table, key: str) -> Iterator[Listing]:
    for operation in component.operations:
        if operation.endpoint.method != "GET" or operation.hole is not None:
            continue
        found = listing(component, operation)
        schema = component.types.schema(component.types.present(found.item)) if found else None
        if found and schema and _is_of(component, operation, schema, table, key):
            yield found


def listing(component: Component, operation: Operation) -> Listing | None:
    """The operation as a listing; None where its answer holds no list of objects, or several."""
    for answer in operation.endpoint.answers:
        if answer.type is None or answer.status != 200:
            continue
        types = component.types
        present = types.present(answer.type)
        limit = next((p for p in operation.endpoint.parameters_in("query") if p.name.text in LIMITS), None)
        cursor = next((p for p in operation.endpoint.parameters_in("query") if is_cursor(p)), None)
        if isinstance(present, Array):
            return Listing(operation, present.item, limit=limit, cursor=cursor)
        schema = types.schema(present) if isinstance(present, Named) else None
        lists = (
            [(f, inner) for f in schema.fields if isinstance(inner := types.present(f.type), Array)] if schema else []
        )
        if schema and len(lists) == 1:
            following = next((f.name for f in schema.fields if f.name == "next"), "")
            return Listing(operation, lists[0][1].item, lists[0][0].name, following, limit, cursor)
    return None


def _is_of(component: Component, operation: Operation, schema: Schema, table: Table, key: str) -> bool:
    """Whether the items are rows of the table: it is the one that is listed, and they hold its key."""
    if not any((field.column or snake(field.name)) == key for field in schema.fields):
        return False
    reach = reach_of(component, operation)
    if reach.derivations:
        return any(derivation.table == table.name for derivation in reach.derivations)
    listed = [step.pattern for step in operation.steps if isinstance(step, PatternStep)]
    columns = {column.name for column in table.columns}
    names = {field.column or snake(field.name) for field in schema.fields}
    return any(pattern.statement.tables[:1] == (table.name,) for pattern in listed) and len(names & columns) * 2 >= len(
        names
    )


def stored(component: Component, operation: Operation) -> dict[str, Path]:
    """By column, the place in the body whose value a row surely gets."""
    found: dict[str, Path] = {}
    for deposit in deposits(component):
        if deposit.operation.name == operation.name:
            found |= {cell.column: cell.path for cell in deposit.cells if 0 not in cell.path}
    return found
