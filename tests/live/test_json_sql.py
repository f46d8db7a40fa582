"""JSON built by PostgreSQL for statements of authors: spelled as the type says, equal to what Python would write."""

import base64
import json
import struct
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sessions import Session, session

from asbuilt.language.types import Array, Named, Scalar, Type, Types
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.compile import compile_statement
from asbuilt.postgres.ddl import read_ddl
from asbuilt.postgres.json_sql import json_query, missing_members, outcome_of
from asbuilt.postgres.paging import page_fault, page_keys, page_query
from asbuilt.postgres.query_text import with_constants
from asbuilt.postgres.reading import read_statement
from asbuilt.postgres.statement import Query, Statement
from asbuilt.source import Fragment
from written import NOWHERE, types_of

SCHEMA = """
CREATE TYPE mood AS ENUM ('calm', 'a "wild" one');
CREATE DOMAIN amount AS numeric(12, 3);
CREATE TABLE things (
    id bigint PRIMARY KEY,
    small smallint, whole integer, real real, double double precision, exact numeric, money amount,
    yes boolean, text text, short varchar(40), fixed char(3), token uuid, mood mood,
    at timestamptz, wall timestamp, day date, hour time, span interval,
    raw bytea, doc jsonb, plain json,
    texts text[], numbers integer[], times timestamptz[], raws bytea[]
);
"""
TYPES = types_of("""
class Thing:
    id: int
    small: int | None
    whole: int | None
    real: float | None
    double: float | None
    exact: Decimal | None
    money: Decimal | None
    yes: bool | None
    text: str | None
    short: str | None
    fixed: str | None
    token: UUID | None
    mood: str | None
    at: datetime | None
    wall: datetime | None
    day: date | None
    hour: time | None
    span: timedelta | None
    raw: bytes | None
    doc: Any
    plain: Any
    texts: list[str | None] | None
    numbers: list[int | None] | None
    times: list[datetime | None] | None
    raws: list[bytes | None] | None

class Renamed:
    theId: Annotated[int, Column("id")]
    shortText: str | Absent = Absent
    secret: WriteOnly[str]
    note: str = "none"
    gone: str | None
    extra: int | Absent = Absent
""")
CATALOG: Catalog = read_ddl([Fragment(SCHEMA, (0,) * 20)])[0]


@pytest.fixture(scope="module")
def db() -> Iterator[Session]:
    with session(SCHEMA) as made:
        yield made


def named(name: str, *arguments: Type) -> Named:
    return Named(name, NOWHERE, arguments)


def wrapped(
    db: Session, sql: str, answer: Type | None, *values: object, types: Types = TYPES, cardinality: str = "maybe"
) -> object:
    """What the wrapped statement answers, as Python reads it."""
    outcome = outcome_of(answer, types, cardinality)  # type: ignore[arg-type]
    names = tuple(f"p{number}" for number, _ in enumerate(values, 1))
    query = json_query(Query(sql, names), db.columns(sql), answer, types, outcome, CATALOG)
    row = db.answer(query, dict(zip(names, values, strict=True)))
    return None if row is None else json.loads(row["body"], parse_float=Decimal)


def listed(name: str) -> Array:
    return Array(named(name), NOWHERE)


def scalar(kind: str) -> Scalar:
    return Scalar(kind, NOWHERE)  # type: ignore[arg-type]


