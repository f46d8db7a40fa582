"""What a derived operation does to the database, as structure: which rows, which columns, which JSON.

The SQL is written from it in `derived_sql`; `explain` shows both. Names of parameters are those a
statement binds: `id` (a path or query parameter by its snake_case name), `body.title`,
`body.project.id` (a member of a member), `after.created_at` (a column's value in the cursor `after`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from asbuilt.language.types import ScalarKind
from asbuilt.values import frozen

Deed = Literal["create", "read", "list", "replace", "change", "delete"]
Outcome = Literal["object", "list", "page", "nothing"]
PAGE_SIZE = 100


@frozen
class Link:
    """A foreign key as a join: `columns` of the one row equal `references` of the other."""

    columns: tuple[str, ...]
    references: tuple[str, ...]


@frozen
class Junction:
    """A table whose rows connect two others: `near` leads to this row, `far` to the rows it is connected with."""

    table: str
    near: Link
    far: Link


@frozen
class KeyPart:
    """A column of the row's key and the path parameter that it equals. `kind`: what the parameter's type is."""

    column: str
    parameter: str
    kind: ScalarKind | None = None


@frozen
class Part:
    """A part of an address: `text` as it is, before the value of a `column` of the row, or of a parameter of the path.

    A parameter is given by the key that it is: with its column, of the table `parent`.
    """

    text: str
    column: str = ""
    parameter: KeyPart | None = None
    parent: str = ""


@frozen
class Hop:
    """A step up the path: the row below hangs on the row of `parent` whose key is given by a path parameter.

    `link` joins the row below (its columns) to the parent (its references), or `junction` does,
    seen from the parent.
    """

    parent: str
    key: KeyPart
    link: Link | None = None
    junction: Junction | None = None


@frozen
class Assignment:
    """A column that is set from a parameter: `body.note`, or a path parameter's name.

    `optional` columns are left as they are (PATCH) or to their default (POST, PUT) while the
    parameter is absent. `kind` is the scalar kind of the parameter's type, where it has one.
    """

    column: str
    parameter: str
    kind: ScalarKind | None = None
    optional: bool = False

    @property
    def presence(self) -> str:
        """The name whose presence decides: `body.project` for `body.project.id`."""
        return ".".join(self.parameter.split(".")[:2])


@frozen
class Filter:
    """Equality of a column with a query parameter, while that is present. `many`: it is a list, any of which."""

    column: str
    parameter: str
    kind: ScalarKind | None = None
    optional: bool = True
    many: bool = False


@frozen
class ColumnMember:
    """A JSON member that is a column.

    `kind` is the scalar kind that the schema names, for its spelling in JSON (None: as the column's
    type has it). `optional` members are left out while null.
    """

    name: str
    column: str
    kind: ScalarKind | None = None
    optional: bool = False


@frozen
class EmbeddedMember:
    """A JSON member that is the row a foreign key leads to; null where it leads nowhere."""

    name: str
    table: str
    link: Link
    members: tuple["Member", ...]
    optional: bool = False


@frozen
class ChildrenMember:
    """A JSON member that lists the rows of `table` that hang on this row, in the order of `order`.

    `link` joins them (columns of the child) to this row (its references), or `junction` does, seen
    from this row. `scalar` lists the values of that one member instead of objects.
    """

    name: str
    table: str
    members: tuple["Member", ...]
    order: tuple[str, ...]
    link: Link | None = None
    junction: Junction | None = None
    scalar: ColumnMember | None = None


Member: TypeAlias = ColumnMember | EmbeddedMember | ChildrenMember


@frozen
class ItemColumn:
    """A column of a child's row; `path` leads to its value inside a list's item (empty: the item itself).

    `defaulted` columns take their default where the member is absent; a `counted` one is the place of
    the item in the list, from 1.
    """

    column: str
    path: tuple[str, ...] = ()
    defaulted: bool = False
    counted: bool = False


@frozen
class RowsWrite:
    """Rows that are created with their parent from a list in the body, and replaced with it.

    The parameter is the list as one JSON value, members by their wire names, defaults filled in.
    """

    parameter: str
    table: str
    link: Link
    columns: tuple[ItemColumn, ...]
    optional: bool = False


@frozen
class LinksWrite:
    """Rows of a junction, brought in line with a list of keys, or of objects that hold them.

    The parameter is the list as one JSON value. `key` is the column of `table` that the items name,
    `path` leads to it inside an item (empty: the item is the key).
    """

    parameter: str
    table: str
    junction: Junction
    key: str
    path: tuple[str, ...] = ()
    optional: bool = False


Write: TypeAlias = RowsWrite | LinksWrite


@dataclass(frozen=True)
class Derivation:
    """One derived operation.

    `key` finds the row of `table`; it is empty for create and list. `hops` lead from
    the row up the path, nearest parent first. `members` is what is answered, none for `nothing`.
    A list is in the order of `order`; `limit` and `cursor` name query parameters. `address` is where a row that was
    created can be read, where that is to be told.
    """

    deed: Deed
    table: str
    outcome: Outcome
    key: tuple[KeyPart, ...] = ()
    hops: tuple[Hop, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    writes: tuple[Write, ...] = ()
    filters: tuple[Filter, ...] = ()
    members: tuple[Member, ...] = ()
    order: tuple[str, ...] = ()
    limit: str | None = None
    cursor: str | None = None
    address: tuple[Part, ...] = ()

    @cached_property
    def optional(self) -> frozenset[str]:
        """The names whose presence changes the statement."""
        names = {a.presence for a in self.assignments if a.optional}
        names |= {w.parameter for w in self.writes if w.optional}
        names |= {f.parameter for f in self.filters if f.optional}
        return frozenset(names | {name for name in (self.limit, self.cursor) if name})

    @property
    def written(self) -> tuple[str, ...]:
        """The tables that are changed."""
        if self.deed in {"read", "list"}:
            return ()
        others = (w.table if isinstance(w, RowsWrite) else w.junction.table for w in self.writes)
        return tuple(dict.fromkeys((self.table, *others)))

    @cached_property
    def given(self) -> Mapping[tuple[str, str], str]:
        """By table and column, the parameter that the column is set from; for rows of a list, the list."""
        given = {(self.table, each.column): each.parameter for each in self.assignments}
        for write in self.writes:
            if isinstance(write, RowsWrite):
                given |= {(write.table, item.column): write.parameter for item in write.columns}
            else:
                given |= {(write.junction.table, column): write.parameter for column in write.junction.far.columns}
        return given

    @property
    def cursor_names(self) -> tuple[str, ...]:
        """The parameters that the values of a cursor are bound to, in the order of `next`'s array."""
        return tuple(f"{self.cursor}.{column}" for column in self.order) if self.cursor else ()
