"""Counters of requests, errors and durations by operation: integers in one block of memory, formatted when scraped.

Workers share the block, each with a part of its own, so any of them can tell the sum for all. The format is
Prometheus' text: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import mmap
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asbuilt.component import Component
from asbuilt.component.causes import DEFAULT_STATUS
from asbuilt.runtime.observations import Answered

# Upper bounds in microseconds.
_BOUNDS = (500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000)
_OTHER = "other"


@dataclass(frozen=True)
class Layout:
    """Where each number stands: for each operation its statuses, its error codes, its buckets, its sum of time."""

    prefix: str
    operations: tuple[str, ...]
    statuses: tuple[int, ...]
    codes: tuple[str, ...]

    @property
    def per_operation(self) -> int:
        return len(self.statuses) + len(self.codes) + len(_BOUNDS) + 2

    @property
    def per_worker(self) -> int:
        return self.per_operation * len(self.operations)


def layout_of(component: Component, reserved: Sequence[str] = ()) -> Layout:
    """The layout for a component: every status and code that it can answer."""
    endpoints = [operation.endpoint for operation in component.operations]
    documented = {answer.status for endpoint in endpoints for answer in endpoint.answers}
    rows = {row.status for row in component.api.errors}
    statuses = documented | rows | set(DEFAULT_STATUS.values()) | {200, 204, 304}
    codes = {row.code.text for row in component.api.errors} | {c.upper().replace(" ", "_") for c in DEFAULT_STATUS}
    return Layout(
        component.facts.name.replace("-", "_"),
        (*(operation.name for operation in component.operations), *reserved, ""),
        tuple(sorted(statuses)),
        (*sorted(codes), _OTHER),
    )


def shared_memory(words: int) -> memoryview:
    """Integers of 64 bits, all 0; processes forked from this one write to the same."""
    return memoryview(mmap.mmap(-1, 8 * max(1, words))).cast("Q")


class Metrics:
    """The counters of one worker, and the text for all."""

    def __init__(self, layout: Layout, memory: memoryview, worker: int = 0) -> None:
        self._layout = layout
        self._memory = memory
        self._at = {
            name: worker * layout.per_worker + index * layout.per_operation
            for index, name in enumerate(layout.operations)
        }
        self._status = {status: index for index, status in enumerate(layout.statuses)}
        self._code = {code: len(layout.statuses) + index for index, code in enumerate(layout.codes)}
        self._buckets = len(layout.statuses) + len(layout.codes)

    def __call__(self, seen: Answered) -> None:
        at, memory = self._at[seen.operation], self._memory
        status = self._status.get(seen.status)
        if status is not None:
            memory[at + status] += 1
        if seen.code:
            memory[at + self._code.get(seen.code, self._code[_OTHER])] += 1
        microseconds = seen.nanoseconds // 1000
        memory[at + self._buckets + bisect_left(_BOUNDS, microseconds)] += 1
        memory[at + self._buckets + len(_BOUNDS) + 1] += microseconds

    def text(self) -> str:
        """The counters of all workers together."""
        return "\n".join((*self._requests(), *self._errors(), *self._durations(), ""))

    def _sums(self, operation: int) -> list[int]:
        layout = self._layout
        starts = range(operation * layout.per_operation, len(self._memory), layout.per_worker)
        parts = [self._memory[start : start + layout.per_operation].tolist() for start in starts]
        return [sum(column) for column in zip(*parts, strict=True)]

    def _requests(self) -> Iterator[str]:
        name = f"{self._layout.prefix}_requests_total"
        yield f"# HELP {name} Requests answered, by operation and status."
        yield f"# TYPE {name} counter"
        for index, operation in enumerate(self._layout.operations):
            for status, number in zip(self._layout.statuses, self._sums(index), strict=False):
                if number:
                    yield f'{name}{{operation="{operation}",status="{status}"}} {number}'

    def _errors(self) -> Iterator[str]:
        name = f"{self._layout.prefix}_errors_total"
        yield f"# HELP {name} Errors answered, by operation and code."
        yield f"# TYPE {name} counter"
        for index, operation in enumerate(self._layout.operations):
            sums = self._sums(index)[len(self._layout.statuses) :]
            for code, number in zip(self._layout.codes, sums, strict=False):
                if number:
                    yield f'{name}{{operation="{operation}",code="{code}"}} {number}'

    def _durations(self) -> Iterator[str]:
        name = f"{self._layout.prefix}_request_duration_seconds"
        yield f"# HELP {name} Time from a request's arrival to its answer."
        yield f"# TYPE {name} histogram"
        for index, operation in enumerate(self._layout.operations):
            *buckets, microseconds = self._sums(index)[self._buckets :]
            total = 0
            if not any(buckets):
                continue
            for bound, number in zip((*_BOUNDS, None), buckets, strict=True):
                total += number
                le = "+Inf" if bound is None else f"{bound / 1e6:g}"
                yield f'{name}_bucket{{operation="{operation}",le="{le}"}} {total}'
            yield f'{name}_sum{{operation="{operation}"}} {microseconds / 1e6:.6f}'
            yield f'{name}_count{{operation="{operation}"}} {total}'
