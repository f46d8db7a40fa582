"""A statement as an author wrote it: `:name` parameters, `-- when` conditions, and what PostgreSQL says of it."""

from typing import Literal

from asbuilt.postgres.catalog import SqlType
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

Cardinality = Literal["one", "maybe", "many", "none"]
Verb = Literal["select", "insert", "update", "delete", "merge", "other"]


@frozen
class Placeholder:
    """One occurrence of a parameter. `name` is what stands after the colon: `id`, `body.note`, `after.created_at`."""

    name: str
    start: int
    end: int
    span: Span


@frozen
class Condition:
    """A stretch of the text that belongs to the statement only while the parameter `name` is present."""

    name: str
    start: int
    end: int
    span: Span


@frozen
class OrderKey:
    """A column of the outermost ORDER BY, as a cursor needs it: its output name (None: not in the output)."""

    expression: str
    output: str | None
    descending: bool = False
    nulls_first: bool | None = None


@frozen
class Fault:
    """What PostgreSQL says against a statement, with its SQLSTATE (empty: the grammar) and the place."""

    message: str
    span: Span
    hint: str = ""
    sqlstate: str = ""


@frozen
class ResultColumn:
    """A column of a result. `nullable` is True unless something proves the opposite; `source` is (table, column)."""

    name: str
    type: SqlType
    nullable: bool = True
    source: tuple[str, str] | None = None


@frozen
class Statement:
    """A statement read by PostgreSQL's grammar, nothing executed.

    `cardinality` is what the text implies; a mark of the author overrides it. `tables` are those it
    names, `written` those it changes. `limit` is the outermost LIMIT as written: a number, or `:name`.
    `faults` is not empty when the grammar refuses the text, whole or without what is conditional.
    """

    sql: Fragment
    verb: Verb
    placeholders: tuple[Placeholder, ...]
    conditions: tuple[Condition, ...]
    cardinality: Cardinality
    tables: tuple[str, ...]
    written: tuple[str, ...]
    returns_rows: bool
    order: tuple[OrderKey, ...] = ()
    limit: str | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, each once, in order of appearance."""
        return tuple(dict.fromkeys(placeholder.name for placeholder in self.placeholders))


@frozen
class Signature:
    """Parameter and result types of a statement by PostgreSQL's own word, or as far as the text alone tells.

    `refereed` says that a server prepared the statement.
    """

    parameters: tuple[tuple[str, SqlType], ...]
    columns: tuple[ResultColumn, ...]
    refereed: bool

    def parameter(self, name: str) -> SqlType | None:
        return next((type_ for known, type_ in self.parameters if known == name), None)

    def column(self, name: str) -> ResultColumn | None:
        return next((column for column in self.columns if column.name == name), None)


@frozen
class Query:
    """A statement ready to be prepared: `$1..$n` in the text, and the names of the values bound to them."""

    sql: str
    parameters: tuple[str, ...]
