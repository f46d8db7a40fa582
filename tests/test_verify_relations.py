"""What a call refers to is found in the document: by its tables, its statements and its names."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from asbuilt.component import Component, Operation
from asbuilt.frontend import load, read
from asbuilt.source import Source
from asbuilt.verify.relations import Column, References, Relations

EXAMPLES = Path(__file__).parents[1] / "examples"

WORKSHOP = """\
# Workshop Implementation Specification

## API Implementation
### Endpoint Definitions
```
POST /shelves
  Body: NewShelf
  Response: 201 Shelf

PUT /labels/{code: Code}
  Operation: put_label
  Body: NewLabel
  Response: 200 Label

GET /labels/{code: Code}
  Operation: label
  Response: 200 Label

POST /shelves/{shelf_id: int}/tools
  Body: NewTool
  Response: 201 Tool

GET /tools/{id: int}
  Response: 200 Tool

DELETE /tools/{id: int}
  Response: 204

POST /loans
  Operation: lend
  Body: NewLoan
  Response: 201 Loan

GET /loans
  Operation: loans_of
  Query: tool: int, borrower: str?
  Response: 200 list[Loan]

GET /tools/{tool_id: int}/loans
  Operation: loans_of_tool
  Response: 200 list[Loan]
```
### Request/Response Schemas
```python
Code = Annotated[str, Pattern(r"[A-Z]{2}[0-9]{2}")]

class NewShelf:
    name: Annotated[str, Len(1, 50)]

class Shelf:
    id: int
    name: str

class NewLabel:
    colour: str

class Label:
    code: str
    colour: str

class NewTool:
    name: str
    labelCode: Code | None = None
    serial: str

class Tool:
    id: int
    shelfId: int
    name: str
    serial: str
    labelCode: str | None

class Borrower:
    name: str

class NewLoan:
    tool: int
    tags: list[str] = []
    borrower: Borrower

class Loan:
    id: int
    tool_id: int
    borrower: str
```
## Core Algorithms
### Lend
```python
async def lend(body: NewLoan, db: Database) -> Loan:
    return await db.insert_loan(tool=body.tool, borrower=body.borrower.name)
```
## Data Models
### Database Schema
```sql
CREATE TABLE shelves (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z ]+$')
);
CREATE TABLE labels (code text PRIMARY KEY CHECK (code ~ '^[A-Z]{2}[0-9]{2}$'), colour text NOT NULL);
CREATE TABLE tools (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shelf_id bigint NOT NULL REFERENCES shelves,
    label_code text REFERENCES labels,
    name text NOT NULL,
    serial text NOT NULL
);
CREATE UNIQUE INDEX tools_serial_idx ON tools (serial);
CREATE TABLE loans (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tool_id bigint NOT NULL REFERENCES tools,
    borrower text NOT NULL
);
CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
```
### Data Access Patterns
- **put_label**: A label, new or changed.
  ```sql
  INSERT INTO labels (code, colour) VALUES (:code, :colour)
  ON CONFLICT (code) DO UPDATE SET colour = excluded.colour
  RETURNING *
  ```
- **label**: One label.
  ```sql
  SELECT * FROM labels WHERE code = :code
  ```
- **insert_loan**: A loan.
  ```sql
  INSERT INTO loans (tool_id, borrower) VALUES (:tool, :borrower) RETURNING *
  ```
- **loans_of** (many): What was lent.
  ```sql
  SELECT * FROM loans WHERE tool_id = :tool AND (borrower = :borrower OR :borrower::text IS NULL)
  ```
- **loans_of_tool** (many): The same, below a tool.
  ```sql
  SELECT * FROM loans WHERE tool_id = :tool_id
  ```
