"""What the values of calls refer to: which rows must be there before an operation can be called, and who makes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from asbuilt.component import Component, DerivedStep, Operation
from asbuilt.component.deposits import Deposit, deposits
from asbuilt.component.reach import Reach, reach_of
from asbuilt.component.subjects import World as Tables
from asbuilt.component.subjects import tables_named
from asbuilt.language.names import snake
from asbuilt.language.types import FREE, Array, Choice, Field, Named, Scalar, Schema, Type
from asbuilt.postgres.catalog import Catalog, SqlType, Table
from asbuilt.postgres.catalog import Column as TableColumn
from asbuilt.postgres.comparisons import comparisons
from asbuilt.postgres.demands import demand
from asbuilt.postgres.derivation import LinksWrite
from asbuilt.postgres.predicates import predicate
from asbuilt.postgres.row_values import written_row
from asbuilt.postgres.spelling import stored_kind
from asbuilt.postgres.writes import changes_of
from asbuilt.sections.api import Literally, Variable
from asbuilt.values import frozen
from asbuilt.verify.places import Path
from asbuilt.verify.values import kind_of

_KINDS: Mapping[str, frozenset[str]] = {
    "uuid": frozenset({"uuid"}),
    "int": frozenset({"smallint", "integer", "bigint", "serial", "bigserial", "smallserial", "numeric"}),
    "str": frozenset({"text", "character varying", "character", "citext", "uuid", "name"}),
}
_DEEPEST = 6


@frozen
class Column:
    """A column whose value a call must name. `many`: the value is a list of them."""

    table: str
    column: str
    many: bool = False


@frozen
class References:
    """What an operation's call refers to. `free` path parameters name what the operation itself makes.

    `body` and `unique` are by the way to a member in the body; a 0 in it stands for every item of a list.
    """

    path: Mapping[str, Column] = field(default_factory=dict)
    query: Mapping[str, Column] = field(default_factory=dict)
    body: Mapping[Path, Column] = field(default_factory=dict)
    unique: frozenset[Path] = frozenset()
    free: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Relations:
    """The references of every operation of a component, found once."""

    component: Component

    @property
    def catalog(self) -> Catalog:
        return self.component.data.catalog

    @cached_property
    def _tables(self) -> Tables:
        return Tables(self.catalog, self.component.types)

    @cached_property
    def _deposits(self) -> Mapping[str, tuple[Deposit, ...]]:
        found: dict[str, list[Deposit]] = {}
        for deposit in deposits(self.component, certain=False):
            found.setdefault(deposit.operation.name, []).append(deposit)
        return {name: tuple(each) for name, each in found.items()}

    @cached_property
    def _known(self) -> dict[str, References]:
        return {}

    def of(self, operation: Operation) -> References:
        known = self._known.get(operation.name)
        if known is None:
            known = self._known[operation.name] = self._found(operation)
        return known

    def pattern(self, operation: Operation, way: Path | str) -> str | None:
        """The pattern that CHECK constraints demand of a member of the body, or of a free path parameter."""
        name = snake(way if isinstance(way, str) else str(way[-1]))
        for table, column in self._columns(operation, name):
            for check in table.checks:
                read = predicate(check.expression) if column in check.columns else None
                found = demand(read, column).pattern if read else None
                if found:
                    return found.removeprefix("^").removesuffix("$")
        return None

    def narrower(self, operation: Operation) -> Mapping[Path, Type]:
        """Types for members whose own says less than the column they are stored in: a moment, where it says text."""
        found: dict[Path, Type] = {}
        for deposit in self._deposits.get(operation.name, ()):
            for cell in deposit.cells:
                column = deposit.table.column(cell.column)
                present = self.component.types.present(cell.type)
                if column is None or not isinstance(present, Scalar) or present.constraints != FREE:
                    continue
                type_ = self._narrowed(present, column, deposit.table)
                if type_ is not None:
                    found[cell.path] = type_
        return found

    def _narrowed(self, scalar: Scalar, column: TableColumn, table: Table) -> Type | None:
        enum = self.catalog.enum(column.type.name)
        if scalar.kind == "str" and enum:
            return Choice(enum.values, scalar.span)
        for check in table.checks if scalar.kind == "str" else ():
            read = predicate(check.expression) if column.name in check.columns else None
            values = demand(read, column.name).values if read else ()
            if values:
                return Choice(values, scalar.span)
        kind = stored_kind(scalar.kind, column.type, self.catalog)
        return Scalar(kind, scalar.span) if kind is not None and kind != scalar.kind else None

    def _columns(self, operation: Operation, name: str) -> Iterator[tuple[Table, str]]:
        """The columns that a parameter or member of that name is written to, those of the same name last."""
        for pattern in reach_of(self.component, operation).patterns:
            row = written_row(pattern.statement, self.catalog)
            table = self.catalog.table(row.table) if row else None
            for value in row.values if row and table else ():
                if table and (value.parameter or "").rpartition(".")[2] == name:
                    yield table, value.column
        yield from ((table, name) for table in self._written(operation))

    def _written(self, operation: Operation) -> Iterator[Table]:
        reach = reach_of(self.component, operation)
        names = [d.table for d in reach.derivations]
        names += [change.table for p in reach.patterns for change in changes_of(p.statement)]
        yield from (table for name in dict.fromkeys(names) if (table := self.catalog.table(name)))

    def makers(self, table: str) -> tuple[Operation, ...]:
        """The operations that make a row of a table and answer with its key, the most promising first."""
        return self._makers.get(table, ())

    @cached_property
    def _makers(self) -> Mapping[str, tuple[Operation, ...]]:
        ranked: dict[str, list[tuple[int, int, Operation]]] = {}
        for number, operation in enumerate(self.component.operations):
            for table in self._made(operation):
                ranked.setdefault(table.name, []).append((self._rank(operation, table), number, operation))
        return {
            name: tuple(each for _, _, each in sorted(found, key=lambda one: one[:2])) for name, found in ranked.items()
        }

    def _made(self, operation: Operation) -> Iterator[Table]:
        if operation.endpoint.method in {"GET", "HEAD", "DELETE"} or operation.hole:
            return
        reach = reach_of(self.component, operation)
        names = [d.table for d in reach.derivations if d.deed == "create"]
        names += [c.table for p in reach.patterns for c in changes_of(p.statement) if c.verb == "insert"]
        for name in dict.fromkeys(names):
            table = self.catalog.table(name)
            if table and self._answers_key(operation, table):
                yield table

    def _answers_key(self, operation: Operation, table: Table) -> bool:
        key = table.primary_key
        free = self.of(operation).free
        return key is not None and all(
            column in {snake(name) for name in free} or self._shows(operation, table, column) for column in key.columns
        )

    def _shows(self, operation: Operation, table: Table, column: str) -> bool:
        found = table.column(column)
        kinds = [kind for type_ in answer_types(operation) for kind in self._kinds_of(type_, column, 0)]
        return found is not None and any(fits(kind, found.type) for kind in kinds)

    def _kinds_of(self, type_: Type, column: str, depth: int) -> Iterator[str]:
        """The scalar kinds of the members of an answer that bear a column's name."""
        types = self.component.types
        schema = types.schema(types.present(type_))
        if schema is None or depth > 1:
            return
        for member in schema.fields:
            if (member.column or snake(member.name)) == column:
                yield kind_of(types.present(member.type)) or "str"
            else:
                yield from self._kinds_of(member.type, column, depth + 1)

    def _rank(self, operation: Operation, table: Table) -> int:
        """Lower is better: derived, at a path that names the table, with few rows needed before."""
        references = self.of(operation)
        last = [s.text for s in operation.endpoint.route.segments if isinstance(s, Literally)][-1:]
        named = any(self._segment(text) == table.name for text in last)
        derived = any(isinstance(step, DerivedStep) for step in operation.steps)
        return 8 * (not named) + 2 * (not derived) + len(references.path) + len(references.body)

    def _found(self, operation: Operation) -> References:
        reach = reach_of(self.component, operation)
        compared = self._compared(operation, reach)
        free = frozenset(self._free(operation, reach))
        path = {}
        for parameter in operation.endpoint.parameters_in("path"):
            name = parameter.name.text
            column = self._named_by_path(operation, name, compared)
            if column and name not in free:
                path[name] = column
        query = {
            parameter.name.text: compared[snake(parameter.name.text)]
            for parameter in operation.endpoint.parameters_in("query")
            if snake(parameter.name.text) in compared
        }
        followed = {name: self._followed(column) or self._keyed(column) for name, column in query.items()}
        body = dict(self._body(operation, reach))
        unique = frozenset(way for way in self._unique(operation, reach) if way not in body)
        return References(path, {name: column for name, column in followed.items() if column}, body, unique, free)

    def _compared(self, operation: Operation, reach: Reach) -> dict[str, Column]:
        """By the snake_case name of a parameter, the column it is compared with."""
        found: dict[str, Column] = {}
        for derivation in reach.derivations:
            for part in derivation.key:
                found.setdefault(snake(part.parameter), Column(derivation.table, part.column))
            for hop in derivation.hops:
                found.setdefault(snake(hop.key.parameter), Column(hop.parent, hop.key.column))
        for name, table, column in operation.loads:
            found.setdefault(snake(name), Column(table, column))
        for pattern in reach.patterns:
            for one in comparisons(pattern.statement, self.catalog):
                found.setdefault(snake(one.parameter), Column(one.table, one.column, one.many))
        return found

    def _named_by_path(self, operation: Operation, name: str, compared: Mapping[str, Column]) -> Column | None:
        """The column a path parameter names: by the statements, else by the segment before it."""
        found = compared.get(snake(name))
        if found:
            return self._followed(found) or Column(found.table, found.column)
        segments = operation.endpoint.route.segments
        for before, segment in pairwise(segments):
            if isinstance(segment, Variable) and segment.name == name and isinstance(before, Literally):
                table = self.catalog.table(self._segment(before.text) or "")
                key = table.primary_key if table else None
                if table and key and len(key.columns) == 1:
                    return Column(table.name, key.columns[0])
        return None

    def _followed(self, column: Column) -> Column | None:
        """Where a foreign key leads; None for a column that is none."""
        table = self.catalog.table(column.table)
        for key in table.foreign_keys if table else ():
            if column.column in key.columns:
                return Column(key.table, key.references[key.columns.index(column.column)], column.many)
        return None

    def _keyed(self, column: Column) -> Column | None:
        """The column itself where it alone tells rows apart."""
        table = self.catalog.table(column.table)
        return column if table and table.unique(frozenset({column.column})) else None

    def _free(self, operation: Operation, reach: Reach) -> Iterator[str]:
        """Path parameters that an INSERT writes into a key: the caller chooses how the row is named."""
        own = {snake(p.name.text): p.name.text for p in operation.endpoint.parameters_in("path")}
        for pattern in reach.patterns:
            row = written_row(pattern.statement, self.catalog)
            table = self.catalog.table(row.table) if row and row.fresh else None
            for value in row.values if row and table else ():
                foreign = table is not None and any(value.column in key.columns for key in table.foreign_keys)
                named = table is not None and value.column in self._key_columns(table)
                if named and not foreign and value.parameter in own:
                    yield own[value.parameter]

    def _body(self, operation: Operation, reach: Reach) -> Iterator[tuple[Path, Column]]:
        placed = set()
        for deposit in self._deposits.get(operation.name, ()):
            for cell in deposit.cells:
                target = self._followed(Column(deposit.table.name, cell.column))
                placed.add(cell.path)
                if target:
                    yield cell.path, target
        for derivation in reach.derivations:
            for write in derivation.writes:
                if isinstance(write, LinksWrite):
                    member = write.parameter.partition(".")[2]
                    yield (member, 0, *write.path), Column(write.table, write.key)
        yield from ((way, column) for way, column in self._by_name(operation, reach) if way not in placed)

    def _by_name(self, operation: Operation, reach: Reach) -> Iterator[tuple[Path, Column]]:
        """Members that bear the name of a foreign key, or of another table's key, of the tables that are reached."""
        tables = [table for name in sorted(reach.tables) if (table := self.catalog.table(name))]
        inserted = {c.table for p in reach.patterns for c in changes_of(p.statement) if c.verb == "insert"}
        inserted |= {d.table for d in reach.derivations if d.deed == "create"}
        for way, member in self._members(operation):
            name = member.column or snake(member.name)
            targets = [t for table in tables if (t := self._followed(Column(table.name, name)))]
            targets += [
                Column(table.name, name)
                for table in tables
                if table.name not in inserted and table.primary_key and table.primary_key.columns == (name,)
            ]
            if targets:
                yield way, targets[0]

    def _unique(self, operation: Operation, reach: Reach) -> Iterator[Path]:
        """Members that are stored in a column of a unique key, or bear the name of one in a table that gets rows."""
        for deposit in self._deposits.get(operation.name, ()):
            keys = self._key_columns(deposit.table)
            yield from (cell.path for cell in deposit.cells if cell.column in keys)
        inserted = {c.table for p in reach.patterns for c in changes_of(p.statement) if c.verb == "insert"}
        keys = {
            column for name in inserted if (table := self.catalog.table(name)) for column in self._key_columns(table)
        }
        yield from (way for way, member in self._members(operation) if (member.column or snake(member.name)) in keys)

    def _key_columns(self, table: Table) -> set[str]:
        columns = {column for key in table.keys for column in key.columns}
        return columns | {c for i in self.catalog.indexes if i.unique and i.table == table.name for c in i.columns if c}

    def _members(self, operation: Operation) -> Iterator[tuple[Path, Field]]:
        body = operation.endpoint.body
        if body and body.type:
            yield from self._members_of(body.type, (), 0)

    def _members_of(self, type_: Type, way: Path, depth: int) -> Iterator[tuple[Path, Field]]:
        types = self.component.types
        present = types.present(type_)
        if isinstance(present, Array):
            yield from self._members_of(present.item, (*way, 0), depth + 1)
        schema: Schema | None = types.schema(present) if isinstance(present, Named) and depth < _DEEPEST else None
        for member in schema.fields if schema else ():
            yield (*way, member.name), member
            yield from self._members_of(member.type, (*way, member.name), depth + 1)

    def _segment(self, text: str) -> str | None:
        found = tables_named(text, self._tables)
        return found[0].name if len(found) == 1 else None


def answer_types(operation: Operation) -> Iterator[Type]:
    """The types of the documented successes."""
    yield from (answer.type for answer in operation.endpoint.answers if answer.type and answer.status < 300)


def fits(kind: str, type_: SqlType) -> bool:
    """Whether a scalar of that kind may be a value of a column of that type."""
    return type_.name in _KINDS.get(kind, frozenset({type_.name}))
