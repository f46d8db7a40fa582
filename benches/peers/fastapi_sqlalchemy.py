"""FastAPI with SQLAlchemy 2 in its asyncio form: declarative models, a session per request, `selectinload`."""

import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import BigInteger, DateTime, FetchedValue, ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class OrderRow(Base):
    __tablename__ = "orders"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=FetchedValue())
    customer_id: Mapped[UUID]
    reference: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=FetchedValue())
    total_cents: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=FetchedValue())
    lines: Mapped[list["LineRow"]] = relationship(order_by="LineRow.position")


class LineRow(Base):
    __tablename__ = "lines"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    quantity: Mapped[int]
    unit_cents: Mapped[int] = mapped_column(BigInteger)


class PlaceOrder(BaseModel):
    customer_id: UUID
    reference: Annotated[str, Field(pattern=r"^[A-Z]{3}-[0-9]{4}$")]
    total_cents: Annotated[int, Field(ge=0, le=100_000_000)]
    note: Annotated[str | None, Field(max_length=500)] = None


class Order(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    customer_id: UUID
    reference: str
    status: Literal["pending", "paid", "shipped", "cancelled"]
    total_cents: int
    note: str | None
    created_at: datetime


class Line(BaseModel):
    model_config = ConfigDict(from_attributes=True)

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


# As many connections as the other peers hold, none of them opened under load.
engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1), pool_size=10, max_overflow=0
)
new_session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def session_of_request() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(session_of_request)]


@app.exception_handler(OrderNotFoundError)
async def order_not_found(_request: Request, _error: OrderNotFoundError) -> JSONResponse:
    return JSONResponse({"code": "ORDER_NOT_FOUND"}, status_code=404)


@app.exception_handler(RequestValidationError)
async def validation_failed(_request: Request, _error: RequestValidationError) -> JSONResponse:
    return JSONResponse({"code": "VALIDATION_FAILED"}, status_code=422)


@app.get("/orders/{order_id}", response_model=Order)
async def order_by_id(order_id: UUID, session: Session) -> OrderRow:
    order = await session.get(OrderRow, order_id)
    if order is None:
        raise OrderNotFoundError
    return order


@app.get("/orders", response_model=list[Order])
async def orders_of_customer(
    customer: UUID, session: Session, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Sequence[OrderRow]:
    newest = select(OrderRow).where(OrderRow.customer_id == customer).order_by(OrderRow.created_at.desc()).limit(limit)
    return (await session.scalars(newest)).all()


@app.get("/receipts/{order_id}", response_model=Receipt)
async def receipt(order_id: UUID, session: Session) -> OrderRow:
    order = await session.get(OrderRow, order_id, options=[selectinload(OrderRow.lines)])
    if order is None:
        raise OrderNotFoundError
    return order


@app.post("/orders", response_model=Order, status_code=201)
async def place_order(body: PlaceOrder, session: Session) -> OrderRow:
    order = OrderRow(**body.model_dump())
    session.add(order)
    await session.commit()
    return order


@app.get("/about")
async def about() -> About:
    return About(name="shop", version=1, currencies=["EUR", "USD"], open=True)
