"""DDL as a catalogue: places, names, faults that stay where they are. What it means is compared in `live`."""

import random
import time

import pytest

from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.ddl import read_ddl
from asbuilt.postgres.soundness import unsound
from asbuilt.source import Fragment, Span
from sqltext import catalog_of, cut, faults_of, fragment

ORDERS = """\
-- Größe: 10 m²
CREATE TABLE IF NOT EXISTS orders (
    id       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- wer bestellt: naïve
    customer bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    größe    numeric(12, 2) DEFAULT 0.5 CHECK (größe > 0 AND größe < 100), /* » */ note text,
    CONSTRAINT sensible CHECK (note <> 'ü'), UNIQUE (customer, note)
);
CREATE UNIQUE INDEX ON orders (lower(note)) WHERE größe > 3;
CREATE TYPE mood AS ENUM ('süß');
"""


WORDS = """
CREATE TABLE t ( ) , ; int ' " $$ PRIMARY KEY CHECK é -- ALTER ADD DROP COLUMN INDEX ON TYPE AS ENUM 'a' DEFAULT
REFERENCES LIKE /* */ ... ` [ ] : :: DOMAIN UNIQUE RENAME TO CONSTRAINT NOT NULL 1 > IN VIEW SELECT PARTITION OF
"""


def _cut(span: Span) -> str:
    return ORDERS[span.start : span.end]


def test_everything_knows_where_it_stands() -> None:
    catalog = catalog_of(ORDERS)
    (table,) = catalog.tables
    assert _cut(table.span) == "orders"
    assert [_cut(column.span) for column in table.columns] == [
        "id       uuid PRIMARY KEY DEFAULT gen_random_uuid()",
        "customer bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE",
        "größe    numeric(12, 2) DEFAULT 0.5 CHECK (größe > 0 AND größe < 100)",
        "note text",
    ]
    assert [_cut(column.type_span or Span(0, 0)) for column in table.columns] == [
        "uuid",
        "bigint",
        "numeric(12, 2)",
        "text",
    ]
    assert [_cut(key.span) for key in table.keys] == ["PRIMARY KEY", "UNIQUE (customer, note)"]
    assert [_cut(key.span) for key in table.foreign_keys] == ["REFERENCES customers (id) ON DELETE CASCADE"]
    assert [_cut(check.span) for check in table.checks] == [
        "CHECK (größe > 0 AND größe < 100)",
        "CONSTRAINT sensible CHECK (note <> 'ü')",
    ]
    assert [check.expression for check in table.checks] == ["größe > 0 AND größe < 100", "note <> 'ü'"]
    assert [_cut(index.span) for index in catalog.indexes] == ["orders"]
    assert catalog.indexes[0].predicate == "größe > 3"
    assert [_cut(enum.span) for enum in catalog.enums] == ["mood"]


def test_places_in_a_list_item() -> None:
    document = "- a\n  ```sql\n  CREATE TABLE t (\n    a int\n  );\n  ```\n"
    lines = ["CREATE TABLE t (", "  a int", ");"]
    origins = tuple(document.index(line) if line != "  a int" else document.index("  a int", 30) for line in lines)
    catalog, _ = read_ddl([Fragment("\n".join(lines), origins)])
    span = catalog.tables[0].columns[0].span
    assert document[span.start : span.end] == "a int"


def test_several_fragments_make_one_schema() -> None:
    parts = ["CREATE TABLE t (a int", ", b text);", "ALTER TABLE t ADD c int; CREATE TABLE u (t int);"]
    catalog, faults = read_ddl([fragment(parts[0] + parts[1]), fragment(parts[2], 100)])
    assert faults == ()
    assert [column.name for column in catalog.tables[0].columns] == ["a", "b", "c"]
    assert catalog.tables[1].span == Span(138, 139)


