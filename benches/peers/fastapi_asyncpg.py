"""FastAPI with asyncpg: response models, a pool made in the lifespan, one statement per need."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

ORDER = "SELECT id, customer_id, reference, status, total_cents, note, created_at FROM orders WHERE id = $1"
ORDERS = """
    SELECT id, customer_id, reference, status, total_cents, note, created_at FROM orders
    WHERE customer_id = $1 ORDER BY created_at DESC LIMIT $2"""
LINES = "SELECT position, sku, quantity, unit_cents FROM lines WHERE order_id = $1 ORDER BY position"
PLACE = """
    INSERT INTO orders (customer_id, reference, total_cents, note) VALUES ($1, $2, $3, $4)
    RETURNING id, customer_id, reference, status, total_cents, note, created_at"""


class PlaceOrder(BaseModel):
    customer_id: UUID
    reference: Annotated[str, Field(pattern=r"^[A-Z]{3}-[0-9]{4}$")]
    total_cents: Annotated[int, Field(ge=0, le=100_000_000)]
    note: Annotated[str | None, Field(max_length=500)] = None


class Order(BaseModel):
    id: UUID
    customer_id: UUID
    reference: str
    status: Literal["pending", "paid", "shipped", "cancelled"]
    total_cents: int
    note: str | None
    created_at: datetime


class Line(BaseModel):
    position: int
    sku: str
    quantity: int
    unit_cents: int


class Receipt(Order):
    lines: list[Line]


class About(BaseModel):
    name: str
    version: int
    currencies: list[str]
    open: bool


class OrderNotFoundError(Exception):
    """No order has the id of the path."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.exception_handler(OrderNotFoundError)
async def order_not_found(_request: Request, _error: OrderNotFoundError) -> JSONResponse:
    return JSONResponse({"code": "ORDER_NOT_FOUND"}, status_code=404)


@app.exception_handler(RequestValidationError)
async def validation_failed(_request: Request, _error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"code": "VALIDATION_FAILED"}, status_code=422)


@app.get("/orders/{order_id}", response_model=Order)
async def order_by_id(order_id: UUID, request: Request) -> Any:
    row = await request.app.state.pool.fetchrow(ORDER, order_id)
    if row is None:
        raise OrderNotFoundError
    return dict(row)


@app.get("/orders", response_model=list[Order])
async def orders_of_customer(customer: UUID, request: Request, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Any:
    rows = await request.app.state.pool.fetch(ORDERS, customer, limit)
    return [dict(row) for row in rows]


@app.get("/receipts/{order_id}", response_model=Receipt)
async def receipt(order_id: UUID, request: Request) -> Any:
    async with request.app.state.pool.acquire() as connection:
        order = await connection.fetchrow(ORDER, order_id)
        if order is None:
            raise OrderNotFoundError
        lines = await connection.fetch(LINES, order_id)
    return {**order, "lines": [dict(line) for line in lines]}


@app.post("/orders", response_model=Order, status_code=201)
async def place_order(body: PlaceOrder, request: Request) -> Any:
    row = await request.app.state.pool.fetchrow(
        PLACE,
        body.customer_id,
        body.reference,
        body.total_cents,
        body.note,
    )
    return dict(row)


@app.get("/about")
async def about() -> About:
    return About(name="shop", version=1, currencies=["EUR", "USD"], open=True)
