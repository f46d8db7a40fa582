"""Agreement: another implementation of the same document answers every call alike, on a database of its own.

Calls chosen by chance are sent to both in turn, and the rows they touched are read back from both. Where the answers
part, the sequence is made as short as it can be, and the claim that its last answer breaks is refuted.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from asbuilt.component import Component, Operation
from asbuilt.component.causes import causes_of
from asbuilt.ledger import Kind
from asbuilt.verify.blame import claims, culprits, how
from asbuilt.verify.client import Client
from asbuilt.verify.composition import Composer, Parted
from asbuilt.verify.correlation import Correlation
from asbuilt.verify.differences import Abandoned, Difference
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.lockstep import Numbers, Play, played, shown, texts
from asbuilt.verify.paging import pages
from asbuilt.verify.probe import probe
from asbuilt.verify.resources import listing
from asbuilt.verify.sequence import Side, Step
from asbuilt.verify.shrinking import Shrinking
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Verdict
from asbuilt.verify.world import Lacking, successes

_SEQUENCES = 14
# Calls of each operation in a sequence, of those that make rows, and of the others.
_MANY, _FEW = 4, 2
_ATTEMPTS = 120  # at making one shorter
_MOST_DIFFERENCES = 6
_TRIES = 4
_AGAIN = 2
_DOUBLINGS = 40
# Beyond the numbers that other probes use for values of their own.
_FIRST = 10_000
_COUNTING = ("nextval", "serial")


@probe(
    "agreement",
    *("endpoint", "answer", "error", "member", "parameter", "algorithm", "pattern"),
    needs=("http", "reference"),
    cost=8,
    risk=9,
)
def agreement(trial: Trial) -> Iterator[Verdict]:
    """Sequences of calls, the same for the same seed but for what the implementations themselves make."""
    reference = Client(trial.target.reference or "")
    reference.deadline = trial.deadline
    try:
        yield from _Comparison(trial, reference).verdicts()
    finally:
        reference.close()


@dataclass
class _Comparison:
    """What the sequences so far have shown."""

    trial: Trial
    client: Client
    numbers: Numbers = field(default_factory=lambda: Numbers(_FIRST))
    free: frozenset[tuple[object, ...]] = frozenset()
    taken: set[str] = field(default_factory=set)
    blamed: set[str] = field(default_factory=set)
    counted: frozenset[str] = frozenset()
    agreed: dict[tuple[Kind, tuple[str, ...]], tuple[Exchange, Exchange]] = field(default_factory=dict)

    def verdicts(self) -> Iterator[Verdict]:
        self.counted = frozenset(_counted(self.trial.component))
        self._look_around()
        self._find_room()
        for number in range(_SEQUENCES):
            if self.trial.over or len(self.blamed) >= _MOST_DIFFERENCES:
                break
            self.trial.tell(f"sequence {number + 1} of {_SEQUENCES} on both")
            yield from self._sequence(number)
        yield from self._agreements()

    def _sequence(self, number: int) -> Iterator[Verdict]:
        """One sequence, again while what parts in it is nothing that the document determines."""
        for _ in range(_TRIES):
            play = self._play()
            found = self._composed(play, number)
            if found is None:
                self._remember(play)
                return
            before = self.free
            if self._is_stable(tuple(play.steps), found):
                yield from self._refuted(tuple(play.steps), found)
            if self.free == before:
                return

    def _composed(self, play: Play, number: int) -> Difference | None:
        chance = self.trial.random("agreement", str(number))
        composer = Composer(self.trial, play, chance)
        usable = [
            each for each in self.trial.component.operations if each.hole is None and each.name not in self.blamed
        ]
        calls = [each for each in usable for _ in range(_MANY if each.endpoint.method == "POST" else _FEW)]
        chance.shuffle(calls)
        try:
            for found in composer.calls(calls):
                return found
            for found in composer.reads(usable):
                return found
        except Parted as parted:
            return parted.difference
        except Abandoned:
            return None
        return None

    def _is_stable(self, steps: tuple[Step, ...], found: Difference) -> bool:
        """Whether it shows again, and does not where the reference is compared with itself."""
        if not any(self._shows(steps, found) for _ in range(_AGAIN)):
            return False
        itself = played(self._play(Side(self.client), apart=True), steps)
        if itself is not None and itself.step.operation.name == found.step.operation.name:
            self.free |= {found.signature}
            return False
        return itself is None

    def _refuted(self, steps: tuple[Step, ...], found: Difference) -> Iterator[Verdict]:
        self.trial.tell(f"the shortest way to {found.step.operation.endpoint.title}: {found.why}")
        shortest = Shrinking(lambda tried: self._shows(tried, found), _ATTEMPTS).shortest(steps)
        play = self._play()
        last = played(play, shortest)
        if last is None or last.signature != found.signature:
            return
        if any(step.operation.name in self.blamed for step in shortest):
            return
        self.blamed |= {each.name for each in culprits(shortest, last)} | {last.step.operation.name}
        evidence = _evidence(play)
        for kind, names in claims(self.trial.component, shortest, last):
            claim = self.trial.ledger.find(kind, *names)
            if claim is not None:
                yield Verdict(claim, "refuted", f"the reference answers otherwise: {_told(last)}", evidence)

    def _shows(self, steps: tuple[Step, ...], wanted: Difference) -> bool:
        if self.trial.over:
            return False
        found = played(self._play(), steps)
        return found is not None and found.signature == wanted.signature and found.step is steps[-1]

    def _play(self, target: Side | None = None, *, apart: bool = False) -> Play:
        component = self.trial.component
        correlation = Correlation(component.types, self.counted)
        ours = target or Side(self.trial.client)
        return Play(component, ours, Side(self.client), correlation, self.numbers, self.taken, self.free, apart)

    # What is there already

    def _look_around(self) -> None:
        """The texts that lists show which are not of one row: values that are fresh are none of these."""
        for operation in self.trial.component.operations:
            if (
                operation.hole is None
                and operation.endpoint.method == "GET"
                and listing(self.trial.component, operation)
            ):
                if any(True for _ in operation.endpoint.parameters_in("path")):
                    continue
                try:
                    call = self.trial.world.prepare(operation).call
                except Lacking:
                    continue
                for client in (self.trial.client, self.client):
                    for exchange in pages(self.trial.component, client, call):
                        self.taken.update(text.lower() for text in texts(exchange.value()))

    def _find_room(self) -> None:
        """Numbers that no earlier run has used, whose values unique columns of either side may hold still.

        Every run leaves rows of its first numbers behind, whatever its seed, so that the next one meets them there.
        """
        relations = self.trial.world.relations
        for _ in range(_DOUBLINGS):
            first = self.numbers.last
            tables = [table.name for table in self.trial.component.data.catalog.tables]
            makers = [maker for table in tables for maker in relations.makers(table)[:1] if relations.of(maker).unique]
            if all(self._has_room(maker) for maker in makers):
                return
            self.numbers.last = first * 2
        self.numbers.last = _FIRST

    def _has_room(self, maker: Operation) -> bool:
        """Whether both sides take a row of the next numbers, or neither for reasons of its own."""
        play = self._play()
        composer = Composer(self.trial, play, random.Random(maker.name), whole=True)  # noqa: S311 - the same each time
        try:
            found = next(composer.calls([maker]), None)
        except Parted as parted:
            found = parted.difference
        except Abandoned:
            return True
        if found is not None:
            return all(200 <= status < 300 for status in found.statuses)
        taken = {each.status for each in causes_of(self.trial.component, maker) if each.cause == "conflict"}
        return not play.answers or play.answers[-1][-1].status not in taken

    # Agreements

    def _remember(self, play: Play) -> None:
        for step, ours, theirs in zip(play.steps, play.exchanges, play.answers, strict=True):
            if theirs[-1].status in successes(step.operation):
                for key in _shown_by(step.operation, theirs[-1].status):
                    self.agreed[key] = ours[-1], theirs[-1]

    def _agreements(self) -> Iterator[Verdict]:
        names = {each.name: each.endpoint.title for each in self.trial.component.operations}
        apart = {title for name, title in names.items() if name in self.blamed} | self.blamed
        for (kind, about), (ours, theirs) in self.agreed.items():
            claim = self.trial.ledger.find(kind, *about)
            if claim is not None and about[0] not in apart:
                evidence = Evidence((ours,), measured=f"the reference:\n{shown(theirs)}")
                yield Verdict(claim, "verified", "answers as the reference does, call by call", evidence)


def _shown_by(operation: Operation, status: int) -> Iterator[tuple[Kind, tuple[str, ...]]]:
    yield "endpoint", (operation.endpoint.title,)
    yield "answer", (operation.endpoint.title, str(status))
    yield from how(operation)


def _counted(component: Component) -> Iterator[str]:
    """The names of columns that hold numbers made by the database, and of those that refer to them."""
    tables = component.data.catalog.tables
    made = set()
    for table in tables:
        for column in table.columns:
            told = f"{column.type.name} {column.default or ''}".lower()
            if column.identity or any(word in told for word in _COUNTING):
                made.add((table.name, column.name))
    yield from (name for _, name in made)
    for table in tables:
        for key in table.foreign_keys:
            pairs = zip(key.columns, key.references, strict=False)
            yield from (column for column, other in pairs if (key.table, other) in made)


def _evidence(play: Play) -> Evidence:
    """What our side was asked, and what the reference said to the last of it."""
    ours = tuple(exchange for each in play.exchanges for exchange in each)
    theirs = "\n".join(shown(exchange) for exchange in play.answers[-1])
    return Evidence(ours, measured=f"the reference:\n{theirs}")


def _told(difference: Difference) -> str:
    return f"{difference.step.operation.endpoint.title}: {difference.why}"
