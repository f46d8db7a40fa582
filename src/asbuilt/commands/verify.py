"""Prove, claim by claim, that a running system keeps the document.

This executes what the document contains, but for a --target with --no-reference.
"""

import argparse
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from asbuilt import ledger
from asbuilt.commands import arguments, demands, own
from asbuilt.commands.output import emit, write
from asbuilt.commands.progress import Progress
from asbuilt.frontend import Loaded, load
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.runtime.cannot_serve import CannotServe
from asbuilt.verify.client import Client
from asbuilt.verify.examination import Examination, examine
from asbuilt.verify.report import Room, render_json, render_junit, render_page, render_text
from asbuilt.verify.report.interchange import report
from asbuilt.verify.target import Target

PROVED, REFUTED, NOT_PROVABLE, UNCHECKED = 0, 1, 2, 3

Format: TypeAlias = Literal["text", "json", "junit", "html"]
_FORMATS: tuple[Format, ...] = ("text", "json", "junit", "html")
_SUFFIXES: dict[str, Format] = {".txt": "text", ".json": "json", ".xml": "junit", ".html": "html", ".htm": "html"}
_PATIENCE = 10.0  # seconds for the first answer


def add(parser: argparse.ArgumentParser) -> None:
    parser.usage = "asbuilt verify FILE [OPTION ...]"
    arguments.document(parser)
    parser.set_defaults(output=[], require=[])
    option = parser.add_argument
    option("--target", metavar="URL", type=_url, help="a running system (default: the document, served)")
    option("--database", metavar="URL", help="its database, which is only read")
    option("--disposable", action="store_true", help="its database may be written to")
    option("--start", metavar="CMD", help="the command that starts it")
    option("--against", metavar="URL", type=_url, help="what to compare it with (default: the document, served)")
    option("--no-reference", action="store_true", help="compare it with nothing, and execute nothing")
    option("--seed", metavar="N", type=int, default=0, help="another seed tries other values (default: 0)")
    option("--budget", metavar="TIME", type=arguments.budget, help="prove the riskiest first, as much as fits: 60s")
    option("--format", metavar="FORMAT", choices=_FORMATS, help="text, json, junit or html (default: text)")
    option("--output", metavar="FILE", type=Path, action="append", help="write the report there: .html .json .xml .txt")
    option("--all", action="store_true", help="show every claim, not only what fits")
    told = "fail for what is unchecked: verified[:SECTION]"
    option("--require", metavar="WHAT", type=demands.required, action="append", help=told)
    option("--baseline", metavar="FILE", type=Path, help="fail for what was verified once and is not now")
    option("--update-baseline", action="store_true", help="write what is verified now into it")
    option("--quiet", action="store_true", help="no progress on standard error")


def main(given: argparse.Namespace) -> int:
    misuse = _misuse(given)
    if misuse:
        arguments.complain(*misuse)
        return NOT_PROVABLE
    loaded = load(given.file)
    if loaded.errors and not given.target:
        arguments.refuse(loaded.source, loaded.errors, "verified")
        return NOT_PROVABLE
    if loaded.errors:
        # A system runs, whatever its document says: what contradicts itself is for the report to show.
        message = (
            f"{loaded.source.path} contradicts itself; the lines concerned are unchecked where nothing refutes them"
        )
        arguments.complain(message, f"see them with: asbuilt check {loaded.source.path}")
    try:
        kept = demands.baseline_of(given)
    except demands.UnreadableBaseline as fault:
        arguments.complain(fault.message, fault.hint)
        return NOT_PROVABLE
    found = _examined(loaded, given)
    if found is None or not _reported(found, given):
        return NOT_PROVABLE
    unmet = demands.unmet(found, given, kept)
    for trouble in found.troubles:
        arguments.complain(trouble, "")
    if found.standing("refuted"):
        return REFUTED
    if unmet:
        return UNCHECKED
    return PROVED if found.standing("verified") and not found.troubles else NOT_PROVABLE


# What is asked for


