"""Routes: methods that the document does not list for a path are not taken there, nor paths that it does not know."""

from collections.abc import Iterator, Mapping, Sequence

from asbuilt.component import Operation
from asbuilt.component.causes import error_row
from asbuilt.sections.api import Endpoint, Literally, Route
from asbuilt.verify.call import NO_BODY, Call
from asbuilt.verify.exchange import Exchange, Request
from asbuilt.verify.judge import Judge
from asbuilt.verify.probe import probe
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Verdict
from asbuilt.verify.world import Lacking

# In the order they are tried, the one that takes the row away last. Others are answered by servers on their own.
_METHODS = ("PATCH", "PUT", "POST", "DELETE")


@probe("routes", "endpoint", "error", cost=1, risk=4)
def routes(trial: Trial) -> Iterator[Verdict]:
    """For each path, the methods that it does not have; and one path that there is not."""
    judge = Judge(trial)
    operations = [operation for operation in trial.component.operations if operation.hole is None]
    yield from _unknown_path(trial, judge, operations)
    if trial.component.api.endpoint_holes:  # what could not be read may list them
        return
    for path, methods in _paths(trial.component.api.endpoints).items():
        here = [operation for operation in operations if operation.endpoint.route.template == path]
        if here:
            trial.tell(f"methods of {path}")
            try:
                yield from _unlisted(trial, judge, here, methods)
            except Lacking:
                continue


def _paths(endpoints: Sequence[Endpoint]) -> Mapping[str, frozenset[str]]:
    """The methods of each path, but of such as another path is like: servers differ in which of them they take."""
    known = {endpoint.route.template: endpoint.route for endpoint in endpoints}
    return {
        path: frozenset(endpoint.method for endpoint in endpoints if endpoint.route.template == path)
        for path, route in known.items()
        if not any(_meet(route, other) for name, other in known.items() if name != path)
    }


def _meet(one: Route, other: Route) -> bool:
    """Whether a path may be of both routes."""
    if len(one.segments) != len(other.segments):
        return False
    pairs = zip(one.segments, other.segments, strict=True)
    return all(not (isinstance(a, Literally) and isinstance(b, Literally)) or a.text == b.text for a, b in pairs)


def _unlisted(trial: Trial, judge: Judge, here: Sequence[Operation], methods: frozenset[str]) -> Iterator[Verdict]:
    row = error_row(trial.component, None, "method")
    prepared = trial.world.prepare(here[0])
    bodies = [trial.world.prepare(each).call.body for each in here if each.endpoint.body]
    body = next((body for body in bodies if isinstance(body, dict)), {})
    # Of a whole collection, what answers them could take rows away that are not ours.
    ours = trial.target.own or trial.target.disposable or here[0].endpoint.parameters_in("path")
    for method in _METHODS:
        if method in methods or not (ours or method == "POST"):
            continue
        exchange = trial.client.send(_request(method, prepared.call, body))
        evidence = (*prepared.exchanges, exchange)
        if row is not None:
            yield from judge.error(
                prepared.call, exchange, row, f"{method}, which the path does not have", evidence[:-1]
            )
        elif trial.target.own:
            yield from _refused(trial, prepared.call, method, methods, evidence)
        elif 200 <= exchange.status < 300:
            why = f"{method} there is not documented, and is answered {exchange.status}"
            yield trial.verdict("refuted", why, Evidence(evidence), "endpoint", prepared.call.title)


def _request(method: str, call: Call, body: object) -> Request:
    sent = call.with_body(body if method != "DELETE" else NO_BODY).request()
    named = dict(sent.headers)
    kept = {"Content-Type": "application/json", **named} if sent.body is not None else named
    return Request(method, sent.target, tuple(kept.items()), sent.body)


def _refused(
    trial: Trial, call: Call, method: str, methods: frozenset[str], evidence: tuple[Exchange, ...]
) -> Iterator[Verdict]:
    """asbuilt's own says 405, and which methods there are."""
    response = evidence[-1].response
    allowed = ", ".join(sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))
    told = (response.header("allow") or "") if response else ""
    if response is None or response.status != 405 or told != allowed:
        got = f"{evidence[-1].status or evidence[-1].fault}{f' with `Allow: {told}`' if told else ''}"
        why = f"{method} there is answered {got}, not 405 with `Allow: {allowed}`"
        yield trial.verdict("refuted", why, Evidence(evidence), "endpoint", call.title)


def _unknown_path(trial: Trial, judge: Judge, operations: Sequence[Operation]) -> Iterator[Verdict]:
    """A path with more segments than any that is documented."""
    row = error_row(trial.component, None, "unknown route")
    if not operations or not (row or trial.target.own):
        return
    longest = max(len(endpoint.route.segments) for endpoint in trial.component.api.endpoints)
    exchange = trial.client.send(Request("GET", "/unheard-of" * (longest + 1), (("Accept", "*/*"),)))
    if row is not None:
        yield from judge.error(Call(operations[0]), exchange, row, "a path that is not there")
    elif exchange.status != 404:
        why = f"a path that is not there is answered {exchange.status or exchange.fault}, not 404"
        yield trial.verdict("refuted", why, Evidence((exchange,)), "endpoint", operations[0].endpoint.title)
