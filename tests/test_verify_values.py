"""Values made for requests are those that their types accept, and no others; numbered ones differ."""

import json
from datetime import datetime
from itertools import islice
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.language.samples import NO_SAMPLE, sample
from asbuilt.language.types import Array, Choice, Constraints, Named, Null, Scalar, ScalarKind, Type, Types, Union
from asbuilt.runtime.decode import Decoders
from asbuilt.runtime.faults import Fault
from asbuilt.runtime.instances import Classes
from asbuilt.verify.conformance import Conformance
from asbuilt.verify.edges import LEFT_OUT, Edge, edges, values
from asbuilt.verify.places import put
from asbuilt.verify.values import Size, distinct, in_order, narrowed, value_of
from made_types import documents, numbers, texts, types
from written import NOWHERE, types_of

SIZES: tuple[Size, ...] = get_args(Size)
NONE = Types(())


def conforms(value: object, type_: Type, known: Types = NONE) -> bool:
    return not any(Conformance(known).mismatches(value, type_))


def decodes(value: object, type_: Type, known: Types = NONE) -> bool:
    faults: list[Fault] = []
    Decoders(known, Classes(known)).decoder(type_)(value, "", faults)
    return not faults


def scalar(kind: ScalarKind, **constraints: Any) -> Scalar:
    return Scalar(kind, NOWHERE, Constraints(**constraints))


# What is made is accepted


@given(types())
@settings(max_examples=150)
def test_a_value_is_of_its_type(type_: Type) -> None:
    for value in (sample(type_, NONE), *(value_of(type_, NONE, size) for size in SIZES)):
        assert value is NO_SAMPLE or conforms(value, type_), value
        assert value is NO_SAMPLE or decodes(value, type_), value


@given(documents(), st.sampled_from(SIZES))
@settings(max_examples=25)
def test_a_body_is_of_its_schema(known: Types, size: Size) -> None:
    for schema in known.schemas:
        named = Named(schema.name, NOWHERE)
        for value in (sample(named, known), value_of(named, known, size)):
            if value is not NO_SAMPLE:
                assert conforms(value, named, known), value
                assert decodes(value, named, known), value
                json.dumps(value)


@given(types())
@settings(max_examples=150)
def test_edges_hold_as_they_say(type_: Type) -> None:
    for edge in values(type_, NONE):
        assert conforms(edge.value, type_) == edge.holds, edge
        assert decodes(edge.value, type_) == edge.holds, edge


@given(texts() | numbers())
@settings(max_examples=400)
def test_edges_of_constraints_hold_as_they_say(type_: Type) -> None:
    for edge in values(type_, NONE):
        assert conforms(edge.value, type_) == edge.holds, edge
        assert decodes(edge.value, type_) == edge.holds, edge


@given(documents())
@settings(max_examples=10)
def test_edges_of_a_body_have_one_fault_or_none(known: Types) -> None:
    for schema in known.schemas:
        named = Named(schema.name, NOWHERE)
        body = value_of(named, known)
        for edge in islice(edges(named, known), 200) if body is not NO_SAMPLE else ():
            changed = _changed(body, edge)
            if changed is not None:
                assert conforms(changed, named, known) == edge.value.holds, edge


def _changed(body: object, edge: Edge) -> object:
    """The body with the edge in it; None where it has no such place."""
    at = body
    for step in edge.way[:-1]:
        if isinstance(step, str) and isinstance(at, dict) and step in at:
            at = at[step]
        else:
            return None
    if not isinstance(at, dict):
        return None
    if edge.value.value is not LEFT_OUT:
        return put(body, edge.way, edge.value.value)
    changed: dict[str, Any] = json.loads(json.dumps(body))
    inner: Any = changed
    for step in edge.way[:-1]:
        inner = inner[step]
    inner.pop(edge.way[-1], None)
    return changed


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**7), 10**7)
    | st.sampled_from(("", "a", "abc", "1.50", "ABC-0001", "x" * 61)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(("a", "b")), inner, max_size=2),
    max_leaves=5,
)


@given(types(), JSON)
@settings(max_examples=200)
def test_answers_are_judged_as_requests_are_read(type_: Type, value: object) -> None:
    assert conforms(value, type_) == decodes(value, type_)


# Edges


