"""Litestar with asyncpg: msgspec structs in and out, a pool made in the lifespan and kept in the state."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import ValidationException
from litestar.params import Parameter
from msgspec import Meta, Struct

ORDER = "SELECT id, customer_id, reference, status, total_cents, note, created_at FROM orders WHERE id = $1"
ORDERS = """
    SELECT id, customer_id, reference, status, total_cents, note, created_at FROM orders
    WHERE customer_id = $1 ORDER BY created_at DESC LIMIT $2"""
LINES = "SELECT position, sku, quantity, unit_cents FROM lines WHERE order_id = $1 ORDER BY position"
PLACE = """
    INSERT INTO orders (customer_id, reference, total_cents, note) VALUES ($1, $2, $3, $4)
    RETURNING id, customer_id, reference, status, total_cents, note, created_at"""


class PlaceOrder(Struct):
    customer_id: UUID
    reference: Annotated[str, Meta(pattern=r"^[A-Z]{3}-[0-9]{4}$")]
    total_cents: Annotated[int, Meta(ge=0, le=100_000_000)]
    note: Annotated[str, Meta(max_length=500)] | None = None


class Order(Struct):
    id: UUID
    customer_id: UUID
    reference: str
    status: Literal["pending", "paid", "shipped", "cancelled"]
    total_cents: int
    note: str | None
    created_at: datetime


class Line(Struct):
    position: int
    sku: str
    quantity: int
    unit_cents: int


class Receipt(Struct):
    id: UUID
    customer_id: UUID
    reference: str
    status: Literal["pending", "paid", "shipped", "cancelled"]
    total_cents: int
    note: str | None
    created_at: datetime
    lines: list[Line]


class About(Struct):
    name: str
    version: int
    currencies: list[str]
    open: bool


class OrderNotFoundError(Exception):
    """No order has the id of the path."""


def order_not_found(_request: Request, _error: OrderNotFoundError) -> Response[dict[str, str]]:
    return Response({"code": "ORDER_NOT_FOUND"}, status_code=404)


def validation_failed(_request: Request, _error: ValidationException) -> Response[dict[str, str]]:
    return Response({"code": "VALIDATION_FAILED"}, status_code=422)


@asynccontextmanager
async def pool_of_application(app: Litestar) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as pool:
        app.state.pool = pool
        yield


@get("/orders/{order_id:uuid}")
async def order_by_id(order_id: UUID, state: State) -> Order:
    row = await state.pool.fetchrow(ORDER, order_id)
    if row is None:
        raise OrderNotFoundError
    return Order(**row)


@get("/orders")
async def orders_of_customer(
    customer: UUID, state: State, limit: Annotated[int, Parameter(ge=1, le=100)] = 20
) -> list[Order]:
    rows = await state.pool.fetch(ORDERS, customer, limit)
    return [Order(**row) for row in rows]


@get("/receipts/{order_id:uuid}")
async def receipt(order_id: UUID, state: State) -> Receipt:
    async with state.pool.acquire() as connection:
        order = await connection.fetchrow(ORDER, order_id)
        if order is None:
            raise OrderNotFoundError
        lines = await connection.fetch(LINES, order_id)
    return Receipt(**order, lines=[Line(**line) for line in lines])


@post("/orders")
async def place_order(data: PlaceOrder, state: State) -> Order:
    row = await state.pool.fetchrow(
        PLACE,
        data.customer_id,
        data.reference,
        data.total_cents,
        data.note,
    )
    return Order(**row)


@get("/about")
async def about() -> About:
    return About(name="shop", version=1, currencies=["EUR", "USD"], open=True)


app = Litestar(
    route_handlers=[order_by_id, orders_of_customer, receipt, place_order, about],
    lifespan=[pool_of_application],
    exception_handlers={OrderNotFoundError: order_not_found, ValidationException: validation_failed},
)