INSTANT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("1::bigint", "int", "1"),
        ("1.50::numeric", "decimal", "1.50"),
        ("'NaN'::numeric", "decimal", '"NaN"'),
        ("'infinity'::float8", "float", '"Infinity"'),
        ("1e300::float8", "float", "1e+300"),
        ("0.1::float4", "float", "0.1"),
        ("true", "bool", "true"),
        ("'2026-01-02 03:04:05+00'::timestamptz", "datetime", '"2026-01-02T03:04:05.000000Z"'),
        ("'2026-01-02 03:04:05.6+02'::timestamptz", "datetime", '"2026-01-02T01:04:05.600000Z"'),
        ("'2026-01-02 03:04:05.123456'::timestamp", "datetime", '"2026-01-02T03:04:05.123456Z"'),
        ("'infinity'::timestamptz", "datetime", '"infinity"'),
        ("'-infinity'::timestamp", "datetime", '"-infinity"'),
        ("'2026-01-02'::date", "date", '"2026-01-02"'),
        ("'2026-01-02'::date", "datetime", '"2026-01-02T00:00:00.000000Z"'),
        ("'2026-01-02 03:04:05+00'::timestamptz", "date", '"2026-01-02"'),
        ("'03:04:05.5'::time", "time", '"03:04:05.5"'),
        ("'1 day 02:03:04.5'::interval", "timedelta", '"P1DT2H3M4.5S"'),
        ("'-5 minutes'::interval", "timedelta", '"-PT5M"'),
        ("'-1 day 23:55'::interval", "timedelta", '"-PT5M"'),
        ("'-1 day -00:00:00.5'::interval", "timedelta", '"-P1DT0.5S"'),
        ("'36 hours'::interval", "timedelta", '"P1DT12H"'),
        ("'1 year 2 months'::interval", "timedelta", '"P1Y2M"'),
        ("'0'::interval", "timedelta", '"PT0S"'),
        ("ARRAY['-5 minutes', NULL, '1 hour']::interval[]", "list[timedelta | None]", '["-PT5M",null,"PT1H"]'),
        (r"'\x00ff'::bytea", "bytes", '"AP8="'),
        ("decode(repeat('00', 100), 'hex')", "bytes", json.dumps(base64.b64encode(bytes(100)).decode())),
        ("E'a\"b\\\\c\\td'", "str", json.dumps('a"b\\c\td')),
        ("'ab'::char(3)", "str", '"ab "'),
        ("7::bigint", "str", '"7"'),
        ("1.50::numeric", "str", '"1.50"'),
        ("gen_random_uuid() IS NOT NULL", "bool", "true"),
        ("'::1'::inet", "str", '"::1"'),
        ("""'a "wild" one'::mood""", "str", json.dumps('a "wild" one')),
    ],
)
def test_a_value_is_spelled_as_its_kind_says(db: Session, value: str, kind: str, expected: str) -> None:
    sql = f"SELECT {value} AS value"
    query = json_query(Query(sql, ()), db.columns(sql), scalar(kind), TYPES, "object", CATALOG)
    row = db.answer(query, {})
    assert row is not None
    assert row["body"] == expected


def test_the_members_are_those_of_the_type_in_its_order(db: Session) -> None:
    sql = "SELECT 1 AS extra_column, 'x' AS short_text, 'y' AS secret, 7 AS id"
    assert list(wrapped(db, sql, named("Renamed")).items()) == [  # type: ignore[attr-defined]
        ("theId", 7),
        ("shortText", "x"),
        ("note", "none"),
        ("gone", None),
    ]
    assert [field.name for field in missing_members(db.columns(sql), named("Renamed"), TYPES)] == ["gone"]


def test_a_member_that_may_be_absent_is_left_out_while_null(db: Session) -> None:
    sql = "SELECT 7 AS id, NULL::text AS short_text, NULL::int AS extra"
    assert wrapped(db, sql, named("Renamed")) == {"theId": 7, "note": "none", "gone": None}
    absent = types_of("class Some:\n    a: int | Absent = Absent\n    b: str | Absent = Absent\n")
    for sql, expected in [
        ("SELECT 1 AS a, 'x' AS b", {"a": 1, "b": "x"}),
        ("SELECT NULL::int AS a, 'x' AS b", {"b": "x"}),
        ("SELECT NULL::int AS a, NULL AS b", {}),
    ]:
        assert wrapped(db, sql, named("Some"), types=absent) == expected
    first = types_of("class Some:\n    a: int | Absent = Absent\n    b: str\n    c: int | Absent = Absent\n")
    assert wrapped(db, "SELECT 1 AS a, 'x' AS b, 3 AS c", named("Some"), types=first) == {"a": 1, "b": "x", "c": 3}
    assert wrapped(db, "SELECT NULL::int AS a, 'x' AS b, NULL::int AS c", named("Some"), types=first) == {"b": "x"}


def test_a_list_keeps_the_order_of_the_statement(db: Session) -> None:
    sql = "SELECT i AS id FROM generate_series(1, 50) AS i ORDER BY i % 7, i DESC"
    expected = sorted(range(1, 51), key=lambda i: (i % 7, -i))
    assert wrapped(db, sql, Array(scalar("int"), NOWHERE), cardinality="many") == expected
    assert wrapped(db, f"{sql} LIMIT 0", Array(scalar("int"), NOWHERE), cardinality="many") == []


def test_a_value_of_one_column_is_the_answer(db: Session) -> None:
    assert wrapped(db, "SELECT count(*) FROM generate_series(1, 3)", scalar("int")) == 3
    assert wrapped(db, "SELECT ARRAY['a', 'b'] AS all", Array(scalar("str"), NOWHERE)) == ["a", "b"]
    assert wrapped(db, "SELECT NULL::text", scalar("str")) is None
    assert wrapped(db, "SELECT 1 WHERE false", scalar("int")) is None


