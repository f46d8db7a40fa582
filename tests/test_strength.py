"""The faults that `asbuilt strength` plants, each on exchanges made by hand; and how what was found is told."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from asbuilt.component import Operation
from asbuilt.frontend import load
from asbuilt.postgres.damage import damages
from asbuilt.postgres.inventory import HeldCheck, HeldColumn, HeldIndex, HeldTable, Inventory
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.places import Path as Way
from asbuilt.verify.strength import edits, faults
from asbuilt.verify.strength.addressing import Addresses
from asbuilt.verify.strength.between import Fault, Memory, Passing
from asbuilt.verify.strength.measurement import Outcome, Strength, evenly
from asbuilt.verify.strength.mutants import Mutant, mutants
from asbuilt.verify.strength.report import render_json, render_text
from asbuilt.verify.strength.said import Said, said
from asbuilt.verify.strength.survey import served
from asbuilt.verify.strength.variations import Kind, kinds, sizes

TODO = load(Path(__file__).parents[1] / "examples" / "todo.md").component
OK, GONE, BAD = Said(200), Said(404, "NOT_FOUND"), Said(422, "INVALID")


@cache
def operation(title: str) -> Operation:
    return next(each for each in TODO.operations if each.endpoint.title == title)


def answer(status: int, body: object = None, **headers: str) -> Response:
    media = "application/json" if status < 400 else "application/problem+json"
    sent = b"" if body is None else json.dumps(body).encode()
    return Response(status, (("content-type", media), *headers.items()), sent, 0.0)


class Server:
    """Answers by a function, and keeps what it was asked."""

    def __init__(self, answers: Callable[[Request], Response]) -> None:
        self.asked: list[Request] = []
        self.memory = Memory()
        self._answers = answers

    def pass_(self, fault: Fault, request: Request, title: str = "POST /lists") -> Response:
        def forward(changed: Request) -> Exchange:
            self.asked.append(changed)
            exchange = Exchange(changed, self._answers(changed))
            self.memory.note(operation(title), exchange)
            return exchange

        found = fault(Passing(operation(title), request, forward, self.memory)).response
        assert found is not None
        return found


def post(body: object) -> Request:
    return Request("POST", "/lists", (), json.dumps(body).encode())


def strict(request: Request) -> Response:
    """Accepts a title of 1 to 5 characters."""
    title = json.loads(request.body or b"{}").get("title")
    good = isinstance(title, str) and 1 <= len(title) <= 5
    return answer(201, {"title": title}) if good else answer(422, {"code": "INVALID"})


LIST = {"items": [{"id": 1, "at": "2026-01-02T00:00:00Z", "note": None}, {"id": 2, "note": "b"}], "next": "x"}


@pytest.mark.parametrize(
    ("way", "edit", "changed"),
    [
        (("next",), edits.removed, {"items": LIST["items"]}),
        (("next",), edits.renamed, {"items": LIST["items"], "next_": "x"}),
        (("next",), edits.nulled, {**LIST, "next": None}),
        (("next",), edits.mistyped, {**LIST, "next": ["x"]}),
        (("next",), edits.altered, {**LIST, "next": "x~"}),
        (("items", 0, "id"), edits.altered, {**LIST, "items": [{**LIST["items"][0], "id": 2}, {"id": 3, "note": "b"}]}),  # type: ignore[dict-item]
        (("items", 0, "at"), edits.removed, {**LIST, "items": [{"id": 1, "note": None}, {"id": 2, "note": "b"}]}),
        (("nothing", "there"), edits.removed, LIST),
    ],
)
def test_a_member_of_an_answer(way: Way, edit: edits.Edit, changed: object) -> None:
    fault = faults.answering(OK, faults.with_member(way, edit))
    assert Server(lambda _: answer(200, LIST)).pass_(fault, Request("GET", "/lists")).json() == changed


@pytest.mark.parametrize(
    "value", [True, 3, 2.5, "a", "2026-01-02", "0190f7a0-0000-7000-8000-000000000000", [1], {"a": 1}, None]
)
def test_another_type_is_another(value: object) -> None:
    assert type(edits.of_another_type(value)) is not type(value)
    assert isinstance(value, list | dict | None) or edits.another(value) != value
    assert type(edits.another(value)) is type(value)


def test_only_what_says_the_same_is_changed() -> None:
    fault = faults.answering(GONE, faults.with_status(410))
    assert Server(lambda _: answer(404, {"code": "NOT_FOUND"})).pass_(fault, post({})).status == 410
    assert Server(lambda _: answer(404, {"code": "NO_LIST"})).pass_(fault, post({})).status == 404
    assert Server(lambda _: answer(200, {"code": "NOT_FOUND"})).pass_(fault, post({})).status == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"type": "about:blank", "code": "A"}, "A"),
        ({"error": {"code": "A", "message": "m"}}, "A"),
        ({"error": "A"}, "A"),
        ({"type": "/a", "title": "A"}, "/a"),
        ([1], ""),
        (None, ""),
    ],
)
def test_what_an_error_says(body: object, code: str) -> None:
    assert said(answer(409, body)) == Said(409, code)


@pytest.mark.parametrize(
    ("change", "way", "found"),
    [
        (edits.reversed_, ("items",), [2, 1]),
        (edits.halved, ("items",), [1]),
        (edits.doubled, ("items",), [1, 1, 2, 2]),
        (edits.lengthened, ("items",), [1, 2, 3]),
    ],
)
def test_a_list(change: Callable[[list[object]], list[object]], way: Way, found: list[int]) -> None:
    fault = faults.answering(OK, faults.with_list(way, change))
    got = Server(lambda _: answer(200, LIST)).pass_(fault, Request("GET", "/lists")).json()
    assert [item["id"] for item in got["items"]] == found
    assert got["next"] == "x"


def test_the_rest_of_an_answer() -> None:
    response = answer(201, {"code": "A", "inner": "A"}, etag='"1"')
    assert faults.without_header("etag")(response).header("etag") is None
    assert faults.with_media_type("text/plain")(response).media_type == "text/plain"
    assert faults.with_code("A")(response).json() == {"code": "A_", "inner": "A_"}
    assert faults.empty_object(response).body == b"{}"
    assert faults.with_member(("a",), edits.removed)(replace(response, body=b"no JSON")).body == b"no JSON"


def test_deeds() -> None:
    server = Server(strict)
    assert server.pass_(faults.not_done, post({"title": "a"})).json() == {"title": "a"}
    assert server.pass_(faults.not_done, post({"title": "b"})).json() == {"title": "a"}
    assert len(server.asked) == 1
    assert server.pass_(faults.done_twice, post({"title": "c"})).json() == {"title": "c"}
    assert len(server.asked) == 3
    assert server.pass_(faults.refused, post({"title": "d"})).status == 403
    assert server.pass_(faults.refused, post({"title": ""})).status == 422
    assert server.pass_(faults.accepted(BAD), post({"title": ""})).json() == {"title": "d"}


def test_what_is_on_its_way_keeps_others_from_being_done() -> None:
    server = Server(strict)
    assert server.pass_(faults.not_done_at_once, post({"title": "a"})).json() == {"title": "a"}
    server.memory.enter(operation("POST /lists"))
    assert server.pass_(faults.not_done_at_once, post({"title": "b"})).json() == {"title": "a"}
    server.memory.leave(operation("POST /lists"))
    assert server.pass_(faults.not_done_at_once, post({"title": "b"})).json() == {"title": "b"}


def test_stale_reads() -> None:
    count = iter(range(9))
    server = Server(lambda _: answer(200, next(count)))
    got = [server.pass_(faults.stale, Request("GET", target), "GET /lists").json() for target in ("/a", "/b", "/a")]
    assert got == [0, 1, 0]


def test_what_is_asked() -> None:
    server = Server(lambda _: answer(200, []))
    server.pass_(faults.ignoring_parameter("limit"), Request("GET", "/lists?limit=2&after=a%20b"), "GET /lists")
    server.pass_(faults.ignoring_parameter("limit"), Request("GET", "/lists"), "GET /lists")
    server.pass_(faults.ignoring_member(("done",)), post({"title": "a", "done": True}))
    server.pass_(faults.ignoring_member(("rows", 0, "a")), post({"rows": [{"a": 1, "b": 2}, {"a": 3}]}))
    assert [request.target for request in server.asked[:2]] == ["/lists?after=a+b", "/lists"]
    bodies = [json.loads(request.body or b"") for request in server.asked[2:]]
    assert bodies == [{"title": "a"}, {"rows": [{"b": 2}, {}]}]


def _kind(value: object, name: str) -> Kind:
    return next(kind for kind in kinds(value) if kind.name == name)


@pytest.mark.parametrize(
    ("kind", "body"),
    [("left out", {}), ("null", {"title": None}), ("empty", {"title": ""}), ("of another type", {"title": [1]})],
)
def test_a_value_that_is_not_checked(kind: str, body: object) -> None:
    server = Server(strict)
    fault = faults.accepting_member(("title",), _kind("a", kind).holds)
    assert server.pass_(fault, post(body)).status == 422  # nothing was good before
    server.pass_(fault, post({"title": "good"}))
    assert server.pass_(fault, post(body)).json() == {"title": "good"}
    assert server.pass_(fault, post({"title": "too long"})).status == 422


def test_a_length_that_is_refused() -> None:
    (longer,) = sizes("ab")
    fault = faults.refusing_member(("title",), longer.beyond(3).holds)
    assert Server(strict).pass_(fault, post({"title": "abc"})).status == 201
    assert Server(strict).pass_(fault, post({"title": "abcd"})).status == 403
    assert [len(str(longer.make(size))) for size in longer.sizes] == list(longer.sizes)


@pytest.mark.parametrize(
    ("method", "target", "title"),
    [
        ("GET", "/lists", "GET /lists"),
        ("GET", "/lists/1?x=/todos", "GET /lists/{id}"),
        ("GET", "/lists/1/todos?limit=1", "GET /lists/{list_id}/todos"),
        ("PUT", "/lists", None),
        ("GET", "/lists/1/", None),
        ("GET", "/", None),
    ],
)
def test_whose_request_it_is(method: str, target: str, title: str | None) -> None:
    found = Addresses(TODO.operations).operation(Request(method, target))
    assert (found.endpoint.title if found else None) == title


def _seen() -> list[Mutant]:
    seen = [
        (operation("GET /lists"), Exchange(Request("GET", "/lists"), answer(200, [{"id": 1}, {"id": 2}], server="a"))),
        (
            operation("GET /lists/{id}"),
            Exchange(Request("GET", "/lists/1"), answer(200, {"id": 1}, server="a", etag="b")),
        ),
        (
            operation("GET /lists/{id}"),
            Exchange(Request("GET", "/lists/9"), answer(404, {"code": "X", "a": 1}, server="a")),
        ),
        (
            operation("GET /lists/{id}"),
            Exchange(Request("GET", "/lists/8"), answer(404, {"code": "X", "a": 2}, server="a")),
        ),
    ]
    return list(mutants(served(TODO.operations, seen)))


def test_faults_are_those_of_what_is_served() -> None:
    found = _seen()
    assert len({mutant.id for mutant in found}) == len(found)
    assert [mutant.place for mutant in found if mutant.kind == "header dropped"] == ["GET /lists/{id} 200: etag"]
    assert {mutant.place for mutant in found if mutant.kind == "member removed"} == {
        "GET /lists 200: [].id",
        "GET /lists/{id} 200: id",
        "404 X: code",
        "404 X: a",
    }
    assert {mutant.place for mutant in found if mutant.kind == "list in reverse"} == {"GET /lists 200"}
    assert not any("POST" in mutant.place for mutant in found)


def test_any_first_ones_are_spread_evenly() -> None:
    many = [
        Mutant(s, k, str(n), "") for s, k, size in (("a", "x", 40), ("a", "y", 4), ("b", "x", 4)) for n in range(size)
    ]
    order = evenly(many, 0)
    assert order == evenly(many, 0) != evenly(many, 1)
    assert Counter((m.section, m.kind) for m in order[:24]) == {("a", "x"): 20, ("a", "y"): 2, ("b", "x"): 2}


def test_the_schema_is_damaged_one_thing_at_a_time() -> None:
    index = HeldIndex("k", "p", True, "btree", (), (), None, False, "", True, "")
    columns = (HeldColumn("id", "bigint", not_null=True), HeldColumn('a"b', "text"))
    table = HeldTable("s.t", "s", "r", columns, indexes=(index,), checks=(HeldCheck("c", "", (), True, ""),))
    found = {damage.sql for damage in damages(Inventory((table,), ()))}
    assert 'ALTER TABLE "s"."t" DROP CONSTRAINT "c"' in found
    assert 'ALTER TABLE "s"."t" DROP COLUMN "a""b" CASCADE' in found
    assert 'ALTER TABLE "s"."t" ALTER COLUMN "a""b" SET NOT NULL' in found


def _strength(*outcomes: Outcome) -> Strength:
    return Strength(TODO, outcomes, 1.5, 7)


CAUGHT = Outcome(Mutant("api.schemas", "member null", "GET /lists 200: id", "a schema"), tried=True, by="List.id: UUID")
MISSED = Outcome(Mutant("api.schemas", "member removed", "GET /lists 200: \x1b[m", "a schema"), tried=True)
LEFT = Outcome(Mutant("api.error-responses", "accepted", "GET /lists 404", "a row"), tried=False)


def test_the_text() -> None:
    text = render_text(_strength(LEFT, CAUGHT, MISSED))
    assert "Request/Response Schemas       2       2       1    50%\n" in text
    assert "Error Responses                1       0       0      -\n" in text
    assert text.index("Request/Response") < text.index("Error Responses")
    assert "Request/Response Schemas: 1 not caught\n  member removed (1)\n" in text
    assert "\x1b" not in text
    assert "the budget was spent: 2 of 3 faults were tried" in text
    assert text.endswith("todo.md pins down 50%: 1 of 2 faults are caught, 1.5 s, seed 7")
    assert "budget" not in render_text(_strength(CAUGHT, MISSED))


def test_many_of_a_kind_are_cut() -> None:
    many = [Outcome(replace(MISSED.mutant, place=f"place {n}"), tried=True) for n in range(9)]
    assert "... and 6 more (--all shows them)" in render_text(_strength(*many))
    assert "place 8" in render_text(_strength(*many), every=True)


def test_the_json() -> None:
    told = json.loads(render_json(_strength(CAUGHT, MISSED, LEFT)))
    assert told["summary"] == {"faults": 3, "tried": 2, "caught": 1, "share": 0.5}
    assert [part["section"] for part in told["sections"]] == ["api.schemas", "api.error-responses"]
    assert [fault["outcome"] for fault in told["faults"]] == ["caught", "missed", "left"]
    assert told["sections"][1]["share"] is None
    assert told["faults"][0]["claim"] == "List.id: UUID"
