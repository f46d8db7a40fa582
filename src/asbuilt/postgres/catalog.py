"""A database schema by meaning: what DDL defines, or what a live catalogue holds.

Names are folded as PostgreSQL folds them. Tables outside `public` carry their schema in `name`
(`billing.invoices`). Spans point at the document; in an introspected catalogue they are empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from asbuilt.source import Span
from asbuilt.values import frozen

Action = Literal["no action", "restrict", "cascade", "set null", "set default"]


@frozen
class SqlType:
    """A type by its canonical name (`integer`, `character varying`, `timestamp with time zone`, an enum's name).

    `modifiers` are the numbers in parentheses; `dimensions` counts `[]`.
    """

    name: str
    modifiers: tuple[int, ...] = ()
    dimensions: int = 0

    def __str__(self) -> str:
        numbers = f"({', '.join(map(str, self.modifiers))})" if self.modifiers else ""
        head, zone, tail = self.name.partition(" with")  # `timestamp(3) with time zone`
        return head + numbers + zone + tail + "[]" * self.dimensions


@frozen
class Column:
    """`default` is SQL text as written. `generated`: stored expression; `identity`: `always` or `by default`.

    `span` holds the whole definition, `type_span` the type in it.
    """

    name: str
    type: SqlType
    span: Span
    not_null: bool = False
    default: str | None = None
    generated: bool = False
    identity: Literal["always", "by default"] | None = None
    type_span: Span | None = None

    @property
    def fills_itself(self) -> bool:
        """Whether a row may be inserted without a value for this column."""
        serial = self.type.name in {"serial", "bigserial", "smallserial"}
        return serial or self.default is not None or self.generated or self.identity is not None or not self.not_null


@frozen
class Key:
    """A primary key or unique constraint, or a unique index without predicate and expression."""

    name: str
    columns: tuple[str, ...]
    span: Span
    primary: bool = False


@frozen
class ForeignKey:
    name: str
    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]
    span: Span
    on_delete: Action = "no action"
    on_update: Action = "no action"


@frozen
class Check:
    """A CHECK constraint: its expression as SQL text, and the columns that occur in it."""

    name: str
    expression: str
    columns: tuple[str, ...]
    span: Span


@frozen
class Index:
    """`columns` holds None for an expression. `predicate` is SQL text."""

    name: str
    table: str
    columns: tuple[str | None, ...]
    span: Span
    unique: bool = False
    method: str = "btree"
    predicate: str | None = None


@frozen
class Table:
    name: str
    columns: tuple[Column, ...]
    span: Span
    keys: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @property
    def primary_key(self) -> Key | None:
        return next((key for key in self.keys if key.primary), None)

    def unique(self, columns: frozenset[str]) -> bool:
        """Whether these columns hold a whole key, so that at most one row matches them."""
        return any(set(key.columns) <= columns for key in self.keys)


@frozen
class EnumType:
    name: str
    values: tuple[str, ...]
    span: Span


@frozen
class Domain:
    name: str
    base: SqlType
    span: Span
    not_null: bool = False
    checks: tuple[Check, ...] = ()


@frozen
class View:
    """`query` is SQL text as written; `columns` are the names it is given in `CREATE VIEW v (a, b)`."""

    name: str
    query: str
    span: Span
    materialized: bool = False
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalog:
    """`types` are the names of types that are neither enums nor domains: composites, ranges.

    Of two tables of one name, the first is meant.
    """

    tables: tuple[Table, ...] = ()
    enums: tuple[EnumType, ...] = ()
    domains: tuple[Domain, ...] = ()
    indexes: tuple[Index, ...] = ()
    views: tuple[View, ...] = ()
    types: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Table]:
        return {table.name: table for table in reversed(self.tables)}

    @cached_property
    def _enums(self) -> Mapping[str, EnumType]:
        return {enum.name: enum for enum in reversed(self.enums)}

    @cached_property
    def _domains(self) -> Mapping[str, Domain]:
        return {domain.name: domain for domain in reversed(self.domains)}

    @cached_property
    def _children(self) -> Mapping[str, list[tuple[Table, ForeignKey]]]:
        found: dict[str, list[tuple[Table, ForeignKey]]] = {}
        for table in self.tables:
            for key in table.foreign_keys:
                found.setdefault(key.table, []).append((table, key))
        return found

    def table(self, name: str) -> Table | None:
        return self.by_name.get(name)

    def enum(self, name: str) -> EnumType | None:
        return self._enums.get(name)

    def domain(self, name: str) -> Domain | None:
        return self._domains.get(name)

    def constraints(self) -> Iterator[tuple[Table, Key | ForeignKey | Check]]:
        """Every named constraint and the table it stands on."""
        for table in self.tables:
            yield from ((table, key) for key in table.keys)
            yield from ((table, key) for key in table.foreign_keys)
            yield from ((table, check) for check in table.checks)

    def children(self, parent: str) -> Iterator[tuple[Table, ForeignKey]]:
        """The foreign keys that point at a table, and the tables they stand on."""
        yield from self._children.get(parent, ())
