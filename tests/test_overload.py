"""What happens when more is asked than can be done, or a client never finishes asking."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from asbuilt.frontend import load
from asbuilt.runtime import bodies
from asbuilt.runtime.app import App
from asbuilt.runtime.log import Log
from asbuilt.runtime.messages import Answer, Request
from asbuilt.runtime.metrics import Metrics, layout_of, shared_memory
from asbuilt.runtime.observations import Answered
from asbuilt.runtime.plan import plan
from asbuilt.runtime.reserved import NAMES, Reserved
from asbuilt.runtime.service import Service
from asbuilt.runtime.settings import Settings
from asbuilt.runtime.turnstile import Turnstile

COMPONENT = load(Path(__file__).parent / "documents" / "baseline.md", referee=False).component


def an_app(at_once: int) -> App:
    layout = layout_of(COMPONENT, NAMES)
    reserved = Reserved(COMPONENT, None, Metrics(layout, shared_memory(layout.per_worker)))
    return App(plan(Service(COMPONENT, Settings({}), None), None, lambda _: None, reserved), lambda _: None, at_once)


class Somebody:
    client, scheme, authority = "127.0.0.1", "http", None


async def nothing(_limit: int) -> bytes:
    return b""


def a_request(method: str, path: str, query: str = "", read: Callable[[int], Awaitable[bytes]] = nothing) -> Request:
    return Request(method, path, query, {"content-type": "application/json"}, read, Somebody())


def test_more_at_once_than_can_be_done_is_503() -> None:
    app = an_app(at_once=2)

    async def ask_at_once() -> list[Answer]:
        return await asyncio.gather(*(app(a_request("GET", "/slow", "seconds=0.05")) for _ in range(4)))

    answers = asyncio.run(ask_at_once())
    assert sorted(answer.status for answer in answers) == [200, 200, 503, 503]
    assert all(("retry-after", "1") in answer.headers for answer in answers if answer.status == 503)
    assert app.in_flight == 0


def test_a_body_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.05)

    async def never(_limit: int) -> bytes:
        await asyncio.sleep(60)
        return b""

    answer = asyncio.run(an_app(at_once=2)(a_request("POST", "/echo", read=never)))
    assert answer.status == 400


def test_a_caller_that_goes_away_leaves_nothing_behind() -> None:
    app = an_app(at_once=2)

    async def leave() -> None:
        asking = asyncio.create_task(app(a_request("GET", "/slow", "seconds=60")))
        await asyncio.sleep(0.02)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(leave())
    assert app.in_flight == 0


def test_transactions_that_collide_take_turns_and_find_their_width_again() -> None:
    async def work() -> list[int]:
        turnstile, inside, seen = Turnstile(4), 0, []

        async def one(*, collides: bool) -> None:
            nonlocal inside
            await turnstile.enter()
            inside += 1
            seen.append(inside)
            await asyncio.sleep(0)
            inside -= 1
            turnstile.leave(collided=collides)

        await asyncio.gather(*(one(collides=False) for _ in range(8)))
        assert max(seen) == 4
        await asyncio.gather(*(one(collides=True) for _ in range(8)))
        seen.clear()
        await asyncio.gather(*(one(collides=False) for _ in range(8)))
        assert max(seen) == 1
        for _ in range(200):
            await one(collides=False)
        seen.clear()
        await asyncio.gather(*(one(collides=False) for _ in range(8)))
        return seen

    assert max(asyncio.run(work())) == 4


def test_one_who_leaves_the_line_lets_the_next_in() -> None:
    async def work() -> None:
        turnstile = Turnstile(1)
        await turnstile.enter()
        leaving = asyncio.create_task(turnstile.enter())
        staying = asyncio.create_task(turnstile.enter())
        await asyncio.sleep(0)
        leaving.cancel()
        turnstile.leave()
        await asyncio.wait_for(staying, 1)

    asyncio.run(work())


def test_a_log_that_nobody_reads_costs_lines_not_memory() -> None:
    written: list[bytes] = []
    log = Log(written.append)

    async def say() -> None:
        for number in range(100_010):
            log(Answered("x", 200, "", number, "id", ""))

    asyncio.run(say())
    log.flush()
    assert b"".join(written).count(b"\n") == 100_000


def test_a_log_keeps_its_level() -> None:
    written: list[bytes] = []
    log = Log(written.append, "error")
    log(Answered("x", 200, "", 1, "id", ""))
    log(Answered("x", 503, "UNAVAILABLE", 1, "id", ""))
    log.flush()
    assert b"".join(written).count(b"\n") == 1
