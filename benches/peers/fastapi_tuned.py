"""FastAPI with asyncpg, tuned by hand: held connections, statements prepared once, PostgreSQL writes the JSON.

What an engineer gets who keeps FastAPI's routing and validation and gives up its response models.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

CONNECTIONS = 10
_ORDER = """
    'id', o.id, 'customer_id', o.customer_id, 'reference', o.reference, 'status', o.status,
    'total_cents', o.total_cents, 'note', o.note,
    'created_at', to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
# Put together from constants; values are always parameters.
ORDER = f"SELECT json_build_object({_ORDER})::text FROM orders o WHERE id = $1"  # noqa: S608
ORDERS = f"""
    SELECT '[' || coalesce(string_agg(json_build_object({_ORDER})::text, ','), '') || ']'
    FROM (SELECT * FROM orders WHERE customer_id = $1 ORDER BY created_at DESC LIMIT $2) o"""  # noqa: S608
RECEIPT = f"""
    SELECT json_build_object({_ORDER}, 'lines', (
        SELECT json_agg(
            json_build_object('position', position, 'sku', sku, 'quantity', quantity, 'unit_cents', unit_cents)
            ORDER BY position)
        FROM lines WHERE order_id = o.id))::text
    FROM orders o WHERE id = $1"""  # noqa: S608
PLACE = f"""
    INSERT INTO orders AS o (customer_id, reference, total_cents, note) VALUES ($1, $2, $3, $4)
    RETURNING json_build_object({_ORDER})::text"""  # noqa: S608
ABOUT = b'{"name":"shop","version":1,"currencies":["EUR","USD"],"open":true}'


class PlaceOrder(BaseModel):
    customer_id: UUID
    reference: Annotated[str, Field(pattern=r"^[A-Z]{3}-[0-9]{4}$")]
    total_cents: Annotated[int, Field(ge=0, le=100_000_000)]
    note: Annotated[str | None, Field(max_length=500)] = None


class Held:
    """Connections that stay open with all statements prepared, handed out without a reset in between."""

    def __init__(self) -> None:
        self._free: asyncio.LifoQueue[dict[str, asyncpg.prepared_stmt.PreparedStatement]] = asyncio.LifoQueue()

    async def add(self, connection: asyncpg.Connection) -> None:
        self._free.put_nowait({sql: await connection.prepare(sql) for sql in (ORDER, ORDERS, RECEIPT, PLACE)})

    async def value(self, statement: str, *arguments: object) -> str | None:
        prepared = await self._free.get()
        try:
            return await prepared[statement].fetchval(*arguments)
        finally:
            self._free.put_nowait(prepared)


held = Held()


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for _ in range(CONNECTIONS):
            connection = await asyncpg.connect(os.environ["DATABASE_URL"])
            stack.push_async_callback(connection.close)
            await held.add(connection)
        yield


app = FastAPI(lifespan=lifespan)


def json_response(body: str | bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json")


@app.exception_handler(RequestValidationError)
async def validation_failed(_request: Request, _error: RequestValidationError) -> Response:
    return json_response(b'{"code":"VALIDATION_FAILED"}', 422)


def found(body: str | None) -> Response:
    return json_response(b'{"code":"ORDER_NOT_FOUND"}', 404) if body is None else json_response(body)


@app.get("/orders/{order_id}")
async def order_by_id(order_id: UUID) -> Response:
    return found(await held.value(ORDER, order_id))


@app.get("/orders")
async def orders_of_customer(customer: UUID, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
    return found(await held.value(ORDERS, customer, limit))


@app.get("/receipts/{order_id}")
async def receipt(order_id: UUID) -> Response:
    return found(await held.value(RECEIPT, order_id))


@app.post("/orders")
async def place_order(body: PlaceOrder) -> Response:
    placed = await held.value(PLACE, body.customer_id, body.reference, body.total_cents, body.note)
    return json_response(placed or b"", 201)


@app.get("/about")
async def about() -> Response:
    return json_response(ABOUT)
