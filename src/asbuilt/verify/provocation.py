"""Calls that an operation must refuse, by the cause of the refusal."""

import uuid
from collections.abc import Callable, Iterator, Mapping

from asbuilt.component import AlgorithmStep, Cause, Operation
from asbuilt.component.error_clauses import ON_DELETE
from asbuilt.language.names import snake
from asbuilt.postgres.catalog import ForeignKey, Key, Table
from asbuilt.values import frozen
from asbuilt.verify.call import NO_BODY, Call, wire
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.places import Path, at, put
from asbuilt.verify.relations import Column
from asbuilt.verify.world import World

_LARGEST_INT = {"smallint": 32_000, "integer": 2_147_000_000, "bigint": 9_000_000_000_000_000}
_TOO_LARGE = 1_100_000
# What stands for a character that is already the one that usually stands for others.
_OTHER = {"7": "8", "Z": "Q", "z": "q"}


@frozen
class Attempt:
    """A call and what led to it. `sure`: nothing but the cause can be answered to it."""

    call: Call
    about: tuple[str, ...]
    history: tuple[Exchange, ...] = ()
    sure: bool = True


def attempts(world: World, operation: Operation, cause: Cause, about: tuple[str, ...]) -> Iterator[Attempt]:
    """Calls that should be refused for a cause; none for causes that no request provokes. May raise `Lacking`."""
    provoke = _PROVOKERS.get(cause)
    if provoke:
        yield from provoke(world, operation, about)


def absent(world: World, column: Column, like: object) -> object:
    """A value of a column that no row has. Text looks like the one that a row has, so that its type accepts it."""
    found = _absent(world, column)
    if not isinstance(found, str) or not found.startswith("absent-"):
        return found
    text = str(like)
    digits = [place for place, char in enumerate(text) if char.isdigit()]
    letters = [place for place, char in enumerate(text) if char.isalpha()]
    chars = list(text)
    for place in (digits or letters)[-6:]:
        chars[place] = _OTHER.get(
            chars[place], "7" if chars[place].isdigit() else "Z" if chars[place].isupper() else "z"
        )
    return "".join(chars) or found


def _absent(world: World, column: Column) -> object:
    """As `absent`, of text one that looks like no other."""
    table = world.component.data.catalog.table(column.table)
    found = table.column(column.column) if table else None
    name = found.type.name if found else "text"
    if name == "uuid":
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"absent {world.next()}"))
    if name in _LARGEST_INT:
        return _LARGEST_INT[name] + world.next()
    return f"absent-{world.next()}"


def _no_row(world: World, operation: Operation, about: tuple[str, ...]) -> Iterator[Attempt]:
    """Each value of the path, or of the query, that names a row of a table the cause is about."""
    references = world.relations.of(operation)
    for name, column in references.path.items():
        if column.table in about:
            prepared = world.prepare(operation)
            call = prepared.call.with_path(name, wire(absent(world, column, dict(prepared.call.path)[name])))
            yield Attempt(call, about, prepared.exchanges)
    for name, column in references.query.items():
        if column.table in about and not references.path and name in dict(world.prepare(operation).call.query):
            prepared = world.prepare(operation)
            text = wire(absent(world, column, dict(prepared.call.query)[name]))
            yield Attempt(prepared.call.with_query(name, text), about, prepared.exchanges)


def _conflict(world: World, operation: Operation, about: tuple[str, ...]) -> Iterator[Attempt]:
    if ON_DELETE in about:
        yield from _in_use(world, operation, about)
        return
    for table in world.component.data.catalog.tables:
        for key in table.keys:
            if key.name in about:
                yield from _duplicate(world, operation, table, key, about)