def test_rows_without_a_schema_have_all_columns_even_two_of_one_name(db: Session) -> None:
    sql = "SELECT 1 AS a, 'x' AS b, NULL AS c"
    anything = types_of("Thing = dict[str, Any]")
    assert wrapped(db, sql, named("Thing"), types=anything) == {"a": 1, "b": "x", "c": None}
    both = types_of("class Both:\n    id: int\n    name: str\n")
    sql = "SELECT 1 AS id, 'x' AS name, 2 AS id, 3"
    assert wrapped(db, sql, named("Both"), types=both) == {"id": 1, "name": "x"}


def test_statements_that_write_are_wrapped_with_their_own_parts(db: Session) -> None:
    both = types_of("class Row:\n    id: int\n    text: str\n")
    db.run("TRUNCATE things")
    insert = "INSERT INTO things (id, text) VALUES ($1, $2) RETURNING *"
    assert wrapped(db, insert, named("Row"), 1, "one", types=both) == {"id": 1, "text": "one"}
    update = "WITH source AS (SELECT 1 AS id) UPDATE things SET text = $1 FROM source WHERE things.id = source.id"
    assert wrapped(db, update + " RETURNING things.id, text", named("Row"), "two", types=both) == {
        "id": 1,
        "text": "two",
    }
    copied = """
        WITH RECURSIVE n(i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n WHERE i < 4),
             made AS (INSERT INTO things (id, text) SELECT i, 'made' FROM n RETURNING id, text)
        SELECT id, text FROM made ORDER BY id DESC; -- newest first
    """
    rows = wrapped(db, copied, listed("Row"), types=both, cardinality="many")
    assert rows == [{"id": i, "text": "made"} for i in (4, 3, 2)]
    deleted = wrapped(db, "DELETE FROM things RETURNING id, text", listed("Row"), types=both, cardinality="many")
    assert len(deleted) == 4  # type: ignore[arg-type]


def test_a_parameter_may_become_a_constant() -> None:
    query = Query("SELECT $2::int, '$1', $1 /* $1 */ LIMIT $3", ("a", "b", "c"))
    assert with_constants(query, {"a": 5, "c": 21}) == Query("SELECT $1::int, '$1', 5 /* $1 */ LIMIT 21", ("b",))


def statement(sql: str) -> Statement:
    read = read_statement(Fragment(sql, tuple(0 for _ in sql.split("\n"))))
    assert not read.faults
    return read


PAGE = """
    SELECT id, at, text FROM things
    WHERE text = :text AND (at, id) < (:after.at, :after.id) -- when after
    ORDER BY at DESC, id DESC LIMIT :limit
"""
ITEM = types_of("class Item:\n    id: int\n    at: datetime\n")
KEYED = read_ddl([Fragment("CREATE TABLE things (id bigint PRIMARY KEY, at timestamptz NOT NULL, text text);", (0,))])[
    0
]


