"""What `verify` says of a database: of one that is as documented, and of such that are not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt import ledger
from asbuilt.component import Component
from asbuilt.frontend import load
from asbuilt.postgres.direct import execute, fetch
from asbuilt.postgres.trial import TrialDatabase, trial_database
from asbuilt.verify.catalogue import catalogue
from asbuilt.verify.examination import Entry, examine
from asbuilt.verify.mapped_classes import mapped_classes
from asbuilt.verify.statements import statements
from asbuilt.verify.target import Target

EXAMPLES = Path(__file__).parents[2] / "examples"
EMPTY = ("DROP SCHEMA IF EXISTS public CASCADE", "CREATE SCHEMA public")
PROBES = (catalogue, mapped_classes, statements)
DOCUMENT = """---
component: library
---
# Library

## Data Models

### Database Schema

```sql
CREATE TABLE books (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title  text NOT NULL CONSTRAINT books_title_key UNIQUE,
    pages  integer NOT NULL CHECK (pages > 0),
    shelf  text REFERENCES shelves
);
```

### ORM Models

```python
class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    title: Mapped[str] = mapped_column(Text, unique=True)
    pages: Mapped[int]
    shelf: Mapped[str | None] = mapped_column(Text)
```

### Data Access Patterns

- **thick**:
  ```sql
  SELECT id, title FROM books WHERE pages > :pages
    AND title = :title  -- when title
  ```
- **bind**:
  ```sql
  INSERT INTO books (title, pages) VALUES (:title, :pages)
  ON CONFLICT ON CONSTRAINT books_title_key DO NOTHING
  ```