def _duplicate(world: World, operation: Operation, table: Table, key: Key, about: tuple[str, ...]) -> Iterator[Attempt]:
    """A row like one that is there, or a row that is changed to be like another."""
    ways = _ways(world, operation)
    if not any(column in ways for column in key.columns):
        return
    first = world.row(table.name)
    foreign = {fk.table for fk in table.foreign_keys if set(fk.columns) & set(key.columns)}
    shared = {name: row for name, row in first.parents.items() if name in foreign}
    prepared = world.prepare(operation, rows=shared)
    body = prepared.call.body
    for column in key.columns:
        if column in ways:
            body = put(body, ways[column], first.value(column))
    settled = operation.endpoint.method in {"POST", "PUT", "PATCH"}
    yield Attempt(prepared.call.with_body(body), about, (*first.exchanges, *prepared.exchanges), settled)


def _ways(world: World, operation: Operation) -> Mapping[str, Path]:
    """By column, the members of the body that are stored in a unique key."""
    return {snake(str(way[-1])): way for way in sorted(world.relations.of(operation).unique, key=str)}


def _in_use(world: World, operation: Operation, about: tuple[str, ...]) -> Iterator[Attempt]:
    """A row that another row points at."""
    for table, key in _pointing(world, about):
        child = world.row(table.name)
        parent = child.parents.get(key.table)
        if parent:
            prepared = world.prepare(operation, rows={key.table: parent})
            yield Attempt(prepared.call, about, (*child.exchanges, *prepared.exchanges))


def _pointing(world: World, about: tuple[str, ...]) -> Iterator[tuple[Table, ForeignKey]]:
    for table in world.component.data.catalog.tables:
        yield from ((table, key) for key in table.foreign_keys if key.name in about)


def _invalid(world: World, operation: Operation, about: tuple[str, ...]) -> Iterator[Attempt]:
    """A body that names a row which is not there; bodies that break a schema are for the probe of bodies."""
    names = {key.name for table in world.component.data.catalog.tables for key in table.foreign_keys}
    if not names & set(about):
        return
    algorithmic = any(isinstance(step, AlgorithmStep) for step in operation.steps)
    for way, column in world.relations.of(operation).body.items():
        if str(way[-1]) in about:
            prepared = world.prepare(operation)
            value = absent(world, column, at(prepared.call.body, way))
            yield Attempt(
                prepared.call.with_body(put(prepared.call.body, way, value)), about, prepared.exchanges, not algorithmic
            )


def _malformed(world: World, operation: Operation, about: tuple[str, ...]) -> Iterator[Attempt]:
    prepared = world.prepare(operation)
    yield Attempt(prepared.call.with_body(b'{"a": '), about, prepared.exchanges)


def _media_type(world: World, operation: Operation, about: tuple[str, ...]) -> Iterator[Attempt]:
    prepared = world.prepare(operation)
    if prepared.call.body is not NO_BODY:
        yield Attempt(prepared.call.with_header("Content-Type", "application/x-unheard-of"), about, prepared.exchanges)


def _too_large(world: World, operation: Operation, about: tuple[str, ...]) -> Iterator[Attempt]:
    prepared = world.prepare(operation)
    if isinstance(prepared.call.body, dict):
        body = {**prepared.call.body, "unheard_of": "x" * _TOO_LARGE}
        yield Attempt(prepared.call.with_body(body), about, prepared.exchanges)


def _not_acceptable(world: World, operation: Operation, about: tuple[str, ...]) -> Iterator[Attempt]:
    prepared = world.prepare(operation)
    yield Attempt(prepared.call.with_header("Accept", "application/x-unheard-of"), about, prepared.exchanges)


def _precondition(world: World, operation: Operation, about: tuple[str, ...]) -> Iterator[Attempt]:
    prepared = world.prepare(operation)
    yield Attempt(prepared.call.with_header("If-Match", '"no such version"'), about, prepared.exchanges)


Provoke = Callable[[World, Operation, tuple[str, ...]], Iterator[Attempt]]
_PROVOKERS: Mapping[Cause, Provoke] = {
    "no row": _no_row,
    "conflict": _conflict,
    "validation": _invalid,
    "malformed": _malformed,
    "media type": _media_type,
    "too large": _too_large,
    "not acceptable": _not_acceptable,
    "precondition": _precondition,
}