@pytest.mark.parametrize(
    ("sql", "message", "place"),
    [
        ("CREATE TABLE t (a int,);", "syntax error at or near `)`", ")"),
        ("CREATE TABLE t (a int b);", "syntax error at or near `b`", "b"),
        ("CREATE TABLE t (\n  a int\n  b int\n);", "syntax error at or near `b`", "b"),
        ("CREATE TABLE t (a int, ...);", "syntax error at or near `..`", ".."),
        ("CREATE TABLE user (a int);", "syntax error at or near `user`", "user"),
        ("CREATE TABLE t (a int", "the statement ends too early", "int"),
        ("CREATE TABL t (a int);", "syntax error at or near `TABL`", "TABL"),
        ("CREATE TABLE t (a text DEFAULT 'x);", "unterminated quoted string begins here", "'"),
        ("ALTER TABLE t ADD a int;", "table `t` is altered before anything creates it", "t"),
        ("CREATE TABLE t (a int); ALTER TABLE t DROP b;", "table `t` has no column `b`", "b"),
        ("CREATE TABLE t (a int, a text);", "column `a` stands here twice", "a text"),
        ("CREATE TABLE t (a int); ALTER TABLE t ADD a int;", "table `t` has a column `a` already", "a int"),
        ("CREATE TABLE t (a int); ALTER TABLE t DROP CONSTRAINT x;", "table `t` has no constraint `x`", "x"),
        ("CREATE TABLE t (a int, INDEX i (a));", "PostgreSQL has no indexes inside CREATE TABLE", "INDEX i (a)"),
        ("CREATE TABLE t (a int CHECK (" + "(" * 400 + "a" + ")" * 400 + "));", "nested too deeply to be read", "("),
    ],
)
def test_one_mistake_is_one_fault_at_its_place(sql: str, message: str, place: str) -> None:
    assert faults_of(sql) == [(message, place)]


def test_around_a_mistake_all_is_read() -> None:
    sql = """
    CREATE TABLE a (id int PRIMARY KEY);
    CREATE TABLE b (id int PRIMARY KEY, x varchar 32, y text UNIQUE NULLS, z int REFERENCES a);
    CREATE TABBLE c (id int);
    CREATE INDEX ON b (z);
    CREATE TABLE d (id int
    CREATE TABLE e (id int)
    CREATE TABLE f (id int);
    """
    catalog, faults = read_ddl([fragment(sql)])
    assert [table.name for table in catalog.tables] == ["a", "b", "d", "e", "f"]
    assert [column.name for column in catalog.tables[1].columns] == ["id", "z"]
    assert [index.name for index in catalog.indexes] == ["b_z_idx"]
    assert [cut(sql, fault) for fault in faults] == ["32", "NULLS", "TABBLE", "int", ")"]


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("CREATE TABLE `t` (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;", "MySQL"),
        ("CREATE TABLE t (id INT UNSIGNED NOT NULL AUTO_INCREMENT, n VARCHAR(3) COMMENT 'x', KEY k (n));", "MySQL"),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);", "SQLite"),
        ("CREATE TABLE [dbo].[t] ([id] INT IDENTITY(1,1));\nGO", "SQL Server"),
        (
            "CREATE TABLE t (id uuid, at timestamp, PRIMARY KEY ((id), at)) WITH CLUSTERING ORDER BY (at DESC);",
            "Cassandra",
        ),
        ("CREATE TABLE t (id UInt64) ENGINE = MergeTree() ORDER BY id;", "ClickHouse"),
    ],
)
def test_another_dialect_is_one_fault_per_block(sql: str, name: str) -> None:
    _, faults = read_ddl([fragment(sql * 5)])
    assert [fault.message for fault in faults] == [f"this is SQL for {name}, not for PostgreSQL"]
    assert faults[0].hint.startswith("asbuilt runs PostgreSQL")


