"""What a schema promises of a column must be what the column holds: its kind of value, and whether it is ever null."""

from collections.abc import Iterator

from asbuilt.component import Component, DerivedStep, Operation, PatternStep
from asbuilt.component.deposits import Deposit, deposits
from asbuilt.diagnostics import Diagnostic, rule
from asbuilt.language.names import Name, snake
from asbuilt.language.types import ABSENT, Array, Field, Named, Scalar, Schema, Type
from asbuilt.postgres.catalog import Column, SqlType, Table
from asbuilt.postgres.derivation import ChildrenMember, ColumnMember, EmbeddedMember, Member
from asbuilt.postgres.json_sql import kind_in
from asbuilt.postgres.spelling import base_type, kind_of
from asbuilt.values import frozen

_NUMBERS = frozenset({"int", "float", "decimal"})
_MOMENTS = frozenset({"datetime", "date"})
# What a text column holds and gives back as it was.
_WRITTEN = frozenset({"str", "uuid", "datetime", "date", "time", "timedelta"})


@frozen
class _Promise:
    """A field of an answer, and the column that it is read from."""

    operation: Operation
    schema: Schema
    field: Field
    table: Table
    column: Column


@rule("API406")
def mismatched_column(component: Component) -> Iterator[Diagnostic]:
    """A field and the column it is stored in, or read from, hold different kinds of values.

    A number in a text column comes back as a string, a time of day does not go into a timestamp. Change
    the type of the field or that of the column.
    """
    seen: set[tuple[str, str]] = set()
    for deposit in deposits(component):
        for cell in deposit.cells:
            column = deposit.table.column(cell.column)
            if column and not _agrees(cell.type, column.type, component):
                yield from _mismatch(component, seen, cell.schema, cell.field, deposit.table, column)
    for promise in _promises(component):
        if not _agrees(promise.field.type, promise.column.type, component):
            yield from _mismatch(component, seen, promise.schema, promise.field, promise.table, promise.column)
    yield from _of_patterns(component, seen)


def _agrees(type_: Type, column: SqlType, component: Component) -> bool:
    base = base_type(column, component.data.catalog)
    present = component.types.present(type_)
    wanted, held = kind_in(present, component.types), kind_of(column, component.data.catalog)
    if wanted is None or held is None or isinstance(present, Array) != bool(base.dimensions) or wanted == "str":
        return True
    if held == "str":
        return wanted in _WRITTEN
    return wanted == held or {wanted, held} <= _NUMBERS or (wanted == "date" and held in _MOMENTS)


def _mismatch(
    component: Component, seen: set[tuple[str, str]], schema: Schema, field: Field, table: Table, column: Column
) -> Iterator[Diagnostic]:
    key = (field.name, f"{table.name}.{column.name}")
    if key in seen or schema.inferred:
        return
    seen.add(key)
    yield mismatched_column.at(
        field,
        f"`{schema.name}.{field.name}` is {_called(field.type, component)}, and `{table.name}.{column.name}` "
        f"is of the type `{column.type}`",
        hint="change the one or the other",
        also=[(column, "the column")],
    )


def _called(type_: Type, component: Component) -> str:
    present = component.types.present(type_)
    if isinstance(present, Array):
        return f"a list of {kind_in(present, component.types)}"
    return f"`{present.kind}`" if isinstance(present, Scalar) else f"a choice of {kind_in(present, component.types)}"


def _of_patterns(component: Component, seen: set[tuple[str, str]]) -> Iterator[Diagnostic]:
    """As PostgreSQL types the columns of the pattern that an operation is answered by."""
    for operation in component.operations:
        step = operation.steps[-1] if operation.steps else None
        if isinstance(step, PatternStep):
            yield from _of_pattern(component, operation, step.pattern.name, seen)


def _of_pattern(
    component: Component, operation: Operation, pattern: Name, seen: set[tuple[str, str]]
) -> Iterator[Diagnostic]:
    signature = component.signature(pattern.text)
    given = {snake(column.name): column.type for column in signature.columns} if signature else {}
    for schema in _answered(component, operation):
        for field in schema.fields:
            found = given.get(snake(field.column or field.name))
            key = (field.name, pattern.text)
            if found and not field.write_only and key not in seen and not _agrees(field.type, found, component):
                seen.add(key)
                name, type_ = f"`{schema.name}.{field.name}`", _called(field.type, component)
                yield mismatched_column.at(
                    field,
                    f"{name} is {type_}, and pattern `{pattern.text}` gives it as `{found}`",
                    hint="change the one or the other",
                    also=[(pattern, f"`{operation.endpoint.title}` is answered by this")],
                )


