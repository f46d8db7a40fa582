"""What a derived operation does to the database, as structure: which rows, which columns, which JSON.

The SQL is written from it elsewhere in this package; `explain` shows it.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Deed = Literal["create", "read", "list", "replace", "change", "delete"]


@dataclass(frozen=True, slots=True)
class Hop:
    """A step up the path: rows of `table` hang on the row of `parent` whose `key` equals `parameter`.

    `columns` of the child reference `references` of the parent. The parent may hang on a further hop.
    """

    table: str
    columns: tuple[str, ...]
    parent: str
    references: tuple[str, ...]
    key: str
    parameter: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """A column that is set from a parameter: `body.note`, or a path parameter's name.

    `optional` columns are left as they are (PATCH) or to their default (POST) while the parameter is absent.
    """

    column: str
    parameter: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Equality of a column with a query parameter, while that parameter is present."""

    column: str
    parameter: str
    optional: bool = True


@dataclass(frozen=True, slots=True)
class ColumnMember:
    """A JSON member that is a column. `kind` is the scalar kind of the schema's type, for its spelling in JSON."""

    name: str
    column: str


@dataclass(frozen=True, slots=True)
class EmbeddedMember:
    """A JSON member that is the row a foreign key leads to."""

    name: str
    table: str
    columns: tuple[str, ...]
    references: tuple[str, ...]
    members: tuple["Member", ...]


@dataclass(frozen=True, slots=True)
class ChildrenMember:
    """A JSON member that lists the rows of `table` whose `columns` reference this row, in order of `order`.

    `through` is the foreign key from a junction's row on to `table`, where there is one. `scalar`
    lists the values of that one column instead of objects.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    references: tuple[str, ...]
    members: tuple["Member", ...]
    order: tuple[str, ...]
    junction: str | None = None
    through: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    scalar: str | None = None


Member: TypeAlias = ColumnMember | EmbeddedMember | ChildrenMember


@dataclass(frozen=True, slots=True)
class Derivation:
    """One derived operation. `key` pairs columns of `table` with path parameters; empty for create and list.

    `children` of a body are created, replaced or synchronised with their parent in one transaction.
    `page` names the query parameters of a list: its limit, its cursor.
    """

    deed: Deed
    table: str
    key: tuple[tuple[str, str], ...] = ()
    hops: tuple[Hop, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    filters: tuple[Filter, ...] = ()
    children: tuple[ChildrenMember, ...] = ()
    members: tuple[Member, ...] = ()
    order: tuple[str, ...] = ()
    limit: str | None = None
    cursor: str | None = None
