"""The engine, a session per request, and the schema at the start."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from shared.problems import NotFound

KEPT = {"read": True, "key_share": True}  # FOR KEY SHARE
MIGRATIONS = Path(__file__).parents[2] / "migrations"


def connect(url: str) -> AsyncEngine:
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"), pool_size=10, max_overflow=10, pool_timeout=10
    )


async def migrate(engine: AsyncEngine, name: str, table: str) -> None:
    """Create the schema of `name` where its `table` is missing; several instances may start at once."""
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('migrations'))"))
        if await connection.scalar(text("SELECT to_regclass(:table)"), {"table": table}) is None:
            script = (MIGRATIONS / name / "0001_initial.sql").read_text()
            driver = await connection.get_raw_connection()
            await driver.driver_connection.execute(script)


async def session(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction: committed before the answer is sent, rolled back when the request fails."""
    async with AsyncSession(request.app.state.engine, expire_on_commit=False) as opened, opened.begin():
        yield opened


Session = Annotated[AsyncSession, Depends(session, scope="function")]
Row = TypeVar("Row")


async def found(session: AsyncSession, model: type[Row], key: UUID, lock: Any = None) -> Row:
    """The row of that key; locked for a change with `lock=True`, against deletion with `lock=KEPT`."""
    row = await session.get(model, key, with_for_update=lock)
    if row is None:
        raise NotFound
    return row
