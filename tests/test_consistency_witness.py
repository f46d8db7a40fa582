"""Values that a schema accepts, where they are stored, and what is demanded of them."""

from decimal import Decimal
from pathlib import Path

import pytest

from asbuilt.component import Component
from asbuilt.component.deposits import deposits
from asbuilt.consistency import witness
from asbuilt.diagnostics import Diagnostic
from asbuilt.language.candidates import Hints, accepts_text, candidates, sample_text
from asbuilt.language.types import Array, Choice, Constraints, Null, Scalar, Types, Union
from asbuilt.postgres.catalog import Catalog, SqlType
from asbuilt.postgres.demands import demand
from asbuilt.postgres.predicates import predicate
from asbuilt.postgres.storage import Unstorable, as_stored
from asbuilt.source import Span
from specimens import component, document

HERE = Span(0, 0)
NONE = Types(())


def shop(
    *, schemas: str, sql: str, endpoints: str = "", patterns: str = "", code: str = "", errors: str = ""
) -> Component:
    endpoints = endpoints or "POST /things\n  Body: NewThing\n  Response: 201 Thing"
    schemas += "\n\nclass Thing:\n    id: int\n"
    parts = {"patterns": patterns, "code": code, "errors": errors}
    return component(Path("a.md"), document(endpoints=endpoints, schemas=schemas, sql=sql, **parts))


def found(subject: Component) -> list[Diagnostic]:
    return [finding for rule in witness.RULES for finding in rule(subject)]


def thing(column: str, field: str) -> list[Diagnostic]:
    sql = f"CREATE TABLE things (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x {column});"
    return found(shop(schemas=f"class NewThing:\n    x: {field}\n", sql=sql))


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("text", "str | None"),
        ("text NOT NULL DEFAULT 'a'", "str | Absent = Absent"),
        ("varchar(10)", "Annotated[str, Len(max_length=10)]"),
        ("varchar(10)", 'Literal["a", "b"]'),
        ("integer", "Annotated[int, Ge(-5), Le(5)]"),
        ("integer NOT NULL CHECK (x > 0)", "Annotated[int, Gt(0), Lt(100)]"),
        ("bigint", "int"),
        ("numeric(4, 1)", "Annotated[Decimal, Ge(0), Le(999.9), MultipleOf(0.1)]"),
        ("numeric(4, 1)", "Annotated[int, Ge(0), Le(999)]"),
        ("text CHECK (x ~ '^[a-z]+$')", 'Annotated[str, Pattern("[a-z]{1,9}")]'),
        ("text CHECK (x IN ('a', 'b', 'c'))", 'Literal["a", "b"]'),
        ("text CHECK (other(x))", "str"),
        ("uuid", "UUID"),
        ("timestamptz", "datetime"),
        ("date", "date"),
        ("boolean NOT NULL", "bool"),
        ("jsonb NOT NULL", "list[str]"),
        ("jsonb CHECK (jsonb_array_length(x) > 0)", "Annotated[list[str], Len(1, 5)]"),
        ("double precision", "float"),
        ("text NOT NULL", "Annotated[str, Len(1, 2000)]"),
    ],
)
def test_what_fits_is_left_alone(column, field):
    assert thing(column, field) == []


