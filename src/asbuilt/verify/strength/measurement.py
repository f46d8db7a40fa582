"""Plants each fault in turn, and has verify look for it."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from asbuilt.component import Component, Operation
from asbuilt.ledger import Ledger
from asbuilt.postgres.emptying import empty, empty_tables
from asbuilt.values import frozen
from asbuilt.verify.bodies import bodies
from asbuilt.verify.client import Client
from asbuilt.verify.endpoints import endpoints
from asbuilt.verify.errors import errors
from asbuilt.verify.examination import Examination, examine
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.parameters import parameters
from asbuilt.verify.probe import Probe
from asbuilt.verify.probes import PROBES
from asbuilt.verify.races import races
from asbuilt.verify.strength.addressing import Addresses
from asbuilt.verify.strength.between import Between, Fault, Passing, Watch, honest
from asbuilt.verify.strength.exploration import Explorer
from asbuilt.verify.strength.mutants import Mutant, mutants
from asbuilt.verify.strength.said import Said, said
from asbuilt.verify.strength.schema import Schema
from asbuilt.verify.strength.survey import served
from asbuilt.verify.target import Target

Seen = tuple[Operation, Exchange]
# They look at one operation after another, on rows of its own: for a fault in one, the others need not be looked at.
_ONE_BY_ONE = (bodies, parameters, errors)


class Refuted(Exception):  # noqa: N818 - what it is, not that it is an error
    """Verify refutes the document without any fault, so that nothing can be told from what it finds with one."""

    def __init__(self, claims: Iterable[str]) -> None:
        super().__init__()
        self.claims = tuple(claims)


@frozen
class Outcome:
    """`by` is the claim that a fault refutes; empty where none is. `tried` is false where the budget was spent."""

    mutant: Mutant
    tried: bool
    by: str = ""

    @property
    def caught(self) -> bool:
        return bool(self.by)


@frozen
class Strength:
    """What was found, in the order of `mutants`. `seconds` is what it took."""

    component: Component
    outcomes: tuple[Outcome, ...]
    seconds: float
    seed: int

    @property
    def complete(self) -> bool:
        return all(outcome.tried for outcome in self.outcomes)


def measure(
    component: Component,
    ledger: Ledger,
    target: Target,
    *,
    seed: int = 0,
    budget: float | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Strength:
    """How much the document pins down of what `target` serves, which is asbuilt's own, on a database of its own.

    With a budget, in seconds, as many faults are tried as fit, evenly over the sections and kinds. Raises `Refuted`.
    """
    started = time.monotonic()
    bench = _Bench(component, ledger, target, seed)
    tell("what is served")
    known = tuple(bench.mutants())
    bench.rehearse()
    tried: dict[str, Outcome] = {}
    for number, mutant in enumerate(evenly(known, seed)):
        if budget is not None and time.monotonic() - started >= budget:
            break
        caught = sum(outcome.caught for outcome in tried.values())
        tell(f"{number:,} of {len(known):,} faults, {caught:,} caught: {mutant.kind}, {mutant.place}")
        tried[mutant.id] = Outcome(mutant, tried=True, by=bench.refuted(mutant))
    outcomes = tuple(tried.get(mutant.id) or Outcome(mutant, tried=False) for mutant in known)
    return Strength(component, outcomes, time.monotonic() - started, seed)


def evenly(known: Iterable[Mutant], seed: int) -> list[Mutant]:
    """So that however many of the first are taken, each section and kind has its share."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    groups: defaultdict[tuple[str, str], list[Mutant]] = defaultdict(list)
    for mutant in known:
        groups[mutant.section, mutant.kind].append(mutant)
    placed = []
    for group in groups.values():
        chance.shuffle(group)
        placed += [((at + chance.random()) / len(group), mutant.id, mutant) for at, mutant in enumerate(group)]
    return [mutant for _, _, mutant in sorted(placed, key=lambda each: each[:2])]


