"""Runs the probes over a target and gives each claim its standing."""

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath

from asbuilt.component import Component
from asbuilt.ledger import Claim, Ledger
from asbuilt.values import frozen
from asbuilt.verify.client import SPENT, Client, Stopped
from asbuilt.verify.probe import Probe
from asbuilt.verify.probes import PROBES
from asbuilt.verify.relations import Relations
from asbuilt.verify.target import HOW, Target
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import NOTHING, Evidence
from asbuilt.verify.world import World

# Claims that a running system could show to be true or false; the others keep the standing they have.
_PROVABLE = frozenset({"enacted", "unchecked"})


@frozen
class Entry:
    """A claim with its standing after the examination, and what shows it."""

    claim: Claim
    why: str
    evidence: Evidence = NOTHING
    probe: str = ""


@frozen
class Examination:
    """What was found: every claim of the document, in its order. `seconds` is what it took, `requests` how many.

    `left` names the probes that the budget kept from their end, `troubles` says what kept others from it.
    """

    component: Component
    target: Target
    entries: tuple[Entry, ...]
    seconds: float
    requests: int
    seed: int
    left: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()

    def standing(self, *standings: str) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.claim.standing in standings)


def examine(  # noqa: PLR0913 - all but the first three have a default, and are given by name
    component: Component,
    ledger: Ledger,
    target: Target,
    *,
    seed: int = 0,
    budget: float | None = None,
    tell: Callable[[str], None] = lambda _: None,
    probes: tuple[Probe, ...] = PROBES,
    connect: Callable[[str], Client] = Client,
    until_refuted: bool = False,
    part: Callable[[Probe], Component] | None = None,
) -> Examination:
    """Proves what can be proved of a target. With a budget, in seconds, what promises most goes first.

    `until_refuted`: nothing more is tried once a claim is refuted. `connect` makes the client that sends all requests.
    `part` gives the component with those operations that a probe is to look at; rows are made with all there are.
    """
    started = time.monotonic()
    deadline = None if budget is None else started + budget
    client = connect(target.base_url)
    client.deadline = deadline
    world = World(component, client, Relations(component))
    trial = Trial(component, ledger, target, client, world, seed, deadline, tell=tell)
    ordered = probes if budget is None else in_order(probes)
    cut = _cut(trial, ordered, part or (lambda _: component), until_refuted=until_refuted)
    client.close()
    entries = tuple(_entries(trial, probes, cut))
    left = tuple(name for name, why in cut.items() if why == SPENT)
    troubles = tuple(dict.fromkeys(why for why in cut.values() if why != SPENT))
    return Examination(component, target, entries, time.monotonic() - started, client.sent, seed, left, troubles)


def in_order(probes: tuple[Probe, ...]) -> tuple[Probe, ...]:
    """The probes by what they promise for their cost, the most first."""
    return tuple(sorted(probes, key=lambda each: each.cost / each.risk))


def _cut(
    trial: Trial, probes: tuple[Probe, ...], part: Callable[[Probe], Component], *, until_refuted: bool
) -> dict[str, str]:
    """Runs the probes; by the names of those that did not come to their end, what kept them from it."""
    cut: dict[str, str] = {}
    done = False
    for each in probes:
        if trial.over or done:
            cut[each.name] = SPENT
        elif trial.target.lacks(each.needs) is None:
            trial.component = part(each)
            try:
                done = _run(each, trial, until_refuted=until_refuted)
            except Stopped as stopped:
                cut[each.name] = str(stopped)
            except Exception as fault:  # a bug of one probe must not lose what the others find
                cut[each.name] = f"the probe `{each.name}` failed: {_told(fault)}"
            if trial.over:
                cut.setdefault(each.name, SPENT)
    return cut


def _run(each: Probe, trial: Trial, *, until_refuted: bool) -> bool:
    """Whether it was stopped by a refutation."""
    trial.tell(each.name)
    for verdict in each.run(trial):
        trial.docket.enter([replace(verdict, probe=each.name)])
        if until_refuted and verdict.finding == "refuted":
            return True
        if trial.over:
            break
    return False


def _told(fault: Exception) -> str:
    """A fault of this program, in one line that leads to it."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    text = " ".join(str(fault).split())[:200]
    return f"{type(fault).__name__}: {text} ({PurePath(last.filename).name}:{last.lineno})"


def _entries(trial: Trial, probes: tuple[Probe, ...], cut: Mapping[str, str]) -> Iterator[Entry]:
    for claim in trial.ledger.claims:
        found = trial.docket.of(claim)
        if found is not None:
            yield Entry(replace(claim, standing=found.finding, why=found.why), found.why, found.evidence, found.probe)
        elif claim.standing in _PROVABLE:
            why = claim.why or _why_not(claim, probes, trial.target, cut)
            yield Entry(replace(claim, standing="unchecked", why=why), why)
        else:
            yield Entry(claim, claim.why)


def _why_not(claim: Claim, probes: tuple[Probe, ...], target: Target, cut: Mapping[str, str]) -> str:
    """Why nothing was found of a claim."""
    able = [each for each in probes if claim.kind in each.kinds]
    if not able:
        return "no probe can prove this yet"
    reasons = [cut[each.name] for each in able if each.name in cut]
    if reasons:
        return next((why for why in reasons if why != SPENT), SPENT)
    lacking = [need for each in able if (need := target.lacks(each.needs))]
    return HOW[lacking[0]] if len(lacking) == len(able) else "nothing that was tried showed it"