def _misuse(given: argparse.Namespace) -> tuple[str, str] | None:
    """What contradicts itself among the options, and what to do."""
    needs = (
        (given.database, given.target, "--database is that of a --target", "name the target, or leave it out"),
        (given.disposable, given.database, "--disposable is said of a --database", "name it, or leave this out"),
        (given.start, given.target, "--start is how a --target is started", "name the address it answers at"),
        (given.no_reference, given.target, "--no-reference is said of a --target", "name it, or leave this out"),
        (given.update_baseline, given.baseline, "--update-baseline needs a --baseline", "name its file"),
    )
    for option, needed, message, hint in needs:
        if option and not needed:
            return message, hint
    if given.no_reference and given.against:
        return "--no-reference and --against contradict each other", "leave one of them out"
    for path in given.output:
        if _format(path, given) is None:
            return f"`{path}` does not say which format it is to have", "name it .html, .json, .xml, .txt; or --format"
    return None


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known or not text.isprintable():
        raise argparse.ArgumentTypeError(f"`{text[:80]}` is no http or https URL, such as http://127.0.0.1:8080")
    return text


# The examination


def _examined(loaded: Loaded, given: argparse.Namespace) -> Examination | None:
    """What was found; None, with the reason said, where nothing answers."""
    for url in (given.target, given.against):
        silence = _silence(url) if url else ""
        if silence:
            arguments.complain(f"nothing answers at {url}: {silence}", "start it, and wait until it is ready")
            return None
    progress = Progress(quiet=given.quiet)
    claims = ledger.doubted(ledger.read(loaded.component), loaded.errors)
    try:
        with tidily_ended(), _target(loaded, given, progress) as target:
            return examine(loaded.component, claims, target, seed=given.seed, budget=given.budget, tell=progress.tell)
    finally:
        progress.end()


def _silence(url: str) -> str:
    """Why nothing answers there; empty where something does, whatever it says."""
    return Client(url).silence(_PATIENCE)


@contextmanager
def _target(loaded: Loaded, given: argparse.Namespace, progress: Progress) -> Iterator[Target]:
    if given.target:
        with _reference(loaded, given, progress) as reference:
            yield Target(
                given.target,
                database=given.database,
                disposable=given.disposable,
                start=given.start,
                reference=reference,
            )
        return
    progress.tell(f"serving {loaded.source.path}")
    with own.served(loaded) as served:
        yield Target(
            served.url,
            own=True,
            database=served.database,
            disposable=True,
            start=served.start,
            reference=given.against,
        )


@contextmanager
def _reference(loaded: Loaded, given: argparse.Namespace, progress: Progress) -> Iterator[str | None]:
    """What a target is compared with: what was named, else the document as asbuilt serves it, if it can be served."""
    if given.against or given.no_reference or loaded.errors:
        yield given.against
        return
    progress.tell(f"serving {loaded.source.path} to compare with")
    with ExitStack() as ending:
        reference = None
        try:
            reference = ending.enter_context(own.served(loaded)).url
        except (CannotServe, DatabaseUnavailable) as reason:
            progress.tell(f"nothing to compare with: {reason.message}")
        yield reference


@contextmanager
def tidily_ended() -> Iterator[None]:
    """What was started for the examination is ended with it, also when this process is told to end."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# The report


def _reported(found: Examination, given: argparse.Namespace) -> bool:
    """Whether the report could be written where it was asked for."""
    at = datetime.now(UTC)
    for path in given.output:
        try:
            write(path, _render(found, _format(path, given) or "text", at))
        except OSError as fault:
            arguments.complain(f"{path} cannot be written: {fault.strerror}", "name another file")
            return False
        _tell_written(path, found, _format(path, given), at)
    if given.format and not given.output and given.format != "text":
        emit(_render(found, given.format, at))
    else:
        room = None if given.all else _room()
        print(render_text(found, colour=arguments.colourful(), room=room))
    return True


def _tell_written(path: Path, found: Examination, written: Format | None, at: datetime) -> None:
    told = f": sha256 {report(found, at)['digest']}" if written in ("html", "json") else ""
    print(f"{path} written{told}", file=sys.stderr)


def _format(path: Path, given: argparse.Namespace) -> Format | None:
    named: Format | None = given.format
    return named or _SUFFIXES.get(path.suffix.lower())


def _render(found: Examination, wanted: Format, at: datetime) -> str:
    renderers: dict[Format, Callable[[], str]] = {
        "text": lambda: render_text(found, colour=False, room=None) + "\n",
        "json": lambda: render_json(found, at),
        "junit": lambda: render_junit(found, at),
        "html": lambda: render_page(found, at),
    }
    return renderers[wanted]()


def _room() -> Room:
    """The terminal, less the line of the next prompt; elsewhere a screen whose lines never end."""
    if not sys.stdout.isatty():
        return Room(arguments.SCREEN, sys.maxsize)
    size = shutil.get_terminal_size()
    return Room(max(arguments.SCREEN, size.lines) - 1, max(20, size.columns))
