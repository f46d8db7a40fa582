"""How a live schema gets to where a document says it is: what can be added, and what would be lost.

Both catalogues must have been read from a server, so that PostgreSQL has spelled their expressions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from asbuilt.postgres.catalog import Catalog, Check, Column, Domain, EnumType, ForeignKey, Index, Key, Table, View
from asbuilt.postgres.spelling import identifier, literal, table_name
from asbuilt.source import Span
from asbuilt.values import frozen

Part = TypeVar("Part", Column, Key, ForeignKey, Check, Index, Table, EnumType, Domain, View)
_NOWHERE = Span(0, 0)


@frozen
class Change:
    """`added` names objects that the document's own statements create; `statements` are to be run besides.

    `lost` says, a line each, what would have to be given up: while it is not empty nothing may be run.
    """

    added: frozenset[str]
    statements: tuple[str, ...]
    shown: tuple[str, ...]
    lost: tuple[str, ...]


def change(live: Catalog, wanted: Catalog, *, ours: bool) -> Change:
    """What leads from the live schema to the wanted one.

    In a database that is `ours` there is nothing but what the document says; in another, what it does not say may stay.
    """
    live = live if ours else _shared(live, wanted)
    steps = [*_tables(live, wanted), *_types(live, wanted), *_indexes(live, wanted), *_views(live, wanted)]
    return Change(
        added=frozenset(step.name for step in steps if step.name),
        statements=tuple(step.sql for step in steps if step.sql),
        shown=tuple(step.shown for step in steps if step.shown),
        lost=tuple(step.lost for step in steps if step.lost),
    )


def _shared(live: Catalog, wanted: Catalog) -> Catalog:
    """The live catalogue without tables, columns, constraints and indexes that the other one does not have."""
    tables = [_table_shared(old, table) for old, table in _paired(live.tables, wanted.tables)[1]]
    indexes = [old for old, _ in _paired(live.indexes, wanted.indexes)[1]]
    return replace(live, tables=tuple(tables), indexes=tuple(indexes))


def _table_shared(live: Table, wanted: Table) -> Table:
    return replace(
        live,
        columns=tuple(old for old, _ in _paired(live.columns, wanted.columns)[1]),
        keys=tuple(old for old, _ in _paired(live.keys, wanted.keys)[1]),
        foreign_keys=tuple(old for old, _ in _paired(live.foreign_keys, wanted.foreign_keys)[1]),
        checks=tuple(old for old, _ in _paired(live.checks, wanted.checks)[1]),
    )


@frozen
class _Step:
    """One of: an object to be created (`name`), a statement (`sql`), a loss (`lost`)."""

    shown: str = ""
    name: str = ""
    sql: str = ""
    lost: str = ""


def _tables(live: Catalog, wanted: Catalog) -> Iterator[_Step]:
    gone, kept, new = _paired(live.tables, wanted.tables)
    for table in gone:
        yield _Step(lost=f"table `{table.name}` and its rows: the document has no such table any more")
    for table in new:
        yield _Step(shown=f"table `{table.name}`", name=table.name)
    for old, table in kept:
        yield from _columns(old, table)
        yield from _constraints(old, table)


def _columns(old: Table, table: Table) -> Iterator[_Step]:
    gone, kept, new = _paired(old.columns, table.columns)
    for column in gone:
        yield _Step(
            lost=f"column `{table.name}.{column.name}` and its values: the document has no such column any more"
        )
    for before, column in kept:
        if _bare(before) != _bare(column):
            yield _Step(lost=f"column `{table.name}.{column.name}` as it is: {_difference(before, column)}")
    for column in new:
        place = f"`{table.name}.{column.name}`"
        if column.fills_itself:
            yield _Step(shown=f"column {place}", sql=_add_column(table, column))
        else:
            yield _Step(lost=f"rows of `{table.name}` without a value for {place}: it is NOT NULL and has no default")


def _add_column(table: Table, column: Column) -> str:
    words = ["ALTER TABLE", table_name(table.name), "ADD COLUMN", identifier(column.name), str(column.type)]
    if column.identity:
        words.append(f"GENERATED {column.identity.upper()} AS IDENTITY")
    elif column.generated:
        words.append(f"GENERATED ALWAYS AS ({column.default}) STORED")
    elif column.default is not None:
        words.append(f"DEFAULT {column.default}")
    return " ".join([*words, *(["NOT NULL"] if column.not_null else [])])


def _constraints(old: Table, table: Table) -> Iterator[_Step]:
    """Constraints on columns that are new come with them; any other could refuse rows that are there."""
    fresh = {column.name for column in table.columns} - {column.name for column in old.columns}
    yield from _constrained(table, old.keys, table.keys, fresh)
    yield from _constrained(table, old.foreign_keys, table.foreign_keys, fresh)
    yield from _constrained(table, old.checks, table.checks, fresh)


def _constrained(
    table: Table,
    before: tuple[Key, ...] | tuple[ForeignKey, ...] | tuple[Check, ...],
    after: tuple[Key, ...] | tuple[ForeignKey, ...] | tuple[Check, ...],
    fresh: set[str],
) -> Iterator[_Step]:
    old, new = {each.name: each for each in before}, {each.name: each for each in after}
    for name in old.keys() - new.keys():
        yield _Step(lost=f"constraint `{name}` of `{table.name}`: the document has none of that name any more")
    for name in sorted(new.keys() - old.keys()):
        constraint = new[name]
        if fresh & set(constraint.columns):
            sql = f"ALTER TABLE {table_name(table.name)} ADD CONSTRAINT {identifier(name)} {_definition(constraint)}"
            yield _Step(shown=f"constraint `{name}`", sql=sql)
        else:
            yield _Step(lost=f"rows of `{table.name}` that constraint `{name}`, which is new, would refuse")
    for name in sorted(new.keys() & old.keys()):
        if replace(old[name], span=_NOWHERE) != replace(new[name], span=_NOWHERE):
            yield _Step(lost=f"constraint `{name}` of `{table.name}` as it is: the document says something else now")


def _definition(constraint: Key | ForeignKey | Check) -> str:
    if isinstance(constraint, Check):
        return f"CHECK ({constraint.expression})"
    columns = ", ".join(map(identifier, constraint.columns))
    if isinstance(constraint, Key):
        return f"{'PRIMARY KEY' if constraint.primary else 'UNIQUE'} ({columns})"
    references = ", ".join(map(identifier, constraint.references))
    return (
        f"FOREIGN KEY ({columns}) REFERENCES {table_name(constraint.table)} ({references})"
        f" ON UPDATE {constraint.on_update.upper()} ON DELETE {constraint.on_delete.upper()}"
    )


def _types(live: Catalog, wanted: Catalog) -> Iterator[_Step]:
    _, kept, new = _paired(live.enums, wanted.enums)
    for enum in new:
        yield _Step(shown=f"type `{enum.name}`", name=enum.name)
    for before, enum in kept:
        if lacking := [value for value in before.values if value not in enum.values]:
            yield _Step(lost=f"values of type `{enum.name}`: {', '.join(map(repr, lacking))}")
        elif before.values == enum.values[: len(before.values)]:
            for value in enum.values[len(before.values) :]:
                sql = f"ALTER TYPE {table_name(enum.name)} ADD VALUE {literal(value)}"
                yield _Step(shown=f"value '{value}' of type `{enum.name}`", sql=sql)
        elif before.values != enum.values:
            yield _Step(lost=f"the order of the values of type `{enum.name}`")
    _, pairs, domains = _paired(live.domains, wanted.domains)
    yield from (_Step(shown=f"domain `{domain.name}`", name=domain.name) for domain in domains)
    for former, domain in pairs:
        if _bare(former) != _bare(domain):
            yield _Step(lost=f"domain `{domain.name}` as it is: the document says something else now")


def _indexes(live: Catalog, wanted: Catalog) -> Iterator[_Step]:
    gone, kept, new = _paired(live.indexes, wanted.indexes)
    for index in gone:
        sql = f"DROP INDEX {table_name(index.name)}"
        if wanted.table(index.table) is not None:
            yield _Step(shown=f"index `{index.name}` is dropped", sql=sql)
    for index in new:
        yield _Step(shown=f"index `{index.name}`", name=index.name)
    for before, index in kept:
        if _bare(before) != _bare(index):
            yield _Step(
                shown=f"index `{index.name}`, made anew", sql=f"DROP INDEX {table_name(index.name)}", name=index.name
            )


def _views(live: Catalog, wanted: Catalog) -> Iterator[_Step]:
    _, _, new = _paired(live.views, wanted.views)
    yield from (_Step(shown=f"view `{view.name}`", name=view.name) for view in new)


def _paired(live: Iterable[Part], wanted: Iterable[Part]) -> tuple[list[Part], list[tuple[Part, Part]], list[Part]]:
    """What is gone, what is on both sides, what is new; by name."""
    before, after = {each.name: each for each in live}, {each.name: each for each in wanted}
    return (
        [each for name, each in before.items() if name not in after],
        [(before[name], each) for name, each in after.items() if name in before],
        [each for name, each in after.items() if name not in before],
    )


def _bare(part: Part) -> Part:
    return replace(part, span=_NOWHERE)


def _difference(before: Column, after: Column) -> str:
    if before.type != after.type:
        return f"its type is {before.type}, the document says {after.type}"
    if before.not_null != after.not_null:
        return f"the document says {'NOT NULL' if after.not_null else 'that it may be null'}"
    if before.default != after.default:
        return f"its default is {before.default or 'none'}, the document says {after.default or 'none'}"
    return "the document says something else about how its values are made"