def labels(type_: Type, holds: bool) -> set[str]:
    return {edge.label for edge in values(type_, NONE) if edge.holds is holds}


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (scalar("int", ge=1, le=99), {1, 99}, {0, 100}),
        (scalar("int", gt=1, lt=99), {2, 98}, {1, 99}),
        (scalar("int", ge=0, multiple_of=5), {0}, {-5}),
        (scalar("float", ge=0, le=1), {0, 1}, {-1, 2}),
        (scalar("str", min_length=2, max_length=4), {"sa", "samp"}, {"s", "sampl"}),
        (scalar("str", pattern="[a-z]+", max_length=3), {"aaa"}, {"a\n"}),
        (Choice(("a", "b"), NOWHERE), {"a", "b"}, {"no such choice"}),
        (scalar("bool"), {True, False}, {"neither"}),
    ],
)
def test_the_last_that_hold_and_the_first_that_do_not(type_: Type, good: set[object], bad: set[object]) -> None:
    edges_ = [edge for edge in values(type_, NONE) if not isinstance(edge.value, list | dict)]
    assert good <= {edge.value for edge in edges_ if edge.holds}
    assert bad <= {edge.value for edge in edges_ if not edge.holds}


def test_lists_at_their_edges() -> None:
    few = Array(scalar("int", ge=3), NOWHERE, Constraints(min_length=1, max_length=2))
    found = {json.dumps(edge.value): edge.holds for edge in values(few, NONE)}
    assert found["[3]"] is True
    assert found["[3, 3]"] is True
    assert found["[]"] is False
    assert found["[3, 3, 3]"] is False


def test_null_is_an_edge_of_everything() -> None:
    optional = Union((scalar("int"), Null(NOWHERE)), NOWHERE)
    assert "null" in labels(optional, holds=True)
    assert "null" in labels(scalar("int"), holds=False)


def test_edges_reach_into_schemas_and_lists_and_leave_out_what_only_answers_have() -> None:
    known = types_of(
        """
class Line:
    quantity: Annotated[int, Ge(1)]

class Order:
    id: ReadOnly[UUID]
    lines: Annotated[list[Line], Len(1, 3)]
    note: str | Absent = Absent
    parent: Order | None = None
"""
    )
    found = list(edges(Named("Order", NOWHERE), known))
    ways = {edge.way for edge in found}
    assert {("lines",), ("lines", 0, "quantity"), ("note",), ("parent",), ("parent", "lines", 0, "quantity")} <= ways
    assert not any("id" in way for way in ways)
    assert max(map(len, ways)) < 20
    left_out = {edge.way: edge.value.holds for edge in found if edge.value.value is LEFT_OUT}
    assert left_out[("lines",)] is False
    assert left_out[("lines", 0, "quantity")] is False
    assert left_out[("note",)] is True
    assert {edge.member for edge in found if edge.way == ("lines", 0, "quantity")} == {("Line", "quantity")}


# Sizes


def test_sizes() -> None:
    assert value_of(scalar("int"), NONE, "small") == 1
    assert value_of(scalar("int"), NONE, "large") == 1_000_001 or value_of(scalar("int"), NONE, "large") > 1000
    assert value_of(scalar("int", ge=5, le=7), NONE, "small") == 5
    assert value_of(scalar("int", ge=5, le=7), NONE, "large") == 7
    assert value_of(scalar("int", le=-3), NONE, "large") == -3
    assert str(value_of(scalar("date"), NONE, "large")) > "2090"
    known = types_of("class Maybe:\n    a: int\n    b: int | Absent = Absent\n    c: int | None = None\n")
    named = Named("Maybe", NOWHERE)
    assert value_of(named, known, "bare") == {"a": 1}
    whole = value_of(named, known, "plain")
    assert isinstance(whole, dict)
    assert set(whole) == {"a", "b", "c"}
    assert whole["c"] is not None


def test_a_schema_in_itself_ends() -> None:
    known = types_of("class Tree:\n    value: int\n    left: Tree | None = None\n    all: list[Tree] = []\n")
    named = Named("Tree", NOWHERE)
    for size in SIZES:
        assert conforms(value_of(named, known, size), named, known)
    endless = types_of("class Endless:\n    next: Endless\n")
    assert value_of(Named("Endless", NOWHERE), endless) is NO_SAMPLE


