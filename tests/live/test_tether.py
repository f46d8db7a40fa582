"""A way to a database that is cut and mended, over a unix socket and over TCP."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from asbuilt.postgres.direct import fetch
from asbuilt.postgres.login import DatabaseUrl
from asbuilt.postgres.tether import Tether
from asbuilt.postgres.trial import TrialDatabase, trial_database
from asbuilt.postgres.unavailable import DatabaseUnavailable


@pytest.fixture(scope="module")
def database(kept_state: Path) -> Iterator[TrialDatabase]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(kept_state))
        with trial_database() as found:
            yield found


def answer(url: str) -> object:
    return fetch(DatabaseUrl(url), "SELECT 1")[0][0]


def test_it_leads_to_the_database_unless_it_is_cut(database: TrialDatabase) -> None:
    with Tether(database.url) as tether:
        assert answer(tether.url) == 1
        tether.cut()
        with pytest.raises(OSError, match=r"."):
            answer(tether.url)
        tether.mend()
        assert answer(tether.url) == 1
        url = tether.url
    with pytest.raises(OSError, match=r"."):
        answer(url)


def test_what_is_open_breaks(database: TrialDatabase) -> None:
    async def lost(tether: Tether) -> None:
        connection = await asyncpg.connect(tether.url)
        assert await connection.fetchval("SELECT 1") == 1
        await asyncio.to_thread(tether.cut)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await connection.fetchval("SELECT 1")

    with Tether(database.url) as tether:
        asyncio.run(lost(tether))


def test_tcp_stays_tcp() -> None:
    async def said(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        got = await reader.read()
        writer.close()
        return got

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async def tried() -> None:
        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with Tether(f"postgresql://a%40b:p@127.0.0.1:{port}/name?sslmode=prefer") as tether:
                before, _, after = tether.url.partition("127.0.0.1:")
                assert before == "postgresql://a%40b:p@"
                assert after.endswith("/name?sslmode=prefer")
                there = int(after.partition("/")[0])
                assert await said(there) == b"hello"
                await asyncio.to_thread(tether.cut)
                with pytest.raises(ConnectionRefusedError):
                    await said(there)
                await asyncio.to_thread(tether.mend)
                assert tether.url.startswith(f"postgresql://a%40b:p@127.0.0.1:{there}/")
                assert await said(there) == b"hello"

    asyncio.run(tried())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://a@one,two/name",
        "postgresql:///name?hostaddr=127.0.0.1&host=x",
        "postgresql:///name?service=x",
        "postgresql://a@h:x/name",
        "postgresql://a@h/name?sslmode=verify-full",
    ],
)
def test_what_names_no_one_place_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUnavailable):
        Tether(url)
