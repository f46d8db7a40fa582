"""Bodies of requests: what a schema accepts is accepted, and each constraint that is broken alone is refused."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from asbuilt.component import Operation
from asbuilt.component.causes import causes_of, error_row
from asbuilt.consistency.witness import is_exact
from asbuilt.language.types import Alias, Schema, Type, names_in
from asbuilt.verify.call import Call
from asbuilt.verify.edges import LEFT_OUT, Edge, edges
from asbuilt.verify.exchange import PUT_OFF, Exchange
from asbuilt.verify.judge import Judge
from asbuilt.verify.places import Path, put, without
from asbuilt.verify.probe import probe
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Finding, Verdict
from asbuilt.verify.world import Lacking, Prepared, successes


@dataclass
class _Tally:
    """What was seen of one member: the exchange that shows it best, and what could not be tried."""

    accepted: list[Exchange] = field(default_factory=list)
    refused: list[Exchange] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)


@probe("bodies", "body", "schema", "member", "alias", cost=4, risk=9)
def bodies(trial: Trial) -> Iterator[Verdict]:
    """For each member of each body, the values at the edges of its type, each in a body that is valid otherwise."""
    tallies: defaultdict[tuple[str, str], _Tally] = defaultdict(_Tally)
    for operation in trial.component.operations:
        body = operation.endpoint.body
        if operation.hole is None and body and body.type and body.medium == "json":
            trial.tell(f"the body of {operation.endpoint.title}")
            yield from _Examined(trial, Judge(trial), operation, body.type, tallies).verdicts()
    yield from _summed(trial, tallies)


@dataclass
class _Examined:
    """One operation whose body is examined."""

    trial: Trial
    judge: Judge
    operation: Operation
    type: Type
    tallies: defaultdict[tuple[str, str], _Tally]

    def verdicts(self) -> Iterator[Verdict]:
        try:
            prepared = self.trial.world.prepare(self.operation)
        except Lacking as lacking:
            yield self.trial.unchecked(f"no valid call could be made: {lacking}", "body", self._title)
            return
        yield from self._whole(prepared)
        for edge in edges(self.type, self.trial.component.types):
            if not edge.value.holds:
                yield from self._broken(edge, prepared)
            elif edge.way not in self._references:
                yield from self._held(edge)

    @property
    def _title(self) -> str:
        return self.operation.endpoint.title

    @property
    def _references(self) -> set[Path]:
        """Members that name rows: their values are not free to choose."""
        return set(self.trial.world.relations.of(self.operation).body)

    def _whole(self, prepared: Prepared) -> Iterator[Verdict]:
        """No body at all, and one that is no object."""
        call = prepared.call.with_body([1])
        exchange = self.trial.client.settled(call.request())
        finding: Finding = "refuted" if exchange.status in successes(self.operation) else "verified"
        why = f"a list for a body is {'accepted' if finding == 'refuted' else 'refused'}"
        refused = 400 <= exchange.status < 500 and exchange.status not in PUT_OFF
        if refused or finding == "refuted":
            yield self.trial.verdict(finding, why, Evidence((exchange,)), "body", self._title)
        if finding == "verified":
            yield from self.judge.refusal(call, exchange, "validation", ("body",))

    def _held(self, edge: Edge) -> Iterator[Verdict]:
        """A value that the type accepts: the call may fail for other reasons, but not for this one."""
        tried = list(self._tried(edge))
        if not tried:
            return
        call, exchange, history = tried[-1]
        if exchange.status in successes(self.operation):
            self.tallies[edge.member].accepted.append(exchange)
            yield from self.judge.success(call, exchange, history)
        elif self._is_refusal(exchange, edge) and not self._is_exact(edge):
            # The notation of the schema cannot say all: the implementation may know more.
            self.tallies[edge.member].untold.append(f"{edge.value.label} is refused")
        elif self._is_refusal(exchange, edge):
            why = f"{edge.value.label} is refused, though the schema accepts it"
            yield from self._of(edge, "refuted", why, (*history, exchange))
        else:
            yield from self.judge.success(call, exchange, history)

    def _tried(self, edge: Edge) -> Iterator[tuple[Call, Exchange, tuple[Exchange, ...]]]:
        """Calls with the value, until one succeeds: the first may be like a row that is there already."""
        for _ in range(2):
            try:
                prepared = self.trial.world.prepare(self.operation)
            except Lacking as lacking:
                self.tallies[edge.member].untold.append(str(lacking))
                return
            call = _changed(prepared.call, edge)
            if call is None:
                return
            exchange = self.trial.client.settled(call.request())
            yield call, exchange, prepared.exchanges
            if exchange.status in successes(self.operation):
                return

    def _is_exact(self, edge: Edge) -> bool:
        definition = self.trial.component.types.definition(edge.member[0])
        return not isinstance(definition, Schema) or is_exact(definition, self.trial.component)

    def _is_refusal(self, exchange: Exchange, edge: Edge) -> bool:
        """Whether a status says that the request is not valid, and nothing else."""
        row = error_row(self.trial.component, self.operation, "validation", (edge.member[1],))
        others = {o.status for o in causes_of(self.trial.component, self.operation) if o.cause in _REASONS}
        wanted = {row.status} if row else {400, 422}
        return exchange.status in wanted - others

    def _broken(self, edge: Edge, prepared: Prepared) -> Iterator[Verdict]:
        call = _changed(prepared.call, edge)
        if call is None:
            return
        exchange = self.trial.client.settled(call.request())
        evidence = (*prepared.exchanges, exchange)
        if exchange.status in successes(self.operation):
            yield from self._of(
                edge, "refuted", f"{edge.value.label} is accepted, though the schema refuses it", evidence
            )
        elif exchange.status in PUT_OFF:
            self.tallies[edge.member].untold.append(f"it answered {exchange.status} again and again")
        elif 400 <= exchange.status < 500:
            self.tallies[edge.member].refused.append(exchange)
        elif exchange.response:
            yield from self._of(edge, "refuted", f"{edge.value.label} is answered {exchange.status}", evidence)
        about = ".".join(str(step) for step in edge.way)
        if exchange.status not in successes(self.operation):
            yield from self.judge.refusal(call, exchange, "validation", (about,), prepared.exchanges)

    def _of(self, edge: Edge, finding: Finding, why: str, exchanges: tuple[Exchange, ...]) -> Iterator[Verdict]:
        evidence = Evidence(exchanges)
        schema, member = edge.member
        if self.trial.ledger.find("member", schema, member):
            yield self.trial.verdict(finding, f"`{member}`: {why}", evidence, "member", schema, member)
        else:
            yield self.trial.verdict(finding, f"`{schema}.{member}`: {why}", evidence, "body", self._title)


# Causes for which a valid body may be refused.
_REASONS = frozenset({"conflict", "raised", "listed", "no row", "precondition"})


def _changed(call: Call, edge: Edge) -> Call | None:
    """The call with the edge's value; None where its body has no such place."""
    body = without(call.body, edge.way) if edge.value.value is LEFT_OUT else put(call.body, edge.way, edge.value.value)
    return call.with_body(body) if body != call.body or edge.value.value is not LEFT_OUT else None


