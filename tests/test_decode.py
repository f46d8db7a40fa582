"""Bodies are read strictly, all faults at once, and nothing takes long."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from time import perf_counter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.language.types import ABSENT, Named
from asbuilt.runtime.bodies import parser
from asbuilt.runtime.decode import Decoders
from asbuilt.runtime.faults import Fault
from asbuilt.runtime.instances import Classes
from asbuilt.runtime.refusals import Refusal
from asbuilt.sections.api import Body
from written import NOWHERE, types_of

SCHEMAS = """
Sku = Annotated[str, Pattern(r"[A-Z]{3}-[0-9]{4}")]

class Line:
    sku: Sku
    quantity: Annotated[int, Ge(1), Le(99)]

class Order:
    lines: Annotated[list[Line], Len(1, 3)]
    note: Annotated[str, Len(max_length=5)] | None = None
    customerId: UUID
    price: Decimal = Decimal("1.50")

class Everything:
    text: str | Absent = Absent
    whole: int | Absent = Absent
    number: float | Absent = Absent
    truth: bool | Absent = Absent
    id: UUID | Absent = Absent
    at: datetime | Absent = Absent
    day: date | Absent = Absent
    clock: time | Absent = Absent
    lasts: timedelta | Absent = Absent
    money: Decimal | Absent = Absent
    data: bytes | Absent = Absent
    any: Any | Absent = Absent
    counts: dict[str, int] | Absent = Absent
    kind: Literal["a", "b", 1, True] | Absent = Absent
    either: int | str | None | Absent = Absent
    tags: Annotated[list[str], Unique] | Absent = Absent
    third: Annotated[float, MultipleOf(0.1)] | Absent = Absent

class Cat:
    kind: Literal["cat"]
    lives: int

class Dog:
    kind: Literal["dog"]
    name: str

class Pet:
    animal: Cat | Dog

class Tree:
    value: int
    children: list[Tree] = []

class Lenient:
    size: Annotated[int, Clamp(1, 500)] = 20
    page: Annotated[int, Otherwise(1)] = 1
    name: Annotated[str, EmptyAsNull] | None = None
    title: Annotated[str, Len(1, 10), Message("can't be blank")] = "x"

class Account:
    id: ReadOnly[UUID]
    secret: WriteOnly[str]

class Usual:
    lasts: timedelta = timedelta(minutes=15)
    back: datetime.timedelta = timedelta(days=-1, hours=2.5)
    day: date = "2026-01-31"