def test_pages_of_a_statement_follow_one_another(db: Session) -> None:
    db.run("TRUNCATE things")
    db.run("""
        INSERT INTO things (id, at, text)
        SELECT i, '2026-01-01'::timestamptz + (i / 3) * interval '1.000001 s', 'x' FROM generate_series(1, 10) AS i
    """)
    read = statement(PAGE.replace("text = :text AND ", "").replace("-- when after", "-- when after"))
    columns = db.columns("SELECT id, at, text FROM things")
    seen: list[int] = []
    given: dict[str, object] = {"limit": 4}
    sizes = []
    while True:
        present = frozenset({"limit"} | ({"after"} if "after.at" in given else set()))
        query = page_query(compile_statement(read, present), read, columns, named("Page", named("Item")), ITEM, CATALOG)
        row = db.answer(query, given)
        assert row is not None
        items = json.loads(row["body"])
        sizes.append(len(items))
        seen += [item["id"] for item in items]
        if row["next"] is None:
            break
        given |= dict(zip((f"after.{key}" for key in page_keys(read)), json.loads(row["next"]), strict=True))
    assert seen == sorted(range(1, 11), key=lambda i: (-(i // 3), -i))
    assert sizes == [4, 4, 2]


def test_an_empty_page_is_the_last(db: Session) -> None:
    db.run("TRUNCATE things")
    read = statement("SELECT id, at FROM things ORDER BY id LIMIT 2")
    query = page_query(
        compile_statement(read, frozenset()),
        read,
        db.columns(read.sql.text),
        named("Page", named("Item")),
        ITEM,
        CATALOG,
    )
    row = db.answer(query, {})
    assert row is not None
    assert (row["body"], row["next"]) == ("[]", None)


def test_a_page_without_its_conditional_limit_is_all_there_is(db: Session) -> None:
    db.run("TRUNCATE things")
    db.run("INSERT INTO things (id, at) SELECT i, now() FROM generate_series(1, 3) AS i")
    read = statement("SELECT id, at FROM things ORDER BY id\nLIMIT :limit -- when limit")
    columns = db.columns("SELECT id, at FROM things")
    answers = []
    for present in (frozenset({"limit"}), frozenset[str]()):
        compiled = compile_statement(read, present)
        row = db.answer(page_query(compiled, read, columns, named("Page", named("Item")), ITEM, CATALOG), {"limit": 2})
        assert row is not None
        answers.append((len(json.loads(row["body"])), row["next"]))
    assert answers == [(2, '["2"]'), (3, None)]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT id FROM things WHERE id > :after.id ORDER BY id", "a page needs a LIMIT"),
        ("SELECT id FROM things WHERE id > :after.id LIMIT :limit", "a page needs an ORDER BY"),
        (
            "SELECT id FROM things WHERE at > :after.at ORDER BY at LIMIT :limit",
            "the order `at` is not among the columns that are selected, so no cursor can hold it",
        ),
        ("SELECT id FROM things ORDER BY id LIMIT :limit", "nothing makes the statement begin behind the cursor"),
        (
            "SELECT id, text FROM things WHERE text > :after.text ORDER BY text, id LIMIT 5",
            "`text` may be null, and a page that begins behind a null is empty",
        ),
        (
            "SELECT id, at FROM things WHERE at > :after.at ORDER BY at LIMIT 5",
            "two rows may have the same `at`, and then a page skips one of them",
        ),
        (PAGE, None),
    ],
)
def test_what_cannot_be_paged_is_told(sql: str, message: str | None) -> None:
    fault = page_fault(statement(sql), (), KEYED)
    assert (fault.message if fault else None) == message


# What PostgreSQL can store and JSON can hold: no U+0000, no lone surrogates.
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**8), max_value=10**8, places=3)
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def optional(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


VALUES: dict[str, st.SearchStrategy[object]] = {
    "small": st.integers(-(2**15), 2**15 - 1),
    "whole": st.integers(-(2**31), 2**31 - 1),
    "real": st.floats(allow_nan=False, allow_infinity=False, width=32),
    "double": FLOATS,
    "exact": st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30),
    "money": DECIMALS,
    "yes": st.booleans(),
    "text": TEXT,
    "short": TEXT,
    "token": st.uuids(),
    "mood": st.sampled_from(["calm", 'a "wild" one']),
    "at": INSTANTS,
    "wall": INSTANTS.map(lambda at: at.replace(tzinfo=None)),
    "day": st.dates(date(1, 1, 2), date(9999, 12, 30)),  # the driver takes the first and the last day for infinity
    "hour": st.times(),
    "raw": st.binary(max_size=200),
    "doc": JSON,
    "plain": JSON,
    "texts": st.lists(optional(TEXT), max_size=3),
    "numbers": st.lists(optional(st.integers(-(2**31), 2**31 - 1)), max_size=3),
    "times": st.lists(optional(INSTANTS), max_size=3),
    "raws": st.lists(optional(st.binary(max_size=80)), max_size=3),
}


def plain(value: object) -> object:
    """The value as Python's own JSON of it would be read."""
    match value:
        case datetime():
            return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        case bytes():
            return base64.b64encode(value).decode()
        case UUID() | date():
            return str(value)
        case time():
            return time.isoformat(value)
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case _:
            return value


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.fixed_dictionaries({name: optional(values) for name, values in VALUES.items()}))
def test_any_row_comes_back_as_python_would_write_it(db: Session, row: dict[str, object]) -> None:
    db.run("TRUNCATE things")
    stored = {
        name: json.dumps(value) if name in {"doc", "plain"} and value is not None else value
        for name, value in row.items()
    }
    numbers = ", ".join(f"${number}" for number, _ in enumerate(stored, 1))
    insert = f"INSERT INTO things (id, {', '.join(stored)}) VALUES (1, {numbers})"  # noqa: S608 - our own names
    db.rows(insert, *stored.values())
    answered = wrapped(db, "SELECT * FROM things", named("Thing"))
    assert isinstance(answered, dict)
    for name, value in row.items():
        told = answered[name]
        if name == "hour" and told is not None:
            told = time.fromisoformat(str(told)).isoformat()
        if name == "double" and told is not None:
            told = float(told)
        if name == "real" and told is not None:
            told = struct.unpack("f", struct.pack("f", told))[0]  # the shortest text of a float of 32 bits
        assert told == plain(value), name
        if name == "exact" and isinstance(value, Decimal) and isinstance(told, Decimal):
            assert told.as_tuple().exponent == min(0, int(value.as_tuple().exponent)), "the scale is kept"
