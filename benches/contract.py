"""What a contender must answer before it is timed: the same members and values as everybody else.

Expected answers are made from the rows of the database, so no contender is the measure of another.
"""

import asyncio
import http.client
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from shop import CUSTOMERS, MISSING_ORDER, customer_id, new_order, order_id

NUMBERS = (1, 2, 3, 4, 777, 99_999)
ABOUT = {"name": "shop", "version": 1, "currencies": ["EUR", "USD"], "open": True}
REFUSED = {
    "a reference out of pattern": {"reference": "tea-1"},
    "a pattern that matches only in part": {"reference": "REF-00011"},
    "a negative sum": {"total_cents": -1},
    "a sum over the limit": {"total_cents": 100_000_001},
    "a sum that is none": {"total_cents": "much"},
    "a customer that is no UUID": {"customer_id": "somebody"},
    "a note that is too long": {"note": "x" * 501},
    "a note that is no text": {"note": 7},
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")


@dataclass(frozen=True, slots=True)
class Rows:
    """What the database holds, as JSON values, by the path that asks for it."""

    orders: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, Any] = field(default_factory=dict)
    receipts: dict[str, Any] = field(default_factory=dict)


def read_rows(database: str) -> Rows:
    """The rows that the check asks for, read without any contender's help."""
    return asyncio.run(_read(database))


def faults(port: int, rows: Rows) -> dict[str, str]:
    """For each endpoint that does not keep the contract, the first way in which it does not."""
    checks: dict[str, Callable[[int, Rows], None]] = {"a": _order, "b": _page, "c": _receipt, "d": _insert, "e": _about}
    found = {}
    for key, check in checks.items():
        try:
            check(port, rows)
        except AssertionError as error:
            found[key] = str(error)
        except (OSError, http.client.HTTPException, ValueError) as error:
            found[key] = f"{type(error).__name__}: {error}"
    return found


def _order(port: int, rows: Rows) -> None:
    for path, order in rows.orders.items():
        _expect(port, path, 200, order)
    _expect(port, f"/orders/{MISSING_ORDER}", 404, {"code": "ORDER_NOT_FOUND"})


def _page(port: int, rows: Rows) -> None:
    for path, orders in rows.pages.items():
        _expect(port, path, 200, orders)
    _expect(port, f"/orders?customer={MISSING_ORDER}", 200, [])
    _expect(port, f"/orders?customer={MISSING_ORDER}&limit=101", 422, {"code": "VALIDATION_FAILED"})
    _expect(port, "/orders", 422, {"code": "VALIDATION_FAILED"})


def _receipt(port: int, rows: Rows) -> None:
    for path, receipt in rows.receipts.items():
        _expect(port, path, 200, receipt)
    _expect(port, f"/receipts/{MISSING_ORDER}", 404, {"code": "ORDER_NOT_FOUND"})


def _insert(port: int, _rows: Rows) -> None:
    for number in range(2):
        body = new_order(number)
        status, answer = _ask(port, "POST", "/orders", body)
        assert status == 201, f"POST /orders: status {status}, not 201: {answer}"
        assert isinstance(answer, dict), f"POST /orders: {answer}"
        created = str(answer.get("created_at"))
        assert _TIME.fullmatch(created), f"POST /orders: created_at {created}"
        expected = body | {"id": answer.get("id"), "status": "pending", "created_at": created}
        assert answer == expected, f"POST /orders: {answer}, not {expected}"
        _expect(port, f"/orders/{answer['id']}", 200, answer)
    for what, change in REFUSED.items():
        status, answer = _ask(port, "POST", "/orders", new_order(1) | change)
        assert (status, answer) == (422, {"code": "VALIDATION_FAILED"}), f"POST /orders with {what}: {status} {answer}"


def _about(port: int, _rows: Rows) -> None:
    _expect(port, "/about", 200, ABOUT)


def _expect(port: int, path: str, status: int, value: object) -> None:
    answered, answer = _ask(port, "GET", path)
    assert answered == status, f"GET {path}: status {answered}, not {status}: {answer}"
    assert answer == value, f"GET {path}: {answer}, not {value}"


def _ask(port: int, method: str, path: str, body: object = None) -> tuple[int, object]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        if body is None:
            connection.request(method, path)
        else:
            connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        media = response.getheader("Content-Type", "")
        assert "json" in media, f"{method} {path}: media type {media or 'missing'}"
        return response.status, json.loads(response.read())
    finally:
        connection.close()


async def _read(database: str) -> Rows:
    connection = await asyncpg.connect(database)
    rows = Rows()
    try:
        for number in NUMBERS:
            key = order_id(number)
            order = _json(await connection.fetchrow("SELECT * FROM orders WHERE id = $1", key))
            lines = await connection.fetch(
                "SELECT position, sku, quantity, unit_cents FROM lines WHERE order_id = $1 ORDER BY position", key
            )
            rows.orders[f"/orders/{key}"] = order
            rows.receipts[f"/receipts/{key}"] = order | {"lines": [dict(line) for line in lines]}
        for number in (0, CUSTOMERS - 1):
            key = customer_id(number)
            page = await connection.fetch(
                "SELECT * FROM orders WHERE customer_id = $1 ORDER BY created_at DESC LIMIT 20", key
            )
            rows.pages[f"/orders?customer={key}"] = [_json(row) for row in page]
            rows.pages[f"/orders?customer={key}&limit=3"] = [_json(row) for row in page[:3]]
    finally:
        await connection.close()
    return rows


def _json(row: asyncpg.Record) -> dict[str, Any]:
    """A row as JSON values: identifiers as text, times in UTC with `Z` and six digits."""
    order = dict(row)
    created: datetime = order["created_at"]
    order["created_at"] = created.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return order | {"id": str(order["id"]), "customer_id": str(order["customer_id"])}
