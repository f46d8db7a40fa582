"""A probe proves claims of certain kinds. Each kind of promise has a file of probes; `probes.py` lists them all."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from asbuilt.ledger import Kind
from asbuilt.values import frozen
from asbuilt.verify.target import Need
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Verdict

Run: TypeAlias = Callable[[Trial], Iterator[Verdict]]


@frozen
class Probe:
    """Yields verdicts as it finds them; it may be stopped between any two.

    `kinds` are the kinds of claims it sets out to prove: where it cannot run, those that nothing else proved are
    unchecked, with the need that was lacking as the reason. What its exchanges show of other claims it tells as well.
    `cost` is about how many seconds it takes on a small document, `risk` from 1 to 9 how often its kind of claim is
    broken in practice: with a budget, the riskiest for the least cost go first.
    """

    name: str
    kinds: frozenset[Kind]
    needs: frozenset[Need]
    cost: float
    risk: int
    run: Run


def probe(
    name: str, *kinds: Kind, needs: Iterable[Need] = ("http",), cost: float = 1.0, risk: int = 5
) -> Callable[[Run], Probe]:
    """Makes a generator function from a trial to verdicts a probe."""
    return lambda run: Probe(name, frozenset(kinds), frozenset(needs), cost, risk, run)
