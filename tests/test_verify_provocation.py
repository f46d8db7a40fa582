"""Each cause of an error has requests that have just that cause."""

import json
import re
import uuid
from typing import Any

import pytest

from asbuilt.component import Cause
from asbuilt.component.causes import causes_of
from asbuilt.component.error_clauses import ON_DELETE
from asbuilt.verify.call import Call
from asbuilt.verify.errors import errors
from asbuilt.verify.examination import Examination, examine
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.provocation import Attempt, absent, attempts
from asbuilt.verify.relations import Column, Relations
from asbuilt.verify.searching import moves
from asbuilt.verify.target import Target
from asbuilt.verify.world import Lacking, World
from imitation import InMemory, Refused, Todos, todo
from test_verify_relations import example, operation
from test_verify_world import world


def tried(title: str, cause: Cause, *about: str) -> list[Attempt]:
    made, _ = world()
    return list(attempts(made, operation(made.component, title), cause, about))


def todos() -> tuple[World, Todos]:
    stored, component = Todos(), todo()[0]
    return World(component, InMemory(stored), Relations(component)), stored


# No row


def test_a_row_that_is_not_there() -> None:
    (attempt,) = tried("GET /tools/{id}", "no row", "tools")
    known = {json.loads(each.response.body)["id"] for each in attempt.history if each.response}
    assert int(attempt.call.path[0][1]) not in known
    assert attempt.sure
    assert tried("GET /tools/{id}", "no row", "shelves") == []


def test_a_row_that_is_not_there_has_a_key_that_its_type_accepts() -> None:
    (attempt,) = tried("GET /labels/{code}", "no row", "labels")
    assert re.fullmatch("[A-Z]{2}[0-9]{2}", attempt.call.path[0][1])


def test_a_row_that_the_query_names() -> None:
    (attempt,) = tried("GET /loans", "no row", "tools")
    assert int(dict(attempt.call.query)["tool"]) > 1_000_000


@pytest.mark.parametrize(
    ("column", "like", "form"),
    [
        (Column("tools", "id"), 5, r"\d{10,}"),
        (Column("labels", "code"), "AB12", r"[A-Z]{2}77"),
        (Column("labels", "code"), "ab", r"zz"),
        (Column("labels", "code"), "AB", r"ZZ"),
        (Column("labels", "code"), "--", r"absent-\d+|--"),
        (Column("unheard", "code"), "", r"absent-\d+"),
    ],
)
def test_absent_values(column: Column, like: object, form: str) -> None:
    made, _ = world()
    assert re.fullmatch(form, str(absent(made, column, like)))


def test_absent_keys_are_new_each_time() -> None:
    made, _ = todos()
    keys = [absent(made, Column("lists", "id"), "x") for _ in range(20)]
    assert len(set(keys)) == 20
    assert all(uuid.UUID(str(key)) for key in keys)


# Conflicts


def test_a_row_like_another() -> None:
    made, stored = todos()
    one = operation(made.component, "POST /lists")
    (attempt,) = attempts(made, one, "conflict", ("lists_title_key",))
    (known,) = stored.lists.values()
    assert attempt.call.body == {"title": known["title"]}
    assert attempt.sure
    assert attempt.history[0].response is not None
    assert made.client.send(attempt.call.request()).status == 409
    assert list(attempts(made, one, "conflict", ("another_key",))) == []


def test_a_row_like_another_in_a_unique_index() -> None:
    (attempt,) = tried("POST /shelves/{shelf_id}/tools", "conflict", "tools_serial_idx")
    first = next(
        json.loads(each.request.body or b"") for each in attempt.history if each.request.target.endswith("/tools")
    )
    assert isinstance(attempt.call.body, dict)
    assert attempt.call.body["serial"] == first["serial"]
    assert attempt.call.body["name"]


def test_a_row_that_another_points_at() -> None:
    (attempt,) = tried("DELETE /tools/{id}", "conflict", "loans_tool_id_fkey", ON_DELETE)
    loan = next(json.loads(each.request.body or b"") for each in attempt.history if each.request.target == "/loans")
    assert attempt.call.path == (("id", str(loan["tool"])),)
    assert [each.request.method for each in attempt.history].count("POST") >= 3


# Requests that are wrong


def test_a_body_that_names_no_row() -> None:
    (attempt,) = tried("POST /shelves/{shelf_id}/tools", "validation", "tools_label_code_fkey", "labelCode")
    assert isinstance(attempt.call.body, dict)
    labels = [each.request.target.rpartition("/")[2] for each in attempt.history if "/labels/" in each.request.target]
    assert attempt.call.body["labelCode"] not in labels
    assert attempt.sure
    (lent,) = tried("POST /loans", "validation", "loans_tool_id_fkey", "tool")
    assert not lent.sure, "the algorithm may find it before the database does"
    assert tried("POST /loans", "validation", "tool") == []


def test_what_cannot_be_read() -> None:
    (attempt,) = tried("POST /shelves", "malformed")
    body = attempt.call.request().body
    assert body is not None
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(body)


def header(call: Call, name: str) -> list[str]:
    return [value for known, value in call.request().headers if known.lower() == name]