@pytest.mark.parametrize(
    ("column", "field", "replacement"),
    [
        ("text NOT NULL", "str | None", None),
        ("text NOT NULL", "str | Absent = Absent", None),
        ("varchar(10)", "str", "Annotated[str, Len(max_length=10)]"),
        ("varchar(10)", "Annotated[str, Pattern('a+')]", "Annotated[str, Pattern('a+'), Len(max_length=10)]"),
        ("varchar(1)", 'Literal["a", "bc"]', None),
        ("integer", "int", "Annotated[int, Ge(-2147483648), Le(2147483647)]"),
        ("smallint", "Annotated[int, Ge(0)]", "Annotated[int, Ge(0), Le(32767)]"),
        ("integer CHECK (x > 0)", "int | None", "Annotated[int, Gt(0), Le(2147483647)]"),
        ("integer", "Annotated[float, Ge(0), Le(9)]", None),
        ("bigint", "float", "int"),
        ("numeric(4, 1)", "Decimal", "Annotated[Decimal, Ge(-999.9), Le(999.9), MultipleOf(0.1)]"),
        (
            "numeric(4, 1)",
            "Annotated[float, Ge(0), Le(999)]",
            "Annotated[float, Ge(0), Le(999), MultipleOf(0.1)]",
        ),
        ("text CHECK (char_length(x) BETWEEN 2 AND 5)", "str", "Annotated[str, Len(min_length=2, max_length=5)]"),
        ("text CHECK (x ~ '^[a-z]+$')", "str", 'Annotated[str, Pattern(r"[a-z]+")]'),
        ("text CHECK (x IN ('a', 'b'))", "str", 'Literal["a", "b"]'),
        ("text CHECK (x IN ('a', 'b'))", 'Literal["a", "c"]', 'Literal["a", "b"]'),
        ("uuid", "str", "UUID"),
        ("boolean", "str", "bool"),
        ("timestamptz", "str", "datetime"),
        ("jsonb CHECK (jsonb_array_length(x) > 0)", "list[str]", None),
        ("text CHECK (x <> '')", "str", None),
    ],
)
def test_what_does_not_fit_is_found_and_mended(column, field, replacement):
    (finding,) = thing(column, field)
    assert (finding.name, bool(finding.witness)) == ("unstorable-body", True)
    assert (finding.fix.edits[0].replacement if finding.fix else None) == replacement


def test_a_constraint_that_a_row_names_has_an_answer():
    sql = """
        CREATE TABLE things (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            x  text CONSTRAINT plain CHECK (x <> '')
        );
    """
    errors = "| Error Code | HTTP Status | Description |\n|---|---|---|\n| EMPTY | 422 | `plain`: it is empty |\n"
    assert found(shop(schemas="class NewThing:\n    x: str\n", sql=sql, errors=errors)) == []


TABLE = "CREATE TABLE things (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x varchar(3), y int);"
NEW = "class NewThing:\n    x: str\n"
POST = "POST /things\n  Operation: make\n  Body: NewThing\n  Response: 201 Thing"


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("INSERT INTO things (x) VALUES (:body.x) RETURNING id", 1),
        ("INSERT INTO things (x) VALUES (:x) RETURNING id", 1),
        ("INSERT INTO things (x) VALUES (:body.x::text) RETURNING id", 1),
        ("INSERT INTO things (x) VALUES (left(:body.x, 3)) RETURNING id", 0),
        ("UPDATE things SET x = :body.x WHERE id = 1 RETURNING id", 1),
        ("UPDATE things SET x = :body.x WHERE char_length(:body.x) < 4 RETURNING id", 0),
        ("INSERT INTO things (x) SELECT :body.x RETURNING id", 0),
    ],
)
def test_patterns_store_what_they_set_straight_from_the_body(sql, count):
    patterns = f"- **make** (one): It.\n  ```sql\n  {sql}\n  ```"
    assert len(found(shop(schemas=NEW, sql=TABLE, endpoints=POST, patterns=patterns))) == count


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("    return await db.keep(x=body.x)", 1),
        ("    made = await db.keep(x=body.x)\n    if made: return made", 1),
        ("    if len(body.x) > 3: raise ERROR\n    return await db.keep(x=body.x)", 0),
        ("    return await db.keep(x=body.x[:3])", 0),
    ],
)
def test_algorithms_store_what_they_hand_on_before_anything_may_prevent_it(lines, count):
    patterns = "- **keep** (one): It.\n  ```sql\n  INSERT INTO things (x) VALUES (:x) RETURNING id\n  ```"
    code = f"async def make(body, db):\n{lines}\n"
    subject = shop(schemas=NEW, sql=TABLE, endpoints=POST, patterns=patterns, code=code)
    assert len(found(subject)) == count


