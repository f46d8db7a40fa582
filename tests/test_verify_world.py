"""Rows are made through the document's own operations, those that others need first, each call with its own."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from asbuilt.verify.client import Client
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.places import at, put
from asbuilt.verify.relations import Relations
from asbuilt.verify.world import Lacking, Row, World, successes
from imitation import InMemory, Todos, todo
from test_verify_relations import example, operation, workshop

Answer = Callable[[Request], Response]


class Stub(Client):
    """Answers what a function says, and keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("http://stub")
        self.answer = answer
        self.requests: list[Request] = []

    def send(self, request: Request) -> Exchange:
        self.requests.append(request)
        return Exchange(request, self.answer(request))

    @property
    def lines(self) -> list[str]:
        return [f"{request.method} {request.target}" for request in self.requests]


class Shop:
    """Makes whatever it is asked for, with a key of its own, but for what a test wants otherwise."""

    def __init__(self, **statuses: int) -> None:
        self.count = 0
        self.statuses = statuses
        self.shown: Callable[[dict[str, Any]], object] = lambda row: row

    def __call__(self, request: Request) -> Response:
        self.count += 1
        body = json.loads(request.body or b"{}")
        last = request.target.rpartition("/")[2]
        status = self.statuses.get(last, 200 if request.method == "PUT" else 201)
        row = {"id": self.count, **body, "code": last}
        told = json.dumps(self.shown(row)).encode()
        return Response(status, (("content-type", "application/json"),), told, 0.001)


def world(answer: Answer | None = None, **options: Any) -> tuple[World, Stub]:
    client = Stub(answer or Shop())
    return World(workshop().component, client, workshop(), **options), client


def prepare(one: World, title: str, *arguments: Any, **named: Any) -> Any:
    return one.prepare(operation(one.component, title), *arguments, **named)


def test_a_call_that_needs_nothing_makes_nothing() -> None:
    made, client = world()
    prepared = prepare(made, "POST /shelves")
    assert client.requests == []
    assert prepared.exchanges == ()
    assert re.fullmatch("[a-z ]+", prepared.call.body["name"])


def test_rows_are_made_from_the_top() -> None:
    made, client = world()
    prepared = prepare(made, "GET /tools/{id}")
    assert [line.partition(" ")[0] for line in client.lines] == ["POST", "PUT", "POST"]
    assert client.lines[0] == "POST /shelves"
    assert client.lines[2] == "POST /shelves/1/tools"
    assert prepared.call.request().target == "/tools/3"
    assert [exchange.request for exchange in prepared.exchanges] == client.requests
    tool = prepared.rows["tools"]
    assert tool.parents["shelves"].value("id") == 1
    label = client.lines[1].rpartition("/")[2]
    assert json.loads(client.requests[2].body or b"")["labelCode"] == label
    assert re.fullmatch("[A-Z]{2}[0-9]{2}", label)


def test_each_call_has_rows_of_its_own() -> None:
    made, client = world()
    targets = {prepare(made, "GET /tools/{id}").call.request().target for _ in range(3)}
    assert len(targets) == 3
    names = [json.loads(each.body or b"")["name"] for each in client.requests if each.target == "/shelves"]
    assert len(set(names)) == 3


def test_rows_at_hand_are_used() -> None:
    made, client = world()
    shelf = made.row("shelves")
    client.requests.clear()
    prepared = prepare(made, "POST /shelves/{shelf_id}/tools", rows={"shelves": shelf})
    assert "POST /shelves" not in client.lines
    assert prepared.call.path == (("shelf_id", "1"),)


def test_two_members_that_name_rows_of_one_table_name_two() -> None:
    ledger = example("ledger").component
    count = iter(range(100))

    def account(request: Request) -> Response:
        row = {**json.loads(request.body or b"{}"), "id": f"00000000-0000-4000-8000-{next(count):012}", "openedAt": ""}
        return Response(201, (), json.dumps(row).encode(), 0.001)

    client = Stub(account)
    body = prepare(World(ledger, client, Relations(ledger)), "POST /transfers").call.body
    assert client.lines == ["POST /accounts"] * 2
    assert body["source"] != body["target"]
    names = [json.loads(each.body or b"")["name"] for each in client.requests]
    assert len(set(names)) == 2


def test_a_member_whose_row_cannot_be_had_is_left_out_where_it_may_be() -> None:
    def no_labels(request: Request) -> Response:
        return Response(500, (), b"no", 0.1) if request.method == "PUT" else Shop()(request)

    made, _ = world(no_labels)
    body = prepare(made, "POST /shelves/{shelf_id}/tools").call.body
    assert "labelCode" not in body
    assert body["serial"]


