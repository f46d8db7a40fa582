"""Witnesses: bodies of which `check` says that they are valid and cannot be stored, sent to see what happens."""

from collections.abc import Iterator

from asbuilt.consistency.witness import Witness, replayable
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.places import at, put
from asbuilt.verify.probe import probe
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Finding, Verdict
from asbuilt.verify.world import Lacking, successes


@probe("witnesses", "member", cost=1, risk=9)
def witnesses(trial: Trial) -> Iterator[Verdict]:
    """Each witness in a call that is valid otherwise: its schema accepts it, so it must be accepted."""
    for witness in replayable(trial.component):
        names = (witness.cell.schema.name, witness.cell.field.name)
        if not trial.ledger.find("member", *names):
            continue
        try:
            exchange, history = _replayed(trial, witness)
        except Lacking as lacking:
            yield trial.unchecked(f"the witness could not be sent: {lacking}", "member", *names)
            continue
        taken = exchange.status in successes(witness.deposit.operation)
        finding: Finding = "verified" if taken else "refuted"
        got = f"answered {exchange.status}" if exchange.response else exchange.fault
        why = f"a body that its schema accepts is {'accepted' if taken else got}"
        yield trial.verdict(finding, why, Evidence((*history, exchange)), "member", *names)


def _replayed(trial: Trial, witness: Witness) -> tuple[Exchange, tuple[Exchange, ...]]:
    """The witness's body, but for the rows it names: those must be there."""
    operation = witness.deposit.operation
    prepared = trial.world.prepare(operation)
    body = witness.body
    for way in trial.world.relations.of(operation).body:
        if way != witness.cell.path:
            body = put(body, way, at(prepared.call.body, way))
    return trial.client.send(prepared.call.with_body(body).request()), prepared.exchanges
