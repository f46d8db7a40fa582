"""Several statements that take effect together, done again when they collide with others."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from asbuilt.component import Operation
from asbuilt.postgres.driver import Database, Runs
from asbuilt.postgres.errors import RETRIED, StatementFailed
from asbuilt.postgres.transaction import Isolation, Transaction

Made = TypeVar("Made")

ATTEMPTS = 10
_PAUSE = 0.004  # seconds before the second attempt; it doubles, up to 0.25, and a random part of it is waited
_LONGEST_PAUSE = 0.25


@dataclass(frozen=True, slots=True)
class Mode:
    """How an operation's statements hang together: in one transaction, or (`isolation` None) each by itself."""

    isolation: Isolation | None
    read_only: bool = False


ALONE = Mode(None)
_BY_NAME: dict[str, Mode] = {
    "none": ALONE,
    "read only": Mode("serializable", read_only=True),
    "read committed": Mode("read committed"),
    "repeatable read": Mode("repeatable read"),
    "serializable": Mode("serializable"),
}


def mode_of(operation: Operation, *, several: bool) -> Mode:
    """What the document says, else: one statement is its own transaction, several are one, serializable."""
    clause = operation.endpoint.clause("transaction")
    if clause is not None:
        return _BY_NAME.get(" ".join(clause.text.lower().split()), Mode("serializable"))
    return Mode("serializable") if several else ALONE


async def together(database: Database, mode: Mode, work: Callable[[Runs], Awaitable[Made]]) -> Made:
    """Do the work, and again where it collided with another's. Raises `StatementFailed` when it never came through."""
    for attempt in range(ATTEMPTS):
        try:
            return await _once(database, mode, work)
        except StatementFailed as failed:
            if failed.condition.kind not in RETRIED or attempt == ATTEMPTS - 1:
                raise
        await asyncio.sleep(min(_PAUSE * 2**attempt, _LONGEST_PAUSE) * random.uniform(0.5, 1))  # noqa: S311 - no secret
    raise AssertionError


async def _once(database: Database, mode: Mode, work: Callable[[Runs], Awaitable[Made]]) -> Made:
    if mode.isolation is None:
        return await work(database)
    transaction = Transaction(database, mode.isolation, read_only=mode.read_only)
    try:
        made = await work(transaction)
    except BaseException:
        await transaction.abandon()
        raise
    await transaction.commit()
    return made
