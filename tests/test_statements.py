"""Statements as authors write them: parameters, conditions, cardinality, order, and faults at their place."""
# ruff: noqa: E501 - a statement and what is said of it are compared best on one line

import time

import pytest

from asbuilt.postgres.catalog import SqlType
from asbuilt.postgres.reading import infer_cardinality, read_statement
from asbuilt.postgres.scope import Tables
from asbuilt.postgres.signature import examined, static_signature
from asbuilt.postgres.statement import OrderKey, Statement
from asbuilt.postgres.writes import always_gives_rows
from asbuilt.source import Fragment
from sqltext import catalog_of, cut, fragment

SHOP = catalog_of("""
CREATE TABLE customers (id uuid PRIMARY KEY, email text NOT NULL UNIQUE, name text);
CREATE TABLE orders (
    id uuid PRIMARY KEY, customer_id uuid NOT NULL REFERENCES customers, number int NOT NULL, status text NOT NULL,
    total numeric(12,2) NOT NULL, note varchar(100), tags text[], placed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (customer_id, number)
);
CREATE TABLE lines (order_id uuid REFERENCES orders, no int, sku text NOT NULL, PRIMARY KEY (order_id, no));
CREATE UNIQUE INDEX ON orders (note) WHERE status = 'open';
CREATE VIEW open_orders (key, remark) AS SELECT id, note FROM orders WHERE status = 'open';
CREATE DOMAIN amount AS int NOT NULL; CREATE TABLE sums (id int PRIMARY KEY, sum amount);
""")


def read(sql: str) -> Statement:
    statement = read_statement(fragment(sql))
    assert statement.faults == ()
    return statement


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        (
            "SELECT :a, :b_c, :body.note, :principal.id, :after.placed_at",
            "a b_c body.note principal.id after.placed_at",
        ),
        ("SELECT :a + :a", "a"),
        ("SELECT 1::int, 'x'::text, :a::uuid", "a"),
        (
            "SELECT ':a', E'\\':b', $$:c$$, $x$ :d $x$, \":e\" FROM (SELECT 1 AS \":e\") AS t -- :f\n/* :g /* :h */ */",
            "",
        ),
        ("SELECT tags[1:2], tags[:a], tags[no:number], tags[2:], ARRAY[:b, :c] FROM orders", "a b c"),
        ("SELECT tags[1 : :a] FROM orders", "a"),
        ("SELECT name FROM t(a := :b, c => :d)", "b d"),
        ("SELECT * FROM orders WHERE id=:id AND number>=:least", "id least"),
        ("SELECT * FROM orders LIMIT:limit OFFSET :offset", "limit offset"),
        ("SELECT '{\"a\": 1}'::jsonb ->> :key", "key"),
    ],
)
def test_parameters(sql: str, names: str) -> None:
    statement = read_statement(fragment(sql))
    assert statement.parameters == tuple(names.split())
    for each in statement.placeholders:
        assert sql[each.start : each.end] == f":{each.name}" == sql[each.span.start : each.span.end]


