"""What `verify` finds while the database of a system is gone: of one that says so as documented, and of others."""

import shlex
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asbuilt import ledger
from asbuilt.frontend import read
from asbuilt.source import Source
from asbuilt.verify import outages as subject
from asbuilt.verify.examination import Entry, examine
from asbuilt.verify.outages import outages
from asbuilt.verify.starting import free_ports, settled, started
from asbuilt.verify.target import Target

DOCUMENT = """\
# Shelf Implementation Specification

## API Implementation
### Endpoint Definitions
```
GET /books
  Response: 200 list[Book]
```
### Request/Response Schemas
```python
class Book:
    id: int
    title: str
```
### Error Responses
| Error Code | HTTP Status | Description | Response Body |
|---|---|---|---|
| TRY_AGAIN | 503 | `unavailable` | `{"code": "TRY_AGAIN"}` |

## Data Models
### Database Schema
```sql
CREATE TABLE books (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL
);
```
"""
# Asks its database for nothing but a connection.
SERVER = """\
import http.server, os, socket, sys, urllib.parse

lost = 0

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        global lost
        place = urllib.parse.urlsplit(os.environ["DATABASE_URL"])
        try:
            socket.create_connection((place.hostname, place.port)).close()
            status, body = 200, b"[]"
        except OSError:
            lost += 1
            status, body = 503, b'{"code": "TRY_AGAIN"}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
FAULTS = (
    ("503, b", "500, b", "while the database is out of reach: answered 500, not 503"),
    ('"TRY_AGAIN"', '"LATER"', "while the database is out of reach: /code: 'LATER' is not 'TRY_AGAIN'"),
    ("lost += 1", "os._exit(1)", "without a database it ends: "),
    ("200, b", "(503 if lost else 200), b", "and is still taken for gone"),
)


@contextmanager
def listening() -> Iterator[int]:
    """What takes connections and hears nothing."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        ended = threading.Event()

        def take() -> None:
            while not ended.is_set():
                held.accept()[0].close()

        thread = threading.Thread(target=take)
        thread.start()
        port = held.getsockname()[1]
        yield port
        ended.set()
        socket.create_connection(("127.0.0.1", port)).close()
        thread.join()


def proved(folder: Path, server: str = SERVER, **target: str | bool) -> Entry:
    """What is found of the error table's row, where the system that is started is as written."""
    (folder / "right.py").write_text(SERVER)
    (folder / "shelf.py").write_text(server)
    component = read(Source(folder / "shelf.md", DOCUMENT), referee=False).component
    right, start = (shlex.join([sys.executable, "-I", "-S", str(folder / name)]) for name in ("right.py", "shelf.py"))
    with listening() as database:
        url = f"postgresql://reader@127.0.0.1:{database}/shelf"
        port = free_ports(1)[0]
        with started([(f"exec {right}", {"DATABASE_URL": url, "PORT": str(port)}, port)]) as running:
            assert settled(running, 10)[0].outcome == "serves"
            given = {"database": url, "disposable": True, "start": start, **target}
            examined = Target(f"http://127.0.0.1:{port}", **given)  # type: ignore[arg-type]
            found = examine(component, ledger.read(component), examined, probes=(outages,))
    return next(entry for entry in found.entries if entry.claim.key == ("error", ("TRY_AGAIN",)))


def test_what_says_so_as_documented_is_verified(tmp_path: Path) -> None:
    entry = proved(tmp_path)
    assert (entry.claim.standing, entry.why) == (
        "verified",
        "while the database is out of reach: answered 503 as documented",
    )
    assert entry.evidence.measured.startswith("it answered as before ")


@pytest.mark.parametrize(("old", "new", "told"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_what_does_not_is_refuted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, told: str
) -> None:
    monkeypatch.setattr(subject, "_RECOVERY", 0.5)
    assert old in SERVER
    entry = proved(tmp_path, SERVER.replace(old, new))
    assert entry.claim.standing == "refuted", entry.why
    assert told in entry.why


def test_what_keeps_no_connection_is_unchecked(tmp_path: Path) -> None:
    """It reads another setting than the one that is told, or answers from what it remembers."""
    entry = proved(tmp_path, SERVER.replace("socket.create_connection((place.hostname, place.port)).close()", "pass"))
    assert (entry.claim.standing, entry.why) == (
        "unchecked",
        "it was answered as ever: no connection of it was lost",
    )


def test_what_does_not_start_is_unchecked(tmp_path: Path) -> None:
    entry = proved(tmp_path, "import sys; sys.exit('no licence')")
    assert (entry.claim.standing, entry.why) == (
        "unchecked",
        "started on a way to its database that can be cut, it ended with 1: no licence",
    )


@pytest.mark.parametrize("url", ["postgresql://reader@one,two/shelf", "postgresql:///shelf?service=shelf"])
def test_where_no_way_can_be_cut_it_is_unchecked(tmp_path: Path, url: str) -> None:
    entry = proved(tmp_path, database=url)
    assert entry.claim.standing == "unchecked"
    assert "does not name one host" in entry.why


def test_without_a_database_it_is_told_what_to_give(tmp_path: Path) -> None:
    entry = proved(tmp_path, disposable=False)
    assert entry.why == "needs a database that may be written to: --database URL --disposable"
