"""Values of requests that PostgreSQL is asked with, those left out and those it can't take; and what it denies."""

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
        POST /items
          Body: NewItem
          Response: 201 Item
        GET /items
          Query: labels: list[str] = [], size: list[int] = []
          Response: 200 list[Item]
        GET /sized
          Operation: items_of_sizes
          Query: sizes: list[int] = []
          Response: 200 list[Item]
        GET /slices
          Operation: slice
          Query: start: int = 0, offset: int = 0
          Response: 200 list[Item]
        GET /pages
          Operation: page
          Query: number: int = 1
          Response: 200 list[Item]
        GET /sums
          Operation: sums
          Query: oneTerm: int = 1, another: int = 1
          Response: 200 list[Item]
        GET /cut
          Operation: cut
          Query: firstItem: int = 0
          Response: 200 list[Item]
        GET /numbered/{number: int}
          Operation: numbered
          Response: 200 Item
        DELETE /roles/{name}
          Operation: forget_role
          Response: 204
        PUT /items/{number: int}/remarks/{word}
          Operation: remark
          Body: Note
          Response: 204
        PUT /items/{number: int}/asides/{word}
          Operation: aside
          Body: Note
          Response: 204
        POST /scores
          Body: Score
          Response: 201 Score
          Response Headers: Location: str
        GET /scores/{id: int}
          Response: 200 Score
        POST /scores/{score_id: int}/marks
          Body: Mark
          Response: 201
          Response Headers: Location
        GET /scores/{scoreId: int}/marks/{word}
          Response: 200 Mark
        PUT /items/{number: int}/notes/{word}
          Operation: note
          Body: Note
          Response: 204
        DELETE /items
          Operation: clear
          Transaction: read only
          Response: 204
    """,
    schemas="""
        class NewItem:
            labels: list[str] = []
            size: Annotated[int, Ge(0), Le(99)]

        class Item(NewItem):
            id: int

        class Score:
            score: Annotated[int, Ge(-9), Le(99)]

        class Mark:
            word: Annotated[str, Len(1, 20)]

        class Note:
            text: str
    """,
    sql="""
        CREATE TABLE items (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            labels text[] NOT NULL,
            size int NOT NULL
        );
        CREATE DOMAIN points AS int CONSTRAINT counted CHECK (VALUE % 7 <> 5);
        CREATE TABLE scores (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, score points NOT NULL);
        CREATE TABLE marks (
            score_id int NOT NULL REFERENCES scores,
            word varchar(20) NOT NULL,
            PRIMARY KEY (score_id, word)
        );
        CREATE TABLE notes (
            item_id int NOT NULL REFERENCES items,
            word text NOT NULL CHECK (word ~ '^[a-z]+$'),
            text text NOT NULL,
            PRIMARY KEY (item_id, word)
        );
        CREATE FUNCTION emptied() RETURNS void LANGUAGE sql AS 'DELETE FROM items';
    """,
    patterns="""
- **items_of_sizes** (many): items, all of them or those of some sizes
  ```sql
  SELECT id, labels, size FROM items
  WHERE size = ANY(:sizes) -- when sizes
  ORDER BY id
  ```
- **items_from** (many): items behind the first ones
  ```sql
  SELECT id, labels, size FROM items ORDER BY id LIMIT 2 OFFSET :offset
  ```
- **item_by_id** (one): one item
  ```sql
  SELECT id, labels, size FROM items WHERE id = :id
  ```
- **forget_role** (none): what the service has no right to
  ```sql
  DELETE FROM pg_catalog.pg_authid WHERE rolname = :name
  ```
- **note** (none): what is to be said of an item
  ```sql
  INSERT INTO notes (item_id, word, text) VALUES (:number, :word, :body.text)
  ON CONFLICT (item_id, word) DO UPDATE SET text = excluded.text
  ```
- **cut** (many): items behind the first ones
  ```sql
  SELECT id, labels, size FROM items ORDER BY id OFFSET :first_item
  ```
- **clear** (none): no item, by a function that does more than it says
  ```sql
  SELECT emptied()
  ```