@rule("API407")
def unpromised_null(component: Component) -> Iterator[Diagnostic]:
    """A field of an answer is never null, and the column it is read from may be, by what the document itself stores.

    The answer breaks the promise of its schema as soon as such a row is read. Write `| None` behind the
    type, or make the column NOT NULL.
    """
    stored = list(deposits(component))
    seen: set[tuple[str, str]] = set()
    for promise in (*_promises(component), *_selected(component)):
        field, column = promise.field, promise.column
        key = (promise.schema.name, field.name)
        if key in seen or _is_never_null(promise.table, column) or promise.schema.inferred:
            continue
        if component.types.nullable(field.type) or field.default is ABSENT:
            continue
        cause = next(
            (one for one in stored if one.table.name == promise.table.name and _leaves(one, column, component)), None
        )
        if cause:
            seen.add(key)
            yield unpromised_null.at(
                field,
                f"`{promise.schema.name}.{field.name}` is never null, and `{promise.table.name}.{column.name}` may be",
                hint="write `| None` behind the type, or make the column NOT NULL",
                also=[
                    (column, "the column"),
                    (cause.operation.endpoint.route, f"`{cause.operation.endpoint.title}` stores rows without it"),
                ],
            )


def _is_never_null(table: Table, column: Column) -> bool:
    return column.not_null or bool(table.primary_key and column.name in table.primary_key.columns)


def _leaves(deposit: Deposit, column: Column, component: Component) -> bool:
    """Whether an operation may store a row with nothing in the column."""
    cell = next((cell for cell in deposit.cells if cell.column == column.name), None)
    if cell:
        return component.types.nullable(cell.type) or (cell.omissible and _is_null_by_itself(column))
    return deposit.fresh and column.name not in deposit.filled and _is_null_by_itself(column)


def _is_null_by_itself(column: Column) -> bool:
    return column.default is None and not column.generated and column.identity is None


def _answered(component: Component, operation: Operation) -> Iterator[Schema]:
    for answer in operation.endpoint.answers:
        if answer.type and answer.media_type.endswith("json"):
            present = component.types.present(answer.type)
            if isinstance(present, Array):
                present = component.types.present(present.item)
            elif isinstance(present, Named) and present.name == "Page" and len(present.arguments) == 1:
                present = component.types.present(present.arguments[0])
            schema = component.types.schema(present)
            if schema:
                yield schema


def _promises(component: Component) -> Iterator[_Promise]:
    """The fields of answers of derived operations, embedded ones too, with their columns."""
    for operation in component.operations:
        for step in operation.steps:
            if isinstance(step, DerivedStep):
                for schema in _answered(component, operation):
                    yield from _read(component, operation, schema, step.derivation.table, step.derivation.members)


def _selected(component: Component) -> Iterator[_Promise]:
    """The fields of answers that patterns select from columns which may be null."""
    for operation in component.operations:
        step = operation.steps[-1] if operation.steps else None
        signature = component.signature(step.pattern.name.text) if isinstance(step, PatternStep) else None
        for schema in _answered(component, operation) if signature else ():
            results = {snake(one.name): one for one in signature.columns if one.nullable} if signature else {}
            for field in schema.fields:
                found = results.get(snake(field.column or field.name))
                table = component.data.catalog.table(found.source[0]) if found and found.source else None
                column = table.column(found.source[1]) if table and found and found.source else None
                if table and column and not field.write_only:
                    yield _Promise(operation, schema, field, table, column)


def _read(
    component: Component, operation: Operation, schema: Schema, name: str, members: tuple[Member, ...]
) -> Iterator[_Promise]:
    table = component.data.catalog.table(name)
    for member in members if table else ():
        field = schema.member(member.name)
        if field is None or table is None:
            continue
        if isinstance(member, ColumnMember):
            column = table.column(member.column)
            if column:
                yield _Promise(operation, schema, field, table, column)
        elif isinstance(member, EmbeddedMember | ChildrenMember):
            present = component.types.present(field.type)
            inner = component.types.schema(
                component.types.present(present.item) if isinstance(present, Array) else present
            )
            if inner:
                yield from _read(component, operation, inner, member.table, member.members)


RULES = (mismatched_column, unpromised_null)
