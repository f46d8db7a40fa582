"""What the referee says: types by PostgreSQL's own word, and its objections where the author wrote what they are about."""
# ruff: noqa: E501 - a statement and what is said of it are compared best on one line

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from asbuilt.postgres import referee as module
from asbuilt.postgres.catalog import SqlType
from asbuilt.postgres.ddl import read_ddl
from asbuilt.postgres.login import Login
from asbuilt.postgres.referee import referee
from asbuilt.postgres.scope import Tables
from asbuilt.postgres.signature import static_signature
from asbuilt.postgres.soundness import unsound
from asbuilt.postgres.statement import Fault
from asbuilt.postgres.unavailable import NoPostgres
from asbuilt.postgres.verdict import Verdict, unheard
from sqltext import cut, fragment, pattern

pytestmark = pytest.mark.usefixtures("kept")

SHOP = """
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN amount AS numeric(12, 2) CHECK (VALUE >= 0);
CREATE TABLE customers (id uuid PRIMARY KEY, email text NOT NULL UNIQUE, feels mood, since date);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id uuid NOT NULL REFERENCES customers,
    total amount NOT NULL, tags text[] NOT NULL DEFAULT '{}', details jsonb, code varchar(20),
    placed_at timestamptz NOT NULL DEFAULT now(), open bool NOT NULL DEFAULT true
);
CREATE VIEW spent AS SELECT customer_id, sum(total) AS spent FROM orders GROUP BY customer_id;
"""


def heard(ddl: str, *statements: str) -> Verdict:
    catalog, faults = read_ddl([fragment(ddl)])
    known = [pattern(f"p{at}", sql) for at, sql in enumerate(statements)]
    return referee([fragment(ddl)], known, catalog, known=faults)


def told(faults: tuple[Fault, ...], sql: str) -> list[tuple[str, str]]:
    return [(fault.message, cut(sql, fault)) for fault in faults]


def test_parameters_and_columns_by_postgresql() -> None:
    verdict = heard(
        SHOP,
        "SELECT o.*, c.feels, c.email AS mail FROM orders o LEFT JOIN customers c ON c.id = o.customer_id\n"
        "WHERE o.total > :least AND c.feels = :feels\n  AND o.tags && :tags -- when tags\nLIMIT :limit",
        "UPDATE customers SET since = :since, feels = :feels WHERE email = :email RETURNING id, upper(email) AS shouted",
        "INSERT INTO orders (customer_id, total, details) SELECT id, :total, :body.details FROM customers RETURNING id",
        "SELECT spent FROM spent WHERE customer_id = ANY (:ids)",
        "DELETE FROM orders WHERE id = :id",
    )
    assert verdict.faults == verdict.unrefereed == ()
    signatures = dict(verdict.signatures)
    assert all(signature.refereed for signature in signatures.values())
    parameters = {name: {n: str(t) for n, t in signature.parameters} for name, signature in signatures.items()}
    assert parameters == {
        "p0": {"least": "numeric", "feels": "mood", "tags": "text[]", "limit": "bigint"},
        "p1": {"since": "date", "feels": "mood", "email": "text"},
        "p2": {"total": "numeric", "body.details": "jsonb"},
        "p3": {"ids": "uuid[]"},
        "p4": {"id": "bigint"},
    }
    columns = [(c.name, str(c.type), c.nullable, c.source) for c in signatures["p0"].columns]
    assert columns == [
        ("id", "bigint", False, ("orders", "id")),
        ("customer_id", "uuid", False, ("orders", "customer_id")),
        ("total", "amount", False, ("orders", "total")),
        ("tags", "text[]", False, ("orders", "tags")),
        ("details", "jsonb", True, ("orders", "details")),
        ("code", "character varying(20)", True, ("orders", "code")),
        ("placed_at", "timestamp with time zone", False, ("orders", "placed_at")),
        ("open", "boolean", False, ("orders", "open")),
        ("feels", "mood", True, ("customers", "feels")),
        ("mail", "text", True, ("customers", "email")),
    ]
    assert [(c.name, c.nullable, c.source) for c in signatures["p1"].columns] == [
        ("id", False, ("customers", "id")),
        ("shouted", False, None),
    ]
    assert signatures["p3"].columns[0].type == SqlType("numeric")


def test_a_schema_and_statements_without_a_fault() -> None:
    assert heard("") == heard("", *()) == Verdict(final=True)
    assert heard("", "SELECT 1 AS one").signatures[0][1].columns[0].type == SqlType("integer")
    assert heard("CREATE TABLE t (a int);").faults == ()


