"""The HTTP baseline, line by line, through both servers: ASGI in this process, granian in processes of its own."""

import json
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serving import Mounted, Process

DOCUMENT = Path(__file__).parent / "documents" / "baseline.md"
NAMED = "00000000-0000-0000-0000-000000000002"
OTHER = "00000000-0000-0000-0000-00000000000f"


@pytest.fixture(scope="module", params=["asgi", "rsgi"])
def ask(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    document = tmp_path_factory.mktemp("baseline") / "baseline.md"
    shutil.copy(DOCUMENT, document)
    served = Mounted(document) if request.param == "asgi" else Process(document)
    yield served
    served.close()


def problem(response: Any) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert isinstance(body, dict)
    assert body["status"] == response.status_code
    return body


def test_head_is_get_without_its_body(ask: Any) -> None:
    got, head = ask("GET", f"/things/{NAMED}"), ask("HEAD", f"/things/{NAMED}")
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == got.headers[name]
    assert ask("HEAD", "/echo").status_code == 405


def test_options_tells_the_methods(ask: Any) -> None:
    response = ask("OPTIONS", f"/things/{NAMED}")
    assert response.status_code == 204
    assert response.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"


def test_literal_routes_win_over_parameters(ask: Any) -> None:
    assert ask("GET", "/things/special").json()["name"] == "special"


def test_an_unknown_route_is_404(ask: Any) -> None:
    assert problem(ask("GET", "/nowhere"))["code"] == "UNKNOWN_ROUTE"
    assert ask("GET", "/search/").status_code == 404
    assert ask("GET", "//search").status_code == 404


def test_another_method_is_405_with_allow(ask: Any) -> None:
    response = ask("PATCH", f"/things/{NAMED}")
    assert response.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"
    assert problem(response)["code"] == "METHOD"


def test_a_path_value_that_is_not_of_its_type_is_404(ask: Any) -> None:
    assert ask("GET", "/things/no-uuid").status_code == 404
    assert ask("DELETE", "/things/7").status_code == 404


def test_paths_are_decoded(ask: Any) -> None:
    assert ask("GET", "/names/a%20b%C3%A4").text == "a bä"
    assert ask("GET", "/names/%00").status_code == 404
    assert ask("GET", "/names/a%2Fb").status_code == 404, "an encoded slash is one, through either server"
    assert ask("GET", "/things%2Fspecial").json()["name"] == "special"
    assert ask("GET", "/names/a%252Fb").text == "a%2Fb"
    assert ask("GET", "/names/%ff").status_code in (200, 404)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", {"q": None, "limit": 20, "tags": None, "exact": False, "mode": None}),
        ("q=a+b%26&limit=5&exact=1&mode=fast", {"q": "a b&", "limit": 5, "exact": True, "mode": "fast"}),
        ("q=first&q=second", {"q": "first"}),
        ("tags=a&tags=b&unknown=1", {"tags": ["a", "b"]}),
        ("after=2026-01-31T12:00:00+02:00", {"after": "2026-01-31T10:00:00.000000Z"}),
        ("after=2026-01-31T12:00:00%2B02:00", {"after": "2026-01-31T10:00:00.000000Z"}),
        ("q=", {"q": ""}),
        ("&&=&q", {"q": ""}),
    ],
)
def test_queries_are_read(ask: Any, query: str, told: dict[str, Any]) -> None:
    response = ask("GET", f"/search?{query}")
    assert response.status_code == 200, response.text
    found = response.json()["told"]
    assert {name: found[name] for name in told} == told


def test_faults_of_a_query_are_told_all_at_once(ask: Any) -> None:
    body = problem(ask("GET", "/search?limit=0&exact=maybe&mode=slowest&after=2026-01-01T00:00:00"))
    assert body["code"] == "INVALID"
    assert {fault["parameter"]: fault["message"] for fault in body["faults"]} == {
        "limit": "must be at least 1",
        "exact": "must be true or false",
        "mode": "must be one of `fast`, `slow`",
        "after": "must be a date and time with an offset, such as `2026-01-31T12:00:00Z`",
    }
    assert {fault["in"] for fault in body["faults"]} == {"query"}


def test_headers_are_read(ask: Any) -> None:
    assert ask("GET", "/search", headers={"X-Api-Version": "2"}).json()["told"]["version"] == 2
    body = problem(ask("GET", "/search", headers={"X-Api-Version": "two"}))
    assert body["faults"] == [{"in": "header", "parameter": "X-Api-Version", "message": "must be an integer"}]


def test_a_refused_body_tells_all_its_faults(ask: Any) -> None:
    body = problem(ask("POST", "/orders", json={"sku": "x", "quantity": 0, "note": 5, "price": "cheap"}))
    assert body["code"] == "INVALID"
    assert [fault["pointer"] for fault in body["faults"]] == ["/sku", "/quantity", "/price", "/note"]


