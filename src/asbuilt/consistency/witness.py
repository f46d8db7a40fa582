"""Bodies that their schema accepts and the database refuses. Each finding carries one, complete, as its proof.

Values are tried, not calculated: those that a schema's type accepts are held against the column's type and
constraints, and what PostgreSQL certainly refuses is a witness. What cannot be decided is passed over.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import product

from asbuilt.component import Component, Operation
from asbuilt.component.deposits import Cell, Deposit, Step, deposits
from asbuilt.consistency.narrowing import advice, narrowed
from asbuilt.diagnostics import Diagnostic, Rule, rule
from asbuilt.language.candidates import Hints, candidates
from asbuilt.language.samples import NO_SAMPLE, sample
from asbuilt.language.types import ABSENT, UNSET, Array, Scalar, Schema
from asbuilt.postgres.catalog import Catalog, Check, Column, Table
from asbuilt.postgres.sqltypes import range_of
from asbuilt.postgres.storage import Refusal, read_check, refusals
from asbuilt.values import frozen

_LARGEST_INDEX_ENTRY = 2704  # bytes: https://www.postgresql.org/docs/18/btree.html, a third of a page
_TRIED_TOGETHER = 8
_MOST_COLUMNS = 3
# Notations without lengths, ranges and patterns: TypeScript, Go, and what else begins so.
_INEXACT = re.compile(r"\s*(?:export\s+)?(?:interface|type|enum|struct|record)\b|\s*type\s+\w+\s+struct")
_DIGITS_OF_FLOAT = 15
_BIG = frozenset({"bigint"})


@frozen
class Witness:
    """A body, the cell whose value is refused (the first of several), that value, and the refusal."""

    deposit: Deposit
    cell: Cell
    value: object
    refusal: Refusal
    body: object


class _LeftOut:
    def __repr__(self) -> str:
        return "left out"


_LEFT_OUT = _LeftOut()


@rule("API401")
def unstorable_body(component: Component) -> Iterator[Diagnostic]:
    """A body that its schema accepts can never be stored: the column it goes to refuses it.

    The finding carries such a body. The caller who sends it is told that all is well with it by the
    documentation, and gets an error that no row of the error table describes. Narrow the schema
    (`Len`, `Ge`, `Literal`, no `None`), or widen the column. What is compared: NOT NULL, CHECK, lengths,
    ranges of numbers, enums, and the type itself. Nothing is rounded: a number with a fraction is no
    integer, and one with more digits after its point than the column keeps is refused (write
    `MultipleOf(0.01)`). A constraint that a row of the error table names has an answer, and is no finding.
    """
    for witness in _unanswered(component, exact=True):
        yield _finding(unstorable_body, component, witness)


@rule("API404", severity="warning")
def unstated_limit(component: Component) -> Iterator[Diagnostic]:
    """As `unstorable-body`, for a schema in a notation that cannot say what the column demands.

    TypeScript, Go and examples know no lengths, ranges and patterns: perhaps the implementation checks
    more than the document says. Write the schema as a Python class to say it.
    """
    for witness in _unanswered(component, exact=False):
        yield _finding(unstated_limit, component, witness)


def replayable(component: Component) -> Iterator[Witness]:
    """Every witness whose body its schema accepts without doubt: a running system shows whether the finding holds."""
    yield from _unanswered(component, exact=True)


def is_exact(schema: Schema, component: Component) -> bool:
    """Whether the schema's notation can say all that a column demands."""
    return not schema.inferred and not _INEXACT.match(component.source.cut(schema.span))


def _unanswered(component: Component, *, exact: bool) -> Iterator[Witness]:
    """The witnesses that no row of the error table answers, one for each member: what narrows its type does so for all.

    A value and a missing value are two.
    """
    seen: set[tuple[str, str, str]] = set()
    answered = {reference.text for row in component.api.errors for reference in row.references}
    stored = (d for d in deposits(component) if is_exact(d.body, component) is exact)
    for witness in witnesses(component, stored):
        empty = witness.value is None or isinstance(witness.value, _LeftOut)
        key = (witness.cell.schema.name, witness.cell.field.name, "null" if empty else witness.deposit.table.name)
        unsaid = witness.refusal.lossy and not exact  # these notations have one kind of number
        if witness.refusal.by not in answered and key not in seen and not unsaid:
            seen.add(key)
            yield witness


