"""What a command writes for other programs."""

import os
import sys
from pathlib import Path


def emit(text: str) -> None:
    """Write what a program is to read to standard output, in UTF-8 whatever a terminal here would understand."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def write(path: Path, text: str) -> None:
    """Write a file whole, or leave what there was. Raises OSError."""
    if path.exists() and not path.is_file():  # a device or a pipe: nothing there to keep
        path.write_text(text, encoding="utf-8")
        return
    target = path.resolve()
    new = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