def test_a_word_of_another_dialect_is_none_where_postgresql_understands() -> None:
    assert faults_of("CREATE TABLE t (unsigned int, auto_increment text, engine text); -- ENGINE = InnoDB") == []


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE TABLE t (a int); CREATE TABLE t (a int);", "table `t` is created twice"),
        (
            "CREATE TABLE t (a int, b text); CREATE TABLE t (a text, c int);",
            "table `t` is created twice, and not alike: `a` is `integer` there and `text` here; `c` is only here; "
            "`b` is only there",
        ),
        ("CREATE TYPE e AS ENUM ('a'); CREATE TYPE e AS ENUM ('b');", "type `e` is created twice"),
        ("CREATE TABLE t (a int); CREATE INDEX i ON t (a); CREATE INDEX i ON t (a);", "two indexes are called `i`"),
        (
            "CREATE TABLE t (a int CONSTRAINT k UNIQUE); CREATE TABLE u (b int CONSTRAINT k UNIQUE);",
            "two keys are called `k`",
        ),
        ("CREATE TABLE t (a datetime);", "there is no type `datetime`"),
        ("CREATE TABLE t (a int, PRIMARY KEY (b));", "`t` has no column `b`"),
        ("CREATE TABLE t (a int); CREATE INDEX ON t (b);", "`t` has no column `b`"),
        ("CREATE INDEX ON t (b);", "index `t_b_idx` is on no table"),
        ("CREATE TABLE t (a int REFERENCES u);", "no table `u` is created here"),
        (
            "CREATE TABLE t (a int REFERENCES u); CREATE TABLE u (a int PRIMARY KEY);",
            "`t` refers to `u`, which is created only later",
        ),
        ("CREATE TABLE u (a int PRIMARY KEY); CREATE TABLE t (a int REFERENCES u (b));", "`u` has no column `b`"),
        (
            "CREATE TABLE u (a int PRIMARY KEY); CREATE TABLE t (a text REFERENCES u);",
            "`t.a` is `text`, but `u.a` is `integer`",
        ),
        (
            "CREATE TABLE u (a int); CREATE TABLE t (a int REFERENCES u);",
            "`u` has no primary key that `t` could refer to",
        ),
        (
            "CREATE TABLE u (a int); CREATE TABLE t (a int REFERENCES u (a));",
            "`a` of `u` is not unique, so no key can refer to it",
        ),
    ],
)
def test_flaws_of_a_catalogue(sql: str, message: str) -> None:
    catalog, faults = read_ddl([fragment(sql)])
    assert faults == ()
    assert [finding.message for finding in unsound(catalog)] == [message]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (a int); CREATE TABLE IF NOT EXISTS t (a int);",
        "CREATE TABLE u (a bigint PRIMARY KEY, b varchar(3) UNIQUE);"
        "CREATE TABLE t (a int REFERENCES u, b text REFERENCES u (b));",
        "CREATE TABLE t (a citext, b vector(3), c geometry, d other.type, e t[]);",
        "CREATE TYPE c AS (x int); CREATE DOMAIN d AS int; CREATE TYPE e AS ENUM ('x');CREATE TABLE t (a c, b d, c e);",
        "CREATE TABLE t (a int, b int, UNIQUE (a, b));"
        "CREATE TABLE u (x int, y int, FOREIGN KEY (x, y) REFERENCES t (b, a));",
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; CREATE INDEX ON m (a);",
        "CREATE TABLE t (a int, b int REFERENCES t (c), c int UNIQUE); CREATE TABLE u (a int PRIMARY KEY);"
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u;",
        "CREATE TABLE t (a int); CREATE INDEX ON t (lower(a::text), (a + 1));",
    ],
)
def test_what_is_no_flaw(sql: str) -> None:
    assert unsound(catalog_of(sql)) == ()


def test_torn_text_is_read_in_linear_time() -> None:
    for sql in (
        "CREATE TABLE t (" + "a int," * 20_000,
        "CREATE TABLE t (a int CHECK (" + "(" * 100_000,
        "'" * 100_001,
        "$$" * 50_001,
        "/*" * 50_000,
        "+-" * 50_000,
        "SELECT 1 " + "/" * 50_000 + "*" * 50_000,
        "-" * 200_000,
        ";" * 200_000,
        "CREATE TABLE t (a text CHECK (a IN (" + "'é'," * 30_000 + "'x')));",
        "CREATE TABLE é (a int); -- " + "é" * 200_000,
        "SELECT 1" + "+1" * 100_000,
        "SELECT " + "NOT " * 100_000 + "true",
        "\0" * 1000 + "CREATE TABLE t (a int\0);",
        "CREATE TABLE t (a text DEFAULT '\ud800');",
    ):
        started = time.process_time()
        read_ddl([fragment(sql)])
        assert time.process_time() - started < 5, sql[:40]  # in the square of the length they would take a minute


def test_no_text_is_too_strange() -> None:
    chance = random.Random(7)  # noqa: S311 - the same words every time
    words = WORDS.split()
    for _ in range(1500):
        sql = " ".join(chance.choices(words, k=chance.randrange(1, 25)))
        catalog, faults = read_ddl([fragment(sql)])
        assert isinstance(catalog, Catalog)
        assert all(0 <= fault.span.start <= fault.span.end <= len(sql) for fault in faults)
        unsound(catalog)
