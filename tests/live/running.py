"""A component served for a test by the real command, on a free port, with a data folder of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

READY = re.compile(r"http://(?P<address>[\w.:\[\]-]+)")
PATIENCE = 30.0


@dataclass
class Running:
    """`output` grows while the process runs: standard output and standard error, line by line."""

    process: "subprocess.Popen[str]"
    address: str
    output: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def stop(self, how: int = signal.SIGTERM, within: float = PATIENCE) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(within)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment whose data folders are below `folder`; no database of the caller's is used."""
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return kept | {"ASBUILT_STATE": str(folder), "PYTHONUNBUFFERED": "1"} | more


@contextmanager
def running(document: Path, folder: Path, *options: str, **variables: str) -> Iterator[Running]:
    """`asbuilt run` on a free port of the loopback, stopped at the end."""
    command = [sys.executable, "-m", "asbuilt", "run", str(document), "--port", "0", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(folder, **variables)
    )
    served = Running(process, "")
    ready = threading.Event()

    def follow() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            served.output.append(line)
            if not served.address and (found := READY.search(line)):
                served.address = found["address"]
                ready.set()
        ready.set()

    reader = threading.Thread(target=follow, daemon=True)
    reader.start()
    try:
        assert ready.wait(PATIENCE), "no ready line:\n" + "".join(served.output)
        assert served.address, "not served:\n" + "".join(served.output)
        yield served
    finally:
        try:
            served.stop()
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        reader.join(5)
        if process.stdout is not None:
            process.stdout.close()
