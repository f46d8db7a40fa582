"""What `read_ddl` understands of DDL is what PostgreSQL makes of it."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.ddl import read_ddl
from asbuilt.postgres.introspect import introspect
from asbuilt.postgres.login import Login
from asbuilt.postgres.meaning import differences
from asbuilt.postgres.scratch import scratch
from asbuilt.source import Fragment

SPELLINGS = (Path(__file__).parent / "spellings.sql").read_text(encoding="utf-8").split("\n--\n")


def fragment(text: str) -> Fragment:
    return Fragment(text, tuple(at for at in range(len(text) + 1) if at == 0 or text[at - 1] == "\n"))


async def _made(connection: "asyncpg.Connection[asyncpg.Record]", sql: str) -> Catalog | str:
    await connection.execute("DROP SCHEMA IF EXISTS public, billing, s CASCADE; CREATE SCHEMA public")
    try:
        await connection.execute(sql)
    except asyncpg.PostgresError as error:
        return str(error)
    return await introspect(connection)


async def _all(login: Login) -> dict[str, Catalog | str]:
    connection = await asyncpg.connect(**login.arguments())
    try:
        return {sql: await _made(connection, sql) for sql in SPELLINGS}
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def made(kept_state: Path) -> dict[str, Catalog | str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(kept_state))
        with scratch() as login:
            return asyncio.run(_all(login))


@pytest.mark.parametrize("sql", SPELLINGS, ids=range(1, len(SPELLINGS) + 1))
def test_read_as_made(made: dict[str, Catalog | str], sql: str) -> None:
    live = made[sql]
    assert isinstance(live, Catalog), live
    catalog, faults = read_ddl([fragment(sql)])
    assert faults == ()
    assert list(differences(catalog, live)) == []
