"""The document is proved of what asbuilt serves: nothing is refuted where both are the same, and where what is served
differs in one place, the claim of that place is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asbuilt import ledger
from asbuilt.cli import main
from asbuilt.commands import own
from asbuilt.frontend import Loaded, load
from asbuilt.ledger import Kind
from asbuilt.verify.examination import Examination, examine
from asbuilt.verify.target import Target

EXAMPLES = Path(__file__).parents[2] / "examples"
Key = tuple[Kind, tuple[str, ...]]

TODOS = "GET /lists/{list_id}/todos"
STATEMENT = "GET /accounts/{id}/statement"
# In which example, what is served instead of what, and the claim that must be refuted.
FAULTS: tuple[tuple[str, tuple[str, ...], Key], ...] = (
    ("todo", ("Response:  201 List", "Response:  200 List"), ("answer", ("POST /lists", "201"))),
    ("todo", ("| LIST_EXISTS | 409 |", "| LIST_EXISTS | 400 |"), ("error", ("LIST_EXISTS",))),
    ("todo", ("| NOT_FOUND | 404 |", "| NOT_FOUND | 410 |"), ("error", ("NOT_FOUND",))),
    ("todo", ("| INVALID | 422 |", "| INVALID | 400 |"), ("error", ("INVALID",))),
    ("todo", ("createdAt: datetime", "created_at: datetime"), ("member", ("List", "createdAt"))),
    ("todo", ("limit: Limit = 20", "limit: Limit = 10"), ("parameter", (TODOS, "query", "limit"))),
    ("todo", ("Le(100)]", "Le(50)]"), ("parameter", (TODOS, "query", "limit"))),
    ("todo", ("Le(100)]", "Le(101)]"), ("parameter", (TODOS, "query", "limit"))),
    ("todo", ('priority: Priority = "normal"', 'priority: Priority = "low"'), ("member", ("CreateTodo", "priority"))),
    ("todo", ("done: bool = False", "done: bool = True"), ("member", ("CreateTodo", "done"))),
    ("todo", ("Len(1, 200)", "Len(2, 200)"), ("member", ("CreateTodo", "title"))),
    ("todo", ("Len(1, 200)", "Len(1, 199)"), ("member", ("CreateTodo", "title"))),
    ("todo", ("text NOT NULL UNIQUE", "text NOT NULL", "`lists_title_key`: ", ""), ("error", ("LIST_EXISTS",))),
    ("todo", ("ON DELETE CASCADE", ""), ("answer", ("DELETE /lists/{id}", "204"))),
    ("todo", ("CREATE INDEX todos_list_idx ON todos (list_id, id);", ""), ("index", ("todos_list_idx",))),
    ("ledger", ("ORDER BY id DESC\n", "ORDER BY id\n"), ("pattern", ("statement",))),
    ("ledger", ("id < :after.id ", "id <= :after.id"), ("parameter", (STATEMENT, "query", "after"))),
    (
        "ledger",
        ("account_id = :id\n", "account_id IS NOT NULL AND :id::uuid IS NOT NULL\n"),
        ("pattern", ("statement",)),
    ),
    ("ledger", ("if source.balance < body.amount:", "if False:"), ("endpoint", ("POST /transfers",))),
    (
        "ledger",
        ('_FUNDS", "balance"', '_FUNDS", "held"', "_FUNDS(balance", "_FUNDS(held"),
        ("error", ("INSUFFICIENT_FUNDS",)),
    ),
    ("ledger", ("CHECK (balance >= 0)", ""), ("constraint", ("accounts", "accounts_balance_check"))),
    ("ledger", ("Le(1_000_000_000_000)]\n", "Le(1_000_000)]\n"), ("member", ("NewTransfer", "amount"))),
    ("shortener", ("302", "307"), ("answer", ("GET /{alias}", "302"))),
    ("orders", ("stock >= 0", "stock >= -5"), ("constraint", ("products", "products_stock_check"))),
)


# What cannot be shown of our own runtime. The links that the front page shows are no list of a request.
BEYOND_PROOF: dict[str, set[Key]] = {
    "todo": set(),
    "ledger": set(),
    "shortener": {("complexity", ("front_page", "O(n) in links shown"))},
    "orders": set(),
}


@contextmanager
def served(document: Path) -> Iterator[tuple[Loaded, own.Own]]:
    loaded = load(document)
    with own.served(loaded) as component:
        yield loaded, component


def proved(document: Path, component: own.Own, *, starting: bool = False) -> Examination:
    loaded = load(document)
    target = Target(
        component.url,
        own=True,
        database=component.database,
        disposable=True,
        start=component.start if starting else None,
    )
    found = examine(loaded.component, ledger.read(loaded.component), target)
    assert found.troubles == ()
    return found


@pytest.mark.parametrize("name", ["todo", "ledger", "shortener", "orders"])
def test_what_is_served_from_a_document_is_as_it_says(name: str) -> None:
    document = EXAMPLES / f"{name}.md"
    with served(document) as (_, component):
        found = proved(document, component, starting=True)
    assert [(entry.claim.statement, entry.why) for entry in found.standing("refuted")] == []
    assert {entry.claim.key for entry in found.standing("unchecked")} == BEYOND_PROOF[name]


@pytest.mark.parametrize(("name", "edits", "key"), FAULTS, ids=[f"{f[0]}: {f[1][1]}" for f in FAULTS])
def test_a_difference_refutes_the_claim(name: str, edits: tuple[str, ...], key: Key, tmp_path: Path) -> None:
    document = EXAMPLES / f"{name}.md"
    text = document.read_text()
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    other = tmp_path / f"{name}.md"
    other.write_text(text)
    assert [found.message for found in load(other).errors] == []
    with served(other) as (_, component):
        found = proved(document, component)
    refuted = [entry.claim.key for entry in found.standing("refuted")]
    assert key in refuted, [(entry.claim.key, entry.why) for entry in found.standing("refuted")]


WITNESSED = """\
# Guests Implementation Specification

## API Implementation
### Endpoint Definitions
```
POST /guests
  Body: NewGuest
  Response: 201 Guest
```
### Request/Response Schemas
```python
class NewGuest:
    name: Annotated[str, Len(1, 200)]

class Guest:
    id: int
    name: str
```
## Data Models
### Database Schema
```sql
CREATE TABLE guests (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name varchar(100) NOT NULL
);
```
"""


def test_a_witness_is_replayed(tmp_path: Path) -> None:
    """A body that its schema accepts and the column refuses is seen to be refused."""
    document, right = tmp_path / "guests.md", tmp_path / "right.md"
    document.write_text(WITNESSED)
    right.write_text(WITNESSED.replace("Len(1, 200)", "Len(1, 100)"))
    assert [one.code for one in load(document).errors] == ["API401"]
    with served(right) as (_, component):
        assert main(["verify", str(document), "--target", component.url, "--quiet"]) == 1
        found = proved(document, component)
    entry = next(entry for entry in found.entries if entry.claim.key == ("member", ("NewGuest", "name")))
    assert entry.claim.standing == "refuted"
    assert entry.probe in {"witnesses", "bodies"}
