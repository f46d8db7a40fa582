"""Checking executes nothing of a document, whatever its SQL would do if it were executed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from asbuilt.postgres import referee as module
from asbuilt.postgres.ddl import read_ddl
from asbuilt.postgres.direct import fetch
from asbuilt.postgres.login import Login
from asbuilt.postgres.referee import referee
from asbuilt.postgres.scratch import scratch
from asbuilt.postgres.verdict import Verdict
from sqltext import fragment, pattern

pytestmark = pytest.mark.usefixtures("kept")

# A function that leaves a mark wherever it is evaluated: a large object, which is no table's row.
LEAVES_A_MARK = """
CREATE FUNCTION mark(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT lo_create(0)::int + $1 - $1';
CREATE FUNCTION mark() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT lo_create(0)::int';
CREATE FUNCTION hangs() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT pg_sleep(3600)::text::int';
CREATE FUNCTION length(n numeric) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT lo_create(0)::int';
"""
TEMPTATIONS = {
    "partition bound": "CREATE TABLE t (a int) PARTITION BY RANGE (a);"
    "CREATE TABLE u PARTITION OF t FOR VALUES FROM (mark()) TO (hangs());",
    "partition bound of the core": "CREATE TABLE t (a int) PARTITION BY LIST (a);"
    "CREATE TABLE u PARTITION OF t FOR VALUES IN (lo_create(0)::int);",
    "attached partition": "CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE u (a int);"
    "ALTER TABLE t ATTACH PARTITION u FOR VALUES IN (mark());",
    "partition key": "CREATE TABLE t (a int) PARTITION BY RANGE (mark(a));",
    "materialised view": "CREATE MATERIALIZED VIEW m AS SELECT mark(), hangs();",
    "materialised view, filled later": "CREATE MATERIALIZED VIEW m AS SELECT mark() WITH NO DATA;"
    "REFRESH MATERIALIZED VIEW m;",
    "table from a query": "CREATE TABLE t AS SELECT mark(), hangs();",
    "select into": "SELECT mark() INTO t;",
    "generated column": "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (mark(1)) STORED);",
    "generated column that hangs": "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (hangs()) STORED);",
    "virtual column": "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (mark(1)) VIRTUAL);",
    "default": "CREATE TABLE t (a int DEFAULT mark(), b int DEFAULT hangs());",
    "default of an added column": "CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int DEFAULT mark();",
    "default of a domain": "CREATE DOMAIN d AS int DEFAULT mark(); CREATE TABLE t (a int); ALTER TABLE t ADD b d;",
    "check of a domain": "CREATE DOMAIN d AS int CHECK (mark(VALUE) > 0); CREATE TABLE t (a int);"
    "ALTER TABLE t ADD b d DEFAULT 1;",
    "index expression": "CREATE TABLE t (a int); CREATE INDEX ON t ((mark(1)));",
    "index predicate": "CREATE TABLE t (a int); CREATE INDEX ON t (a) WHERE mark(1) > 0;",
    "exclusion": "CREATE TABLE t (a int, EXCLUDE USING btree ((mark(1)) WITH =));",
    "check": "CREATE TABLE t (a int NULL CHECK (mark(1) > 0)); ALTER TABLE t ALTER a SET NOT NULL;",
    "added check": "CREATE TABLE t (a int); ALTER TABLE t ADD CHECK (mark(1) > 0 AND hangs() > 0);",
    "changed type": "CREATE TABLE t (a int); ALTER TABLE t ALTER a TYPE text USING mark(1)::text;",
    "statistics": "CREATE TABLE t (a int, b int); CREATE STATISTICS s ON (mark(1)), a FROM t;",
    "shadowed function": "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (length(1.5::numeric)) STORED);",
    "memory": "CREATE TABLE t (a text, b int GENERATED ALWAYS AS (length(repeat('x', 1000000000))) STORED);",
    "work": "CREATE TABLE t (a text, b text GENERATED ALWAYS AS ((9 ^ 99999999)::text) STORED);",
    "do": "DO 'BEGIN PERFORM lo_create(0); END';",
    "do in another language": "DO LANGUAGE plpython3u 'import os; os.system(\"id\")';",
    "call": "CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT lo_create(0)'; CALL p();",
    "plain statement": "SELECT lo_create(0); INSERT INTO pg_largeobject_metadata DEFAULT VALUES;",
    "trigger": "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';"
    "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO t VALUES (1);",
    "event trigger": "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
    "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f(); CREATE TABLE t (a int);",
    "rule": "CREATE TABLE t (a int); CREATE RULE r AS ON INSERT TO t DO ALSO SELECT mark(); INSERT INTO t VALUES (1);",
    "policy": "CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
    "CREATE POLICY p ON t USING (mark() > 0);",
    "cast": "CREATE TYPE c AS (a int); CREATE FUNCTION f(c) RETURNS int LANGUAGE sql AS 'SELECT lo_create(0)::int';"
    "CREATE CAST (c AS int) WITH FUNCTION f(c) AS IMPLICIT; CREATE TABLE t (a int DEFAULT ROW(1)::c);",
    "operator": "CREATE OPERATOR + (LEFTARG = text, RIGHTARG = text, FUNCTION = textcat);",
    "aggregate": "CREATE AGGREGATE a(int) (SFUNC = mark, STYPE = int);",
    "range with functions": "CREATE TYPE r AS RANGE (SUBTYPE = int, SUBTYPE_DIFF = mark);",
    "copy": "COPY (SELECT lo_create(0)) TO PROGRAM 'true'; COPY t FROM PROGRAM 'id';",
    "copy from a file": "CREATE TABLE t (a text); COPY t FROM '/etc/passwd';",
    "extensions": "CREATE EXTENSION dblink; CREATE EXTENSION file_fdw; CREATE EXTENSION plpgsql;",
    "foreign tables": "CREATE SERVER s FOREIGN DATA WRAPPER file_fdw;"
    "IMPORT FOREIGN SCHEMA x FROM SERVER s INTO public;",
    "session": "SET search_path = nowhere; SET ROLE postgres; LOAD 'auto_explain'; ALTER SYSTEM SET fsync = 'off';",
    "commands of psql": "\\! touch mark\n\\copy t from program 'id'\nCREATE TABLE t (a int);",
    "sequence": "CREATE SEQUENCE s; SELECT setval('s', lo_create(0)::bigint);",
    "prepared": "PREPARE p AS SELECT lo_create(0); EXECUTE p;",
    "explain": "EXPLAIN ANALYZE SELECT lo_create(0);",
    "notify": "NOTIFY channel; LISTEN channel; LOCK TABLE pg_class;",
}
QUERIES = {
    "called": "SELECT mark(), hangs()",
    "slow": "SELECT pg_sleep(3600) FROM generate_series(1, 1000000000)",
    "file": "SELECT pg_read_file('/etc/passwd'), lo_import('/etc/passwd'), pg_ls_dir('/')",
    "written": "WITH w AS (INSERT INTO kept VALUES (lo_create(0)::int) RETURNING a) SELECT mark(a) FROM w",
    "limited": "SELECT a FROM kept LIMIT mark(5)",
    "constant": "SELECT length(repeat('x', 1000000000)), mark(1) + 1 FROM kept WHERE mark(2) = 2",
    "into": "SELECT mark() INTO other",
    "casts": "SELECT 'x'::d, ARRAY['y']::d[] FROM kept WHERE a = :a::d",
}


@contextmanager
def _watched(marks: list[object]) -> Iterator[Login]:
    """A scratch database whose marks are counted before it goes."""
    with scratch() as login:
        yield login
        marks += fetch(login, "SELECT oid FROM pg_largeobject_metadata")


def _judged(monkeypatch: pytest.MonkeyPatch, sql: str, queries: dict[str, str]) -> Verdict:
    marks: list[object] = []
    monkeypatch.setattr(module, "scratch", lambda: _watched(marks))
    text = LEAVES_A_MARK + sql
    known = [pattern(name, query) for name, query in queries.items()]
    catalog, faults = read_ddl([fragment(text)])
    started = time.monotonic()
    verdict = referee([fragment(text)], known, catalog, known=faults)
    assert time.monotonic() - started < 5
    assert marks == []
    return verdict


@pytest.mark.parametrize("name", TEMPTATIONS)
def test_nothing_is_evaluated(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    _judged(monkeypatch, TEMPTATIONS[name], {})


def test_patterns_are_prepared_and_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "CREATE TABLE kept (a int); CREATE DOMAIN d AS text CHECK (length(VALUE) > 0);"
    verdict = _judged(monkeypatch, sql, QUERIES)
    refereed = {name for name, signature in verdict.signatures if signature.refereed}
    assert refereed >= {"called", "slow", "file", "written", "limited", "constant"}


def test_the_marks_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other tests look for is there once somebody does evaluate it."""
    with scratch() as login:
        fetch(login, "SELECT lo_create(0)")
        assert fetch(login, "SELECT count(*) FROM pg_largeobject_metadata") == [(1,)]
