"""What an answer says of claims, by answers made by hand."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from asbuilt import ledger
from asbuilt.component import Operation
from asbuilt.frontend import load
from asbuilt.ledger import Claim
from asbuilt.sections.api import ErrorRow
from asbuilt.verify.call import Call
from asbuilt.verify.client import Client
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.judge import Judge
from asbuilt.verify.relations import Relations
from asbuilt.verify.target import Target
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Verdict
from asbuilt.verify.world import World

EXAMPLES = Path(__file__).parents[1] / "examples"
URL = "http://127.0.0.1:1"
ID = "5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01"
LIST = {"id": ID, "title": "a", "createdAt": "2026-01-02T03:04:05Z"}
PROBLEM = {"status": 404, "code": "NOT_FOUND", "title": "x"}
Seen = dict[tuple[str, ...], str]


@cache
def judge(name: str = "todo", own: bool = False) -> Judge:
    component = load(EXAMPLES / f"{name}.md").component
    client = Client(URL)
    world = World(component, client, Relations(component))
    return Judge(Trial(component, ledger.read(component), Target(URL, own=own), client, world))


def operation(title: str, of: Judge) -> Operation:
    return next(each for each in of.component.operations if each.endpoint.title == title)


def row(code: str, of: Judge) -> ErrorRow:
    return of.component.error_rows[code]


def exchange(status: int, body: object = None, media: str = "application/json", **headers: str) -> Exchange:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    named = [("content-type", media)] if raw else []
    extra = [(name.lower(), value) for name, value in headers.items()]
    return Exchange(Request("GET", "/x"), Response(status, tuple(named + extra), raw, 0.1))


SILENT = Exchange(Request("GET", "/x"), None, "RemoteDisconnected: closed")


def seen(verdicts: Iterable[Verdict]) -> Seen:
    """The findings by claim."""
    return {(each.claim.kind, *each.claim.names): each.finding for each in verdicts}


def reasons(verdicts: Iterable[Verdict], finding: str = "refuted") -> list[tuple[tuple[str, ...], str]]:
    return [((each.claim.kind, *each.claim.names), each.why) for each in verdicts if each.finding == finding]


def success(title: str, got: Exchange, of: Judge | None = None, **options: Any) -> list[Verdict]:
    known = of or judge()
    return list(known.success(Call(operation(title, known)), got, **options))


# An answer as it is documented


def test_what_an_answer_verifies() -> None:
    found = seen(success("GET /lists/{id}", exchange(200, LIST)))
    assert found == {
        ("answer", "GET /lists/{id}", "200"): "verified",
        ("endpoint", "GET /lists/{id}"): "verified",
        ("member", "List", "id"): "verified",
        ("member", "List", "title"): "verified",
        ("member", "List", "createdAt"): "verified",
        ("schema", "List"): "verified",
    }


def test_an_empty_list_shows_no_member() -> None:
    found = seen(success("GET /lists", exchange(200, [])))
    assert found == {("answer", "GET /lists", "200"): "verified", ("endpoint", "GET /lists"): "verified"}
    assert ("member", "List", "id") in seen(success("GET /lists", exchange(200, [LIST])))


def test_a_status_without_a_body() -> None:
    title = "DELETE /lists/{id}"
    assert seen(success(title, exchange(204)))[("answer", title, "204")] == "verified"
    assert reasons(success(title, exchange(204, {}))) == [(("answer", title, "204"), "the body: 204 has a body")]


def test_a_redirect_and_its_header() -> None:
    known, title = judge("shortener"), "GET /{alias}"
    good = seen(success(title, exchange(302, Location="http://x"), known))
    assert good[("answer header", title, "Location")] == "verified"
    assert good[("answer", title, "302")] == "verified"
    bare = reasons(success(title, exchange(302), known))
    assert bare == [(("answer header", title, "Location"), "`Location` is missing")]


def test_a_page() -> None:
    known, title = judge("shortener"), "GET /"
    good = success(title, exchange(200, b"<!doctype html>", "text/html; charset=utf-8"), known)
    assert seen(good)[("answer", title, "200")] == "verified"
    assert reasons(success(title, exchange(200, {}), known)) == [
        (("answer", title, "200"), "the body: the media type is application/json, not text/html")
    ]


def test_an_algorithm_without_errors_does_what_it_says() -> None:
    known = judge("shortener")
    found = seen(success("GET /", exchange(200, b"<p>", "text/html"), known))
    assert found[("algorithm", "front_page")] == "verified"
    transfer = {"id": ID, "source": ID, "target": ID, "amount": 1, "reference": None, "made_at": "2026-01-02T03:04:05Z"}
    found = seen(success("POST /transfers", exchange(201, transfer), judge("ledger")))
    assert ("algorithm", "transfer") not in found


def test_the_history_is_part_of_the_evidence() -> None:
    before, got = exchange(201, LIST), exchange(200, LIST)
    for verdict in success("GET /lists/{id}", got, history=(before,)):
        assert verdict.evidence.exchanges == (before, got)


# Answers that differ


@pytest.mark.parametrize(
    ("body", "pointer", "members"),
    [
        ({**LIST, "title": 5}, "/title: 5 is no text", ["title"]),
        ({**LIST, "id": "x", "createdAt": None}, "/id: 'x' is no UUID", ["id", "createdAt"]),
        ({"id": ID, "title": "a"}, "/createdAt: `createdAt` is missing", ["createdAt"]),
        ([LIST], "the body: list is no List", []),
        (b"<html>", "the body: it is no JSON", []),
        (b"[" * 5000, "the body: it is no JSON", []),
        (None, "the body: the media type is not given, not application/json", []),
    ],
)
def test_a_body_that_differs_refutes_the_answer_and_its_members(body: object, pointer: str, members: list[str]) -> None:
    found = success("GET /lists/{id}", exchange(200, body))
    assert reasons(found)[0] == (("answer", "GET /lists/{id}", "200"), pointer)
    assert [key[2] for key, _ in reasons(found)[1:]] == members
    assert ("endpoint", "GET /lists/{id}") not in seen(found)


def test_what_is_right_beside_a_fault_is_still_seen() -> None:
    found = seen(success("GET /lists/{id}", exchange(200, {**LIST, "title": 5})))
    assert found[("member", "List", "id")] == "verified"
    assert found[("member", "List", "title")] == "refuted"


def test_members_of_requests_are_not_verified_by_answers() -> None:
    """Of a schema that is a body too, an answer shows only half."""
    assert not any(key[:2] == ("member", "CreateTodo") for key in seen(success("GET /lists", exchange(200, [LIST]))))
    known = judge("orders")
    for schema in known._requested:
        for each in known.component.operations:
            assert ("member", schema) not in {
                key[:2] for key in seen(success(each.endpoint.title, exchange(200, {}), known))
            }


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (200, ("answer", "POST /lists", "201")),
        (202, ("answer", "POST /lists", "201")),
        (307, ("answer", "POST /lists", "201")),
        (418, ("endpoint", "POST /lists")),
        (500, ("endpoint", "POST /lists")),
        (502, ("endpoint", "POST /lists")),
    ],
)
def test_a_status_that_the_document_does_not_know(status: int, key: tuple[str, ...]) -> None:
    found = success("POST /lists", exchange(status, LIST))
    assert seen(found) == {key: "refuted"}
    assert reasons(found)[0][1] == f"answered {status}, which the document does not know"


@pytest.mark.parametrize("status", [304, 404, 409, 429, 503])
def test_a_status_that_may_have_its_reason_says_nothing(status: int) -> None:
    assert success("POST /lists", exchange(status, {})) == []


def test_a_valid_body_that_is_called_invalid_is_a_fault() -> None:
    found = success("POST /lists", exchange(422, PROBLEM))
    assert reasons(found) == [
        (("answer", "POST /lists", "201"), "a valid request is answered 422, not 201"),
    ]


def test_a_refusal_that_an_algorithm_may_have_reason_for_is_none() -> None:
    assert success("POST /transfers", exchange(409, {}), judge("ledger")) == []
    assert success("POST /transfers", exchange(404, {}), judge("ledger")) == []


def test_whoever_is_certain_takes_no_refusal() -> None:
    assert seen(success("POST /transfers", exchange(409, {}), judge("ledger"), certain=True)) == {
        ("answer", "POST /transfers", "201"): "refuted"
    }


def test_no_answer_refutes_the_endpoint() -> None:
    found = success("POST /lists", SILENT)
    assert reasons(found) == [(("endpoint", "POST /lists"), "there was no answer: RemoteDisconnected: closed")]


def test_what_baseline_answers_are_documented() -> None:
    foreign, own = judge(), judge(own=True)
    one = operation("POST /lists", foreign)
    assert {201, 304, 404, 409, 422} <= foreign.documented(one)
    assert not {400, 415, 500} & foreign.documented(one)
    assert {400, 415} <= own.documented(operation("POST /lists", own))


# Errors


def problem(status: int, code: str, **more: object) -> Exchange:
    return exchange(status, {"status": status, "code": code, **more}, "application/problem+json")


def error(
    title: str, got: Exchange, code: str | None, of: Judge | None = None, what: str = "conflict"
) -> list[Verdict]:
    known = of or judge()
    return list(known.error(Call(operation(title, known)), got, row(code, known) if code else None, what))


def test_an_error_as_its_row_says() -> None:
    found = error("POST /lists", problem(409, "LIST_EXISTS"), "LIST_EXISTS")
    assert seen(found) == {
        ("error", "LIST_EXISTS"): "verified",
        ("listed error", "POST /lists", "LIST_EXISTS"): "verified",
    }
    assert {each.why for each in found} == {"conflict: answered 409 as documented"}


@pytest.mark.parametrize(
    ("got", "why"),
    [
        (problem(400, "LIST_EXISTS"), "conflict: answered 400, not 409"),
        (exchange(201, LIST), "conflict: answered 201, not 409"),
        (exchange(500, b"oops", "text/plain"), "conflict: answered 500, not 409"),
        (problem(409, "OTHER"), "conflict: /code: 'OTHER' is not LIST_EXISTS"),
        (exchange(409, {"status": 400}, "application/problem+json"), "conflict: /status: 400 is not 409"),
        (exchange(409, {}), "conflict: the body: the media type is application/json, not application/problem+json"),
        (exchange(409), "conflict: the body: the media type is not given, not application/problem+json"),
        (exchange(409, b"{", "application/problem+json"), "conflict: the body: it is no JSON"),
        (exchange(409, [], "application/problem+json"), "conflict: the body: it is no object"),
    ],
)
def test_an_error_that_differs(got: Exchange, why: str) -> None:
    found = error("POST /lists", got, "LIST_EXISTS")
    assert reasons(found) == [(("error", "LIST_EXISTS"), why)]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"code": "INSUFFICIENT_FUNDS", "balance": 5, "amount": 7}, ""),
        ({"code": "INSUFFICIENT_FUNDS", "balance": 5, "amount": 7, "more": 1}, ""),
        ({"code": "INSUFFICIENT_FUNDS", "balance": 5}, "conflict: /amount: it is missing"),
        ({"code": "INSUFFICIENT_FUNDS", "balance": "5", "amount": 7}, "conflict: /balance: '5' is no whole number"),
        ({"code": "OTHER", "balance": 5, "amount": 7}, "conflict: /code: 'OTHER' is not 'INSUFFICIENT_FUNDS'"),
        ([], "conflict: the body: it is no object"),
    ],
)
def test_a_body_of_the_documents_own_form(body: object, why: str) -> None:
    found = error("POST /transfers", exchange(409, body), "INSUFFICIENT_FUNDS", judge("ledger"))
    assert [reason for _, reason in reasons(found)] == ([why] if why else [])


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_has_no_time_refutes_nothing(status: int) -> None:
    assert error("POST /lists", exchange(status), "LIST_EXISTS") == []
    assert reasons(error("POST /transfers", exchange(429), "TRY_AGAIN", judge("ledger"), "unavailable"))


def test_no_answer_to_what_must_be_refused() -> None:
    assert seen(error("POST /lists", SILENT, "LIST_EXISTS")) == {("endpoint", "POST /lists"): "refuted"}
    assert seen(error("POST /lists", SILENT, None)) == {("endpoint", "POST /lists"): "refuted"}


@pytest.mark.parametrize(
    ("own", "status", "why"),
    [
        (False, 400, ""),
        (False, 415, ""),
        (False, 499, ""),
        (False, 200, "malformed: answered 200, not with a client error"),
        (False, 500, "malformed: answered 500, not with a client error"),
        (True, 400, ""),
        (True, 422, "malformed: answered 422, not 400"),
        (True, 500, "malformed: answered 500, not 400"),
    ],
)
def test_a_refusal_that_no_row_speaks_of(own: bool, status: int, why: str) -> None:
    found = error("POST /lists", exchange(status), None, judge(own=own), "malformed")
    assert [reason for _, reason in reasons(found)] == ([why] if why else [])
    assert len(found) == len(reasons(found))


def test_a_refusal_is_held_against_the_row_of_its_cause() -> None:
    known = judge()
    call = Call(operation("POST /lists", known))
    found = seen(known.refusal(call, problem(422, "INVALID"), "validation", ("title",)))
    assert found[("error", "INVALID")] == "verified"
    found = seen(known.refusal(call, problem(409, "LIST_EXISTS"), "conflict", ("lists_title_key",)))
    assert found[("error", "LIST_EXISTS")] == "verified"


def test_claims_are_those_of_the_ledger() -> None:
    known = judge()
    claims = {claim.id for claim in known.trial.ledger.claims}
    for verdict in success("GET /lists", exchange(200, [LIST])):
        assert isinstance(verdict.claim, Claim)
        assert verdict.claim.id in claims
