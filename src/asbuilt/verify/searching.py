"""Requests that often make an algorithm refuse: rows that are not there, too much of something, the same once more."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from asbuilt.component import Operation
from asbuilt.language.types import Choice
from asbuilt.verify.call import NO_BODY, Call, body_schema, wire
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.places import Path, at, put
from asbuilt.verify.provocation import absent
from asbuilt.verify.values import Size
from asbuilt.verify.world import World

Tried: TypeAlias = tuple[Call, tuple[Exchange, ...]]
Move: TypeAlias = Callable[[], Iterator[Tried]]
_REPEATS = 3
_SMALL: tuple[Size, ...] = ("small", "bare", "plain")
_PLAIN: tuple[Size, ...] = ("plain", "bare")


def moves(world: World, operation: Operation) -> Iterator[Move]:
    """The moves, the likeliest first. Each gives calls with what led to them, and may raise `Lacking`."""
    yield lambda: _absent(world, operation)
    yield lambda: _sized(world, operation, "large", _SMALL)
    yield lambda: _repeated(world, operation)
    yield lambda: _varied(world, operation)
    yield lambda: _same_row(world, operation)
    yield lambda: _sized(world, operation, "small", _PLAIN)
    yield lambda: _sized(world, operation, "large", _PLAIN)
    yield lambda: _sized(world, operation, "bare", _SMALL)
    yield lambda: _choices(world, operation)
    yield lambda: _after_others(world, operation)


def _absent(world: World, operation: Operation) -> Iterator[Tried]:
    """Each reference in turn to a row that is not there."""
    references = world.relations.of(operation)
    for way, column in references.body.items():
        prepared = world.prepare(operation)
        yield (
            prepared.call.with_body(put(prepared.call.body, way, absent(world, column, at(prepared.call.body, way)))),
            prepared.exchanges,
        )
    for name, column in references.path.items():
        prepared = world.prepare(operation)
        value = absent(world, column, dict(prepared.call.path)[name])
        yield prepared.call.with_path(name, wire(value)), prepared.exchanges


def _sized(world: World, operation: Operation, size: Size, sizes: tuple[Size, ...]) -> Iterator[Tried]:
    """As much as the schema allows, of rows that hold little."""
    prepared = world.prepare(operation, size, sizes=sizes)
    yield prepared.call, prepared.exchanges


def _repeated(world: World, operation: Operation) -> Iterator[Tried]:
    prepared = world.prepare(operation)
    for _ in range(_REPEATS):
        yield prepared.call, prepared.exchanges


def _varied(world: World, operation: Operation) -> Iterator[Tried]:
    """Rows that have no text in common."""
    prepared = world.prepare(operation, varied=True)
    yield prepared.call, prepared.exchanges


def _same_row(world: World, operation: Operation) -> Iterator[Tried]:
    """Members that name two rows of one table name the same."""
    references = world.relations.of(operation)
    by_table: dict[str, list[Path]] = {}
    for way, column in references.body.items():
        by_table.setdefault(column.table, []).append(way)
    for first, *others in by_table.values():
        if others:
            prepared = world.prepare(operation)
            body = prepared.call.body
            for other in others:
                body = put(body, other, at(body, first))
            yield prepared.call.with_body(body), prepared.exchanges


def _choices(world: World, operation: Operation) -> Iterator[Tried]:
    """Each choice of each member that has some."""
    schema = body_schema(operation, world.component.types)
    for member in schema.fields if schema else ():
        type_ = world.component.types.present(member.type)
        for value in type_.values if isinstance(type_, Choice) else ():
            prepared = world.prepare(operation)
            if prepared.call.body is not NO_BODY:
                yield prepared.call.with_body(put(prepared.call.body, (member.name,), value)), prepared.exchanges


def _after_others(world: World, operation: Operation) -> Iterator[Tried]:
    """On a row that another operation has changed before: paid, cancelled, deleted."""
    for other in world.component.operations:
        changes = other.endpoint.method not in {"GET", "HEAD"} and other.endpoint.parameters_in("path")
        if not changes or other.name == operation.name or other.hole is not None:
            continue
        prepared = world.prepare(operation)
        before = world.prepare(other, rows=prepared.rows)
        if dict(before.call.path).items() <= dict(prepared.call.path).items():
            exchange = world.client.send(before.call.request())
            yield prepared.call, (*prepared.exchanges, *before.exchanges, exchange)
