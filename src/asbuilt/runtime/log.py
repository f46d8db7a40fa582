"""The log: one JSON object a line, written in batches so that it costs next to nothing."""

import asyncio
import os
import time
from collections.abc import Callable

import msgspec

from asbuilt.runtime.encode import Unfit, plain
from asbuilt.runtime.observations import Answered, Failed, Observation, Said

LEVELS = ("debug", "info", "warning", "error")
_EVERY = 0.05  # seconds
_WAITING_AT_MOST = 100_000  # lines; a reader that stands still costs lines, not memory


class Log:
    """Writes observations of a level and above. `flush` writes what is waiting."""

    def __init__(self, write: Callable[[bytes], None], level: str = "info") -> None:
        self._write = write
        self._from = LEVELS.index(level) if level in LEVELS else 1
        self._lines: list[str] = []
        self._scheduled = False
        self._moment = 0
        self._clock = ""

    def __call__(self, seen: Observation) -> None:
        if isinstance(seen, Answered):
            self.answered(seen)
        elif isinstance(seen, Failed):
            told = {"operation": seen.operation, "request_id": seen.request_id, "reason": seen.reason}
            self._line("error", "failed", {**told, **({"traceback": seen.traceback} if seen.traceback else {})})
        else:
            about = {"request_id": seen.request_id, "operation": seen.operation}
            self._line(seen.level, seen.event, {**{k: v for k, v in about.items() if v}, **seen.fields})

    def flush(self) -> None:
        self._scheduled = False
        lines, self._lines = self._lines, []
        if lines:
            self._write("".join(lines).encode())

    def answered(self, seen: Answered) -> None:
        """The line of a request."""
        level = 3 if seen.status >= 500 else 0 if seen.quiet else 1
        if level < self._from:
            return
        ids = f'"request_id":"{seen.request_id}"' + (f',"trace_id":"{seen.trace_id}"' if seen.trace_id else "")
        code = f'"code":"{seen.code}",' if seen.code else ""
        took = f'"duration_ms":{seen.nanoseconds / 1e6:.3f}'
        # Every text here is of a known alphabet: ids are checked, names are the document's identifiers.
        self._add(
            f'{{"time":"{self._now()}","level":"{LEVELS[level]}","event":"request",{ids},'
            f'"operation":"{seen.operation}","status":{seen.status},{code}{took}}}\n'
        )

    def _line(self, level: str, event: str, fields: dict[str, object]) -> None:
        if (LEVELS.index(level) if level in LEVELS else 1) < self._from:
            return
        told = {"time": self._now(), "level": level, "event": event, **fields}
        self._add(msgspec.json.encode(_written(told)).decode() + "\n")

    def _add(self, line: str) -> None:
        if len(self._lines) < _WAITING_AT_MOST:
            self._lines.append(line)
        if not self._scheduled:
            try:
                asyncio.get_running_loop().call_later(_EVERY, self.flush)
            except RuntimeError:  # no loop: before the first request, or after the last
                self.flush()
            else:
                self._scheduled = True

    def _now(self) -> str:
        """The time in UTC; many lines share a millisecond."""
        now = int(time.time() * 1000)
        if now != self._moment:
            self._moment = now
            seconds, thousandths = divmod(now, 1000)
            self._clock = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{thousandths:03}Z"
        return self._clock


def to_descriptor(descriptor: int) -> Callable[[bytes], None]:
    """What writes to a file descriptor; a reader that is gone, or too slow to be waited for, is no fault of ours."""

    def write(data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(descriptor, view) :]
        except OSError:
            return

    return write


def _written(fields: dict[str, object]) -> dict[str, object]:
    made: dict[str, object] = {}
    for name, value in fields.items():
        try:
            made[name] = plain(value)
        except Unfit:
            made[name] = repr(value)
    return made


class OperationLog:
    """`log` of an algorithm: `log.info("order placed", order_id=order.id)`."""

    __slots__ = ("_observe", "_operation", "_request_id")

    def __init__(self, observe: Callable[[Observation], None], operation: str, request_id: str) -> None:
        self._observe, self._operation, self._request_id = observe, operation, request_id

    def debug(self, event: str, /, **fields: object) -> None:
        self._say("debug", event, fields)

    def info(self, event: str, /, **fields: object) -> None:
        self._say("info", event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        self._say("warning", event, fields)

    def error(self, event: str, /, **fields: object) -> None:
        self._say("error", event, fields)

    def _say(self, level: str, event: str, fields: dict[str, object]) -> None:
        self._observe(Said(level, event, fields, self._request_id, self._operation))
