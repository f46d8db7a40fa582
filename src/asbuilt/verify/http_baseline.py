"""The HTTP baseline, which asbuilt's own runtime is held to whatever the document says: what every answer bears,
what reads answer to those who have it already, and what in a request is ignored.

Errors of the baseline are for the probe of errors, methods and paths for that of routes.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from asbuilt.component import Operation
from asbuilt.language.types import UNSET, Scalar, Schema
from asbuilt.sections.api import Parameter
from asbuilt.verify.call import Call, body_schema, wire
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.judge import Judge
from asbuilt.verify.probe import probe
from asbuilt.verify.trial import Trial
from asbuilt.verify.values import value_of
from asbuilt.verify.verdict import Evidence, Verdict
from asbuilt.verify.world import Lacking, Prepared, successes

_REQUEST_ID = "examined-0001"
_GUARDS = ("x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy")
_STRONG = re.compile(r'"[^"]+"')
_UNKNOWN = "unheard_of"


@probe("http baseline", "endpoint", "parameter", "error", cost=1, risk=2)
def http_baseline(trial: Trial) -> Iterator[Verdict]:
    """A foreign system is not asked for what its document does not state."""
    if not trial.target.own:
        return
    for operation in trial.component.operations:
        if operation.hole is None:
            trial.tell(f"the baseline of {operation.endpoint.title}")
            try:
                yield from _Asked(trial, operation).verdicts()
            except Lacking:
                continue


class _Asked:
    """One operation."""

    def __init__(self, trial: Trial, operation: Operation) -> None:
        self._trial = trial
        self._operation = operation
        self._title = operation.endpoint.title

    def verdicts(self) -> Iterator[Verdict]:
        prepared = self._trial.world.prepare(self._operation)
        call = prepared.call.with_header("X-Request-Id", _REQUEST_ID)
        exchange = self._trial.client.send(call.request())
        if exchange.response is None:
            return
        yield from self._wrong(_bearing(exchange.response), prepared, exchange)
        yield from self._options(prepared)
        if self._operation.endpoint.method == "GET" and exchange.status == 200:
            yield from self._read(prepared, exchange.response)
        if exchange.status in successes(self._operation):
            yield from self._ignored()
            yield from self._repeated()
            yield from self._null_characters()

    def _wrong(self, faults: Iterator[str], prepared: Prepared, *exchanges: Exchange) -> Iterator[Verdict]:
        for fault in faults:
            evidence = Evidence((*prepared.exchanges, *exchanges))
            yield self._trial.verdict("refuted", fault, evidence, "endpoint", self._title)

    def _options(self, prepared: Prepared) -> Iterator[Verdict]:
        exchange = self._trial.client.send(Request("OPTIONS", prepared.call.request().target))
        allowed = (exchange.response.header("allow") or "") if exchange.response else ""
        if exchange.status != 204 or self._operation.endpoint.method not in allowed.split(", "):
            yield from self._wrong(
                iter([f"OPTIONS is answered {exchange.status} with `Allow: {allowed}`"]), prepared, exchange
            )

    def _read(self, prepared: Prepared, first: Response) -> Iterator[Verdict]:
        """HEAD, and whoever has it already. What differs from moment to moment has no tag to ask with."""
        send, request = self._trial.client.send, prepared.call.request()
        tag = first.header("etag") or ""
        again = send(request)
        if not _STRONG.fullmatch(tag):
            yield from self._wrong(iter([f"a read has no strong ETag: `{tag}`"]), prepared, again)
        elif again.response and again.response.header("etag") == tag:
            head = send(replace(request, method="HEAD"))
            yield from self._wrong(_head(head, again.response), prepared, head)
            known = send(replace(request, headers=(*request.headers, ("If-None-Match", tag))))
            if known.status != 304 or (known.response and known.response.body):
                why = f"`If-None-Match` with its ETag is answered {known.status or known.fault}, not 304 without a body"
                yield from self._wrong(iter([why]), prepared, known)

    def _ignored(self) -> Iterator[Verdict]:
        """A query and a member that nobody knows; a media type that is not told."""
        prepared = self._trial.world.prepare(self._operation)
        call, told = prepared.call.with_query(_UNKNOWN, "1"), "an unknown query"
        body = call.body
        if isinstance(body, dict) and self._schema() is not None:
            call, told = call.with_body({**body, _UNKNOWN: 1}), "an unknown query, or an unknown member"
        request = call.request()
        if request.body is not None:
            headers = tuple(pair for pair in request.headers if pair[0].lower() != "content-type")
            request, told = replace(request, headers=headers), f"{told}, or that no media type is told"
        exchange = self._trial.client.send(request)
        if exchange.status not in successes(self._operation):
            why = f"{told} is not ignored: answered {exchange.status or exchange.fault}"
            yield from self._wrong(iter([why]), prepared, exchange)

    def _repeated(self) -> Iterator[Verdict]:
        """Of a scalar that is given twice, the first one counts."""
        judge = Judge(self._trial)
        for parameter in self._operation.endpoint.parameters_in("query"):
            sample = value_of(parameter.type, self._trial.component.types) if self._is_strict(parameter) else None
            if not isinstance(sample, int):
                continue
            name = parameter.name.text
            prepared = self._trial.world.prepare(self._operation)
            right, wrong = (
                prepared.call.with_query(name, *texts) for texts in ((wire(sample), "x"), ("x", wire(sample)))
            )
            exchange = self._trial.client.send(right.request())
            if exchange.status not in successes(self._operation):
                why = f"`{name}` is given twice, and the first one does not count: answered {exchange.status}"
                evidence = Evidence((*prepared.exchanges, exchange))
                yield self._trial.verdict("refuted", why, evidence, "parameter", self._title, "query", name)
            yield from self._refusal(judge, wrong, name, prepared)

    def _is_strict(self, parameter: Parameter) -> bool:
        type_ = self._trial.component.types.resolve(parameter.type)
        if not isinstance(type_, Scalar) or type_.kind != "int":
            return False
        return type_.constraints.otherwise is UNSET and type_.constraints.clamp is None

    def _null_characters(self) -> Iterator[Verdict]:
        """U+0000 in each text of the body."""
        judge = Judge(self._trial)
        schema = self._schema()
        for member in schema.fields if schema else ():
            type_ = self._trial.component.types.present(member.type)
            if isinstance(type_, Scalar) and type_.kind == "str" and not member.read_only:
                prepared = self._trial.world.prepare(self._operation)
                if isinstance(prepared.call.body, dict):
                    call = prepared.call.with_body({**prepared.call.body, member.name: "a\0b"})
                    yield from self._refusal(judge, call, member.name, prepared)

    def _refusal(self, judge: Judge, call: Call, about: str, prepared: Prepared) -> Iterator[Verdict]:
        exchange = self._trial.client.send(call.request())
        yield from judge.refusal(call, exchange, "validation", (about,), prepared.exchanges)

    def _schema(self) -> Schema | None:
        body = self._operation.endpoint.body
        return body_schema(self._operation, self._trial.component.types) if body and body.medium == "json" else None


def _bearing(response: Response) -> Iterator[str]:
    """What is missing of what every answer bears."""
    if response.header("x-request-id") != _REQUEST_ID:
        yield f"`X-Request-Id` is `{response.header('x-request-id')}`, not the caller's"
    if response.header("server") != "asbuilt":
        yield f"`Server` is `{response.header('server')}`, not `asbuilt`"
    for name in ("date", *_GUARDS):
        if response.header(name) is None:
            yield f"`{name}` is missing"


def _head(head: Exchange, got: Response) -> Iterator[str]:
    response = head.response
    if response is None or response.status != got.status:
        yield f"HEAD is answered {head.status or head.fault}, GET {got.status}"
        return
    if response.body:
        yield "HEAD is answered with a body"
    for name in ("content-type", "content-length", "etag"):
        if response.header(name) != got.header(name):
            yield f"`{name}` of HEAD is `{response.header(name)}`, of GET `{got.header(name)}`"