"""


@pytest.fixture(scope="module")
def database(kept_state: Path) -> Iterator[TrialDatabase]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(kept_state))
        with trial_database() as found:
            yield found


@pytest.fixture
def library(tmp_path: Path, kept: Path) -> Component:
    path = tmp_path / "library.md"
    path.write_text(DOCUMENT)
    return load(path).component


def found(component: Component, database: TrialDatabase, *statements: str) -> tuple[Entry, ...]:
    """What is found of a database that was brought where the statements bring it."""
    execute(database.owner, *EMPTY, *statements)
    target = Target("http://127.0.0.1:9", database=database.url)
    return examine(component, ledger.read(component), target, probes=PROBES).entries


def refuted(entries: tuple[Entry, ...]) -> dict[tuple[object, ...], str]:
    return {(entry.claim.kind, *entry.claim.names): entry.why for entry in entries if entry.claim.standing == "refuted"}


def schema(component: Component) -> list[str]:
    return [each.text.replace(" REFERENCES shelves", "") for each in component.data.ddl]


@pytest.mark.parametrize("name", ["todo", "ledger", "orders", "shortener"])
def test_a_database_as_documented_is_verified(database: TrialDatabase, kept: Path, name: str) -> None:
    component = load(EXAMPLES / f"{name}.md").component
    entries = found(component, database, *schema(component))
    proved = {"table", "column", "constraint", "index", "pattern"}
    for entry in entries:
        if entry.claim.kind in proved:
            assert (entry.claim.standing, bool(entry.evidence)) == ("verified", True), entry


def test_what_was_not_made_to_compare_with_is_unchecked(database: TrialDatabase, library: Component) -> None:
    entries = found(library, database, *schema(library))
    assert refuted(entries) == {}
    unchecked = {entry.claim.names: entry.why for entry in entries if entry.claim.standing == "unchecked"}
    assert unchecked["books", "books_shelf_fkey"] == "the document does not define `shelves`, which it refers to"
    assert {e.claim.standing for e in entries if e.claim.kind in {"pattern", "mapped column", "column"}} == {"verified"}


def test_each_fault_is_told_at_its_claim_with_its_evidence(database: TrialDatabase, library: Component) -> None:
    fault = "ALTER TABLE books ALTER pages DROP NOT NULL"
    entries = found(library, database, *schema(library), fault)
    assert refuted(entries) == {
        ("column", "books", "pages"): "it may be null there",
        ("mapped column", "Book", "pages"): "is never null, the column may be",
    }
    entry = next(entry for entry in entries if entry.claim.names == ("books", "pages"))
    assert entry.evidence.measured == "the document: pages integer NOT NULL\nthe catalogue: pages integer"
    assert entry.evidence.command == "psql \"$DATABASE_URL\" -c '\\d books'"


def test_conditions_that_differ_are_told_apart_by_a_row(database: TrialDatabase, library: Component) -> None:
    change = "ALTER TABLE books DROP CONSTRAINT books_pages_check, ADD CHECK ({})"
    told = refuted(found(library, database, *schema(library), change.format("pages >= 0")))
    (why,) = told.values()
    assert why.endswith("they differ where pages = 0")
    entries = found(library, database, *schema(library), change.format("pages * 2 > 1"))
    assert refuted(entries) == {}
    (entry,) = (entry for entry in entries if entry.claim.names == ("books", "books_pages_check"))
    assert (entry.claim.standing, entry.why.rpartition("; ")[2]) == (
        "unchecked",
        "no row was found on which they differ",
    )


def test_a_constraint_that_a_statement_names_must_have_that_name(database: TrialDatabase, library: Component) -> None:
    fault = "ALTER TABLE books RENAME CONSTRAINT books_title_key TO other"
    told = refuted(found(library, database, *schema(library), fault))
    assert told == {
        ("constraint", "books", "books_title_key"): (
            "the document refers to it as `books_title_key`, the catalogue calls it `other`"
        ),
        ("pattern", "bind"): (
            'PostgreSQL refuses it there: constraint "books_title_key" for table "books" does not exist'
        ),
    }


def test_a_statement_of_other_types_is_refuted(database: TrialDatabase, library: Component) -> None:
    fault = "ALTER TABLE books ALTER pages TYPE numeric"
    told = refuted(found(library, database, *schema(library), fault))
    assert told["pattern", "thick"] == "it takes `:pages` as `numeric`, by the document's schema as `integer`"
    assert told["column", "books", "pages"] == "its type is `numeric`, the document says `integer`"


def test_nothing_is_written_and_a_plan_is_shown(database: TrialDatabase, library: Component) -> None:
    rows = "INSERT INTO books (title, pages) VALUES ('one', 1)"
    entries = found(library, database, *schema(library), rows)
    assert fetch(database.owner, "SELECT title FROM books") == [("one",)]
    plans = {entry.claim.names: entry.evidence.plan for entry in entries if entry.claim.kind == "pattern"}
    assert "Seq Scan on books" in plans["thick",] or "Index Scan" in plans["thick",]
    assert "Insert on books" in plans["bind",]


def test_a_system_that_keeps_its_tables_in_an_other_schema(database: TrialDatabase, library: Component) -> None:
    move = ("CREATE SCHEMA IF NOT EXISTS shop", "ALTER TABLE books SET SCHEMA shop")
    entries = found(library, database, "DROP SCHEMA IF EXISTS shop CASCADE", *schema(library), *move)
    assert refuted(entries) == {}
    assert {e.claim.standing for e in entries if e.claim.kind in {"table", "pattern", "mapped column"}} == {"verified"}
    execute(database.owner, "DROP SCHEMA shop CASCADE")


def test_a_database_out_of_reach_leaves_all_unchecked(library: Component) -> None:
    target = Target("http://127.0.0.1:9", database="postgresql://nobody@127.0.0.1:9/none")
    entries = examine(library, ledger.read(library), target, probes=PROBES).entries
    proved = {"table", "column", "constraint", "mapped column", "pattern"}
    told = [entry for entry in entries if entry.claim.kind in proved]
    assert {entry.claim.standing for entry in told} <= {"unchecked"}
    assert all("can't be reached" in entry.why for entry in told)