def _finding(rule_: Rule[Component], component: Component, witness: Witness) -> Diagnostic:
    cell, refusal, table = witness.cell, witness.refusal, witness.deposit.table
    operation = witness.deposit.operation.endpoint
    member = f"`{cell.schema.name}.{cell.field.name}`"
    column = f"`{table.name}.{cell.column}`"
    return rule_.at(
        cell.field,
        _message(member, column, witness),
        hint=advice(component, witness.value, refusal, cell, table),
        also=[(refusal, _why(refusal, column)), (operation.route, f"`{operation.title}` stores it")],
        witness=json.dumps(witness.body, ensure_ascii=False),
        fix=narrowed(component, witness.value, refusal, cell, table),
    )


def _message(member: str, column: str, witness: Witness) -> str:
    if isinstance(witness.value, _LeftOut) and witness.cell.nulled:
        return f"{member} may be left out, then null is stored, and {column} is NOT NULL"
    if isinstance(witness.value, _LeftOut):
        return f"{member} may be left out, and {column} is NOT NULL without a default"
    if witness.value is None and not witness.refusal.check:
        return f"{member} may be null, and {column} is NOT NULL"
    if len(witness.refusal.columns) > 1:
        return f"a body may break `{witness.refusal.by}`, so that it cannot be stored in `{witness.deposit.table.name}`"
    return f"{member} allows a value that {witness.refusal.reason}, so that {column} cannot hold it"


def _why(refusal: Refusal, column: str) -> str:
    if refusal.check:
        return f"demands `{' '.join(refusal.check.expression.split())}`"
    return f"{column} is NOT NULL" if refusal.reason in ("is null", "is left out") else f"the type of {column}"


def witnesses(component: Component, stored: Iterable[Deposit]) -> Iterator[Witness]:
    """Every body that is found for these rows, in their order."""
    catalog = component.data.catalog
    for deposit in stored:
        tried = {cell.column: _tried(cell, deposit.table, component) for cell in deposit.cells}
        good = {cell.column: _good(cell, tried[cell.column], deposit.table, catalog) for cell in deposit.cells}
        good = _agreed(deposit, tried, good, catalog)
        for cell in deposit.cells:
            yield from _of_one(component, deposit, cell, tried[cell.column], good)
        yield from _of_several(component, deposit, tried, good)


def _agreed(
    deposit: Deposit, tried: dict[str, list[object]], good: dict[str, object], catalog: Catalog
) -> dict[str, object]:
    """The good values, changed where a CHECK over several columns is against them all together."""
    for check in deposit.table.checks:
        if len(check.columns) < 2 or not all(column in good for column in check.columns):
            continue
        for row in _combinations(deposit.table, check, tried, catalog):
            if not any(refusals(deposit.table, catalog, row)):
                good = {**good, **row}
                break
    return good


def _combinations(
    table: Table, check: Check, tried: dict[str, list[object]], catalog: Catalog
) -> Iterator[dict[str, object]]:
    """Values for the columns of a CHECK, each of which is fine alone."""
    fine = [
        [v for v in tried[column][:40] if not any(refusals(table, catalog, {column: v}))][:_TRIED_TOGETHER]
        for column in check.columns[:_MOST_COLUMNS]
    ]
    return (dict(zip(check.columns, values, strict=False)) for values in product(*fine))


def _tried(cell: Cell, table: Table, component: Component) -> list[object]:
    column = table.column(cell.column)
    return candidates(cell.type, component.types, _hints(column, table, component.data.catalog)) if column else []


def _hints(column: Column, table: Table, catalog: Catalog) -> Hints:
    numbers, texts, lengths = list(_edges(column)), list[str](), [*column.type.modifiers[:1]]
    domain = catalog.domain(column.type.name)
    checks = [check for check in table.checks if column.name in check.columns] + list(domain.checks if domain else ())
    for check in checks:
        known = read_check(check.expression)
        if known:
            numbers += known.numbers
            texts += known.texts
            lengths += [int(number) for number in known.numbers if 0 <= number <= 10_000]
    return Hints(tuple(numbers), tuple(texts), tuple(lengths))


