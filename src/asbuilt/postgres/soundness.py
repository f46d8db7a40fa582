"""What is wrong with a catalogue by itself: names that nothing defines, and names that two things have."""

from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from typing import Literal, TypeVar

from asbuilt.diagnostics import closest, nearest
from asbuilt.postgres.catalog import Catalog, Column, Domain, EnumType, ForeignKey, Key, SqlType, Table
from asbuilt.postgres.scope import listed
from asbuilt.postgres.sqltypes import BUILT_IN, EXTENSIONS, SPELLINGS, comparable, foreign
from asbuilt.source import Span
from asbuilt.values import frozen

_MISSPELT = 0.85  # `products` is no slip for `product_skus`
Flaw = Literal[
    "duplicate-table",
    "duplicate-name",
    "undefined-type",
    "undefined-table",
    "undefined-column",
    "foreign-table",
    "key-type",
    "key-target",
]


@frozen
class Finding:
    """`also` are other places it is about, and what each has to do with it."""

    flaw: Flaw
    message: str
    span: Span
    hint: str = ""
    also: tuple[tuple[Span, str], ...] = ()


def unsound(catalog: Catalog) -> tuple[Finding, ...]:
    """Every flaw of a catalogue, in the order of the document within each kind."""
    tables: dict[str, list[Table]] = {}
    for table in catalog.tables:
        tables.setdefault(table.name, []).append(table)
    return (
        *_duplicate_tables(catalog.tables),
        *_duplicate_names(catalog),
        *_undefined_types(catalog),
        *_undefined_columns(catalog, tables),
        *_foreign_keys(catalog, tables),
    )


def _duplicate_tables(tables: Iterable[Table]) -> Iterator[Finding]:
    first: dict[str, Table] = {}
    for table in tables:
        known = first.setdefault(table.name, table)
        if known is table:
            continue
        differences = list(_differences(known, table))
        message = f"table `{table.name}` is created twice"
        if differences:
            message += f", and not alike: {'; '.join(differences[:3])}"
        yield Finding("duplicate-table", message, table.span, "keep one of the two", ((known.span, "the first one"),))


def _differences(first: Table, second: Table) -> Iterator[str]:
    for column in second.columns:
        other = first.column(column.name)
        if other is None:
            yield f"`{column.name}` is only here"
        elif other.type != column.type:
            yield f"`{column.name}` is `{other.type}` there and `{column.type}` here"
        elif other.not_null != column.not_null:
            yield f"`{column.name}` is NOT NULL only {'there' if other.not_null else 'here'}"
        elif other.default != column.default:
            yield f"`{column.name}` has the default `{other.default}` there and `{column.default}` here"
    for column in first.columns:
        if second.column(column.name) is None:
            yield f"`{column.name}` is only there"


_T = TypeVar("_T")


def _repeated(items: Iterable[_T], name: Callable[[_T], str]) -> Iterator[tuple[_T, _T]]:
    """Each item whose name an earlier one has, after that one."""
    seen: dict[str, _T] = {}
    for item in items:
        first = seen.setdefault(name(item), item)
        if first is not item:
            yield first, item


def _duplicate_names(catalog: Catalog) -> Iterator[Finding]:
    types: tuple[EnumType | Domain, ...] = (*catalog.enums, *catalog.domains)
    for first, second in _repeated(types, lambda each: each.name):
        message = f"type `{second.name}` is created twice"
        yield Finding("duplicate-name", message, second.span, "keep one of the two", ((first.span, "the first one"),))
    for enum in catalog.enums:
        for value in sorted({value for value in enum.values if enum.values.count(value) > 1}):
            message = f"type `{enum.name}` has the value `{value}` twice"
            yield Finding("duplicate-name", message, enum.span, "leave one of the two out")
    for one, other in _repeated(catalog.indexes, lambda each: each.name):
        message = f"two indexes are called `{other.name}`"
        hint = "an index needs a name of its own in the whole schema"
        yield Finding("duplicate-name", message, other.span, hint, ((one.span, "the first one"),))
    keys = [key for table in catalog.tables for key in table.keys]
    for former, later in _repeated(keys, lambda each: each.name):
        if former.columns != later.columns or former.span != later.span:
            message = f"two keys are called `{later.name}`"
            hint = "a key is an index, and needs a name of its own in the whole schema"
            yield Finding("duplicate-name", message, later.span, hint, ((former.span, "the first one"),))


