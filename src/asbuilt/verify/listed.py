"""A list of rows: how rows are made that it must hold, and how all of it is read, page after page."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from asbuilt.component import DerivedStep, Operation, PatternStep
from asbuilt.language.names import snake
from asbuilt.postgres.catalog import Table
from asbuilt.postgres.comparisons import comparisons, shows_all
from asbuilt.postgres.derivation import PAGE_SIZE
from asbuilt.sections.api import Parameter
from asbuilt.verify.call import Call, wire
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.likeness import alike
from asbuilt.verify.resources import Listing
from asbuilt.verify.trial import Trial
from asbuilt.verify.values import constraints_of
from asbuilt.verify.verdict import Evidence, Finding, Verdict
from asbuilt.verify.world import Lacking, Row, successes

MANY = 1_000
_MOST_PAGES = 100
_MORE_ROWS = 5
# Types whose values in JSON sort as PostgreSQL sorts them.
_SORTED_TYPES = frozenset({"smallint", "integer", "bigint", "uuid", "date", "timestamp with time zone"})


@dataclass(frozen=True, slots=True)
class Filled:
    """Rows that one list holds: those that lead to it, their keys where these are known, and how they were made."""

    rows: Mapping[str, Row]
    keys: tuple[object, ...] | None
    exchanges: tuple[Exchange, ...]
    count: int


@dataclass
class Listed:
    """A list under examination. Its rows are made by the table's makers, or in passing by `filler`.

    `key` is the column that tells rows apart; where it is empty, a row is its whole item.
    """

    trial: Trial
    listing: Listing
    table: Table
    key: str
    filler: Operation | None

    @property
    def operation(self) -> Operation:
        return self.listing.operation

    @property
    def title(self) -> str:
        return self.operation.endpoint.title

    def fill(self, count: int) -> Filled:
        """Rows with the same parents, so that one list holds them all."""
        world = self.trial.world
        if self.filler is not None:
            return self._filled_in_passing(self.filler, count)
        first = world.row(self.table.name)
        rows = [first, *(world.row(self.table.name, first.parents) for _ in range(count - 1))]
        keys = tuple(row.value(self.key) for row in rows)
        return Filled({**first.parents, self.table.name: first}, keys, led(rows), count)

    def _filled_in_passing(self, filler: Operation, count: int) -> Filled:
        rows = dict(self.trial.world.prepare(self.operation).rows)
        exchanges: list[Exchange] = []
        for _ in range(count):
            prepared = self.trial.world.prepare(filler, rows=rows)
            exchange = self.trial.client.send(prepared.call.request())
            if exchange.status not in successes(filler):
                raise Lacking(f"{filler.endpoint.title} answered {exchange.status}")
            exchanges += [*prepared.exchanges, exchange]
        led = tuple(dict.fromkeys(each for row in rows.values() for each in row.exchanges))
        return Filled(rows, None, (*led, *exchanges), count)

    def stranger(self, rows: Mapping[str, Row]) -> Row | None:
        """A row of another parent, where the path names the parent."""
        named = self.trial.world.relations.of(self.operation).path.values()
        if self.filler is not None or not any(
            column.table in rows and column.table != self.table.name for column in named
        ):
            return None
        return self.trial.world.row(self.table.name)

    def elsewhere(self, wanted: tuple[object, ...]) -> tuple[Exchange, ...]:
        """The exchanges that show rows at a parent that they do not hang on; none where all is well."""
        if not self.trial.world.relations.of(self.operation).path:
            return ()
        prepared = self.trial.world.prepare(self.operation)
        keys, exchanges = self.all(prepared.call)
        return (*prepared.exchanges, *exchanges) if any(count(keys or [], key) for key in wanted) else ()

    def call(self, rows: Mapping[str, Row]) -> Call:
        call = self.trial.world.prepare(self.operation, rows=rows).call
        row = rows.get(self.table.name)
        for parameter, column in self.filters() if row else ():
            if row and parameter.required and has(row, column):
                call = call.with_query(parameter.name.text, wire(row.value(column)))
        return call

    @cached_property
    def plain(self) -> bool:
        """Whether nothing but its parameters keeps a row from being listed, as far as the document says."""
        steps = self.operation.steps
        return len(steps) == 1 and (
            isinstance(steps[0], DerivedStep)
            or (isinstance(steps[0], PatternStep) and shows_all(steps[0].pattern.statement))
        )

    @property
    def alone(self) -> bool:
        """Whether a list holds only rows that were made for it: its path names a parent that is new each time."""
        named = self.trial.world.relations.of(self.operation).path.values()
        return self.plain and self.filler is None and any(column.table != self.table.name for column in named)

    @property
    def cap(self) -> int | None:
        """The most rows that come where no limit is asked for; None where there is no such number."""
        for step in self.operation.steps:
            if isinstance(step, PatternStep) and step.pattern.statement.limit is not None:
                limit = step.pattern.statement.limit
                return int(limit) if limit.isdigit() else 1
            if isinstance(step, DerivedStep) and step.derivation.outcome == "page":
                return PAGE_SIZE
            if not isinstance(step, DerivedStep | PatternStep):
                return 1
        return None

    def more(self, rows: Mapping[str, Row]) -> None:
        """One more row in the same list."""
        if self.filler is None:
            parents = {name: row for name, row in rows.items() if name != self.table.name}
            self.trial.world.row(self.table.name, parents)
        else:
            self.trial.client.send(self.trial.world.prepare(self.filler, rows=rows).call.request())

    def greatest(self) -> int | None:
        """The most rows that may be asked for at once."""
        limit = self.listing.limit
        greatest = constraints_of(self.trial.component.types.present(limit.type)).le if limit else None
        return greatest if isinstance(greatest, int) else None

    def pages(self, call: Call, beside: Mapping[str, Row] | None) -> tuple[list[list[object]], tuple[Exchange, ...]]:
        """The keys, page by page. With `beside`, another row is made after each page."""
        pages: list[list[object]] = []
        exchanges: list[Exchange] = []
        cursor = self.listing.cursor
        while len(pages) < _MOST_PAGES and cursor is not None:
            exchange = self.trial.client.settled(call.request())
            exchanges.append(exchange)
            answer = exchange.value()
            items = self.listing.items(answer)
            if items is None:
                break
            pages.append(self.keys(answer))
            following = self.listing.next(answer)
            if following is None:
                break
            call = call.with_query(cursor.name.text, wire(following))
            if beside is not None and len(pages) <= _MORE_ROWS:
                self.more(beside)
        return pages, tuple(exchanges)

    def all(self, call: Call) -> tuple[list[object] | None, tuple[Exchange, ...]]:
        """The keys of everything listed, over all pages; None where the answer is no list, or perhaps not all of it."""
        keys: list[object] = []
        exchanges: list[Exchange] = []
        limit, cursor, cap = self.listing.limit, self.listing.cursor, self.cap
        if limit is not None:
            cap = self.greatest() or MANY
            call = call.with_query(limit.name.text, wire(cap))
        while len(exchanges) < _MOST_PAGES:
            exchange = self.trial.client.settled(call.request())
            exchanges.append(exchange)
            answer = exchange.value()
            items = self.listing.items(answer)
            if exchange.status not in successes(self.operation) or items is None:
                return None, tuple(exchanges)
            keys += self.keys(answer)
            following = self.listing.next(answer)
            if cursor is None or not self.listing.following:
                return keys if cap is None or len(items) < cap else None, tuple(exchanges)
            if following is None:
                return keys, tuple(exchanges)
            call = call.with_query(cursor.name.text, wire(following))
        return None, tuple(exchanges)

    def keys(self, answer: Any) -> list[object]:
        items = [item for item in self.listing.items(answer) or () if isinstance(item, dict)]
        if not self.key:
            return [json.dumps(item, sort_keys=True) for item in items]
        return [value for item in items for name, value in item.items() if snake(str(name)) == self.key]

    def filters(self) -> Iterator[tuple[Parameter, str]]:
        """The parameters of the query that must equal a column of the table, with that column."""
        named = {snake(p.name.text): p for p in self.operation.endpoint.parameters_in("query")}
        for step in self.operation.steps:
            if isinstance(step, DerivedStep):
                filters = step.derivation.filters
                yield from ((named[f.parameter], f.column) for f in filters if f.parameter in named and not f.many)
            if isinstance(step, PatternStep):
                for one in comparisons(step.pattern.statement, self.trial.component.data.catalog):
                    if one.parameter in named and one.table == self.table.name and not one.many:
                        yield named[one.parameter], one.column

    def order(self) -> Iterator[tuple[str, bool]]:
        """The columns rows are ordered by that sort the same way everywhere, as texts do not."""
        table = self.table
        for step in self.operation.steps:
            keys: list[tuple[str, bool]] = []
            # The order of a derived list is asbuilt's own word: the document does not say it.
            if isinstance(step, DerivedStep) and self.trial.target.own:
                keys = [(column, False) for column in step.derivation.order]
            elif isinstance(step, PatternStep):
                keys = [(key.output or "", key.descending) for key in step.pattern.statement.order]
            for name, descending in keys:
                column = table.column(name)
                if column is None or column.type.name not in _SORTED_TYPES:
                    return
                yield name, descending

    def parameter(
        self, finding: Finding, why: str, exchanges: tuple[Exchange, ...], parameter: Parameter
    ) -> Iterator[Verdict]:
        """Of a parameter of the query, if the ledger knows it."""
        if self.trial.ledger.find("parameter", self.title, "query", parameter.name.text):
            evidence = Evidence(exchanges)
            yield self.trial.verdict(finding, why, evidence, "parameter", self.title, "query", parameter.name.text)

    def whole(self, finding: Finding, why: str, exchanges: tuple[Exchange, ...]) -> Iterator[Verdict]:
        """Of the list as a whole: the endpoint, and the statement that it is made of."""
        evidence = Evidence(exchanges)
        yield self.trial.verdict(finding, why, evidence, "endpoint", self.title)
        for step in self.operation.steps:
            if isinstance(step, PatternStep) and self.trial.ledger.find("pattern", step.pattern.name.text):
                yield self.trial.verdict(finding, why, evidence, "pattern", step.pattern.name.text)


def wrong_pages(pages: list[list[object]], wanted: tuple[object, ...], size: int) -> str:
    """What is wrong with pages that should hold each of the wanted rows once; empty where nothing is."""
    keys = [key for page in pages for key in page]
    for key in wanted:
        times = count(keys, key)
        if times != 1:
            return f"a row that is there comes {times} times over {len(pages)} pages"
    if len(pages) > 1 and not pages[-1]:
        return "a page says that another follows, and that one is empty"
    if any(len(page) > size for page in pages):
        return f"a page has {max(map(len, pages))} rows where {size} are asked"
    if any(len(page) < size for page in pages[:-1]):
        return f"a page that is not the last has {min(map(len, pages[:-1]))} rows where {size} are asked"
    return ""


def reordered(one: list[object], other: list[object]) -> bool:
    """Whether the rows that are in both lists come in another order: others may add rows and remove them meanwhile."""
    mine, theirs = [key for key in one if count(other, key)], [key for key in other if count(one, key)]
    return not alike(mine, theirs)


def has(row: Row, column: str) -> bool:
    try:
        return row.value(column) is not None
    except Lacking:
        return False


def led(rows: list[Row]) -> tuple[Exchange, ...]:
    return tuple(dict.fromkeys(exchange for row in rows for exchange in row.exchanges))


def count(keys: list[object], key: object) -> int:
    return sum(alike(each, key) for each in keys)
