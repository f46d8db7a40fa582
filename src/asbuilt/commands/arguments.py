"""What several commands take, and what they say about a document with errors."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from asbuilt.diagnostics import Diagnostic
from asbuilt.language.values import duration
from asbuilt.report import render_text
from asbuilt.source import Source

SCREEN = 24  # lines of the smallest terminal in use
ROOM = 2  # for the last line's end, and a line of the command's own


def document(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the implementation specification (Markdown)")


def budget(text: str) -> float:
    """Seconds, of a duration as documents write them. Raises `argparse.ArgumentTypeError`."""
    seconds = duration(text)
    if not seconds:
        raise argparse.ArgumentTypeError(f"`{text[:40]}` is no duration, such as 60s, 5 min or 1m30s")
    return seconds


def colourful() -> bool:
    """Whether colour may be written to standard output (https://no-color.org)."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def fitting(source: Source, found: Sequence[Diagnostic]) -> int:
    """How many findings fit on a screen: that of the terminal, else one of 24 lines. One is shown in any case."""
    lines = max(SCREEN, shutil.get_terminal_size().lines) if sys.stdout.isatty() else SCREEN
    count = 1
    while count < len(found) and _height(source, found, count + 1) <= lines:
        count += 1
    return count


def _height(source: Source, found: Sequence[Diagnostic], count: int) -> int:
    return render_text(source, found, colour=False, limit=count).count("\n") + ROOM


def refuse(source: Source, errors: tuple[Diagnostic, ...], verb: str) -> None:
    """Say on standard error why a document with errors is not served, built or explained."""
    print(render_text(source, errors, colour=False, limit=fitting(source, errors)), file=sys.stderr)
    complain(f"{source.path} has errors, so it is not {verb}", "")


def complain(message: str, hint: str) -> None:
    """Say on standard error what cannot be done, and what to do about it."""
    print(f"asbuilt: {message}", file=sys.stderr)
    if hint:
        print(f"  help: {hint}", file=sys.stderr)
