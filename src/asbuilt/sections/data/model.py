"""The data as written: tables, mapped classes, and the statements that reach them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.diagnostics import Hole
from asbuilt.language.names import Name
from asbuilt.language.types import Type
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.statement import Cardinality, Fault, Statement
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen


class Remark(Hole):
    """What stands where a pattern's number of rows would, and says nothing about rows."""

    __slots__ = ()


@frozen
class Pattern:
    """A named statement. `mark` is the author's word on how many rows it gives; None leaves it to the text."""

    name: Name
    statement: Statement
    span: Span
    mark: Cardinality | None = None
    description: str = ""

    @property
    def cardinality(self) -> Cardinality:
        return self.mark or self.statement.cardinality


@frozen
class MappedColumn:
    name: Name
    type: Type | None
    span: Span
    sql_type: str | None = None
    nullable: bool | None = None
    primary_key: bool = False
    unique: bool = False
    foreign_key: str | None = None


@frozen
class MappedClass:
    """A class of an ORM (SQLAlchemy's declarative forms), read without executing it."""

    name: Name
    table: Name
    columns: tuple[MappedColumn, ...]
    span: Span


@dataclass(frozen=True)
class Data:
    """`ddl` holds the schema's SQL in the order of the document; `faults` is what the grammar said against it.

    Where a referee was asked, `faults` has its word as well, and `unrefereed` what it was not shown, and why.
    """

    catalog: Catalog = field(default_factory=Catalog)
    ddl: tuple[Fragment, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    mapped: tuple[MappedClass, ...] = ()
    faults: tuple[Fault, ...] = ()
    holes: tuple[Hole, ...] = ()
    unrefereed: tuple[Fault, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Pattern]:
        """Of two patterns of one name, the first."""
        return {pattern.name.text: pattern for pattern in reversed(self.patterns)}

    def pattern(self, name: str) -> Pattern | None:
        return self.by_name.get(name)
