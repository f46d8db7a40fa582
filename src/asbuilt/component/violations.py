"""The constraints that an operation's writes may break, and what each is a cause of."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from asbuilt.component.cause import Cause
from asbuilt.component.error_clauses import ON_DELETE
from asbuilt.language.names import snake
from asbuilt.language.types import Types
from asbuilt.postgres.catalog import Catalog, ForeignKey, Key, Table
from asbuilt.postgres.derivation import Derivation, RowsWrite
from asbuilt.postgres.writes import Change
from asbuilt.sections.api import Endpoint

Violation: TypeAlias = tuple[Cause, tuple[str, ...]]
# By table and column, the member of the body that gives the column.
Members: TypeAlias = Mapping[tuple[str, str], str]
# By table and column, the parameter of the path that gives the column.
Routed: TypeAlias = Mapping[tuple[str, str], str]


def violations(
    changes: Iterable[Change], members: Members, catalog: Catalog, routed: Routed = MappingProxyType({})
) -> Iterator[Violation]:
    """The violations that changes may end in. A key that only defaults fill is taken to be free.

    Breaking a unique key is a `conflict`, and so is deleting what is in use; a foreign key or a CHECK is
    `validation` where a member of the body gives one of its columns, else a `conflict`. Where the path gives all of
    them, a foreign key that leads nowhere is `no row`, and a CHECK `validation`.
    """
    for change in changes:
        table = catalog.table(change.table)
        if table is None:
            continue
        if change.verb == "delete":
            yield from _in_use(table, catalog)
            continue
        yield from _duplicates(change, table, catalog, members)
        for key in table.foreign_keys:
            columns = set(key.columns) - change.followed
            if columns and all((table.name, column) in routed for column in columns):
                yield "no row", (key.name, table.name)
            else:
                yield from _refused(key.name, columns, change, members)
        for check in table.checks:
            yield from _refused(check.name, set(check.columns), change, {**members, **routed})
        if change.verb == "update":
            yield from _still_referenced(change, table, catalog)


def changes_derived(derivation: Derivation) -> Iterator[Change]:
    """What a derived operation changes."""
    given = frozenset(each.column for each in derivation.assignments)
    if derivation.deed == "create":
        link = derivation.hops[0].link if derivation.hops else None
        followed = frozenset(link.columns if link else ())
        yield Change("insert", derivation.table, given | followed, followed=followed)
    elif derivation.deed in {"replace", "change"} and given:
        yield Change("update", derivation.table, given)
    elif derivation.deed == "delete":
        yield Change("delete", derivation.table)
    for write in derivation.writes:
        if isinstance(write, RowsWrite):
            own = frozenset(write.link.columns)
            columns = own | {item.column for item in write.columns}
            yield Change("insert", write.table, columns, followed=own)
            if derivation.deed != "create":
                yield Change("delete", write.table)
        else:
            # The list is taken as a set, so that no row comes twice.
            yield Change("insert", write.junction.table, frozenset(write.junction.far.columns), None)


def members_of_body(endpoint: Endpoint, types: Types, tables: Iterable[str]) -> Members:
    """The members of a body by the columns of the same name: what a pattern probably stores where."""
    body = endpoint.body
    schema = types.schema(types.present(body.type)) if body and body.type else None
    fields = schema.fields if schema else ()
    return {(table, field.column or snake(field.name)): field.name for table in tables for field in fields}


def members_derived(derivation: Derivation, endpoint: Endpoint, types: Types) -> Members:
    """The members of a body by the columns that a derived operation sets from them."""
    body = endpoint.body
    schema = types.schema(types.present(body.type)) if body and body.type else None
    names = {snake(field.name): field.name for field in schema.fields} if schema else {}
    parts = ((place, parameter.split(".")) for place, parameter in derivation.given.items())
    return {place: names.get(part[1], part[1]) for place, part in parts if len(part) > 1}


def _duplicates(change: Change, table: Table, catalog: Catalog, members: Members) -> Iterator[Violation]:
    for name, columns in _unique(table, catalog):
        given = change.columns is None or change.columns & set(columns)
        settled = change.settled is None or name in change.settled or frozenset(columns) in change.settled
        if given and not settled:
            held = _held(columns, table.name, members)
            yield "conflict", tuple(dict.fromkeys((name, table.name, *columns, *held)))


def _unique(table: Table, catalog: Catalog) -> Iterator[tuple[str, tuple[str, ...]]]:
    keys: tuple[Key, ...] = table.keys
    yield from ((key.name, key.columns) for key in keys)
    known = {key.name for key in keys}
    for index in catalog.indexes:
        if index.unique and index.table == table.name and index.name not in known:
            yield index.name, tuple(column for column in index.columns if column)


def _refused(name: str, columns: set[str], change: Change, members: Members) -> Iterator[Violation]:
    if change.columns is None or change.columns & columns:
        held = _held(sorted(columns), change.table, members)
        yield ("validation" if held else "conflict"), (name, *held, change.table)


def _held(columns: Iterable[str], table: str, members: Members) -> tuple[str, ...]:
    return tuple(dict.fromkeys(members[table, column] for column in columns if (table, column) in members))


def _in_use(table: Table, catalog: Catalog) -> Iterator[Violation]:
    """The foreign keys that keep a row from being deleted, those behind cascades among them."""
    ahead, seen = [table.name], {table.name}
    while ahead:
        for child, key in catalog.children(ahead.pop()):
            if key.on_delete == "cascade" and child.name not in seen:
                seen.add(child.name)
                ahead.append(child.name)
            elif key.on_delete in {"no action", "restrict"}:
                yield "conflict", _of_user(child, key)


def _still_referenced(change: Change, table: Table, catalog: Catalog) -> Iterator[Violation]:
    for child, key in catalog.children(table.name):
        given = change.columns is None or change.columns & set(key.references)
        if given and key.on_update in {"no action", "restrict"}:
            yield "conflict", _of_user(child, key)


def _of_user(child: Table, key: ForeignKey) -> tuple[str, ...]:
    return (key.name, ON_DELETE, child.name)
