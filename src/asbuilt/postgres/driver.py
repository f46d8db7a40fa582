"""Connections that are held: opened once, set up once, their statements prepared once.

A statement costs one round trip: nothing is reset between two uses. Whoever finds no connection free waits in
line, for a bounded time and in a bounded line. A statement whose caller goes away is cancelled on the server,
and its connection rests until the server has said so; nobody else notices. A connection that breaks is replaced
in the background, with growing pauses while there is no server.
"""

import asyncio
import contextlib
import json
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

import asyncpg
import msgspec

from asbuilt.postgres.connecting import why_not
from asbuilt.postgres.errors import Condition, StatementFailed, condition
from asbuilt.postgres.json_sql import SESSION_SETTINGS
from asbuilt.postgres.login import DatabaseUrl, Login
from asbuilt.values import frozen

ToJson: TypeAlias = Callable[[object], str]

_LIMITS: Mapping[str, str] = {
    "application_name": "asbuilt",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
}
_NO_ANSWER = 40.0  # seconds; the server ends a statement before that, unless it is out of reach
_CONNECT_WITHIN = 5.0
_REST_WITHIN = 5.0
_PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)
_SWEEP = 0.05
_STATEMENTS = 500  # prepared at most on one connection; the oldest makes room


class Row(Protocol):
    """A row: its values by index, the names of its columns."""

    def __getitem__(self, index: int, /) -> object: ...

    def __iter__(self) -> Iterator[object]: ...

    def keys(self) -> Iterable[str]: ...


class Result(msgspec.Struct, frozen=True):
    """What a statement gave: its rows, and PostgreSQL's word on what it did (`UPDATE 3`)."""

    rows: Sequence[Row]
    status: str

    @property
    def count(self) -> int:
        """How many rows were given or written."""
        number = self.status.rpartition(" ")[2]
        return int(number) if number.isdigit() else 0


class Runs(Protocol):
    """What statements run on: the database, each alone, or a transaction."""

    async def run(self, sql: str, values: Sequence[object], /) -> Result:
        """Raises `StatementFailed`."""
        ...


@frozen
class Size:
    """How many connections, how long the line for them may be, and how many seconds one waits in it."""

    connections: int = 16
    line: int = 1000
    patience: float = 2.0


