"""The document served by asbuilt for as long as it is examined: a process of its own, on a database of its own."""

import os
import random
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from asbuilt.frontend import Loaded
from asbuilt.postgres.trial import trial_database
from asbuilt.runtime.cannot_serve import CannotServe
from asbuilt.values import frozen
from asbuilt.verify.settings import samples

PATIENCE = 20.0
_READY = re.compile(r"is ready at (http://\S+)")


@frozen
class Own:
    """`database` is None for a document without SQL. `start` is the command that serves the document once more."""

    url: str
    database: str | None
    start: str


@contextmanager
def served(loaded: Loaded, environ: Mapping[str, str] | None = None) -> Iterator[Own]:
    """Serve the document; what it requires and the environment lacks is a sample.

    Raises `CannotServe` with what it said where it does not start, `DatabaseUnavailable`.
    """
    environ = {**_lacking(loaded), **(environ or {})}
    data, start = loaded.component.data, shlex.join(_command(loaded.source.path))
    if not data.ddl and not data.patterns:
        with _process(loaded.source.path, environ) as url:
            yield Own(url, None, start)
        return
    with (
        trial_database() as database,
        _process(loaded.source.path, {**environ, "DATABASE_URL": database.url}) as url,
    ):
        yield Own(url, database.url, start)


def _lacking(loaded: Loaded) -> dict[str, str]:
    required = [each for each in loaded.component.configuration.variables if each.required and each.default is None]
    return {name: text for name, text in samples(required, random.Random(0)).items() if name not in os.environ}  # noqa: S311


def _command(document: Path) -> list[str]:
    return [sys.executable, "-m", "asbuilt", "run", str(document)]


@contextmanager
def _process(document: Path, environ: Mapping[str, str]) -> Iterator[str]:
    command = [*_command(document), "--port", "0"]
    settings = {**os.environ, "LOG_LEVEL": "error", **environ}
    with subprocess.Popen(  # noqa: S603 - this program itself
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=settings, start_new_session=True
    ) as process:
        try:
            yield _ready(process)
        finally:
            _end(process)


def _ready(process: "subprocess.Popen[str]") -> str:
    said = []
    for line in process.stdout or ():
        said.append(line)
        found = _READY.search(line)
        if found:
            # What it says from here on is read, so that it never waits for a reader, and is not kept.
            threading.Thread(target=_drained, args=[process], daemon=True).start()
            return found.group(1)
    process.wait(PATIENCE)
    raise CannotServe(f"the document could not be served:\n{''.join(said).rstrip()}", "try it with `asbuilt run`")


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


def _drained(process: "subprocess.Popen[str]") -> None:
    for _ in process.stdout or ():
        pass
