"""Examinations made by hand: what probes would have found of a document, without a system to find it of."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from asbuilt import ledger
from asbuilt.frontend import read
from asbuilt.ledger import Claim
from asbuilt.source import Source
from asbuilt.verify.examination import Entry, Examination
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.target import HOW, Target
from asbuilt.verify.verdict import NOTHING, Evidence

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODO = Path(__file__).parents[1] / "examples" / "todo.md"
JSON = (("content-type", "application/json"),)
FOREIGN = Target("http://127.0.0.1:8081")

Judge = Callable[[Claim], Entry]


def exchange(
    method: str, target: str, sent: object = None, status: int = 200, got: object = None, *, seconds: float = 0.0123
) -> Exchange:
    body = None if sent is None else json.dumps(sent).encode()
    request = Request(method, target, JSON if body else (), body)
    return Exchange(request, Response(status, JSON, b"" if got is None else json.dumps(got).encode(), seconds))


def seen(*exchanges: Exchange) -> Evidence:
    return Evidence(exchanges or (exchange("GET", "/lists", got=[]),))


def found(claim: Claim, standing: str, why: str = "", evidence: Evidence = NOTHING, probe: str = "") -> Entry:
    return Entry(replace(claim, standing=standing, why=why), why, evidence, probe)  # type: ignore[arg-type]


def unchecked(claim: Claim, why: str = HOW["database"]) -> Entry:
    return found(claim, "unchecked", why)


def examination(
    text: str, judge: Judge, *, path: str = "todo.md", target: Target = FOREIGN, seconds: float = 3.21
) -> Examination:
    """A document with a verdict on each claim that a running system could show; the others stay as they are."""
    component = read(Source(Path(path), text), referee=False, today=date(2026, 11, 23)).component
    claims = ledger.read(component).claims
    entries = tuple(
        judge(claim) if claim.standing in ("enacted", "unchecked") else Entry(claim, claim.why) for claim in claims
    )
    return Examination(component, target, entries, seconds, 214, 0)


def judged(claim: Claim) -> Entry:
    """Most is right, one endpoint answers 200 for 201, and what needs a database is unchecked."""
    if claim.key == ("answer", ("POST /lists", "201")):
        first = exchange("POST", "/lists", {"title": "a"}, 200, {"id": "0190", "title": "a"})
        return found(claim, "refuted", "it answered 200, which the document does not list", seen(first), "endpoints")
    if claim.key == ("parameter", ("GET /lists/{list_id}/todos", "query", "limit")):
        steps = [exchange("POST", "/lists", {"title": f"list {n}"}, 201, {"id": str(n)}) for n in range(7)]
        steps.append(exchange("GET", "/lists/0190/todos?limit=101", status=200, got={"items": [], "next": None}))
        return found(claim, "refuted", "`limit=101` was accepted, 100 is the most", seen(*steps), "parameters")
    if claim.section.startswith("data."):
        return unchecked(claim)
    if claim.kind == "listed error":
        return unchecked(claim, "nothing that was tried showed it")
    return found(claim, "verified", "answered as documented in 12 cases", seen(), "endpoints")


def todo(judge: Judge = judged, target: Target = FOREIGN) -> Examination:
    return examination(TODO.read_text(), judge, target=target)
