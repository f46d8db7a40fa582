"""One PostgreSQL for everything that is measured: private, on a unix socket, gone afterwards."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from cores import pinned

from asbuilt.postgres.account import server_account
from asbuilt.postgres.providers import Search, find

# Durability is PostgreSQL's default. What is changed keeps housekeeping from falling into one round and not another.
SETTINGS = {
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "max_connections": "200",
    "max_wal_size": "8GB",
    "shared_buffers": "256MB",
}
ENCODING = ("--encoding=UTF8", "--locale=C")
OWNER = "shop"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server. `url` logs in as the owner of the tables, who is no superuser."""

    programs: Path
    folder: Path

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}@/{OWNER}?host={self.folder}"

    def execute(self, *statements: str) -> None:
        """Each statement on its own, as the owner."""
        asyncio.run(_execute(self.url, statements))

    def version(self) -> str:
        return asyncio.run(_value(self.url, "SHOW server_version"))


@contextmanager
def running(cores: frozenset[int]) -> Iterator[Cluster]:
    """A new, empty cluster on `cores`, stopped and deleted on leaving."""
    # A socket's path may have 107 bytes, so its folder is not below that of the project.
    folder = Path(tempfile.mkdtemp(prefix="asbuilt-bench-"))
    data = folder / "data"
    try:
        # PostgreSQL refuses to run as root; then another account gets the folder.
        account = server_account(data)
        os.chown(folder, account.uid, account.gid)
        programs = find(Search(account, folder / "binaries")).folder
        made = account.run([f"{programs}/initdb", "-D", str(data), "-U", "postgres", "-A", "trust", *ENCODING])
        if made.returncode != 0:
            raise SystemExit(f"`initdb` failed:\n{made.stdout}")
        settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        command = [f"{programs}/postgres", "-D", str(data), "-k", str(folder), "-clisten_addresses=", *settings]
        with pinned(cores), Path(os.devnull).open("rb") as nothing, (folder / "log").open("wb") as log:
            process = account.spawn(command, lifeline=nothing.fileno(), log=log)
        try:
            _create_database(folder, process)
            yield Cluster(programs, folder)
        finally:
            # PostgreSQL's fast shutdown: it does not wait for clients to leave.
            process.send_signal(signal.SIGINT)
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _create_database(folder: Path, process: subprocess.Popen[bytes]) -> None:
    url = f"postgresql://postgres@/postgres?host={folder}"
    deadline = time.monotonic() + 30
    while True:
        try:
            asyncio.run(_execute(url, [f"CREATE ROLE {OWNER} LOGIN", f"CREATE DATABASE {OWNER} OWNER {OWNER}"]))
        except (OSError, asyncpg.CannotConnectNowError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}") from None
            time.sleep(0.05)
        else:
            return


async def _execute(url: str, statements: tuple[str, ...] | list[str]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _value(url: str, statement: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval(statement))
    finally:
        await connection.close()