@pytest.mark.parametrize(
    ("sql", "message", "place", "sqlstate"),
    [
        ("SELECT 'é', nope(id) FROM orders", "function nope(bigint) does not exist", "nope", "42883"),
        ("SELECT id FROM orders\nWHERE 'ü' = :x\n  AND total > 'much'", "invalid input syntax for type numeric: `much`", "'much'", "22P02"),
        ("SELECT id FROM orders WHERE open = 3 AND id = :id", "operator does not exist: boolean = integer", "=", "42883"),
        ("SELECT :a, id, sum(total) FROM orders", "column `orders.id` must appear in the GROUP BY clause or be used in an aggregate function", "id", "42803"),
        ("SELECT id FROM orders WHERE :flag IS NULL", "could not determine data type of parameter `:flag`", ":flag", "42P18"),
        ("SELECT id FROM orders WHERE id = :x AND tags = :x", "operator does not exist: text[] = bigint", "=", "42883"),
        ("INSERT INTO orders (id, total) VALUES (:id)", "INSERT has more target columns than expressions", "total", "42601"),
        ("UPDATE orders SET total = :a, total = :b", "multiple assignments to same column `total`", "", "42601"),
        ("SELECT feels FROM customers WHERE feels = 'angry'", "invalid input value for enum mood: `angry`", "'angry'", "22P02"),
        ("SELECT id FROM orders\nORDER BY id -- when sorted\nLIMIT tags", "argument of LIMIT must be type bigint, not type text[]", "tags", "42804"),
        ("SELECT open, count(*) FROM orders\nGROUP BY open -- when grouped", "without `grouped`: column `orders.open` must appear in the GROUP BY clause or be used in an aggregate function", "open", "42803"),
    ],
)  # fmt: skip
def test_objections_to_a_statement_stand_where_it_was_written(
    sql: str, message: str, place: str, sqlstate: str
) -> None:
    (fault,) = heard(SHOP, sql).faults
    assert (fault.message, fault.sqlstate) == (message, sqlstate)
    assert cut(sql, fault) == (place or sql)


def test_objections_to_a_schema_stand_where_it_was_written() -> None:
    ddl = (
        "-- größer\nCREATE TABLE a (id int PRIMARY KEY, b bool DEFAULT 'perhaps');\n"
        "CREATE TABLE c (id int, PRIMARY KEY (id), n int CHECK (n));\n"
        "CREATE TABLE d (id int PRIMARY KEY);\nCREATE INDEX ON d USING gin (id);\n"
        "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT $1 || true';\n"
    )
    verdict = heard(ddl, "SELECT id FROM a", "SELECT id FROM d WHERE id = :id")
    assert told(verdict.faults, ddl) == [
        ("invalid input syntax for type boolean: `perhaps`", "'perhaps'"),
        ("argument of CHECK must be type boolean, not type integer", "n"),
        ("data type integer has no default operator class for access method `gin`", "CREATE INDEX ON d USING gin (id)"),
        ("operator does not exist: integer || boolean", "||"),
    ]
    assert [signature.refereed for _, signature in verdict.signatures] == [False, True]


def test_one_fault_is_told_once() -> None:
    """What the grammar or the catalogue says already, and what only follows from it, PostgreSQL need not say again."""
    ddl = """
    CREATE TABLE a (id int PRIMARY KEY, x int 3, y text);
    CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a, other uuid REFERENCES elsewhere (id), CHECK (id > 0));
    CREATE TABLE b (id int); CREATE INDEX ON b (nope); ALTER TABLE nothing ADD z int;
    CREATE TABLE c (id datetime); CREATE INDEX ON c (id); CREATE VIEW v AS SELECT id FROM c;
    CREATE TABLE d (LIKE c); CREATE TABLE e (b_id text REFERENCES b (id));
    """
    catalog, faults = read_ddl([fragment(ddl)])
    assert [fault.sqlstate for fault in faults] == ["", "42P01"]
    assert {finding.flaw for finding in unsound(catalog)} == {
        "duplicate-table",
        "undefined-type",
        "undefined-column",
        "foreign-table",
        "key-type",
    }
    verdict = heard(
        ddl,
        "SELECT y FROM a",
        "SELECT a_id, other FROM b WHERE a_id = :a",
        "SELECT id FROM v WHERE id = :id",
        "SELECT nope FROM a",
    )
    assert [fault.message for fault in verdict.faults] == ["`a` has no column `nope`"]
    assert [signature.refereed for _, signature in verdict.signatures] == [True, True, False, False]


