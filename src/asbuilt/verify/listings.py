"""Lists: what was created is listed, filtered by what it holds, and found exactly once over all pages."""

from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.component import Operation
from asbuilt.component.reach import reach_of
from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT, UNSET
from asbuilt.postgres.catalog import Table
from asbuilt.postgres.writes import changes_of
from asbuilt.sections.api import Parameter
from asbuilt.verify.call import Call, wire
from asbuilt.verify.exchange import PUT_OFF, Exchange
from asbuilt.verify.filters import Filters
from asbuilt.verify.judge import Judge
from asbuilt.verify.likeness import alike
from asbuilt.verify.listed import MANY, Filled, Listed, count, reordered, wrong_pages
from asbuilt.verify.probe import probe
from asbuilt.verify.resources import Listing, listing, resources
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Finding, Verdict
from asbuilt.verify.world import Lacking, successes

_ROWS = 5
_PAGE = 2
_MOST_ROWS = 130
_FEW_PAGES = 30
_SHOWN = 6


@probe("listings", "endpoint", "parameter", "pattern", cost=4, risk=9)
def listings(trial: Trial) -> Iterator[Verdict]:
    """Each operation that lists rows, over rows made for it."""
    known = set()
    for resource in resources(trial.component, trial.world.relations):
        for each in resource.listings:
            known.add(each.operation.name)
            yield from _examined(Listed(trial, each, resource.table, resource.key, None))
    for operation in trial.component.operations:
        found = listing(trial.component, operation)
        types = trial.component.types
        reads = operation.hole is None and operation.endpoint.method == "GET" and operation.name not in known
        if found and reads and types.schema(types.present(found.item)):
            filler = _filler(trial, operation)
            if filler:
                yield from _examined(Listed(trial, found, filler[0], "", filler[1]))


def _examined(listed: Listed) -> Iterator[Verdict]:
    listed.trial.tell(f"the list of {listed.title}")
    each = _Examined(listed.trial, Judge(listed.trial), listed)
    filters = Filters(listed)
    for stage in (each.found, each.paged, each.cut, filters.filtered, filters.bounded):
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


