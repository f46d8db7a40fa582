"""Derived operations over types and names that SQL and JSON spell each in their own way."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from sessions import Session, session

from asbuilt.postgres.derived_sql import derived_query
from specimens import specimen

ODD = specimen(
    endpoints="""
        POST /odds
          Body: Odd
          Response: 201 Odd
        GET /odds
          Query: kind: Kind?, code: str?, amount: Decimal?, small: int?, at: datetime?, limit: int = 2, after: Cursor?
          Response: 200 Page[Odd]
        GET /odds/{code}
          Response: 200 Odd
        PATCH /odds/{code}
          Body: OddChange
          Response: 200 Odd
        GET /categories/{id}/children
          Response: 200 list[Category]
        GET /invoices/{number}
        POST /invoices
          Body: Invoice
          Response: 201 Invoice
    """,
    schemas="""
        Kind = Literal["big", "odd \\"kind\\""]

        class Odd:
            code: str
            kind: Kind
            amount: Decimal
            small: int
            at: datetime
            wall: datetime
            day: date
            hour: time
            span: timedelta
            raw: bytes
            doc: dict[str, Any]
            marks: list[str]
            sizes: list[int]
            select: Annotated[str, Column('Weird "name" x')]
            parts: list[Part]

        class Part:
            label: str
            kind: Kind
            raw: bytes | None = None
            doc: Any = None
            sizes: list[int] | None = None
            at: datetime | Absent = Absent
            count: int | None | Absent = Absent

        class OddChange:
            marks: list[str] | Absent = Absent
            raw: bytes | Absent = Absent
            amount: Decimal | Absent = Absent

        class Category:
            id: int
            name: str
            parent: Parent | None

        class Parent:
            \"\"\"Table: categories\"\"\"
            id: int
            name: str

        class Invoice:
            number: Decimal
            tenant: str
    """,
    sql="""
        CREATE SCHEMA billing;
        CREATE TYPE billing.kind AS ENUM ('big', 'odd "kind"');
        CREATE DOMAIN code AS varchar(10) CHECK (value <> '');
        CREATE TABLE odds (
            code code PRIMARY KEY,
            kind billing.kind NOT NULL,
            amount numeric NOT NULL,
            small smallint NOT NULL,
            at timestamptz(3) NOT NULL,
            wall timestamp NOT NULL,
            day date NOT NULL,
            hour time NOT NULL,
            span interval NOT NULL,
            raw bytea NOT NULL,
            doc jsonb NOT NULL,
            marks text[] NOT NULL,
            sizes smallint[] NOT NULL,
            "Weird ""name"" x" char(4) NOT NULL
        );
        CREATE TABLE parts (
            odd code REFERENCES odds,
            "order" int,
            label text NOT NULL,
            kind billing.kind NOT NULL,
            raw bytea,
            doc json,
            sizes smallint[],
            at timestamp NOT NULL DEFAULT '2000-01-01',
            count int DEFAULT 3,
            PRIMARY KEY (odd, "order")
        );
        CREATE TABLE categories (id int PRIMARY KEY, name text NOT NULL, parent_id int REFERENCES categories);
        CREATE TABLE billing.invoices (number numeric PRIMARY KEY, tenant text NOT NULL);
    """,
)
BODY = {
    "code": "a-1",
    "kind": 'odd "kind"',
    "amount": Decimal("12.340"),
    "small": -7,
    "at": datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
    "wall": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "day": date(2026, 2, 3),
    "hour": time(4, 5, 6),
    "span": timedelta(days=1, hours=2),
    "raw": b"\x00\xff",
    "doc": json.dumps({"a": [1, None]}),
    "marks": ["x", 'y"z'],
    "sizes": [1, 2],
    "select": "ab",
    "parts": json.dumps(
        [
            {
                "label": "one",
                "kind": "big",
                "raw": "AP8=",
                "doc": {"k": 1},
                "sizes": [3, 4],
                "at": "2026-05-06T07:08:09.5Z",
                "count": None,
            },
            {"label": "two", "kind": 'odd "kind"', "raw": None, "doc": None, "sizes": None},
        ]
    ),
}
ANSWER = {
    "code": "a-1",
    "kind": 'odd "kind"',
    "amount": Decimal("12.340"),
    "small": -7,
    "at": "2026-01-02T03:04:05.678000Z",
    "wall": "2026-01-02T03:04:05.000000Z",
    "day": "2026-02-03",
    "hour": "04:05:06",
    "span": "P1DT2H",
    "raw": "AP8=",
    "doc": {"a": [1, None]},
    "marks": ["x", 'y"z'],
    "sizes": [1, 2],
    "select": "ab  ",
    "parts": [
        {
            "label": "one",
            "kind": "big",
            "raw": "AP8=",
            "doc": {"k": 1},
            "sizes": [3, 4],
            "at": "2026-05-06T07:08:09.500000Z",
            "count": None,
        },
        {
            "label": "two",
            "kind": 'odd "kind"',
            "raw": None,
            "doc": None,
            "sizes": None,
            "at": "2000-01-01T00:00:00.000000Z",
            "count": 3,
        },
    ],
}


@pytest.fixture(scope="module")
def opened() -> Iterator[Session]:
    with session(ODD.sql) as made:
        yield made


@pytest.fixture
def db(opened: Session) -> Session:
    opened.run("TRUNCATE odds, parts, categories, billing.invoices")
    return opened


def ask(db: Session, title: str, /, **values: object) -> object:
    derivation = ODD.derivation(title)
    given = {name.replace("__", "."): value for name, value in values.items()}
    present = {".".join(name.split(".")[:2]) for name in given} | {name.split(".")[0] for name in given}
    row = db.answer(derived_query(derivation, ODD.catalog, frozenset(present)), given)
    return row and json.loads(row["body"], parse_float=Decimal)


def create(db: Session, **more: object) -> object:
    return ask(db, "POST /odds", **{f"body__{name}": value for name, value in (BODY | more).items()})


def test_every_type_goes_in_and_comes_out(db: Session) -> None:
    assert create(db) == ANSWER
    assert ask(db, "GET /odds/{code}", code="a-1") == ANSWER


def test_every_type_can_be_filtered_by(db: Session) -> None:
    create(db)
    create(db, code="b-2", kind="big", amount=Decimal(1), small=2, at=datetime(2027, 1, 1, tzinfo=UTC), parts="[]")
    for name in ("kind", "code", "amount", "small", "at"):
        found = ask(db, "GET /odds", **{name: BODY[name]})
        assert found == [ANSWER], name
    assert ask(db, "GET /odds", small=2**40) == []
    found = ask(db, "GET /odds", limit=1, after__code="a-1")
    assert isinstance(found, list)
    assert [item["code"] for item in found] == ["b-2"]


def test_arrays_and_bytes_can_be_changed(db: Session) -> None:
    create(db)
    changed = ask(db, "PATCH /odds/{code}", code="a-1", body__marks=[], body__raw=b"", body__amount=Decimal("1.0"))
    assert changed == ANSWER | {"marks": [], "raw": "", "amount": Decimal("1.0")}


def test_a_value_too_long_is_refused_and_never_cut(db: Session) -> None:
    with pytest.raises(Exception, match="value too long") as caught:
        create(db, code="x" * 11)
    assert getattr(caught.value, "sqlstate", "") == "22001"
    with pytest.raises(Exception, match="value too long"):
        create(db, select="abcde")
    with pytest.raises(Exception, match="out of range") as caught:
        create(db, small=2**20)
    assert getattr(caught.value, "sqlstate", "") == "22003"


def test_a_table_may_refer_to_itself(db: Session) -> None:
    db.run("INSERT INTO categories VALUES (1, 'all', NULL), (2, 'some', 1), (3, 'few', 2), (4, 'many', 1)")
    top = {"id": 1, "name": "all"}
    assert ask(db, "GET /categories/{id}/children", id=1) == [
        {"id": 2, "name": "some", "parent": top},
        {"id": 4, "name": "many", "parent": top},
    ]
    assert ask(db, "GET /categories/{id}/children", id=9) is None


def test_a_table_of_another_schema_is_found(db: Session) -> None:
    made = ask(db, "POST /invoices", body__number=Decimal("7.50"), body__tenant="t")
    assert made == {"number": Decimal("7.50"), "tenant": "t"}
    assert ask(db, "GET /invoices/{number}", number=Decimal("7.5")) == made
