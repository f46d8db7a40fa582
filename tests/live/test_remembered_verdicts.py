"""What the referee has said is kept: a server is asked once about the same SQL, and no file can lie about it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asbuilt.postgres import referee, remembered
from asbuilt.postgres.ddl import read_ddl
from asbuilt.postgres.hearing import hearing
from asbuilt.postgres.login import Login
from asbuilt.postgres.statement import Fault
from asbuilt.postgres.unavailable import NoPostgres
from asbuilt.postgres.verdict import Verdict
from asbuilt.source import Span
from sqltext import cut, fragment, pattern

DDL = "CREATE TABLE notes (id uuid PRIMARY KEY, body text NOT NULL);"
SQL = "SELECT id, body FROM notes WHERE id = :id AND body + 1 = :next"


def asked(ddl: str = DDL, sql: str = SQL, origin: int = 0) -> Verdict:
    text = fragment(ddl, origin)
    catalog, known = read_ddl([text])
    with hearing([text], [pattern("p", sql)] if sql else [], catalog, known=known) as verdict:
        return verdict()


@contextmanager
def nowhere() -> Iterator[Login]:
    raise NoPostgres("there is none", "get one")
    yield


@pytest.fixture
def files(state: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Path]]:
    """A verdict has been kept, and no server can be had any more."""
    assert asked().faults
    assert asked(sql="").final
    monkeypatch.setattr(referee, "scratch", nowhere)
    return lambda: sorted((state / "verdicts").iterdir())


def unjudged(verdict: Verdict) -> bool:
    return any("there is none" in fault.message for fault in verdict.unrefereed)


def test_the_same_sql_is_not_judged_twice(files: Callable[[], list[Path]]) -> None:
    verdict = asked()
    assert not verdict.unrefereed
    assert [(fault.message, cut(SQL, fault)) for fault in verdict.faults] == [
        ("operator does not exist: text + integer", "+")
    ]
    assert unjudged(asked(sql=SQL.replace("1", "2")))
    assert unjudged(asked(ddl=DDL.replace("uuid", "int")))
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files())
    assert len(files()) == 2


def test_a_verdict_moves_with_the_sql(files: Callable[[], list[Path]]) -> None:
    assert asked(sql="", origin=100) == asked(sql="")
    fault, moved = Fault("no", Span(8, 9), "mend it", "42P01"), Fault("no", Span(108, 109), "mend it", "42P01")
    remembered.remember([fragment("SELECT 3")], [], [], Verdict((fault,), (), (fault,), final=True))
    assert remembered.recalled([fragment("SELECT 3", 100)], [], []) == Verdict((moved,), (), (moved,), final=True)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-1]),
        lambda file: file.write_bytes(file.read_bytes().replace(b"text", b"uuid")),
        lambda file: file.write_bytes(b""),
        lambda file: file.chmod(0o664),
        lambda file: file.symlink_to(file.rename(file.with_suffix(".moved"))),
        lambda file: file.unlink(),
    ],
    ids=["cut", "changed", "empty", "open to others", "a link", "gone"],
)
def test_a_file_that_may_lie_is_not_believed(files: Callable[[], list[Path]], damage: Callable[[Path], None]) -> None:
    for file in files():
        damage(file)
    assert unjudged(asked())


def test_what_could_not_be_judged_is_not_kept(files: Callable[[], list[Path]]) -> None:
    before = files()
    assert unjudged(asked(sql="SELECT 1"))
    assert files() == before


def test_the_oldest_verdicts_are_dropped(files: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_FILES", 1)
    text = [fragment("SELECT 3")]
    remembered.remember(text, [], [], Verdict(final=True))
    assert len(files()) == 1
    assert remembered.recalled(text, [], []) == Verdict(final=True)