"""


TYPES = types_of(SCHEMAS)
DECODERS = Decoders(TYPES, Classes(TYPES))


def decoded(name: str, value: object) -> tuple[Any, dict[str, str]]:
    faults: list[Fault] = []
    made = DECODERS.decoder(Named(name, NOWHERE))(value, "", faults)
    return made, {fault.at: fault.message for fault in faults}


def parsed(name: str, raw: bytes) -> tuple[Any, dict[str, str]]:
    """The body as it comes over the wire."""
    faults: list[Fault] = []
    made = parser(Body(Named(name, NOWHERE), "json", NOWHERE), DECODERS)(raw, "application/json", faults)
    return made, {fault.at: fault.message for fault in faults}


def test_a_body_becomes_an_instance() -> None:
    order, faults = decoded(
        "Order",
        {
            "lines": [{"sku": "TEA-0001", "quantity": 2}],
            "customerId": "5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01",
            "unknown": [1],
        },
    )
    assert faults == {}
    assert order.lines[0].sku == "TEA-0001"
    assert order.note is None
    assert order.customer_id == UUID("5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01")
    assert order.price == Decimal("1.50")
    assert repr(order.lines[0]) == "Line(sku='TEA-0001', quantity=2)"
    assert order.lines[0] == decoded("Line", {"sku": "TEA-0001", "quantity": 2})[0]


def test_all_faults_at_once_each_with_its_pointer() -> None:
    made, faults = decoded(
        "Order",
        {"lines": [{"sku": "tea", "quantity": 0}, {"quantity": True}, 5], "note": "too long", "customerId": 7},
    )
    assert made is None
    assert faults == {
        "/lines/0/sku": "must match `[A-Z]{3}-[0-9]{4}`",
        "/lines/0/quantity": "must be at least 1",
        "/lines/1/sku": "is required",
        "/lines/1/quantity": "must be an integer",
        "/lines/2": "must be an object",
        "/note": "must have at most 5 characters",
        "/customerId": "must be a UUID",
    }


@pytest.mark.parametrize(
    ("member", "value", "expected"),
    [
        ("text", "é\u2028", "é\u2028"),
        ("whole", 1.0, 1),
        ("whole", -0.0, 0),
        ("whole", 10**30, 10**30),
        ("whole", Decimal("3.0"), 3),
        ("number", 3, 3.0),
        ("number", Decimal("0.5"), 0.5),
        ("truth", False, False),
        ("id", "5F0C5C1E-7A51-4C51-9D57-1F3F0F6C9A01", UUID("5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01")),
        ("at", "2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("at", "2026-01-31t12:00:00.5z", datetime(2026, 1, 31, 12, 0, 0, 500000, tzinfo=UTC)),
        ("day", "2024-02-29", date(2024, 2, 29)),
        ("clock", "23:59:59.5", time(23, 59, 59, 500000)),
        ("clock", "08:00", time(8)),
        ("lasts", "PT1H30M", timedelta(minutes=90)),
        ("lasts", "-PT5M", timedelta(minutes=-5)),
        ("lasts", "-P1DT0.5S", -timedelta(days=1, seconds=0.5)),
        ("lasts", "P-1DT23H55M", timedelta(minutes=-5)),
        ("lasts", "-PT-0.5S", timedelta(seconds=0.5)),
        ("lasts", "PT1.5H", timedelta(minutes=90)),
        ("lasts", "P2W", timedelta(days=14)),
        ("money", Decimal("10.10"), Decimal("10.10")),
        ("money", "10.10", Decimal("10.10")),
        ("money", 7, Decimal(7)),
        ("data", "AAE=", b"\x00\x01"),
        ("any", {"a": [1, None, "x"]}, {"a": [1, None, "x"]}),
        ("counts", {"a/b": 1}, {"a/b": 1}),
        ("kind", 1, 1),
        ("kind", True, True),
        ("either", "x", "x"),
        ("either", 5, 5),
        ("either", None, None),
        ("third", 0.3, 0.3),
    ],
)
def test_values_that_fit(member: str, value: object, expected: object) -> None:
    made, faults = decoded("Everything", {member: value})
    assert faults == {}
    found = getattr(made, member)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("text", 5),
        ("text", "a\x00b"),
        ("text", None),
        ("whole", True),
        ("whole", "1"),
        ("whole", 1.5),
        ("whole", Decimal("1e999999999")),
        ("number", "1.5"),
        ("number", False),
        ("number", 10**400),
        ("truth", 1),
        ("truth", "true"),
        ("id", "5f0c5c1e7a514c519d571f3f0f6c9a01"),
        ("id", "{5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01}"),
        ("id", "5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a0_"),
        ("at", "2026-01-31T12:00:00"),
        ("at", "2026-01-31"),
        ("at", "0001-01-01T00:00:00+02:00"),
        ("at", 1700000000),
        ("day", "2026-02-30"),
        ("clock", "10:00:00Z"),
        ("lasts", "1h"),
        ("money", "NaN"),
        ("money", "Infinity"),
        ("money", "1_000"),
        ("money", True),
        ("money", Decimal("1e999999999")),
        ("money", Decimal("1e-999999999")),
        ("data", "not base64!"),
        ("any", {"a": ["\x00"]}),
        ("any", {"\x00": 1}),
        ("counts", {"a": "1"}),
        ("counts", []),
        ("kind", "c"),
        ("kind", 1.0),
        ("either", []),
        ("tags", ["a", "b", "a"]),
        ("third", 0.35),
    ],
)
def test_values_that_do_not_fit(member: str, value: object) -> None:
    _, faults = decoded("Everything", {member: value})
    assert len(faults) == 1
    assert next(iter(faults)).startswith(f"/{member}")


def test_absent_is_something_else_than_null() -> None:
    made, faults = decoded("Everything", {"either": None})
    assert faults == {}
    assert made.either is None
    assert made.text is ABSENT


def test_a_union_is_told_by_its_member() -> None:
    assert decoded("Pet", {"animal": {"kind": "dog", "name": "Rex"}})[0].animal.name == "Rex"
    assert decoded("Pet", {"animal": {"kind": "cat", "lives": "9"}})[1] == {"/animal/lives": "must be an integer"}
    assert decoded("Pet", {"animal": {"kind": "cow"}})[1] == {"/animal/kind": "must be one of `cat`, `dog`"}
    assert decoded("Pet", {"animal": {}})[1] == {"/animal/kind": "is required"}


def test_lenient_members() -> None:
    made, faults = decoded("Lenient", {"size": 10_000, "page": "x", "name": ""})
    assert faults == {}
    assert (made.size, made.page, made.name) == (500, 1, None)
    assert decoded("Lenient", {"title": ""})[1] == {"/title": "can't be blank"}


def test_read_only_members_are_ignored() -> None:
    made, faults = decoded("Account", {"id": "no uuid at all", "secret": "s"})
    assert faults == {}
    assert made.id is ABSENT


def test_defaults_are_of_the_type_of_their_member() -> None:
    usual, faults = decoded("Usual", {})
    assert faults == {}
    assert (usual.lasts, usual.back) == (timedelta(minutes=15), timedelta(days=-1, hours=2.5))
    assert usual.day == date(2026, 1, 31)
    schema = TYPES.schema(Named("Usual", NOWHERE))
    assert schema is not None
    assert type(usual)() == usual, "made by an algorithm"
    assert [member.default for member in schema.fields] == ["PT15M", "-PT21H30M", "2026-01-31"]


def test_instances_do_not_share_their_defaults() -> None:
    first, second = decoded("Tree", {"value": 1})[0], decoded("Tree", {"value": 1})[0]
    first.children.append(second)
    assert second.children == []


def test_recursion_ends() -> None:
    tree: dict[str, object] = {"value": 0}
    for _ in range(100):
        tree = {"value": 1, "children": [tree]}
    assert "nested too deeply" in str(decoded("Tree", tree)[1])


TORTURE = [
    b"",
    b" ",
    b"nul",
    b"{",
    b'{"value":',
    b'{"value":1}x',
    b"{'value':1}",
    b'{"value":01}',
    b'{"value":1.}',
    b'{"value":NaN}',
    b'{"value":-Infinity}',
    b'{"value":1,}',
    b'{"value":"\xff"}',
    b'\xef\xbb\xbf{"value":1}',
    b'{"x":"\\ud800","value":1}',
    b'{"x":"\\u12","value":1}',
    b'{"value":"\t"}',
    b"[" * 100_000,
    b'{"value":1,"children":[' * 20_000,
    b'{"x":' * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
]
REFUSED = [
    b'{"value":1e400}',
    b'{"value":1e999999999}',
    b'{"value":' + b"9" * 900_000 + b"}",
    b'{"value":null}',
    b"[]",
    b"5",
    b'"x"',
]
TAKEN = [
    b'{"value":1,"value":2}',  # the last of repeated members counts
    b'{"value":1.0}',
    b'{"value":1e2}',
    b'{"value":-0}',
    b'{"value":-1e-999999999}',
    b' \n{"value":1}\r\n ',
    b'{"value":1,"unknown":{"deep":[[[[]]]]}}',
    b'{"value":1,"unknown":"\\ud83d\\ude00"}',
]


@pytest.mark.parametrize("raw", TORTURE, ids=lambda raw: repr(raw[:24]))
def test_what_is_not_json_is_malformed(raw: bytes) -> None:
    began = perf_counter()
    with pytest.raises(Refusal) as refused:
        parsed("Tree", raw)
    assert refused.value.cause == "malformed"
    assert perf_counter() - began < 1


@pytest.mark.parametrize("raw", REFUSED, ids=lambda raw: repr(raw[:24]))
def test_json_that_does_not_fit_is_refused_with_a_pointer(raw: bytes) -> None:
    began = perf_counter()
    _, faults = parsed("Tree", raw)
    assert len(faults) == 1
    assert perf_counter() - began < 1


@pytest.mark.parametrize("raw", TAKEN, ids=lambda raw: repr(raw[:24]))
def test_odd_json_that_fits(raw: bytes) -> None:
    made, faults = parsed("Tree", raw)
    assert faults == {}
    assert made.value == json.loads(raw)["value"]


def test_a_syntax_error_has_its_place() -> None:
    with pytest.raises(Refusal, match="line 2, column 10"):
        parsed("Tree", b'{\n "value":\x01}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
MEMBERS = [field.name for field in TYPES.schemas[2].fields]


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_every_value_is_taken_or_refused(value: dict[str, object]) -> None:
    """Whatever comes, a decoder gives an instance or at least one fault, each at a place inside the value."""
    made, faults = decoded("Everything", value)
    assert (made is None) == bool(faults)
    for at in faults:
        assert at.split("/")[1] in value


@given(JSON, st.sampled_from(["Order", "Pet", "Tree", "Lenient", "Everything"]))
def test_no_value_crashes_a_decoder(value: object, name: str) -> None:
    decoded(name, value)


def test_a_long_list_takes_no_time() -> None:
    lines = [{"value": 1, "children": []} for _ in range(20_000)]
    began = perf_counter()
    assert decoded("Tree", {"value": 1, "children": lines})[1] == {}
    assert perf_counter() - began < 2
