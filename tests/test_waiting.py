"""Work on an event loop that a signal interrupts."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from asbuilt.postgres import waiting


@pytest.fixture(autouse=True)
def _heeded() -> Iterator[None]:
    """SIGINT interrupts, also where the tests run in the background of a shell, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


async def seven() -> int:
    await asyncio.sleep(0)
    return 7


def test_work_is_done() -> None:
    assert waiting.to_end(seven()) == 7


def test_work_is_done_in_any_thread() -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(waiting.to_end(seven())))
    thread.start()
    thread.join()
    assert found == [7]


def test_a_signal_waits_until_the_loop_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    loops: list[asyncio.AbstractEventLoop] = []
    make = asyncio.new_event_loop

    def interrupted(*arguments: Any) -> asyncio.AbstractEventLoop:
        signal.raise_signal(signal.SIGINT)
        loops.append(make(*arguments))
        return loops[0]

    monkeypatch.setattr(asyncio.events, "new_event_loop", interrupted)
    with pytest.raises(KeyboardInterrupt):
        waiting.to_end(seven())
    assert [loop.is_closed() for loop in loops] == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_in_the_midst_ends_the_work() -> None:
    async def endless() -> None:
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
        await asyncio.sleep(60)

    with pytest.raises(KeyboardInterrupt):
        waiting.to_end(endless())