@dataclass
class _Bench:
    """One document as it is served, and what each probe sees of it without a fault."""

    component: Component
    ledger: Ledger
    target: Target
    seed: int
    _seen: dict[str, set[tuple[str, Said]]] = field(default_factory=dict)
    _parts: dict[str, Component] = field(default_factory=dict)
    _catching: Counter[tuple[str, str]] = field(default_factory=Counter)

    @cached_property
    def _probes(self) -> tuple[Probe, ...]:
        """Those that look at answers, the quickest first."""
        http = (probe for probe in PROBES if probe.needs <= {"http"})
        return tuple(sorted(http, key=lambda probe: probe.cost))

    @cached_property
    def _addresses(self) -> Addresses:
        return Addresses(self.component.operations)

    @cached_property
    def _empty(self) -> tuple[str, ...]:
        return empty_tables(self.target.database) if self.target.database else ()

    @cached_property
    def _schema(self) -> Schema | None:
        data = self.component.data
        return Schema(self.component, self.ledger, self.target) if self.target.database and data.ddl else None

    def mutants(self) -> Iterator[Mutant]:
        """The faults of what is served: found by requests of every kind, as if the document said all there is to say.

        Held to the baseline, as asbuilt's own runtime is, verify provokes what no row speaks of, too.
        """
        self._clean()
        seen: list[Seen] = []
        self._examined(self._probes, honest, lambda operation, exchange: seen.append((operation, exchange)), own=True)
        known = served(self.component.operations, seen)
        client = Client(self.target.base_url)
        explorer = Explorer(self.component.types, client)
        for each in known.values():
            explorer.explore(each)
        client.close()
        found = {mutant.id: mutant for mutant in mutants(known)}
        yield from found.values()
        if self._schema:
            yield from self._schema.mutants()

    def rehearse(self) -> None:
        """Each probe without a fault: what it sees, and that it refutes nothing. Raises `Refuted`."""
        for probe in self._probes:
            seen: set[tuple[str, Said]] = set()
            self._clean()
            found = self._examined((probe,), honest, partial(_noted, seen))
            refuted = found.standing("refuted")
            if refuted:
                raise Refuted(f"{entry.claim.statement}: {entry.why}" for entry in refuted)
            self._seen[probe.name] = seen

    def refuted(self, mutant: Mutant) -> str:
        """The claim that is refuted where there is the fault; empty where none is."""
        if mutant.fault is None:
            return self._schema.refuted(mutant) if self._schema else ""
        concerned = [probe for probe in self._probes if self._concerns(probe, mutant)]
        if not concerned:
            return ""
        # The probes that found such faults before are likely to find this one.
        concerned.sort(key=lambda probe: -self._catching[mutant.kind, probe.name])
        if mutant.recalls:
            concerned = [endpoints, *(probe for probe in concerned if probe is not endpoints)]
        self._clean()
        alone = None if mutant.deed else mutant.operation
        found = self._examined(
            tuple(concerned),
            _within(mutant, mutant.fault),
            part=lambda probe: self._part(alone) if probe in _ONE_BY_ONE else self.component,
        )
        for entry in found.standing("refuted"):
            self._catching[mutant.kind, entry.probe] += 1
            return entry.claim.statement
        return ""

    def _part(self, operation: str | None) -> Component:
        """The component with one of its operations only; with all where none is named."""
        if operation is None:
            return self.component
        if operation not in self._parts:
            alone = tuple(each for each in self.component.operations if each.name == operation)
            self._parts[operation] = replace(self.component, operations=alone)
        return self._parts[operation]

    def _concerns(self, probe: Probe, mutant: Mutant) -> bool:
        return (mutant.deed or probe is not races) and any(
            mutant.operation in {None, name} and mutant.answer in {None, answer}
            for name, answer in self._seen[probe.name]
        )

    def _examined(
        self,
        probes: tuple[Probe, ...],
        fault: Fault,
        watch: Watch | None = None,
        *,
        own: bool = False,
        part: Callable[[Probe], Component] | None = None,
    ) -> Examination:
        """Only what the document says counts: the target is examined as a stranger's, unless it is said to be `own`."""
        target = Target(self.target.base_url, own=own)

        def connect(url: str) -> Client:
            return Between(url, self._addresses, fault, watch)

        return examine(
            self.component,
            self.ledger,
            target,
            part=part,
            seed=self.seed,
            probes=probes,
            connect=connect,
            until_refuted=not own,
        )

    def _clean(self) -> None:
        if self.target.database:
            empty(self.target.database, self._empty)


def _noted(seen: set[tuple[str, Said]], operation: Operation, exchange: Exchange) -> None:
    if exchange.response:
        seen.add((operation.name, said(exchange.response)))


def _within(mutant: Mutant, fault: Fault) -> Fault:
    """The fault in the operation it is meant for."""

    def found(passing: Passing) -> Exchange:
        return fault(passing) if mutant.operation in {None, passing.operation.name} else honest(passing)

    return found
