"""Transactions: the same request, many times at once, does what it does many times one after another.

Where all requests are the same, any order of them is the same order: their statuses, counted, and what is read
afterwards must be what they are when nothing happens at once. No update is lost, nothing is sold twice. Only of equal
DELETEs several may have found the row: each of them asked for the same, and it was done (RFC 9110, section 9.2.2).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from asbuilt.component import Operation
from asbuilt.component.reach import reach_of
from asbuilt.language.names import snake
from asbuilt.ledger import Kind
from asbuilt.postgres.writes import changes_of
from asbuilt.verify.call import Call
from asbuilt.verify.exchange import PUT_OFF, Exchange
from asbuilt.verify.likeness import alike
from asbuilt.verify.probe import probe
from asbuilt.verify.trial import Trial
from asbuilt.verify.values import Size
from asbuilt.verify.verdict import Evidence, Finding, Verdict
from asbuilt.verify.world import Lacking, Prepared

_AT_ONCE = 12
_ROUNDS = 3
_TRIES = 6
# A word such as `paid`: what texts made for a call are not.
_STATE = re.compile(r"(?!sample)[A-Za-z_]{2,20}")


@probe("races", "endpoint", "algorithm", "pattern", cost=6, risk=8)
def races(trial: Trial) -> Iterator[Verdict]:
    """Each operation that changes rows, by a dozen equal requests at once, on rows that hold much and little."""
    for operation in trial.component.operations:
        if operation.hole is None and _changes(trial, operation):
            trial.tell(f"{_AT_ONCE} times {operation.endpoint.title} at once")
            for sizes in (("large", "plain"), ("small", "plain")):
                try:
                    yield from _raced(trial, operation, sizes)
                except Lacking:
                    continue


def _changes(trial: Trial, operation: Operation) -> bool:
    reach = reach_of(trial.component, operation)
    written = [change for pattern in reach.patterns for change in changes_of(pattern.statement)]
    return bool(written or any(derivation.written for derivation in reach.derivations))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often each status came, and what the rows of the call are read as afterwards, keys and moments left out.

    `made` is what the call and its rows were made of.
    """

    made: Any
    statuses: Mapping[int, int]
    rows: tuple[Any, ...]
    exchanges: tuple[Exchange, ...]


def _raced(trial: Trial, operation: Operation, sizes: tuple[Size, ...]) -> Iterator[Verdict]:
    serial = _outcome(trial, operation, sizes, at_once=False)
    again = _outcome(trial, operation, sizes, at_once=False)
    if serial is None or again is None or not _same(serial, again):
        return  # the operation does not repeat itself, so that nothing follows from a difference
    outcome = None
    for _ in range(_ROUNDS):
        outcome = _outcome(trial, operation, sizes, at_once=True)
        if outcome is None or not alike(serial.made, outcome.made):
            return  # the rows could not be made as they were before
        if not _same(serial, outcome, deleting=operation.endpoint.method == "DELETE"):
            why = _difference(serial, outcome)
            yield from _of(trial, operation, "refuted", why, outcome.exchanges)
            return
    if outcome is not None:
        why = f"{_AT_ONCE} at once do what {_AT_ONCE} one after another do"
        yield from _of(trial, operation, "verified", why, outcome.exchanges)


def _outcome(trial: Trial, operation: Operation, sizes: tuple[Size, ...], *, at_once: bool) -> Outcome | None:
    prepared = trial.world.prepare(operation, sizes=sizes)
    requests = [prepared.call.request()] * _AT_ONCE
    exchanges = trial.client.together(requests) if at_once else [trial.client.send(each) for each in requests]
    settled = [_settled(trial, prepared.call, exchange) for exchange in exchanges]
    if any(exchange.response is None or exchange.status in PUT_OFF for exchange in settled):
        return None
    statuses = Counter(exchange.status for exchange in settled)
    rows, reads = _afterwards(trial, operation, prepared)
    made = _plain([prepared.call.body, {name: row.answer for name, row in prepared.rows.items()}])
    return Outcome(made, statuses, rows, (*prepared.exchanges, *settled, *reads))


