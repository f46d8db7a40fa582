"""The service of accounts and transfers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy import BigInteger, Row, cast, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from ledger import models, schemas
from ledger.settings import LedgerSettings
from ledger.transfers import AccountNotFound, InsufficientFunds, transfer
from shared.conditional import ConditionalRoute
from shared.database import Session, connect, found, migrate
from shared.fields import Instant
from shared.pages import After, Page, key_of, page
from shared.problems import handle_problems, invalid, problem, sqlstate

UNAVAILABLE = ("08", "40", "53", "57")  # classes of SQLSTATE: connection, rollback, resources, intervention

router = APIRouter(route_class=ConditionalRoute)


@router.post("/accounts", status_code=201, response_model=schemas.Account)
async def open_account(body: schemas.OpenAccount, session: Session) -> models.Account:
    account = models.Account(**body.model_dump())
    session.add(account)
    await session.flush()
    return account


@router.get("/accounts/{account_id}", response_model=schemas.Account)
async def one_account(account_id: UUID, session: Session) -> models.Account:
    return await found(session, models.Account, account_id)


@router.post("/transfers", status_code=201, response_model=schemas.Transfer)
async def make_transfer(body: schemas.NewTransfer, session: Session) -> models.Transfer:
    return await transfer(session, body)


@router.get("/transfers/{transfer_id}", response_model=schemas.Transfer)
async def one_transfer(transfer_id: UUID, session: Session) -> models.Transfer:
    return await found(session, models.Transfer, transfer_id)


@router.get("/accounts/{account_id}/statement", response_model=Page[schemas.Entry])
async def statement(
    account_id: UUID,
    session: Session,
    since: Instant | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: After = None,
) -> dict[str, Any]:
    query = select(models.Entry).where(models.Entry.account_id == account_id)
    if since is not None:
        query = query.where(models.Entry.made_at >= since)
    if after is not None:
        query = query.where(models.Entry.id < key_of(after, int))
    await found(session, models.Account, account_id)
    return page((await session.scalars(query.order_by(models.Entry.id.desc()).limit(limit + 1))).all(), limit)


@router.get("/trial-balance", response_model=list[schemas.Balance])
async def trial_balance(session: Session) -> Sequence[Row[Any]]:
    moved = (
        select(models.Entry.account_id, func.sum(models.Entry.amount).label("moved"))
        .group_by(models.Entry.account_id)
        .subquery()
    )
    query = (
        select(
            models.Account.currency,
            cast(func.sum(models.Account.balance), BigInteger).label("accounts"),
            cast(func.coalesce(func.sum(moved.c.moved), 0), BigInteger).label("entries"),
        )
        .outerjoin(moved, moved.c.account_id == models.Account.id)
        .group_by(models.Account.currency)
        .order_by(models.Account.currency)
    )
    return (await session.execute(query)).all()


def handle_ledger_errors(app: FastAPI) -> None:
    @app.exception_handler(AccountNotFound)
    async def on_missing(request: Request, error: AccountNotFound) -> JSONResponse:
        return JSONResponse({"code": "ACCOUNT_NOT_FOUND", "account": str(error.account)}, 404)

    @app.exception_handler(InsufficientFunds)
    async def on_overdraft(request: Request, error: InsufficientFunds) -> JSONResponse:
        content = {"code": "INSUFFICIENT_FUNDS", "balance": error.balance, "amount": error.amount}
        return JSONResponse(content, 409)

    @app.exception_handler(OSError)
    @app.exception_handler(NoConnectionFree)
    @app.exception_handler(asyncpg.PostgresConnectionError)
    @app.exception_handler(asyncpg.OperatorInterventionError)
    async def on_unavailable(request: Request, error: Exception) -> JSONResponse:
        return problem(503, {"Retry-After": "1"}, detail="the database cannot answer now", code="TRY_AGAIN")

    @app.exception_handler(DBAPIError)
    async def on_database(request: Request, error: DBAPIError) -> JSONResponse:
        if error.connection_invalidated or sqlstate(error).startswith(UNAVAILABLE):
            return await on_unavailable(request, error)
        if sqlstate(error).startswith("22"):
            return invalid([])
        raise error


def create_app(settings: LedgerSettings) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.engine = connect(settings.database_url)
        await migrate(app.state.engine, "ledger", "entries")
        yield
        await app.state.engine.dispose()

    app = FastAPI(title="Ledger", lifespan=lifespan)
    handle_problems(app, {"accounts_name_key": "ACCOUNT_EXISTS"})
    handle_ledger_errors(app)
    app.include_router(router)
    return app
