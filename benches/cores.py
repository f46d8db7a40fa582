"""Which processor cores the server under test, the load and PostgreSQL run on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cores:
    """The server has one core to itself. Load and PostgreSQL share the other, or have one and the rest."""

    server: frozenset[int]
    load: frozenset[int]
    postgres: frozenset[int]

    def __str__(self) -> str:
        if not self.server:
            return "not pinned: this system offers no way, or has a single core"
        return f"server on core {_list(self.server)}, load on {_list(self.load)}, PostgreSQL on {_list(self.postgres)}"


def allot() -> Cores:
    """The cores of this machine shared out; nothing is pinned where there are fewer than two."""
    available = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(available) < 2:
        return Cores(frozenset(), frozenset(), frozenset())
    server, load, *rest = available
    return Cores(frozenset({server}), frozenset({load}), frozenset(rest or {load}))


@contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """Processes started in here run on `cores` only, and so do their children."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _list(cores: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(cores)))
