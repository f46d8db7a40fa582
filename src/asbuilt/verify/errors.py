"""Error responses: every row of the error table is provoked over the wire, or listed with the reason why not."""

from collections.abc import Iterator

from asbuilt.component import AlgorithmStep, Cause, Operation
from asbuilt.component.causes import Occurrence, causes_of
from asbuilt.sections.api import ErrorRow
from asbuilt.verify.error_bodies import PROBLEM, error_faults
from asbuilt.verify.exchange import PUT_OFF, Exchange, Response
from asbuilt.verify.judge import Judge
from asbuilt.verify.outages import outages
from asbuilt.verify.probe import probe
from asbuilt.verify.provocation import attempts
from asbuilt.verify.searching import moves
from asbuilt.verify.target import HOW
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Verdict
from asbuilt.verify.world import Lacking, successes

_BEYOND: dict[Cause, str] = {
    "timeout": "needs a database that is slow",
    "internal": "needs a fault in the implementation",
}


@probe("errors", "error", "listed error", cost=4, risk=9)
def errors(trial: Trial) -> Iterator[Verdict]:
    """For each operation, each of its causes that a row answers, by a request that has just that cause."""
    judge = Judge(trial)
    for operation in trial.component.operations:
        if operation.hole is None:
            trial.tell(f"the errors of {operation.endpoint.title}")
            yield from _of_operation(trial, judge, operation)


def _of_operation(trial: Trial, judge: Judge, operation: Operation) -> Iterator[Verdict]:
    raised = []
    for occurrence in causes_of(trial.component, operation):
        row = occurrence.row
        match occurrence.cause:
            case "raised" | "listed":
                raised += [row] if row else []
            case cause if row is not None or trial.target.own:
                yield from _provoked(trial, judge, operation, cause, occurrence)
    if raised:
        yield from _Search(trial, operation, tuple(raised)).verdicts()


def _provoked(
    trial: Trial, judge: Judge, operation: Operation, cause: Cause, occurrence: Occurrence
) -> Iterator[Verdict]:
    row = occurrence.row
    if cause == "unavailable":
        need = trial.target.lacks(outages.needs)
        if row and need:
            yield trial.unchecked(HOW[need], "error", row.code.text)
        return
    if cause in _BEYOND:
        if row:
            yield trial.unchecked(_BEYOND[cause], "error", row.code.text)
        return
    try:
        for attempt in attempts(trial.world, operation, cause, occurrence.about):
            exchange = trial.client.send(attempt.call.request())
            # How much is too large is said by the baseline alone, which only asbuilt is held to.
            sure = attempt.sure and judge.says_all(operation) and (cause != "too large" or trial.target.own)
            if sure or (row and exchange.status == row.status):
                yield from judge.error(attempt.call, exchange, row, cause, attempt.history)
            elif row and cause == "too large":
                yield trial.unchecked("the document does not say how much is too large", "error", row.code.text)
    except Lacking as lacking:
        if row:
            yield trial.unchecked(f"could not be provoked: {lacking}", "error", row.code.text)


class _Search:
    """Looks for requests that make an algorithm raise its errors: by trying what often does."""

    def __init__(self, trial: Trial, operation: Operation, rows: tuple[ErrorRow, ...]) -> None:
        self._trial = trial
        self._operation = operation
        self._wanted = {row.code.text: row for row in rows}
        self._tried = 0

    def verdicts(self) -> Iterator[Verdict]:
        for move in moves(self._trial.world, self._operation):
            if not self._wanted or self._trial.over:
                break
            try:
                for call, history in move():
                    yield from self._seen(self._trial.client.send(call.request()), history)
            except Lacking:
                continue
        for code in self._wanted:
            why = f"none of {self._tried} requests made {self._operation.endpoint.title} answer it"
            yield self._trial.unchecked(why, "error", code)
            if self._trial.ledger.find("listed error", self._operation.endpoint.title, code):
                yield self._trial.unchecked(why, "listed error", self._operation.endpoint.title, code)

    def _whole(self, evidence: Evidence) -> Iterator[Verdict]:
        """An algorithm of which every error was seen does what its text says, as far as answers show it."""
        for step in self._operation.steps:
            if isinstance(step, AlgorithmStep) and not self._wanted:
                name = step.algorithm.name.text
                if self._trial.ledger.find("algorithm", name):
                    yield self._trial.verdict("verified", "each of its errors was seen", evidence, "algorithm", name)

    def _seen(self, exchange: Exchange, history: tuple[Exchange, ...]) -> Iterator[Verdict]:
        """Verdicts on the row that an answer shows, if it shows just one."""
        self._tried += 1
        response = exchange.response
        if response is None or exchange.status in successes(self._operation):
            return
        rows = [row for row in self._trial.component.api.errors if row.status == exchange.status]
        fitting = [row for row in rows if not any(error_faults(self._trial.component.types, row, response))]
        title = self._operation.endpoint.title
        evidence = Evidence((*history, exchange))
        if not rows and exchange.status in PUT_OFF:
            return
        if not rows:
            yield from self._astray(response, evidence)
        elif not fitting:
            yield from self._unfit(rows, response, evidence)
        elif len(fitting) == 1 and fitting[0].code.text in self._wanted:
            code = self._wanted.pop(fitting[0].code.text).code.text
            why = f"{title} answered {exchange.status} as documented"
            yield self._trial.verdict("verified", why, evidence, "error", code)
            if self._trial.ledger.find("listed error", title, code):
                yield self._trial.verdict("verified", "answered as documented", evidence, "listed error", title, code)
            yield from self._whole(evidence)

    def _astray(self, response: Response, evidence: Evidence) -> Iterator[Verdict]:
        """An error of a status that no row has: of the row whose body it has, else of none."""
        types = self._trial.component.types
        shaped = [row for row in self._wanted.values() if row.body is not None]
        meant = [row for row in shaped if not any(error_faults(types, row, response))]
        if len(meant) == 1:
            why = f"answered {response.status}, not {meant[0].status}"
            yield self._trial.verdict("refuted", why, evidence, "error", meant[0].code.text)
        elif response.status not in Judge(self._trial).documented(self._operation):
            why = f"answered {response.status}, which the document does not know"
            yield self._trial.verdict("refuted", why, evidence, "endpoint", self._operation.endpoint.title)

    def _unfit(self, rows: list[ErrorRow], response: Response, evidence: Evidence) -> Iterator[Verdict]:
        """An error whose body is that of no row: of the row that is meant, where only one can be."""
        problem = response.media_type == PROBLEM
        meant = [row for row in rows if (row.body is None) == problem]
        if len(meant) == 1:
            wrong = next(error_faults(self._trial.component.types, meant[0], response))
            yield self._trial.verdict("refuted", str(wrong), evidence, "error", meant[0].code.text)
        else:
            codes = ", ".join(row.code.text for row in rows)
            why = f"the body of the {response.status} is that of none of {codes}"
            yield self._trial.verdict("refuted", why, evidence, "endpoint", self._operation.endpoint.title)