class Connection:
    """One held connection, and the statements prepared on it."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self._statements: dict[str, Any] = {}

    @property
    def closed(self) -> bool:
        return bool(self.inner.is_closed())

    async def run(self, sql: str, values: Sequence[object]) -> Result:
        """Raises what the driver raises."""
        statement = self._statements.get(sql) or await self._prepared(sql)
        rows = await statement.fetch(*values)
        return Result(rows, statement.get_statusmsg())

    async def command(self, sql: str) -> str:
        """Run a command without parameters; PostgreSQL's word on what it did."""
        return str(await self.inner.execute(sql))

    def forget(self) -> None:
        """Prepare all statements anew: tables have changed under them."""
        self._statements.clear()

    async def rested(self) -> bool:
        """Whether the connection is fit for use again, once what was cancelled on it has ended."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_REST_WITHIN):
                with contextlib.suppress(asyncpg.PostgresError):
                    await self.inner.fetchval("SELECT 1")
                if self.inner.is_in_transaction():
                    await self.inner.execute("ROLLBACK")
                return not self.closed
        return False

    async def _prepared(self, sql: str) -> Any:
        statement = await self.inner.prepare(sql)
        self._statements[sql] = statement
        if len(self._statements) > _STATEMENTS:
            del self._statements[next(iter(self._statements))]
        return statement


class Database:
    """The held connections of one process. Opened, used and closed on one event loop."""

    def __init__(self, login: Login | DatabaseUrl, to_json: ToJson, size: Size | None = None) -> None:
        self._login = login
        self._to_json = to_json
        self._size = size or Size()
        self._held: set[Connection] = set()
        self._free: list[Connection] = []
        self._line: deque[tuple[float, asyncio.Future[Connection]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._filling = False
        self._closing = False
        self._down: Condition | None = None

    async def open(self, *, patient: bool = False) -> None:
        """Open the first connection, and the others in the background.

        Raises `DatabaseUnavailable`, unless `patient`: then statements fail until the server is back.
        """
        try:
            self._give_back(await self._connected())
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
            if not patient:
                raise why_not(error, self._login) from error
            self._down = condition(error)
        self._refill()

    async def close(self, grace: float = 5.0) -> None:
        """Leave the server. Statements that run have `grace` seconds to end."""
        self._closing = True
        self._refuse_line(Condition("unavailable", message="the service is shutting down"))
        deadline = asyncio.get_running_loop().time() + grace
        while len(self._free) < len(self._held) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        held, self._held, self._free = list(self._held), set(), []
        await asyncio.gather(*(one.inner.close(timeout=1) for one in held), return_exceptions=True)

    async def run(self, sql: str, values: Sequence[object]) -> Result:
        """Run one statement as its own transaction. Raises `StatementFailed`."""
        while True:
            connection = self._free.pop() if self._free else await self._next()
            try:
                result = await connection.run(sql, values)
            except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError):
                # The statement did not run: its plan was made for tables that have changed since.
                connection.forget()
                self._give_back(connection)
                continue
            except BaseException as error:
                self._put_aside(connection, error)
                raise _failed(error) from None
            self._give_back(connection)
            return result

    async def acquire(self) -> Connection:
        """A connection for a transaction; it must be given to `release` or `set_aside`. Raises `StatementFailed`."""
        return self._free.pop() if self._free else await self._next()

    def release(self, connection: Connection) -> None:
        """Take back a connection on which nothing runs and no transaction is open."""
        self._give_back(connection)

    def rest(self, connection: Connection) -> None:
        """Take back a connection on which something may still run or be open."""
        if connection.closed:
            self._lose(connection)
        else:
            self._spawn(self._resting(connection))

    async def answers(self, within: float) -> bool:
        """Whether the server answers in time."""
        try:
            async with asyncio.timeout(within):
                await self.run("SELECT 1", ())
        except (StatementFailed, TimeoutError):
            return False
        return True

    @property
    def size(self) -> Size:
        return self._size

    @property
    def busy(self) -> int:
        """Connections in use."""
        return len(self._held) - len(self._free)

    @property
    def waiting(self) -> int:
        """Callers in line."""
        return len(self._line)

    async def _next(self) -> Connection:
        """The next connection that becomes free. Raises `StatementFailed` when the line is too long or too slow."""
        if self._closing or (self._down is not None and not self._held):
            raise StatementFailed(self._down or Condition("unavailable", message="the database is closed"))
        if len(self._line) >= self._size.line:
            raise StatementFailed(Condition("unavailable", message="too many callers wait for a connection"))
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Connection] = loop.create_future()
        if not self._line:
            loop.call_later(_SWEEP, self._sweep)
        self._line.append((loop.time() + self._size.patience, turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._give_back(turn.result())
            raise

    def _sweep(self) -> None:
        """Send home who has waited too long; the line is in order of arrival."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._line and (self._line[0][0] <= now or self._line[0][1].done()):
            _, turn = self._line.popleft()
            if not turn.done():
                turn.set_exception(StatementFailed(Condition("unavailable", message="no connection became free")))
        if self._line:
            loop.call_later(_SWEEP, self._sweep)

    def _give_back(self, connection: Connection) -> None:
        if connection.closed and not self._closing:
            self._lose(connection)
            return
        while self._line:
            _, turn = self._line.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        self._free.append(connection)

    def _put_aside(self, connection: Connection, error: BaseException) -> None:
        """After a failure: what PostgreSQL refused leaves the connection fit; anything else makes it rest."""
        if isinstance(error, asyncpg.PostgresError) or "query argument" in str(error):
            self._give_back(connection)
        else:
            self.rest(connection)

    def _lose(self, connection: Connection) -> None:
        self._held.discard(connection)
        with contextlib.suppress(ValueError):
            self._free.remove(connection)
        self._refill()

    async def _resting(self, connection: Connection) -> None:
        if await connection.rested():
            self._give_back(connection)
        else:
            connection.inner.terminate()
            self._lose(connection)

    def _refill(self) -> None:
        if not self._filling and not self._closing and len(self._held) < self._size.connections:
            self._filling = True
            self._spawn(self._fill())

    async def _fill(self) -> None:
        failures = 0
        try:
            while len(self._held) < self._size.connections and not self._closing:
                try:
                    connection = await self._connected()
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                    self._down = condition(error)
                    if not self._held:
                        self._refuse_line(self._down)
                    pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
                    failures += 1
                    await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - so that workers do not march in step
                else:
                    self._down, failures = None, 0
                    self._give_back(connection)
        finally:
            self._filling = False

    def _refuse_line(self, why: Condition) -> None:
        while self._line:
            _, turn = self._line.popleft()
            if not turn.done():
                turn.set_exception(StatementFailed(why))

    async def _connected(self) -> Connection:
        inner = await asyncpg.connect(
            **self._login.arguments(),
            server_settings={**_LIMITS, **SESSION_SETTINGS},
            timeout=_CONNECT_WITHIN,
            command_timeout=_NO_ANSWER,
        )
        for name in ("json", "jsonb"):
            await inner.set_type_codec(
                name, schema="pg_catalog", encoder=self._to_json, decoder=_from_json, format="text"
            )
        connection = Connection(inner)
        self._held.add(connection)
        inner.add_termination_listener(lambda _: self._lose(connection))
        return connection

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _from_json(text: str) -> object:
    """A value of a JSON column. PostgreSQL keeps numbers of any length; the longest are decimals here."""
    try:
        value: object = msgspec.json.decode(text)
    except msgspec.ValidationError:
        value = json.loads(text, parse_int=Decimal, parse_float=Decimal)
    return value


def _failed(error: BaseException) -> BaseException:
    """What a caller is told: the condition, unless it is the caller itself who goes away."""
    if isinstance(error, asyncio.CancelledError | KeyboardInterrupt | SystemExit | GeneratorExit):
        return error
    return StatementFailed(condition(error))
