"""Pairs of schemas that PostgreSQL or plain logic makes the same, however they are spelled."""

from collections.abc import Iterator, Sequence

Pair = tuple[str, str]

TYPES: dict[str, Sequence[str]] = {
    "integer": ("int", "int4", "INTEGER", "pg_catalog.int4", '"int4"'),
    "bigint": ("int8", "pg_catalog.int8"),
    "smallint": ("int2",),
    "text": ("varchar", "character varying", "pg_catalog.text"),
    "boolean": ("bool", "pg_catalog.bool"),
    "timestamptz": ("timestamp with time zone", "pg_catalog.timestamptz"),
    "timestamp": ("timestamp without time zone",),
    "timestamptz(3)": ("timestamp(3) with time zone",),
    "numeric(12,2)": ("decimal(12,2)", "dec(12, 2)", "NUMERIC (12,2)"),
    "numeric(8)": ("numeric(8,0)", "decimal(8)"),
    "varchar(40)": ("character varying(40)", "char varying (40)"),
    "char(3)": ("character(3)", "bpchar(3)"),
    "char": ("character(1)", "char(1)"),
    "double precision": ("float8", "float", "float(53)"),
    "real": ("float4", "float(24)", "float(1)"),
    "time": ("time without time zone",),
    "timetz": ("time with time zone",),
    "text[]": ("text ARRAY", "_text", "varchar[]", "text[3]"),
    "integer[]": ("int[]", "int4[][]", "int ARRAY[4]"),
    "bit": ("bit(1)",),
    "varbit(5)": ("bit varying(5)",),
    "uuid": ("pg_catalog.uuid", '"uuid"'),
}
DEFAULTS: Sequence[tuple[str, str, Sequence[str]]] = (
    (
        "timestamptz",
        "now()",
        ("CURRENT_TIMESTAMP", "transaction_timestamp()", "pg_catalog.now()", "now()::timestamptz"),
    ),
    ("timestamp", "now()", ("LOCALTIMESTAMP", "CURRENT_TIMESTAMP", "now()::timestamp")),
    ("timestamp", "timezone('utc', now())", ("(now() AT TIME ZONE 'utc')", "(CURRENT_TIMESTAMP AT TIME ZONE 'utc')")),
    ("date", "CURRENT_DATE", ("now()::date", "CAST(CURRENT_TIMESTAMP AS date)", "now()")),
    ("text", "'x'", ("'x'::text", "E'x'", "'x'::varchar", "('x')", "$$x$$", "CAST('x' AS text)", "U&'\\0078'")),
    ("varchar(9)", "'x'", ("'x'::text", "'x'::varchar", "'x'::character varying")),
    ("text", "NULL", ("NULL::text", "(NULL)")),
    ("integer", "0", ("'0'", "0::int", "(0)", "'0'::integer", "+0")),
    ("integer", "-1", ("'-1'", "- 1", "(-1)::int", "-(1)")),
    ("bigint", "0", ("'0'", "0::bigint", "0::int")),
    ("numeric", "0", ("0.00", "'0'", "0::numeric", "0.0::numeric")),
    ("numeric(6,2)", "1.5", ("1.50", "'1.5'", "1.5::numeric(6,2)")),
    ("boolean", "false", ("'f'", "FALSE", "'false'", "'no'::boolean", "false::bool")),
    ("jsonb", "'{}'", ("'{}'::jsonb", "CAST('{}' AS jsonb)", "' { } '")),
    ("text[]", "'{}'", ("ARRAY[]::text[]", "'{}'::text[]", "CAST(ARRAY[] AS text[])", "'{ }'")),
    ("text[]", "'{a,b}'", ("ARRAY['a','b']", "ARRAY['a','b']::text[]", "'{a, b}'::text[]")),
    ("uuid", "gen_random_uuid()", ("pg_catalog.gen_random_uuid()", "(gen_random_uuid())")),
    ("interval", "'1 day'", ("'1 day'::interval", "INTERVAL '1 day'", "'1 d'", "'P1D'")),
)
_ROW = """a int, b int, big bigint, n numeric, s text, v varchar(20), done boolean, d date, e date, at timestamptz,
          tags text[], data jsonb"""
