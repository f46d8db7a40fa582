"""Durations of either sign through a database and back, by derived operations, patterns and algorithms."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import passable_folder

from serving import Mounted
from specimens import document

TEXT = document(
    endpoints="""
        POST /waits
          Body: NewWait
          Response: 201 Wait
        GET /waits
          Query: lasts: timedelta?
          Response: 200 list[Wait]
        GET /waits/{id}
          Operation: wait_by_id
          Response: 200 Wait
        GET /doubled/{id: int}
          Operation: doubled
          Response: 200 timedelta
    """,
    schemas="""
        class Step:
            lasts: timedelta
            pauses: list[timedelta] = []

        class NewWait:
            lasts: timedelta
            written: str
            steps: Annotated[list[Step], Len(max_length=9)] = []

        class Wait(NewWait):
            id: int
    """,
    sql="""
        CREATE TABLE waits (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            lasts interval NOT NULL,
            written interval NOT NULL
        );
        CREATE TABLE steps (
            wait_id int REFERENCES waits,
            position int,
            lasts interval NOT NULL,
            pauses interval[] NOT NULL,
            PRIMARY KEY (wait_id, position)
        );
    """,
    patterns="""
- **wait_by_id** (one): one wait
  ```sql
  SELECT id, lasts, written FROM waits WHERE id = :id
  ```
- **twice** (one): twice as long
  ```sql
  SELECT lasts * 2 AS lasts FROM waits WHERE id = :id
  ```
""",
    code="""
        async def doubled(id: int, db) -> timedelta:
            return (await db.twice(id=id)).lasts
    """,
)


@pytest.fixture(scope="module")
def ask() -> Iterator[Any]:
    folder = passable_folder()
    path = Path(folder, "waits.md")
    path.write_text(TEXT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(folder / "state"))
        served = Mounted(path)
        yield served
        served.close()
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("lasts", "twice"),
    [
        ("-PT5M", "-PT10M"),
        ("-P1DT2H", "-P2DT4H"),
        ("-PT0.5S", "-PT1S"),
        ("P1DT23H55M", "P3DT23H50M"),
        ("PT0S", "PT0S"),
    ],
)
def test_a_duration_comes_back_as_it_went_in(ask: Any, lasts: str, twice: str) -> None:
    body = {"lasts": lasts, "written": lasts, "steps": [{"lasts": lasts, "pauses": [lasts]}]}
    made = ask("POST", "/waits", json=body).json()
    assert made == body | {"id": made["id"]}
    assert made in ask("GET", "/waits", params={"lasts": lasts}).json()
    assert ask("GET", f"/waits/{made['id']}").json() == made | {"steps": []}
    assert ask("GET", f"/doubled/{made['id']}").json() == twice


def test_parts_may_bear_their_own_signs(ask: Any) -> None:
    made = ask("POST", "/waits", json={"lasts": "P-1DT23H55M", "written": "P-1DT23H55M"}).json()
    assert (made["lasts"], made["written"]) == ("-PT5M", "-PT5M")