"""


@cache
def workshop() -> Relations:
    found = read(Source(Path("workshop.md"), WORKSHOP), referee=False, today=date(2026, 11, 23))
    assert {one.code for one in found.errors} == {"API401"}  # names that the table refuses, on purpose
    return Relations(found.component)


@cache
def example(name: str) -> Relations:
    return Relations(load(EXAMPLES / f"{name}.md").component)


def operation(component: Component, title: str) -> Operation:
    return next(each for each in component.operations if each.endpoint.title == title)


def of(title: str, relations: Relations | None = None) -> References:
    known = relations or workshop()
    return known.of(operation(known.component, title))


SHELF, TOOL, LABEL = Column("shelves", "id"), Column("tools", "id"), Column("labels", "code")


@pytest.mark.parametrize(
    ("title", "path"),
    [
        ("POST /shelves", {}),
        ("POST /shelves/{shelf_id}/tools", {"shelf_id": SHELF}),
        ("GET /tools/{id}", {"id": TOOL}),
        ("DELETE /tools/{id}", {"id": TOOL}),
        ("GET /labels/{code}", {"code": LABEL}),
        ("GET /tools/{tool_id}/loans", {"tool_id": TOOL}),
        ("PUT /labels/{code}", {}),
    ],
)
def test_the_path_names_rows(title: str, path: dict[str, Column]) -> None:
    assert of(title).path == path


def test_a_path_parameter_that_names_what_is_made_is_free() -> None:
    assert of("PUT /labels/{code}").free == {"code"}
    assert all(
        of(each.endpoint.title).free == set() for each in workshop().component.operations if each.name != "put_label"
    )


def test_the_query_names_rows_by_foreign_keys_and_not_by_any_column() -> None:
    assert of("GET /loans").query == {"tool": TOOL}


def test_the_body_names_rows() -> None:
    assert of("POST /shelves/{shelf_id}/tools").body == {("labelCode",): LABEL}
    assert of("POST /loans").body == {("tool",): TOOL}
    assert of("POST /shelves").body == {}


def test_members_that_must_differ() -> None:
    assert of("POST /shelves").unique == {("name",)}
    assert of("POST /shelves/{shelf_id}/tools").unique == {("serial",)}
    assert of("POST /loans").unique == set()


def test_patterns_that_constraints_demand() -> None:
    relations = workshop()
    shelf = operation(relations.component, "POST /shelves")
    assert relations.pattern(shelf, ("name",)) == "[a-z ]+"
    assert relations.pattern(shelf, ("other",)) is None
    assert relations.pattern(operation(relations.component, "PUT /labels/{code}"), "code") == "[A-Z]{2}[0-9]{2}"


@pytest.mark.parametrize(
    ("table", "titles"),
    [
        ("shelves", ["POST /shelves"]),
        ("tools", ["POST /shelves/{shelf_id}/tools"]),
        ("labels", ["PUT /labels/{code}"]),
        ("loans", ["POST /loans"]),
        ("audit", []),
        ("unheard", []),
    ],
)
def test_makers(table: str, titles: list[str]) -> None:
    assert [each.endpoint.title for each in workshop().makers(table)] == titles


def test_an_algorithm_names_rows_in_its_body() -> None:
    transfer = of("POST /transfers", example("ledger"))
    assert transfer.body == {("source",): Column("accounts", "id"), ("target",): Column("accounts", "id")}
    assert transfer.unique == transfer.free == set()
    assert [each.endpoint.title for each in example("ledger").makers("transfers")] == ["POST /transfers"]
    assert example("ledger").makers("entries") == ()


def test_a_key_that_the_caller_chooses() -> None:
    shortener = example("shortener")
    assert of("POST /links", shortener).unique == {("alias",)}
    assert of("GET /{alias}", shortener).path == {"alias": Column("links", "alias")}
    assert [each.endpoint.title for each in shortener.makers("links")] == ["POST /links"]


def test_what_was_found_once_is_kept() -> None:
    relations = workshop()
    one = operation(relations.component, "POST /loans")
    assert relations.of(one) is relations.of(one)
