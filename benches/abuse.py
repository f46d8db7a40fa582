"""Clients that go away in every bad moment, beside clients that behave: the latter must not notice.

Rude clients hang up in the middle of a request, before, in and after its answer, while `wrk` puts on load and is
killed again and again. Polite clients check each of their answers. In the end every connection to the database must
still be of use.
"""

import argparse
import asyncio
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import cluster
import load
import servers
import shop
from cores import allot

POLITE, RUDE = 8, 16
SLOWEST = 5.0  # seconds
EVERYBODY = 64


@dataclass(slots=True)
class Experience:
    """What the polite clients met with."""

    answers: int = 0
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)


def main() -> int:
    names = [server.name for server in servers.SERVERS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", choices=names, default=names[0], help="whom to abuse (asbuilt)")
    parser.add_argument("--seconds", type=int, default=10, help="for how long (10)")
    arguments = parser.parse_args()
    server = servers.SERVERS[names.index(arguments.server)]
    cores = allot()
    with tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as name, cluster.running(cores.postgres) as postgres:
        folder = Path(name)
        shop.fill(postgres)
        requests = shop.write_requests(folder)
        with servers.running(server, postgres.url, cores.server, folder) as running:
            experience, remains = asyncio.run(abuse(running.port, postgres.url, requests["b"], arguments.seconds))
    print(f"{experience.answers:,} answers to polite clients, the slowest after {experience.slowest:.2f} s")
    faults = [*experience.failures[:10], *remains]
    if experience.slowest > SLOWEST:
        faults.append(f"the slowest answer came after more than {SLOWEST} s")
    print("\n".join(faults) or "nobody was harmed")
    return 1 if faults or not experience.answers else 0


async def abuse(port: int, database: str, requests: Path, seconds: int) -> tuple[Experience, list[str]]:
    """Everybody at once for so long; then what the polite ones met with, and what is left broken."""
    experience = Experience()
    end = time.monotonic() + seconds
    await asyncio.gather(
        *(be_polite(port, end, experience, number) for number in range(POLITE)),
        *(be_rude(port, end, number) for number in range(RUDE)),
        kill_load(port, requests, end),
    )
    return experience, await what_remains(port, database)


async def be_polite(port: int, end: float, experience: Experience, number: int) -> None:
    """Reads orders one after the other on one connection, at least one, and checks each."""
    chosen = random.Random(number)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while True:
        key = shop.order_id(chosen.randint(1, shop.ORDERS))
        path = chosen.choice((f"/orders/{key}", f"/receipts/{key}"))
        started = time.monotonic()
        try:
            async with asyncio.timeout(SLOWEST * 2):
                writer.write(_get(path))
                status, body = await read_answer(reader)
            if status != 200 or json.loads(body)["id"] != str(key):
                experience.failures.append(f"GET {path}: {status} {body[:200]!r}")
            experience.answers += 1
        except (OSError, EOFError, ValueError) as error:
            experience.failures.append(f"GET {path}: {type(error).__name__} {error}")
            writer.transport.abort()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        experience.slowest = max(experience.slowest, time.monotonic() - started)
        if time.monotonic() >= end:
            break
    writer.close()


async def be_rude(port: int, end: float, number: int) -> None:
    """Asks, and hangs up at a moment of bad manners."""
    chosen = random.Random(number)
    while time.monotonic() < end:
        request, awaited = chosen.choice(MISDEEDS)(chosen)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            if awaited:
                async with asyncio.timeout(1):
                    await reader.readexactly(awaited)
            else:
                await asyncio.sleep(chosen.uniform(0, 0.01))
            writer.transport.abort()
        except (OSError, EOFError):
            await asyncio.sleep(0.01)


async def kill_load(port: int, requests: Path, end: float) -> None:
    """Lets `wrk` run for half a second and kills it, over and over; does nothing where it is not installed."""
    if shutil.which("wrk") is None:
        print("`wrk` is not installed, so no load is killed")
        return
    while time.monotonic() < end:
        process = subprocess.Popen(load.command(port, requests, 60), stdout=subprocess.DEVNULL)
        await asyncio.sleep(0.5)
        process.kill()
        process.wait()


async def what_remains(port: int, database: str) -> list[str]:
    """Faults that outlast the abuse: answers that do not come, transactions that nobody ends."""
    experience = Experience()
    await asyncio.gather(*(be_polite(port, time.monotonic(), experience, number) for number in range(EVERYBODY)))
    faults = [f"afterwards: {failure}" for failure in experience.failures[:3]]
    if experience.answers < EVERYBODY:
        faults.append(f"afterwards only {experience.answers} of {EVERYBODY} clients got an answer")
    connection = await asyncpg.connect(database)
    stuck = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' OR"
        " (state = 'active' AND pid <> pg_backend_pid())"
    )
    await connection.close()
    return [*faults, *([f"{stuck} sessions of the database are still at work"] if stuck else [])]


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body. Raises EOFError when the connection ends before."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *fields = head.split("\r\n")
    lengths = [value for name, _, value in (one.partition(":") for one in fields) if name.lower() == "content-length"]
    return int(status.split()[1]), await reader.readexactly(int(lengths[0]))


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: shop\r\n\r\n".encode()


def _page(chosen: random.Random) -> bytes:
    return _get(f"/orders?customer={shop.customer_id(chosen.randrange(shop.CUSTOMERS))}&limit=100")


def _body(chosen: random.Random) -> bytes:
    return json.dumps(shop.new_order(chosen.randrange(10_000))).encode()


def _post(body: bytes, length: int) -> bytes:
    head = "POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {length}\r\n\r\n".encode() + body


# Each gives what is sent, and how many bytes of the answer are awaited before hanging up.
MISDEEDS: tuple[Callable[[random.Random], tuple[bytes, int]], ...] = (
    lambda chosen: (_page(chosen), 0),
    lambda chosen: (_page(chosen), 1),
    lambda chosen: (_page(chosen), 1000),
    lambda chosen: (_page(chosen)[: chosen.randrange(1, 40)], 0),
    lambda chosen: (_page(chosen) * 20, 1),
    lambda chosen: (_post(body := _body(chosen), len(body)), 0),
    lambda chosen: (_post(_body(chosen)[:20], 150), 0),
)


if __name__ == "__main__":
    sys.exit(main())
