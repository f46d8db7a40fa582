"""What a server ran is counted: statements that reach rows, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt.postgres.counting import Counter, reaches_rows
from asbuilt.postgres.direct import execute
from asbuilt.postgres.trial import TrialDatabase, trial_database
from asbuilt.postgres.unavailable import DatabaseUnavailable


@pytest.fixture(scope="module")
def database(kept_state: Path) -> Iterator[TrialDatabase]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(kept_state))
        with trial_database() as found:
            execute(found.owner, "CREATE TABLE t (a int PRIMARY KEY, b text)")
            yield found


def test_statements_rows_and_pages_are_counted(database: TrialDatabase) -> None:
    with Counter(database.url) as counter:
        counter.begin()
        rows = "INSERT INTO t SELECT n, 'x' FROM generate_series(1, 500) n"
        execute(database.owner, "BEGIN", rows, "COMMIT", "SELECT 1", "SET work_mem = '8MB'")
        execute(database.owner, *(f"SELECT * FROM t WHERE a = {n}" for n in range(5)))  # noqa: S608
        found = counter.counted()
        assert sorted(found.statements.values()) == [1, 5]
        assert found.total == 6
        assert found.rows == 504
        assert found.pages > 500
        assert found.hidden == 0
        assert counter.counted().total == 0


def test_what_the_login_may_not_see_is_hidden(database: TrialDatabase) -> None:
    with Counter(database.url) as counter:
        counter.begin()
        component = database.launcher.__class__(database.launcher.host, database.launcher.port, "asbuilt", "component")
        execute(component, "SELECT * FROM t")
        found = counter.counted()
        assert (found.total, found.hidden > 0) == (0, True)


def test_a_database_that_counts_nothing_says_so(database: TrialDatabase) -> None:
    url = database.url.replace("/component?", "/postgres?").replace("asbuilt_owner@", "asbuilt@")
    with pytest.raises(DatabaseUnavailable, match="does not count statements"), Counter(url):
        pass


@pytest.mark.parametrize(
    ("sql", "counts"),
    [
        ("SELECT * FROM lists WHERE id = $1", True),
        ("WITH x AS (SELECT 1) SELECT * FROM x", False),
        ("WITH x AS (DELETE FROM lists RETURNING *) SELECT * FROM x", True),
        ("INSERT INTO t VALUES ($1)", True),
        ("BEGIN", False),
        ("SELECT $1", False),
        ("select pg_catalog.version()", False),
        ("SELECT t.oid FROM pg_catalog.pg_type t", False),
        ("SELECT nextval($1)", True),
        ("SELECT pg_advisory_lock($1)", False),
        ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", False),
        ("DEALLOCATE ALL", False),
        ("not sql at all", True),
    ],
)
def test_which_statements_count(sql: str, counts: bool) -> None:
    assert reaches_rows(sql) is counts
