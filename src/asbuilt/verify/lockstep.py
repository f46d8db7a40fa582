"""A sequence of calls sent to two implementations in turn, each answer held against its counterpart.

Both serve the same document, each on a database of its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from asbuilt.component import Component
from asbuilt.verify.call import Call
from asbuilt.verify.correlation import Correlation
from asbuilt.verify.differences import Abandoned, Difference, Differences
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.paging import pages
from asbuilt.verify.sequence import Fresh, Side, Step, marks
from asbuilt.verify.values import distinct
from asbuilt.verify.world import Lacking, Row, successes

_MOST_TAKEN = 500


@dataclass
class Numbers:
    """Numbers for fresh values, each given once."""

    last: int

    def next(self) -> int:
        self.last += 1
        return self.last


@dataclass
class Play:
    """A run on both sides. Each `send` is compared at once; `Abandoned` ends the run without a finding.

    `taken` are texts that no fresh value may be, `free` the places whose values the reference itself does not repeat.
    `apart`: the sides share one database, so that fresh values are fresh for each.
    """

    component: Component
    target: Side
    reference: Side
    correlation: Correlation
    numbers: Numbers
    taken: set[str] = field(default_factory=set)
    free: frozenset[tuple[object, ...]] = frozenset()
    apart: bool = False
    steps: list[Step] = field(default_factory=list)
    exchanges: list[tuple[Exchange, ...]] = field(default_factory=list)
    answers: list[tuple[Exchange, ...]] = field(default_factory=list)

    def send(self, step: Step) -> Difference | None:
        """None where both answer alike. Raises `Abandoned`, and `Lacking` before anything was sent."""
        for mark in marks([value for _, value in (*step.path, *step.query)] + [step.body]):
            if isinstance(mark, Fresh) and mark.number not in self.target.fresh:
                self._freshen(mark)
        calls = self.target.call(step), self.reference.call(step)
        self._remember(*calls)
        ours = pages(self.component, self.target.client, calls[0])
        theirs = pages(self.component, self.reference.client, calls[1])
        self.steps.append(step)
        self.exchanges.append(ours)
        self.answers.append(theirs)
        found = Differences(self.component, self.correlation, self.free).first(step, ours, theirs)
        if found is not None:
            return found
        self._keep(step, calls, ours[-1], theirs[-1])
        return None

    @property
    def succeeded(self) -> bool:
        """Whether the last call did."""
        return self.answers[-1][-1].status in successes(self.steps[-1].operation)

    def _freshen(self, mark: Fresh) -> None:
        ours = self._unheard_of(mark)
        theirs = self._unheard_of(mark) if self.apart else ours
        self.target.fresh[mark.number], self.reference.fresh[mark.number] = ours, theirs
        self.correlation.pair(ours, theirs)

    def _unheard_of(self, mark: Fresh) -> object:
        for _ in range(_MOST_TAKEN):
            value = _distinct(mark, self.component, self.numbers.next())
            if str(value).lower() not in self.taken:
                self.taken.add(str(value).lower())
                return value
        raise Lacking("the type has too few values")

    def _remember(self, ours: Call, theirs: Call) -> None:
        """What is sent is known from now on; where the sides sent different values, each stands for the other."""
        sides = []
        for call in (ours, theirs):
            values = [value for _, value in (*call.path, *call.query, *call.headers)]
            sides.append([*values, *texts(call.body)])
        self.correlation.sent.update(text.lower() for text in sides[1])
        for one, other in zip(*sides, strict=False):
            if one.lower() != other.lower():
                self.correlation.pair(one, other)

    def _keep(self, step: Step, calls: tuple[Call, Call], ours: Exchange, theirs: Exchange) -> None:
        if step.makes and self.succeeded:
            for side, call, exchange in ((self.target, calls[0], ours), (self.reference, calls[1], theirs)):
                side.rows[step.number] = Row(step.makes, call, exchange.value(), (exchange,))


def _distinct(mark: Fresh, component: Component, number: int) -> object:
    """The value of that number, or of a smaller one where a type has fewer."""
    for most in (number, number % 10_007, number % 101, number % 5):
        value = distinct(mark.type, component.types, most)
        if isinstance(value, str | int):
            return value
    raise Lacking("the type has too few values")


def texts(value: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def played(play: Play, steps: Iterable[Step]) -> Difference | None:
    """The first difference that a whole sequence shows; None where it shows none, or can no longer be played."""
    try:
        for step in steps:
            try:
                found = play.send(step)
            except Lacking:
                continue
            if found is not None:
                return found
    except Abandoned:
        return None
    return None


def shown(exchange: Exchange) -> str:
    """An exchange in a line or two."""
    body = exchange.request.body
    sent = f" {body.decode('utf-8', 'replace')}" if body else ""
    got = exchange.response.shown if exchange.response else exchange.fault
    return f"{exchange.request.method} {exchange.request.target}{sent}\n  {got}"
