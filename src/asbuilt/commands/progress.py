"""What a long command is doing, for whoever waits for it: on standard error, never mixed with the report."""

import os
import shutil
import sys
import time

from asbuilt.report.excerpt import visible

_APART = 1.0  # seconds between two lines of a log


class Progress:
    """On a terminal one line that changes, else a line a second; nothing at all if it is to be quiet."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._changing = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._started = time.monotonic()
        self._shown = False
        self._added: float | None = None

    def tell(self, line: str) -> None:
        if self._quiet:
            return
        shown = f"{time.monotonic() - self._started:6.1f} s  {visible(line)}"
        if not self._changing:
            self._add(shown)
            return
        print(f"\r\033[K{shown[: shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True)
        self._shown = True

    def _add(self, shown: str) -> None:
        """A log is not to be flooded: a line a second."""
        now = time.monotonic()
        if self._added is None or now - self._added >= _APART:
            self._added = now
            print(shown, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the terminal as it was."""
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._shown = False