def test_what_is_not_shown_to_a_server_is_said() -> None:
    ddl = """
    CREATE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
    CREATE TABLE t (a int DEFAULT slow(1), b int GENERATED ALWAYS AS (slow(a)) STORED, CHECK (slow(a) > 0), c int);
    CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
    """
    verdict = heard(ddl, "SELECT a, b FROM m", "SELECT a, b, c FROM t WHERE c = :c", "SELECT slow(c) FROM t")
    assert [fault.message.partition(": ")[2] for fault in verdict.unrefereed] == [
        "functions in plpgsql are not tried",
        "what is evaluated here may call only plain functions of PostgreSQL's own",
        "what is evaluated here may call only plain functions of PostgreSQL's own",
        "its query is not run",
    ]
    assert [fault.message for fault in verdict.faults] == ["`m` has no column `b`"]


@pytest.mark.parametrize(
    "ddl",
    [
        "CREATE TYPE e AS ENUM ('a'); ALTER TYPE e ADD VALUE 'b'; CREATE TABLE t (x e DEFAULT 'b');",
        "CREATE TABLE t (x text); CREATE INDEX CONCURRENTLY i ON t (x); CREATE UNIQUE INDEX CONCURRENTLY ON t (lower(x));",
        "CREATE TABLE t (a int, x text) PARTITION BY RANGE (a); CREATE TABLE u PARTITION OF t FOR VALUES FROM (1) TO (MAXVALUE);",
        "CREATE TABLE t (d date, x text) PARTITION BY LIST (d); CREATE TABLE u PARTITION OF t FOR VALUES IN ('2026-01-01'::date, NULL);",
        "CREATE EXTENSION IF NOT EXISTS citext; CREATE TABLE t (x citext UNIQUE);",
        "CREATE EXTENSION pg_trgm; CREATE TABLE t (x text); CREATE INDEX ON t USING gin (x gin_trgm_ops);",
        "CREATE TABLE t (x text, y tsvector GENERATED ALWAYS AS (to_tsvector('english', coalesce(x, ''))) STORED);",
        "CREATE TABLE t (x text, r tstzrange, EXCLUDE USING gist (r WITH &&) WHERE (x <> ''));",
        "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE RETURN 2 * n; CREATE TABLE t (a int DEFAULT twice(3), x text);",
        "CREATE SCHEMA s; CREATE TABLE s.t (id int PRIMARY KEY); CREATE TABLE t (x text, y int REFERENCES s.t ON DELETE CASCADE);",
        "CREATE TABLE t (x text); COMMENT ON TABLE t IS 'x'; ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t ADD y date DEFAULT now();",
        "CREATE SEQUENCE q; CREATE TABLE t (x text, n int DEFAULT nextval('q')); ALTER SEQUENCE q OWNED BY t.n;",
    ],
)
def test_ordinary_schemas_are_judged_whole(ddl: str) -> None:
    verdict = heard(ddl, "SELECT x FROM t")
    assert verdict.faults == verdict.unrefereed == ()
    assert verdict.signatures[0][1].refereed


def test_an_extension_that_is_not_there_is_no_fault() -> None:
    verdict = heard(
        'CREATE EXTENSION "earthdistance"; CREATE EXTENSION postgis; CREATE TABLE t (x geometry);', "SELECT x FROM t"
    )
    assert verdict.faults == ()
    assert any(fault.message.endswith("the extension `postgis` is not tried") for fault in verdict.unrefereed)


def test_without_a_server_the_catalogue_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def none() -> Iterator[Login]:
        raise NoPostgres("no PostgreSQL could be found", "install one")
        yield

    monkeypatch.setattr(module, "scratch", none)
    verdict = heard(SHOP, "SELECT id, totl FROM orders WHERE id = :id")
    assert [fault.message for fault in verdict.faults] == ["`orders` has no column `totl`"]
    assert not verdict.signatures[0][1].refereed
    assert verdict.signatures[0][1].parameters == (("id", SqlType("bigint")),)
    (why,) = verdict.unrefereed
    assert (why.message, why.hint) == ("no PostgreSQL has judged this SQL: no PostgreSQL could be found", "install one")
    assert unheard([], read_ddl([fragment(SHOP)])[0]) == Verdict()


