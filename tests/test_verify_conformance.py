"""Answers are held against types: what keeps a value from being one is said once, where it is, and exactly."""

from typing import Any

import pytest

from asbuilt.language.types import (
    Anything,
    Array,
    Choice,
    Constraints,
    Map,
    Named,
    Null,
    Scalar,
    ScalarKind,
    Type,
    Types,
    Union,
)
from asbuilt.verify.conformance import Conformance, Member
from asbuilt.verify.exchange import Response
from written import NOWHERE, types_of

TYPES = types_of(
    """
Sku = Annotated[str, Pattern(r"[A-Z]{3}-[0-9]{4}")]
Short = Annotated[Sku, Len(max_length=3)]

class Line:
    sku: Sku
    quantity: Annotated[int, Ge(1), Le(99)]

class Order:
    lines: Annotated[list[Line], Len(1, 3)]
    note: Annotated[str, Len(max_length=5)] | None = None
    customerId: UUID
    extra: dict[str, int] | Absent = Absent

class Account:
    id: ReadOnly[UUID]
    secret: WriteOnly[str]

class Box[T]:
    held: T
    more: list[T] = []

class Boxes:
    sku: Box[Sku]
    lines: Box[Line]

class Animal:
    name: str

class Cat(Animal):
    kind: Literal["cat"]
    lives: int

class Dog(Animal):
    kind: Literal["dog"]
    age: int | None

class Owner:
    pet: Cat | Dog

class Tree:
    value: int
    children: list[Tree] = []

class Odd:
    a_b: int
"""
)
ID = "5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01"


def found(value: object, type_: Type, types: Types = TYPES) -> list[tuple[str, str]]:
    return [(each.pointer, each.message) for each in Conformance(types).mismatches(value, type_)]


def of(name: str, value: object) -> list[tuple[str, str]]:
    return found(value, Named(name, NOWHERE))


def scalar(kind: ScalarKind, **constraints: Any) -> Scalar:
    return Scalar(kind, NOWHERE, Constraints(**constraints))


def listed(item: Type, **constraints: Any) -> Array:
    return Array(item, NOWHERE, Constraints(**constraints))


INT, STR = scalar("int"), scalar("str")


# Scalars


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("str", ["", "a", "\u0000", "\ud800", "é" * 5]),
        ("int", [0, -1, 10**30, 1.0, -0.0, 1e20]),
        ("float", [0, 1, 1.5, -1e300, 10**30]),
        ("bool", [True, False]),
        ("uuid", [ID, ID.upper()]),
        ("datetime", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456789Z", "2026-01-02 03:04:05+02:00"]),
        ("date", ["2026-01-02", "2024-02-29"]),
        ("time", ["03:04:05", "03:04:05.000001", "23:59:59Z"]),
        ("timedelta", ["PT30M", "P1D", "-PT0.5S", "P1DT2H3M4.5S", "PT0S", "P2W"]),
        ("decimal", [0, 1.5, "1.50", "-0.001", "1e3", 10**30]),
        ("bytes", ["", "c2FtcGxl", "YQ==", "+/+/"]),
    ],
)  # fmt: skip
def test_values_of_a_kind(kind: ScalarKind, values: list[object]) -> None:
    for value in values:
        assert found(value, scalar(kind)) == [], value


