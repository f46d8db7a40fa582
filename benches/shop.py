"""The shop that is measured: its schema, its rows, and the requests made of it.

Everything is made from numbers, so each run has the same rows and asks for the same ones in the same order.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from uuid import UUID

from cluster import Cluster

DOCUMENT = Path(__file__).with_name("shop.md")
ORDERS = 100_000
LINES_PER_ORDER = 3
CUSTOMERS = 2_000
MISSING_ORDER = UUID(int=0)

_FILL = f"""
    INSERT INTO orders
    SELECT
        md5('order ' || i)::uuid,
        md5('customer ' || i % {CUSTOMERS})::uuid,
        'REF-' || to_char(i % 10000, 'FM0000'),
        (ARRAY['pending', 'paid', 'shipped', 'cancelled'])[i % 4 + 1],
        i * 7919 % 1000000,
        CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'Leave it with the neighbours, number ' || i
                   ELSE E'"Grüße" an\\nHaus ' || i END,
        timestamptz '2026-01-01 00:00:00.000001Z' + i * interval '61 seconds' + i % 900000 * interval '1 microsecond'
    FROM generate_series(1, {ORDERS}) i;

    INSERT INTO lines
    SELECT md5('order ' || i)::uuid, p, 'TEA-' || to_char((i + p) % 10000, 'FM0000'), i % 9 + p, 100 + i % 700
    FROM generate_series(1, {ORDERS}) i, generate_series(1, {LINES_PER_ORDER}) p;
"""  # noqa: S608 (constants of this module)
# Orders placed by the load are by newcomers, so that a customer's page stays what it was.
_FORGET = f"""
    DELETE FROM orders
    WHERE customer_id IN (SELECT md5('newcomer ' || n)::uuid FROM generate_series(0, {CUSTOMERS - 1}) n)
"""  # noqa: S608 (constants of this module)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One of the five. `statement` is what `pgbench` runs against the bare database; empty where there is none."""

    key: str
    title: str
    statement: str = ""


ENDPOINTS = (
    Endpoint(
        "a",
        "one row by id",
        "SELECT id, customer_id, reference, status, total_cents, note, created_at FROM orders"
        " WHERE id = md5('order ' || :order)::uuid",
    ),
    Endpoint(
        "b",
        "a page of 20",
        "SELECT id, customer_id, reference, status, total_cents, note, created_at FROM orders"
        " WHERE customer_id = md5('customer ' || :customer)::uuid ORDER BY created_at DESC LIMIT 20",
    ),
    Endpoint(
        "c",
        "one row with nested rows",
        "SELECT id, customer_id, reference, status, total_cents, note, created_at,"
        " (SELECT json_agg(json_build_object('position', position, 'sku', sku, 'quantity', quantity,"
        " 'unit_cents', unit_cents) ORDER BY position) FROM lines WHERE order_id = orders.id) AS lines"
        " FROM orders WHERE id = md5('order ' || :order)::uuid",
    ),
    Endpoint(
        "d",
        "validated insert",
        "INSERT INTO orders (customer_id, reference, total_cents, note)"
        " VALUES (md5('newcomer ' || :customer)::uuid, 'REF-0001', :order, 'Ring twice')"
        " RETURNING id, customer_id, reference, status, total_cents, note, created_at",
    ),
    Endpoint("e", "static JSON"),
)


def schema() -> str:
    """The tables as the document defines them, so that every contender has the same."""
    section = DOCUMENT.read_text().split("### Database Schema", 1)[1]
    block = re.search(r"```sql\n(.*?)```", section, re.DOTALL)
    assert block, "shop.md has no SQL under Database Schema"
    return block[1]


def fill(cluster: Cluster) -> None:
    """The tables and their rows, with statistics, all of it on disk."""
    cluster.execute(schema(), _FILL, "VACUUM (ANALYZE) orders", "VACUUM (ANALYZE) lines")


def forget_newcomers(cluster: Cluster) -> None:
    """Removes what the load has stored, for the next round to find the table as the last one did."""
    cluster.execute(_FORGET, "VACUUM orders")


def order_id(number: int) -> UUID:
    return _uuid(f"order {number}")


def customer_id(number: int) -> UUID:
    return _uuid(f"customer {number}")


def new_order(number: int) -> dict[str, object]:
    """A body that every contender accepts."""
    return {
        "customer_id": str(_uuid(f"newcomer {number % CUSTOMERS}")),
        "reference": f"REF-{number % 10_000:04}",
        "total_cents": number * 31 % 1_000_000,
        "note": None if number % 2 else f"Ring twice, house {number}",
    }


def write_requests(folder: Path) -> dict[str, Path]:
    """For each endpoint a file with one request a line: method, path and perhaps a body."""
    files = {endpoint.key: folder / f"requests-{endpoint.key}" for endpoint in ENDPOINTS}
    for key, file in files.items():
        file.write_text("".join(f"{line}\n" for line in _requests(key)))
    return files


def _requests(key: str) -> Iterator[str]:
    shuffled = random.Random(key)
    match key:
        case "a":
            yield from (f"GET /orders/{order_id(n)}" for n in shuffled.sample(range(1, ORDERS + 1), ORDERS))
        case "b":
            customers = shuffled.sample(range(CUSTOMERS), CUSTOMERS)
            yield from (f"GET /orders?customer={customer_id(n)}" for n in customers)
        case "c":
            yield from (f"GET /receipts/{order_id(n)}" for n in shuffled.sample(range(1, ORDERS + 1), ORDERS))
        case "d":
            yield from (f"POST /orders {json.dumps(new_order(n))}" for n in range(20_000))
        case _:
            yield "GET /about"


def _uuid(text: str) -> UUID:
    return UUID(md5(text.encode(), usedforsecurity=False).hexdigest())
