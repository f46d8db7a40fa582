"""Derived operations over HTTP: bodies in JSON, errors as documented, cursors sealed."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import passable_folder

from serving import Mounted
from specimens import document

ENDPOINTS = """
    POST /tags
      Body: Tag
      Response: 201
    POST /lists
      Body: NewList
      Response: 201 List
    DELETE /lists/{id}
      Response: 204
    POST /lists/{slug: lists.slug}/todos
      Body: NewTodo
      Response: 201 Todo
    GET /lists/{slug: lists.slug}/todos
      Query: done?, limit: Annotated[int, Ge(1)] = 3, after: Cursor?
      Response: 200 Page[Todo]
    GET /todos/{id}
      Response: 200 Todo
    PUT /todos/{id}
      Body: NewTodo
      Response: 200 Todo
    PATCH /todos/{id}
      Body: TodoChange
      Response: 200 Todo
    DELETE /todos/{id}
      Response: 204
"""
SCHEMAS = """
    Title = Annotated[str, Len(1, 50)]

    class NewList:
        slug: Annotated[str, Pattern("[a-z]+"), Len(1, 200)]

    class List(NewList):
        id: int

    class Tag:
        id: Annotated[int, Ge(1), Le(1000)]

    class NewTodo:
        title: Title
        isDone: Annotated[bool, Column("done")] = False
        dueOn: date | None = None
        steps: Annotated[list[Title], Len(max_length=9)] = []
        tags: Annotated[list[Tag], Len(max_length=9)] = []

    class TodoChange:
        title: Title = "untitled"
        dueOn: date | None = None
        steps: list[Title] = []
        tags: list[Tag] = []

    class Todo(NewTodo):
        id: int
        createdAt: datetime