def _edges(column: Column) -> Iterator[Decimal]:
    bounds = range_of(column.type) if column.type.name not in _BIG else None
    yield from (Decimal(bound) for bound in bounds or ())
    if column.type.name == "numeric" and len(column.type.modifiers) == 2:
        precision, scale = column.type.modifiers
        yield Decimal(1).scaleb(min(precision - scale, 40))
        if 0 <= scale < _DIGITS_OF_FLOAT:
            yield Decimal(1).scaleb(-scale - 1)


def _good(cell: Cell, tried: Sequence[object], table: Table, catalog: Catalog) -> object:
    """A value that nothing is known against."""
    fine = (value for value in tried if not any(refusals(table, catalog, {cell.column: value})))
    return next(fine, NO_SAMPLE)


def _of_one(
    component: Component, deposit: Deposit, cell: Cell, tried: Sequence[object], good: dict[str, object]
) -> Iterator[Witness]:
    """For each rule that refuses a value of one cell, the first value that it refuses."""
    column = deposit.table.column(cell.column)
    if column and _fails_without(cell, column):
        missing = Refusal(f"{deposit.table.name}.{column.name}", "is left out", (column.name,), column.span)
        yield Witness(deposit, cell, _LEFT_OUT, missing, _body(component, deposit, {cell.path: _LEFT_OUT}, good))
    found: set[tuple[str, bool]] = set()
    refused = [
        (value, r) for value in tried for r in refusals(deposit.table, component.data.catalog, {cell.column: value})
    ]
    for value, refusal in sorted(refused, key=lambda each: each[1].lossy):
        if (refusal.by, refusal.lossy) not in found:
            found.add((refusal.by, refusal.lossy))
            yield Witness(deposit, cell, value, refusal, _body(component, deposit, {cell.path: value}, good))


def _of_several(
    component: Component, deposit: Deposit, tried: dict[str, list[object]], good: dict[str, object]
) -> Iterator[Witness]:
    """For each CHECK over several columns that are all set from the body, the first combination that breaks it."""
    cells = {cell.column: cell for cell in deposit.cells}
    catalog = component.data.catalog
    for check in deposit.table.checks:
        if not 2 <= len(check.columns) <= _MOST_COLUMNS or not all(column in cells for column in check.columns):
            continue
        for row in _combinations(deposit.table, check, tried, catalog):
            broken = next((r for r in refusals(deposit.table, catalog, row) if r.by == check.name), None)
            if broken:
                chosen = {cells[column].path: value for column, value in row.items()}
                first = cells[check.columns[0]]
                yield Witness(deposit, first, row[first.column], broken, _body(component, deposit, chosen, good))
                break


def _body(
    component: Component, deposit: Deposit, chosen: dict[tuple[Step, ...], object], good: dict[str, object]
) -> object:
    """The least body with these values at these places: what else is required has values that nothing is against."""
    body = _least(deposit.body, component)
    for cell in deposit.cells:
        wanted = good[cell.column] is not NO_SAMPLE and cell.path not in chosen
        if wanted and _is_needed(cell, deposit.table, component.data.catalog):
            _put(body, cell.path, good[cell.column], deposit, component)
    for path, value in chosen.items():
        _put(body, path, value, deposit, component)
    return body


def _fails_without(cell: Cell, column: Column) -> bool:
    """Whether the row cannot be written when the member is left out."""
    return column.not_null and (cell.nulled or (cell.omissible and not column.fills_itself))


def _is_needed(cell: Cell, table: Table, catalog: Catalog) -> bool:
    """Whether the row needs a value for this cell: it must be given, or what it is without one is refused."""
    default, column = cell.field.default, table.column(cell.column)
    if default is UNSET:
        return True
    if default is ABSENT:
        return column is not None and _fails_without(cell, column)
    return any(refusals(table, catalog, {cell.column: default}))


def _least(schema: Schema, component: Component) -> dict[str, object]:
    members = ((field, sample(field.type, component.types)) for field in schema.fields if field.default is UNSET)
    return {field.name: value for field, value in members if value is not NO_SAMPLE and not field.read_only}


