"""Double-entry accounts. `python -m ledger` serves them."""

import argparse
import logging
import os
import sys
from typing import Annotated, Any
from uuid import UUID

import psycopg
from flask import Response, abort, jsonify
from psycopg.errors import UniqueViolation
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

import web

TRANSFER = "id, source, target, amount, reference, made_at"
LEVELS = ("debug", "info", "warning", "error")


class OpenAccount(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    balance: Annotated[int, Field(ge=0, le=1_000_000_000_000)] = 0


class NewTransfer(BaseModel):
    source: UUID
    target: UUID
    amount: Annotated[int, Field(ge=1, le=1_000_000_000_000)]
    reference: Annotated[str, Field(max_length=140)] | None = None


def not_seconds(since: str) -> str:
    if since.isdecimal():  # pydantic would take it for seconds since 1970
        raise ValueError("must be a date and time such as 2026-01-31T12:00:00Z")
    return since


class Statement(BaseModel):
    since: Annotated[AwareDatetime, BeforeValidator(not_seconds)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    after: str | None = None


class Refused(Exception):
    """A transfer that is not made, and what the caller is told."""

    def __init__(self, status: int, **members: Any) -> None:
        super().__init__(status)
        self.status, self.members = status, members


def settings() -> tuple[int, str]:
    """Port and log level, of the defaults, the environment and the command line, the last that there is."""
    parser = argparse.ArgumentParser(prog="ledger")
    port = os.environ.get("COMPONENT_PORT", os.environ.get("PORT", "8080"))
    parser.add_argument("--component-port", default=port)
    parser.add_argument("--log-level", default=os.environ.get("LOG_LEVEL", "info"))
    given = parser.parse_args()
    if not given.component_port.isdecimal() or not 1 <= int(given.component_port) <= 65535:
        sys.exit("COMPONENT_PORT must be a number from 1 to 65535")
    if given.log_level not in LEVELS:
        sys.exit(f"LOG_LEVEL must be one of {', '.join(LEVELS)}")
    return int(given.component_port), given.log_level


port, level = settings()
app = web.create_app("ledger")
pool = web.connect("ledger.sql")


@app.errorhandler(Refused)
def on_refused(error: Refused) -> tuple[Response, int]:
    return jsonify(error.members), error.status


@app.errorhandler(psycopg.OperationalError)
def on_unavailable(error: psycopg.OperationalError) -> Response:
    response = web.problem(503, detail="the database cannot answer now", code="TRY_AGAIN")
    response.headers["Retry-After"] = "1"
    return response


@app.post("/accounts")
def open_account() -> tuple[web.Row, int]:
    values = web.body(OpenAccount).model_dump()
    statement = """
        INSERT INTO accounts (name, currency, balance) VALUES (%(name)s, %(currency)s, %(balance)s)
        RETURNING id, name, currency, balance, opened_at
    """
    try:
        with pool.connection() as connection:
            return connection.execute(statement, values).fetchone(), 201
    except UniqueViolation:
        raise web.Problem(409, "ACCOUNT_EXISTS", "the name is taken") from None


@app.get("/accounts/<uuid:key>")
def one_account(key: UUID) -> web.Row:
    with pool.connection() as connection:
        return connection.execute("SELECT * FROM accounts WHERE id = %s", [key]).fetchone() or abort(404)


@app.post("/transfers")
def make_transfer() -> tuple[web.Row, int]:
    order = web.body(NewTransfer)
    with pool.connection() as connection:
        return transfer(connection, order), 201


def transfer(connection: psycopg.Connection[web.Row], order: NewTransfer) -> web.Row:
    """Two entries that sum to zero; both rows are locked in the order of their keys, so that no two deadlock."""
    locked = connection.execute(
        "SELECT id, currency, balance FROM accounts WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
        [[order.source, order.target]],
    )
    accounts = {row["id"]: row for row in locked}
    for account in (order.source, order.target):
        if account not in accounts:
            raise Refused(404, code="ACCOUNT_NOT_FOUND", account=account)
    source, target = accounts[order.source], accounts[order.target]
    if source["currency"] != target["currency"]:
        raise web.Problem(409, "CURRENCIES_DIFFER", "the accounts are of different currencies")
    if source["balance"] < order.amount:
        raise Refused(409, code="INSUFFICIENT_FUNDS", balance=source["balance"], amount=order.amount)
    made = connection.execute(
        f"""
        INSERT INTO transfers (source, target, amount, reference)
        VALUES (%(source)s, %(target)s, %(amount)s, %(reference)s)
        RETURNING {TRANSFER}
        """,
        order.model_dump(),
    ).fetchone()
    values = {**order.model_dump(), "transfer": made["id"], "taken": -order.amount}
    connection.execute(
        """
        INSERT INTO entries (transfer_id, account_id, amount)
        VALUES (%(transfer)s, %(source)s, %(taken)s), (%(transfer)s, %(target)s, %(amount)s)
        """,
        values,
    )
    connection.execute(
        """
        UPDATE accounts
        SET balance = balance + CASE WHEN id = %(source)s THEN %(taken)s ELSE %(amount)s END
        WHERE id IN (%(source)s, %(target)s) AND %(source)s <> %(target)s
        """,
        values,
    )
    return made


@app.get("/transfers/<uuid:key>")
def one_transfer(key: UUID) -> web.Row:
    with pool.connection() as connection:
        row = connection.execute(f"SELECT {TRANSFER} FROM transfers WHERE id = %s", [key]).fetchone()
    return row or abort(404)


@app.get("/accounts/<uuid:key>/statement")
def statement(key: UUID) -> dict[str, Any]:
    query = web.query(Statement)
    values = {"key": key, "since": query.since, "after": web.key_of(query.after, int), "limit": query.limit}
    entries = """
        SELECT id, transfer_id, amount, made_at FROM entries
        WHERE account_id = %(key)s
          AND (%(since)s::timestamptz IS NULL OR made_at >= %(since)s)
          AND (%(after)s::bigint IS NULL OR id < %(after)s)
        ORDER BY id DESC
        LIMIT %(limit)s + 1
    """
    with pool.connection() as connection:
        if not connection.execute("SELECT 1 FROM accounts WHERE id = %s", [key]).fetchone():
            abort(404)
        return web.page(connection.execute(entries, values).fetchall(), query.limit)


@app.get("/trial-balance")
def trial_balance() -> list[web.Row]:
    with pool.connection() as connection:
        return connection.execute("""
            SELECT currency, sum(balance)::bigint AS accounts, coalesce(sum(moved), 0)::bigint AS entries
            FROM accounts
            LEFT JOIN (SELECT account_id, sum(amount) AS moved FROM entries GROUP BY account_id) AS moves
              ON moves.account_id = accounts.id
            GROUP BY currency
            ORDER BY currency
        """).fetchall()


if __name__ == "__main__":
    logging.basicConfig(level=level.upper())
    web.serve(app, port)
