"""How probes are run: in which order, for how long, and what becomes of a claim that none of them settles."""

import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from asbuilt.ledger import Kind
from asbuilt.verify.client import Client
from asbuilt.verify.examination import Entry, Examination, examine, in_order
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.probe import Probe, Run, probe
from asbuilt.verify.probes import PROBES
from asbuilt.verify.races import Outcome, races
from asbuilt.verify.target import HOW, Need, Target
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Finding, Verdict
from asbuilt.verify.world import Lacking
from imitation import DEFAULTS, InMemory, Mortal, Todos, todo
from loopback import Handler, request_read, serving

FOREIGN = Target("http://imitation")
SHOWN = Evidence((Exchange(Request("GET", "/"), Response(200, (), b"", 0.1)),))
ENDPOINTS = ("POST /lists", "GET /lists", "GET /lists/{id}", "DELETE /lists/{id}")


def examined(*probes: Probe, target: Target = FOREIGN, **options: Any) -> Examination:
    options.setdefault("connect", lambda _: InMemory(Todos()))
    return examine(*todo(), target, probes=probes or PROBES, **options)


def made(run: Run, name: str = "one", kind: Kind = "endpoint", needs: tuple[Need, ...] = ("http",)) -> Probe:
    return probe(name, kind, needs=needs)(run)


def says(finding: Finding, *titles: str, why: str = "seen") -> Run:
    def run(trial: Trial) -> Iterator[Verdict]:
        for title in titles:
            yield trial.verdict(finding, why, SHOWN, "endpoint", title)

    return run


def entry(found: Examination, title: str) -> Entry:
    return next(each for each in found.entries if each.claim.key == ("endpoint", (title,)))


# A target that is right, and one that is not


def test_nothing_is_refuted_of_a_system_that_is_right() -> None:
    found = examined()
    assert [(each.claim.statement, each.why) for each in found.standing("refuted")] == []
    assert found.troubles == ()
    assert len(found.standing("verified")) > 60


class Wrong(Todos):
    """Differs from the document in one answer."""

    def __init__(self, change: Callable[[Request, Response], Response]) -> None:
        super().__init__()
        self.change = change

    def answer(self, request: Request) -> Response:
        return self.change(request, super().answer(request))


def instead(method: str, status: int, other: int) -> Callable[[Request, Response], Response]:
    def change(request: Request, response: Response) -> Response:
        hit = request.method == method and response.status == status
        return Response(other, response.headers, response.body, 0.1) if hit else response

    return change


def renamed(request: Request, response: Response) -> Response:
    return Response(response.status, response.headers, response.body.replace(b'"createdAt"', b'"created"'), 0.1)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (instead("POST", 201, 200), ("answer", ("POST /lists", "201"))),
        (instead("GET", 200, 500), ("endpoint", ("GET /lists",))),
        (instead("POST", 422, 201), ("member", ("CreateList", "title"))),
        (instead("POST", 409, 400), ("error", ("LIST_EXISTS",))),
        (instead("GET", 404, 200), ("error", ("NOT_FOUND",))),
        (instead("GET", 422, 200), ("parameter", ("GET /lists/{list_id}/todos", "query", "limit"))),
        (renamed, ("member", ("List", "createdAt"))),
    ],
    ids=lambda value: value[1][-1] if isinstance(value, tuple) else "",
)
def test_a_difference_refutes_its_claim(
    change: Callable[[Request, Response], Response], key: tuple[Kind, tuple[str, ...]]
) -> None:
    found = examined(connect=lambda _: InMemory(Wrong(change)))
    assert key in [each.claim.key for each in found.standing("refuted")]
    assert found.troubles == ()


# What becomes of a claim


def test_every_claim_is_there_in_its_order_and_those_proved_from_the_text_stay() -> None:
    found = examined(made(says("verified", *ENDPOINTS)))
    assert [each.claim.id for each in found.entries] == [claim.id for claim in todo()[1].claims]
    for claim, each in zip(todo()[1].claims, found.entries, strict=True):
        if claim.standing in ("checked", "prose"):
            assert each == Entry(claim, claim.why)
        else:
            assert each.claim.standing in ("verified", "unchecked")
            assert each.why


