"""Two implementations of one document are compared, without a database: shelves of notes kept in memory."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from asbuilt import ledger
from asbuilt.cli import main
from asbuilt.frontend import read
from asbuilt.language.types import Array, Scalar, Types
from asbuilt.ledger import Kind
from asbuilt.source import Source, Span
from asbuilt.verify import agreement as probes
from asbuilt.verify.client import Client
from asbuilt.verify.correlation import Correlation
from asbuilt.verify.examination import Examination, examine
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.sequence import Made, Step
from asbuilt.verify.shrinking import Shrinking
from asbuilt.verify.target import Target

DOCUMENT = """\
# Notes Implementation Specification

## API Implementation
### Endpoint Definitions
```
POST /notes
  Body: NewNote
  Response: 201 Note

GET /notes
  Query: kind: Kind?
  Response: 200 list[Note]

GET /notes/{id: UUID}
  Response: 200 Note

PUT /notes/{id: UUID}
  Body: NewNote
  Response: 200 Note

DELETE /notes/{id: UUID}
  Response: 204
```
### Request/Response Schemas
```python
Kind = Literal["plain", "bold"]

class NewNote:
    name: Annotated[str, Len(1, 20)]
    kind: Kind = "plain"
    stars: Annotated[int, Ge(0), Le(5)] | None = None

class Note:
    id: UUID
    number: int
    name: str
    kind: Kind
    stars: int | None
    written_at: datetime
```
### Error Responses
| Error Code | HTTP Status | Description | Response Body |
|------------|-------------|-------------|---------------|
| NOT_FOUND | 404 | `no row`: nothing has that id | problem |
| NAME_TAKEN | 409 | `notes_name_key`: the name is taken | `{"code": "NAME_TAKEN"}` |
| INVALID | 422 | `validation`: the request does not match its schema | problem |