def test_a_row_is_tried_in_several_sizes() -> None:
    bodies: list[dict[str, Any]] = []

    def only_bare(request: Request) -> Response:
        bodies.append(json.loads(request.body or b"{}"))
        bare = request.target != "/loans" or "tags" not in bodies[-1]
        return Shop()(request) if bare else Response(422, (), b"too much", 0.1)

    made, _ = world(only_bare)
    row = made.row("loans")
    assert "tags" not in bodies[-1]
    assert row.table == "loans"
    with pytest.raises(Lacking, match="POST /loans answered 422 too much"):
        made.row("loans", size="plain")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Response(500, (), b"oops", 0.1), "POST /shelves answered 500 oops"),
        (Response(200, (), b"{}", 0.1), "POST /shelves answered 200 {}"),
        (Response(201, (), b"<html>", 0.1), "POST /shelves did not answer with JSON"),
        (Response(201, (), b"[]", 0.1), "does not answer with `id`"),
        (Response(201, (), b"", 0.1), "does not answer with `id`"),
        (Response(201, (), b'{"ident": 1}', 0.1), "does not answer with `id`"),
        (Response(201, (), b'{"id": {"a": 1}}', 0.1), "does not answer with `id`"),
    ],
)
def test_why_there_is_no_row(answer: Response, why: str) -> None:
    made, _ = world(lambda request: answer)
    with pytest.raises(Lacking, match=re.escape(why)):
        prepare(made, "POST /shelves/{shelf_id}/tools")


def test_a_table_that_nobody_fills() -> None:
    made, _ = world()
    with pytest.raises(Lacking, match="no operation makes a row of `audit` and answers with its key"):
        made.row("audit")
    seeded = Row("audit", prepare(made, "POST /shelves").call, {"id": 5}, ())
    sown, _ = world(seed=lambda table, _: seeded if table == "audit" else None)
    assert sown.row("audit") is seeded


def test_the_value_of_a_column_is_found_in_envelopes_and_in_the_call() -> None:
    made, _ = world()
    call = prepare(made, "PUT /labels/{code}").call
    assert Row("labels", call, {"data": {"Code": "x"}}, ()).value("code") == "x"
    assert Row("labels", call, {"shelfId": 5}, ()).value("shelf_id") == 5
    assert Row("labels", call, None, ()).value("code") == dict(call.path)["code"]
    assert Row("labels", call, None, ()).value("colour") == call.body["colour"]
    with pytest.raises(Lacking):
        Row("labels", call, {"a": {"b": {"c": {"d": {"id": 1}}}}}, ()).value("id")


def test_the_free_part_of_a_path_is_new_each_time_and_of_its_pattern() -> None:
    made, _ = world()
    codes = [prepare(made, "PUT /labels/{code}").call.path[0][1] for _ in range(50)]
    assert len(set(codes)) == 50
    assert all(re.fullmatch("[A-Z]{2}[0-9]{2}", code) for code in codes)


def test_required_parameters_of_the_query_are_given() -> None:
    made, _ = world()
    assert prepare(made, "GET /loans").call.query == (("tool", "3"),)


def test_varied_rows_have_no_text_in_common() -> None:
    made, client = world()
    for _ in range(5):
        prepare(made, "GET /tools/{id}", varied=True)
    tools = [json.loads(each.body or b"") for each in client.requests if each.target.endswith("/tools")]
    assert len({each["name"] for each in tools}) == 5


def test_numbers_are_given_out_once() -> None:
    made, _ = world()
    assert len({made.next() for _ in range(100)}) == 100


def test_a_target_whose_rows_are_real() -> None:
    todos = Todos()
    component = todo()[0]
    made = World(component, InMemory(todos), Relations(component))
    prepared = prepare(made, "PUT /todos/{id}")
    assert dict(prepared.call.path)["id"] in todos.todos
    assert prepared.rows["todos"].parents["lists"].value("id") in todos.lists
    assert made.client.send(prepared.call.request()).status == 200


# Places in bodies


@pytest.mark.parametrize(
    ("body", "way", "value", "changed"),
    [
        ({"a": 1}, ("a",), 2, {"a": 2}),
        ({"a": 1}, ("b",), 2, {"a": 1, "b": 2}),
        ({"a": {"b": 1}}, ("a", "b"), 2, {"a": {"b": 2}}),
        ({"a": [{"b": 1}, {"b": 2}]}, ("a", 0, "b"), 3, {"a": [{"b": 3}, {"b": 3}]}),
        ([{"b": 1}], (0, "b"), 3, [{"b": 3}]),
        ({"a": [1, 2]}, ("a", 0), 3, {"a": [3, 3]}),
        ({"a": []}, ("a", 0, "b"), 3, {"a": []}),
        (5, ("a",), 3, 3),
        ({"a": 1}, (), 2, 2),
    ],
)
def test_put(body: object, way: tuple[str | int, ...], value: object, changed: object) -> None:
    before = json.dumps(body)
    assert put(body, way, value) == changed
    assert json.dumps(body) == before


@pytest.mark.parametrize(
    ("body", "way", "value"),
    [
        ({"a": 1}, ("a",), 1),
        ({"a": [{"b": 1}]}, ("a", 0, "b"), 1),
        ({"a": []}, ("a", 0), None),
        ({"a": 1}, ("b",), None),
        ({}, (), {}),
    ],
)
def test_at(body: object, way: tuple[str | int, ...], value: object) -> None:
    assert at(body, way) == value


def test_statuses_of_success() -> None:
    component = workshop().component
    assert successes(operation(component, "POST /shelves")) == {201}
    assert successes(operation(component, "DELETE /tools/{id}")) == {204}
