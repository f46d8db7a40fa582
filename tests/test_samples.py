"""Samples satisfy the type they were made for."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.language.regex import shortest
from asbuilt.language.samples import NO_SAMPLE, sample, scalar
from asbuilt.language.types import Array, Constraints, Field, Map, Named, Null, Scalar, Schema, Types, Union
from asbuilt.source import Span

AT = Span(0, 0)


@pytest.mark.parametrize(
    "pattern",
    [
        r"[A-Z]{3}-[0-9]{4}",
        r"https?://[^\s]+",
        r"\d{4}-\d{2}",
        r"(a|b)+c?",
        r"[^/]*",
        r"^\+?[1-9]\d{1,14}$",
        r"[\w.+-]+@[\w-]+\.[\w.]+",
        r"\S+",
        r"(?i)abc",
        "",
    ],
)
def test_the_text_matches_its_pattern(pattern: str) -> None:
    text = shortest(pattern)
    assert text is not None
    assert re2.fullmatch(pattern, text)


def test_a_pattern_is_stretched_to_the_least_length() -> None:
    assert scalar("str", Constraints(pattern=r"[a-z]+-[0-9]*", min_length=9)) == "aaaaaaaa-"


def test_what_cannot_be_satisfied_has_no_sample() -> None:
    assert scalar("str", Constraints(min_length=3, max_length=2)) is NO_SAMPLE
    assert scalar("str", Constraints(pattern=r"a(?=b)")) is NO_SAMPLE
    assert scalar("int", Constraints(gt=1, lt=2)) is NO_SAMPLE


@given(st.integers(-1000, 1000), st.integers(0, 50), st.sampled_from([None, 1, 3, 10]))
def test_numbers_keep_their_bounds(low: int, width: int, step: int | None) -> None:
    value = scalar("int", Constraints(ge=low, le=low + width, multiple_of=step))
    if value is NO_SAMPLE:
        assert not [n for n in range(low, low + width + 1) if n % (step or 1) == 0]
    else:
        assert isinstance(value, int)
        assert low <= value <= low + width
        assert value % (step or 1) == 0


def test_an_object_whose_members_have_no_sample_is_empty_where_it_may_be() -> None:
    impossible = Scalar("int", AT, Constraints(gt=1, lt=2))
    assert sample(Map(impossible, AT), Types(())) == {}
    assert sample(Map(impossible, AT, Constraints(min_length=1)), Types(())) is NO_SAMPLE
    assert sample(Map(Null(AT), AT, Constraints(max_length=0)), Types(())) == {}
    assert sample(Map(Null(AT), AT, Constraints(min_length=2)), Types(())) == {"key0": None, "key1": None}


def test_a_schema_that_contains_itself_ends() -> None:
    node = Named("Node", AT)
    children = Field("children", Array(node, AT), AT)
    parent = Field("parent", Union((node, Null(AT)), AT), AT)
    name = Field("name", Scalar("str", AT), AT)
    types = Types((Schema("Node", (name, children, parent), AT, AT),))
    value = sample(node, types)
    assert isinstance(value, dict)
    assert value["name"] == "sample text"


def test_a_schema_that_needs_itself_has_no_sample() -> None:
    endless = Schema("Endless", (Field("self", Named("Endless", AT), AT),), AT, AT)
    assert sample(Named("Endless", AT), Types((endless,))) is NO_SAMPLE