def _undefined_types(catalog: Catalog) -> Iterator[Finding]:
    own = {enum.name for enum in catalog.enums} | {domain.name for domain in catalog.domains} | set(catalog.types)
    known = BUILT_IN | own | set(EXTENSIONS) | {table.name for table in catalog.tables}
    for table in catalog.tables:
        for column in table.columns:
            name = column.type.name
            if name in known or "." in name or name.startswith('"'):
                continue
            meant = foreign(name)
            close = closest(name, [*own, *sorted(SPELLINGS)])
            if meant:
                hint = f"PostgreSQL's is `{meant}`"
            else:
                hint = f"did you mean `{close}`?" if close else f"create `{name}` by `CREATE TYPE` or `CREATE DOMAIN`"
            yield Finding("undefined-type", f"there is no type `{name}`", _type_span(column), hint)


def _type_span(column: Column) -> Span:
    return column.type_span or column.span


def _undefined_columns(catalog: Catalog, tables: dict[str, list[Table]]) -> Iterator[Finding]:
    for table in catalog.tables:
        names = [column.name for column in table.columns]
        constraints: tuple[Key | ForeignKey, ...] = (*table.keys, *table.foreign_keys)
        for constraint in constraints:
            for name in constraint.columns:
                if name not in names:
                    message = f"`{table.name}` has no column `{name}`"
                    yield Finding("undefined-column", message, constraint.span, nearest(name, names))
    for index in catalog.indexes:
        targets = tables.get(index.table, ())
        if not targets:
            if all(view.name != index.table for view in catalog.views):
                hint = nearest(index.table, tables) or f"create `{index.table}` first"
                yield Finding("undefined-table", f"index `{index.name}` is on no table", index.span, hint)
            continue
        names = [column.name for target in targets for column in target.columns]
        for name in filter(None, index.columns):
            if name not in names and all(key.name != index.name for target in targets for key in target.keys):
                message = f"`{index.table}` has no column `{name}`"
                yield Finding("undefined-column", message, index.span, nearest(name, names))


def _foreign_keys(catalog: Catalog, tables: dict[str, list[Table]]) -> Iterator[Finding]:
    for table in catalog.tables:
        for key in table.foreign_keys:
            targets = tables.get(key.table, ())
            if not targets:
                yield _untargeted(key, tables)
                continue
            if all(key.span.start < target.span.start for target in targets):
                message = f"`{table.name}` refers to `{key.table}`, which is created only later"
                hint = f"create `{key.table}` first, or add the key afterwards by `ALTER TABLE`"
                also = ((targets[0].span, "created here"),)
                yield Finding("undefined-table", message, key.span, hint, also)
            # Of a table that is created twice, the one that fits is meant.
            found = [list(_of_key(table, key, target)) for target in targets]
            yield from min(found, key=len)


def _untargeted(key: ForeignKey, tables: dict[str, list[Table]]) -> Finding:
    """A key to a table that is not there: misspelt where a table is called much like it, else another component's."""
    message = f"no table `{key.table}` is created here"
    close = closest(key.table, tables)
    if close and SequenceMatcher(None, key.table, close).ratio() >= _MISSPELT:
        also = ((tables[close][0].span, f"`{close}`"),)
        return Finding("undefined-table", message, key.span, f"did you mean `{close}`?", also)
    return Finding("foreign-table", message, key.span, f"create `{key.table}`, or leave the key out")


def _of_key(table: Table, key: ForeignKey, target: Table) -> Iterator[Finding]:
    there = ((target.span, f"`{target.name}`"),)
    missing = [name for name in key.references if target.column(name) is None]
    if missing:
        names = [column.name for column in target.columns]
        message = f"`{target.name}` has no column `{missing[0]}`"
        yield Finding("undefined-column", message, key.span, nearest(missing[0], names), there)
        return
    if not key.references:
        message = f"`{target.name}` has no primary key that `{table.name}` could refer to"
        yield Finding("key-target", message, key.span, "name the column: `REFERENCES t (column)`", there)
        return
    if not any(set(each.columns) == set(key.references) for each in target.keys):
        message = f"{listed(key.references)} of `{target.name}` is not unique, so no key can refer to it"
        yield Finding("key-target", message, key.span, "make it UNIQUE or the primary key there", there)
    for mine, its in zip(key.columns, key.references, strict=False):
        column, other = table.column(mine), target.column(its)
        if column is None or other is None or _joinable(column.type, other.type):
            continue
        message = f"`{table.name}.{mine}` is `{column.type}`, but `{target.name}.{its}` is `{other.type}`"
        also = ((_type_span(other), "what it refers to"),)
        yield Finding("key-type", message, _type_span(column), "give both the same type", also)


def _joinable(left: SqlType, right: SqlType) -> bool:
    known = left.name in BUILT_IN and right.name in BUILT_IN
    return comparable(left, right) or not known