@dataclass
class _Examined:
    """What a list does with rows that were made for it."""

    trial: Trial
    judge: Judge
    listed: Listed

    @property
    def listing(self) -> Listing:
        return self.listed.listing

    @property
    def operation(self) -> Operation:
        return self.listing.operation

    @property
    def title(self) -> str:
        return self.listed.title

    def found(self) -> Iterator[Verdict]:
        """A row that was made is listed once; the rows of another parent are not."""
        filled = self.listed.fill(2)
        stranger = self.listed.stranger(filled.rows)
        keys, exchanges = self.listed.all(self.listed.call(filled.rows))
        if keys is None:
            return
        history = (*filled.exchanges, *exchanges)
        wanted = filled.keys if filled.keys is not None and self.listed.plain else tuple(keys)
        times = next((n for key in wanted if (n := count(keys, key)) != 1), 1)
        if not wanted and not self.listed.plain:
            return  # the statement may have reason to keep the rows back
        if times != 1 or not wanted:
            yield from self.listed.whole(
                "refuted", f"a row that was made is listed {times if wanted else 0} times", history
            )
        elif stranger is not None and count(keys, stranger.value(self.listed.key)):
            yield from self.listed.whole("refuted", "a row of another parent is listed", history)
        elif self.listed.filler is not None and (strange := self.listed.elsewhere(wanted)):
            yield from self.listed.whole("refuted", "rows of one parent are listed at another", (*history, *strange))
        elif self.listed.alone and len(keys) != len(wanted):
            yield from self.listed.whole(
                "refuted", f"{len(keys)} rows are listed where {len(wanted)} were made", history
            )
        elif altered := self._altered(filled, exchanges):
            yield from self.listed.whole("refuted", altered, history)
        else:
            yield from self.listed.whole("verified", f"{len(wanted)} rows that were made are listed once each", history)

    def _altered(self, filled: Filled, exchanges: tuple[Exchange, ...]) -> str:
        """How a row is listed otherwise than it was answered when it was made; empty where it is not."""
        row = filled.rows.get(self.listed.table.name)
        if row is None or self.listed.filler is not None or not isinstance(row.answer, dict):
            return ""
        items = [item for exchange in exchanges for item in self.listing.items(exchange.value()) or ()]
        for item in items:
            if not isinstance(item, dict) or not any(alike(v, row.value(self.listed.key)) for v in item.values()):
                continue
            for name in item.keys() & row.answer.keys():
                stored = self.listed.table.column(snake(str(name))) is not None
                if stored and not alike(item[name], row.answer[name]):
                    return f"`{name}` was answered as {row.answer[name]!r} and is listed as {item[name]!r}"
        return ""

    def paged(self) -> Iterator[Verdict]:
        """Page after page, each row comes once, none is longer than asked, also while other rows are being made."""
        limit, cursor = self.listing.limit, self.listing.cursor
        if limit is None or cursor is None or not self.listing.following:
            return
        filled = self.listed.fill(_ROWS)
        whole, _ = self.listed.all(self.listed.call(filled.rows))
        if whole is None:
            return
        wanted = filled.keys if filled.keys is not None and self.listed.plain else tuple(whole)
        size = max(_PAGE, min(len(whole) // _FEW_PAGES, self.listed.greatest() or MANY))
        call = self.listed.call(filled.rows).with_query(limit.name.text, wire(size))
        for meanwhile in (False, True):
            pages, exchanges = self.listed.pages(call, filled.rows if meanwhile else None)
            if exchanges and exchanges[-1].status in PUT_OFF:
                return
            history = (*filled.exchanges, *exchanges)
            why = wrong_pages(pages, wanted, size)
            finding: Finding = "refuted" if why else "verified"
            shown = f"{sum(map(len, pages))} rows over {len(pages)} pages of {size}, each once"
            told = (why or shown) + (" while others are made" if meanwhile else "")
            yield from self.listed.parameter(finding, told, history, cursor)
            if why:
                yield from self.listed.whole(finding, told, history)
        yield from self._brim(filled, limit, cursor)

    def _brim(self, filled: Filled, limit: Parameter, cursor: Parameter) -> Iterator[Verdict]:
        """A page that holds just as many rows as there are says that none follows."""
        whole, _ = self.listed.all(self.listed.call(filled.rows))
        if not whole or len(whole) > (self.listed.greatest() or MANY):
            return
        call = self.listed.call(filled.rows).with_query(limit.name.text, wire(len(whole)))
        exchange = self.trial.client.settled(call.request())
        items = self.listing.items(exchange.value())
        follows = items is not None and len(items) == len(whole) and self.listing.next(exchange.value()) is not None
        if follows and alike(whole, self.listed.all(self.listed.call(filled.rows))[0]):
            why = f"a page of all {len(whole)} rows says that another follows"
            history = (*filled.exchanges[:_SHOWN], exchange)
            yield from self.listed.parameter("refuted", why, history, cursor)
            yield from self.listed.whole("refuted", why, history)

    def cut(self) -> Iterator[Verdict]:
        """As many rows as the limit says, as many as its default where it is left out."""
        limit = self.listing.limit
        filled = self.listed.fill(_ROWS)
        yield from self._ordered(self.listed.call(filled.rows), filled)
        if limit is None:
            return
        yield from self._sized(self.listed.call(filled.rows).with_query(limit.name.text, "1"), 1, filled, limit)
        default = limit.default
        if isinstance(default, int) and not isinstance(default, bool) and default < _MOST_ROWS:
            filled = self.listed.fill(default + 1)
            call = self.listed.call(filled.rows)
            yield from self._sized(call, default, filled, limit)
            yield from self._same(call, call.with_query(limit.name.text, wire(default)), limit)
        greatest = self.listed.greatest()
        if greatest is not None and greatest < _MOST_ROWS:
            filled = self.listed.fill(greatest + 1)
            call = self.listed.call(filled.rows).with_query(limit.name.text, wire(greatest))
            yield from self._sized(call, greatest, filled, limit)

    def _sized(self, call: Call, size: int, filled: Filled, limit: Parameter) -> Iterator[Verdict]:
        exchange = self.trial.client.send(call.request())
        history = (*filled.exchanges[:_SHOWN], exchange)
        yield from self.judge.success(call, exchange, history[:-1])
        items = self.listing.items(exchange.value())
        if items is None or exchange.status not in successes(self.operation):
            return
        there = filled.count if self.listed.plain else len(self.listed.all(self.listed.call(filled.rows))[0] or ())
        wrong = len(items) > size or len(items) < min(size, there)
        why = f"{len(items)} of {there} rows where {size} are asked"
        yield from self.listed.parameter("refuted" if wrong else "verified", why, history, limit)
        if self.listing.following and there > size:
            cursor = self.listing.cursor
            if cursor and self.listing.next(exchange.value()) is None:
                yield from self.listed.parameter(
                    "refuted", "there is no cursor though there are more rows", history, cursor
                )

    def _same(self, one: Call, other: Call, parameter: Parameter) -> Iterator[Verdict]:
        """Left out, a parameter is what its default says, where others do not change the list meanwhile."""
        if parameter.default in (UNSET, ABSENT):
            return
        first, second, again = (self.trial.client.settled(call.request()) for call in (one, other, one))
        if {each.status for each in (first, second, again)} <= successes(self.operation):
            same = alike(self.listed.keys(first.value()), self.listed.keys(second.value()))
            if not same and not alike(self.listed.keys(first.value()), self.listed.keys(again.value())):
                return
            why = f"left out it is {'' if same else 'not '}as {parameter.default!r}"
            yield from self.listed.parameter("verified" if same else "refuted", why, (first, second), parameter)

    def _ordered(self, call: Call, filled: Filled) -> Iterator[Verdict]:
        """Rows come in the order that the statement gives them, as far as their values tell."""
        exchange = self.trial.client.settled(call.request())
        items = [item for item in self.listing.items(exchange.value()) or () if isinstance(item, dict)]
        again = self.trial.client.settled(call.request())
        if reordered(self.listed.keys(exchange.value()), self.listed.keys(again.value())):
            history = (*filled.exchanges[:_SHOWN], exchange, again)
            yield from self.listed.whole(
                "refuted", "the same rows come in another order when they are read again", history
            )
            return
        order = list(self.listed.order())
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
        yield from self.listed.whole(finding, why, (*filled.exchanges[:_SHOWN], exchange))