CHECKS: Sequence[tuple[str, Sequence[str]]] = (
    (
        "a > 0",
        (
            "0 < a",
            "a >= 1",
            "NOT (a <= 0)",
            "NOT a < 1",
            "(a) > (0)",
            "a > 0::int",
            "a > '0'",
            "a > 0::bigint",
            "a > 0.0",
            '"a" > 0',
            "t.a > 0",
            "a > 0 AND a > 0",
            "a OPERATOR(pg_catalog.>) 0",
            "CHECKED",
        ),
    ),
    (
        "a BETWEEN 1 AND 99",
        (
            "a >= 1 AND a <= 99",
            "1 <= a AND 99 >= a",
            "a > 0 AND a < 100",
            "NOT (a < 1 OR a > 99)",
            "a <= 99 AND a >= 1",
            "NOT a NOT BETWEEN 1 AND 99",
            "a BETWEEN '1' AND '99'",
        ),
    ),
    ("a <> 0", ("a != 0", "NOT a = 0", "0 <> a", "a NOT IN (0)", "a <> ALL (ARRAY[0])")),
    (
        "a IN (1, 2, 3)",
        ("a = ANY (ARRAY[1, 2, 3])", "a = 3 OR a = 2 OR a = 1", "a = ANY ('{1,2,3}')", "a IN (3, 1, 2)"),
    ),
    ("big >= 0", ("big >= 0::bigint", "0 <= big", "big > -1", "NOT (big < 0)", "big >= 0.0")),
    ("n >= 0", ("n >= 0.0", "0 <= n", "n >= '0'", "NOT n < 0", "n >= 0::numeric", "n >= 0.00::numeric")),
    (
        "s IN ('a', 'b', 'c')",
        (
            "s = ANY (ARRAY['a', 'b', 'c'])",
            "s = ANY ('{a,b,c}')",
            "s = 'a' OR s = 'b' OR s = 'c'",
            "s IN ('c', 'b', 'a')",
            "NOT (s <> 'a' AND s <> 'b' AND s <> 'c')",
            "NOT s NOT IN ('a', 'b', 'c')",
            "s::text IN ('a', 'b', 'c')",
            "s IN ('a'::text, 'b'::varchar, 'c')",
            "s = ANY (ARRAY['a', 'b', 'c']::text[])",
            "'a' = s OR s IN ('b', 'c')",
        ),
    ),
    (
        "v IN ('a', 'b')",
        (
            "v = ANY (ARRAY['a', 'b'])",
            "v = 'a' OR v = 'b'",
            "v::text = ANY (ARRAY['a'::text, 'b'::text])",
            "v = ANY (ARRAY['a'::varchar, 'b'::varchar]::text[])",
            "v IN ('a'::text, 'b')",
        ),
    ),
    ("s NOT IN ('x', 'y')", ("s <> 'x' AND s <> 'y'", "s <> ALL (ARRAY['y', 'x'])", "NOT (s IN ('x', 'y'))")),
    ("s = 'only'", ("s IN ('only')", "'only' = s", "s = ANY (ARRAY['only'])", "s::text = 'only'::text")),
    (
        "char_length(s) BETWEEN 1 AND 200",
        (
            "length(s) BETWEEN 1 AND 200",
            "character_length(s) >= 1 AND length(s) <= 200",
            "length(s) > 0 AND length(s) < 201",
            "s <> '' AND char_length(s) <= 200",
            "NOT (length(s) < 1 OR length(s) > 200)",
            "200 >= length(s) AND s != ''",
        ),
    ),
    ("char_length(v) <= 9", ("length(v) < 10", "length(v::text) <= 9", "NOT char_length(v) > 9")),
    ("s ~ '^[A-Z]{3}$'", ("s ~ '^[A-Z]{3}$'::text", "NOT s !~ '^[A-Z]{3}$'", "s OPERATOR(pg_catalog.~) '^[A-Z]{3}$'")),
    ("v ~ '^x'", ("v::text ~ '^x'::text", "v ~ '^x'::varchar")),
    ("s LIKE 'a%'", ("s ~~ 'a%'", "NOT s NOT LIKE 'a%'", "s LIKE 'a%'::text")),
    ("s ILIKE 'a%'", ("s ~~* 'a%'", "NOT s NOT ILIKE 'a%'")),
    ("done", ("done = true", "done <> false", "NOT (NOT done)", "NOT done = false", "true = done")),
    (
        "NOT done OR at IS NOT NULL",
        ("at IS NOT NULL OR NOT done", "NOT (done AND at IS NULL)", "done = false OR NOT at IS NULL"),
    ),
    ("(a IS NULL) = (b IS NULL)", ("(b IS NULL) = (a IS NULL)", "(a IS NULL)=(b ISNULL)")),
    ("a IS NULL OR b > a", ("b > a OR a IS NULL", "a < b OR a ISNULL", "NOT (a IS NOT NULL AND b <= a)")),
    ("d < e", ("e > d", "NOT d >= e", "NOT (e <= d)")),
    (
        "d >= '2020-01-01'",
        ("d >= DATE '2020-01-01'", "'2020-01-01'::date <= d", "d >= '20200101'", "NOT d < '2020-1-1'"),
    ),
    ("lower(s) = s", ("s = lower(s)", "lower(s::text) = s", "NOT s <> lower(s)")),
    ("btrim(s) <> ''", ("trim(s) <> ''", "trim(both from s) != ''", "length(trim(s)) > 0", "NOT btrim(s) = ''")),
    ("num_nonnulls(a, b) = 1", ("1 = num_nonnulls(a, b)",)),
    ("extract(year from d) >= 2000", ("2000 <= extract(year from d)", "date_part('year', d) >= 2000")),
    (
        "substring(s from 1 for 2) = 'ab'",
        ("substr(s, 1, 2) = 'ab'", "substring(s, 1, 2) = 'ab'", "'ab' = substring(s, 1, 2)"),
    ),
    ("coalesce(a, 0) + b <= 10", ("10 >= b + coalesce(a, 0)", "NOT coalesce(a, 0) + b > 10")),
    ("cardinality(tags) <= 5", ("cardinality(tags) < 6", "NOT cardinality(tags) > 5")),
    ("jsonb_typeof(data) = 'object'", ("'object' = jsonb_typeof(data)", "jsonb_typeof(data) IN ('object')")),
    ("a IS DISTINCT FROM b", ("NOT a IS NOT DISTINCT FROM b",)),
)
PARENT = "CREATE TABLE p (id int PRIMARY KEY);\n"
TABLES: Sequence[tuple[str, Sequence[str]]] = (
    (
        "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL UNIQUE)",
        (
            "CREATE TABLE t (id int, name text NOT NULL, PRIMARY KEY (id), UNIQUE (name))",
            "CREATE TABLE t (id int, name text); ALTER TABLE t ADD PRIMARY KEY (id); ALTER TABLE t ADD UNIQUE (name);"
            " ALTER TABLE t ALTER name SET NOT NULL",
            "CREATE TABLE t (id int CONSTRAINT k PRIMARY KEY, name text CONSTRAINT u UNIQUE NOT NULL)",
            "CREATE TABLE t (id int NOT NULL PRIMARY KEY, name text UNIQUE NOT NULL)",
            "CREATE TABLE t (name text NOT NULL UNIQUE, id int PRIMARY KEY)",
            'create table "t" ("id" int primary key, "name" text not null unique)',
            "CREATE TABLE IF NOT EXISTS public.t (id int PRIMARY KEY, name text NOT NULL UNIQUE)",
            "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL); CREATE UNIQUE INDEX ON t (name)",
            "CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ADD COLUMN name text NOT NULL UNIQUE",
            "CREATE TABLE other (id int PRIMARY KEY, label text NOT NULL UNIQUE);"
            " ALTER TABLE other RENAME TO t; ALTER TABLE t RENAME label TO name",
            "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL UNIQUE NOT DEFERRABLE)",
            "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL UNIQUE NULLS DISTINCT)",
            "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL UNIQUE, extra text, at timestamptz DEFAULT now())",
            "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL UNIQUE); CREATE INDEX ON t (name, id)",
            "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL UNIQUE); CREATE TABLE besides (x int UNIQUE)",
            "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL UNIQUE, UNIQUE (name, id))",
            "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL UNIQUE, CHECK (name IS NOT NULL))",
        ),
    ),
    (
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a, b))",
        (
            "CREATE TABLE t (a int, b int, CONSTRAINT whole PRIMARY KEY (a, b))",
            "CREATE TABLE t (b int, a int); ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY (a, b)",
            "CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX i ON t (a, b); ALTER TABLE t ALTER a SET NOT NULL,"
            " ALTER b SET NOT NULL; ALTER TABLE t ADD PRIMARY KEY USING INDEX i",
        ),
    ),
    (
        "CREATE TABLE t (id serial PRIMARY KEY)",
        (
            "CREATE TABLE t (id serial4 PRIMARY KEY)",
            "CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)",
            "CREATE SEQUENCE q AS int; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('q'))",
            "CREATE SEQUENCE q AS int; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('q'::regclass));"
            " ALTER SEQUENCE q OWNED BY t.id",
            "CREATE SEQUENCE q; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('public.q'))",
            "CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ALTER id ADD GENERATED BY DEFAULT AS IDENTITY",
        ),
    ),
    (
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
        (
            "CREATE TABLE t (id int8 PRIMARY KEY GENERATED ALWAYS AS IDENTITY)",
            "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1 INCREMENT BY 1) PRIMARY KEY)",
            "CREATE TABLE t (id bigint PRIMARY KEY); ALTER TABLE t ALTER id ADD GENERATED ALWAYS AS IDENTITY",
            "CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);"
            " ALTER TABLE t ALTER id SET GENERATED ALWAYS",
            "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME of_t CACHE 5) PRIMARY KEY)",
        ),
    ),
    (
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED)",
        (
            "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (2 * a) STORED)",
            "CREATE TABLE t (a int, b int GENERATED ALWAYS AS ((a) * (2)) STORED)",
            "CREATE TABLE t (b int GENERATED ALWAYS AS (a * 2) STORED, a int)",
        ),
    ),
    (
        PARENT + "CREATE TABLE t (p int NOT NULL REFERENCES p ON DELETE CASCADE)",
        (
            PARENT + "CREATE TABLE t (p int NOT NULL REFERENCES p (id) ON DELETE CASCADE)",
            PARENT + "CREATE TABLE t (p int NOT NULL, FOREIGN KEY (p) REFERENCES p ON DELETE CASCADE)",
            PARENT + "CREATE TABLE t (p int NOT NULL, CONSTRAINT up FOREIGN KEY (p) REFERENCES public.p (id)"
            " ON DELETE CASCADE)",
            PARENT
            + "CREATE TABLE t (p int NOT NULL); ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES p ON DELETE CASCADE",
            PARENT + "CREATE TABLE t (p int REFERENCES p ON UPDATE NO ACTION ON DELETE CASCADE NOT NULL)",
            PARENT + "CREATE TABLE t (p int NOT NULL REFERENCES p MATCH FULL ON DELETE CASCADE)",
            PARENT + "CREATE TABLE t (p int NOT NULL REFERENCES p MATCH SIMPLE ON DELETE CASCADE NOT DEFERRABLE)",
            PARENT + "CREATE TABLE t (p int NOT NULL); ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES p ON DELETE CASCADE"
            " NOT VALID",
        ),
    ),
    (
        PARENT + "CREATE TABLE t (p int REFERENCES p ON DELETE SET NULL)",
        (PARENT + "CREATE TABLE t (p int, FOREIGN KEY (p) REFERENCES p ON DELETE SET NULL (p))",),
    ),
    (
        "CREATE TABLE q (a int, b int, UNIQUE (a, b));"
        " CREATE TABLE t (a int, b int, FOREIGN KEY (a, b) REFERENCES q (a, b))",
        (
            "CREATE TABLE q (a int, b int, UNIQUE (a, b));"
            " CREATE TABLE t (a int, b int); ALTER TABLE t ADD FOREIGN KEY (a, b) REFERENCES q (a, b)",
        ),
    ),
    (
        "CREATE TABLE t (a int CHECK (a > 0 AND a < 9))",
        (
            "CREATE TABLE t (a int CHECK (a > 0) CHECK (a < 9))",
            "CREATE TABLE t (a int, CHECK (a < 9 AND a > 0))",
            "CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0 AND 9 > a)",
            "CREATE TABLE t (a int); ALTER TABLE t ADD CHECK (a > 0 AND a < 9) NOT VALID",
            "CREATE TABLE t (a int CHECK (a > 0), CONSTRAINT top CHECK (a <= 8))",
        ),
    ),
    (
        "CREATE TABLE t (a int DEFAULT 5, b text NOT NULL)",
        (
            "CREATE TABLE t (a int, b text); ALTER TABLE t ALTER a SET DEFAULT 5, ALTER b SET NOT NULL",
            "CREATE TABLE t (a int DEFAULT 5 NULL, b text CONSTRAINT b_is_there NOT NULL)",
            "CREATE TABLE t (a int DEFAULT 2 + 3, b text NOT NULL); ALTER TABLE t ALTER a SET DEFAULT 5",
        ),
    ),
)
_T = "CREATE TABLE t (a int, b text, c timestamptz, email text, done boolean, data jsonb, tags text[]);\n"
INDEXES: Sequence[tuple[str, Sequence[str]]] = (
    (
        "CREATE INDEX i ON t (a)",
        (
            "CREATE INDEX i ON public.t USING btree (a)",
            "CREATE INDEX i ON t (a ASC)",
            "CREATE INDEX other ON t (a int4_ops)",
            "CREATE INDEX ON t (a ASC NULLS LAST)",
            "CREATE INDEX i ON t (a DESC)",
            'CREATE INDEX i ON "t" ("a")',
            "CREATE INDEX i ON t (a) WITH (fillfactor = 70)",
            "CREATE INDEX IF NOT EXISTS i ON ONLY t (a)",
        ),
    ),
    (
        "CREATE INDEX i ON t (a, c DESC)",
        ("CREATE INDEX i ON t (a ASC, c DESC NULLS FIRST)", "CREATE INDEX i ON t (a DESC, c)"),
    ),
    ("CREATE INDEX i ON t (b)", ('CREATE INDEX i ON t (b COLLATE "default")', "CREATE INDEX i ON t (b text_ops)")),
    (
        "CREATE UNIQUE INDEX i ON t (lower(email))",
        ("CREATE UNIQUE INDEX i ON t ((lower(email)))", "CREATE UNIQUE INDEX j ON t (lower(email::text))"),
    ),
    (
        "CREATE INDEX i ON t (c) WHERE NOT done AND a IN (1, 2)",
        (
            "CREATE INDEX i ON t (c) WHERE (a = 1 OR a = 2) AND done = false",
            "CREATE INDEX i ON t (c) WHERE a = ANY('{2,1}') AND NOT done",
        ),
    ),
    (
        "CREATE UNIQUE INDEX i ON t (email) WHERE c IS NULL",
        (
            "CREATE UNIQUE INDEX i ON t (email) WHERE c ISNULL",
            "CREATE UNIQUE INDEX i ON t (email) WHERE NOT c IS NOT NULL",
        ),
    ),
    ("CREATE INDEX i ON t USING gin (data)", ("CREATE INDEX i ON t USING gin (data jsonb_ops)",)),
    ("CREATE INDEX i ON t (a) INCLUDE (b, c)", ("CREATE INDEX i ON t (a) INCLUDE (c, b)",)),
)
OTHERS: Sequence[tuple[str, Sequence[str]]] = (
    (
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE TABLE t (m mood DEFAULT 'ok' CHECK (m <> 'sad'))",
        (
            "CREATE TYPE mood AS ENUM ('sad', 'ok'); ALTER TYPE mood ADD VALUE 'happy';"
            " CREATE TABLE t (m mood DEFAULT 'ok' CHECK (m <> 'sad'))",
            "CREATE TYPE mood AS ENUM ('sad', 'happy'); ALTER TYPE mood ADD VALUE 'ok' BEFORE 'happy';"
            " CREATE TABLE t (m mood); ALTER TABLE t ALTER m SET DEFAULT 'ok', ADD CHECK (m <> 'sad'::mood)",
            "CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'happy');"
            " CREATE TABLE t (m public.mood DEFAULT 'ok'::mood CHECK (NOT m = 'sad'::public.mood))",
        ),
    ),
    (
        "CREATE DOMAIN email AS text CHECK (VALUE ~ '@' AND length(VALUE) < 99); CREATE TABLE t (e email)",
        (
            "CREATE DOMAIN email AS text CHECK (value ~ '@') CHECK (length(value) <= 98); CREATE TABLE t (e email)",
            "CREATE DOMAIN email AS varchar CONSTRAINT c CHECK (length(VALUE) < 99 AND VALUE ~ '@');"
            " CREATE TABLE t (e email)",
            "CREATE DOMAIN email text; ALTER DOMAIN email ADD CHECK (VALUE ~ '@' AND length(VALUE) < 99);"
            " CREATE TABLE t (e public.email)",
        ),
    ),
    (
        _T + "CREATE VIEW w AS SELECT a, b FROM t WHERE done AND a > 0",  # noqa: S608
        (
            _T + "CREATE VIEW w AS SELECT t.a, t.b FROM t WHERE t.a >= 1 AND t.done",  # noqa: S608
            _T + "CREATE VIEW w (a, b) AS SELECT x.a, x.b AS b FROM public.t AS x WHERE x.done AND x.a > 0",  # noqa: S608
            _T + "CREATE OR REPLACE VIEW w AS SELECT a, b FROM t WHERE done = true AND 0 < a",  # noqa: S608
        ),
    ),
    (
        _T + "CREATE VIEW w AS SELECT x.a, count(*) AS n FROM t x JOIN t y ON x.a = y.a GROUP BY x.a",  # noqa: S608
        (_T + "CREATE VIEW w AS SELECT l.a, count(*) AS n FROM t l JOIN t r ON r.a = l.a GROUP BY l.a",),  # noqa: S608
    ),
    (
        "CREATE TABLE t (r int4range, EXCLUDE USING gist (r WITH &&))",
        (
            "CREATE TABLE t (r int4range, CONSTRAINT apart EXCLUDE USING gist (r WITH OPERATOR(pg_catalog.&&)))",
            "CREATE TABLE t (r int4range); ALTER TABLE t ADD EXCLUDE USING gist (r range_ops WITH &&)",
        ),
    ),
    (
        "CREATE TABLE t (a int, d date) PARTITION BY RANGE (d);"
        " CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2020-01-01') TO ('2021-01-01'); CREATE INDEX i ON t (a)",
        (
            "CREATE TABLE t (a int4, d date) PARTITION BY RANGE (d); CREATE INDEX i ON t (a);"
            " CREATE TABLE t1 (d date, a int); ALTER TABLE t ATTACH PARTITION t1"
            " FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
        ),
    ),
    (
        _T + "CREATE MATERIALIZED VIEW w AS SELECT a FROM t; CREATE UNIQUE INDEX i ON w (a)",  # noqa: S608
        (_T + "CREATE MATERIALIZED VIEW public.w (a) AS SELECT t.a FROM t; CREATE UNIQUE INDEX i ON w (a)",),  # noqa: S608
    ),
    ("CREATE TYPE span AS RANGE (subtype = int)", ("CREATE TYPE span AS RANGE (SUBTYPE = int4)",)),
    ("CREATE TYPE pair AS (a int, b text)", ("CREATE TYPE pair AS (a integer, b pg_catalog.text)",)),
    ("CREATE SCHEMA s; CREATE TABLE s.t (a int)", ('CREATE SCHEMA s; CREATE TABLE "s"."t" (a int4)',)),
)


def _alike() -> Iterator[Pair]:
    for name, others in TYPES.items():
        for other in others:
            yield f"CREATE TABLE t (a {name})", f"CREATE TABLE t (a {other})"
    for type_, default, others in DEFAULTS:
        for other in others:
            yield f"CREATE TABLE t (a {type_} DEFAULT {default})", f"CREATE TABLE t (a {type_} DEFAULT {other})"
    for check, others in CHECKS:
        table = f"CREATE TABLE t ({_ROW}, CHECK ({check}))"
        for other in others:
            yield (
                table,
                table.replace("CHECK (", "CONSTRAINT named CHECK (")
                if other == "CHECKED"
                else (f"CREATE TABLE t ({_ROW}, CHECK ({other}))"),
            )
    for base, spellings in (*TABLES, *OTHERS):
        yield from ((base, other) for other in spellings)
    for base, spellings in INDEXES:
        yield from ((_T + base, _T + other) for other in spellings)


ALIKE: tuple[Pair, ...] = tuple(_alike())
