"""Endpoints: each is there and answers a valid call with a documented status, media type and body."""

from collections.abc import Iterator

from asbuilt.verify.judge import Judge
from asbuilt.verify.probe import probe
from asbuilt.verify.trial import Trial
from asbuilt.verify.values import Size
from asbuilt.verify.verdict import Verdict
from asbuilt.verify.world import Lacking, successes

_SIZES: tuple[Size, ...] = ("small", "plain", "large", "bare")


@probe("room", cost=0.05, risk=9)
def room(trial: Trial) -> Iterator[Verdict]:
    """Proves nothing: it finds values that the rows of earlier examinations have not taken."""
    trial.world.settle()
    yield from ()


@probe("endpoints", "endpoint", "answer", "answer header", "member", cost=1, risk=9)
def endpoints(trial: Trial) -> Iterator[Verdict]:
    """Calls each operation with values of several sizes, until it has answered each size or one was refused."""
    judge = Judge(trial)
    for operation in trial.component.operations:
        if operation.hole is not None:
            continue
        title = operation.endpoint.title
        trial.tell(title)
        for size in _SIZES:
            try:
                prepared = trial.world.prepare(operation, size)
            except Lacking as lacking:
                yield from _not_tried(trial, title, str(lacking), successes(operation))
                continue
            exchange = trial.client.send(prepared.call.request())
            yield from judge.success(prepared.call, exchange, prepared.exchanges)


def _not_tried(trial: Trial, title: str, why: str, statuses: frozenset[int]) -> Iterator[Verdict]:
    yield trial.unchecked(f"no valid call could be made: {why}", "endpoint", title)
    for status in sorted(statuses):
        if trial.ledger.find("answer", title, str(status)):
            yield trial.unchecked(f"no valid call could be made: {why}", "answer", title, str(status))