""",
    code="""
        async def slice(start: int, offset: int, db) -> list[Item]:
            return await db.items_from(offset=start or offset)

        async def page(number: int, db) -> list[Item]:
            return await db.items_from(offset=(number - 1) * 2)

        async def sums(one_term: int, another: int, db) -> list[Item]:
            return await db.items_from(offset=one_term + another)

        async def remark(number: int, word: str, body: Note, db) -> None:
            await db.note(number=number, word=word)

        async def aside(number: int, word: str, body: Note, db) -> None:
            word = word.upper()
            await db.note(number=number, word=word)

        async def numbered(number: int, db) -> Item:
            return await db.item_by_id(id=number)
    """,
    errors="""
        | Error Code | HTTP Status | Description | Response Body |
        |---|---|---|---|
        | MISSING | 404 | `no row` | problem |
        | INVALID | 422 | `validation` | problem |
    """,
)


@pytest.fixture(scope="module")
def ask() -> Iterator[Any]:
    folder = passable_folder()
    path = Path(folder, "items.md")
    path.write_text(TEXT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(folder / "state"))
        served = Mounted(path)
        for size, labels in ((1, []), (2, ["a"]), (3, ["a", "b"])):
            assert served("POST", "/items", json={"labels": labels, "size": size}).status_code == 201
        yield served
        served.close()
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("path", "sizes"),
    [
        ("/items", [1, 2, 3]),
        ("/items?labels=a", [2]),
        ("/items?labels=a&labels=b", [3]),
        ("/items?size=1&size=3", [1, 3]),
        ("/items?size=1&labels=a", []),
        ("/sized", [1, 2, 3]),
        ("/sized?sizes=2", [2]),
    ],
)
def test_an_empty_list_by_default_filters_nothing(ask: Any, path: str, sizes: list[int]) -> None:
    assert [item["size"] for item in ask("GET", path).json()] == sizes


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/slices?start=99999999999999999999", {"in": "query", "parameter": "start", "message": "is out of range"}),
        ("/slices?offset=99999999999999999999", {"in": "query", "parameter": "offset", "message": "is out of range"}),
        ("/slices?offset=-1", {"in": "query", "parameter": "offset", "message": "must not be negative"}),
        ("/pages?number=99999999999999999999", {"in": "query", "parameter": "number", "message": "is out of range"}),
        ("/sums?oneTerm=99999999999999999999", None),
    ],
)
def test_a_number_that_an_algorithm_hands_on_and_nothing_holds_is_refused(
    ask: Any, path: str, fault: dict[str, str] | None
) -> None:
    response = ask("GET", path)
    assert (response.status_code, response.json()["code"]) == (422, "INVALID")
    assert response.json().get("faults") == ([fault] if fault else None)


def test_the_fault_of_a_parameter_bears_its_own_name(ask: Any) -> None:
    (fault,) = ask("GET", "/cut?firstItem=99999999999999999999").json()["faults"]
    assert fault == {"in": "query", "parameter": "firstItem", "message": "is out of range"}


@pytest.mark.parametrize("number", ["9999999999", "99999999999999999999"])
def test_a_number_in_the_path_that_nothing_holds_is_nobodys(ask: Any, number: str) -> None:
    response = ask("GET", f"/numbered/{number}")
    assert (response.status_code, response.json()["code"]) == (404, "MISSING")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/roles/nobody", "GRANT this right to the role of DATABASE_URL"),
        ("/items", "change `Transaction: read only`"),
    ],
)
def test_what_the_database_denies_is_told_in_the_log_alone(ask: Any, path: str, told: str) -> None:
    response = ask("DELETE", path)
    assert (response.status_code, response.json()["code"]) == (500, "INTERNAL")
    assert set(response.json()) == {"type", "title", "status", "code", "request_id"}
    assert told in ask.lines


@pytest.mark.parametrize("kind", ["notes", "remarks"])
def test_what_the_path_gives_is_told_of_the_path(ask: Any, kind: str) -> None:
    assert ask("PUT", f"/items/1/{kind}/fine", json={"text": "x"}).status_code == 204
    missing = ask("PUT", f"/items/99/{kind}/fine", json={"text": "x"})
    assert (missing.status_code, missing.json()["code"]) == (404, "MISSING")
    refused = ask("PUT", f"/items/1/{kind}/F1", json={"text": "x"})
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID")
    assert [(fault["in"], fault["parameter"]) for fault in refused.json()["faults"]] == [("path", "word")]


def test_what_an_algorithm_makes_of_the_path_is_its_own(ask: Any) -> None:
    assert ask("PUT", "/items/1/asides/fine", json={"text": "x"}).status_code == 409


def test_what_a_domain_refuses_is_told_of_the_member(ask: Any) -> None:
    assert ask("POST", "/scores", json={"score": 6}).status_code == 201
    refused = ask("POST", "/scores", json={"score": 5})
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID")
    assert [fault["pointer"] for fault in refused.json()["faults"]] == ["/score"]


def test_a_new_row_is_told_where_it_can_be_read(ask: Any) -> None:
    made = ask("POST", "/scores", json={"score": 7})
    place = made.headers["location"]
    assert place.startswith("/scores/")
    assert ask("GET", place).json() == {"score": 7}
    below = ask("POST", f"{place}/marks", json={"word": "a/b c"})
    assert (below.status_code, below.headers["location"]) == (201, f"{place}/marks/a%2Fb%20c")
