"""Mapped classes against the tables they map: two accounts of one thing that must agree."""

from collections.abc import Iterator, Mapping

from asbuilt.diagnostics import Diagnostic, closest, nearest, rule
from asbuilt.postgres.catalog import Table
from asbuilt.sections.data.mapping import differences, target_of
from asbuilt.sections.data.model import Data, MappedClass, MappedColumn


@rule("DB301")
def differing_column(data: Data) -> Iterator[Diagnostic]:
    """A column of a mapped class is not what the Database Schema says it is.

    Type, null, primary key, unique and foreign key are compared. SQLAlchemy's `DateTime` is a `timestamp` without a
    zone; `DateTime(timezone=True)` is `timestamptz`.
    """
    for mapped, table in _pairs(data):
        for column in mapped.columns:
            actual = table.column(column.name.text)
            if actual is None:
                continue
            for difference in differences(column, actual, table, data.catalog):
                message = f"`{mapped.name.text}.{column.name.text}` {difference}"
                hint = "change one of the two"
                yield differing_column.at(column, message, hint=hint, also=[(actual, "the Database Schema says this")])


@rule("DB302")
def unmapped_column(data: Data) -> Iterator[Diagnostic]:
    """A mapped class and its table do not have the same columns, or there is no such table."""
    if not data.catalog.tables:
        return
    for mapped in data.mapped:
        table = data.catalog.table(mapped.table.text)
        if table is None:
            message = f"`{mapped.name.text}` maps a table `{mapped.table.text}` that no DDL creates"
            yield unmapped_column.at(mapped.table, message, hint=nearest(mapped.table.text, _tables(data)))
            continue
        known = {column.name.text for column in mapped.columns}
        for column in mapped.columns:
            if table.column(column.name.text) is None:
                message = f"`{table.name}` has no column `{column.name.text}`"
                hint = nearest(column.name.text, [each.name for each in table.columns])
                yield unmapped_column.at(column.name, message, hint=hint, also=[(table, "the table")])
        names = [each.name for each in table.columns]
        misspelt = {closest(name, names) for name in known.difference(names)}
        for actual in table.columns:
            if actual.name not in known | misspelt:
                message = f"`{mapped.name.text}` leaves out the column `{actual.name}` of `{table.name}`"
                yield unmapped_column.at(mapped.name, message, also=[(actual, "the column")])


@rule("DB303")
def undefined_key_target(data: Data) -> Iterator[Diagnostic]:
    """A `ForeignKey` of a mapped class refers to a table or column that the document does not define.

    `ForeignKey("orders.id")` names a table and its column. Both stand in the Database Schema, or, where there is none,
    in another mapped class. Tables of schemas that the document says nothing of are left alone.
    """
    known = _columns(data)
    for mapped in data.mapped:
        for column in mapped.columns:
            table, name = target_of(column)
            if not table or name in known.get(table, ()) or ("." in table and table not in known):
                continue
            told = f"`{table}` has no column `{name}`" if table in known else f"there is no table `{table}`"
            message = f"{told}, which `{mapped.name.text}.{column.name.text}` refers to"
            hint = nearest(name, known[table]) if table in known else nearest(table, known)
            hint = hint or _actual_target(data, mapped, column)
            yield undefined_key_target.at(column, message, hint=hint)


def _actual_target(data: Data, mapped: MappedClass, column: MappedColumn) -> str:
    """What the Database Schema says that the column refers to; an empty string where it says nothing."""
    table = data.catalog.table(mapped.table.text)
    keys = [key for key in table.foreign_keys if key.columns == (column.name.text,)] if table else []
    return (
        f"in the Database Schema it refers to `{keys[0].table}.{keys[0].references[0]}`"
        if keys and keys[0].references
        else ""
    )


def _columns(data: Data) -> Mapping[str, set[str]]:
    """The columns of each table, by the Database Schema or, where that has no tables, by the mapped classes."""
    if data.catalog.tables:
        return {table.name: {column.name for column in table.columns} for table in data.catalog.tables}
    return {mapped.table.text: {column.name.text for column in mapped.columns} for mapped in data.mapped}


def _tables(data: Data) -> list[str]:
    return [table.name for table in data.catalog.tables]


def _pairs(data: Data) -> Iterator[tuple[MappedClass, Table]]:
    tables = data.catalog.by_name
    return ((mapped, tables[mapped.table.text]) for mapped in data.mapped if mapped.table.text in tables)