def _put(
    body: dict[str, object], path: tuple[Step, ...], value: object, deposit: Deposit, component: Component
) -> None:
    """Sets what stands at a path; what must be there to hold it is made."""
    holder: object = body
    for at, step in enumerate(path[:-1]):
        if isinstance(holder, dict):
            if not holder.get(str(step)):
                holder[str(step)] = _made(deposit.body, path[: at + 1], component)
            holder = holder[str(step)]
        elif isinstance(holder, list):
            holder = holder[int(step)] if holder else {}
    last = path[-1]
    if isinstance(holder, dict) and isinstance(value, _LeftOut):
        holder.pop(str(last), None)
    elif isinstance(holder, dict):
        holder[str(last)] = value
    elif isinstance(holder, list):
        holder[:1] = [value]


def _made(schema: Schema, path: tuple[Step, ...], component: Component) -> object:
    field = schema.member(str(path[0]))
    if field is None or len(path) > 1:
        return {}
    value = sample(component.types.present(field.type), component.types)
    return [{}] if isinstance(component.types.present(field.type), Array) and not value else value


@rule("API402")
def unfilled_column(component: Component) -> Iterator[Diagnostic]:
    """An operation inserts a row and gives no value to a column that is NOT NULL and has no default.

    No request can ever succeed. Add the member to the body, the column to the INSERT, or a DEFAULT to the column.
    """
    for deposit in deposits(component):
        if not deposit.fresh:
            continue
        for column in deposit.table.columns:
            if column.name not in deposit.filled and not column.fills_itself:
                yield _unfilled(deposit, column)


def _unfilled(deposit: Deposit, column: Column) -> Diagnostic:
    name, title = f"`{deposit.table.name}.{column.name}`", _title(deposit.operation)
    who = f"pattern `{deposit.by}`" if deposit.by else f"`{title}`"
    hint = f"add `{column.name}` to the INSERT, or a DEFAULT to the column"
    if not deposit.by:
        hint = f"add `{column.name}` to `{deposit.body.name}`, or a DEFAULT to the column" if deposit.body.name else ""
    return unfilled_column.at(
        deposit.operation.endpoint.route,
        f"{who} inserts a row without {name}, which is NOT NULL and has no default",
        hint=hint,
        also=[(column, "must have a value")],
    )


def _title(operation: Operation) -> str:
    return operation.endpoint.title


@rule("API403", severity="note")
def oversized_index_entry(component: Component) -> Iterator[Diagnostic]:
    """A text of any length goes to a column that is unique or indexed, and a B-tree holds no entry over 2,704 bytes.

    Such a body dies with "index row size exceeds btree maximum". Give the member a `Len(max_length=...)`.
    """
    seen: set[tuple[str, str]] = set()
    for deposit in deposits(component):
        for cell in deposit.cells:
            if _is_unbounded(cell, component) and (deposit.table.name, cell.column) not in seen:
                indexes = list(_indexes(deposit.table, cell.column, component.data.catalog))
                if indexes:
                    seen.add((deposit.table.name, cell.column))
                    yield oversized_index_entry.at(
                        cell.field,
                        f"`{cell.schema.name}.{cell.field.name}` may be longer than `{indexes[0]}` can index",
                        hint="add `Len(max_length=...)`: an entry holds 2,704 bytes at most",
                    )


def _is_unbounded(cell: Cell, component: Component) -> bool:
    present = component.types.present(cell.type)
    if not isinstance(present, Scalar) or present.kind != "str":
        return False
    most = present.constraints.max_length
    return present.constraints.pattern is None and (most is None or most * 4 > _LARGEST_INDEX_ENTRY * 4)


def _indexes(table: Table, column: str, catalog: Catalog) -> Iterator[str]:
    known = table.column(column)
    if known is None or known.type.name not in ("text", "citext") or known.type.dimensions:
        return
    if any(column in check.columns and "length" in check.expression for check in table.checks):
        return  # what is too long for the CHECK is another finding
    yield from (key.name for key in table.keys if column in key.columns)
    yield from (
        i.name for i in catalog.indexes if i.table == table.name and column in i.columns and i.method == "btree"
    )


RULES = (unstorable_body, unstated_limit, unfilled_column, oversized_index_entry)