def test_media_types() -> None:
    (attempt,) = tried("POST /shelves", "media type")
    assert header(attempt.call, "content-type") == ["application/x-unheard-of"]
    assert json.loads(attempt.call.request().body or b"")["name"]
    assert tried("GET /tools/{id}", "media type") == []
    (attempt,) = tried("GET /tools/{id}", "not acceptable")
    assert header(attempt.call, "accept") == ["application/x-unheard-of"]


def test_too_much() -> None:
    (attempt,) = tried("POST /shelves", "too large")
    body = attempt.call.request().body
    assert body is not None
    assert 1_048_576 < len(body) < 1_200_000
    assert json.loads(body)["name"], "it is valid otherwise"


def test_another_version() -> None:
    (attempt,) = tried("DELETE /tools/{id}", "precondition")
    assert header(attempt.call, "if-match") == ['"no such version"']


@pytest.mark.parametrize("cause", ["timeout", "unavailable", "internal"])
def test_what_no_request_provokes(cause: Cause) -> None:
    assert tried("POST /shelves", cause, "shelves") == []


def test_a_cause_whose_rows_cannot_be_had_says_so() -> None:
    made, _ = world(lambda _: Response(500, (), b"no", 0.1))
    with pytest.raises(Lacking, match="answered 500"):
        list(attempts(made, operation(made.component, "GET /tools/{id}"), "no row", ("tools",)))


def test_every_attempt_has_its_cause_at_a_system_that_is_right() -> None:
    made, _ = todos()
    answers: dict[str, set[int]] = {}
    for one in made.component.operations:
        for occurrence in causes_of(made.component, one):
            if occurrence.cause in ("no row", "conflict", "malformed"):
                for attempt in attempts(made, one, occurrence.cause, occurrence.about):
                    answers.setdefault(occurrence.cause, set()).add(made.client.send(attempt.call.request()).status)
    assert answers == {"no row": {404}, "conflict": {409}, "malformed": {400}}


# Searching


def lines(title: str, name: str = "ledger") -> list[list[dict[str, Any]]]:
    """The bodies that each move comes to, of an operation whose rows are always made."""
    relations = example(name)
    count = iter(range(10**6))

    def send(request: Request) -> Exchange:
        sent = json.loads(request.body or b"{}")
        made = {**sent, "id": str(uuid.UUID(int=next(count))), "visits": 0, "url": "", "opened_at": ""}
        return Exchange(request, Response(201, (), json.dumps(made).encode(), 0.1))

    made = World(relations.component, InMemory(Todos()), relations)
    made.client.send = send  # type: ignore[method-assign]
    found = []
    for move in moves(made, operation(relations.component, title)):
        try:
            found.append([dict(call.body) if isinstance(call.body, dict) else {} for call, _ in move()])
        except Lacking:
            found.append([])
    return found


def test_moves_that_make_an_algorithm_refuse() -> None:
    found = [body for bodies in lines("POST /transfers") for body in bodies]
    amounts = {body["amount"] for body in found}
    assert 1 in amounts
    assert max(amounts) > 1000
    assert any(body["source"] == body["target"] for body in found), "the same row twice"
    assert any(body["source"] != body["target"] for body in found)
    whole = [json.dumps(body, sort_keys=True) for body in found]
    assert len(set(whole)) < len(whole), "the same once more"


class Strict(Todos):
    """Lists are full after three things."""

    def _answer(self, request: Request) -> tuple[int, Any]:
        if request.method == "POST" and request.target == "/lists" and request.body and b"sample" not in request.body:
            raise Refused(422, "INVALID")
        return super()._answer(request)


def examined(stored: Todos) -> Examination:
    return examine(*todo(), Target("http://imitation"), probes=(errors,), connect=lambda _: InMemory(stored))


def test_every_row_of_the_table_is_provoked() -> None:
    found = examined(Todos())
    rows = {each.claim.names[0]: each.claim.standing for each in found.entries if each.claim.kind == "error"}
    assert rows["NOT_FOUND"] == rows["LIST_EXISTS"] == "verified"
    assert found.standing("refuted") == ()
    listed = {each.claim.names: each.claim.standing for each in found.entries if each.claim.kind == "listed error"}
    assert listed == {("POST /lists", "LIST_EXISTS"): "verified"}


def test_a_row_that_is_answered_otherwise_is_refuted() -> None:
    class Wrong(Todos):
        def answer(self, request: Request) -> Response:
            found = super().answer(request)
            status = {404: 410, 409: 400}.get(found.status, found.status)
            return Response(status, found.headers, found.body, 0.1)

    rows = {
        each.claim.names[0]: each.why for each in examined(Wrong()).standing("refuted") if each.claim.kind == "error"
    }
    assert rows == {
        "NOT_FOUND": "no row: answered 410, not 404",
        "LIST_EXISTS": "conflict: answered 400, not 409",
    }


def test_a_row_that_could_not_be_provoked_says_why() -> None:
    class Down(Todos):
        def answer(self, request: Request) -> Response:
            return Response(503, (), b"later", 0.1)

    found = examined(Down())
    assert found.standing("refuted") == ()
    whys = {each.claim.names[0]: each.why for each in found.entries if each.claim.kind == "error"}
    assert whys["NOT_FOUND"] == "could not be provoked: POST /lists answered 503 later"