@pytest.mark.parametrize(
    ("kind", "values", "name"),
    [
        ("str", [0, 1.5, True, None, [], {}, ["a"]], "text"),
        ("int", ["1", 1.5, True, False, None, [], {}], "whole number"),
        ("float", ["1.5", True, None, []], "number"),
        ("bool", [0, 1, "true", None, []], "boolean"),
        ("uuid", ["x", 1, None, ID[:-1], f"{ID}0", f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", "")], "UUID"),
        ("datetime", ["yesterday", 0, None, "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", ""], "datetime"),
        ("datetime", ["2026-01-02", "20260102T030405Z", "2026-01-02T25:00:00Z"], "datetime"),
        ("date", ["tomorrow", 0, None, "2026-02-30", "2026-01-02T00:00:00", "20260102", "2026-W01-1", ""], "date"),
        ("time", ["25:00:00", "noon", 3, None, ""], "time"),
        ("timedelta", ["a while", "P", "PT", "P1", 5, None, "P1DT", "1D", ""], "timedelta"),
        ("decimal", ["x", True, None, "NaN", "Infinity", [], {}, ""], "decimal"),
        ("bytes", ["***", "a", 1, None, "YQ", "Y Q="], "base64"),
    ],
)  # fmt: skip
def test_values_of_no_kind(kind: ScalarKind, values: list[object], name: str) -> None:
    for value in values:
        assert [message for _, message in found(value, scalar(kind))] == [f"{value!r} is no {name}"] or isinstance(
            value, list | dict
        ), value
        assert len(found(value, scalar(kind))) == 1


def test_structures_are_named_and_not_shown() -> None:
    assert found(["a secret"], STR) == [("", "list is no text")]
    assert found({"a": "secret"}, INT) == [("", "dict is no whole number")]


def test_what_is_long_is_cut() -> None:
    ((_, message),) = found("x" * 1000, INT)
    assert message == f"'{'x' * 59}... is no whole number"


@pytest.mark.parametrize(
    ("constraints", "value", "message"),
    [
        ({"ge": 1}, 0, "0 is below 1"),
        ({"ge": 1}, 1, ""),
        ({"le": 99}, 100, "100 is above 99"),
        ({"le": 99}, 99, ""),
        ({"gt": 0}, 0, "0 is not above 0"),
        ({"gt": 0}, 1, ""),
        ({"lt": 5}, 5, "5 is not below 5"),
        ({"lt": 5}, 4, ""),
        ({"multiple_of": 5}, 12, "12 is no multiple of 5"),
        ({"multiple_of": 5}, -10, ""),
        ({"ge": 10**30}, 10**30 - 1, f"{10**30 - 1} is below {10**30}"),
    ],
)
def test_constraints_of_numbers(constraints: dict[str, Any], value: int, message: str) -> None:
    assert found(value, scalar("int", **constraints)) == ([("", message)] if message else [])


@pytest.mark.parametrize(
    ("kind", "value"), [("float", 0.3), ("decimal", "0.3"), ("decimal", 0.3), ("float", 0.7), ("decimal", "1e20")]
)
def test_steps_are_exact(kind: ScalarKind, value: object) -> None:
    assert found(value, scalar(kind, multiple_of=0.1)) == []
    assert len(found("0.31" if kind == "decimal" else 0.31, scalar(kind, multiple_of=0.1))) == 1


def test_a_step_that_numbers_cannot_show_is_no_traceback() -> None:
    assert len(found(1e300, scalar("float", multiple_of=0.1))) <= 1


@pytest.mark.parametrize(
    ("constraints", "value", "message"),
    [
        ({"min_length": 2}, "a", "'a' has 1 characters, fewer than 2"),
        ({"max_length": 2}, "abc", "'abc' has 3 characters, more than 2"),
        ({"min_length": 2, "max_length": 2}, "éé", ""),
        ({"max_length": 1}, "😀", ""),
        ({"pattern": "[a-z]+"}, "abc", ""),
        ({"pattern": "[a-z]+"}, "abc1", "'abc1' does not match [a-z]+"),
        ({"pattern": "[a-z]+"}, "abc\n", "'abc\\n' does not match [a-z]+"),
        ({"pattern": "a(?=b)"}, "anything", ""),
    ],
)
def test_constraints_of_texts(constraints: dict[str, Any], value: str, message: str) -> None:
    assert found(value, scalar("str", **constraints)) == ([("", message)] if message else [])


# Choices and unions


def test_a_choice_is_one_of_its_values_as_json_has_them() -> None:
    one = Choice(("a", 1, True, None), NOWHERE)
    for value in ("a", 1, 1.0, True, None):
        assert found(value, one) == []
    assert found("b", one) == [("", "'b' is none of 'a', 1, True, None")]
    assert found(True, Choice((1,), NOWHERE)) == [("", "True is none of 1")]
    assert found(0, Choice((False,), NOWHERE)) == [("", "0 is none of False")]


def test_null_and_anything() -> None:
    assert found(None, Null(NOWHERE)) == []
    assert found(0, Null(NOWHERE)) == [("", "0 is not null")]
    for value in (None, 0, "", [], {"a": [1]}):
        assert found(value, Anything(NOWHERE)) == []


def test_a_union_says_what_keeps_its_only_candidate() -> None:
    short = Union((scalar("str", max_length=2), Null(NOWHERE)), NOWHERE)
    assert found(None, short) == []
    assert found("abc", short) == [("", "'abc' has 3 characters, more than 2")]
    assert found(5, Union((INT, STR), NOWHERE)) == []
    assert found([], Union((INT, STR, Null(NOWHERE)), NOWHERE)) == [("", "list is no int | str | None")]


def test_constraints_of_a_union_hold_for_what_it_is() -> None:
    """`Annotated[str | None, Len(max_length=2)]`"""
    outer = Union((STR, Null(NOWHERE)), NOWHERE, Constraints(max_length=2))
    assert found("ab", outer) == []
    assert found(None, outer) == []
    assert found("abc", outer) == [("", "'abc' has 3 characters, more than 2")]


def test_a_union_of_schemas() -> None:
    assert of("Owner", {"pet": {"name": "Tom", "kind": "cat", "lives": 9}}) == []
    assert of("Owner", {"pet": {"name": "Rex", "kind": "dog", "age": None}}) == []
    assert of("Owner", {"pet": {"name": "Rex", "kind": "dog"}}) == [("/pet", "dict is no Cat | Dog")]


# Lists and maps


def test_lists() -> None:
    assert found([1, 2], listed(INT)) == []
    assert found((1, 2), listed(INT)) == [("", "(1, 2) is no list")]
    assert found({"0": 1}, listed(INT)) == [("", "dict is no list")]
    assert found([1, "a", 3, None], listed(INT)) == [
        ("/1", "'a' is no whole number"),
        ("/3", "None is no whole number"),
    ]
    assert found([], listed(INT, min_length=1)) == [("", "the list has 0 items, fewer than 1")]
    assert found([1, 2], listed(INT, max_length=1)) == [("", "the list has 2 items, more than 1")]
    assert found([1, "a"], listed(INT, max_length=1))[1] == ("/1", "'a' is no whole number")
    assert found([[1], ["a"]], listed(listed(INT))) == [("/1/0", "'a' is no whole number")]


def test_a_list_of_distinct_items() -> None:
    assert found([1, 2], listed(INT, unique=True)) == []
    assert found([1, 1], listed(INT, unique=True)) == [("", "the list holds an item twice")]
    assert found([1, True, "1", 1.5], listed(Anything(NOWHERE), unique=True)) == []
    assert len(found([{"a": [1]}, {"a": [1]}], listed(Anything(NOWHERE), unique=True))) == 1


def test_maps() -> None:
    numbers = Map(INT, NOWHERE)
    assert found({}, numbers) == []
    assert found({"a": 1, "b/c~d": "x"}, numbers) == [("/b~1c~0d", "'x' is no whole number")]
    assert found([], numbers) == [("", "list is no object")]
    few = Map(INT, NOWHERE, Constraints(min_length=1, max_length=2))
    assert found({"a": 1}, few) == []
    assert found({}, few) == [("", "the object has 0 members, fewer than 1")]
    assert found({"a": 1, "b": 2, "c": 3}, few) == [("", "the object has 3 members, more than 2")]


# Schemas


def test_every_fault_has_its_pointer() -> None:
    value = {"lines": [{"sku": "tea", "quantity": 0}, {"quantity": True}, 5], "note": "too long", "customerId": 7}
    assert of("Order", value) == [
        ("/lines/0/sku", "'tea' does not match [A-Z]{3}-[0-9]{4}"),
        ("/lines/0/quantity", "0 is below 1"),
        ("/lines/1/sku", "`sku` is missing"),
        ("/lines/1/quantity", "True is no whole number"),
        ("/lines/2", "5 is no Line"),
        ("/note", "'too long' has 8 characters, more than 5"),
        ("/customerId", "7 is no UUID"),
    ]
    assert of("Order", {"lines": [], "customerId": ID}) == [("/lines", "the list has 0 items, fewer than 1")]
    assert of("Order", None) == [("", "None is no Order")]
    assert of("Order", []) == [("", "list is no Order")]


def test_what_may_be_left_out_and_what_nobody_spoke_of() -> None:
    plain = {"lines": [{"sku": "TEA-0001", "quantity": 2}], "customerId": ID}
    assert of("Order", plain) == []
    assert of("Order", {**plain, "note": None, "more": 1, "": []}) == []
    assert of("Order", {**plain, "extra": {"a": "b"}}) == [("/extra/a", "'b' is no whole number")]
    assert of("Order", {**plain, "extra": None}) == [("/extra", "None is no object")]


def test_a_secret_is_not_shown_and_an_id_is() -> None:
    assert of("Account", {"id": ID}) == []
    assert of("Account", {}) == [("/id", "`id` is missing")]
    assert of("Account", {"id": ID, "secret": "s3cret"}) == [
        ("/secret", "`secret` is shown, though it may only be written")
    ]


def test_generic_schemas() -> None:
    good = {"sku": {"held": "TEA-0001"}, "lines": {"held": {"sku": "TEA-0001", "quantity": 1}}}
    assert of("Boxes", good) == []
    bad = {"sku": {"held": "x", "more": ["y"]}, "lines": {"held": {"sku": "TEA-0001", "quantity": 0}, "more": [1]}}
    assert of("Boxes", bad) == [
        ("/sku/held", "'x' does not match [A-Z]{3}-[0-9]{4}"),
        ("/sku/more/0", "'y' does not match [A-Z]{3}-[0-9]{4}"),
        ("/lines/held/quantity", "0 is below 1"),
        ("/lines/more/0", "1 is no Line"),
    ]
    page = Named("Page", NOWHERE, (Named("Line", NOWHERE),))
    assert found({"items": [], "next": None}, page) == []
    assert found({"items": [1]}, page) == [("/items/0", "1 is no Line"), ("/next", "`next` is missing")]


def test_inherited_members_and_aliases() -> None:
    assert of("Cat", {"kind": "cat", "lives": 9}) == [("/name", "`name` is missing")]
    assert of("Short", "TEA-0001") == [("", "'TEA-0001' has 8 characters, more than 3")]


def test_a_name_that_nobody_defines_is_no_fault_of_the_answer() -> None:
    assert of("Unheard", {"a": 1}) == []


def test_a_schema_in_itself_at_any_depth() -> None:
    tree: dict[str, Any] = {"value": 1}
    wrong: dict[str, Any] = {"value": "x"}
    for _ in range(200):
        tree, wrong = {"value": 1, "children": [tree]}, {"value": 1, "children": [wrong]}
    assert of("Tree", tree) == []
    assert of("Tree", wrong) == [("/children/0" * 200 + "/value", "'x' is no whole number")]


@pytest.mark.parametrize(("depth", "reads"), [(1, True), (100, True), (101, False), (100_000, False)])
def test_an_answer_nested_beyond_all_reason_cannot_be_read(depth: int, reads: bool) -> None:
    response = Response(200, (), b"[" * depth + b"]" * depth, 0.1)
    if reads:
        response.json()
    else:
        with pytest.raises(ValueError, match="nested deeper than 100 levels"):
            response.json()


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"[Infinity]", b"\xff", b"{'a': 1}", b"[1,]"])
def test_what_is_no_json_cannot_be_read(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of many kinds
        Response(200, (), body, 0.1).json()


# What was seen


def seen(name: str, value: object) -> set[Member]:
    conformance = Conformance(TYPES)
    list(conformance.mismatches(value, Named(name, NOWHERE)))
    return conformance.seen


def test_members_that_held_a_value_are_seen() -> None:
    order = {"lines": [{"sku": "TEA-0001", "quantity": 2}], "customerId": ID}
    assert seen("Order", order) == {("Order", "lines"), ("Order", "customerId"), ("Line", "sku"), ("Line", "quantity")}
    order["lines"] = [{"sku": "x", "quantity": 2}]
    assert seen("Order", order) == {("Order", "customerId"), ("Line", "quantity")}
    assert seen("Account", {"id": ID, "secret": "x"}) == {("Account", "id")}
    assert seen("Owner", {"pet": {"name": "R", "kind": "dog", "age": 1}}) == {
        ("Owner", "pet"), ("Dog", "name"), ("Dog", "kind"), ("Dog", "age"),
    }  # fmt: skip


def test_a_fault_names_the_member_that_it_stands_in() -> None:
    value = {"lines": [{"sku": "x", "quantity": 2}, 5], "customerId": ID, "note": 5}
    faults = list(Conformance(TYPES).mismatches(value, Named("Order", NOWHERE)))
    assert [fault.member for fault in faults] == [("Line", "sku"), ("Order", "lines"), ("Order", "note")]
    assert next(Conformance(TYPES).mismatches([], Named("Order", NOWHERE))).member is None
