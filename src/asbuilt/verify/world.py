"""The rows that calls need: made through the document's own operations, each call with rows of its own."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from asbuilt.component import Component, Operation
from asbuilt.language.names import snake
from asbuilt.language.samples import NO_SAMPLE
from asbuilt.language.types import Type
from asbuilt.values import frozen
from asbuilt.verify.call import NO_BODY, Call, wire
from asbuilt.verify.client import Client
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.places import Path, put, reaches, type_at
from asbuilt.verify.relations import Column, References, Relations
from asbuilt.verify.values import Size, distinct, in_order, kind_of, narrowed, value_of

_DEEPEST = 8
_DOUBLINGS = 6
_FIRST = 500
SIZES: tuple[Size, ...] = ("large", "plain", "small", "bare")


class Lacking(Exception):  # noqa: N818 - a verdict on what can be tried, not an error
    """A call cannot be made, and why: in words that follow "because"."""


@frozen
class Row:
    """A row of a table as the operation that made it answered. `exchanges` are all that led to it, in their order.

    `parents` are the rows it was made with, by table.
    """

    table: str
    call: Call
    answer: Any
    exchanges: tuple[Exchange, ...]
    parents: Mapping[str, "Row"] = field(default_factory=dict)

    def value(self, column: str) -> object:
        """The value of a column, out of the answer, else of the call that made the row. Raises `Lacking`."""
        for source in (self.answer, dict(self.call.path), self.call.body):
            found = _member(source, column, 0)
            if found is not _NOTHING:
                return found
        raise Lacking(f"{self.call.title} does not answer with `{column}`")


@frozen
class Prepared:
    """A call that should succeed, the rows made for it, and the exchanges that made them."""

    call: Call
    rows: Mapping[str, Row]
    exchanges: tuple[Exchange, ...]


@dataclass
class _Site:
    """A call in the making: the rows at hand by table, all rows made for it, and the tables whose rows wait for it.

    `sizes` are tried in their order for the rows it needs; `varied` ones differ in every text.
    """

    rows: dict[str, Row]
    above: tuple[str, ...] = ()
    sizes: tuple[Size, ...] = SIZES
    varied: bool = False
    made: list[Row] = field(default_factory=list)


Seed = Callable[[str, "World"], "Row | None"]


@dataclass
class World:
    """Makes rows and calls. `seed` makes a row of a table that no operation makes, where that is possible."""

    component: Component
    client: Client
    relations: Relations
    seed: Seed | None = None
    _count: int = 0

    def next(self) -> int:
        """A number that was not used before, for values that must be unique."""
        self._count += 1
        return self._count

    def settle(self) -> None:
        """Go on to numbers that no earlier run has used, whose values the target's unique columns may still hold."""
        tables = [table.name for table in self.component.data.catalog.tables]
        makers = {maker.name: maker for table in tables for maker in self.relations.makers(table)[:1]}
        for maker in makers.values():
            for _ in range(_DOUBLINGS if self.relations.of(maker).unique else 0):
                try:
                    prepared = self.prepare(maker)
                except Lacking:
                    break
                if self.client.send(prepared.call.request()).status in successes(maker):
                    break
                self._count = max(_FIRST, self._count * 4)

    def prepare(
        self,
        operation: Operation,
        size: Size = "small",
        rows: Mapping[str, Row] | None = None,
        *,
        sizes: tuple[Size, ...] = SIZES,
        varied: bool = False,
    ) -> Prepared:
        """A valid call of an operation, with the rows it refers to; those in `rows` are used where they fit.

        Rows are made of the first of `sizes` that succeeds; `varied` ones differ in every text. Raises `Lacking`.
        """
        return self._prepared(operation, size, _Site(dict(rows or {}), (), sizes, varied))

    def row(self, table: str, parents: Mapping[str, Row] | None = None, size: Size | None = None) -> Row:
        """A new row of a table, of a size or of the first that succeeds. Raises `Lacking`."""
        return self._row(table, _Site(dict(parents or {}), (), (size,) if size else SIZES))

    def _prepared(self, operation: Operation, size: Size, site: _Site) -> Prepared:
        references = self.relations.of(operation)
        path = self._path(operation, references, site)
        query = _pairs_in_order(tuple(self._query(operation, references, site)))
        headers = tuple(self._headers(operation))
        body = self._body(operation, references, size, site)
        exchanges = tuple(dict.fromkeys(each for row in site.made for each in row.exchanges))
        return Prepared(Call(operation, path, query, headers, body), site.rows, exchanges)

    def _row(self, table: str, site: _Site) -> Row:
        if len(site.above) > _DEEPEST or table in site.above:
            raise Lacking(f"rows of `{table}` need each other")
        reasons = []
        for maker in self.relations.makers(table):
            for size in site.sizes:
                try:
                    return self._made(table, maker, size, site)
                except Lacking as lacking:
                    reasons.append(str(lacking))
        seeded = self.seed(table, self) if self.seed else None
        if seeded:
            return seeded
        raise Lacking(reasons[0] if reasons else f"no operation makes a row of `{table}` and answers with its key")

    def _made(self, table: str, maker: Operation, size: Size, site: _Site) -> Row:
        below = _Site(dict(site.rows), (*site.above, table), site.sizes, site.varied)
        prepared = self._prepared(maker, size, below)
        exchange = self.client.send(prepared.call.request())
        if exchange.status not in successes(maker):
            got = exchange.response.shown[:200] if exchange.response else exchange.fault
            raise Lacking(f"{maker.endpoint.title} answered {got}")
        answer: Any = None
        if exchange.response and exchange.response.body:
            try:
                answer = exchange.response.json()
            except ValueError:
                raise Lacking(f"{maker.endpoint.title} did not answer with JSON") from None
        others = {name: row for each in prepared.rows.values() for name, row in each.parents.items()}
        return Row(table, prepared.call, answer, (*prepared.exchanges, exchange), {**others, **prepared.rows})

    def _path(self, operation: Operation, references: References, site: _Site) -> tuple[tuple[str, str], ...]:
        """The last parameter's row first: it knows the rows above it."""
        values: dict[str, str] = {}
        for parameter in reversed(operation.endpoint.parameters_in("path")):
            name = parameter.name.text
            if name in references.path:
                values[name] = wire(self._value(references.path[name], site))
            elif name in references.free:
                values[name] = wire(self._unlike(parameter.type, self.relations.pattern(operation, name)))
            else:
                values[name] = wire(self._plain(parameter.type, f"`{name}` of the path"))
        return tuple((p.name.text, values[p.name.text]) for p in operation.endpoint.parameters_in("path"))

    def _query(self, operation: Operation, references: References, site: _Site) -> Iterator[tuple[str, str]]:
        for parameter in operation.endpoint.parameters_in("query"):
            if parameter.required:
                name = parameter.name.text
                column = references.query.get(name)
                value = self._value(column, site) if column else self._plain(parameter.type, f"`{name}`")
                yield from ((name, wire(each)) for each in (value if isinstance(value, list) else [value]))

    def _headers(self, operation: Operation) -> Iterator[tuple[str, str]]:
        for parameter in operation.endpoint.parameters_in("header"):
            if parameter.required:
                yield parameter.name.text, wire(self._plain(parameter.type, f"`{parameter.name.text}`"))

    def _body(self, operation: Operation, references: References, size: Size, site: _Site) -> object:
        declared = operation.endpoint.body
        if declared is None:
            return NO_BODY
        if declared.type is None:
            return b"sample" if declared.medium in {"text", "bytes"} else {}
        body = value_of(declared.type, self.component.types, size)
        if body is NO_SAMPLE:
            raise Lacking(f"no value of the body of {operation.endpoint.title} could be made")
        for way, type_ in self.relations.narrower(operation).items():
            if reaches(body, way):
                body = put(body, way, value_of(type_, self.component.types, size))
        used: set[str] = set()
        for way, column in references.body.items():
            if column.table in used:  # two members that name rows of one table name two rows
                site.rows.pop(column.table, None)
            if not reaches(body, way):
                continue
            try:
                body = put(body, way, self._value(column, site))
                used.add(column.table)
            except Lacking as lacking:
                body = self._without(body, declared.type, way, lacking)
        unique = references.unique | (self._texts(declared.type, references) if site.varied else frozenset())
        for way in sorted(unique, key=str):
            found = type_at(declared.type, way, self.component.types)
            text = narrowed(found, self.component.types, self.relations.pattern(operation, way)) if found else None
            value = distinct(text, self.component.types, self.next()) if text else NO_SAMPLE
            if value is not NO_SAMPLE and reaches(body, way):
                body = put(body, way, value)
        return body

    def _texts(self, type_: Type, references: References) -> frozenset[Path]:
        """The members that hold text and name no row."""
        schema = self.component.types.schema(self.component.types.present(type_))
        fields = schema.fields if schema else ()
        held = {(f.name,) for f in fields if kind_of(self.component.types.present(f.type)) == "str"}
        return frozenset(way for way in held if way not in references.body)

    def _without(self, body: object, type_: Type, way: Path, lacking: Lacking) -> object:
        """The body without a member whose row cannot be had. Raises `Lacking` where it may not be left out."""
        schema = self.component.types.schema(self.component.types.present(type_))
        member = schema.member(str(way[0])) if schema else None
        if member is None or member.required or not isinstance(body, dict):
            raise lacking
        return {name: value for name, value in body.items() if name != way[0]}

    def _value(self, column: Column, site: _Site) -> object:
        row = site.rows.get(column.table)
        if row is None:
            known = [each.parents[column.table] for each in site.rows.values() if column.table in each.parents]
            beside = {name: each for name, each in site.rows.items() if name not in site.above}
            row = known[0] if known else self._row(column.table, _Site(beside, site.above, site.sizes, site.varied))
            site.rows[column.table] = row
            site.made.append(row)
        value = row.value(column.column)
        return [value] if column.many else value

    def _plain(self, type_: Type, what: str) -> object:
        value = value_of(type_, self.component.types)
        if value is NO_SAMPLE:
            raise Lacking(f"no value of {what} could be made")
        return value

    def _unlike(self, type_: Type, pattern: str | None) -> object:
        value = distinct(narrowed(type_, self.component.types, pattern), self.component.types, self.next())
        return value if value is not NO_SAMPLE else self._plain(type_, "the path")


def _pairs_in_order(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Moments in a query follow one another too; a parameter that is given twice stays as it is."""
    if len(dict(pairs)) < len(pairs):
        return pairs
    return tuple((name, str(value)) for name, value in in_order(dict(pairs)).items())


class _Nothing:
    __slots__ = ()


_NOTHING = _Nothing()


def successes(operation: Operation) -> frozenset[int]:
    """The documented statuses of success."""
    return frozenset(answer.status for answer in operation.endpoint.answers if answer.status < 400) or frozenset({200})


def _member(value: object, column: str, depth: int) -> object:
    """The member that bears a column's name, in the object or in one inside of it."""
    if not isinstance(value, dict) or depth > 2:
        return _NOTHING
    for name, member in value.items():
        if snake(str(name)) == column and not isinstance(member, dict | list):
            return member
    inner = (_member(member, column, depth + 1) for member in value.values())
    return next((found for found in inner if found is not _NOTHING), _NOTHING)
