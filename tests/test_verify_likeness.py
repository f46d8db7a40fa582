"""What is spelled otherwise is the same; what means something else is not."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.verify.likeness import alike, holds

ID = "5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01"
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(("1", "1.0", "true", "null", "NaN", "1e5", "sNaN")),
    st.sampled_from(("2026-01-02", "2026-01-02T03:04:05Z", ID, ID.upper())),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("a", "b", "id")), inner, max_size=3),
    max_leaves=6,
)


@given(JSON)
def test_a_value_is_like_itself(value: object) -> None:
    assert alike(value, value)
    assert holds(value, value)


@given(JSON, JSON)
def test_likeness_goes_both_ways(one: object, other: object) -> None:
    assert alike(one, other) == alike(other, one)
    assert not alike(one, other) or holds(one, other)


@given(SCALARS, SCALARS, SCALARS)
def test_likeness_is_passed_on(one: object, other: object, third: object) -> None:
    if alike(one, other) and alike(other, third):
        assert alike(one, third)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-14 * 60, 14 * 60), st.booleans())
def test_a_moment_in_any_zone(moment: datetime, minutes: int, space: bool) -> None:
    try:
        elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    except OverflowError:
        return
    text = moment.isoformat().replace("+00:00", "Z")
    assert alike(text, elsewhere.isoformat())
    assert alike(text, moment.isoformat(sep=" ") if space else moment.isoformat())
    assert not alike(text, (elsewhere + timedelta(seconds=1)).isoformat() if elsewhere.year < 9999 else "")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3))
def test_a_number_with_more_digits(number: Decimal) -> None:
    assert alike(f"{number}", f"{number}00")
    assert alike({"price": [f"{number}"]}, {"price": [f"{number:.5f}"]})
    assert not alike(f"{number}", f"{number + 1}")


@given(st.uuids())
def test_a_key_in_capitals(key: UUID) -> None:
    assert alike(str(key), str(key).upper())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        ("1.50", 1.5),
        ("1.50", "1.5"),
        (-0.0, 0),
        ("1E+3", "1000"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000+00:00"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05Z", "2026-01-02 03:04:05Z"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([ID], [ID.upper()]),
    ],
)
def test_the_same(one: object, other: object) -> None:
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (0, None),
        ("", None),
        ("true", True),
        ("a", "A"),
        ("a", "a "),
        ("é", "e\u0301"),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ({"a": 1}, {"a": 1, "b": None}),
        ([], {}),
        ([], None),
        ("[]", []),
        ("x" * 36, "X" * 36),
        ("007", "7"),
        ("1_000", "1000"),
        (" 1", "1"),
        ("Infinity", "inf"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"),
        ("2026-01-02", "2026-01-02T00:00:00Z"),
        ("2026-13-02T03:04:05Z", "2026-14-02T03:04:05Z"),
    ],
)
def test_not_the_same(one: object, other: object) -> None:
    assert not alike(one, other)
    assert not alike(other, one)


def test_what_was_sent_is_held_with_more_beside_it() -> None:
    assert holds({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": "1"}})
    assert holds([{"a": 1, "b": 2}], [{"a": 1}])
    assert not holds([{"a": 1}], [])
    assert not holds({"a": 1}, {"a": 1, "b": None})
    assert not holds({"a": None}, {"a": {}})
