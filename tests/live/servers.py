"""What tests of real PostgreSQL servers do alike: folders for them, and looking after processes."""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from asbuilt.postgres import server

ROOT = os.geteuid() == 0


def passable_folder() -> Path:
    """A new folder that the server's account may pass through, as it may not through pytest's; in memory if it fits."""
    memory = Path("/dev/shm")  # noqa: S108 - what is made there has a name of its own
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
    folder = Path(tempfile.mkdtemp(prefix="asbuilt-test-", dir=memory if roomy else None))
    folder.chmod(0o711)
    return folder


def start(document: Path, *, fresh: bool = False) -> server.EmbeddedServer:
    return server.start(document, fresh=fresh, say=lambda _: None)


def postmaster_of(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def eventually(is_so: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def in_another_process(script: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
