"""Which columns statements compare with parameters, and which statements show every row that their parameters name."""

import pytest

from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.comparisons import bounds, comparisons, shows_all
from asbuilt.postgres.ddl import read_ddl
from asbuilt.postgres.reading import read_statement
from asbuilt.postgres.statement import Statement
from sqltext import fragment

DDL = """
CREATE TABLE owners (id bigint PRIMARY KEY, name text);
CREATE TABLE pets (id bigint PRIMARY KEY, owner_id bigint REFERENCES owners, born date, tag text);
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_ddl([fragment(DDL)])[0]


def statement(sql: str) -> Statement:
    return read_statement(fragment(sql))


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT * FROM pets WHERE id = :id", [("pets", "id", "id", False)]),
        ("SELECT * FROM pets WHERE :id::bigint = id", [("pets", "id", "id", False)]),
        ("SELECT * FROM pets p JOIN owners o ON o.id = p.owner_id WHERE o.id = :who", [("owners", "id", "who", False)]),
        ("SELECT * FROM pets WHERE id = ANY(:ids)", [("pets", "id", "ids", True)]),
        ("SELECT * FROM pets WHERE id IN (:a, :b)", [("pets", "id", "a", True), ("pets", "id", "b", True)]),
        ("UPDATE pets SET tag = :tag WHERE id = :id", [("pets", "id", "id", False)]),
        ("DELETE FROM pets WHERE owner_id = :owner", [("pets", "owner_id", "owner", False)]),
        ("SELECT * FROM pets WHERE id <> :id", []),
        ("SELECT * FROM pets JOIN owners USING (id) WHERE id = :id", []),  # whose `id`, the text does not tell
        ("SELECT nonsense FROM WHERE id = :id", []),
    ],
)
def test_equalities(sql: str, found: list[tuple[str, str, str, bool]], catalog: Catalog) -> None:
    assert [(one.table, one.column, one.parameter, one.many) for one in comparisons(statement(sql), catalog)] == found


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT * FROM pets WHERE born >= :since", [("born", "since", True)]),
        ("SELECT * FROM pets WHERE :until > born", [("born", "until", False)]),
        (
            "SELECT * FROM pets WHERE born < :until AND born > :since",
            [("born", "until", False), ("born", "since", True)],
        ),
        ("SELECT * FROM pets WHERE born = :day", []),
    ],
)
def test_bounds(sql: str, found: list[tuple[str, str, bool]], catalog: Catalog) -> None:
    assert sorted((b.column, b.parameter, b.at_least) for b in bounds(statement(sql), catalog)) == sorted(found)


@pytest.mark.parametrize(
    ("sql", "whole"),
    [
        ("SELECT * FROM pets", True),
        ("SELECT * FROM pets WHERE owner_id = :owner ORDER BY id LIMIT :limit", True),
        ("SELECT * FROM pets WHERE owner_id = :owner\n AND tag = :tag -- when tag\n", True),
        ("SELECT * FROM pets WHERE tag = 'tame'", False),
        ("SELECT * FROM pets WHERE born < now()", False),
        ("SELECT * FROM pets WHERE owner_id = :owner OR tag = :tag", False),
        ("SELECT p.* FROM pets p JOIN owners o ON o.id = p.owner_id", False),
        ("SELECT DISTINCT tag FROM pets", False),
        ("SELECT tag, count(*) FROM pets GROUP BY tag", False),
        ("SELECT * FROM pets UNION SELECT * FROM pets", False),
    ],
)
def test_what_shows_all(sql: str, whole: bool) -> None:
    assert shows_all(statement(sql)) is whole
