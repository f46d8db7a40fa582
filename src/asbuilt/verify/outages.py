"""Outages: what is answered while the database is out of reach, and that it is answered as before when it is back.

Where the target can be started, it is started on a way to its database that is cut for a moment; else the connections
that it has are broken. Neither leaves anything behind in the database.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from asbuilt.component import Operation
from asbuilt.component.cause import DEFAULT_STATUS
from asbuilt.component.causes import causes_of
from asbuilt.postgres.interruption import interrupt
from asbuilt.postgres.tether import Tether
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.sections.api import ErrorRow
from asbuilt.values import frozen
from asbuilt.verify.call import Call
from asbuilt.verify.client import Client, Stopped
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.judge import Judge
from asbuilt.verify.probe import probe
from asbuilt.verify.settings import DATABASE
from asbuilt.verify.stand import Case, stand_of
from asbuilt.verify.starting import HOST, is_free
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Verdict
from asbuilt.verify.world import Lacking, successes

_PATIENCE = 45.0  # pools wait for a connection, by default up to half a minute
_RECOVERY = 30.0
_LOOK = 0.25
_ROUNDS = 4  # of connections that are broken: each may be mended before it is noticed


@probe("outages", "error", "listed error", needs=("http", "disposable"), cost=8, risk=2)
def outages(trial: Trial) -> Iterator[Verdict]:
    """Calls each operation while the database is gone. To be run last: pools may take a while to recover."""
    affected = tuple(_affected(trial))
    if not affected:
        return
    trial.tell("the database is out of reach")
    outage = _Outage(trial, affected)
    try:  # all is mended before the first verdict is given away
        found = list(outage.cut_off() if trial.target.start else outage.interrupted())
    except DatabaseUnavailable as reason:
        found = list(outage.unseen(f"{reason.message}: {reason.hint}".rstrip(": ")))
    yield from found


def _affected(trial: Trial) -> Iterator[tuple[Operation, ErrorRow | None]]:
    """The operations that need the database, with the row that says so; None stands for asbuilt's baseline."""
    for operation in trial.component.operations:
        if operation.hole is None:
            for occurrence in causes_of(trial.component, operation):
                if occurrence.cause == "unavailable" and (occurrence.row or trial.target.own):
                    yield operation, occurrence.row


@frozen
class _Attempt:
    """A valid call, and what answers it when the database cannot."""

    call: Call
    row: ErrorRow | None

    @property
    def reads(self) -> bool:
        return self.call.operation.endpoint.method == "GET"