## Data Models
### Database Schema
```sql
CREATE TABLE notes (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number     bigint GENERATED ALWAYS AS IDENTITY,
    name       text NOT NULL UNIQUE,
    kind       text NOT NULL DEFAULT 'plain',
    stars      bigint,
    written_at timestamptz NOT NULL DEFAULT now()
);
```
"""
Key = tuple[Kind, tuple[str, ...]]
KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Shelf:
    """An implementation of the document, by the number of its first note; `fault` is what is wrong with it."""

    first: int = 1
    fault: str = ""
    words: str = "no such note"
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        path, _, query = request.target.partition("?")
        key = path.removeprefix("/notes").removeprefix("/")
        body = json.loads(request.body) if request.body else None
        if body is not None and not _valid(body):
            return self._refusal(422, "INVALID")
        if key and key not in self.notes and not (self.fault == "gone unnoticed" and request.method == "DELETE"):
            return self._refusal(404, "NOT_FOUND")
        if body is not None and self._is_taken(body["name"], key):
            return _json(409, {"code": "NAME_TAKEN"})
        return getattr(self, f"_{request.method.lower()}")(key, body, dict(parse_qsl(query)))

    def _post(self, key: str, body: dict[str, Any], query: dict[str, str]) -> Response:
        made = {
            "id": str(uuid.uuid4()),
            "number": self.first + len(self.requests),
            "name": body["name"],
            "kind": body.get("kind", "bold" if self.fault == "other default" else "plain"),
            "stars": None if self.fault == "value lost" else body.get("stars"),
            "written_at": f"2026-11-23T10:00:{len(self.requests) % 60:02}Z",
        }
        self.notes[made["id"]] = made
        return _json(200 if self.fault == "status" else 201, made)

    def _get(self, key: str, body: object, query: dict[str, str]) -> Response:
        if key:
            return _json(200, self.notes[key])
        kind = None if self.fault == "filter ignored" else query.get("kind")
        found = [note for note in self.notes.values() if kind in (None, note["kind"])]
        return _json(200, found if self.first == 1 else found[::-1])

    def _put(self, key: str, body: dict[str, Any], query: dict[str, str]) -> Response:
        kept = self.notes[key] if self.fault == "absent kept" else {"kind": "plain", "stars": None}
        for changed in self.notes if self.fault == "all replaced" else [key]:
            note = self.notes[changed]
            note |= {"kind": body.get("kind", kept["kind"]), "stars": body.get("stars", kept["stars"])}
        self.notes[key]["name"] = body["name"]
        return _json(200, self.notes[key])

    def _delete(self, key: str, body: object, query: dict[str, str]) -> Response:
        if self.fault != "not deleted":
            self.notes.pop(key, None)
        return Response(204, (), b"", 0.001)

    def _is_taken(self, name: str, key: str) -> bool:
        taken = any(note["name"] == name and note["id"] != key for note in self.notes.values())
        return taken and self.fault != "taken unnoticed"

    def _refusal(self, status: int, code: str) -> Response:
        body = json.dumps({"status": status, "code": code, "detail": self.words}).encode()
        return Response(status, (("content-type", "application/problem+json"),), body, 0.001)


def _valid(body: Any) -> bool:
    if not isinstance(body, dict) or not isinstance(body.get("name"), str) or not 1 <= len(body["name"]) <= 20:
        return False
    stars = body.get("stars")
    right = stars is None or (isinstance(stars, int) and not isinstance(stars, bool) and 0 <= stars <= 5)
    return right and body.get("kind", "plain") in ("plain", "bold")


def _json(status: int, body: object) -> Response:
    return Response(status, (("content-type", "application/json"),), json.dumps(body).encode(), 0.001)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Examination]:
    """Compares two shelves by their agreement alone."""
    component = read(Source(Path("notes.md"), DOCUMENT), referee=False).component
    shelves: dict[str, Shelf] = {}

    class Shelved(Client):
        def send(self, request: Request) -> Exchange:
            return Exchange(request, shelves[self.base_url].answer(request))

    monkeypatch.setattr(probes, "Client", Shelved)

    def compare(target: Shelf, reference: Shelf, seed: int = 0) -> Examination:
        shelves["http://target"], shelves["http://reference"] = target, reference
        given = Target("http://target", reference="http://reference")
        claims = ledger.read(component)
        found = examine(component, claims, given, seed=seed, probes=(probes.agreement,), connect=Shelved)
        assert found.troubles == ()
        return found

    return compare


def refuted(found: Examination) -> list[Key]:
    return [entry.claim.key for entry in found.standing("refuted")]


@pytest.mark.parametrize("seed", range(5))
def test_what_the_document_leaves_open_is_no_difference(compared: Callable[..., Examination], seed: int) -> None:
    """Keys, numbers, moments, the order of a list and the words of a problem are each implementation's own."""
    found = compared(Shelf(), Shelf(first=700, words="nothing"), seed)
    assert refuted(found) == []
    verified = {entry.claim.key for entry in found.standing("verified")}
    assert {("endpoint", ("PUT /notes/{id}",)), ("answer", ("DELETE /notes/{id}", "204"))} <= verified


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ("status", ("answer", ("POST /notes", "201"))),
        ("value lost", ("member", ("Note", "stars"))),
        ("other default", ("member", ("Note", "kind"))),
        ("filter ignored", ("parameter", ("GET /notes", "query", "kind"))),
        ("absent kept", ("endpoint", ("PUT /notes/{id}",))),
        ("all replaced", ("endpoint", ("PUT /notes/{id}",))),
        ("not deleted", ("endpoint", ("DELETE /notes/{id}",))),
        ("gone unnoticed", ("error", ("NOT_FOUND",))),
        ("taken unnoticed", ("error", ("NAME_TAKEN",))),
    ],
)
def test_a_fault_refutes_the_claim_it_breaks(compared: Callable[..., Examination], fault: str, key: Key) -> None:
    found = compared(Shelf(fault=fault), Shelf(first=700))
    assert key in refuted(found), [(entry.claim.key, entry.why) for entry in found.standing("refuted")]
    entry = next(each for each in found.standing("refuted") if each.claim.key == key)
    assert len(entry.evidence.exchanges) <= 4
    assert "the reference" in entry.evidence.measured


def test_the_shortest_sequence_is_shown(compared: Callable[..., Examination]) -> None:
    found = compared(Shelf(fault="all replaced"), Shelf(first=700))
    entry = found.standing("refuted")[0]
    methods = [exchange.request.method for exchange in entry.evidence.exchanges]
    assert methods[:3] == ["POST", "POST", "PUT"]
    assert len(methods) == 4


