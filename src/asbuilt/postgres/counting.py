"""How many statements a server ran for a database, how many rows they gave, and how many pages they touched.

Figures of `pg_stat_statements`, which are exact and there at once; the statistics of tables come up to ten seconds
late. The server must load the module at its start. https://www.postgresql.org/docs/18/pgstatstatements.html
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Self

import asyncpg

from asbuilt.postgres.connecting import why_not
from asbuilt.postgres.grammar import Refused, parse, walk
from asbuilt.postgres.inventory import Connection
from asbuilt.postgres.login import DatabaseUrl
from asbuilt.postgres.spelling import identifier
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.values import frozen

MODULE = "pg_stat_statements"
_WHERE = "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1"
_READ = """
SELECT queryid, userid::int8 AS who, query, calls, rows, shared_blks_hit + shared_blks_read AS pages
FROM {schema}.pg_stat_statements(true) WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_WRITES = {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt", "CallStmt"}
_QUERIES = _WRITES | {"SelectStmt"}
_HIDDEN = "<insufficient privilege>"
_SYSTEM = ("pg_", "information_schema")
# What drivers ask on a new connection, or to see whether one is alive.
_SESSION = {"version", "current_schema", "current_setting", "set_config", "pg_backend_pid", "pg_is_in_recovery"}
_SETTINGS = {"application_name": "asbuilt verify", "statement_timeout": "10s", "default_transaction_read_only": "on"}


@frozen
class Counted:
    """What ran between two moments: each statement as PostgreSQL generalises it, with how often it ran.

    `hidden` is how often something ran whose text the login may not see.
    """

    statements: Mapping[str, int]
    rows: int
    pages: int
    hidden: int = 0

    @property
    def total(self) -> int:
        return sum(self.statements.values())


class Counter:
    """Reads the figures of one database over a connection of its own; a context manager.

    Raises `DatabaseUnavailable` on entering, where the server does not count or does not tell.
    """

    def __init__(self, url: str, *, disposable: bool = False) -> None:
        self._login = DatabaseUrl(url)
        self._disposable = disposable
        self._runner = asyncio.Runner()
        self._connection: Connection | None = None
        self._query = ""
        self._last: dict[tuple[int, int], tuple[str, int, int, int]] = {}

    def __enter__(self) -> Self:
        try:
            self._runner.run(self._open())
        except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self.close()
            raise why_not(error, self._login) from None
        except DatabaseUnavailable:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                self._runner.run(self._connection.close(timeout=2))
        self._runner.close()

    def begin(self) -> None:
        """What ran until now counts no more."""
        self._last = self._runner.run(self._read())

    def counted(self) -> Counted:
        """What ran since `begin` that reached rows: no transaction control, settings, or looks at the catalogue."""
        now = self._runner.run(self._read())
        statements: dict[str, int] = {}
        rows = pages = hidden = 0
        for key, (text, calls, given, touched) in now.items():
            _, calls_before, given_before, touched_before = self._last.get(key, ("", 0, 0, 0))
            if text.startswith(_HIDDEN):
                hidden += calls - calls_before
            elif calls > calls_before and reaches_rows(text):
                statements[text] = statements.get(text, 0) + calls - calls_before
                rows += given - given_before
                pages += touched - touched_before
        self._last = now
        return Counted(statements, rows, pages, hidden)

    async def _open(self) -> None:
        connection = await asyncpg.connect(**self._login.arguments(), server_settings=_SETTINGS, timeout=10)
        self._connection = connection
        schema = await connection.fetchval(_WHERE, MODULE)
        if schema is None and self._disposable:
            schema = await _installed(connection)
        if schema is None:
            raise DatabaseUnavailable(
                "the target's database does not count statements",
                f"add `{MODULE}` to `shared_preload_libraries` and `CREATE EXTENSION {MODULE}` in the database",
            )
        self._query = _READ.format(schema=identifier(schema))
        self._last = await self._read()

    async def _read(self) -> dict[tuple[int, int], tuple[str, int, int, int]]:
        found: dict[tuple[int, int], tuple[str, int, int, int]] = {}
        for row in await self._connection.fetch(self._query) if self._connection else ():
            key = (row["queryid"] or 0, row["who"])
            _, calls, rows, pages = found.get(key, ("", 0, 0, 0))
            found[key] = (row["query"] or "", calls + row["calls"], rows + row["rows"], pages + row["pages"])
        return found


async def _installed(connection: Connection) -> str | None:
    """Creates the extension where the server has loaded the module and the login may; the schema it is in."""
    try:
        async with connection.transaction():
            await connection.execute("SET TRANSACTION READ WRITE")
            await connection.execute(f"CREATE EXTENSION {MODULE}")
    except asyncpg.PostgresError:
        return None
    found: str | None = await connection.fetchval(_WHERE, MODULE)
    return found


@lru_cache(maxsize=1000)
def reaches_rows(text: str) -> bool:
    """Whether a statement is one that a document counts; one that PostgreSQL's grammar does not know is."""
    try:
        tree = parse(text.rstrip("; \n"))
    except Refused:
        return True
    if tree is None or tree.kind not in _QUERIES:
        return False
    found = list(walk({tree.kind: tree.node}))
    if not _WRITES.isdisjoint(kind for kind, _ in found):
        return True
    local = {node["ctename"] for kind, node in found if kind == "CommonTableExpr"}
    named = [str(node.get("schemaname") or node["relname"]) for kind, node in found if kind == "RangeVar"]
    if named:
        return any(name not in local and not name.startswith(_SYSTEM) for name in named)
    called = {node["funcname"][-1]["String"]["sval"] for kind, node in found if kind == "FuncCall"}
    return any(name not in _SESSION and not name.startswith("pg_") for name in called)
