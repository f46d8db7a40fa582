"""One claim on a page: its verdict, and the evidence folded under it.

What is written by `_at` names the member of the report it shows: a page's script compares the two.
"""

from collections.abc import Iterator

from asbuilt.verify.examination import Entry
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.report.interchange import body_text
from asbuilt.verify.report.marks import mark
from asbuilt.verify.report.rendering import coded, safe
from asbuilt.verify.report.showing import again, curl, discreet
from asbuilt.verify.target import Target
from asbuilt.verify.verdict import Evidence


def claim(entry: Entry, target: Target, digest: str) -> str:
    """The claim as HTML; open where it is refuted."""
    known = entry.claim
    return (
        f'<article class="claim {known.standing}" id="claim-{safe(known.id)}" data-claim="{safe(known.id)}"'
        f' data-standing="{known.standing}">'
        f'<p class="said">{mark(known.standing)} {_said("statement", known.statement)}</p>'
        f"{_why(entry)}{_evidence(entry, target, digest) if entry.evidence else ''}</article>"
    )


def _why(entry: Entry) -> str:
    return f'<p class="why">{_said("why", entry.why)}</p>' if entry.why else ""


def _at(path: str, text: str) -> str:
    return f'<span data-at="{path}">{safe(text)}</span>'


def _said(path: str, text: str) -> str:
    return f'<span data-at="{path}">{coded(text)}</span>'


def _evidence(entry: Entry, target: Target, digest: str) -> str:
    evidence = discreet(entry.evidence, target)
    opened = " open" if entry.claim.standing == "refuted" else ""
    return (
        f'<details class="evidence"{opened}><summary>{_summary(evidence)}</summary>'
        f"{''.join(_observed(evidence, target))}"
        f'<p class="digest">sha256 <code>{digest}</code> <span class="compared"></span>{_probe(entry)}</p></details>'
    )


def _probe(entry: Entry) -> str:
    return f' · found by <span data-at="probe">{safe(entry.probe)}</span>' if entry.probe else ""


def _summary(evidence: Evidence) -> str:
    named = {"the plan": evidence.plan, "a measurement": evidence.measured}
    seen = [name for name, text in named.items() if text]
    if evidence.exchanges:
        count = len(evidence.exchanges)
        seen.insert(0, f"{count} exchanges" if count > 1 else "the exchange")
    return f"Evidence: {', '.join(seen)}"


def _observed(evidence: Evidence, target: Target) -> Iterator[str]:
    for number, exchange in enumerate(evidence.exchanges):
        shown = "".join(_exchange(exchange, number, target))
        if number < len(evidence.exchanges) - 1:
            summary = f"{number + 1}. {safe(exchange.request.method)} {safe(exchange.request.target)}"
            came = f"→ {exchange.status}" if exchange.response else "→ no answer"
            yield f'<details class="step"><summary>{summary} {came}</summary>{shown}</details>'
        else:
            yield f'<div class="exchange">{shown}</div>'
    if evidence.measured:
        yield f'<p class="label">Measured</p><pre>{_at("evidence.measured", evidence.measured)}</pre>'
    if evidence.plan:
        yield f'<p class="label">Plan</p><pre>{_at("evidence.plan", evidence.plan)}</pre>'
    if evidence.command:
        yield _again("evidence.command", evidence.command, target)


def _again(path: str, line: str, target: Target) -> str:
    return f'<p class="label">See it {coded(again(target))}</p><pre class="again">{_at(path, line)}</pre>'


def _exchange(exchange: Exchange, number: int, target: Target) -> Iterator[str]:
    path = f"evidence.exchanges.{number}"
    yield f'<p class="label">Request</p>{_request(exchange.request, f"{path}.request")}'
    if exchange.response:
        yield f'<p class="label">Answer <i>{_milliseconds(exchange.response)}</i></p>'
        yield _response(exchange.response, f"{path}.response")
    else:
        yield f'<p class="label">No answer</p><pre>{_at(f"{path}.fault", exchange.fault)}</pre>'
    line = curl(exchange, target)
    if line:
        yield _again(f"{path}.curl", line, target)


def _request(request: Request, path: str) -> str:
    first = f"{_at(f'{path}.method', request.method)} {_at(f'{path}.target', request.target)}"
    body = "" if request.body is None else _body(request.body, f"{path}.body")
    return _message(first, request.headers, body, path)


def _response(response: Response, path: str) -> str:
    first = _at(f"{path}.status", str(response.status))
    return _message(first, response.headers, _body(response.body, f"{path}.body"), path)


def _message(first: str, headers: tuple[tuple[str, str], ...], body: str, path: str) -> str:
    """The first line and the body; the headers are folded but for the media type."""
    lines = "".join(
        f"<div>{_at(f'{path}.headers.{at}.0', name)}: {_at(f'{path}.headers.{at}.1', value)}</div>"
        for at, (name, value) in enumerate(headers)
    )
    media = next((value for name, value in headers if name.lower() == "content-type"), "")
    count = f"{len(headers)} header{'s' * (len(headers) != 1)}"
    folded = f"<details><summary>{safe(' · '.join(filter(None, (media, count))))}</summary>{lines}</details>"
    return f'<div class="message"><b>{first}</b>{folded if headers else ""}{body}</div>'


def _body(body: bytes, path: str) -> str:
    if not body:
        return ""
    text = body_text(body)
    cut = "" if len(text.encode("utf-8", "replace")) >= len(body) else f"\n<i>cut: {len(body):,} bytes in all</i>"
    return f"<pre>{_at(path, text)}{cut}</pre>"


def _milliseconds(response: Response) -> str:
    return f"after {response.seconds * 1000:,.1f} ms"
