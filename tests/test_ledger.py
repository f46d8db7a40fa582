"""The ledger: what each section claims, how far that is known to be true, and what keeps the id of a claim."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt import ledger
from asbuilt.frontend import Loaded, read
from asbuilt.ledger import Ledger
from asbuilt.source import Source

ROOT = Path(__file__).parents[1]
EXAMPLES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.md"))}
TODAY = date(2026, 11, 23)

WHOLE = """# Shop

**Component**: shop
**Document Status**: Current
**Last Updated**: 2026-11-01
**Implements**: [shopping](#shop)

## Implementation Overview

### Technology Stack
- **Language**: Python 3.12

### Repository Structure
```
shop/
├── src/
│   └── shop.py
```

## API Implementation

### Endpoint Definitions
```
POST /items
  Operation: create_item
  Headers:   X-Trace: str?
  Body:      NewItem
  Response:  201 Item
  Response Headers: Location
  Errors:    NAME_TAKEN
  Transaction: serializable
  Auth:      none

GET /items/{id: int}
  Response: 200 Item
  Auth: required
```

### Request/Response Schemas
```python
Name = Annotated[str, Len(1, 50)]

class NewItem:
    name: Name

class Item(NewItem):
    id: int

class Slice[T]:
    items: list[T]
```

### Error Responses
| Code | Status | When | Body |
|------|--------|------|------|
| NAME_TAKEN | 409 | `items_name_key` | problem |

## Core Algorithms

### create_item
```python
async def create_item(body: NewItem, db: Database) -> Item:
    return await db.insert_item(name=body.name)
```
**Complexity**: exactly 1 statement, O(1) in items

### idle
```python
def idle() -> None:
    return None
```

### By hand
```
for each item: put it on the shelf
```

## Data Models

### Database Schema
```sql
CREATE TYPE colour AS ENUM ('red', 'blue');
CREATE TYPE pair AS (a int, b int);
CREATE TABLE items (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE
);
CREATE INDEX items_by_name ON items (name);
CREATE VIEW names AS SELECT name FROM items;
COMMENT ON TABLE items IS 'what is sold';
```

### ORM Models
```python
class ItemRow(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int] = mapped_column()
```

### Data Access Patterns
- **insert_item** (one): An item.
  ```sql
  INSERT INTO items (name) VALUES (:name) RETURNING *
  ```
- **forgotten** (many): All of them.
  ```sql
  SELECT * FROM items
  ```

## State Machines

### Shelf
```
States: full, bare
Transitions: full -> bare on sell, bare -> full on fill
```

## Configuration Implementation

### Environment Variables
```env
COMPONENT_PORT=8080  # 1..65535
API_KEY=...          # Required
```

### Configuration Loading
1. the defaults
2. the environment

## Monitoring Implementation

### Metrics Collection
- `items` counts what is sold.

## Our Customs

We look after `items`, and after the [schema](#database-schema).
"""


def loaded(text: str) -> Loaded:
    return read(Source(ROOT / "shop.md", text), referee=False, today=TODAY)


def claims(text: str) -> Ledger:
    return ledger.read(loaded(text).component)


@pytest.fixture(scope="module")
def whole() -> Ledger:
    return claims(WHOLE)


@pytest.mark.parametrize(
    ("standing", "kind", "names"),
    [
        ("checked", "fact", ("component",)),
        ("checked", "fact", ("document status",)),
        ("checked", "fact", ("last updated",)),
        ("checked", "fact", ("implements",)),
        ("unchecked", "stack", ("Language", "Python 3.12")),
        ("unchecked", "path", ("src/shop.py",)),
        ("enacted", "endpoint", ("POST /items",)),
        ("enacted", "parameter", ("POST /items", "header", "X-Trace")),
        ("enacted", "parameter", ("GET /items/{id}", "path", "id")),
        ("enacted", "body", ("POST /items",)),
        ("enacted", "answer", ("POST /items", "201")),
        ("enacted", "answer header", ("POST /items", "Location")),
        ("enacted", "listed error", ("POST /items", "NAME_TAKEN")),
        ("enacted", "clause", ("POST /items", "transaction")),
        ("enacted", "clause", ("POST /items", "auth")),
        ("unchecked", "clause", ("GET /items/{id}", "auth")),
        ("enacted", "alias", ("Name",)),
        ("enacted", "schema", ("Item",)),
        ("enacted", "schema", ("Slice",)),
        ("enacted", "member", ("Item", "id")),
        ("enacted", "member", ("Slice", "items")),
        ("enacted", "error", ("NAME_TAKEN",)),
        ("enacted", "algorithm", ("create_item",)),
        ("unchecked", "algorithm", ("idle",)),
        ("prose", "algorithm", ("By hand",)),
        ("unchecked", "complexity", ("create_item", "exactly 1 statement")),
        ("unchecked", "complexity", ("create_item", "O(1) in items")),
        ("enacted", "table", ("items",)),
        ("enacted", "column", ("items", "name")),
        ("enacted", "constraint", ("items", "items_pkey")),
        ("enacted", "constraint", ("items", "items_name_key")),
        ("enacted", "index", ("items_by_name",)),
        ("enacted", "type", ("colour",)),
        ("enacted", "type", ("pair",)),
        ("enacted", "view", ("names",)),
        ("enacted", "statement", ("COMMENT ON TABLE items IS 'what is sold'",)),
        ("checked", "mapped column", ("ItemRow", "name")),
        ("unchecked", "mapped column", ("ItemRow", "size")),
        ("enacted", "pattern", ("insert_item",)),
        ("unchecked", "pattern", ("forgotten",)),
        ("unchecked", "machine", ("shelf",)),
        ("unchecked", "state", ("shelf", "bare")),
        ("unchecked", "transition", ("shelf", "full", "on sell", "bare")),
        ("enacted", "variable", ("COMPONENT_PORT",)),
        ("enacted", "variable", ("API_KEY",)),
        ("enacted", "loading step", ("1",)),
        ("enacted", "loading step", ("2",)),
        ("unchecked", "kept", ("monitoring.metrics", "`items` counts what is sold.")),
        ("checked", "reference", ("monitoring.metrics", "items")),
        ("prose", "prose", ("Our Customs",)),
        ("checked", "reference", ("outside", "items")),
        ("checked", "reference", ("outside", "#database-schema")),
    ],
)
def test_each_section_claims_what_it_says(whole: Ledger, standing: str, kind: str, names: tuple[str, ...]) -> None:
    found = next((claim for claim in whole.claims if claim.key == (kind, names)), None)
    assert found, [claim.names for claim in whole.claims if claim.kind == kind]
    assert found.standing == standing, found
    assert found is whole.find(found.kind, *found.names)
    assert standing != "unchecked" or found.why or kind == "complexity"


def test_the_list_above_is_complete(whole: Ledger) -> None:
    """Every kind of claim is made somewhere in the document."""
    assert {claim.kind for claim in whole.claims} == set(ledger.claim.Kind.__args__) - {"cross-origin"}


def test_statements_tell_what_is_written(whole: Ledger) -> None:
    said = {claim.statement for claim in whole.claims}
    assert {
        "Item is an object with the members of NewItem",
        "Slice[T] is an object",
        "POST /items takes `X-Trace` in the header: str, may be left out",
        "COMPONENT_PORT is int in 1..65535, 8080 by default",
        "API_KEY is str, required",
        "items.name is text, never null",
        "items_pkey: id is the primary key of items",
        "items_by_name is an index on items (name) by btree",
        "colour is one of red, blue",
        "source 2 of configuration is the environment; a later one wins",
    } <= said, said


def test_a_secret_is_not_repeated() -> None:
    (found,) = [
        claim
        for claim in claims(
            "# A\n\n## Configuration\n\n### Environment Variables\n```env\nAPI_TOKEN=hunter2\n```\n"
        ).claims
        if claim.kind == "variable"
    ]
    assert "hunter2" not in found.statement


def test_cross_origin_is_a_claim() -> None:
    text = WHOLE.replace("POST /items\n", "Cross-Origin: https://shop.example\n\nPOST /items\n", 1)
    assert claims(text).find("cross-origin")


def test_an_endpoint_without_an_operation_is_not_enacted() -> None:
    text = WHOLE.replace("Operation: create_item", "Operation: create_itme")
    found = claims(text)
    for claim in found.claims:
        if claim.names[:1] == ("POST /items",):
            assert claim.standing == "unchecked", claim
            assert claim.why
    other = found.find("answer", "GET /items/{id}", "200")
    assert other
    assert other.standing == "enacted"


def doubted(text: str, refused: str = "") -> Ledger:
    found = loaded(text)
    return ledger.doubted(ledger.read(found.component), found.diagnostics, refused)


def test_a_contradicted_line_is_not_checked() -> None:
    found = doubted(WHOLE.replace("mapped_column(unique=True)", "mapped_column(Integer, unique=True)"))
    wrong, right = (found.find("mapped column", "ItemRow", name) for name in ("name", "id"))
    assert wrong
    assert right
    assert wrong.standing == "unchecked"
    assert wrong.why.startswith("DB301: ")
    assert right.standing == "checked"


def test_nothing_of_a_refused_document_is_enacted() -> None:
    found = doubted(WHOLE, "it is not served")
    assert "enacted" not in {claim.standing for claim in found.claims}
    table = found.find("table", "items")
    assert table
    assert table.why == "it is not served"


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_enacted(name: str) -> None:
    """What stays unchecked there is what only a running system can show."""
    assert {claim.kind for claim in claims(EXAMPLES[name]).claims if claim.standing == "unchecked"} <= {
        "complexity",
        "stack",
        "path",
    }


# What keeps an id


def ids(text: str) -> dict[str, str]:
    return {claim.id: f"{claim.kind} {claim.names}" for claim in claims(text).claims}


def gaps(text: str) -> list[int]:
    """The ends of heading lines outside of fences."""
    found, fenced = [], False
    for line in re.finditer(r"^.*\n", text, re.MULTILINE):
        fenced ^= line.group().lstrip().startswith("```")
        if not fenced and line.group().startswith("##"):
            found.append(line.end())
    return found


INSERTED = st.sampled_from(
    ("\n", "\n\n\n", "\nSome words more.\n\n", "\n<!-- a remark -->\n\n", "\nTwo lines\nof prose.\n\n")
)


@settings(max_examples=30)
@given(st.sampled_from((WHOLE, *EXAMPLES.values())), st.lists(st.tuples(st.integers(0, 99), INSERTED), max_size=8))
def test_ids_outlive_what_is_inserted_elsewhere(text: str, insertions: list[tuple[int, str]]) -> None:
    places = gaps(text)
    longer = text
    for number, inserted in sorted(insertions, key=lambda one: -(one[0] % len(places))):
        at = places[number % len(places)]
        longer = longer[:at] + inserted + longer[at:]
    assert ids(text).items() <= ids(longer).items()


@pytest.mark.parametrize("before", [True, False])
def test_ids_outlive_other_endpoints(before: bool) -> None:
    more = "GET /others\n  Operation: forgotten\n  Response: 200 list[Item]\n"
    first = "POST /items\n"
    changed = (
        WHOLE.replace(first, f"{more}\n{first}", 1)
        if before
        else WHOLE.replace("Auth: required\n", f"Auth: required\n\n{more}")
    )
    changed = changed.replace("class NewItem:", "class Other:\n    a: int\n\nclass NewItem:")
    changed = changed.replace("CREATE TYPE colour", "CREATE TABLE others (id integer PRIMARY KEY);\nCREATE TYPE colour")
    known, now = ids(WHOLE), ids(changed)
    assert known.items() <= now.items()
    assert {"endpoint ('GET /others',)", "member ('Other', 'a')", "table ('others',)"} <= set(now.values())


def test_ids_outlive_another_layout() -> None:
    assert ids(WHOLE) == ids(
        WHOLE.replace("Body:      NewItem", "Body:  NewItem").replace("name text NOT", "name  text NOT")
    )


EDITS: tuple[tuple[str, str, set[str]], ...] = (
    ("**Component**: shop", "**Component**: store", {"fact ('component',)"}),
    ("Operation: create_item", "Operation: insert_item", {"endpoint ('POST /items',)"}),
    ("X-Trace: str?", "X-Trace: int?", {"parameter ('POST /items', 'header', 'X-Trace')"}),
    ("Body:      NewItem", "Body:      Item", {"body ('POST /items',)"}),
    ("201 Item", "201 NewItem", {"answer ('POST /items', '201')"}),
    ("Transaction: serializable", "Transaction: read committed", {"clause ('POST /items', 'transaction')"}),
    ("Len(1, 50)", "Len(1, 51)", {"alias ('Name',)"}),
    ("    id: int\n", "    id: int = 1\n", {"member ('Item', 'id')"}),
    ("class Item(NewItem):", "class Item(Slice[int]):", {"schema ('Item',)"}),
    ("| 409 | `items_name_key` |", "| 422 | `items_name_key` |", {"error ('NAME_TAKEN',)"}),
    ("return None", "return 1", {"algorithm ('idle',)"}),
    ("ON items (name)", "ON items (id)", {"index ('items_by_name',)"}),
    ("('red', 'blue')", "('red', 'green')", {"type ('colour',)"}),
    ("SELECT name FROM items;", "SELECT id FROM items;", {"view ('names',)"}),
    ("unique=True", "unique=False", {"mapped column ('ItemRow', 'name')"}),
    ("SELECT * FROM items\n  ```", "SELECT id FROM items\n  ```", {"pattern ('forgotten',)"}),
    ("COMPONENT_PORT=8080", "COMPONENT_PORT=8081", {"variable ('COMPONENT_PORT',)"}),
    ("2. the environment", "2. the command line", {"loading step ('2',)"}),
)


@pytest.mark.parametrize(("old", "new", "changed"), EDITS, ids=[old for old, _, _ in EDITS])
def test_what_is_said_otherwise_is_another_claim(old: str, new: str, changed: set[str]) -> None:
    assert old in WHOLE
    before, after = ids(WHOLE), ids(WHOLE.replace(old, new, 1))
    assert {name for id_, name in before.items() if id_ not in after} == changed
    assert changed <= {name for id_, name in after.items() if id_ not in before}


def documents() -> Iterator[str]:
    yield from EXAMPLES.values()
    yield WHOLE
    yield WHOLE.replace("GET /items/{id: int}\n", "POST /items\n")


def test_ids_are_unique_and_short() -> None:
    for text in documents():
        known = [claim.id for claim in claims(text).claims]
        assert len(set(known)) == len(known)
        assert all(re.fullmatch(r"[0-9a-f]{10}(-\d+)?", one) for one in known)


def test_what_is_said_twice_is_numbered() -> None:
    text = WHOLE.replace("### Metrics Collection\n", "### Metrics Collection\n- A line.\n- A line.\n")
    first, second = [claim for claim in claims(text).claims if claim.statement == "A line."]
    assert second.id == f"{first.id}-2"
