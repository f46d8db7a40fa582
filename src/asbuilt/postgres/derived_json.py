"""The JSON that a derived operation answers with: columns, embedded rows, lists of children."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from asbuilt.postgres.catalog import Catalog, Column, SqlType
from asbuilt.postgres.derivation import ChildrenMember, ColumnMember, EmbeddedMember, Junction, Link, Member
from asbuilt.postgres.json_text import Piece, Spelling, array_of, object_text, spelling
from asbuilt.postgres.spelling import Numbering, column_of, table_name

# Rows that this statement writes, which it cannot see in their table: by table and join, the part that has
# them (or, beyond a junction, their keys).
Written: TypeAlias = Mapping[tuple[str, Link | Junction], str]


@dataclass(slots=True)
class Scope:
    """A statement while it is written: its parameters, and the aliases it has used."""

    catalog: Catalog
    present: frozenset[str]
    numbers: Numbering = field(default_factory=Numbering)
    aliases: int = 0

    def alias(self, letter: str) -> str:
        self.aliases += 1
        return f"{letter}{self.aliases}"

    def column(self, table: str, name: str) -> Column | None:
        known = self.catalog.table(table)
        return known.column(name) if known else None

    def type(self, table: str, name: str) -> SqlType:
        column = self.column(table, name)
        return column.type if column else SqlType("text")


def row_json(alias: str, table: str, members: Sequence[Member], scope: Scope, written: Written | None = None) -> str:
    """The SQL of a row's JSON object."""
    return object_text([_piece(alias, table, member, scope, written or {}) for member in members])


def equal(left: str, columns: Sequence[str], right: str, others: Sequence[str]) -> list[str]:
    """The conditions that join two rows."""
    return [f"{column_of(left, a)} = {column_of(right, b)}" for a, b in zip(columns, others, strict=True)]


def _piece(alias: str, table: str, member: Member, scope: Scope, written: Written) -> Piece:
    match member:
        case ColumnMember(name, column, kind, optional):
            known = scope.column(table, column)
            value = spelling(column_of(alias, column), scope.type(table, column), kind, scope.catalog)
            return Piece(name, value, certain=known is not None and known.not_null, optional=optional)
        case EmbeddedMember(name, target, link, members, optional):
            other = scope.alias("e")
            found = " AND ".join(equal(other, link.references, alias, link.columns))
            inner = row_json(other, target, members, scope)
            select = f"(SELECT {inner} FROM {table_name(target)} AS {other} WHERE {found})"
            return Piece(name, Spelling(select), optional=optional)
        case ChildrenMember():
            return Piece(member.name, Spelling(_children(alias, member, scope, written)), certain=True)


def _children(alias: str, member: ChildrenMember, scope: Scope, written: Written) -> str:
    child = scope.alias("c")
    source, conditions = _children_source(alias, child, member, scope, written)
    if member.scalar:
        value = spelling(
            column_of(child, member.scalar.column),
            scope.type(member.table, member.scalar.column),
            member.scalar.kind,
            scope.catalog,
        )
        item = value.or_null
    else:
        item = row_json(child, member.table, member.members, scope)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    order = ", ".join(column_of(child, column) for column in member.order)
    return array_of(f"SELECT {item} FROM {source}{where}" + (f" ORDER BY {order}" if order else ""))


def _children_source(
    alias: str, child: str, member: ChildrenMember, scope: Scope, written: Written
) -> tuple[str, list[str]]:
    """Where the rows of a list come from: their table, or what the statement itself has written."""
    join = member.link or member.junction
    fresh = written.get((member.table, join)) if join else None
    if fresh and member.link:
        return f"{fresh} AS {child}", []
    own = f"{table_name(member.table)} AS {child}"
    if member.link:
        return own, equal(child, member.link.columns, alias, member.link.references)
    if member.junction is None:
        return own, []
    junction = member.junction
    if fresh:
        key = column_of(child, junction.far.references[0])
        return own, [f"{key} IN (SELECT key FROM {fresh})"]
    between = scope.alias("j")
    source = f"{table_name(junction.table)} AS {between}, {own}"
    far = equal(between, junction.far.columns, child, junction.far.references)
    return source, far + equal(between, junction.near.columns, alias, junction.near.references)
