"""Methods that are not documented, paths that are not there, and the baseline that asbuilt itself is held to."""

import http.server
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asbuilt import ledger
from asbuilt.frontend import read
from asbuilt.source import Source
from asbuilt.verify.errors import errors
from asbuilt.verify.examination import examine
from asbuilt.verify.http_baseline import http_baseline
from asbuilt.verify.probe import Probe
from asbuilt.verify.routes import routes
from asbuilt.verify.target import Target

DOCUMENT = """\
# Shelf Implementation Specification

## API Implementation
### Endpoint Definitions
```
GET /books
  Operation: some
  Query:     limit: int = 5
  Response:  200 list[Book]

POST /books
  Body:      Book
  Response:  201 Book

GET /books/{isbn}
  Response:  200 Book

GET /books/latest
  Operation: latest
  Response:  200 Book
```
### Request/Response Schemas
```python
class Book:
    isbn: Annotated[str, Len(1, 20)]
    title: str
```
### Error Responses
| Error Code | HTTP Status | Description | Response Body |
|---|---|---|---|
ROWS

## Data Models
### Database Schema
```sql
CREATE TABLE books (
    isbn  text PRIMARY KEY,
    title text NOT NULL
);
```
### Data Access Patterns
- **some**:
  ```sql
  SELECT isbn, title FROM books ORDER BY isbn LIMIT :limit
  ```
- **latest** (one):
  ```sql
  SELECT isbn, title FROM books ORDER BY title DESC LIMIT 1
  ```
"""
ROWS = (
    "| NO_SUCH_PATH | 404 | `unknown route` | problem |\n| NO_SUCH_METHOD | 405 | `method` | problem |\n"
    "| INVALID | 422 | `validation` | problem |"
)
GUARDS = {
    "Server": "asbuilt",
    "Date": "Mon, 23 Nov 2026 10:00:00 GMT",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'",
}
Answer = tuple[int, dict[str, str], bytes]
Change = Callable[[str, str, Answer], Answer]
BOOK = b'{"isbn": "1", "title": "t"}'
PROBLEM = {"Content-Type": "application/problem+json"}