@pytest.mark.parametrize(
    ("sql", "cardinality"),
    [
        ("SELECT * FROM orders", "many"),
        ("SELECT * FROM orders WHERE id = :id", "maybe"),
        ("SELECT * FROM orders WHERE :id = id AND status = 'open'", "maybe"),
        ("SELECT * FROM orders WHERE id = :id::uuid", "maybe"),
        ("SELECT * FROM orders WHERE id = :id OR status = 'open'", "many"),
        ("SELECT * FROM orders WHERE NOT id = :id", "many"),
        ("SELECT * FROM orders WHERE id <> :id", "many"),
        ("SELECT * FROM orders WHERE id = ANY (:ids)", "many"),
        ("SELECT * FROM orders WHERE id IN (:a)", "maybe"),
        ("SELECT * FROM orders WHERE id IN (:a, :b)", "many"),
        ("SELECT * FROM orders WHERE lower(id::text) = :id", "many"),
        ("SELECT * FROM orders WHERE id = customer_id", "many"),
        ("SELECT * FROM orders WHERE customer_id = :c", "many"),
        ("SELECT * FROM orders WHERE customer_id = :c AND number = 3", "maybe"),
        ("SELECT * FROM orders WHERE (customer_id, number) = (:c, :n)", "maybe"),
        ("SELECT * FROM orders WHERE note = :note", "many"),
        ("SELECT * FROM orders WHERE id = :id -- when id", "many"),
        ("SELECT * FROM orders\nWHERE status = :s\n  AND id = :id -- when id", "many"),
        ("SELECT * FROM orders\nWHERE id = :id\n  AND status = :s -- when s", "maybe"),
        ("SELECT * FROM orders LIMIT 1", "maybe"),
        ("SELECT * FROM orders LIMIT :limit", "many"),
        ("SELECT * FROM orders\nLIMIT 1 -- when first", "many"),
        ("SELECT * FROM orders FETCH FIRST ROW ONLY", "maybe"),
        ("SELECT count(*) FROM orders", "maybe"),
        ("SELECT max(total), status FROM orders GROUP BY status", "many"),
        ("SELECT count(*) OVER () FROM orders", "many"),
        ("SELECT (SELECT count(*) FROM lines) FROM orders", "many"),
        ("SELECT coalesce(sum(total), 0) FROM orders", "maybe"),
        ("SELECT unnest(tags) FROM orders WHERE id = :id", "many"),
        ("SELECT 1", "maybe"),
        ("VALUES (1)", "maybe"),
        ("VALUES (1), (2)", "many"),
        ("SELECT 1 UNION ALL SELECT 2", "many"),
        ("SELECT o.* FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = :id", "maybe"),
        ("SELECT o.* FROM orders o, customers c WHERE c.id = o.customer_id AND o.id = :id", "maybe"),
        ("SELECT o.* FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.id = :id", "many"),
        ("SELECT * FROM orders o LEFT JOIN lines l ON l.order_id = o.id AND l.no = 1 WHERE o.id = :id", "maybe"),
        ("SELECT * FROM orders o LEFT JOIN lines l ON o.id = :id AND l.no = 1 AND l.order_id = o.id", "many"),
        ("SELECT * FROM orders o FULL JOIN lines l ON l.order_id = o.id AND l.no = 1 WHERE o.id = :id", "many"),
        ("SELECT * FROM lines JOIN orders USING (status) WHERE order_id = :id AND no = :no", "many"),
        ("SELECT * FROM (SELECT * FROM orders WHERE id = :id) AS o", "maybe"),
        ("SELECT * FROM orders, generate_series(1, 3) WHERE id = :id", "many"),
        ("INSERT INTO customers (id, email) VALUES (:id, :email) RETURNING *", "maybe"),
        ("INSERT INTO customers (id, email) VALUES (:id, :email)", "none"),
        ("INSERT INTO customers (id, email) VALUES (:a, :b), (:c, :d) RETURNING id", "many"),
        ("INSERT INTO lines SELECT :id, no, sku FROM lines RETURNING no", "many"),
        ("INSERT INTO customers DEFAULT VALUES RETURNING id", "maybe"),
        ("UPDATE orders SET status = 'x' WHERE id = :id RETURNING *", "maybe"),
        ("UPDATE orders SET status = 'x' WHERE status = :s RETURNING *", "many"),
        (
            "UPDATE orders o SET status = 'x' FROM customers c WHERE c.id = o.customer_id AND o.id = :id RETURNING o.*",
            "maybe",
        ),
        ("DELETE FROM orders WHERE id = :id", "none"),
        ("DELETE FROM orders WHERE id = :id RETURNING status", "maybe"),
        ("WITH o AS (SELECT * FROM orders) SELECT * FROM o WHERE id = :id", "many"),
    ],
)
def test_how_many_rows(sql: str, cardinality: str) -> None:
    assert infer_cardinality(read_statement(fragment(sql)), SHOP) == cardinality