def test_a_verdict_bears_the_name_of_its_probe_and_what_shows_it() -> None:
    found = entry(examined(made(says("verified", *ENDPOINTS), "looks")), "GET /lists")
    assert (found.claim.standing, found.why, found.probe, found.evidence) == ("verified", "seen", "looks", SHOWN)
    assert found.claim.why == "seen"


@pytest.mark.parametrize(
    ("findings", "standing", "why"),
    [
        (("verified", "refuted"), "refuted", "1"),
        (("refuted", "verified"), "refuted", "0"),
        (("refuted", "refuted"), "refuted", "0"),
        (("unchecked", "verified"), "verified", "1"),
        (("verified", "unchecked"), "verified", "0"),
        (("unchecked", "unchecked"), "unchecked", "0"),
    ],
)
def test_what_was_seen_to_be_wrong_stays_wrong(findings: tuple[Finding, ...], standing: str, why: str) -> None:
    probes = [made(says(each, "GET /lists", why=str(n)), f"probe {n}") for n, each in enumerate(findings)]
    found = entry(examined(*probes), "GET /lists")
    assert (found.claim.standing, found.why) == (standing, why)


def test_nothing_is_found_without_evidence() -> None:
    claim = todo()[1].claims[-1]
    for finding in ("verified", "refuted"):
        with pytest.raises(ValueError, match="without evidence"):
            Verdict(claim, finding, "because")


@pytest.mark.parametrize("need", ["http", "database", "disposable", "start", "reference"])
def test_what_needs_a_thing_that_was_not_given_says_which(need: Need) -> None:
    given = {"http": Target("", database="x"), "disposable": Target("http://imitation", database="x")}
    lacking = given.get(need, FOREIGN)
    found = examined(made(says("verified", *ENDPOINTS), needs=(need,)), target=lacking)
    assert entry(found, "GET /lists").why == HOW[need]
    assert found.requests == 0
    assert found.left == found.troubles == ()


def test_what_only_a_database_can_show_says_so() -> None:
    """No probe sets out to prove what it cannot: the claim would not say what to give."""
    found = examined(*(replace(each, run=says("unchecked")) for each in PROBES))
    whys = {each.claim.kind: each.why for each in found.standing("unchecked")}
    by_database = dict.fromkeys(("table", "column", "constraint", "index"), HOW["database"])
    assert by_database.items() <= whys.items()


def test_a_claim_of_which_nothing_was_found_says_why() -> None:
    one, other = made(says("verified", "GET /lists")), made(says("verified"), "two", needs=("database",))
    found = examined(one, other)
    assert entry(found, "POST /lists").why == "nothing that was tried showed it"
    answers = [each.why for each in found.entries if each.claim.kind == "answer"]
    assert set(answers) == {"no probe can prove this yet"}


# The budget


def test_with_a_budget_what_promises_most_goes_first() -> None:
    order: list[str] = []

    def noting(name: str, cost: float, risk: int) -> Probe:
        def run(trial: Trial) -> Iterator[Verdict]:
            order.append(name)
            yield from says("verified", "GET /lists")(trial)

        return probe(name, "endpoint", cost=cost, risk=risk)(run)

    probes = (noting("dear", 6, 3), noting("risky", 2, 8), noting("cheap", 1, 4), noting("best", 1, 9))
    examined(*probes)
    assert order == ["dear", "risky", "cheap", "best"]
    order.clear()
    examined(*probes, budget=60)
    assert order == ["best", "risky", "cheap", "dear"]
    assert sorted(each.name for each in in_order(PROBES)) == sorted(each.name for each in PROBES)


def slow(seconds: float, title: str = "GET /lists") -> Run:
    def run(trial: Trial) -> Iterator[Verdict]:
        while True:
            time.sleep(seconds)
            yield from says("verified", title)(trial)

    return run


def silent(trial: Trial) -> Iterator[Verdict]:
    """Finds nothing, ever."""
    while True:
        trial.client.send(Request("GET", "/lists"))
    yield


def answering_after(seconds: float) -> Handler:
    def handler(accepted: socket.socket, number: int) -> None:
        while request_read(accepted):
            time.sleep(seconds)
            accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

    return handler