"""
SQL = """
    CREATE TABLE lists (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        slug varchar(200) NOT NULL UNIQUE
    );
    CREATE TABLE todos (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        list_id int NOT NULL CONSTRAINT todos_list_fk REFERENCES lists,
        title text NOT NULL,
        done boolean NOT NULL DEFAULT false,
        due_on date,
        created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE todo_steps (
        todo_id int REFERENCES todos ON DELETE CASCADE,
        position int,
        step text NOT NULL,
        PRIMARY KEY (todo_id, position)
    );
    CREATE TABLE tags (id int PRIMARY KEY);
    CREATE TABLE todo_tags (
        todo_id int REFERENCES todos ON DELETE CASCADE,
        tag_id int CONSTRAINT todo_tags_tag_fk REFERENCES tags,
        PRIMARY KEY (todo_id, tag_id)
    );
"""
ERRORS = """
    | Error Code | HTTP Status | Description | Response Body |
    |---|---|---|---|
    | NO_LIST | 404 | `no row` of `lists` | problem |
    | MISSING | 404 | `no row` | problem |
    | SLUG_TAKEN | 409 | `lists_slug_key`: another list has it | problem |
    | LIST_IN_USE | 409 | `todos_list_fk` on delete | problem |
    | INVALID | 422 | `validation` | problem |
"""


@pytest.fixture(scope="module")
def ask() -> Iterator[Any]:
    folder = passable_folder()
    path = folder / "todos.md"
    path.write_text(document(endpoints=ENDPOINTS, schemas=SCHEMAS, sql=SQL, errors=ERRORS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(folder / "state"))
        served = Mounted(Path(path))
        for tag in (1, 2):
            assert served("POST", "/tags", json={"id": tag}).status_code == 201
        assert served("POST", "/lists", json={"slug": "home"}).json() == {"slug": "home", "id": 1}
        yield served
        served.close()
    shutil.rmtree(folder)


@pytest.fixture
def todo(ask: Any) -> Any:
    """A new row with all that it may hold."""
    body = {
        "title": "Paint",
        "isDone": True,
        "dueOn": "2026-12-24",
        "steps": ["sand", "prime"],
        "tags": [{"id": 2}, {"id": 1}],
    }
    made = ask("POST", "/lists/home/todos", json=body)
    assert made.status_code == 201, made.text
    return made.json()


def problem(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_a_row_is_answered_as_it_was_sent(ask: Any, todo: Any) -> None:
    assert {key: value for key, value in todo.items() if key not in {"id", "createdAt"}} == {
        "title": "Paint",
        "isDone": True,
        "dueOn": "2026-12-24",
        "steps": ["sand", "prime"],
        "tags": [{"id": 1}, {"id": 2}],
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", todo["createdAt"])
    assert ask("GET", f"/todos/{todo['id']}").json() == todo


def test_a_change_keeps_what_is_left_out_whatever_its_default(ask: Any, todo: Any) -> None:
    path = f"/todos/{todo['id']}"
    assert ask("PATCH", path, json={}).json() == todo
    assert ask("PATCH", path, json={"title": "Sand"}).json() == todo | {"title": "Sand"}
    cleared = ask("PATCH", path, json={"dueOn": None, "steps": []}).json()
    assert cleared == todo | {"title": "Sand", "dueOn": None, "steps": []}
    assert ask("PATCH", path, json={"tags": [{"id": 2}]}).json() == cleared | {"tags": [{"id": 2}]}


def test_a_replacement_sets_everything(ask: Any, todo: Any) -> None:
    after = ask("PUT", f"/todos/{todo['id']}", json={"title": "New", "steps": ["sand"]}).json()
    assert after == todo | {"title": "New", "isDone": False, "dueOn": None, "steps": ["sand"], "tags": []}


def test_what_is_deleted_is_gone(ask: Any, todo: Any) -> None:
    path = f"/todos/{todo['id']}"
    assert ask("DELETE", path).status_code == 204
    assert problem(ask("DELETE", path)) == (404, "MISSING")
    for method, body in (("GET", None), ("PUT", {"title": "x"}), ("PATCH", {"title": "x"}), ("PATCH", {})):
        assert problem(ask(method, path, json=body)) == (404, "MISSING")


@pytest.mark.parametrize("key", ["abc", "1.5", "0x1", "99999999999999999999", "2147483648"])
def test_a_key_that_no_column_could_hold_is_nobodys(ask: Any, key: str) -> None:
    assert ask("GET", f"/todos/{key}").status_code == 404


def test_a_missing_parent_is_told_before_a_faulty_body(ask: Any) -> None:
    assert problem(ask("GET", "/lists/nowhere/todos")) == (404, "NO_LIST")
    assert problem(ask("POST", "/lists/nowhere/todos", json={"title": "x"})) == (404, "NO_LIST")
    assert problem(ask("POST", "/lists/nowhere/todos", json={"title": ""})) == (404, "NO_LIST")


def test_broken_constraints_answer_their_rows(ask: Any, todo: Any) -> None:
    assert problem(ask("POST", "/lists", json={"slug": "home"})) == (409, "SLUG_TAKEN")
    assert problem(ask("DELETE", "/lists/1")) == (409, "LIST_IN_USE")
    unknown = ask("PATCH", f"/todos/{todo['id']}", json={"tags": [{"id": 1}, {"id": 77}]})
    assert problem(unknown) == (422, "INVALID")
    assert unknown.json()["faults"][0]["pointer"] == "/tags"
    assert ask("GET", f"/todos/{todo['id']}").json() == todo, "a statement that fails changes nothing"


def test_pages_are_walked_by_their_cursors(ask: Any) -> None:
    assert ask("POST", "/lists", json={"slug": "long"}).status_code == 201
    titles = [f"todo {number}" for number in range(7)]
    for title in titles:
        assert ask("POST", "/lists/long/todos", json={"title": title}).status_code == 201
    seen, query, sizes = [], "", []
    while True:
        page = ask("GET", f"/lists/long/todos?{query}").json()
        seen += [item["title"] for item in page["items"]]
        sizes.append(len(page["items"]))
        if page["next"] is None:
            break
        query = f"after={page['next']}"
    assert (seen, sizes) == (titles, [3, 3, 1])
    assert len(ask("GET", "/lists/long/todos?limit=7").json()["items"]) == 7
    assert ask("GET", "/lists/long/todos?limit=7").json()["next"] is None
    assert ask("GET", "/lists/long/todos?done=true").json() == {"items": [], "next": None}
    assert problem(ask("GET", "/lists/long/todos?done=perhaps")) == (422, "INVALID")
    assert problem(ask("GET", "/lists/long/todos?after=forged")) == (422, "INVALID")
