"""Promises about cost on a real server: what keeps them is verified, and loops of statements are found."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from asbuilt import ledger
from asbuilt.commands import own
from asbuilt.frontend import load
from asbuilt.postgres.counting import Counter
from asbuilt.postgres.trial import TrialDatabase, trial_database
from asbuilt.verify.complexity import complexity, judge_growth, judge_statements, measured
from asbuilt.verify.examination import examine
from asbuilt.verify.growth import read_order
from asbuilt.verify.target import Target

EXAMPLES = Path(__file__).parents[2] / "examples"
SCHEMA = """
CREATE TABLE authors (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE books (id int PRIMARY KEY, author int NOT NULL REFERENCES authors, stock int NOT NULL DEFAULT 9);
CREATE TABLE loans (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, book int NOT NULL);
INSERT INTO authors SELECT n, 'name' FROM generate_series(1, 200) n;
INSERT INTO books SELECT n, n FROM generate_series(1, 200) n;
ANALYZE;
"""
Run = Callable[..., "list[asyncpg.Record]"]
Work = Callable[[Run, list[int]], None]


def read_with_authors(run: Run, ids: list[int]) -> None:
    run("SELECT b.id, a.name FROM books b JOIN authors a ON a.id = b.author WHERE b.id = ANY($1)", ids)


def read_each_author(run: Run, ids: list[int]) -> None:
    for book in run("SELECT * FROM books WHERE id = ANY($1)", ids):
        run("SELECT name FROM authors WHERE id = $1", book["author"])


def lend_all(run: Run, ids: list[int]) -> None:
    run("SELECT id FROM books WHERE id = ANY($1) FOR UPDATE", ids)
    run("INSERT INTO loans (book) SELECT unnest($1::int[])", ids)


def lend_one_by_one(run: Run, ids: list[int]) -> None:
    run("SELECT id FROM books WHERE id = ANY($1) FOR UPDATE", ids)
    for book in ids:
        run("INSERT INTO loans (book) VALUES ($1)", book)


def take_all(run: Run, ids: list[int]) -> None:
    run("UPDATE books SET stock = stock - 1 WHERE id = ANY($1)", ids)


def take_one_by_one(run: Run, ids: list[int]) -> None:
    for book in ids:
        run("UPDATE books SET stock = stock - 1 WHERE id = $1", book)


def check_all(run: Run, ids: list[int]) -> None:
    run("SELECT count(*) FROM books WHERE id = ANY($1)", ids)
    run("INSERT INTO loans (book) SELECT unnest($1::int[])", ids)


def check_one_by_one(run: Run, ids: list[int]) -> None:
    for book in ids:
        run("SELECT EXISTS (SELECT FROM books WHERE id = $1)", book)
    run("INSERT INTO loans (book) SELECT unnest($1::int[])", ids)


def forget_all(run: Run, ids: list[int]) -> None:
    run("DELETE FROM loans WHERE book = ANY($1)", ids)


def forget_one_by_one(run: Run, ids: list[int]) -> None:
    for loan in run("SELECT id FROM loans WHERE book = ANY($1)", ids) or ids:
        run("DELETE FROM loans WHERE id = $1", loan if isinstance(loan, int) else loan["id"])


TWINS = (
    (read_with_authors, read_each_author, 1),
    (lend_all, lend_one_by_one, 2),
    (take_all, take_one_by_one, 1),
    (check_all, check_one_by_one, 2),
    (forget_all, forget_one_by_one, 1),
)


@pytest.fixture(scope="module")
def database(kept_state: Path) -> Iterator[TrialDatabase]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(kept_state))
        with trial_database() as found:
            yield found


@pytest.fixture(scope="module")
def run(database: TrialDatabase) -> Iterator[Run]:
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(**database.owner.arguments()))
        runner.run(connection.execute(SCHEMA))
        yield lambda sql, *values: runner.run(connection.fetch(sql, *values))
        runner.run(connection.close())


@pytest.mark.parametrize(("right", "wrong", "promised"), TWINS, ids=[right.__name__ for right, _, _ in TWINS])
def test_loops_of_statements_are_found(
    database: TrialDatabase, run: Run, right: Work, wrong: Work, promised: int
) -> None:
    with Counter(database.url) as counter:
        found = []
        for work in (right, wrong):
            counts = {}
            for n in (1, 6):
                counted = measured(counter, lambda work=work, n=n: work(run, list(range(1, n + 1))))[1]
                counts[f"{n} items"] = (promised, [counted.total, counted.total])
            found.append([judge_statements(bound, counts)[0] for bound in ("exactly", "at most")])
        assert found == [["verified"] * 2, ["refuted"] * 2]


def test_counts_that_vary_prove_nothing() -> None:
    assert judge_statements("exactly", {"a call": (4, [4, 5, 4])})[0] == "unchecked"
    assert judge_statements("at most", {"a call": (4, [4, 5, 4])})[0] == "unchecked"
    assert judge_statements("at most", {"a call": (4, [2, 3, 4])})[0] == "verified"
    assert judge_statements("exactly", {"a call": (4, [3, 3, 3])})[0] == "refuted"
    assert judge_statements("exactly", {"a call": (4, [5, 5, 5])}, loads=1)[0] == "verified"
    assert judge_statements("exactly", {"few": (2, [2, 2]), "many": (7, [7, 7])})[0] == "verified"


@pytest.mark.parametrize(("right", "wrong"), [pair[:2] for pair in TWINS], ids=[one.__name__ for one, _, _ in TWINS])
def test_statements_that_grow_break_a_constant(database: TrialDatabase, run: Run, right: Work, wrong: Work) -> None:
    constant, linear = read_order("1"), read_order("n")
    assert constant
    assert linear
    with Counter(database.url) as counter:
        for work, expected in ((right, "verified"), (wrong, "refuted")):
            points = []
            for n in (1, 2, 4, 8, 16, 32, 64):
                counted = measured(counter, lambda work=work, n=n: work(run, list(range(1, n + 1))))[1]
                points.append((n, float(counted.total)))
            assert judge_growth(constant, {"statements": points})[0] == expected
            assert judge_growth(linear, {"statements": points})[0] == "verified"


def test_pages_tell_a_scan_from_an_index(database: TrialDatabase, run: Run) -> None:
    run("CREATE TABLE notes (id int, note text)")
    logarithm = read_order("log n")
    assert logarithm
    scans: list[tuple[int, float]] = []
    lookups: list[tuple[int, float]] = []
    with Counter(database.url) as counter:
        held = 0
        for n in (500, 1000, 2000, 4000, 8000, 16000, 32000):
            run("INSERT INTO notes SELECT n, repeat('x', 50) FROM generate_series($1::int, $2::int) n", held + 1, n)
            held = n
            run("VACUUM (ANALYZE) notes")
            scans.append((n, float(measured(counter, lambda: run("SELECT * FROM notes WHERE id = 7"))[1].pages)))
            run("CREATE INDEX notes_idx ON notes (id)")
            lookups.append((n, float(measured(counter, lambda: run("SELECT * FROM notes WHERE id = 7"))[1].pages)))
            run("DROP INDEX notes_idx")
    assert judge_growth(logarithm, {"pages": scans})[0] == "refuted"
    assert judge_growth(logarithm, {"pages": lookups})[0] != "refuted"


@pytest.mark.parametrize("name", ["ledger", "orders", "shortener"])
def test_the_examples_keep_their_promises(kept: Path, name: str) -> None:
    loaded = load(EXAMPLES / f"{name}.md")
    with own.served(loaded) as served:
        target = Target(served.url, own=True, database=served.database, disposable=True)
        found = examine(loaded.component, ledger.read(loaded.component), target, probes=(complexity,))
    counted = [entry for entry in found.entries if entry.claim.kind == "complexity" and "statements" in entry.why]
    assert {entry.claim.standing for entry in counted} == {"verified"}
    assert all(entry.evidence.exchanges and entry.evidence.measured for entry in counted)


def test_orders_are_held_against_calls_that_grow(kept: Path, tmp_path: Path) -> None:
    text = (EXAMPLES / "orders.md").read_text(encoding="utf-8")
    path = tmp_path / "orders.md"
    path.write_text(
        text.replace("exactly 5 statements", "O(n) in lines, O(log n) in lines, O(n) in shoes").replace(
            "exactly 3 statements", "exactly 3 statements per order"
        )
    )
    loaded = load(path)
    with own.served(loaded) as served:
        target = Target(served.url, own=True, database=served.database, disposable=True)
        found = examine(loaded.component, ledger.read(loaded.component), target, probes=(complexity,))
    promised = [entry for entry in found.entries if entry.claim.kind == "complexity"]
    entries = {entry.claim.names[1]: entry for entry in promised if entry.claim.names[0] == "place_order"}
    (pay,) = (entry for entry in promised if entry.claim.names[0] == "pay")
    assert pay.why == "it is not told what `exactly 3 statements` depends on"
    assert entries["O(n) in lines"].claim.standing != "refuted"
    assert entries["O(log n) in lines"].why.startswith("rows: grows as n^1.00")
    assert "n = 8: 5 statements, 26 rows" in entries["O(log n) in lines"].evidence.measured
    assert entries["O(n) in shoes"].why == "no list of the body is called `shoes`"
    assert {name: entry.claim.standing for name, entry in entries.items() if name != "O(n) in lines"} == {
        "O(log n) in lines": "refuted",
        "O(n) in shoes": "unchecked",
    }
