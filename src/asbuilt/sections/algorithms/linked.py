"""Python files that a document links to: read only below its folder, never through a link out of it, never executed."""

from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from asbuilt.diagnostics import Hole
from asbuilt.source import Span

LARGEST = 500_000


def read_module_file(document: Path, target: str, span: Span) -> tuple[Path, str] | Hole | None:
    """The path and text of a linked Python file, or why it is not read; None where there is none."""
    relative = PurePosixPath(unquote(target.partition("#")[0]))
    folder = document.parent.resolve()
    if relative.is_absolute() or ".." in relative.parts:
        return Hole(span, f"`{target}` is not below the document's folder, and is not read")
    path = document.parent.joinpath(*relative.parts)
    try:
        inside = path.resolve(strict=True).is_relative_to(folder)
        regular = inside and path.is_file()
        text = path.read_bytes() if regular and path.stat().st_size <= LARGEST else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RuntimeError):
        return Hole(span, f"`{target}` cannot be read")
    if not inside:
        return Hole(span, f"`{target}` leads out of the document's folder, and is not read")
    if text is None:
        kind = f"holds more than {LARGEST:,} bytes" if regular else "is no regular file"
        return Hole(span, f"`{target}` {kind}, and is not read")
    try:
        return path, text.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return Hole(span, f"`{target}` is not UTF-8")
