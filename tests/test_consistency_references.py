"""Which names are near to which, and what in prose is left alone."""

import time
from pathlib import Path

import pytest

from asbuilt.consistency import references
from asbuilt.consistency.lexicon import Lexicon, is_slip
from asbuilt.diagnostics import Diagnostic
from specimens import component, document

SQL = "CREATE TABLE orders (id uuid PRIMARY KEY, status text NOT NULL, created_at timestamptz NOT NULL);"
SCHEMAS = "class Order:\n    id: UUID\n    status: str\n    createdAt: datetime\n"
ENDPOINTS = "GET /orders/{id: UUID}\n  Response: 200 Order\n"


def found(prose: str) -> list[Diagnostic]:
    text = document(endpoints=ENDPOINTS, schemas=SCHEMAS, sql=SQL) + f"\n## Developer Guide\n\n{prose}\n"
    subject = component(Path("a.md"), text)
    return [finding for rule in references.RULES for finding in rule(subject)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("statuss", "status"),
        ("recieve", "receive"),
        ("creatd", "created"),
        ("inventry", "inventory"),
        ("ordre", "order"),
        ("xrders", "orders"),
    ],
)
def test_a_slip_is_one_letter_left_out_added_mistaken_or_swapped(written, meant):
    assert is_slip(written, meant)
    assert is_slip(meant, written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order", "orders"),
        ("update", "updated"),
        ("lined", "lines"),
        ("v10", "v11"),
        ("sha256", "sha512"),
        ("min", "max"),
    ],
)
def test_other_words_are_no_slips(one, other):
    assert not is_slip(one, other)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("orders.statuss", "orders.status"),
        ("orderStats", ""),
        ("plcae_order", "place_order"),
        ("placeOrdr", "place_order"),
        ("PLACE_ORDR", ""),
        ("ORDERS_NOT_FOUND", "ORDER_NOT_FOUND"),
        ("ORDER_NOT_FUOND", "ORDER_NOT_FOUND"),
        ("orders_not_found", ""),
        ("place_order", ""),
        ("placeOrder", ""),
        ("set_order", ""),
    ],
)
def test_near_names(written, meant):
    assert Lexicon(("orders.status", "place_order", "ORDER_NOT_FOUND", "get_order")).near(written) == meant


@pytest.mark.parametrize(
    "code",
    [
        "orders.status",
        "Order.createdAt",
        "order.created_at",
        "created_at",
        "GET /orders/:id",
        "GET /orders/<order>",
        "SELECT",
        "orders.created",
        "orders.status.changed",
        "order_stats",
        "npm install",
        "x",
        "Promise<Order>",
        "GET /other",
        "config/other.toml",
        "status: open",
    ],
)
def test_what_resolves_or_is_ordinary_code_is_left_alone(code):
    assert found(f"See `{code}`.") == []


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("orders.statuss", "orders.status"),
        ("Order.craetedAt", "Order.createdAt"),
        ("GET /ordrs/{id}", "GET /orders/{id}"),
        ("DELETE /ordrs/{id}", None),
        ("get_ordrs()", None),
    ],
)
def test_a_near_miss_is_found_and_mended(code, meant):
    findings = found(f"See `{code}`.")
    assert [one.fix.edits[0].replacement for one in findings if one.fix] == ([meant] if meant else [])


def test_a_name_that_stands_in_two_places_is_no_slip_of_the_pen():
    assert found("See `orders.statuss`, which is `statuss` in short.") == []


def test_links_with_one_target_are_one_finding():
    assert [one.name for one in found("[a](#x) and [b](#x) and [c](gone.md) and [d](https://a.example/#y)")] == [
        "dangling-link",
        "dangling-link",
    ]


@pytest.mark.parametrize(
    "target", ["#schemas", "#developer-guide", "#", "#top", "../elsewhere.md", "/root.md", "mailto:a@b.c"]
)
def test_links_that_lead_somewhere_or_away_are_left_alone(target):
    found_there = found(f'<a name="schemas"></a>\n\n[a]({target})')
    assert found_there == []


def test_time_does_not_grow_with_the_number_of_names():
    spans = " ".join(f"`wrd{n}_orders.statuss{n}`" for n in range(3_000))
    names = Lexicon(tuple(f"word{n}_orders.status{n}" for n in range(10_000)))
    started = time.perf_counter()
    found(spans)
    assert sum(bool(names.near(f"word{n}_ordres.status{n}")) for n in range(3_000)) == 3_000
    assert time.perf_counter() - started < 4
