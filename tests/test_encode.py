"""What algorithms answer is written as the document says, or refused."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest

from asbuilt.language.types import Array, Named
from asbuilt.runtime.encode import Encoders, Unfit, to_json
from asbuilt.runtime.instances import Classes
from written import NOWHERE, types_of

TYPES = types_of("""
class Line:
    sku: str
    unitCents: int

class Order:
    id: UUID
    total: Decimal
    at: datetime
    lines: list[Line]
    note: str | None = None
    hidden: WriteOnly[str] = "x"
    left: str | Absent = Absent
    visit: Annotated[str | None, Column("visit_date")] = None

class Everything:
    number: float | None = None
    truth: bool | None = None
    day: date | None = None
    clock: time | None = None
    lasts: timedelta | None = None
    data: bytes | None = None
    any: Any = None
    counts: dict[str, int] | None = None
    kind: Literal["a", 1] | None = None
    either: Line | int | None = None
""")
CLASSES = Classes(TYPES)
ENCODERS = Encoders(TYPES)
ID = UUID("5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01")


def encoded(name: str, value: object) -> object:
    return json.loads(to_json(ENCODERS.encoder(Named(name, NOWHERE))(value)))


def an_order(**members: object) -> dict[str, object]:
    return {"id": ID, "total": Decimal("1.50"), "at": datetime(2026, 1, 31, tzinfo=UTC), "lines": [], **members}


def test_instances_are_written_under_the_names_of_the_wire() -> None:
    order, line = CLASSES.everything()["Order"], CLASSES.everything()["Line"]
    made = order(**an_order(lines=[line(sku="TEA", unit_cents=450)]))
    assert encoded("Order", made) == {
        "id": str(ID),
        "total": 1.5,
        "at": "2026-01-31T00:00:00.000000Z",
        "lines": [{"sku": "TEA", "unitCents": 450}],
        "note": None,
        "visit": None,
    }


def test_rows_and_mappings_serve_as_well() -> None:
    row = SimpleNamespace(**an_order(lines=[{"sku": "TEA", "unitCents": 1}], visit_date="soon"))
    written = encoded("Order", row)
    assert isinstance(written, dict)
    assert written["visit"] == "soon"
    assert written["lines"] == [{"sku": "TEA", "unitCents": 1}]
    assert encoded("Line", {"sku": "TEA", "unit_cents": 2}) == {"sku": "TEA", "unitCents": 2}


def test_decimals_are_written_as_they_are() -> None:
    encode = ENCODERS.encoder(Named("Order", NOWHERE))
    assert b'"total":10.00,' in to_json(encode(an_order(total=Decimal("10.00"))))
    assert b'"total":100000,' in to_json(encode(an_order(total=Decimal("1E+5"))))


def test_moments_are_written_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    written = encoded("Order", an_order(at=datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=there)))
    assert isinstance(written, dict)
    assert written["at"] == "2026-01-31T10:00:00.000005Z"


@pytest.mark.parametrize(
    ("member", "value", "written"),
    [
        ("number", 1.5, 1.5),
        ("number", Decimal("2.5"), 2.5),
        ("truth", True, True),
        ("day", date(2026, 1, 31), "2026-01-31"),
        ("clock", time(12), "12:00:00"),
        ("lasts", timedelta(hours=1), "PT1H"),
        ("lasts", timedelta(days=2, minutes=90, microseconds=500), "P2DT1H30M0.0005S"),
        ("lasts", timedelta(seconds=-1), "-PT1S"),
        ("lasts", timedelta(0), "PT0S"),
        ("data", b"\x00\x01", "AAE="),
        ("any", {"a": [Decimal("1.0"), ID, None]}, {"a": [1.0, str(ID), None]}),
        ("counts", {"a": 1}, {"a": 1}),
        ("kind", 1, 1),
        ("either", {"sku": "TEA", "unitCents": 1}, {"sku": "TEA", "unitCents": 1}),
        ("either", 5, 5),
    ],
)
def test_values_that_fit(member: str, value: object, written: object) -> None:
    whole = encoded("Everything", {member: value})
    assert isinstance(whole, dict)
    assert whole[member] == written


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Line", None, "is None, not an object"),
        ("Line", {"sku": "TEA"}, "has no member `unitCents`, which `Line` promises"),
        ("Line", {"sku": 5, "unitCents": 1}, "the answer at /sku is of type `int`, not a string"),
        ("Line", {"sku": "TEA", "unitCents": True}, "at /unitCents is of type `bool`, not an integer"),
        ("Line", {"sku": "TEA", "unitCents": 1.5}, "at /unitCents is of type `float`"),
        ("Order", an_order(lines=[{"sku": "TEA"}]), "at /lines/0 has no member `unitCents`"),
        ("Order", an_order(total=Decimal("NaN")), "at /total"),
        ("Order", an_order(total=1.5), "at /total"),
        ("Order", an_order(id="5f0c"), "at /id is of type `str`, not a UUID"),
        ("Everything", {"number": float("nan")}, "at /number"),
        ("Everything", {"kind": "z"}, "at /kind"),
        ("Everything", {"any": object()}, "at /any"),
        ("Everything", {"either": {"sku": 1, "unitCents": 1}}, "at /either/sku"),
    ],
)
def test_what_the_document_does_not_promise_is_never_sent(name: str, value: object, message: str) -> None:
    with pytest.raises(Unfit, match=message.replace("(", r"\(")):
        encoded(name, value)


def test_lists() -> None:
    encode = ENCODERS.encoder(Array(Named("Line", NOWHERE), NOWHERE))
    rows = ({"sku": str(number), "unitCents": number} for number in range(2))
    assert json.loads(to_json(encode(rows))) == [{"sku": "0", "unitCents": 0}, {"sku": "1", "unitCents": 1}]
    with pytest.raises(Unfit):
        encode("text")
