"""`db` of an algorithm: patterns as methods, their arguments, their rows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from asbuilt.component import Component
from asbuilt.frontend import read
from asbuilt.language.types import ABSENT
from asbuilt.postgres.driver import Result
from asbuilt.postgres.errors import Condition, StatementFailed
from asbuilt.runtime.calls import Call
from asbuilt.runtime.database_errors import places_of
from asbuilt.runtime.encode import Encoders
from asbuilt.runtime.errors import Errors
from asbuilt.runtime.messages import Request
from asbuilt.runtime.patterns import BlockingDb, Db, Patterns
from asbuilt.runtime.refusals import Refusal
from asbuilt.source import Source

DOCUMENT = """\
# P Implementation Specification

**Component**: p

## API Implementation

### Endpoint Definitions
```
POST /users
  Operation: register
  Query:     source: str?
  Body:      User
  Response:  201 User
  Errors:    NO_USER, EMAIL_TAKEN
```

### Request/Response Schemas
```python
class User:
    email: str
    name: str | None = None
```

### Error Responses
| Error Code | HTTP Status | Description | Response Body |
|---|---|---|---|
| NO_USER | 404 | `no row` of `user_by_email` | problem |
| EMAIL_TAKEN | 409 | `users_email_key`: there is one | problem |

## Core Algorithms

### Register
```python
async def register(body: User, db) -> User:
    return await db.user_by_email(body.email)
```

## Data Models

### Database Schema
```sql
CREATE TABLE users (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    name  text,
    CONSTRAINT users_email_key UNIQUE (email)
);
```

### Data Access Patterns
- **user_by_email** (one): One user.
  ```sql
  SELECT * FROM users WHERE email = :email
  ```
- **perhaps** (maybe): One user, or none.
  ```sql
  SELECT * FROM users WHERE email = :email
  ```
- **search** (many): Some users.
  ```sql
  SELECT * FROM users WHERE true
    AND name = :name      -- when name
    AND email = :source   -- when source
  ```
- **insert_user** (none): A new one.
  ```sql
  INSERT INTO users (email, name) VALUES (:body.email, :body.name)
  ```
