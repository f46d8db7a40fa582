"""How many of one operation's transactions run at once: all that want to, until they collide.

Transactions that fight over the same rows finish soonest one after another; those that do not, at once. Which of
the two it is, only the database knows: each collision halves the number that may run together, each success
adds a little, as TCP finds the width of a line (RFC 5681). One always may.
"""

import asyncio
from collections import deque

_MORE = 0.03  # of a transaction, for each that came through
_PATIENCE = 10.0  # seconds in line


class Turnstile:
    """Admits transactions. Of one event loop."""

    def __init__(self, most: int) -> None:
        self._most = self._limit = float(most)
        self._inside = 0
        self._line: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Return when it is the caller's turn; then `leave` must be called. Raises TimeoutError."""
        if self._inside < int(self._limit) and not self._line:
            self._inside += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout(_PATIENCE):
                await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self, *, collided: bool = False) -> None:
        self._inside -= 1
        self._limit = max(1.0, self._limit / 2) if collided else min(self._most, self._limit + _MORE)
        while self._line and self._inside < int(self._limit):
            turn = self._line.popleft()
            if not turn.done():
                self._inside += 1
                turn.set_result(None)