def test_what_a_statement_touches() -> None:
    statement = read("""
        WITH gone AS (DELETE FROM lines USING orders o WHERE o.id = order_id RETURNING sku)
        INSERT INTO public.customers (email) SELECT sku FROM gone JOIN billing.taxes ON true
    """)
    assert statement.verb == "insert"
    assert set(statement.tables) == {"lines", "orders", "customers", "billing.taxes"}
    assert set(statement.written) == {"lines", "customers"}


def test_order_and_limit() -> None:
    statement = read(
        "SELECT id, total AS sum, lower(status) AS state FROM orders\n"
        "ORDER BY placed_at DESC NULLS LAST, total, 3, orders.id ASC, lower(status) DESC, coalesce(note, :x)\nLIMIT :limit;"
    )
    assert statement.order == (
        OrderKey("placed_at", None, descending=True, nulls_first=False),
        OrderKey("total", "sum"),
        OrderKey("3", "state"),
        OrderKey("orders.id", "id"),
        OrderKey("lower(status)", "state", descending=True),
        OrderKey("coalesce(note, :x)", None),
    )
    assert statement.limit == ":limit"
    assert read("SELECT * FROM orders o ORDER BY o.id LIMIT 20").limit == "20"
    assert read("SELECT o.* FROM orders o ORDER BY o.id, number").order[1] == OrderKey("number", "number")


@pytest.mark.parametrize(
    ("sql", "message", "place"),
    [
        ("SELEC * FROM orders", "syntax error at or near `SELEC`", "SELEC"),
        ("SELECT * FROM orders WHERE", "the statement ends too early", "WHERE"),
        ("SELECT 1; SELECT 2", "a second statement begins here", "SELECT 2"),
        ("", "no statement stands here", ""),
        ("-- nothing", "no statement stands here", "-- nothing"),
        ("SELECT $1", "`$1` has no name", "$1"),
        ("SELECT * FROM orders\n-- }", "`-- }` closes a condition that nothing opened", "-- }"),
        ("SELECT * FROM orders\n-- when a {\nLIMIT 1", "`-- when a {` is never closed", "-- when a {"),
        ("SELECT 1 -- when a and b", "`-- when` takes the name of one parameter", "-- when a and b"),
        ("SELECT 1 -- when not a", "`-- when` takes the name of one parameter", "-- when not a"),
        ("SELECT 1 -- wehn a", "`-- when` takes the name of one parameter", "-- wehn a"),
        ("SELECT a -- when a\nFROM t", "without `a`: syntax error at or near `FROM`", "FROM"),
        ("SELECT * FROM t\nWHERE a IN (\n:a -- when a\n)", "without `a`: syntax error at or near `)`", ")"),
        ("SELECT 1 -- when a", "without `a` nothing of the statement is left", "-- when a"),
        ("SELECT 'é', :a FROM\nFROM t", "syntax error at or near `FROM`", "FROM"),
        ("SELECT 'x", "unterminated quoted string begins here", "'"),
    ],
)
def test_faults_stand_where_they_were_written(sql: str, message: str, place: str) -> None:
    faults = read_statement(fragment(sql)).faults
    assert [(fault.message, cut(sql, fault)) for fault in faults] == [(message, place)]


def test_a_fault_in_a_list_item_points_into_the_document() -> None:
    document = "- **x**:\n  ```sql\n  SELECT *\n  FRM t\n  ```\n"
    sql = Fragment("SELECT *\nFRM t", (document.index("SELECT"), document.index("FRM")))
    (fault,) = read_statement(sql).faults
    assert document[fault.span.start : fault.span.end] == "FRM"


def test_remarks_that_begin_like_conditions_are_remarks() -> None:
    statement = read("SELECT * -- whenever\nFROM orders -- when the moon is full\nLIMIT 3 -- then, when possible")
    assert statement.conditions == ()


