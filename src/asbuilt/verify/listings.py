"""Lists: what was created is listed, filtered by what it holds, and found exactly once over all pages."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from asbuilt.component import DerivedStep, Operation, PatternStep
from asbuilt.component.reach import reach_of
from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT, UNSET, Choice, Scalar
from asbuilt.postgres.catalog import Table
from asbuilt.postgres.comparisons import comparisons, shows_all
from asbuilt.postgres.derivation import PAGE_SIZE
from asbuilt.postgres.writes import changes_of
from asbuilt.sections.api import Parameter
from asbuilt.verify.call import Call, wire
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.judge import Judge
from asbuilt.verify.likeness import alike
from asbuilt.verify.probe import probe
from asbuilt.verify.resources import Listing, listing, resources
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Finding, Verdict
from asbuilt.verify.world import Lacking, Row, successes

_ROWS = 5
_PAGE = 2
_MOST_ROWS = 130
_MOST_PAGES = 100
_FEW_PAGES = 30
_MANY = 1_000
_SHOWN = 6


@probe("listings", "endpoint", "parameter", "pattern", "index", cost=4, risk=9)
def listings(trial: Trial) -> Iterator[Verdict]:
    """Each operation that lists rows, over rows made for it."""
    known = set()
    for resource in resources(trial.component, trial.world.relations):
        for each in resource.listings:
            known.add(each.operation.name)
            yield from _examined(_Listed(trial, Judge(trial), each, resource.table, resource.key, None))
    for operation in trial.component.operations:
        found = listing(trial.component, operation)
        types = trial.component.types
        reads = operation.hole is None and operation.endpoint.method == "GET" and operation.name not in known
        if found and reads and types.schema(types.present(found.item)):
            filler = _filler(trial, operation)
            if filler:
                yield from _examined(_Listed(trial, Judge(trial), found, filler[0], "", filler[1]))


def _examined(listed: "_Listed") -> Iterator[Verdict]:
    listed.trial.tell(f"the list of {listed.title}")
    for stage in (listed.found, listed.paged, listed.cut, listed.filtered):
        try:
            yield from stage()
        except Lacking as lacking:
            yield listed.trial.unchecked(f"no rows to list could be made: {lacking}", "endpoint", listed.title)


def _filler(trial: Trial, operation: Operation) -> tuple[Table, Operation] | None:
    """A table that is listed, and an operation that adds rows to it in passing, as a transfer adds entries."""
    patterns = reach_of(trial.component, operation).patterns
    for name in (table for pattern in patterns for table in pattern.statement.tables):
        table = trial.component.data.catalog.table(name)
        for other in trial.component.operations if table else ():
            written = {c.table for p in reach_of(trial.component, other).patterns for c in changes_of(p.statement)}
            if table and other.hole is None and other.endpoint.method == "POST" and name in written:
                return table, other
    return None


@dataclass(frozen=True, slots=True)
class _Filled:
    """Rows that one list holds: those that lead to it, their keys where these are known, and how they were made."""

    rows: Mapping[str, Row]
    keys: tuple[object, ...] | None
    exchanges: tuple[Exchange, ...]
    count: int


@dataclass
class _Listed:
    """A list under examination. Its rows are made by the table's makers, or in passing by `filler`.

    `key` is the column that tells rows apart; where it is empty, a row is its whole item.
    """

    trial: Trial
    judge: Judge
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

    def found(self) -> Iterator[Verdict]:
        """A row that was made is listed once; the rows of another parent are not."""
        filled = self._fill(2)
        keys, exchanges = self._all(self._call(filled.rows))
        if keys is None:
            return
        history = (*filled.exchanges, *exchanges)
        wanted = filled.keys if filled.keys is not None and self._plain else tuple(keys)
        times = next((n for key in wanted if (n := _count(keys, key)) != 1), 1)
        if not wanted and not self._plain:
            return  # the statement may have reason to keep the rows back
        stranger = self._stranger(filled.rows)
        if times != 1 or not wanted:
            yield from self._of("refuted", f"a row that was made is listed {times if wanted else 0} times", history)
        elif stranger is not None and _count(keys, stranger.value(self.key)):
            yield from self._of("refuted", "a row of another parent is listed", history)
        elif self.filler is not None and (strange := self._elsewhere(wanted)):
            yield from self._of("refuted", "rows of one parent are listed at another", (*history, *strange))
        else:
            yield from self._of("verified", f"{len(wanted)} rows that were made are listed once each", history)

    def paged(self) -> Iterator[Verdict]:
        """Page after page, each row comes once, none is longer than asked, also while other rows are being made."""
        limit, cursor = self.listing.limit, self.listing.cursor
        if limit is None or cursor is None or not self.listing.following:
            return
        filled = self._fill(_ROWS)
        whole, _ = self._all(self._call(filled.rows))
        if whole is None:
            return
        wanted = filled.keys if filled.keys is not None and self._plain else tuple(whole)
        size = max(_PAGE, min(len(whole) // _FEW_PAGES, self._greatest() or _MANY))
        call = self._call(filled.rows).with_query(limit.name.text, wire(size))
        for meanwhile in (False, True):
            pages, exchanges = self._pages(call, filled.rows if meanwhile else None)
            history = (*filled.exchanges, *exchanges)
            why = _wrong_pages(pages, wanted, size)
            finding: Finding = "refuted" if why else "verified"
            shown = f"{sum(map(len, pages))} rows over {len(pages)} pages of {size}, each once"
            told = (why or shown) + (" while others are made" if meanwhile else "")
            yield from self._parameter(finding, told, history, cursor)
            if why:
                yield from self._of(finding, told, history)

    def cut(self) -> Iterator[Verdict]:
        """As many rows as the limit says, as many as its default where it is left out."""
        limit = self.listing.limit
        filled = self._fill(_ROWS)
        yield from self._ordered(self._call(filled.rows), filled)
        if limit is None:
            return
        yield from self._sized(self._call(filled.rows).with_query(limit.name.text, "1"), 1, filled, limit)
        default = limit.default
        if isinstance(default, int) and not isinstance(default, bool) and default < _MOST_ROWS:
            filled = self._fill(default + 1)
            call = self._call(filled.rows)
            yield from self._sized(call, default, filled, limit)
            yield from self._same(call, call.with_query(limit.name.text, wire(default)), limit)
        greatest = self._greatest()
        if greatest is not None and greatest < _MOST_ROWS:
            filled = self._fill(greatest + 1)
            call = self._call(filled.rows).with_query(limit.name.text, wire(greatest))
            yield from self._sized(call, greatest, filled, limit)

    def filtered(self) -> Iterator[Verdict]:
        """Each filter gives rows that hold its value, all of them, and no others."""
        for parameter, column in self._filters() if self.filler is None else ():
            row = self.trial.world.row(self.table.name)
            if not _has(row, column):
                continue
            value = row.value(column)
            call = self._call({**row.parents, self.table.name: row}).with_query(parameter.name.text, wire(value))
            keys, exchanges = self._all(call)
            if keys is None:
                continue
            history = (*row.exchanges, *exchanges)
            if not _count(keys, row.value(self.key)):
                yield from self._parameter(
                    "refuted", f"a row whose `{column}` is {value!r} is not found", history, parameter
                )
            elif any(not alike(other, value) for other in self._others(exchanges, column)):
                yield from self._parameter(
                    "refuted", f"rows whose `{column}` is not {value!r} are found", history, parameter
                )
            else:
                yield from self._parameter(
                    "verified", f"finds the rows whose `{column}` is {value!r}", history, parameter
                )
            yield from self._excluded(row, parameter, column, value)

    def _excluded(self, row: Row, parameter: Parameter, column: str, value: object) -> Iterator[Verdict]:
        """Another value of the filter does not find the row."""
        type_ = self.trial.component.types.present(parameter.type)
        choices: tuple[object, ...] = ()
        if isinstance(type_, Choice):
            choices = type_.values
        elif isinstance(type_, Scalar) and type_.kind == "bool":
            choices = (True, False)
        other = next((choice for choice in choices if choice is not None and not alike(choice, value)), None)
        if other is None:
            return
        keys, exchanges = self._all(
            self._call({**row.parents, self.table.name: row}).with_query(parameter.name.text, wire(other))
        )
        if keys is not None:
            finds = _count(keys, row.value(self.key))
            finding: Finding = "refuted" if finds else "verified"
            why = f"{other!r} {'finds' if finds else 'does not find'} a row whose `{column}` is {value!r}"
            yield from self._parameter(finding, why, (*row.exchanges, *exchanges), parameter)

    def _others(self, exchanges: tuple[Exchange, ...], column: str) -> Iterator[object]:
        for exchange in exchanges:
            for item in self.listing.items(_json(exchange)) or ():
                if isinstance(item, dict):
                    yield from (value for name, value in item.items() if snake(str(name)) == column)

    def _filters(self) -> Iterator[tuple[Parameter, str]]:
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

    def _sized(self, call: Call, size: int, filled: _Filled, limit: Parameter) -> Iterator[Verdict]:
        exchange = self.trial.client.send(call.request())
        history = (*filled.exchanges[:_SHOWN], exchange)
        yield from self.judge.success(call, exchange, history[:-1])
        items = self.listing.items(_json(exchange))
        if items is None or exchange.status not in successes(self.operation):
            return
        there = filled.count if self._plain else len(self._all(self._call(filled.rows))[0] or ())
        wrong = len(items) > size or len(items) < min(size, there)
        why = f"{len(items)} of {there} rows where {size} are asked"
        yield from self._parameter("refuted" if wrong else "verified", why, history, limit)
        if self.listing.following and there > size:
            cursor = self.listing.cursor
            if cursor and self.listing.next(_json(exchange)) is None:
                yield from self._parameter("refuted", "there is no cursor though there are more rows", history, cursor)

    def _same(self, one: Call, other: Call, parameter: Parameter) -> Iterator[Verdict]:
        """Left out, a parameter is what its default says."""
        if parameter.default in (UNSET, ABSENT):
            return
        first, second = (self.trial.client.send(call.request()) for call in (one, other))
        if first.status in successes(self.operation) and second.status in successes(self.operation):
            same = alike(self._keys(_json(first)), self._keys(_json(second)))
            why = f"left out it is {'' if same else 'not '}as {parameter.default!r}"
            yield from self._parameter("verified" if same else "refuted", why, (first, second), parameter)

    def _ordered(self, call: Call, filled: _Filled) -> Iterator[Verdict]:
        """Rows come in the order that the statement gives them, as far as their values tell."""
        exchange = self.trial.client.send(call.request())
        items = [item for item in self.listing.items(_json(exchange)) or () if isinstance(item, dict)]
        again = self.trial.client.send(call.request())
        if not alike(self._keys(_json(exchange)), self._keys(_json(again))):
            history = (*filled.exchanges[:_SHOWN], exchange, again)
            yield from self._of("refuted", "the same rows come in another order when they are read again", history)
            return
        order = list(self._order())
        if not order or len(items) < 2:
            return
        column, descending = order[0]
        values = [value for item in items for name, value in item.items() if snake(str(name)) == column]
        if len(values) != len(items) or any(not isinstance(value, int | str) for value in values):
            return
        held = sorted(values, reverse=descending)
        finding: Finding = "verified" if held == values else "refuted"
        words = "falls" if descending else "rises"
        why = (
            f"`{column}` {words} from row to row" if held == values else f"`{column}` does not {words[:-1]} throughout"
        )
        yield from self._of(finding, why, (*filled.exchanges[:_SHOWN], exchange))

    def _order(self) -> Iterator[tuple[str, bool]]:
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

    def _fill(self, count: int) -> _Filled:
        """Rows with the same parents, so that one list holds them all."""
        world = self.trial.world
        if self.filler is not None:
            return self._filled_in_passing(self.filler, count)
        first = world.row(self.table.name)
        rows = [first, *(world.row(self.table.name, first.parents) for _ in range(count - 1))]
        keys = tuple(row.value(self.key) for row in rows)
        return _Filled({**first.parents, self.table.name: first}, keys, _led(rows), count)

    def _filled_in_passing(self, filler: Operation, count: int) -> _Filled:
        rows = dict(self.trial.world.prepare(self.operation).rows)
        exchanges: list[Exchange] = []
        for _ in range(count):
            prepared = self.trial.world.prepare(filler, rows=rows)
            exchange = self.trial.client.send(prepared.call.request())
            if exchange.status not in successes(filler):
                raise Lacking(f"{filler.endpoint.title} answered {exchange.status}")
            exchanges += [*prepared.exchanges, exchange]
        led = tuple(dict.fromkeys(each for row in rows.values() for each in row.exchanges))
        return _Filled(rows, None, (*led, *exchanges), count)

    def _stranger(self, rows: Mapping[str, Row]) -> Row | None:
        """A row of another parent, where the path names the parent."""
        named = self.trial.world.relations.of(self.operation).path.values()
        if self.filler is not None or not any(column.table in rows for column in named):
            return None
        return self.trial.world.row(self.table.name)

    def _elsewhere(self, wanted: tuple[object, ...]) -> tuple[Exchange, ...]:
        """The exchanges that show rows at a parent that they do not hang on; none where all is well."""
        if not self.trial.world.relations.of(self.operation).path:
            return ()
        prepared = self.trial.world.prepare(self.operation)
        keys, exchanges = self._all(prepared.call)
        return (*prepared.exchanges, *exchanges) if any(_count(keys or [], key) for key in wanted) else ()

    def _call(self, rows: Mapping[str, Row]) -> Call:
        call = self.trial.world.prepare(self.operation, rows=rows).call
        row = rows.get(self.table.name)
        for parameter, column in self._filters() if row else ():
            if row and parameter.required and _has(row, column):
                call = call.with_query(parameter.name.text, wire(row.value(column)))
        return call

    @cached_property
    def _plain(self) -> bool:
        """Whether nothing but its parameters keeps a row from being listed, as far as the document says."""
        steps = self.operation.steps
        return len(steps) == 1 and (
            isinstance(steps[0], DerivedStep)
            or (isinstance(steps[0], PatternStep) and shows_all(steps[0].pattern.statement))
        )

    @property
    def _cap(self) -> int | None:
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

    def _more(self, rows: Mapping[str, Row]) -> None:
        """One more row in the same list."""
        if self.filler is None:
            parents = {name: row for name, row in rows.items() if name != self.table.name}
            self.trial.world.row(self.table.name, parents)
        else:
            self.trial.client.send(self.trial.world.prepare(self.filler, rows=rows).call.request())

    def _greatest(self) -> int | None:
        """The most rows that may be asked for at once."""
        limit = self.listing.limit
        constraints = getattr(self.trial.component.types.present(limit.type), "constraints", None) if limit else None
        greatest = getattr(constraints, "le", None)
        return greatest if isinstance(greatest, int) else None

    def _pages(self, call: Call, beside: Mapping[str, Row] | None) -> tuple[list[list[object]], tuple[Exchange, ...]]:
        """The keys, page by page. With `beside`, another row is made after each page."""
        pages: list[list[object]] = []
        exchanges: list[Exchange] = []
        cursor = self.listing.cursor
        while len(pages) < _MOST_PAGES and cursor is not None:
            exchange = self.trial.client.send(call.request())
            exchanges.append(exchange)
            answer = _json(exchange)
            items = self.listing.items(answer)
            if items is None:
                break
            pages.append(self._keys(answer))
            following = self.listing.next(answer)
            if following is None:
                break
            call = call.with_query(cursor.name.text, wire(following))
            if beside is not None and len(pages) <= _ROWS:
                self._more(beside)
        return pages, tuple(exchanges)

    def _all(self, call: Call) -> tuple[list[object] | None, tuple[Exchange, ...]]:
        """The keys of everything listed, over all pages; None where the answer is no list, or perhaps not all of it."""
        keys: list[object] = []
        exchanges: list[Exchange] = []
        limit, cursor, cap = self.listing.limit, self.listing.cursor, self._cap
        if limit is not None:
            cap = self._greatest() or _MANY
            call = call.with_query(limit.name.text, wire(cap))
        while len(exchanges) < _MOST_PAGES:
            exchange = self.trial.client.send(call.request())
            exchanges.append(exchange)
            answer = _json(exchange)
            items = self.listing.items(answer)
            if exchange.status not in successes(self.operation) or items is None:
                return None, tuple(exchanges)
            keys += self._keys(answer)
            following = self.listing.next(answer)
            if cursor is None or not self.listing.following:
                return keys if cap is None or len(items) < cap else None, tuple(exchanges)
            if following is None:
                return keys, tuple(exchanges)
            call = call.with_query(cursor.name.text, wire(following))
        return None, tuple(exchanges)

    def _keys(self, answer: Any) -> list[object]:
        items = [item for item in self.listing.items(answer) or () if isinstance(item, dict)]
        if not self.key:
            return [json.dumps(item, sort_keys=True) for item in items]
        return [value for item in items for name, value in item.items() if snake(str(name)) == self.key]

    def _parameter(
        self, finding: Finding, why: str, exchanges: tuple[Exchange, ...], parameter: Parameter
    ) -> Iterator[Verdict]:
        if self.trial.ledger.find("parameter", self.title, "query", parameter.name.text):
            evidence = Evidence(exchanges)
            yield self.trial.verdict(finding, why, evidence, "parameter", self.title, "query", parameter.name.text)

    def _of(self, finding: Finding, why: str, exchanges: tuple[Exchange, ...]) -> Iterator[Verdict]:
        evidence = Evidence(exchanges)
        yield self.trial.verdict(finding, why, evidence, "endpoint", self.title)
        for step in self.operation.steps:
            if isinstance(step, PatternStep) and self.trial.ledger.find("pattern", step.pattern.name.text):
                yield self.trial.verdict(finding, why, evidence, "pattern", step.pattern.name.text)


# Types whose values in JSON sort as PostgreSQL sorts them.
_SORTED_TYPES = frozenset({"smallint", "integer", "bigint", "uuid", "date", "timestamp with time zone"})


def _wrong_pages(pages: list[list[object]], wanted: tuple[object, ...], size: int) -> str:
    """What is wrong with pages that should hold each of the wanted rows once; empty where nothing is."""
    keys = [key for page in pages for key in page]
    for key in wanted:
        times = _count(keys, key)
        if times != 1:
            return f"a row that is there comes {times} times over {len(pages)} pages"
    if len(pages) > 1 and not pages[-1]:
        return "a page says that another follows, and that one is empty"
    if any(len(page) > size for page in pages):
        return f"a page has {max(map(len, pages))} rows where {size} are asked"
    if any(len(page) < size for page in pages[:-1]):
        return f"a page that is not the last has {min(map(len, pages[:-1]))} rows where {size} are asked"
    return ""


def _has(row: Row, column: str) -> bool:
    try:
        return row.value(column) is not None
    except Lacking:
        return False


def _led(rows: list[Row]) -> tuple[Exchange, ...]:
    return tuple(dict.fromkeys(exchange for row in rows for exchange in row.exchanges))


def _count(keys: list[object], key: object) -> int:
    return sum(alike(each, key) for each in keys)


def _json(exchange: Exchange) -> Any:
    try:
        return exchange.response.json() if exchange.response and exchange.response.body else None
    except ValueError:
        return None
