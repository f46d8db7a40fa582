"""What a schema is too loose to say and a column can't hold is refused at its place: nothing is rounded or cut."""

import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from servers import passable_folder

from serving import Mounted
from specimens import document

COLUMNS = {
    "i": ("number", "integer"),
    "b": ("number", "bigint"),
    "n": ("number", "numeric(8, 4)"),
    "m": ("number", "numeric"),
    "r": ("number", "real"),
    "at": ("string", "timestamptz"),
    "second": ("string", "timestamptz(0)"),
    "wall": ("string", "timestamp"),
    "day": ("string", "date"),
    "hour": ("string", "time"),
    "span": ("string", "interval"),
    "u": ("string", "uuid"),
    "mood": ("string", "mood"),
    "ok": ("string", "boolean"),
    "v": ("string", "varchar(3)"),
    "net": ("string", "inet"),
    "small": ("number", "small"),
    "ints": ("number[]", "integer[]"),
}
SQL = f"""
CREATE TYPE mood AS ENUM ('sad', 'fine');
CREATE DOMAIN small AS smallint;
CREATE TABLE things (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    {", ".join(f"{name} {column}" for name, (_, column) in COLUMNS.items())}
);
CREATE TABLE wholes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE parts (
    whole_id int NOT NULL REFERENCES wholes,
    place int NOT NULL,
    size numeric(4, 1),
    PRIMARY KEY (whole_id, place)
);
CREATE TABLE labels (id bigint PRIMARY KEY);
CREATE TABLE whole_labels (
    whole_id int REFERENCES wholes,
    label_id bigint REFERENCES labels,
    PRIMARY KEY (whole_id, label_id)
);
"""
MEMBERS = "; ".join(f"{name}?: {type_} | null" for name, (type_, _) in COLUMNS.items())
ANSWERED = "; ".join(f"{name}: {type_} | null" for name, (type_, _) in COLUMNS.items())
SCHEMAS = f"""
interface NewThing {{ {MEMBERS} }}
interface Thing {{ id: number; {ANSWERED} }}
interface Whole {{ id: number; parts: Part[]; labels: Label[] }}
interface NewWhole {{ parts: Part[]; labels: Label[] }}
interface Label {{ id: number }}
interface Part {{ size: number }}
"""
TEXT = document(
    endpoints="""
        POST /things
          Body: NewThing
          Response: 201 Thing
        PATCH /things/{id: int}
          Body: NewThing
          Response: 200 Thing
        POST /wholes
          Body: NewWhole
          Response: 201 Whole
        POST /labels
          Body: Label
          Response: 201 Label
        POST /written
          Operation: write
          Body: NewThing
          Response: 201 Thing
        POST /forms
          Operation: write
          Body: form NewThing
          Response: 201 Thing
    """,
    schemas="SCHEMAS",
    sql=SQL,
    patterns="""
- **write** (one): a thing
  ```sql
  INSERT INTO things (COLUMNS) VALUES (VALUES) RETURNING *
  ```
""",
)
TEXT = TEXT.replace("```python\nSCHEMAS\n", f"```typescript\n{SCHEMAS}\n").replace(
    "(COLUMNS)", f"({', '.join(COLUMNS)})"
)
TEXT = TEXT.replace("(VALUES)", f"({', '.join(f':body.{name}' for name in COLUMNS)})")
WAYS = [("POST", "/things"), ("PATCH", "/things/1"), ("POST", "/written")]
HELD = [
    ("i", "2", 2),
    ("i", "2.0", 2),
    ("i", "null", None),
    ("b", "9007199254740993", 9007199254740993),
    ("b", "1e18", 10**18),
    ("n", "1.5", Decimal("1.5000")),
    ("n", "1.23450", Decimal("1.2345")),
    ("m", "12345678901234567.89", Decimal("12345678901234567.89")),
    ("r", "0.1", Decimal("0.1")),
    ("at", '"2026-01-01T02:00:00+02:00"', "2026-01-01T00:00:00.000000Z"),
    ("at", '"2026-01-01"', "2026-01-01T00:00:00.000000Z"),
    ("wall", '"2026-01-01T02:00:00+02:00"', "2026-01-01T00:00:00.000000Z"),
    ("day", '"2026-01-01"', "2026-01-01"),
    ("hour", '"10:00"', "10:00:00"),
    ("span", '"PT1H"', "PT1H"),
    ("u", '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"', "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("mood", '"sad"', "sad"),
    ("v", '"abc"', "abc"),
    ("net", '"192.0.2.1"', "192.0.2.1"),
    ("ints", "[1, 2.0]", [1, 2]),
]
LOST = [
    ("i", "2.5", "/i", "must be an integer"),
    ("i", "3000000000", "/i", "is out of range"),
    ("b", "1e30", "/b", "is out of range"),
    ("n", "1.23456", "/n", "must have at most 4 digits after the point"),
    ("n", "12345", "/n", "is out of range"),
    ("r", "1e300", "/r", "is out of range"),
    ("at", '"yesterday"', "/at", "must be a date and time"),
    ("at", '"infinity"', "/at", "must be a date and time"),
    ("second", '"2026-01-01T00:00:00.6Z"', "/second", "must have no fraction of a second"),
    ("wall", '"now"', "/wall", "must be a date and time"),
    ("day", '"today"', "/day", "must be a date"),
    ("day", '"2026-01-01T10:00:00Z"', "/day", "must be a date"),
    ("hour", '"10:00:00+02"', "/hour", "must be a time of day"),
    ("span", '"soon"', "/span", "must be an ISO 8601 duration"),
    ("u", '"nobody"', "/u", "must be a UUID"),
    ("mood", '"mad"', "/mood", "must be one of `sad`, `fine`"),
    ("ok", '"maybe"', "/ok", "must be true or false"),
    ("v", '"abc   "', "/v", "must have at most 3 characters"),
    ("net", '"nowhere"', "/net", "must be an IP address"),
    ("small", "5.5", "/small", "must be an integer"),
    ("ints", "[1, 2.5]", "/ints/1", "must be an integer"),
]


@pytest.fixture(scope="module")
def ask() -> Iterator[Any]:
    folder = passable_folder()
    path = Path(folder, "things.md")
    path.write_text(TEXT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(folder / "state"))
        served = Mounted(path)
        assert served("POST", "/things", json={}).status_code == 201
        yield served
        served.close()
    shutil.rmtree(folder)


def send(ask: Any, way: tuple[str, str], body: str) -> Any:
    return ask(*way, content=body, headers={"content-type": "application/json"})


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
@pytest.mark.parametrize(("name", "value", "held"), HELD)
def test_what_the_column_holds_is_stored_as_it_was_sent(
    ask: Any, way: tuple[str, str], name: str, value: str, held: object
) -> None:
    response = send(ask, way, f'{{"{name}": {value}}}')
    assert response.is_success, response.text
    assert json.loads(response.text, parse_float=Decimal)[name] == held


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
@pytest.mark.parametrize(("name", "value", "pointer", "message"), LOST)
def test_what_it_does_not_hold_is_refused_at_its_place(
    ask: Any, way: tuple[str, str], name: str, value: str, pointer: str, message: str
) -> None:
    response = send(ask, way, f'{{"{name}": {value}}}')
    assert response.status_code == 422, response.text
    (fault,) = response.json()["faults"]
    assert fault["pointer"] == pointer
    assert fault["message"].startswith(message)


def test_all_faults_are_told_at_once(ask: Any) -> None:
    response = send(ask, ("POST", "/things"), '{"i": 0.5, "n": "x", "mood": "mad"}')
    assert [fault["pointer"] for fault in response.json()["faults"]] == ["/i", "/n", "/mood"]


def test_a_form_is_no_way_around(ask: Any) -> None:
    assert ask("POST", "/forms", data={"i": "2", "n": "0.1"}).json()["i"] == 2
    refused = ask("POST", "/forms", data={"i": "2.5", "at": "now"})
    assert [fault["pointer"] for fault in refused.json()["faults"]] == ["/i", "/at"]


def test_rows_that_come_along_are_no_way_around(ask: Any) -> None:
    assert ask("POST", "/labels", json={"id": 7}).status_code == 201
    made = send(ask, ("POST", "/wholes"), '{"parts": [{"size": 1.5}, {"size": 2}], "labels": [{"id": 7}]}')
    assert (made.status_code, made.json()["parts"]) == (201, [{"size": 1.5}, {"size": 2.0}]), made.text
    refused = send(ask, ("POST", "/wholes"), '{"parts": [{"size": 1.5}, {"size": 1.25}], "labels": [{"id": 7.5}]}')
    assert [fault["pointer"] for fault in refused.json()["faults"]] == ["/parts/1/size", "/labels/0/id"]