@pytest.mark.parametrize(
    ("sql", "parameters", "columns"),
    [
        (
            "SELECT id, note, lower(status) AS state FROM orders WHERE customer_id = :c AND status = ANY(:states) LIMIT :n",
            {"c": "uuid", "states": "text[]", "n": "bigint"},
            "id: uuid!, note: character varying(100), state: text!",
        ),
        (
            "SELECT o.id, c.name, c.email, count(*) FROM orders o LEFT JOIN customers c ON c.id = o.customer_id GROUP BY 1, 2, 3",
            {},
            "id: uuid!, name: text, email: text, count: bigint!",
        ),
        (
            "INSERT INTO orders (id, customer_id, total) VALUES (:id, :body.customer, :total) RETURNING id, placed_at",
            {"id": "uuid", "body.customer": "uuid", "total": "numeric"},
            "id: uuid!, placed_at: timestamp with time zone!",
        ),
        ("INSERT INTO lines SELECT :id, :no, sku FROM lines", {"id": "uuid", "no": "integer"}, ""),
        (
            "UPDATE orders SET note = :note, total = total + :more WHERE id = :id RETURNING *",
            {"note": "character varying", "more": "numeric", "id": "uuid"},
            "id: uuid!, customer_id: uuid!, number: integer!, status: text!, total: numeric(12, 2)!, "
            "note: character varying(100), tags: text[], placed_at: timestamp with time zone!",
        ),
        (
            "DELETE FROM lines WHERE no BETWEEN :a AND :b AND sku LIKE :c",
            {"a": "integer", "b": "integer", "c": "text"},
            "",
        ),
        (
            "SELECT * FROM orders WHERE (placed_at, id) < (:after.placed_at, :after.id)",
            {"after.placed_at": "timestamp with time zone", "after.id": "uuid"},
            None,
        ),
        (
            "SELECT key, remark FROM open_orders WHERE key = :k",
            {"k": "uuid"},
            "key: uuid!, remark: character varying(100)",
        ),
        (
            "WITH t AS (SELECT id, total FROM orders) SELECT t.id, coalesce(t.total, 0) AS total FROM t WHERE t.id = :id",
            {"id": "uuid"},
            "id: uuid!, total: numeric(12, 2)!",
        ),
        (
            "SELECT id, (SELECT name FROM customers c WHERE c.id = o.customer_id) AS who, EXISTS (SELECT FROM lines) AS any "
            "FROM orders o",
            {},
            "id: uuid!, who: text, any: boolean!",
        ),
        ("SELECT :a::int AS a, CASE WHEN :b THEN 1 ELSE 2 END AS b, now() AS c", {"a": "integer"}, None),
        ("SELECT sum FROM sums WHERE id = :id", {"id": "integer"}, "sum: amount!"),
        (
            "SELECT x.* FROM unnest(:ids::uuid[], :nos::int[]) AS x (id, no)",
            {"ids": "uuid[]", "nos": "integer[]"},
            None,
        ),
    ],
)
def test_what_the_text_alone_tells(sql: str, parameters: dict[str, str], columns: str | None) -> None:
    signature = static_signature(read(sql), SHOP)
    assert {name: str(type_) for name, type_ in signature.parameters} == parameters
    assert not signature.refereed
    if columns is not None:
        told = (f"{each.name}: {each.type}{'' if each.nullable else '!'}" for each in signature.columns)
        assert ", ".join(told) == columns


def test_columns_know_where_they_come_from() -> None:
    signature = static_signature(read("SELECT o.id AS key, total * 2 AS twice, c.* FROM orders o, customers c"), SHOP)
    assert [(each.name, each.source) for each in signature.columns] == [
        ("key", ("orders", "id")),
        ("twice", None),
        ("id", ("customers", "id")),
        ("email", ("customers", "email")),
        ("name", ("customers", "name")),
    ]
    assert signature.column("key") is not None
    assert signature.columns[1].type == SqlType("numeric")


