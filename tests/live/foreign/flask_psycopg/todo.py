"""Lists of things to do. `python -m todo` serves them."""

import os
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import abort
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from psycopg.sql import SQL, Identifier, Placeholder
from pydantic import BaseModel, Field

import web

Title = Annotated[str, Field(min_length=1, max_length=200)]
Note = Annotated[str, Field(max_length=2000)]
Priority = Literal["low", "normal", "high"]

LIST = 'id, title, created_at AS "createdAt"'
TODO = 'id, list_id AS "listId", title, note, priority, due, done, created_at AS "createdAt"'


class CreateList(BaseModel):
    title: Title


class CreateTodo(BaseModel):
    title: Title
    note: Note | None = None
    priority: Priority = "normal"
    due: date | None = None
    done: bool = False


class ChangeTodo(CreateTodo):
    title: Title = ""  # never used: what is left out stays


class TodosOfList(BaseModel):
    done: bool | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    after: str | None = None


app = web.create_app("todo")
pool = web.connect("todo.sql")


def one(statement: Any, values: dict[str, Any]) -> web.Row:
    """The row that the statement answers, or a 404."""
    with pool.connection() as connection:
        return connection.execute(statement, values).fetchone() or abort(404)


@app.post("/lists")
def create_list() -> tuple[web.Row, int]:
    values = web.body(CreateList).model_dump()
    try:
        return one(f"INSERT INTO lists (title) VALUES (%(title)s) RETURNING {LIST}", values), 201
    except UniqueViolation:
        raise web.Problem(409, "LIST_EXISTS", "another list has that title") from None


@app.get("/lists")
def all_lists() -> list[web.Row]:
    with pool.connection() as connection:
        return connection.execute(f"SELECT {LIST} FROM lists ORDER BY title").fetchall()


@app.get("/lists/<uuid:key>")
def one_list(key: UUID) -> web.Row:
    return one(f"SELECT {LIST} FROM lists WHERE id = %(key)s", {"key": key})


@app.delete("/lists/<uuid:key>")
def delete_list(key: UUID) -> tuple[str, int]:
    one("DELETE FROM lists WHERE id = %(key)s RETURNING id", {"key": key})
    return "", 204


@app.post("/lists/<uuid:key>/todos")
def create_todo(key: UUID) -> tuple[web.Row, int]:
    values = {"key": key, **web.body(CreateTodo).model_dump()}
    statement = f"""
        INSERT INTO todos (list_id, title, note, priority, due, done)
        VALUES (%(key)s, %(title)s, %(note)s, %(priority)s, %(due)s, %(done)s)
        RETURNING {TODO}
    """
    try:
        return one(statement, values), 201
    except ForeignKeyViolation:
        abort(404)


@app.get("/lists/<uuid:key>/todos")
def todos_of_list(key: UUID) -> dict[str, Any]:
    query = web.query(TodosOfList)
    after = web.key_of(query.after, UUID)
    statement = f"""
        SELECT {TODO} FROM todos
        WHERE list_id = %(key)s
          AND (%(done)s::boolean IS NULL OR done = %(done)s)
          AND (%(after)s::uuid IS NULL OR id > %(after)s)
        ORDER BY id
        LIMIT %(limit)s + 1
    """
    with pool.connection() as connection:
        if not connection.execute("SELECT 1 FROM lists WHERE id = %s", [key]).fetchone():
            abort(404)
        values = {"key": key, "done": query.done, "after": after, "limit": query.limit}
        return web.page(connection.execute(statement, values).fetchall(), query.limit)


@app.get("/todos/<uuid:key>")
def one_todo(key: UUID) -> web.Row:
    return one(f"SELECT {TODO} FROM todos WHERE id = %(key)s", {"key": key})


@app.put("/todos/<uuid:key>")
def replace_todo(key: UUID) -> web.Row:
    return changed(key, web.body(CreateTodo).model_dump())


@app.patch("/todos/<uuid:key>")
def change_todo(key: UUID) -> web.Row:
    return changed(key, web.body(ChangeTodo).model_dump(exclude_unset=True))


@app.delete("/todos/<uuid:key>")
def delete_todo(key: UUID) -> tuple[str, int]:
    one("DELETE FROM todos WHERE id = %(key)s RETURNING id", {"key": key})
    return "", 204


def changed(key: UUID, values: dict[str, Any]) -> web.Row:
    if not values:
        return one_todo(key)
    changes = SQL(", ").join(SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in values)
    statement = SQL("UPDATE todos SET {} WHERE id = %(key)s RETURNING {}").format(changes, SQL(TODO))
    return one(statement, {"key": key, **values})


if __name__ == "__main__":
    web.serve(app, int(os.environ.get("PORT", "8080")))
