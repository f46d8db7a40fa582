"""Several statements that take effect together, done again when they collide with others."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from asbuilt.component import Operation
from asbuilt.postgres.driver import Database, Runs
from asbuilt.postgres.errors import COLLISIONS, Condition, StatementFailed
from asbuilt.postgres.transaction import Isolation, Transaction
from asbuilt.runtime.turnstile import Turnstile
from asbuilt.values import frozen

Made = TypeVar("Made")

ATTEMPTS = 12
_PAUSE = 0.002  # seconds; it doubles with each attempt, and a random part of it is waited
_LONGEST_PAUSE = 0.2


@frozen
class Mode:
    """How an operation's statements hang together: in one transaction, or (`isolation` None) each by itself."""

    isolation: Isolation | None
    read_only: bool = False


ALONE = Mode(None)
SERIALIZABLE = Mode("serializable")
_BY_NAME: dict[str, Mode] = {
    "none": ALONE,
    "read only": Mode("serializable", read_only=True),
    "read committed": Mode("read committed"),
    "repeatable read": Mode("repeatable read"),
    "serializable": SERIALIZABLE,
}


def mode_of(operation: Operation, *, several: bool) -> Mode:
    """What the document says, else: one statement is its own transaction, several are one, serializable."""
    clause = operation.endpoint.clause("transaction")
    if clause is not None:
        return _BY_NAME.get(" ".join(clause.text.lower().split()), SERIALIZABLE)
    return SERIALIZABLE if several else ALONE


class Together:
    """What runs the work of one operation in transactions, and again where it collided with another's."""

    def __init__(self, database: Database, mode: Mode) -> None:
        self._database = database
        self._mode = mode
        self._turnstile = Turnstile(database.size.connections)

    async def __call__(self, work: Callable[[Runs], Awaitable[Made]]) -> Made:
        """Raises `StatementFailed` when it never came through, and what the work raises."""
        isolation = self._mode.isolation
        if isolation is None:
            return await work(self._database)
        for attempt in range(1, ATTEMPTS + 1):
            await self._enter()
            collided = False
            try:
                return await self._once(isolation, work)
            except StatementFailed as failed:
                collided = failed.condition.kind in COLLISIONS
                if not collided or attempt == ATTEMPTS:
                    raise
            finally:
                self._turnstile.leave(collided=collided)
            if attempt > 1:  # then it was somebody of another process
                await asyncio.sleep(min(_PAUSE * 2**attempt, _LONGEST_PAUSE) * random.random())  # noqa: S311 - no secret
        raise AssertionError

    async def _enter(self) -> None:
        try:
            await self._turnstile.enter()
        except TimeoutError:
            raise StatementFailed(Condition("serialization", message="too many collide")) from None

    async def _once(self, isolation: Isolation, work: Callable[[Runs], Awaitable[Made]]) -> Made:
        transaction = Transaction(self._database, isolation, read_only=self._mode.read_only)
        try:
            made = await work(transaction)
        except BaseException:
            await transaction.abandon()
            raise
        await transaction.commit()
        return made