def _settled(trial: Trial, call: Call, exchange: Exchange) -> Exchange:
    """The answer to a request that is made again while it is put off."""
    for _ in range(_TRIES):
        if exchange.status not in PUT_OFF:
            break
        exchange = trial.client.send(call.request())
    return exchange


def _afterwards(trial: Trial, operation: Operation, prepared: Prepared) -> tuple[tuple[Any, ...], tuple[Exchange, ...]]:
    """What everything that reads the rows of the call answers now."""
    found: list[Any] = []
    exchanges: list[Exchange] = []
    for name, row in prepared.rows.items():
        for reader in trial.component.operations:
            references = trial.world.relations.of(reader)
            tables = {column.table for column in references.path.values()}
            if reader.hole or reader.endpoint.method != "GET" or tables != {name} or reader.name == operation.name:
                continue
            exchange = trial.client.settled(trial.world.prepare(reader, rows={name: row}).call.request())
            exchanges.append(exchange)
            found.append((reader.endpoint.title, exchange.status, _plain(exchange.value())))
    return tuple(found), tuple(exchanges)


def _plain(value: Any) -> Any:
    """The value without what is made anew each time: texts but for words of state, and numbers named `id`."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if not _is_fresh(str(name), inner)}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if not isinstance(value, str) or _STATE.fullmatch(value) else ""


def _is_fresh(name: str, value: object) -> bool:
    return (
        isinstance(value, int) and not isinstance(value, bool) and snake(name).split("_")[-1] in {"id", "number", "no"}
    )


def _same(one: Outcome, other: Outcome, *, deleting: bool = False) -> bool:
    counted = one.statuses == other.statuses or (deleting and _deleted_by_some(one.statuses, other.statuses))
    return counted and alike(list(map(list, one.rows)), list(map(list, other.rows)))


def _deleted_by_some(serial: Mapping[int, int], together: Mapping[int, int]) -> bool:
    """Whether at least as many succeed as one after another, and the others are answered as they are then."""
    succeeded, expected = (sum(found[status] for status in found if status < 300) for found in (together, serial))
    return together.keys() <= serial.keys() and succeeded >= expected


def _difference(serial: Outcome, outcome: Outcome) -> str:
    if serial.statuses != outcome.statuses:
        return f"at once: {_counted(outcome.statuses)}; one after another: {_counted(serial.statuses)}"
    for mine, theirs in zip(serial.rows, outcome.rows, strict=False):
        if not alike(list(mine), list(theirs)):
            place, alone, together = next(_parted(mine[2], theirs[2], ""), ("the status", mine[1], theirs[1]))
            return f"afterwards {mine[0]} answers {place} {together} after requests at once, {alone} after one by one"
    return "what is read afterwards differs"


def _parted(one: Any, other: Any, pointer: str) -> Iterator[tuple[str, object, object]]:
    """The places in two answers that differ, each with both values."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() | other.keys():
            yield from _parted(one.get(name), other.get(name), f"{pointer}/{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _parted(mine, theirs, f"{pointer}/{number}")
    elif isinstance(one, list) and isinstance(other, list):
        yield f"at `{pointer or '/'}`", f"{len(one)} items", f"{len(other)} items"
    elif not alike(one, other):
        yield f"at `{pointer or '/'}`", one, other


def _counted(statuses: Mapping[int, int]) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))


def _of(
    trial: Trial, operation: Operation, finding: Finding, why: str, exchanges: tuple[Exchange, ...]
) -> Iterator[Verdict]:
    """On how the document says it is done, where it says so, else on the endpoint."""
    evidence = Evidence(exchanges)
    names: tuple[tuple[Kind, str], ...] = (("algorithm", operation.name), ("pattern", operation.name))
    known = [(kind, name) for kind, name in names if trial.ledger.find(kind, name)]
    for kind, name in known or [("endpoint", operation.endpoint.title)]:
        yield trial.verdict(finding, why, evidence, kind, name)