@dataclass
class _Outage:
    trial: Trial
    affected: tuple[tuple[Operation, ErrorRow | None], ...]

    def unseen(self, why: str) -> Iterator[Verdict]:
        for code in dict.fromkeys(row.code.text for _, row in self.affected if row):
            yield self.trial.unchecked(why, "error", code)

    def cut_off(self) -> Iterator[Verdict]:
        """On a start of its own, whose way to the database is cut."""
        attempts = self._attempts()
        if not any(each.reads for each in attempts):
            yield from self.unseen("no valid call that reads could be made, which would show when it is over")
            return
        with Tether(self.trial.target.database or "") as tether:
            stand = stand_of(self.trial, **{DATABASE: tether.url})
            with stand.begun([Case({})]) as (seen,):
                if not seen.serves:
                    way = "started on a way to its database that can be cut"
                    yield from self.unseen(f"{way}, it {stand.failure(seen)}")
                    return
                prefix = urlsplit(self.trial.target.base_url).path
                with closing(Client(f"http://{HOST}:{seen.port}{prefix}", _PATIENCE)) as client:
                    client.deadline = self.trial.deadline
                    try:
                        yield from self._while_cut(tether, client, attempts)
                    except Stopped as stopped:
                        yield from self._stopped(str(stopped), ended=is_free(seen.port))

    def _while_cut(self, tether: Tether, client: Client, attempts: list[_Attempt]) -> Iterator[Verdict]:
        reads = [each for each in attempts if each.reads]
        # One after another, so that the connections which then break are few, and others have to be opened.
        before = [client.send(each.call.request()) for each in reads]
        sound = [each for each, exchange in zip(reads, before, strict=True) if _succeeded(each, exchange)]
        if not sound:
            yield from self.unseen("a start of its own does not answer as the target does")
            return
        tried = [*attempts, *sound]
        began = time.monotonic()
        tether.cut()
        during = client.together([each.call.request() for each in tried])
        tether.mend()
        back = time.monotonic()
        # Pools that wait twice as long before each further attempt may have as long to wait as it was gone.
        patience = _RECOVERY + 2 * (back - began)
        last = _recovered(client, sound[0], patience)
        told = f"it answered as before {time.monotonic() - back:.1f} s after the database was back"
        if not _succeeded(sound[0], last):
            yield from self._stuck(sound[0], last, patience)
        yield from self._judged(list(zip(tried, during, strict=True)), "while the database is out of reach", told)

    def _stopped(self, why: str, *, ended: bool) -> Iterator[Verdict]:
        """Nothing is answered any more. One that only waits too long for its database is not refuted by that."""
        rows = dict.fromkeys(row.code.text for _, row in self.affected if row)
        if not ended:
            yield from self.unseen(why)
            return
        for code in rows:
            told = f"without a database it ends: {why}"
            yield self.trial.verdict("refuted", told, Evidence(measured=told), "error", code)

    def _stuck(self, attempt: _Attempt, last: Exchange, patience: float) -> Iterator[Verdict]:
        why = f"the database is back for {patience:.0f} s, and is still taken for gone"
        if attempt.row:
            yield self.trial.verdict("refuted", why, Evidence((last,)), "error", attempt.row.code.text)

    def interrupted(self) -> Iterator[Verdict]:
        """On the target itself, whose connections to the database are broken."""
        given: list[tuple[_Attempt, Exchange]] = []
        broken = 0
        for _ in range(_ROUNDS):
            attempts = self._attempts()
            broken += interrupt(self.trial.target.database or "")
            sent = self.trial.client.together([each.call.request() for each in attempts])
            # What was made or deleted by others meanwhile says nothing.
            given += [pair for pair in zip(attempts, sent, strict=True) if not 0 < pair[1].status < 500]
        self._calm()
        if broken:
            yield from self._judged(given, "as its connections to the database break", f"{broken} connections broken")
        else:
            yield from self.unseen("the login of --database may not break the target's connections to it")

    def _calm(self) -> None:
        """Returns when the target has noticed all connections that are broken, or has had its time to."""
        deadline = time.monotonic() + _RECOVERY / 3
        reads = [each for each in self._attempts() if each.reads] * 4
        while time.monotonic() < deadline:
            sent = self.trial.client.together([each.call.request() for each in reads])
            if all(map(_succeeded, reads, sent)):
                return
            time.sleep(_LOOK)

    def _attempts(self) -> list[_Attempt]:
        found = []
        for operation, row in self.affected:
            try:
                found.append(_Attempt(self.trial.world.prepare(operation).call, row))
            except Lacking:
                continue
        return found

    def _judged(self, given: list[tuple[_Attempt, Exchange]], when: str, told: str) -> Iterator[Verdict]:
        judge, seen = Judge(self.trial), False
        for attempt, exchange in given:
            if _succeeded(attempt, exchange) or exchange.fault.startswith("TimeoutError"):
                continue
            seen = True
            if attempt.row is None or exchange.response is None:
                yield from self._unclaimed(attempt, exchange, when)
                continue
            for verdict in judge.error(attempt.call, exchange, attempt.row, when):
                yield replace(verdict, evidence=replace(verdict.evidence, measured=told))
        if not seen:
            yield from self.unseen("it was answered as ever: no connection of it was lost")

    def _unclaimed(self, attempt: _Attempt, exchange: Exchange, when: str) -> Iterator[Verdict]:
        """No answer at all; or asbuilt's own, where no row speaks of it."""
        title, wanted = attempt.call.title, DEFAULT_STATUS["unavailable"]
        if exchange.response is None and attempt.row:
            why = f"{when}: there was no answer: {exchange.fault}"
            yield self.trial.verdict("refuted", why, Evidence((exchange,)), "error", attempt.row.code.text)
        elif exchange.status != wanted:
            why = f"{when}: answered {exchange.status or exchange.fault}, not {wanted}"
            yield self.trial.verdict("refuted", why, Evidence((exchange,)), "endpoint", title)


def _recovered(client: Client, attempt: _Attempt, patience: float) -> Exchange:
    """The first answer that is as before, or the last one before the patience ended."""
    deadline = time.monotonic() + patience
    while True:
        exchange = client.send(attempt.call.request())
        if _succeeded(attempt, exchange) or time.monotonic() >= deadline:
            return exchange
        time.sleep(_LOOK)


def _succeeded(attempt: _Attempt, exchange: Exchange) -> bool:
    return exchange.status in successes(attempt.call.operation)