"""


class ARow(dict[str, object]):
    def __iter__(self) -> Any:
        return iter(self.values())


@dataclass
class Runs:
    rows: list[ARow] = field(default_factory=list)
    failure: Condition | None = None
    seen: list[tuple[str, list[object]]] = field(default_factory=list)

    async def run(self, sql: str, values: Sequence[object], /) -> Result:
        self.seen.append((" ".join(sql.split()), list(values)))
        if self.failure:
            raise StatementFailed(self.failure)
        return Result(self.rows, f"SELECT {len(self.rows)}")  # type: ignore[arg-type]


@dataclass
class Body:
    email: object = "a@b"
    name: object = ABSENT


COMPONENT: Component = read(Source(Path("p.md"), DOCUMENT), referee=False).component
OPERATION = COMPONENT.operations[0]
ERRORS = Errors(COMPONENT, Encoders(COMPONENT.types))
PATTERNS = Patterns(COMPONENT, OPERATION, ERRORS, places_of(OPERATION, COMPONENT))
ROW = ARow(id=1, email="a@b", name=None)


async def no_body(_limit: int) -> bytes:
    return b""


def a_db(runs: Runs, **values: object) -> Db:
    request = Request("POST", "/users", "", {}, no_body, None)  # type: ignore[arg-type]
    return Db(PATTERNS, Call(request, "id", {"body": Body(), **values}, {}, b"", lambda _: ""), runs)


def asked(pattern: str, /, *positional: object, runs: Runs | None = None, **named: object) -> tuple[Any, Runs]:
    runs = runs or Runs([ROW])

    async def ask() -> Any:
        return await getattr(a_db(runs), pattern)(*positional, **named)

    return asyncio.run(ask()), runs


def test_arguments_by_place_and_by_name() -> None:
    for found, runs in (asked("user_by_email", "a@b"), asked("user_by_email", email="a@b")):
        assert runs.seen == [("SELECT * FROM users WHERE email = $1", ["a@b"])]
        assert (found.email, found["email"], found.name) == ("a@b", "a@b", None)
        assert repr(found) == "user_by_email(id=1, email='a@b', name=None)"


def test_what_is_absent_is_not_asked() -> None:
    assert asked("search")[1].seen == [("SELECT * FROM users WHERE true", [])]
    assert asked("search", name="x")[1].seen == [("SELECT * FROM users WHERE true AND name = $1", ["x"])]
    assert asked("search", name=None)[1].seen == [("SELECT * FROM users WHERE true AND name = $1", [None])]
    assert asked("search", name=ABSENT)[1].seen == [("SELECT * FROM users WHERE true", [])]


def test_a_query_parameter_that_was_left_out_and_handed_on_is_absent() -> None:
    assert asked("search", source=None)[1].seen == [("SELECT * FROM users WHERE true", [])]


def test_what_the_call_has_need_not_be_handed_on() -> None:
    assert asked("insert_user")[1].seen == [("INSERT INTO users (email, name) VALUES ($1, $2)", ["a@b", None])]
    given = asked("insert_user", body=Body(email="c@d", name="n"))[1]
    assert given.seen[0][1] == ["c@d", "n"]


def test_rows_as_their_cardinality_says() -> None:
    assert [one.id for one in asked("search", runs=Runs([ROW, ROW]))[0]] == [1, 1]
    assert asked("search", runs=Runs())[0] == []
    assert asked("perhaps", "x", runs=Runs())[0] is None
    assert asked("perhaps", "x")[0].id == 1
    assert asked("insert_user")[0] is None
    assert asked("perhaps", "x")[0] == asked("perhaps", "x")[0]


def test_one_without_a_row_raises_what_the_document_has_for_it() -> None:
    with pytest.raises(ERRORS.classes["NO_USER"]):
        asked("user_by_email", "x", runs=Runs())


def test_what_postgresql_refuses_can_be_caught_by_its_code() -> None:
    taken = Condition("unique", "23505", "users_email_key", "users")
    with pytest.raises(ERRORS.classes["EMAIL_TAKEN"]) as raised:
        asked("insert_user", runs=Runs(failure=taken))
    assert ERRORS.raised(raised.value, "register", "id").status == 409


def test_a_collision_is_left_to_the_transaction() -> None:
    with pytest.raises(StatementFailed):
        asked("search", runs=Runs(failure=Condition("serialization")))


def test_what_nobody_documents_is_a_refusal() -> None:
    with pytest.raises(Refusal):
        asked("search", runs=Runs(failure=Condition("unavailable")))


@pytest.mark.parametrize(
    ("positional", "named", "words"),
    [
        (("a", "b"), {}, "takes 1 arguments, not 2"),
        ((), {}, "needs `email`"),
        ((), {"mail": "x"}, "has no parameter `mail`; it has email"),
        (("a",), {"email": "b"}, "got `email` twice"),
    ],
)
def test_wrong_calls_are_errors_of_python(positional: tuple[object, ...], named: dict[str, object], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        asked("user_by_email", *positional, **named)
    with pytest.raises(AttributeError, match="no data access pattern `nope`"):
        asked("nope")


def test_a_plain_function_waits_in_its_thread() -> None:
    async def ask() -> Any:
        db = BlockingDb(a_db(Runs([ROW])), asyncio.get_running_loop())
        return await asyncio.to_thread(lambda: db.user_by_email("a@b"))

    assert asyncio.run(ask()).email == "a@b"


def test_an_exclusion_leaves_it_to_its_row_to_say_what_is_wrong() -> None:
    taken = Condition("exclusion", "23P01", "users_email_key", "users")
    with pytest.raises(ERRORS.classes["EMAIL_TAKEN"]) as raised:
        asked("insert_user", runs=Runs(failure=taken))
    assert raised.value.detail == ""
