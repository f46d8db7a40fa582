"""An examination as JSON."""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeAlias

from asbuilt import __version__
from asbuilt.report.interchange import located
from asbuilt.verify.examination import Entry, Examination
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.report.showing import curl, discreet, without_login
from asbuilt.verify.report.sums import STANDINGS, counts, headline, parts
from asbuilt.verify.target import Target
from asbuilt.verify.verdict import Evidence

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_LONGEST_BODY = 10_000
_SURROGATES = re.compile("[\ud800-\udfff]")


def render_json(found: Examination, at: datetime) -> str:
    """A JSON object whose shape is stable: `version` grows when a member changes its meaning or goes.

    - `version` (1), `asbuilt` (its release), `file`, `document` (`sha256` of its text in UTF-8), `examined` (when),
      `target` (`url`, `own`: served by asbuilt; `database`, `disposable`, `start`: whether given; `against`),
      `seed`, `seconds`, `requests`, `left` (the probes that the budget left out), `headline`.
    - `summary`: how many claims are `refuted`, `unchecked`, `verified`, `checked`, `enacted`, `prose`.
    - `sections`: each with `section` (a key of the template), `title`, `summary`.
    - `claims`, in the order of the document, each with `id`, `section`, `kind`, `names`, `statement`, `standing`,
      `why`, `probe`, `range` (as in `asbuilt check --format json`), `evidence`, `digest`.
    - `evidence` is null where nothing was seen, or has `exchanges`, `plan`, `measured`, `command`. An exchange has
      `request` (`method`, `target`, `headers` as pairs, `body`, `bytes`), `response` (null where none came, or
      `status`, `headers`, `body`, `bytes`, `seconds`), `fault` (why none came), `curl` (a line for a shell; empty where
      it would be too long for one). A `body` is text of 10,000 characters at most, null where there is none; `bytes`
      is its whole length.
    - `digest` of a claim is the SHA-256 of its `evidence`, that of the whole of all other members, each written as
      JSON without white space, members in the order they have here, and nothing escaped that need not be. That is
      what JavaScript's `JSON.stringify` writes, and `jq -cj`.
    """
    return json.dumps(report(found, at), indent=2, ensure_ascii=False) + "\n"


def report(found: Examination, at: datetime) -> dict[str, Json]:
    """The same as a value."""
    target, source = found.target, found.component.source
    whole: dict[str, Json] = {
        "version": 1,
        "asbuilt": __version__,
        "file": _clean(str(source.path)),
        "document": {"sha256": hashlib.sha256(source.text.encode("utf-8", "replace")).hexdigest()},
        "examined": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "target": _target(target),
        "seed": found.seed,
        "seconds": _number(found.seconds),
        "requests": found.requests,
        "left": [_clean(name) for name in found.left],
        "troubles": [_clean(trouble) for trouble in found.troubles],
        "headline": headline(found),
        "summary": _summary(found.entries),
        "sections": [
            {"section": part.key, "title": part.title, "summary": _summary(part.entries)}
            for part in parts(found.entries)
        ],
        "claims": [_claim(found, entry) for entry in found.entries],
    }
    return {**whole, "digest": digest(whole)}


def digest(value: Json) -> str:
    """SHA-256 of a value as JSON without white space."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _target(target: Target) -> Json:
    return {
        "url": None if target.own else _clean(without_login(target.base_url)),
        "own": target.own,
        "database": target.database is not None,
        "disposable": target.disposable,
        "start": target.start is not None,
        "against": None if target.reference is None else _clean(without_login(target.reference)),
    }


def _summary(entries: Iterable[Entry]) -> Json:
    known = counts(entries)
    return {standing: known[standing] for standing in STANDINGS}


def _claim(found: Examination, entry: Entry) -> Json:
    claim = entry.claim
    evidence = _evidence(discreet(entry.evidence, found.target), found.target) if entry.evidence else None
    return {
        "id": claim.id,
        "section": claim.section,
        "kind": claim.kind,
        "names": [_clean(name) for name in claim.names],
        "statement": _clean(claim.statement),
        "standing": claim.standing,
        "why": _clean(entry.why),
        "probe": _clean(entry.probe),
        "range": {end: {**place} for end, place in located(found.component.source, claim.span).items()},
        "evidence": evidence,
        "digest": digest(evidence) if evidence else None,
    }


def _evidence(evidence: Evidence, target: Target) -> Json:
    return {
        "exchanges": [_exchange(exchange, target) for exchange in evidence.exchanges],
        "plan": _clean(evidence.plan),
        "measured": _clean(evidence.measured),
        "command": _clean(evidence.command),
    }


def _exchange(exchange: Exchange, target: Target) -> Json:
    return {
        "request": _request(exchange.request),
        "response": _response(exchange.response) if exchange.response else None,
        "fault": _clean(exchange.fault),
        "curl": _clean(curl(exchange, target)),
    }


def _request(request: Request) -> Json:
    return {
        "method": _clean(request.method),
        "target": _clean(request.target),
        "headers": _headers(request.headers),
        "body": None if request.body is None else body_text(request.body),
        "bytes": len(request.body or b""),
    }


def _response(response: Response) -> Json:
    return {
        "status": response.status,
        "headers": _headers(response.headers),
        "body": body_text(response.body),
        "bytes": len(response.body),
        "seconds": _number(response.seconds),
    }


def _headers(headers: Iterable[tuple[str, str]]) -> Json:
    return [[_clean(name), _clean(value)] for name, value in headers]


def body_text(body: bytes) -> str:
    """A body as text, cut."""
    return body[: 4 * _LONGEST_BODY].decode("utf-8", "replace")[:_LONGEST_BODY]


def _clean(text: str) -> str:
    """Text that UTF-8 can hold."""
    return _SURROGATES.sub("\ufffd", text)


def _number(seconds: float) -> int | float:
    """To a tenth of a millisecond: so short, JSON's writers agree on how a number is spelled."""
    rounded = round(seconds, 4)
    return int(rounded) if rounded == int(rounded) else rounded
