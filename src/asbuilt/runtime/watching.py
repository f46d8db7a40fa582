"""Whether the files of a document's folder have changed, told by their times and sizes."""

import os
from collections.abc import Iterator
from pathlib import Path

_SUFFIXES = (".md", ".markdown", ".py", ".toml", ".yaml", ".yml", ".json", ".env", ".sql", ".html")
_AT_MOST = 5000  # files looked at
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv"})


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """The time and size of each file that a document may consist of."""
    return dict(_files(folder))


def _files(folder: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    count = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(names):
            if name.endswith(_SUFFIXES) and not name.startswith(".#"):
                count += 1
                if count > _AT_MOST:
                    return
                path = Path(root, name)
                try:
                    status = path.stat()
                except OSError:
                    continue
                yield str(path), (status.st_mtime_ns, status.st_size)