def _summed(trial: Trial, tallies: dict[tuple[str, str], _Tally]) -> Iterator[Verdict]:
    """Members of which values were accepted and refused as documented, and the schemas and aliases they make up."""
    types = trial.component.types
    for (schema, name), tally in tallies.items():
        if not trial.ledger.find("member", schema, name):
            continue
        if tally.accepted or tally.refused:
            count = len(tally.accepted)
            why = f"{count} value{'s' * (count != 1)} at its edges accepted, {len(tally.refused)} refused"
            evidence = Evidence((*tally.accepted[:1], *tally.refused[:1]))
            yield trial.verdict("verified", why, evidence, "member", schema, name)
            if trial.ledger.find("schema", schema):
                yield trial.verdict("verified", "bodies of it are accepted and refused", evidence, "schema", schema)
            definition = types.definition(schema)
            members = definition.fields if isinstance(definition, Schema) else ()
            member = next((each for each in members if each.name == name), None)
            for named in names_in(member.type) if member else ():
                if isinstance(types.definition(named.name), Alias) and trial.ledger.find("alias", named.name):
                    yield trial.verdict("verified", f"`{schema}.{name}`: {why}", evidence, "alias", named.name)
        elif tally.untold:
            yield trial.unchecked(tally.untold[0], "member", schema, name)
