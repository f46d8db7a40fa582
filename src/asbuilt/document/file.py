"""Documents on disk: everything that can be wrong with a file is said before it is read."""

import codecs
import os
import stat
from pathlib import Path

from asbuilt.diagnostics import closest
from asbuilt.source import Source

LARGEST = 10_000_000
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class UnreadableDocument(Exception):  # noqa: N818 - what it is, not that it is an error
    """A file that is no document, or can't be had: one line that says why, and a hint that says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_source(path: str | os.PathLike[str]) -> Source:
    """The text of a document, without a byte order mark, its line breaks as they are.

    Raises `UnreadableDocument` for a file that is missing, unreadable, no regular file (never waiting on a pipe),
    empty, larger than 10 MB, binary, or not UTF-8.
    """
    where = Path(path)
    text = _decoded(_bytes(where), _shown(where))
    if not text.strip():
        raise UnreadableDocument(f"`{_shown(where)}` is empty", "`asbuilt new NAME` writes a document to start from")
    return Source(where, text)


def _bytes(path: Path) -> bytes:
    try:
        _demand_regular(path, path.stat())
        # Between the two looks somebody may have put a pipe here: opening one must not wait.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            _demand_regular(path, os.fstat(handle))
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise UnreadableDocument(f"`{_shown(path)}` does not exist", _neighbour(path)) from None
    except PermissionError:
        hint = "its permissions keep this user from reading it"
        raise UnreadableDocument(f"`{_shown(path)}` may not be read", hint) from None
    except (OSError, ValueError) as problem:  # a name with a NUL is a ValueError
        reason = getattr(problem, "strerror", None) or str(problem)
        raise UnreadableDocument(f"`{_shown(path)}` cannot be read: {reason.lower()}", "check the path") from None
    if len(data) > LARGEST:
        _refuse_size(path, LARGEST + 1)
    return data


def _demand_regular(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableDocument(f"`{_shown(path)}` is a folder", _documents_in(path))
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for test, name in _KINDS if test(status.st_mode)), "a special file")
        raise UnreadableDocument(f"`{_shown(path)}` is {kind}, not a regular file", "write its content to a file first")
    if status.st_size > LARGEST:
        _refuse_size(path, status.st_size)


def _refuse_size(path: Path, size: int) -> None:
    message = f"`{_shown(path)}` holds {size / 1_000_000:.1f} MB; a document holds {LARGEST // 1_000_000} MB at most"
    raise UnreadableDocument(message, "move data and generated parts to files of their own and link them")


def _decoded(data: bytes, name: str) -> str:
    if data.startswith(_UTF16):
        raise UnreadableDocument(f"`{name}` is UTF-16, a document is UTF-8", f"iconv -f UTF-16 -t UTF-8 {name}")
    zero = data.find(b"\0")
    if zero >= 0:
        raise UnreadableDocument(f"`{name}` is binary: byte {zero + 1} is zero", "name a Markdown file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        # "utf-8-sig" counts from behind the mark it skips: count again from the beginning.
        start = problem.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        line = data.count(b"\n", 0, start) + 1
        column = len(data[data.rfind(b"\n", 0, start) + 1 : start].decode("utf-8-sig")) + 1
        message = f"`{name}` is not UTF-8: byte 0x{data[start]:02x} at line {line}, column {column}"
        raise UnreadableDocument(message, "save the file as UTF-8") from None


def _neighbour(path: Path) -> str:
    """A hint that names the file which was probably meant."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return f"there is no folder `{_shown(path.parent)}` to read"
    close = closest(path.name, names)
    return f"did you mean `{_shown(path.with_name(close))}`?" if close else "`asbuilt new NAME` writes a new document"


def _documents_in(folder: Path) -> str:
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() == ".md")
    except OSError:
        names = []
    return f"name a document in it, such as `{_shown(folder / names[0])}`" if names else "name a Markdown file"


def _shown(path: Path) -> str:
    """A path as it may be printed: no control characters, whatever the file is called."""
    return "".join(char if char.isprintable() else "?" for char in str(path))
