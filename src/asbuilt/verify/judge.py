"""Holds answers against the document: what an exchange says of the claims it touches."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from asbuilt.component import AlgorithmStep, Cause, Component, Operation
from asbuilt.component.causes import DEFAULT_STATUS, causes_of, error_row
from asbuilt.consistency.witness import is_exact
from asbuilt.language.names import Name
from asbuilt.language.types import Named, Type, names_in
from asbuilt.ledger import Claim, Kind
from asbuilt.sections.api import Answer, ErrorRow
from asbuilt.verify.call import Call, body_schema
from asbuilt.verify.conformance import Conformance, Mismatch
from asbuilt.verify.error_bodies import error_faults
from asbuilt.verify.exchange import PUT_OFF, Exchange, Response
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Finding, Verdict
from asbuilt.verify.world import successes


@dataclass(frozen=True)
class Judge:
    """Verdicts on exchanges. `history` are the exchanges that led to one: they are part of its evidence."""

    trial: Trial

    @property
    def component(self) -> Component:
        return self.trial.component

    def success(
        self, call: Call, exchange: Exchange, history: tuple[Exchange, ...] = (), *, certain: bool = False
    ) -> Iterator[Verdict]:
        """Of a valid call. Unless `certain`, an error that an algorithm may have reason for says nothing."""
        response = exchange.response
        if response is None:
            yield from self._broken(call, exchange, history)
        elif exchange.status in successes(call.operation):
            yield from self._answered(call, exchange, response, history)
        elif exchange.status in PUT_OFF:
            return
        elif exchange.status not in self.documented(call.operation):
            yield from self._undocumented(call, exchange, history)
        elif certain or (exchange.status in self.refusals(call.operation) and self.says_all(call.operation)):
            why = f"a valid request is answered {exchange.status}, not {_listed(successes(call.operation))}"
            for status in sorted(successes(call.operation)):
                yield from self._of("refuted", why, (*history, exchange), "answer", call.title, str(status))

    def refusal(
        self,
        call: Call,
        exchange: Exchange,
        cause: Cause,
        about: tuple[str, ...] = (),
        history: tuple[Exchange, ...] = (),
    ) -> Iterator[Verdict]:
        """Of a call that must be refused for a cause: by the row that answers it, else by any client error."""
        row = error_row(self.component, call.operation, cause, about)
        yield from self.error(call, exchange, row, cause, history)

    def error(
        self,
        call: Call,
        exchange: Exchange,
        row: ErrorRow | None,
        what: str,
        history: tuple[Exchange, ...] = (),
    ) -> Iterator[Verdict]:
        """Of a call that must be answered by a row of the error table; None stands for a cause that has no row."""
        response = exchange.response
        if response is None:
            yield from self._broken(call, exchange, history)
        elif exchange.status in PUT_OFF and (row is None or row.status not in PUT_OFF):
            return
        elif row is None:
            yield from self._unclaimed(call, exchange, what, history)
        elif exchange.status != row.status:
            why = f"{what}: answered {exchange.status}, not {row.status}"
            yield from self._of("refuted", why, (*history, exchange), "error", row.code.text)
        else:
            wrong = next(error_faults(self.component.types, row, response), None)
            shown = f"{what}: answered {row.status} as documented"
            finding: Finding = "refuted" if wrong else "verified"
            why = f"{what}: {wrong}" if wrong else shown
            yield from self._of(finding, why, (*history, exchange), "error", row.code.text)
            if not wrong:
                yield from self._of("verified", shown, (*history, exchange), "listed error", call.title, row.code.text)
                yield from self._members(row, response, (*history, exchange))

    def _members(self, row: ErrorRow, response: Response, evidence: tuple[Exchange, ...]) -> Iterator[Verdict]:
        """The members of a schema that the body of an error showed."""
        if isinstance(row.body, Name):
            conformance = Conformance(self.component.types)
            for _ in conformance.mismatches(response.json(), Named(row.body.text, row.body.span)):
                return
            yield from self._shown(conformance, evidence)

    def _shown(self, conformance: Conformance, evidence: tuple[Exchange, ...]) -> Iterator[Verdict]:
        for schema, member in sorted(conformance.seen):
            if schema not in self._requested:
                yield from self._of("verified", "answered as documented", evidence, "member", schema, member)
                yield from self._of("verified", "answered as documented", evidence, "schema", schema)

    def documented(self, operation: Operation) -> frozenset[int]:
        """Every status that an operation may answer with."""
        known = {
            occurrence.status for occurrence in causes_of(self.component, operation) if self._counts(occurrence.row)
        }
        known |= {row.status for row in self.component.api.errors}
        known |= set(successes(operation)) | {304}
        return frozenset(known)

    def answer(self, operation: Operation, status: int) -> Answer | None:
        return next((each for each in operation.endpoint.answers if each.status == status), None)

    def _answered(
        self, call: Call, exchange: Exchange, response: Response, history: tuple[Exchange, ...]
    ) -> Iterator[Verdict]:
        answer = self.answer(call.operation, response.status)
        if answer is None:
            yield from self._undocumented(call, exchange, history)
            return
        conformance = Conformance(self.component.types)
        evidence = (*history, exchange)
        faults = list(self._answer_faults(answer, response, conformance))
        status = str(answer.status)
        if faults:
            yield from self._of("refuted", str(faults[0]), evidence, "answer", call.title, status)
            for fault in faults:
                if fault.member:
                    yield from self._of("refuted", str(fault), evidence, "member", *fault.member)
        else:
            yield from self._of("verified", f"answered {status} as documented", evidence, "answer", call.title, status)
            yield from self._of("verified", f"answered {status}", evidence, "endpoint", call.title)
            for step in call.operation.steps:
                if isinstance(step, AlgorithmStep) and not step.algorithm.raises:
                    name = step.algorithm.name.text
                    yield from self._of("verified", f"answered {status} as documented", evidence, "algorithm", name)
        yield from self._shown(conformance, evidence)
        yield from self._headers(call, response, evidence)

    def says_all(self, operation: Operation) -> bool:
        """Whether the body's schema is in a notation that can say all that is demanded of a body."""
        schema = body_schema(operation, self.component.types)
        return schema is None or is_exact(schema, self.component)

    def _headers(self, call: Call, response: Response, evidence: tuple[Exchange, ...]) -> Iterator[Verdict]:
        for header in call.operation.endpoint.answer_headers:
            name = header.name.text
            value = response.header(name)
            found: Finding = "refuted" if value is None else "verified"
            why = f"`{name}` is missing" if value is None else f"`{name}: {value}`"
            yield from self._of(found, why, evidence, "answer header", call.title, name)

    def _answer_faults(self, answer: Answer, response: Response, conformance: Conformance) -> Iterator[Mismatch]:
        if answer.status == 204 or (answer.type is None and answer.media_type == "application/json"):
            if answer.status == 204 and response.body:
                yield Mismatch("", "204 has a body")
            return
        if response.media_type != answer.media_type.partition(";")[0].strip().lower():
            yield Mismatch("", f"the media type is {response.media_type or 'not given'}, not {answer.media_type}")
        elif answer.type is not None and response.media_type.endswith("json"):
            try:
                value = response.json()
            except ValueError:
                yield Mismatch("", "it is no JSON")
                return
            yield from conformance.mismatches(value, answer.type)

    def _unclaimed(self, call: Call, exchange: Exchange, what: str, history: tuple[Exchange, ...]) -> Iterator[Verdict]:
        """A refusal that no row speaks of: any client error will do; asbuilt's own is held to the baseline."""
        wanted = DEFAULT_STATUS.get(what) if self.trial.target.own else None  # type: ignore[call-overload]
        if not 400 <= exchange.status < 500 or (wanted is not None and exchange.status != wanted):
            why = f"{what}: answered {exchange.status}, not {wanted or 'with a client error'}"
            yield from self._of("refuted", why, (*history, exchange), "endpoint", call.title)

    def _undocumented(self, call: Call, exchange: Exchange, history: tuple[Exchange, ...]) -> Iterator[Verdict]:
        """Another success than the only one there should be refutes that one; anything else the endpoint."""
        why = f"answered {exchange.status}, which the document does not know"
        only = successes(call.operation) if 200 <= exchange.status < 400 else frozenset()
        if len(only) == 1:
            yield from self._of("refuted", why, (*history, exchange), "answer", call.title, str(min(only)))
        else:
            yield from self._of("refuted", why, (*history, exchange), "endpoint", call.title)

    def _broken(self, call: Call, exchange: Exchange, history: tuple[Exchange, ...]) -> Iterator[Verdict]:
        why = f"there was no answer: {exchange.fault}"
        yield from self._of("refuted", why, (*history, exchange), "endpoint", call.title)

    def _counts(self, row: ErrorRow | None) -> bool:
        """Whether a cause's status is documented: by its row, or by the baseline that asbuilt is held to."""
        return row is not None or self.trial.target.own

    def refusals(self, operation: Operation) -> frozenset[int]:
        """The statuses that only say of a request that it is no valid one."""
        occurrences = causes_of(self.component, operation)
        invalid = {o.status for o in occurrences if o.cause in {"validation", "malformed", "media type", "too large"}}
        others = {
            o.status for o in occurrences if o.cause in {"conflict", "no row", "raised", "listed", "precondition"}
        }
        return frozenset(invalid - others)

    def _of(
        self, finding: Finding, why: str, exchanges: tuple[Exchange, ...], kind: Kind, *names: str
    ) -> Iterator[Verdict]:
        claim: Claim | None = self.trial.ledger.find(kind, *names)
        if claim is not None:
            yield Verdict(claim, finding, why, Evidence(exchanges))

    @cached_property
    def _requested(self) -> frozenset[str]:
        """The schemas of request bodies: of their members, an answer shows only half."""
        found: set[str] = set()
        bodies = [o.endpoint.body.type for o in self.component.operations if o.endpoint.body and o.endpoint.body.type]
        ahead: list[Type] = list(bodies)
        while ahead:
            for named in names_in(ahead.pop()):
                if named.name not in found:
                    found.add(named.name)
                    schema = self.component.types.schema(named)
                    ahead += [member.type for member in schema.fields] if schema else []
        return frozenset(found)


def _listed(statuses: frozenset[int]) -> str:
    return " or ".join(map(str, sorted(statuses)))