@pytest.mark.parametrize(
    ("sql", "findings"),
    [
        ("SELECT * FROM ordres", [("no table `ordres` is in the schema", "did you mean `orders`?", "ordres")]),
        ("SELECT stats FROM orders", [("`orders` has no column `stats`", "did you mean `status`?", "stats")]),
        ("SELECT o.stat FROM orders o", [("`orders` has no column `stat`", "did you mean `status`?", "stat")]),
        (
            "SELECT orders.id FROM orders o",
            [("`orders` is not in the FROM of this statement", "it is called `o` here", "orders")],
        ),
        ("SELECT x.* FROM orders o", [("`x` is not in the FROM of this statement", "there is `o`", "x")]),
        (
            "INSERT INTO lines (order_id, nr) VALUES (:a, :b)",
            [("`lines` has no column `nr`", "there are `order_id`, `no` and `sku`", "nr")],
        ),
        ("UPDATE orders SET stat = 1", [("`orders` has no column `stat`", "did you mean `status`?", "stat")]),
        (
            "INSERT INTO customers (id) VALUES (:id) ON CONFLICT (idd) DO UPDATE SET name = EXCLUDED.nam",
            [
                ("`customers` has no column `idd`", "did you mean `id`?", "idd"),
                ("`excluded` has no column `nam`", "did you mean `name`?", "nam"),
            ],
        ),
        (
            "DELETE FROM lines WHERE amount > 3",
            [("`lines` has no column `amount`", "there are `order_id`, `no` and `sku`", "amount")],
        ),
        ("SELECT 1 FROM orders ORDER BY whn", [("`orders` has no column `whn`", "", "whn")]),
        (
            "SELECT id FROM orders UNION SELECT idd FROM customers",
            [("`customers` has no column `idd`", "did you mean `id`?", "idd")],
        ),
    ],
)
def test_names_that_mean_nothing(sql: str, findings: list[tuple[str, str, str]]) -> None:
    _, faults = examined(read(sql), Tables(SHOP))
    told = [(fault.message, fault.hint, cut(sql, fault)) for fault in faults]
    assert [(message, place) for message, _, place in told] == [(message, place) for message, _, place in findings]
    assert all(hint in ("", actual) for (_, hint, _), (_, actual, _) in zip(findings, told, strict=True))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT o, row_to_json(o), o.ctid, tableoid FROM orders o",
        "SELECT total AS sum FROM orders ORDER BY sum",
        "SELECT status, count(*) AS n FROM orders GROUP BY status HAVING count(*) > 1 ORDER BY n",
        "SELECT * FROM pg_class JOIN information_schema.tables ON table_name = relname",
        "SELECT x.a, b FROM jsonb_to_recordset(:x) AS x(a int, b text)",
        "SELECT value ->> 'x', v.y FROM jsonb_array_elements(:x), LATERAL (SELECT value AS y) v",
        "SELECT id FROM orders o WHERE EXISTS (SELECT FROM lines WHERE order_id = o.id AND sku = status)",
        "SELECT (c).email FROM customers c",
        "UPDATE orders o SET tags[1] = 'x', (note, status) = (SELECT name, email FROM customers WHERE id = o.customer_id)",
        "INSERT INTO customers AS c (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET name = c.name WHERE excluded.name > ''",
        "UPDATE orders SET note = 'x' RETURNING old.note, new.note, orders.id",
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t",
        "SELECT l.no, customer_id FROM lines l JOIN orders USING (status) CROSS JOIN LATERAL (SELECT l.sku) AS s(x) WHERE x > ''",
        "SELECT id, rank() OVER w FROM orders WINDOW w AS (PARTITION BY status ORDER BY total)",
        "MERGE INTO lines l USING orders o ON o.id = l.order_id WHEN MATCHED THEN UPDATE SET sku = o.status "
        "WHEN NOT MATCHED THEN INSERT (order_id, no, sku) VALUES (o.id, :no, o.status)",
        "SELECT public.orders.id FROM public.orders",
    ],
)
def test_names_that_mean_something(sql: str) -> None:
    catalog = catalog_of(
        "CREATE TABLE customers (id uuid PRIMARY KEY, email text, name text);"
        "CREATE TABLE orders (id uuid PRIMARY KEY, customer_id uuid, status text, total int, note text, tags text[]);"
        "CREATE TABLE lines (order_id uuid, no int, sku text, status text);"
    )
    assert examined(read(sql), Tables(catalog))[1] == ()