def test_a_probe_that_takes_long_is_ended_between_two_verdicts() -> None:
    found = examined(made(slow(0.02)), made(slow(0.02), "two", "answer"), budget=0.6)
    assert 0.6 <= found.seconds < 0.6 * 1.05 + 0.03
    assert found.left == ("one", "two")
    assert entry(found, "GET /lists").claim.standing == "verified"
    assert entry(found, "POST /lists").why == "the budget was spent before"
    assert {each.why for each in found.entries if each.claim.kind == "answer"} == {"the budget was spent before"}
    assert found.troubles == ()


@pytest.mark.parametrize("seconds", [0.03, 5.0], ids=["many requests", "one that hangs"])
def test_a_probe_that_finds_nothing_is_ended_in_a_request(seconds: float) -> None:
    with serving(answering_after(seconds)) as server:
        found = examined(made(silent), target=Target(server.url), connect=Client, budget=0.6)
    assert 0.6 <= found.seconds < 0.6 * 1.05 + 0.03
    assert found.left == ("one",)
    assert found.troubles == ()
    assert entry(found, "GET /lists").why == "the budget was spent before"


@pytest.mark.parametrize("budget", [0.05, 0.2])
def test_all_probes_keep_to_a_budget(budget: float) -> None:
    found = examined(budget=budget)
    assert found.seconds < budget * 1.05 + 0.1
    assert found.left
    assert found.standing("refuted") == ()
    assert found.troubles == ()


def test_without_a_budget_nothing_is_left() -> None:
    found = examined(made(says("verified", *ENDPOINTS)), budget=None)
    assert found.left == ()


def test_it_stops_at_a_refutation_where_that_is_all_that_is_asked() -> None:
    probes = (made(says("refuted", *ENDPOINTS)), made(says("refuted", "GET /lists"), "two"))
    found = examined(*probes, until_refuted=True)
    assert [each.claim.names for each in found.standing("refuted")] == [("POST /lists",)]
    assert len(examined(*probes).standing("refuted")) == len(ENDPOINTS)


# Faults of a probe


def fails(fault: Exception) -> Run:
    def run(trial: Trial) -> Iterator[Verdict]:
        yield from says("verified", "POST /lists")(trial)
        raise fault

    return run


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (KeyError(("endpoint", ("GET /x",))), r"KeyError: \('endpoint', \('GET /x',\)\)"),
        (RuntimeError("one\ntwo"), "RuntimeError: one two"),
        (Lacking("no row"), "Lacking: no row"),
        (RecursionError(), "RecursionError: "),
    ],
)
def test_a_probe_that_fails_loses_nothing_and_proves_nothing(fault: Exception, told: str) -> None:
    after = made(says("verified", "GET /lists"), "two")
    found = examined(made(fails(fault)), after)
    (trouble,) = found.troubles
    assert trouble.startswith("the probe `one` failed: ")
    assert "(test_verify_examination.py:" in trouble
    assert re.search(told, trouble)
    assert entry(found, "POST /lists").claim.standing == "verified"
    assert entry(found, "GET /lists").claim.standing == "verified"
    assert entry(found, "DELETE /lists/{id}").why == trouble
    assert found.left == ()


# Equal requests at once


class Hurried(InMemory):
    """Answers the same to whatever deletes at once."""

    def __init__(self, status: int) -> None:
        super().__init__(Todos())
        self.response = Response(status, (), b"", 0.001)

    def together(self, requests: Sequence[Request]) -> list[Exchange]:
        exchanges = super().together(requests)
        deleting = requests[0].method == "DELETE"
        return [replace(each, response=self.response) if deleting else each for each in exchanges]


@pytest.mark.parametrize(
    ("status", "standing"), [(204, "verified"), (200, "refuted"), (404, "refuted"), (500, "refuted")]
)
def test_several_of_equal_deletes_may_have_found_the_row(status: int, standing: str) -> None:
    found = examined(races, connect=lambda _: Hurried(status))
    for title in ("DELETE /lists/{id}", "DELETE /todos/{id}"):
        assert entry(found, title).claim.standing == standing, entry(found, title).why


# A target that is busy, and one that others use