def test_unknown_members_are_ignored(ask: Any) -> None:
    response = ask("POST", "/orders", json={"sku": "TEA", "quantity": 1, "other": {"a": 1}})
    assert response.status_code == 201
    assert response.json() == {"sku": "TEA", "quantity": 1, "price": 1.5, "note": None}


def test_broken_json_is_400_with_its_position(ask: Any) -> None:
    response = ask("POST", "/orders", content=b'{"sku":\n  oops}', headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert "line 2, column 3" in problem(response)["detail"]


def test_strings_hold_no_nul(ask: Any) -> None:
    assert ask("POST", "/echo", json={"a": ["x\x00"]}).status_code == 422
    assert ask("POST", "/orders", json={"sku": "TEA", "quantity": 1, "note": "\x00"}).status_code == 422
    assert ask("POST", "/text", content=b"a\x00", headers={"Content-Type": "text/plain"}).status_code == 422
    assert ask("GET", "/search?q=%00").status_code == 422


def test_more_than_a_megabyte_is_413(ask: Any) -> None:
    large = b'"' + b"x" * 1_000_001 + b'"'
    headers = {"Content-Type": "application/json"}
    assert ask("POST", "/echo", content=large, headers=headers).status_code == 413
    assert ask("POST", "/echo", content=[large[:500_000], large[500_000:]], headers=headers).status_code == 413
    small = b'"' + b"x" * 900_000 + b'"'
    assert ask("POST", "/echo", content=[small[:7], small[7:]], headers=headers).status_code == 200


def test_another_media_type_is_415(ask: Any) -> None:
    for media in ("text/plain", "application/xml", "application/json; charset=latin-1"):
        response = ask("POST", "/orders", content=b"{}", headers={"Content-Type": media})
        assert response.status_code == 415
        assert "application/json" in problem(response)["detail"]
    encoded = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert ask("POST", "/orders", content=b"{}", headers=encoded).status_code == 415


@pytest.mark.parametrize("media", ["application/json", "application/json; charset=UTF-8", "application/vnd.a+json"])
def test_json_by_any_of_its_names(ask: Any, media: str) -> None:
    assert ask("POST", "/echo", content=b"[1]", headers={"Content-Type": media}).json() == [1]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("application/*;q=0.5", 200),
        ("text/html, */*;q=0.1", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("nonsense", 200),
    ],
)
def test_what_the_caller_can_not_read_is_406(ask: Any, accept: str, status: int) -> None:
    assert ask("GET", f"/things/{NAMED}", headers={"Accept": accept}).status_code == status