@pytest.mark.parametrize(
    ("sql", "always"),
    [
        ("INSERT INTO customers (id) VALUES (:id) RETURNING id", True),
        ("INSERT INTO customers (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET name = 'x' RETURNING id", True),
        ("INSERT INTO customers (id) SELECT :id ON CONFLICT (id) DO UPDATE SET name = 'x' RETURNING id", True),
        ("WITH c AS (INSERT INTO customers (id) VALUES (:id) RETURNING id) SELECT * FROM c", True),
        ("WITH c AS (SELECT :id::uuid AS id) INSERT INTO customers (id) SELECT id FROM c RETURNING id", True),
        ("SELECT count(*) AS n FROM orders WHERE status = :status", True),
        ("SELECT EXISTS (SELECT FROM orders WHERE id = :id) AS taken", True),
        ("SELECT count(*) AS n FROM orders GROUP BY status LIMIT 1", False),
        ("SELECT count(*) AS n FROM orders HAVING count(*) > 1", False),
        ("SELECT count(*) AS n FROM orders OFFSET 1", False),
        ("SELECT unnest(:ids::uuid[]) AS id", False),
        ("SELECT 1 AS n WHERE :x", False),
        ("SELECT id FROM orders LIMIT 1", False),
        ("INSERT INTO customers (id) VALUES (:id) ON CONFLICT DO NOTHING RETURNING id", False),
        (
            "INSERT INTO customers AS c (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET name = '' WHERE c.name > '' RETURNING id",
            False,
        ),
        ("INSERT INTO customers (id) SELECT id FROM orders LIMIT 1 RETURNING id", False),
        ("WITH c AS (INSERT INTO customers (id) VALUES (:id) RETURNING id) SELECT * FROM c WHERE id > :id", False),
        ("WITH c AS (DELETE FROM customers RETURNING id) SELECT * FROM c", False),
        ("WITH RECURSIVE c AS (SELECT id FROM c) SELECT id FROM c", False),
        ("UPDATE customers SET name = '' WHERE id = :id RETURNING id", False),
    ],
)
def test_statements_that_always_give_a_row(sql: str, always: bool) -> None:
    assert always_gives_rows(read(sql)) is always


def test_strange_statements_are_read_in_linear_time() -> None:
    for sql in (
        "SELECT " + ", ".join(f":p{at}" for at in range(4_000)),
        "SELECT 1\n" + "-- when x\n" * 5_000,
        "SELECT * FROM t WHERE true\n" + "AND a = :a -- when a\n" * 150,
        "SELECT " + "(" * 100_000,
        "SELECT " + "(SELECT " * 280 + "1" + ")" * 280,
        "SELECT * FROM t" + " JOIN t USING (a)" * 280,
        "SELECT 1" + " UNION SELECT 1" * 280,
        "SELECT 1" + "::int" * 280,
        "SELECT " + "CASE WHEN true THEN " * 280 + "1" + " END" * 280,
        "SELECT :" + "a." * 5_000 + "b",
        "SELECT ':" * 20_000,
    ):
        started = time.process_time()
        statement = read_statement(fragment(sql))
        infer_cardinality(statement, SHOP)
        examined(statement, Tables(SHOP))
        assert time.process_time() - started < 5, sql[:40]