class Overloaded(InMemory):
    """Puts off every so many requests."""

    def __init__(self, status: int, every: int) -> None:
        super().__init__(Todos())
        self.status = status
        self.every = every

    def send(self, request: Request) -> Exchange:
        if (self.sent + 1) % self.every:
            return super().send(request)
        self.sent += 1
        return Exchange(request, Response(self.status, (("retry-after", "0"),), b"", 0.001))


@pytest.mark.parametrize(("status", "every"), [(429, 11), (503, 11), (503, 10)])
def test_what_is_put_off_refutes_nothing(status: int, every: int) -> None:
    found = examined(connect=lambda _: Overloaded(status, every))
    assert [(each.claim.statement, each.why) for each in found.standing("refuted")] == []


@pytest.mark.parametrize(("made", "standing"), [(1, "unchecked"), (400, "refuted")])
def test_what_became_of_rows_is_compared_where_they_were_made_alike(
    made: int, standing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outcome(*_: object, at_once: bool) -> Outcome:
        return Outcome(made if at_once else 400, {201: 12}, (("GET /x", 200, 1 if at_once else 400),), SHOWN.exchanges)

    monkeypatch.setattr("asbuilt.verify.races._outcome", outcome)
    assert entry(examined(races), "POST /lists").claim.standing == standing


class Shared(Todos):
    """Others add a row, before all others, whenever a list was read."""

    def _answer(self, request: Request) -> tuple[int, Any]:
        answer = super()._answer(request)
        others = str(uuid.UUID(int=2**64 - len(self.requests)))
        if request.method == "GET" and request.target == "/lists":
            self.lists = {others: {**self._new(), "id": others, "title": others}, **self.lists}
        elif request.method == "GET" and request.target.endswith("/todos"):
            parent = request.target.split("/")[2]
            self.todos = {
                others: {**self._new(), "id": others, "listId": parent, "title": "x", **DEFAULTS},
                **self.todos,
            }
        return answer


def test_what_others_add_meanwhile_refutes_nothing() -> None:
    found = examined(connect=lambda _: InMemory(Shared()))
    assert [(each.claim.statement, each.why) for each in found.standing("refuted")] == []


# A target that goes away


@pytest.mark.parametrize(("last", "early"), [(1, True), (7, True), (60, True), (300, True), (1200, False)])
def test_a_target_that_goes_away_is_not_refuted_by_its_silence(last: int, early: bool) -> None:
    todos = Mortal(last)
    with serving(todos.handle) as server:
        todos.end = server.end
        started = time.monotonic()
        found = examined(target=Target(server.url), connect=Client)
    assert time.monotonic() - started < 10
    assert [(each.claim.statement, each.why) for each in found.standing("refuted")] == []
    (trouble,) = found.troubles
    assert trouble.startswith("the target went away: it has not answered since ")
    assert found.requests <= last + 12
    assert any(each.why == trouble for each in found.standing("unchecked")) is early
    known = {"endpoints", "bodies", "parameters", "errors", "lifecycles", "listings", "races"}
    assert all(each.probe in known for each in found.standing("verified"))


# The same seed, the same requests

SCRIPT = """
import sys
from asbuilt.verify.examination import examine
from asbuilt.verify.target import Target
from imitation import InMemory, Mortal, Todos, todo

todos = Todos()
examine(*todo(), Target("http://imitation"), seed=int(sys.argv[1]), connect=lambda _: InMemory(todos))
for request in todos.requests:
    print(request.method, request.target, request.headers, request.body)
"""


def asked(seed: int, hashing: str) -> str:
    paths = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, str(seed)],
        env={**os.environ, "PYTHONHASHSEED": hashing, "PYTHONPATH": paths},
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
    ).stdout


def test_the_same_seed_makes_the_same_requests() -> None:
    first, second = asked(0, "1"), asked(0, "2")
    assert first.count("\n") > 1000
    pairs = zip(first.splitlines(), second.splitlines(), strict=False)
    assert next((pair for pair in pairs if pair[0] != pair[1]), None) is None
    assert first.count("\n") == second.count("\n")


def test_what_is_found_of_the_same_target_is_the_same() -> None:
    one, other = (
        [(each.claim.key, each.claim.standing, each.why, each.probe) for each in examined().entries] for _ in range(2)
    )
    assert one == other
