"""Serve the document over HTTP on PostgreSQL; with no database at hand, on one that asbuilt brings along.

This executes what the document contains, its Python and its SQL: run what you trust.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from asbuilt.commands import arguments
from asbuilt.frontend import Loaded, load
from asbuilt.postgres import server
from asbuilt.postgres.login import DatabaseUrl, Login
from asbuilt.postgres.schema_apply import apply_schema
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.postgres.waiting import to_end
from asbuilt.runtime.listening import Listen, reserved
from asbuilt.runtime.server import serve
from asbuilt.runtime.service import Service
from asbuilt.runtime.settings import ConfigurationFaults, Settings, load_settings
from asbuilt.values import frozen

MISCONFIGURED = 78
_SHOWN = 20
_MOST_WORKERS = 512
_EMBEDDED = "embedded"
_DATABASE = f"default: DATABASE_URL, else a database of its own; `{_EMBEDDED}`: that one, whatever DATABASE_URL says"


def add(parser: argparse.ArgumentParser) -> None:
    arguments.document(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: 127.0.0.1)")
    parser.add_argument("--port", type=_port, help="default: COMPONENT_PORT, else 8080; 0: any free port")
    parser.add_argument("--workers", type=_count, default=1, metavar="N", help="processes that answer (default: 1)")
    parser.add_argument("--database", metavar="URL", help=_DATABASE)
    parser.add_argument("--reload", action="store_true", help="follow changes of the document while it runs")
    parser.add_argument("--fresh", action="store_true", help="begin with an empty database; the old one is kept aside")


def main(given: argparse.Namespace) -> int:
    loaded = load(given.file)
    if _refused(loaded):
        return 1
    try:
        settings = _settings(loaded, given)
    except ConfigurationFaults as faults:
        return _misconfigured(faults)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the server takes it over
    port = given.port if given.port is not None else settings.get("COMPONENT_PORT", 8080)
    # The port before the database: where it is taken, nothing of the data is touched, `--fresh` or not.
    with reserved(Listen(given.host, port)) as address, _database(loaded, settings, fresh=given.fresh) as place:
        service = _service(loaded, settings, place)

        def reload() -> Service | None:
            return _reloaded(given, place)

        return serve(service, address, given.workers, _say, reload if given.reload else None)


@frozen
class _Place:
    """The database: who changes its schema, who serves from it, whether asbuilt brought it along."""

    owner: Login | DatabaseUrl
    service: Login | DatabaseUrl
    embedded: bool


@contextmanager
def _database(loaded: Loaded, settings: Settings, *, fresh: bool) -> Iterator[_Place | None]:
    """The database of the component for as long as it runs; None for a document without SQL."""
    data, url = loaded.component.data, settings.get("DATABASE_URL")
    if not data.ddl and not data.patterns:
        yield None
    elif url is not None:
        if fresh:
            raise DatabaseUnavailable(
                "`--fresh` is for the database that asbuilt brings along",
                f"leave it out, or use that one: `--database {_EMBEDDED}`",
            )
        yield _Place(DatabaseUrl(url), DatabaseUrl(url), embedded=False)
    else:
        with server.start(loaded.source.path, fresh=fresh, say=_say) as embedded:
            yield _Place(embedded.owner, embedded.service, embedded=True)


def _service(loaded: Loaded, settings: Settings, place: _Place | None) -> Service:
    """What is to be served, its schema in place. Raises `DatabaseUnavailable`."""
    if place is None:
        return Service(loaded.component, settings, None)
    applied = to_end(apply_schema(place.owner, loaded.component.data.ddl, embedded=place.embedded))
    for line in applied.shown:
        _say(f"added {line}")
    for line in applied.reserve:
        _say(f"note: {line}")
    return Service(loaded.component, settings, place.service, applied.cursor_key.hex())


def _reloaded(given: argparse.Namespace, place: _Place | None) -> Service | None:
    """The document as it is now, or None with its faults said: then the version before it stays."""
    try:
        loaded = load(given.file)
        if _refused(loaded):
            return None
        return _service(loaded, _settings(loaded, given), place)
    except ConfigurationFaults as faults:
        _misconfigured(faults)
    except Exception as fault:
        arguments.complain(str(getattr(fault, "message", fault)), getattr(fault, "hint", ""))
    return None


def _refused(loaded: Loaded) -> bool:
    """Whether the document is not to be served, with the reasons said on standard error."""
    if loaded.errors:
        arguments.refuse(loaded.source, loaded.errors, "served")
        return True
    for hole in loaded.unservable[:_SHOWN]:
        line = loaded.source.position(hole.span.start).line
        print(f"{loaded.source.path}:{line}: {hole.message}", file=sys.stderr)
    if loaded.unservable:
        arguments.complain(
            f"this release cannot serve {loaded.source.path} as it is written",
            "give each endpoint an operation; delete what protects something only to serve it unprotected, knowingly",
        )
    return bool(loaded.unservable)


def _settings(loaded: Loaded, given: argparse.Namespace) -> Settings:
    own = given.database == _EMBEDDED
    told = {"DATABASE_URL": None if own else given.database, "COMPONENT_PORT": given.port}
    words = {name: str(value) for name, value in told.items() if value not in (None, 0)}
    folder = loaded.source.path.resolve().parent
    without = frozenset({"DATABASE_URL"} if own else ())
    return load_settings(loaded.component.configuration, folder, os.environ, words, without=without)


def _misconfigured(faults: ConfigurationFaults) -> int:
    _list("the configuration is faulty", faults.faults)
    return MISCONFIGURED


def _list(message: str, lines: Sequence[str]) -> None:
    print(f"asbuilt: {message}", *(f"  - {line}" for line in lines), sep="\n", file=sys.stderr)


def _count(text: str) -> int:
    return _whole(text, 1, _MOST_WORKERS)


def _port(text: str) -> int:
    return _whole(text, 0, 65_535)


def _whole(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"`{text[:40]}` is no whole number from {least} to {most}")
    return int(text)


def _say(line: str) -> None:
    print(line, flush=True)