def test_the_same_seed_sends_the_same_requests(compared: Callable[..., Examination]) -> None:
    runs = []
    for seed in (3, 3, 4):
        shelf = Shelf()
        compared(shelf, Shelf(first=700), seed)
        runs.append(list(_placed(shelf.requests)))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def _placed(requests: list[Request]) -> Iterator[str]:
    """The requests with the keys that a server made by the order of their first appearance."""
    known: dict[str, str] = {}
    for request in requests:
        text = f"{request.method} {request.target} {request.body!r}"
        yield KEY.sub(lambda found: known.setdefault(found[0], f"<{len(known)}>"), text)


def test_what_an_earlier_run_left_behind_is_no_difference(compared: Callable[..., Examination]) -> None:
    shelf = Shelf()
    for _ in range(4):
        assert refuted(compared(shelf, Shelf(first=700))) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--no-reference"], "--no-reference is said of a --target"),
        (["--target", "http://127.0.0.1:9", "--no-reference", "--against", "http://127.0.0.1:9"], "contradict"),
    ],
)
def test_options_that_contradict_each_other(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "notes.md"
    document.write_text(DOCUMENT)
    assert main(["verify", str(document), *options]) == 2
    assert said in capsys.readouterr().err


NOWHERE = Span(0, 0)
UUID = Scalar("uuid", NOWHERE)
ONE, TWO, OTHER = (str(uuid.UUID(int=number)) for number in (1, 2, 3))


def test_a_key_stands_for_the_same_key_throughout() -> None:
    correlation = Correlation(Types(()), frozenset())
    assert correlation.gaps(ONE, TWO, UUID) == []
    assert correlation.gaps(ONE, TWO.upper(), UUID) == []
    assert [gap.key for gap in correlation.gaps(ONE, OTHER, UUID)] == [True]
    assert [gap.key for gap in correlation.gaps(OTHER, TWO, UUID)] == [True]


def test_a_key_that_was_sent_stands_for_itself() -> None:
    correlation = Correlation(Types(()), frozenset(), {ONE})
    assert correlation.gaps(ONE, ONE, UUID) == []
    assert correlation.gaps(ONE, TWO, UUID) != []


def test_a_moment_that_was_sent_is_kept_and_others_are_free() -> None:
    correlation = Correlation(Types(()), frozenset(), {"2026-01-02t03:04:05z", "2026-01-02T03:04:05Z"})
    moment = Scalar("datetime", NOWHERE)
    assert correlation.gaps("2026-11-23T10:00:00Z", "2026-11-23T10:00:01Z", moment) == []
    assert correlation.gaps("2026-01-02T04:04:05+01:00", "2026-01-02T03:04:05Z", moment) == []
    assert correlation.gaps("2026-11-23T10:00:00Z", "2026-01-02T03:04:05Z", moment) != []


def test_a_list_inside_an_answer_has_no_order() -> None:
    correlation = Correlation(Types(()), frozenset())
    numbers = Array(Scalar("int", NOWHERE), NOWHERE)
    assert correlation.gaps([1, 2, 2], [2, 1, 2], numbers) == []
    assert correlation.gaps([1, 2, 2], [1, 1, 2], numbers) != []
    assert correlation.gaps([1, 2], [1, 2, 2], numbers) != []


def test_shrinking_drops_what_is_not_needed_with_what_hangs_on_it() -> None:
    component = read(Source(Path("notes.md"), DOCUMENT), referee=False).component
    operation = component.operations[0]
    steps = tuple(
        Step(
            number, operation, path=(("id", Made(number - 1, "id")),) if number % 3 == 2 else (), body={"a": 1, "b": 2}
        )
        for number in range(12)
    )

    def shows(tried: tuple[Step, ...]) -> bool:
        return {4, 11} <= {step.number for step in tried} and all("b" in step.body for step in tried)  # type: ignore[operator]

    shortest = Shrinking(shows, 200).shortest(steps)
    assert [step.number for step in shortest] == [4, 10, 11]
    assert [step.body for step in shortest] == [{"b": 2}] * 3
