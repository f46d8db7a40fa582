"""A deadline for what is awaited often and hardly ever late: one timer for all, instead of one for each."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Awaited = TypeVar("Awaited")


class Patience:
    """Awaits with a deadline, kept to within a tenth of it. Raises TimeoutError. Of one event loop at a time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._waiting: dict[asyncio.Task[object], float] = {}
        self._late: set[asyncio.Task[object]] = set()
        self._watching: asyncio.AbstractEventLoop | None = None

    async def __call__(self, awaited: Awaitable[Awaited]) -> Awaited:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is None:
            return await awaited
        if self._watching is not loop:
            self._watching = loop
            loop.call_later(self.seconds / 10, self._look, loop)
        self._waiting[task] = loop.time() + self.seconds
        try:
            return await awaited
        except asyncio.CancelledError:
            if task in self._late and not task.uncancel():
                raise TimeoutError from None
            raise
        finally:
            del self._waiting[task]
            self._late.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task, deadline in list(self._waiting.items()):
            if deadline <= now and task not in self._late:
                self._late.add(task)
                task.cancel()
        if self._waiting:
            loop.call_later(self.seconds / 10, self._look, loop)
        else:
            self._watching = None
