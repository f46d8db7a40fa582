"""What several commands take, and what they say about a document with errors."""

import argparse
import os
import sys
from pathlib import Path

from asbuilt.diagnostics import Diagnostic
from asbuilt.report import render_text
from asbuilt.source import Source


def document(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the implementation specification (Markdown)")


def colourful() -> bool:
    """Whether colour may be written to standard output (https://no-color.org)."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def refuse(source: Source, errors: tuple[Diagnostic, ...], verb: str) -> None:
    """Say on standard error why a document with errors is not served, built or explained."""
    print(render_text(source, errors, colour=False, limit=10), file=sys.stderr)
    complain(f"{source.path} has errors, so it is not {verb}", "")


def complain(message: str, hint: str) -> None:
    """Say on standard error what cannot be done, and what to do about it."""
    print(f"asbuilt: {message}", file=sys.stderr)
    if hint:
        print(f"  help: {hint}", file=sys.stderr)