def right(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    """What asbuilt itself would answer."""
    place, _, query = path.partition("?")
    known = {"/books": ("GET", "POST")}.get(place) or (("GET",) if re.fullmatch(r"/books/[^/]+", place) else None)
    if known is None:
        return 404, PROBLEM, b'{"status": 404}'
    allow = ", ".join(sorted({*known, "HEAD", "OPTIONS"}))
    if method == "OPTIONS":
        return 204, {"Allow": allow}, b""
    if method not in (*known, "HEAD"):
        return 405, {"Allow": allow, **PROBLEM}, b'{"status": 405}'
    limits = re.findall(r"limit=([^&]*)", query)
    if b"\\u0000" in body or not all(limit.isdecimal() for limit in limits[:1]):
        return 422, PROBLEM, b'{"status": 422}'
    if method == "POST":
        return 201, {"Content-Type": "application/json"}, BOOK
    tag = {"ETag": '"1"'}
    if headers.get("If-None-Match") == '"1"':
        return 304, tag, b""
    return 200, {"Content-Type": "application/json", **tag}, b"[]" if place == "/books" else BOOK


@contextmanager
def serving(change: Change) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            given = right(self.command, self.path, dict(self.headers), sent)
            status, headers, body = change(self.command, self.path, given)
            self.send_response_only(status)
            every = {**GUARDS, "X-Request-Id": self.headers.get("X-Request-Id") or "1", **headers}
            for name, value in every.items():
                if value:
                    self.send_header(name, value)
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def refuted(
    change: Change, *probes: Probe, own: bool, rows: str = "", disposable: bool = True
) -> dict[tuple[str, ...], str]:
    text = DOCUMENT.replace("ROWS", rows)
    component = read(Source(Path("shelf.md"), text), referee=False).component
    with serving(change) as url:
        found = examine(component, ledger.read(component), Target(url, own=own, disposable=disposable), probes=probes)
    assert found.troubles == ()
    return {(entry.claim.kind, *entry.claim.names): entry.why for entry in found.standing("refuted")}


def as_it_is(method: str, path: str, answer: Answer) -> Answer:
    return answer


def when(wanted: str, path: str, change: Callable[[Answer], Answer]) -> Change:
    def changed(method: str, place: str, answer: Answer) -> Answer:
        return change(answer) if re.fullmatch(wanted, method) and re.fullmatch(path, place) else answer

    return changed


def headed(**headers: str) -> Callable[[Answer], Answer]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda answer: (answer[0], {**answer[1], **named}, answer[2])


def answered(status: int, body: bytes = b"{}") -> Callable[[Answer], Answer]:
    return lambda answer: (status, {"Content-Type": "application/json"}, body)


@pytest.mark.parametrize("rows", ["", ROWS])
@pytest.mark.parametrize("own", [True, False])
def test_what_is_right_is_not_refuted(own: bool, rows: str) -> None:
    assert refuted(as_it_is, routes, http_baseline, own=own, rows=rows) == {}


def test_a_method_that_is_not_documented_must_not_be_taken() -> None:
    deletes = when("DELETE", "/books", answered(200))
    assert refuted(deletes, routes, own=False) == {
        ("endpoint", "GET /books"): "DELETE there is not documented, and is answered 200"
    }
    for status in (404, 405, 403, 501):
        assert refuted(when("DELETE|PUT|PATCH", ".*", answered(status)), routes, own=False) == {}


def test_a_collection_that_is_not_ours_is_not_deleted() -> None:
    deletes = when("DELETE|PUT|PATCH", "/books", answered(200))
    assert refuted(deletes, routes, own=False, disposable=False) == {}


def test_paths_that_meet_are_left_out() -> None:
    """Servers differ in which of `/books/latest` and `/books/{isbn}` takes a method that only one has."""
    assert refuted(when("POST", "/books/.*", answered(201)), routes, own=False) == {}


def test_rows_of_methods_and_paths_are_provoked() -> None:
    assert refuted(when("PUT", "/books", answered(404)), routes, own=False, rows=ROWS) == {
        ("error", "NO_SUCH_METHOD"): "PUT, which the path does not have: answered 404, not 405"
    }
    assert refuted(when("GET", "/unheard.*", answered(200)), routes, own=False, rows=ROWS) == {
        ("error", "NO_SUCH_PATH"): "a path that is not there: answered 200, not 404"
    }


def test_how_much_is_too_large_is_not_known_of_a_foreign_system() -> None:
    row = "| TOO_LARGE | 413 | `too large` | problem |"
    assert refuted(as_it_is, errors, own=False, rows=row) == {}
    assert refuted(as_it_is, errors, own=True, rows=row)["error", "TOO_LARGE"] == "too large: answered 201, not 413"


LIST = ("endpoint", "GET /books")
POST = ("endpoint", "POST /books")
BASELINE: tuple[tuple[Change, tuple[str, ...], str], ...] = (
    (when("PUT", "/books", answered(404)), LIST, "PUT there is answered 404, not 405 with `Allow: GET, HEAD, "),
    (when("PUT", "/books", headed(Allow="GET")), LIST, "is answered 405 with `Allow: GET`, not 405"),
    (when("GET", "/unheard.*", answered(400)), LIST, "a path that is not there is answered 400, not 404"),
    (when("GET", "/books", headed(X_Request_Id="2")), LIST, "`X-Request-Id` is `2`, not the caller's"),
    (when("GET", "/books", headed(Server="nginx")), LIST, "`Server` is `nginx`, not `asbuilt`"),
    (when("POST", "/books", headed(Date="")), POST, "`date` is missing"),
    (when("POST", "/books", headed(X_Frame_Options="")), POST, "`x-frame-options` is missing"),
    (when("OPTIONS", "/books", answered(200)), LIST, "OPTIONS is answered 200"),
    (when("GET", "/books", headed(ETag='W/"1"')), LIST, 'a read has no strong ETag: `W/"1"`'),
    (when("HEAD", "/books", headed(ETag='"2"')), LIST, '`etag` of HEAD is `"2"`, of GET `"1"`'),
    (when("HEAD", "/books", answered(405)), LIST, "HEAD is answered 405, GET 200"),
    (when("GET", "/books", lambda a: a if a[0] != 304 else answered(200)(a)), LIST, "with its ETag is answered 200"),
    (when("GET", r"/books\?unheard_of.*", answered(422)), LIST, "an unknown query is not ignored: answered 422"),
    (
        when("GET", r"/books\?limit=\d+&limit=x", answered(422)),
        ("parameter", "GET /books", "query", "limit"),
        "`limit` is given twice, and the first one does not count: answered 422",
    ),
)


@pytest.mark.parametrize(("change", "claim", "told"), BASELINE, ids=[each[2] for each in BASELINE])
def test_asbuilt_is_held_to_the_baseline(change: Change, claim: tuple[str, ...], told: str) -> None:
    assert told in refuted(change, routes, http_baseline, own=True).get(claim, "")
    assert refuted(change, routes, http_baseline, own=False) == {}