def test_a_server_that_dies_says_nothing_about_the_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    original = module._Hearing._prepare

    async def interrupted(hearing: module._Hearing, connection: object, *rest: object) -> object:
        connection.terminate()
        return await original(hearing, connection, *rest)

    monkeypatch.setattr(module._Hearing, "_prepare", interrupted)
    verdict = heard(SHOP, "SELECT id FROM orders", "SELECT nope FROM orders")
    assert [fault.message for fault in verdict.faults] == ["`orders` has no column `nope`"]
    assert [fault.message.partition(":")[0] for fault in verdict.unrefereed] == [
        "PostgreSQL has not judged all of this SQL"
    ]
    assert not verdict.signatures[0][1].refereed


def test_a_statement_that_takes_too_long_is_none_of_the_authors_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0001)
    verdict = heard(SHOP, "SELECT id FROM orders")
    assert verdict.faults == ()
    assert [fault.message for fault in verdict.unrefereed] == [
        "PostgreSQL has not judged all of this SQL: it took too long"
    ]


def test_it_may_be_asked_inside_an_event_loop() -> None:
    async def ask() -> Verdict:
        return heard(SHOP, "SELECT id FROM orders")

    assert asyncio.run(ask()).signatures[0][1].refereed


STATEMENTS = [
    "SELECT id, total, total * 2 AS twice, code || 'x' AS coded, count(*) OVER () AS n FROM orders WHERE code LIKE :like",
    "SELECT c.*, o.id AS no FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE c.feels = :feels",
    "SELECT max(total) AS m, min(placed_at) AS first, sum(id) AS s, avg(id) AS a, array_agg(code) AS codes FROM orders",
    "SELECT coalesce(code, 'none') AS code, CASE WHEN open THEN 1 ELSE 2.5 END AS x, details ->> 'a' AS a FROM orders",
    "SELECT now() AS now, current_date AS today, lower(email) AS mail, length(email) AS n, id IS NULL AS gone FROM customers",
    "SELECT id FROM orders WHERE id BETWEEN :low AND :high AND placed_at < :before AND tags && :tags AND customer_id = ANY (:ids)",
    "SELECT id FROM orders WHERE (placed_at, id) < (:after.placed_at, :after.id) ORDER BY placed_at DESC, id DESC LIMIT :n OFFSET :m",
    "INSERT INTO customers (id, email, feels, since) VALUES (:id, :email, :feels, :since) ON CONFLICT (email) DO UPDATE SET since = :since RETURNING *",
    "INSERT INTO orders (customer_id, total) SELECT id, :total FROM customers WHERE email = :email RETURNING id, placed_at",
    "UPDATE orders SET code = :code, open = NOT open, total = total + :more, tags = tags || :tag::text WHERE id = :id RETURNING total, tags",
    "WITH s AS (SELECT customer_id, sum(total) AS spent FROM orders GROUP BY 1) SELECT email, spent FROM customers JOIN s ON s.customer_id = id WHERE spent > :least",
    "SELECT x.n, x.sku FROM jsonb_to_recordset(:lines::jsonb) AS x (n int, sku text)",
    "SELECT email FROM customers UNION ALL SELECT code FROM orders",
    "SELECT (SELECT email FROM customers WHERE id = o.customer_id) AS mail, EXISTS (SELECT FROM customers) AS some FROM orders o",
    "DELETE FROM orders USING customers c WHERE c.id = customer_id AND c.email = :email RETURNING orders.*, c.since",
    "SELECT spent, customer_id FROM spent WHERE customer_id = :c",
    "SELECT rank() OVER (ORDER BY total) AS place, row_number() OVER () AS n, gen_random_uuid() AS u FROM orders",
    "SELECT * FROM orders JOIN customers ON customers.id = customer_id WHERE since > :since::date - 3",
]


def test_what_the_text_alone_tells_is_what_postgresql_says() -> None:
    """A static type may be unknown, but never another than the server's."""
    catalog, _ = read_ddl([fragment(SHOP)])
    tables = Tables(catalog)
    verdict = heard(SHOP, *STATEMENTS)
    assert verdict.faults == ()
    for sql, (name, signature) in zip(STATEMENTS, verdict.signatures, strict=True):
        assert signature.refereed
        static = static_signature(pattern(name, sql).statement, catalog)
        for known, type_ in static.parameters:
            actual = signature.parameter(known)
            assert actual is not None
            assert tables.base(type_).name == tables.base(actual).name, (sql, known)
            assert type_.dimensions == actual.dimensions, (sql, known)
        assert [column.name for column in static.columns] == [column.name for column in signature.columns], sql
        for column, there in zip(static.columns, signature.columns, strict=True):
            assert tables.base(column.type).name in ("unknown", tables.base(there.type).name), (sql, column.name)
