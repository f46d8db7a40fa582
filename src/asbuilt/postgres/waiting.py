"""Waiting for work on an event loop, in a program that a signal may end at any moment."""

import asyncio
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")


def to_end(work: Coroutine[Any, Any, Result]) -> Result:
    """What the work gives, as `asyncio.run`; but a signal never finds a loop that is half made or half closed.

    An exception that a signal's handler raises there would leave a traceback of the interpreter behind.
    """
    runner = asyncio.Runner()
    try:
        with _undisturbed():
            runner.get_loop()
        return runner.run(work)
    finally:
        with _undisturbed():
            runner.close()
            work.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals that come meanwhile are dealt with at the end. Only the main thread deals with any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    usual = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in usual:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
        for arrived in came:
            signal.raise_signal(arrived)