def test_items_of_a_list_are_stored_too():
    sql = """
        CREATE TABLE things (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x text);
        CREATE TABLE parts (thing_id int NOT NULL REFERENCES things, name varchar(3) NOT NULL);
    """
    schemas = "class Part:\n    name: str\n\nclass NewThing:\n    x: str\n    parts: list[Part]\n"
    (finding,) = found(shop(schemas=schemas, sql=sql))
    assert finding.message.startswith("`Part.name` allows a value that is longer than `character varying(3)`")
    assert finding.witness == '{"x": "sample text", "parts": [{"name": "sample text"}]}'


def test_deposits_know_what_fills_a_row():
    (deposit,) = deposits(shop(schemas=NEW, sql=TABLE))
    assert (deposit.table.name, deposit.fresh, set(deposit.filled)) == ("things", True, {"x"})


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        (Scalar("bool", HERE), [True, False]),
        (Choice(("a", "b", None), HERE), ["a", "b", None]),
        (Union((Scalar("bool", HERE), Null(HERE)), HERE), [True, False, None]),
        (Scalar("int", HERE, Constraints(ge=3, le=4)), [3, 4]),
        (Array(Scalar("bool", HERE), HERE, Constraints(max_length=2)), [[], [True], [True, True]]),
    ],
)
def test_candidates_are_what_the_type_accepts(type_, values):
    assert candidates(type_, NONE, Hints()) == values


@pytest.mark.parametrize(
    "constraints", [Constraints(), Constraints(min_length=3, max_length=5), Constraints(pattern="[a-c]{2,9}")]
)
def test_texts_are_within_their_constraints(constraints):
    found_texts = candidates(Scalar("str", HERE, constraints), NONE, Hints(lengths=(4, 100), texts=("ab", "^x+$")))
    assert found_texts
    assert all(isinstance(text, str) and accepts_text(text, constraints) for text in found_texts)


def test_sample_texts_have_their_length_and_no_space_at_the_end():
    assert all(len(sample_text(n)) == n and not sample_text(n).endswith(" ") for n in range(60))


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (SqlType("integer"), 2**31),
        (SqlType("smallint"), -(2**15) - 1),
        (SqlType("integer"), "many"),
        (SqlType("numeric", (4, 1)), 1000),
        (SqlType("numeric", (4, 1)), Decimal("999.95")),
        (SqlType("numeric", (4, 1)), Decimal("1.25")),
        (SqlType("integer"), 0.5),
        (SqlType("character varying", (3,)), "abcd"),
        (SqlType("uuid"), "nobody"),
        (SqlType("boolean"), "perhaps"),
        (SqlType("date"), "some day"),
        (SqlType("character varying", (3,), 1), ["abcd"]),
    ],
)
def test_values_that_a_type_cannot_hold(type_, value):
    with pytest.raises(Unstorable):
        as_stored(type_, value, Catalog())


@pytest.mark.parametrize(
    ("type_", "value", "stored"),
    [
        (SqlType("integer"), 5, Decimal(5)),
        (SqlType("character varying", (3,)), "abc   ", "abc"),
        (SqlType("numeric", (4, 1)), Decimal("999.90"), Decimal("999.9")),
        (SqlType("text"), "x", "x"),
        (SqlType("text"), None, None),
    ],
)
def test_values_as_a_predicate_sees_them(type_, value, stored):
    assert as_stored(type_, value, Catalog()) == stored


@pytest.mark.parametrize(
    "expression", ["a >", "a > 0; DROP TABLE x", "1) , (2", "(" * 10_000, "a" + " + a" * 50_000, ""]
)
def test_no_expression_is_too_odd(expression):
    known = predicate(expression)
    if known:
        known.holds({"a": Decimal(1)})
        demand(known, "a")