def test_other_media_come_and_go(ask: Any) -> None:
    text = {"Content-Type": "text/plain; charset=utf-8"}
    assert ask("POST", "/text", content="grüß".encode(), headers=text).text == "GRÜSS"
    assert ask("POST", "/text", content=b"\xff", headers=text).status_code == 400
    assert ask("POST", "/bytes", content=b"\x00\xff").json() == 2
    page = ask("GET", "/page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text == "<!doctype html><p>ä"


def test_forms_and_uploads(ask: Any) -> None:
    form = ask("POST", "/form", data={"user": "a b", "age": "7", "roles": ["x", "y"]})
    assert form.json() == {"user": "a b", "age": 7, "roles": ["x", "y"]}
    body = problem(ask("POST", "/form", data={"age": "old"}))
    assert {fault["pointer"] for fault in body["faults"]} == {"/user", "/age"}
    sent = ask("POST", "/upload", data={"title": "T"}, files={"file": ("f.bin", b"\x00\r\n\xff\n")})
    assert sent.json() == {"told": {"title": "T", "length": 5}}
    assert ask("POST", "/upload", content=b"x", headers={"Content-Type": "multipart/form-data"}).status_code == 400


def test_several_answers(ask: Any) -> None:
    thing = {"id": OTHER, "name": "n"}
    assert ask("PUT", f"/things/{NAMED}", json=thing).status_code == 200
    assert ask("PUT", f"/things/{OTHER}", json=thing).status_code == 201
    assert ask("DELETE", f"/things/{OTHER}").status_code == 204
    moved = ask("GET", "/old", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (302, "/things/special")


def test_every_answer_bears_an_id(ask: Any) -> None:
    first, second = ask("GET", "/page"), ask("GET", "/nowhere")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert second.json()["request_id"] == second.headers["x-request-id"]
    assert ask("GET", "/page", headers={"X-Request-Id": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert ask("GET", "/page", headers={"X-Request-Id": 'a" b'}).headers["x-request-id"] != 'a" b'
    assert ask("GET", "/page", headers={"X-Request-Id": "x" * 200}).headers["x-request-id"] != "x" * 200


def test_every_answer_bears_server_and_security_headers(ask: Any) -> None:
    for response in (ask("GET", f"/things/{NAMED}"), ask("GET", "/nowhere"), ask("GET", "/broken")):
        assert response.headers["server"] == "asbuilt"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert "default-src" in response.headers["content-security-policy"]
        if isinstance(ask, Process):
            assert response.headers["date"].endswith("GMT")


def test_pages_have_no_scripts(ask: Any) -> None:
    policy = ask("GET", "/page").headers["content-security-policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none'")


def test_moments_and_decimals(ask: Any) -> None:
    assert ask("GET", "/when").text == '{"at":"2026-01-31T10:00:00.000000Z","price":10.50}'


def test_reads_bear_a_strong_tag(ask: Any) -> None:
    first = ask("GET", f"/things/{NAMED}")
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]+"', tag)
    for known in (tag, f'"other", W/{tag}', "*"):
        again = ask("GET", f"/things/{NAMED}", headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert ask("GET", f"/things/{NAMED}", headers={"If-None-Match": '"other"'}).status_code == 200
    assert "etag" not in ask("POST", "/echo", json=1).headers


def test_errors_of_the_document(ask: Any) -> None:
    response = ask("GET", f"/things/{OTHER}")
    assert response.status_code == 404
    assert response.json() == {"code": "THING_NOT_FOUND", "thing": OTHER}


def test_a_fault_of_ours_tells_nothing(ask: Any) -> None:
    for path in ("/broken", "/wrong"):
        response = ask("GET", path)
        assert response.status_code == 500
        assert set(problem(response)) <= {"type", "title", "status", "code", "request_id"}
        assert "secret" not in response.text
    log = ask.lines
    assert "the secret is 42" in log
    line = DOCUMENT.read_text().splitlines().index('    raise RuntimeError("the secret is 42")') + 1
    assert f'baseline.md\\", line {line}, in broken' in log
    assert 'raise RuntimeError(\\"the secret is 42\\")' in log  # the line itself, from the document
    assert "the answer at /name is of type `int`, not a string" in log


def test_an_error_that_can_not_be_written_is_a_fault_of_ours(ask: Any) -> None:
    response = ask("GET", "/unspeakable")
    assert (response.status_code, response.content) == (500, b"")
    assert response.headers["x-request-id"] in ask.lines


def test_a_deadline_is_kept(ask: Any) -> None:
    response = ask("GET", "/hurried")
    assert problem(response)["code"] == "TIMEOUT"
    assert response.headers["retry-after"] == "1"


def test_the_address_is_what_the_caller_used(ask: Any) -> None:
    told = ask("GET", "/caller?a=1", headers={"Host": "shop.example", "X-Forwarded-Proto": "https"}).json()["told"]
    assert told == {"base_url": "http://shop.example", "url": "http://shop.example/caller?a=1", "method": "GET"}


def test_reserved_paths(ask: Any) -> None:
    assert ask("GET", "/-/health/live").json() == {"status": "live"}
    assert ask("GET", "/-/health/ready").json() == {"status": "ready"}
    assert ask("GET", "/-/openapi.json").json()["openapi"].startswith("3.1")
    assert ask("POST", "/-/metrics").status_code == 405


def test_metrics_count_what_was_asked(ask: Any) -> None:
    def number(line: str) -> int:
        found = re.search(rf"^{re.escape(line)} (\d+)$", ask("GET", "/-/metrics").text, re.MULTILINE)
        return int(found.group(1)) if found else 0

    asked = 'baseline_requests_total{operation="thing",status="404"}'
    failed = 'baseline_errors_total{operation="thing",code="THING_NOT_FOUND"}'
    lasted = 'baseline_request_duration_seconds_count{operation="thing"}'
    before = [number(line) for line in (asked, failed, lasted)]
    ask("GET", f"/things/{OTHER}")
    assert [number(line) for line in (asked, failed, lasted)] == [one + 1 for one in before]


def test_a_line_of_log_for_each_request(ask: Any) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    ask("GET", "/page", headers={"X-Request-Id": "logged-1", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    ask("GET", "/caller", headers={"X-Request-Id": "logged-2", "traceparent": "nonsense"})
    lines = [json.loads(line) for line in ask.lines.splitlines() if "logged-" in line]
    first = next(line for line in lines if line["request_id"] == "logged-1")
    assert (first["operation"], first["status"], first["trace_id"]) == ("page", 200, trace)
    assert first["duration_ms"] >= 0
    events = {line["event"] for line in lines if line["request_id"] == "logged-2"}
    assert events == {"asked", "request"}
    assert not any("trace_id" in line for line in lines if line["request_id"] == "logged-2")


def test_every_line_of_log_is_json(ask: Any) -> None:
    for line in ask.lines.splitlines():
        json.loads(line)


def test_abuse_of_http_harms_nobody(ask: Any) -> None:
    """Truncated bodies, lengths that lie, clients that leave: the next request is answered as ever."""
    if not isinstance(ask, Process):
        pytest.skip("a matter of sockets")
    for raw in (
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[1,",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n[1]",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /search?q=\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET /slow?seconds=0.3 HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", ask.port), timeout=5) as client:
            client.sendall(raw)
    assert ask("POST", "/echo", json=[1]).json() == [1]
