"""Servers written by hand against the document as asbuilt serves it: right ones agree, planted faults are found."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from foreign import mutants
from foreign.servers import ALL, EXAMPLES, Example, Foreign, Name

from asbuilt import ledger
from asbuilt.commands import own
from asbuilt.frontend import Loaded, load
from asbuilt.ledger import Kind
from asbuilt.verify.agreement import agreement
from asbuilt.verify.examination import Entry, Examination, examine
from asbuilt.verify.target import Target

ROOT = Path(__file__).parents[2]
Key = tuple[Kind, tuple[str, ...]]


@pytest.fixture(scope="module")
def references() -> Iterator[dict[Example, tuple[Loaded, str]]]:
    """The documents, each served for all tests."""
    todo, accounts = (load(ROOT / "examples" / f"{example}.md") for example in EXAMPLES)
    with own.served(todo) as one, own.served(accounts) as other:
        yield {"todo": (todo, one.url), "ledger": (accounts, other.url)}


@contextmanager
def served(name: Name, example: Example, sources: Path | None = None) -> Iterator[str]:
    with Foreign(name, example, sources=sources) as running:
        yield running.url


def compared(loaded: Loaded, target: str, reference: str, seed: int = 0) -> Examination:
    given = Target(target, reference=reference)
    found = examine(loaded.component, ledger.read(loaded.component), given, seed=seed, probes=(agreement,))
    assert found.troubles == ()
    return found


@pytest.mark.parametrize(("name", "example"), ALL)
def test_right_servers_agree(
    name: Name, example: Example, references: dict[Example, tuple[Loaded, str]], state: Path
) -> None:
    loaded, reference = references[example]
    with served(name, example) as url:
        for seed in range(5):
            found = compared(loaded, url, reference, seed)
            assert [(seed, entry.claim.key, entry.why) for entry in found.standing("refuted")] == []
            verified = {entry.claim.key for entry in found.standing("verified") if entry.claim.kind == "endpoint"}
            assert len(verified) == len(loaded.component.operations)


@pytest.mark.parametrize(
    ("name", "example", "kind", "key"),
    [
        ("fastapi_sqlalchemy", "todo", "value-lost", ("member", ("Todo", "note"))),
        ("fastapi_sqlalchemy", "todo", "put-keeps-absent", ("endpoint", ("PUT /todos/{id}",))),
        ("fastify_pg", "todo", "where-widened", ("endpoint", ("DELETE /lists/{id}",))),
        ("fastify_pg", "todo", "member-missing", ("member", ("Todo", "note"))),
        ("fastapi_sqlalchemy", "ledger", "sum-wrong", ("pattern", ("trial_balance",))),
        ("fastapi_sqlalchemy", "ledger", "order-reversed", ("pattern", ("trial_balance",))),
        ("fastapi_sqlalchemy", "ledger", "funds-off-by-one", ("algorithm", ("transfer",))),
        ("flask_psycopg", "ledger", "sign-lost", ("algorithm", ("transfer",))),
        ("fastapi_sqlalchemy", "ledger", "sides-swapped", ("algorithm", ("transfer",))),
        ("fastify_pg", "ledger", "error-status", ("error", ("ACCOUNT_EXISTS",))),
    ],
)
def test_a_planted_fault_is_found(
    name: Name,
    example: Example,
    kind: str,
    key: Key,
    references: dict[Example, tuple[Loaded, str]],
    state: Path,
    tmp_path: Path,
) -> None:
    loaded, reference = references[example]
    mutant = next(m for m in mutants.all() if (m.server, m.example, m.kind) == (name, example, kind))
    refuted: dict[Key, Entry] = {}
    with served(name, example, mutant.write(tmp_path)) as url:
        # What rows there are decides which values a sequence meets, so that one seed alone may pass a bound by.
        for seed in range(3):
            if key not in refuted:
                found = compared(loaded, url, reference, seed)
                refuted = {entry.claim.key: entry for entry in found.standing("refuted")}
    assert key in refuted, {key: entry.why for key, entry in refuted.items()}
    assert len(refuted[key].evidence.exchanges) <= 12
