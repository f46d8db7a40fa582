"""A document that says less pins down less: in the section where it says less, and in no other."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from asbuilt import ledger
from asbuilt.cli import main
from asbuilt.commands import own
from asbuilt.frontend import load
from asbuilt.verify.strength.measurement import Outcome, Refuted, Strength, measure
from asbuilt.verify.strength.report import Sum, sections, summed
from asbuilt.verify.target import Target

ENDPOINTS, SCHEMAS, ERRORS = "api.endpoint-definitions", "api.schemas", "api.error-responses"
TABLE = """\
### Error Responses
| Error Code | HTTP Status | Description | Response Body |
|------------|-------------|-------------|---------------|
| NOT_FOUND | 404 | `no row`: nothing has that id | problem |
| INVALID | 422 | `validation`: the request does not match its schema | problem |
"""
NOTES = f"""\
# Notes Implementation Specification

## API Implementation
### Endpoint Definitions
```
POST /notes
  Body:      NewNote
  Response:  201 Note

GET /notes/{{id: UUID}}
  Operation: note
  Response:  200 Note
```
### Request/Response Schemas
```python
class NewNote:
    text: Annotated[str, Len(1, 80)]

class Note:
    id: UUID
    text: str
```
{TABLE}
## Data Models
### Database Schema
```sql
CREATE TABLE notes (
    id   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    text text NOT NULL
);
```
### Data Access Patterns
```sql
-- name: note :one
SELECT id, text FROM notes WHERE id = :id;
```
"""  # noqa: S608 - a document


@cache
def strength(text: str, budget: float | None = None) -> Strength:
    with TemporaryDirectory() as folder:
        document = Path(folder) / "notes.md"
        document.write_text(text)
        loaded = load(document)
        assert [found.message for found in loaded.errors] == []
        with own.served(loaded) as served:
            target = Target(served.url, own=True, database=served.database, disposable=True)
            return measure(loaded.component, ledger.read(loaded.component), target, budget=budget)


def shares(found: Strength) -> dict[str, float | None]:
    return {section: summed(outcomes).share for section, outcomes in sections(found).items()}


def outcome(found: Strength, kind: str, place: str) -> Outcome:
    return next(each for each in found.outcomes if (each.mutant.kind, each.mutant.place) == (kind, place))


def lowered(text: str) -> set[str]:
    """The sections whose share is another one than that of the whole document, which must then be a lower one."""
    before, after = shares(strength(NOTES)), shares(strength(text))
    assert before.keys() == after.keys()
    moved = {section for section in before if before[section] != after[section]}
    assert all((after[section] or 0) < (before[section] or 0) for section in moved)
    return moved


def test_what_is_said_is_pinned_down() -> None:
    found = strength(NOTES)
    assert found.complete
    for kind, place in (
        ("another status", "POST /notes 201, as 200"),
        ("another status", "GET /notes/{id} 404 NOT_FOUND, as 410"),
        ("member removed", "GET /notes/{id} 200: text"),
        ("request value not checked", "POST /notes: text longer than 40"),
        ("request value refused", "POST /notes: text longer than 20"),
        ("not done", "POST /notes"),
        ("NOT NULL dropped", "notes.text"),
    ):
        assert outcome(found, kind, place).caught, (kind, place)
    assert not outcome(found, "another status", "POST /notes 400 MALFORMED, as 422").caught


def test_without_its_error_table() -> None:
    assert lowered(NOTES.replace(TABLE, "")) == {ERRORS}


def test_with_any_object_for_an_answer() -> None:
    assert lowered(NOTES.replace("200 Note", "200 dict")) == {SCHEMAS}


def test_the_same_again() -> None:
    again = strength.__wrapped__(NOTES)
    assert [(each.mutant.id, each.caught) for each in again.outcomes] == [
        (each.mutant.id, each.caught) for each in strength(NOTES).outcomes
    ]


def test_a_budget_is_kept_and_said() -> None:
    found = strength(NOTES, 0.001)
    whole = summed(found.outcomes)
    assert not found.complete
    assert whole == Sum(len(strength(NOTES).outcomes), 0, 0)


def test_what_is_refuted_without_a_fault(tmp_path: Path) -> None:
    """What is served is that of another document."""
    document, other = tmp_path / "notes.md", tmp_path / "other.md"
    document.write_text(NOTES)
    other.write_text(NOTES.replace("201 Note", "200 Note"))
    loaded = load(document)
    with own.served(load(other)) as served, pytest.raises(Refuted) as refuted:
        measure(loaded.component, ledger.read(loaded.component), Target(served.url, own=True, database=served.database))
    assert "201" in refuted.value.claims[0]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "notes.md"
    document.write_text(NOTES)
    assert main(["strength", str(document), "--format", "json", "--budget", "500ms"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["summary"]["faults"] > 50
    assert "serving" in said.err
    document.write_text(NOTES.replace("Body:      NewNote", "Body:      NoNote"))
    assert main(["strength", str(document), "--quiet"]) == 2
    assert "is not measured" in capsys.readouterr().err