def test_moments_of_a_body_follow_one_another() -> None:
    day, moment = "2026-01-02", "2026-01-02T03:04:05.000000Z"
    held = in_order({"from": day, "name": day[:4], "to": day, "until": moment, "own": "2020-01-01"})
    assert held == {
        "from": day,
        "name": "2026",
        "to": "2026-01-03",
        "until": "2026-01-02T05:04:05.000000Z",
        "own": "2020-01-01",
    }
    assert in_order({"from": day}) == {"from": day}


# Distinct values

ROOMY = (
    scalar("str"),
    scalar("str", min_length=1, max_length=200),
    scalar("str", min_length=30),
    scalar("str", max_length=4),
    scalar("str", pattern=r"[A-Z]{3}-[0-9]{4}"),
    scalar("str", pattern=r"[a-z0-9-]{4,40}"),
    scalar("str", pattern=r"\d{4}-\d{2}"),
    scalar("str", pattern=r"[\w.+-]+@[\w-]+\.[\w.]+"),
    scalar("str", pattern=r"https?://[^\s]+"),
    scalar("str", pattern=r"\+[1-9]\d{7,14}"),
    scalar("str", pattern=r"[A-Za-z0-9_]{3,16}"),
    scalar("str", pattern=r"[0-9]{13}"),
    scalar("str", pattern=r"[A-Z]{2}\d{2}[A-Z0-9]{4}"),
    scalar("int"),
    scalar("int", ge=-5),
    scalar("int", ge=1000, le=5000),
    scalar("int", gt=0, lt=5000),
    scalar("int", le=0),
    scalar("int", ge=0, multiple_of=10),
    scalar("uuid"),
    scalar("date"),
    scalar("datetime"),
)


@pytest.mark.parametrize("type_", ROOMY, ids=lambda type_: f"{type_.kind} {type_.constraints.pattern or ''}")
def test_numbered_values_differ(type_: Scalar) -> None:
    found = [distinct(type_, NONE, number) for number in range(1, 2001)]
    assert NO_SAMPLE not in found
    assert len(set(map(str, found))) == 2000
    assert all(conforms(value, type_) and decodes(value, type_) for value in found)
    assert found == [distinct(type_, NONE, number) for number in range(1, 2001)]


@pytest.mark.parametrize(
    ("type_", "room"),
    [
        (scalar("int", ge=1, le=9), 9),
        (scalar("int", ge=1, lt=9), 8),
        (scalar("str", max_length=1), 26),
        (scalar("str", pattern="[ab]"), 2),
        (scalar("str", pattern="[0-9]{2}"), 100),
        (Choice(("a", "b", "c", None), NOWHERE), 3),
        (scalar("bool"), 0),
        (Array(scalar("int"), NOWHERE), 0),
    ],
)
def test_where_there_is_no_room_there_is_no_value_twice(type_: Type, room: int) -> None:
    found = [distinct(type_, NONE, number) for number in range(2001)]
    usable = [value for value in found if value is not NO_SAMPLE]
    assert len(set(map(str, usable))) == len(usable) <= room
    assert all(conforms(value, type_) for value in usable)


@given(texts(), st.integers(1, 2000), st.integers(1, 2000))
@settings(max_examples=400)
def test_two_numbers_give_two_texts(type_: Type, one: int, other: int) -> None:
    first, second = distinct(type_, NONE, one), distinct(type_, NONE, other)
    assert all(value is NO_SAMPLE or conforms(value, type_) for value in (first, second))
    assert one == other or first is NO_SAMPLE or first != second


def test_a_type_is_narrowed_by_what_a_column_demands() -> None:
    assert narrowed(scalar("str", max_length=9), NONE, "[a-z]+") == scalar("str", max_length=9, pattern="[a-z]+")
    own = scalar("str", pattern="x")
    assert narrowed(own, NONE, "[a-z]+") is own
    assert narrowed(scalar("int"), NONE, "[a-z]+") == scalar("int")
    assert narrowed(own, NONE, None) is own


def test_numbered_moments_are_moments() -> None:
    for number in (0, 1, 59, 60, 3599, 3600, 86399, 86400, 100_000):
        datetime.fromisoformat(str(distinct(scalar("datetime"), NONE, number)))
