"""Expressions in one form: what it does not take for the same, and input that nobody vouches for."""

import pytest

from asbuilt.postgres.canonical import conjuncts, default_form, form, query_form, same
from asbuilt.postgres.catalog import SqlType

TYPES = {"a": SqlType("integer"), "n": SqlType("numeric"), "s": SqlType("text"), "d": SqlType("boolean")}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a > 0", "a >= 0"),
        ("n > 0", "n >= 1"),
        ("a > 0", "a > 0.5 * a"),
        ("a / 2 > 1", "(a)::numeric / 2.0 > 1"),
        ("(n)::integer > 1", "n > 1"),
        ("s = 'a'", "s = 'A'"),
        ("s = '1'", "a = 1"),
        ("s IN ('a', 'b')", "s = ALL (ARRAY['a', 'b'])"),
        ("a > 0 AND d", "a > 0 OR d"),
        ("d IS TRUE", "d"),
        ("NOT (a > 0 AND d)", "NOT a > 0 AND NOT d"),
        ("s || 'x' = 'y'", "'x' || s = 'y'"),
        ("a - 1 > 0", "1 - a > 0"),
        ("s LIKE 'a%'", "s ILIKE 'a%'"),
        ("lower(s) = s", "upper(s) = s"),
        ("now()", "clock_timestamp()"),
        ("(s)::character varying(3)", "s"),
        ('s COLLATE "C"', "s"),
        ("a BETWEEN 1 AND 9", "a BETWEEN SYMMETRIC 1 AND 9"),
        ("s = 'true'", "d = true"),
    ],
)
def test_what_means_something_else_stays_apart(left: str, right: str) -> None:
    assert not same(left, right, TYPES)


@pytest.mark.parametrize("text", ["", ")", "a >", "'", "a; DROP TABLE t", "\0", "SELECT", "*", "t.*", "DEFAULT"])
def test_what_is_no_expression_is_its_own_form(text: str) -> None:
    assert form(text) == form(text)
    assert query_form(text) == query_form(text)


@pytest.mark.parametrize(
    "text",
    [
        "NOT " * 5000 + "d",
        "(" * 5000 + "a" + ")" * 5000,
        " OR ".join(["a = 1"] * 20_000),
        "a" + " + 1" * 20_000,
        " AND ".join(["(a = 1 OR d)"] * 299),
        "coalesce(" * 290 + "a" + ")" * 290,
        "CASE WHEN d THEN " * 250 + "1" + " END" * 250,
    ],
    ids=range(7),
)
def test_large_and_deep_input_is_read_or_left(text: str) -> None:
    assert form(text, TYPES) == form(text, TYPES)


def test_conditions_by_what_they_demand() -> None:
    assert conjuncts("a > 0 AND d AND a > 0", TYPES) == conjuncts("d", TYPES) | conjuncts("a >= 1", TYPES)


def test_a_default_of_null_is_none() -> None:
    assert default_form("NULL::text", SqlType("text")) is None
    assert default_form(None, SqlType("text")) is None
    assert default_form("'x'::character varying", SqlType("text")) == default_form("'x'", SqlType("text"))
