"""Lists: what was created is listed, filtered by what it holds, and found exactly once over all pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from asbuilt.component import DerivedStep, Operation, PatternStep
from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT, UNSET, Choice, Scalar
from asbuilt.postgres.comparisons import comparisons
from asbuilt.sections.api import Parameter
from asbuilt.verify.call import Call, wire
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.judge import Judge
from asbuilt.verify.likeness import alike
from asbuilt.verify.probe import probe
from asbuilt.verify.resources import Listing, Resource, resources
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Finding, Verdict
from asbuilt.verify.world import Lacking, Row, successes

_ROWS = 5
_PAGE = 2
_MOST_ROWS = 130
_MOST_PAGES = 100


@probe("listings", "endpoint", "parameter", "pattern", "index", cost=4, risk=9)
def listings(trial: Trial) -> Iterator[Verdict]:
    """Each operation that lists rows, over rows made for it."""
    for resource in resources(trial.component, trial.world.relations):
        for each in resource.listings:
            trial.tell(f"the list of {each.operation.endpoint.title}")
            listed = _Listed(trial, Judge(trial), resource, each)
            for stage in (listed.found, listed.paged, listed.cut, listed.filtered):
                try:
                    yield from stage()
                except Lacking as lacking:
                    title = each.operation.endpoint.title
                    yield trial.unchecked(f"no rows to list could be made: {lacking}", "endpoint", title)


@dataclass
class _Listed:
    trial: Trial
    judge: Judge
    resource: Resource
    listing: Listing

    @property
    def operation(self) -> Operation:
        return self.listing.operation

    @property
    def title(self) -> str:
        return self.operation.endpoint.title

    def found(self) -> Iterator[Verdict]:
        """A row that was made is listed once; the rows of another parent are not."""
        rows = self._rows(2)
        call = self._call(rows[0])
        stranger = self._stranger(rows[0])
        keys, exchanges = self._all(call)
        if keys is None:
            return
        history = (*_led(rows), *exchanges)
        missing = [row for row in rows if _count(keys, row.value(self.resource.key)) != 1]
        if missing:
            times = _count(keys, missing[0].value(self.resource.key))
            why = f"a row that was made is listed {times} times"
        elif stranger is not None and _count(keys, stranger.value(self.resource.key)):
            why = "a row of another parent is listed"
        else:
            yield from self._of("verified", f"{len(rows)} rows that were made are listed once each", history)
            return
        yield from self._of("refuted", why, history)

    def paged(self) -> Iterator[Verdict]:
        """Page after page, each row comes once, none is longer than asked, also while other rows are being made."""
        limit, cursor = self.listing.limit, self.listing.cursor
        if limit is None or cursor is None or not self.listing.following:
            return
        rows = self._rows(_ROWS)
        call = self._call(rows[0]).with_query(limit.name.text, wire(_PAGE))
        for meanwhile in (False, True):
            pages, exchanges = self._pages(call, rows[0] if meanwhile else None)
            history = (*_led(rows), *exchanges)
            keys = [key for page in pages for key in page]
            why = self._wrong_pages(pages, keys, rows)
            finding: Finding = "refuted" if why else "verified"
            shown = f"{len(keys)} rows over {len(pages)} pages of {_PAGE}, each once"
            meantime = " while others are made" if meanwhile else ""
            told = (why or shown) + meantime
            yield from self._parameter(finding, told, history, cursor)
            if why:
                yield from self._of(finding, told, history)

    def cut(self) -> Iterator[Verdict]:
        """As many rows as the limit says, as many as its default where it is left out."""
        limit = self.listing.limit
        if limit is None:
            return
        rows = self._rows(_ROWS)
        yield from self._sized(self._call(rows[0]).with_query(limit.name.text, "1"), 1, rows, limit)
        default = limit.default
        if isinstance(default, int) and not isinstance(default, bool) and default < _MOST_ROWS:
            rows = self._rows(default + 1)
            call = self._call(rows[0])
            yield from self._sized(call, default, rows, limit)
            yield from self._same(call, call.with_query(limit.name.text, wire(default)), limit)
            yield from self._ordered(call, rows)
        greatest = getattr(getattr(self.trial.component.types.present(limit.type), "constraints", None), "le", None)
        if isinstance(greatest, int) and greatest < _MOST_ROWS:
            rows = self._rows(greatest + 1)
            yield from self._sized(
                self._call(rows[0]).with_query(limit.name.text, wire(greatest)), greatest, rows, limit
            )

    def filtered(self) -> Iterator[Verdict]:
        """Each filter gives rows that hold its value, all of them, and no others."""
        for parameter, column in self._filters():
            rows = self._rows(2)
            if len({wire(row.value(column)) for row in rows if self._has(row, column)}) == 0:
                continue
            value = rows[0].value(column)
            call = self._call(rows[0]).with_query(parameter.name.text, wire(value))
            keys, exchanges = self._all(call)
            if keys is None:
                continue
            history = (*_led(rows[:1]), *exchanges)
            if not _count(keys, rows[0].value(self.resource.key)):
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
            yield from self._excluded(rows[0], parameter, column, value)

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
        keys, exchanges = self._all(self._call(row).with_query(parameter.name.text, wire(other)))
        if keys is not None:
            finds = _count(keys, row.value(self.resource.key))
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
                    if one.parameter in named and one.table == self.resource.table.name and not one.many:
                        yield named[one.parameter], one.column

    def _has(self, row: Row, column: str) -> bool:
        try:
            return row.value(column) is not None
        except Lacking:
            return False

    def _sized(self, call: Call, size: int, rows: list[Row], limit: Parameter) -> Iterator[Verdict]:
        exchange = self.trial.client.send(call.request())
        history = (*_led(rows[:3]), exchange)
        yield from self.judge.success(call, exchange, history[:-1])
        items = self.listing.items(_json(exchange))
        if items is None or exchange.status not in successes(self.operation):
            return
        finding: Finding = "verified" if len(items) == size else "refuted"
        yield from self._parameter(finding, f"{len(items)} of {len(rows)} rows where {size} are asked", history, limit)
        if self.listing.following and len(rows) > size:
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

    def _ordered(self, call: Call, rows: list[Row]) -> Iterator[Verdict]:
        """Rows come in the order that the statement gives them, as far as their values tell."""
        exchange = self.trial.client.send(call.request())
        items = [item for item in self.listing.items(_json(exchange)) or () if isinstance(item, dict)]
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
        yield from self._of(finding, why, (*_led(rows[:3]), exchange))

    def _order(self) -> Iterator[tuple[str, bool]]:
        """The columns rows are ordered by that sort the same way everywhere, as texts do not."""
        table = self.resource.table
        for step in self.operation.steps:
            keys: list[tuple[str, bool]] = []
            if isinstance(step, DerivedStep):
                keys = [(column, False) for column in step.derivation.order]
            elif isinstance(step, PatternStep):
                keys = [(key.output or "", key.descending) for key in step.pattern.statement.order]
            for name, descending in keys:
                column = table.column(name)
                if column is None or column.type.name not in _SORTED_TYPES:
                    return
                yield name, descending

    def _rows(self, count: int) -> list[Row]:
        """Rows with the same parents, so that one list holds them all."""
        first = self.trial.world.row(self.resource.table.name)
        return [first] + [self.trial.world.row(self.resource.table.name, first.parents) for _ in range(count - 1)]

    def _stranger(self, row: Row) -> Row | None:
        """A row of another parent, where the path names the parent."""
        named = self.trial.world.relations.of(self.operation).path.values()
        if not any(column.table in row.parents for column in named):
            return None
        return self.trial.world.row(self.resource.table.name)

    def _call(self, row: Row) -> Call:
        rows = {**row.parents, self.resource.table.name: row}
        return self.trial.world.prepare(self.operation, rows=rows).call

    def _pages(self, call: Call, sibling: Row | None) -> tuple[list[list[object]], tuple[Exchange, ...]]:
        """The keys, page by page. With `sibling`, another row of its parents is made after each page."""
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
            if sibling is not None and len(pages) <= _ROWS:
                self.trial.world.row(self.resource.table.name, sibling.parents)
        return pages, tuple(exchanges)

    def _wrong_pages(self, pages: list[list[object]], keys: list[object], rows: list[Row]) -> str:
        for row in rows:
            times = _count(keys, row.value(self.resource.key))
            if times != 1:
                return f"a row that is there comes {times} times over {len(pages)} pages"
        if any(len(page) > _PAGE for page in pages):
            return f"a page has {max(map(len, pages))} rows where {_PAGE} are asked"
        if any(len(page) < _PAGE for page in pages[:-1]):
            return f"a page that is not the last has {min(map(len, pages[:-1]))} rows where {_PAGE} are asked"
        return ""

    def _all(self, call: Call) -> tuple[list[object] | None, tuple[Exchange, ...]]:
        """The keys of everything listed, over all pages; None where the answer is no list."""
        keys: list[object] = []
        exchanges: list[Exchange] = []
        limit, cursor = self.listing.limit, self.listing.cursor
        greatest = getattr(
            getattr(limit and self.trial.component.types.present(limit.type), "constraints", None), "le", None
        )
        if limit and isinstance(greatest, int):
            call = call.with_query(limit.name.text, wire(greatest))
        while len(exchanges) < _MOST_PAGES:
            exchange = self.trial.client.send(call.request())
            exchanges.append(exchange)
            answer = _json(exchange)
            if exchange.status not in successes(self.operation) or self.listing.items(answer) is None:
                return None, tuple(exchanges)
            keys += self._keys(answer)
            following = self.listing.next(answer)
            if following is None or cursor is None:
                break
            call = call.with_query(cursor.name.text, wire(following))
        return keys, tuple(exchanges)

    def _keys(self, answer: Any) -> list[object]:
        items = [item for item in self.listing.items(answer) or () if isinstance(item, dict)]
        return [value for item in items for name, value in item.items() if snake(str(name)) == self.resource.key]

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


def _led(rows: list[Row]) -> tuple[Exchange, ...]:
    return tuple(dict.fromkeys(exchange for row in rows for exchange in row.exchanges))


def _count(keys: list[object], key: object) -> int:
    return sum(alike(each, key) for each in keys)


def _json(exchange: Exchange) -> Any:
    try:
        return exchange.response.json() if exchange.response and exchange.response.body else None
    except ValueError:
        return None
