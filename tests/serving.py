"""Components that answer: in this process as an ASGI application, or as processes of their own."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx

from asbuilt.mounting import Application, asgi

READY = re.compile(r"is ready at (http://\S+)")


class Mounted:
    """A document as an ASGI application; requests are made one after another, on a loop of its own."""

    def __init__(self, document: Path, environ: Mapping[str, str] | None = None) -> None:
        self.log: list[bytes] = []
        self._runner = asyncio.Runner()
        self.app: Application = asgi(document, environ or {}, write=self.log.append)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)  # type: ignore[arg-type]
        self._client = httpx.AsyncClient(transport=transport, base_url="http://component", timeout=20)

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        if isinstance(options.get("content"), list):
            options["content"] = _chunks(options["content"])
        return self._runner.run(self._client.request(method, path, **options))

    def run(self, work: Any) -> Any:
        return self._runner.run(work)

    def close(self) -> None:
        self._runner.run(self.app.close())
        self._runner.run(self._client.aclose())
        self._runner.close()

    @property
    def lines(self) -> str:
        self._runner.run(asyncio.sleep(0.1))  # lines are written in batches
        return b"".join(self.log).decode()


class Process:
    """A document served by `asbuilt run`."""

    def __init__(self, document: Path, *words: str, environ: Mapping[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "asbuilt", "run", str(document), "--port", "0", *words]
        self.said: list[str] = []
        self._log = document.parent / f"{document.stem}.{os.getpid()}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **(environ or {})}
            )
        self.url = self._ready()
        self.client = httpx.Client(base_url=self.url, timeout=20)

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        if isinstance(options.get("content"), list):
            options["content"] = iter(options["content"])
        return self.client.request(method, path, **options)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def lines(self) -> str:
        time.sleep(0.1)
        return self._log.read_text()

    def end(self, number: int = signal.SIGTERM, within: float = 20) -> int:
        """Tell it to end, and wait; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def close(self) -> None:
        self.client.close()
        self.end()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.unlink(missing_ok=True)

    def _ready(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            found = READY.search(line)
            if found:
                return found.group(1)
        self.process.wait(10)
        raise AssertionError(f"it did not begin:\n{''.join(self.said)}\n{self.lines}")


async def _chunks(parts: Iterable[bytes]) -> Any:
    for part in parts:
        yield part
