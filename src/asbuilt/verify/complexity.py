"""Complexity: the statements of a call are counted; what `O(...)` promises is held against figures of growing calls.

Counts first, time second: statements, rows and pages are the same on every machine. Only what surely lies above a
promise refutes it; what is too noisy to tell stays unchecked.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from statistics import median
from typing import TypeVar

from asbuilt.component import AlgorithmStep, Component, Operation
from asbuilt.language.types import Constraints
from asbuilt.ledger import Claim
from asbuilt.postgres.counting import Counted, Counter
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.sections.algorithms import Algorithm, Complexity
from asbuilt.values import frozen
from asbuilt.verify.call import Call
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.growth import EXACT, STEPPED, TIMED, growth, judged, read_order
from asbuilt.verify.growth import Verdict as Judgement
from asbuilt.verify.probe import probe
from asbuilt.verify.scaling import lists_of, scaled
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import NOTHING, Evidence, Finding, Verdict
from asbuilt.verify.world import Lacking, successes

_TIMES = 3
_MANY = 6  # items of a list, when a loop over them is to show
_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
_PER = re.compile(r"\s*(?:per|for each|for every|each|every|/)\b", re.IGNORECASE)
_T = TypeVar("_T")


@probe("complexity", "complexity", needs=("http", "database"), cost=6, risk=5)
def complexity(trial: Trial) -> Iterator[Verdict]:
    """Calls the operation that is an algorithm, on its own, with short lists and long ones, and counts."""
    promised = [
        (claim, function, promise)
        for function in trial.component.algorithms.functions
        for promise in function.complexity
        if (claim := trial.ledger.find("complexity", function.name.text, promise.text))
    ]
    if not promised or trial.target.database is None:
        return
    try:
        with Counter(trial.target.database, disposable=trial.target.disposable) as counter:
            for claim, function, promise in promised:
                yield _proved(trial, counter, claim, function, promise)
    except DatabaseUnavailable as reason:
        for claim, _, _ in promised:
            yield Verdict(claim, "unchecked", f"{reason.message}: {reason.hint}".rstrip(": "))


def _proved(trial: Trial, counter: Counter, claim: Claim, function: Algorithm, promise: Complexity) -> Verdict:
    operations = operations_of(trial.component, function)
    if not operations:
        return Verdict(claim, "unchecked", f"no operation is `{function.name.text}` alone")
    try:
        if promise.statements is not None:
            return _statements(trial, counter, claim, operations[0], promise)
        return _order(trial, counter, claim, operations[0], promise)
    except Lacking as lacking:
        return Verdict(claim, "unchecked", f"no call could be made: {lacking}")


def operations_of(component: Component, function: Algorithm) -> list[Operation]:
    """The operations that do nothing but this function."""
    return [
        operation
        for operation in component.operations
        if operation.hole is None
        and len(operation.steps) == 1
        and isinstance(operation.steps[0], AlgorithmStep)
        and operation.steps[0].algorithm.name.text == function.name.text
    ]


@frozen
class Measured:
    """One call, what it ran, and how many seconds it took."""

    exchange: Exchange
    counted: Counted
    seconds: float


def measured(counter: Counter, call: Callable[[], _T]) -> tuple[_T, Counted, float]:
    """What a call gives, and what the database ran meanwhile."""
    counter.begin()
    started = time.perf_counter()
    given = call()
    seconds = time.perf_counter() - started
    return given, counter.counted(), seconds


def _measured(trial: Trial, counter: Counter, operation: Operation, call: Call) -> Measured:
    """Raises `Lacking` where the call does not succeed, or where the figures are not to be seen."""
    exchange, counted, seconds = measured(counter, lambda: trial.client.send(call.request()))
    if exchange.status not in successes(operation):
        raise Lacking(f"{call.title} answered {exchange.response.shown[:200] if exchange.response else exchange.fault}")
    if counted.hidden:
        raise Lacking("the login may not see what others run (`GRANT pg_read_all_stats`)")
    return Measured(exchange, counted, seconds)


def _statements(trial: Trial, counter: Counter, claim: Claim, operation: Operation, promise: Complexity) -> Verdict:
    promised = read_order(promise.statements or "")
    lists = list(lists_of(trial, operation))
    constant = promised is not None and promised(1) == promised(2)
    if promised is None or _PER.match(trial.component.source.text, claim.span.end) or not (constant or len(lists) == 1):
        return Verdict(claim, "unchecked", f"it is not told what `{promise.text}` depends on")
    _measured(trial, counter, operation, trial.world.prepare(operation, "small").call)  # it may open connections
    occasions = list(_occasions(trial, operation, lists))
    groups = {
        each.name: [_measured(trial, counter, operation, each.make()) for _ in range(_TIMES)] for each in occasions
    }
    counts = {
        each.name: (round(promised(each.items)), [one.counted.total for one in groups[each.name]]) for each in occasions
    }
    finding, why, worst = judge_statements(promise.bound or "exactly", counts, len(operation.loads))
    last = groups[worst][-1]
    told = "\n".join(f"{times} x {' '.join(sql.split())}" for sql, times in last.counted.statements.items())
    return Verdict(claim, finding, why, Evidence((last.exchange,), measured=f"{why}\n{told}"))


@frozen
class _Occasion:
    """A way to call an operation, with so many items in its list."""

    name: str
    items: int
    make: Callable[[], Call]


def _occasions(trial: Trial, operation: Operation, lists: Sequence[tuple[str, Constraints]]) -> Iterator[_Occasion]:
    """Calls between which a loop shows."""
    for member, constraints in lists:
        least = max(1, constraints.min_length or 0)
        for items in (least, min(_MANY, int(constraints.max_length or _MANY))):
            make = partial(_scaled, trial, operation, member, items)
            yield _Occasion(f"{items} of `{member}`", items, make)
    if not lists:
        yield _Occasion("a plain call", 1, lambda: trial.world.prepare(operation, "small").call)


def _scaled(trial: Trial, operation: Operation, member: str, items: int) -> Call:
    return scaled(trial, operation, member, items, "small")[1]


def judge_statements(
    bound: str, counts: Mapping[str, tuple[int, Sequence[int]]], loads: int = 0
) -> tuple[Finding, str, str]:
    """What the counts of several calls say of a promise; why; and the occasion that shows it.

    `counts` holds by occasion what is promised, and what was counted. Each of the rows that the path loads may take a
    statement besides. What else runs on the database only adds: to refute, every call of an occasion must lie outside.
    """
    for name, (promised, group) in counts.items():
        if min(group) > promised + loads or (bound == "exactly" and max(group) < promised):
            return "refuted", f"{_told(group)} statements for {name}, promised {bound} {promised}", name
    worst = max(counts, key=lambda name: max(counts[name][1]))
    every = [count for _, group in counts.values() for count in group]
    kept = all(
        count <= promised + loads and (count >= promised or bound != "exactly")
        for promised, group in counts.values()
        for count in group
    )
    if kept:
        return "verified", f"{_told(every)} statements in {len(every)} calls", worst
    return "unchecked", f"the number of statements varies from call to call: {_told(every)}", worst


def _told(counts: Sequence[int]) -> str:
    return str(counts[0]) if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"


def _order(trial: Trial, counter: Counter, claim: Claim, operation: Operation, promise: Complexity) -> Verdict:
    order = read_order(promise.order or "")
    if order is None or promise.text[:1] not in {"O", "Θ"}:
        return Verdict(claim, "unchecked", "only a bound from above in one variable can be measured")
    named = dict(lists_of(trial, operation))
    member = promise.of if promise.of in named else next(iter(named), None) if len(named) == 1 else None
    if member is None or (promise.of and promise.of not in {*named, "n", "items"}):
        return Verdict(claim, "unchecked", f"no list of the body is called `{promise.of or 'n'}`")
    sizes = [n for n in _SIZES if n <= int(named[member].max_length or _SIZES[-1])]
    found = _growing(trial, counter, operation, member, sizes)
    figures = {
        "statements": [(n, float(each.counted.total)) for n, each in found],
        "rows": [(n, float(each.counted.rows)) for n, each in found],
        "pages": [(n, float(each.counted.pages)) for n, each in found],
        # What disturbs a call only makes it slower: the quickest is nearest to what it takes.
        "seconds": [(n, min(each.seconds for m, each in found if m == n)) for n in dict(found)],
    }
    # To send and read a list of n items takes time that grows with n, whatever is done with it.
    judged_by = figures if order(2 * _SIZES[-1]) >= 2 * order(_SIZES[-1]) else {**figures, "seconds": []}
    finding, told = judge_growth(order, judged_by)
    evidence = Evidence((found[-1][1].exchange,), measured=f"{told}\n{_shown(figures)}")
    return Verdict(claim, finding, told, evidence if finding != "unchecked" else NOTHING)


def _growing(
    trial: Trial, counter: Counter, operation: Operation, member: str, sizes: Sequence[int]
) -> list[tuple[int, Measured]]:
    """The figures of calls by the size of a list, in the order of the sizes. Raises `Lacking` where none succeeds.

    All rows are made before, and the calls come in no order: that tables grow meanwhile has nothing to do with n.
    """
    calls: list[tuple[int, Call]] = []
    why = ""
    for n in sizes:
        try:
            tried = [scaled(trial, operation, member, n, "small")[1] for _ in range(_TIMES + 1)]
            _measured(trial, counter, operation, tried[0])
        except Lacking as lacking:
            why = str(lacking)
            break
        calls += [(n, call) for call in tried[1:]]
        if trial.over:
            break
    if not calls:
        raise Lacking(why)
    trial.random("complexity", operation.name, member).shuffle(calls)
    found = [(n, _measured(trial, counter, operation, call)) for n, call in calls]
    return sorted(found, key=lambda pair: pair[0])


def _shown(figures: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """A line for each size, with the medians."""
    lines = []
    for n in sorted({n for n, _ in figures["statements"]}):
        middle = {kind: median(value for size, value in points if size == n) for kind, points in figures.items()}
        counts = ", ".join(f"{middle[kind]:.0f} {kind}" for kind in ("statements", "rows", "pages"))
        lines.append(f"n = {n}: {counts}, {middle['seconds'] * 1000:.1f} ms")
    return "\n".join(lines)


_LEAST = {"statements": EXACT, "rows": EXACT, "pages": STEPPED, "seconds": TIMED}


def judge_growth(
    order: Callable[[float], float], figures: Mapping[str, Sequence[tuple[int, float]]]
) -> tuple[Finding, str]:
    """What figures by their kind say of `O(order)`, and why: what is counted before what is timed."""
    judgements: dict[str, Judgement] = {}
    told = []
    for kind, points in figures.items():
        if not any(value for _, value in points):
            continue
        found = growth([(n, max(value, 0.5)) if kind != "seconds" else (n, value) for n, value in points], _LEAST[kind])
        judgements[kind] = judged(order, found)
        told.append(f"{kind}: {found or 'too few sizes to tell'}")
        if judgements[kind] == "broken":
            return "refuted", told[-1]
    if judgements and all(judgement == "kept" for judgement in judgements.values()):
        return "verified", "; ".join(told)
    return "unchecked", f"too noisy, or too few sizes, to tell: {'; '.join(told)}"
