"""Whatever a target does with a connection, a request ends in time, in an exchange that says what came."""

import socket
import struct
import threading
import time

import pytest

from asbuilt.verify import client as client_module
from asbuilt.verify import connection
from asbuilt.verify.client import Client, Stopped
from asbuilt.verify.exchange import Exchange, Request
from loopback import OK, Handler, Server, request_read, saying, serving

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GET = Request("GET", "/there")
POST = Request("POST", "/there", (), b"{}")


def alive(first: Handler) -> Handler:
    """The first connection goes to `first`; the others are answered, so that the target is seen to be there."""
    return lambda accepted, number: first(accepted, number) if number == 1 else saying(OK)(accepted, number)


def sent(handler: Handler, request: Request = GET, patience: float = 5.0) -> Exchange:
    with serving(handler) as server:
        client = Client(server.url, patience)
        try:
            return client.send(request)
        finally:
            client.close()


def closed(accepted: socket.socket, number: int) -> None:
    request_read(accepted)


def reset(accepted: socket.socket, number: int) -> None:
    request_read(accepted)
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


# What is no answer


@pytest.mark.parametrize(
    "first",
    [
        closed,
        reset,
        saying(b"what? \x00\xff\r\n\r\n"),
        saying(b"HTTP/1.1 2OO OK\r\n\r\n"),
        saying(b"HTTP/1.1 99999 OK\r\n\r\n"),
        saying(b"\r\n" * 10),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"),
        saying(CHUNKED + b"5\r\nab"),
        saying(CHUNKED + b"zz\r\nab\r\n0\r\n\r\n"),
        saying(b"HTTP/1.1 200 " + b"x" * 200_000),
        saying(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 5_000 + b"\r\n"),
        saying(b"HTTP/1.1 200 OK\r\na: " + b"b" * 200_000 + b"\r\n\r\n"),
        saying(b"HTTP/1.1 100 Continue\r\n\r\n" * 3),
    ],
    ids=lambda _: "",
)
@pytest.mark.parametrize("request_", [GET, POST], ids=["GET", "POST"])
def test_no_answer_is_an_exchange_with_a_fault(first: Handler, request_: Request) -> None:
    exchange = sent(alive(first), request_)
    assert exchange.response is None
    assert exchange.status == 0
    assert exchange.fault
    assert exchange.request is request_


def test_a_body_that_ends_early_is_no_answer_and_says_so() -> None:
    cut = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")
    assert "the body ended after 5 bytes, 5 before its end" in sent(alive(cut)).fault


@pytest.mark.parametrize(
    "first",
    [
        saying(b"", pause=3),
        saying(*[b"%c" % byte for byte in OK], pause=0.1),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", *[b"x"] * 50, pause=0.1),
        saying(b"HTTP/1.1 200 OK\r\n", *[b"x: y\r\n"] * 50, pause=0.1),
        saying(CHUNKED, *[b"1\r\nx\r\n"] * 50, pause=0.1),
        saying(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 50, pause=0.1),
    ],
    ids=["silent", "head drips", "body drips", "headers drip", "chunks drip", "goes on continuing"],
)
def test_an_answer_has_its_time_as_a_whole(first: Handler) -> None:
    started = time.monotonic()
    exchange = sent(alive(first), patience=0.5)
    assert "TimeoutError" in exchange.fault
    assert time.monotonic() - started < 2


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LARGEST", 100_000)

    def endless(accepted: socket.socket, number: int) -> None:
        request_read(accepted)
        accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
        while True:
            accepted.sendall(b"x" * 65536)

    exchange = sent(alive(endless))
    assert "the body is longer than 100,000 bytes" in exchange.fault


# What is one


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        (OK, 200, b"ok"),
        (b"HTTP/1.0 200 OK\r\n\r\nall of it", 200, b"all of it"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it", 200, b"all of it"),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (CHUNKED + b"3;x=y\r\nall\r\n3\r\n of\r\n0\r\nT: x\r\n\r\n", 200, b"all of"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://example.invalid/\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 1\r\n\r\n!", 500, b"!"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
    ],
)  # fmt: skip
def test_an_answer_is_taken_as_it_is(said: bytes, status: int, body: bytes) -> None:
    exchange = sent(saying(said))
    assert (exchange.status, exchange.fault) == (status, "")
    assert exchange.response is not None
    if b"no colon" not in said:
        assert exchange.response.body == body


def test_head_has_no_body() -> None:
    exchange = sent(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"), Request("HEAD", "/"))
    assert exchange.response is not None
    assert (exchange.response.header("Content-Length"), exchange.response.body) == ("50", b"")


def test_headers_and_the_media_type() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type:  Application/JSON ; charset=utf-8\r\nX: 1\r\nX: 2\r\n"
    response = sent(saying(head, b"Content-Length: 2\r\n\r\n{}")).response
    assert response is not None
    assert response.media_type == "application/json"
    assert [value for name, value in response.headers if name == "x"] == ["1", "2"]
    assert response.json() == {}
    assert response.seconds > 0


# What is sent


def received(request: Request, prefix: str = "") -> bytes:
    got: list[bytes] = []

    def handler(accepted: socket.socket, number: int) -> None:
        got.append(request_read(accepted))
        accepted.sendall(OK)

    with serving(handler) as server:
        client = Client(server.url + prefix)
        client.send(request)
        client.close()
    return got[0].replace(server.url.removeprefix("http://").encode(), b"HOST")


def test_a_request_goes_out_as_it_is_written() -> None:
    assert received(Request("GET", "/a%2Fb?x=%C3%A9")) == b"GET /a%2Fb?x=%C3%A9 HTTP/1.1\r\nHost: HOST\r\n\r\n"
    assert received(GET, "/api/") == b"GET /api/there HTTP/1.1\r\nHost: HOST\r\n\r\n"
    headers = (("X-A", "1"), ("X-A", "2"), ("X-B", "grün"), ("X-C", "ж"))
    lines = b"Host: HOST\r\nX-A: 1\r\nX-A: 2\r\nX-B: gr\xfcn\r\nX-C: \xd0\xb6\r\nContent-Length: 0\r\n\r\n"
    assert received(Request("PATCH", "/", headers, b"")) == b"PATCH / HTTP/1.1\r\n" + lines
    own = Request("POST", "/", (("Host", "elsewhere"), ("Content-Length", "1")), b"x")
    assert received(own) == b"POST / HTTP/1.1\r\nHost: elsewhere\r\nContent-Length: 1\r\n\r\nx"


@pytest.mark.parametrize("size", [16_384, 16_385, 3_000_000])
def test_a_body_of_any_size_goes_out(size: int) -> None:
    assert received(Request("POST", "/", (), b"x" * size)).endswith(b"\r\n\r\n" + b"x" * size)


@pytest.mark.parametrize("request_", [Request("GET", "/a b"), Request("GET", "/", (("X", "a\r\nb: c"),))])
def test_what_is_no_request_is_not_sent(request_: Request) -> None:
    exchange = sent(saying(OK), request_)
    assert exchange.response is None
    assert exchange.fault


@pytest.mark.parametrize("ends", [True, False], ids=["closes", "stays open"])
def test_an_answer_before_the_body_is_read_counts(ends: bool) -> None:
    """A target that refuses a body of many megabytes need not read it."""

    def early(accepted: socket.socket, number: int) -> None:
        accepted.recv(100)
        accepted.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        if not ends:
            time.sleep(3)

    with serving(early) as server:
        client = Client(server.url, patience=2)
        started = time.monotonic()
        for _ in range(3):
            exchange = client.send(Request("POST", "/", (), b"x" * 20_000_000))
            assert exchange.status == 413, exchange.fault
            assert exchange.response is not None
            assert exchange.response.body == b"big"
        assert time.monotonic() - started < 2
        client.close()


def test_a_body_that_nobody_reads_ends_too() -> None:
    def deaf(accepted: socket.socket, number: int) -> None:
        time.sleep(3)

    assert "TimeoutError" in sent(alive(deaf), Request("POST", "/", (), b"x" * 20_000_000), patience=0.5).fault


# Connections


def test_a_connection_is_kept() -> None:
    with serving(saying(OK, keep=True)) as server:
        client = Client(server.url)
        assert [client.send(each).status for each in (GET, POST, GET)] == [200] * 3
        client.close()
        assert server.count == 1
        assert client.sent == 3


@pytest.mark.parametrize("request_", [GET, POST], ids=["GET", "POST"])
def test_a_kept_connection_that_was_closed_meanwhile_is_replaced(request_: Request) -> None:
    with serving(saying(OK)) as server:  # it says that the connection stays, and closes it
        client = Client(server.url)
        for _ in range(5):
            assert client.send(request_).status == 200
            time.sleep(0.02)
        client.close()
        assert server.count == 5


def test_a_request_is_not_made_again_on_a_fresh_connection() -> None:
    seen: list[bytes] = []

    def handler(accepted: socket.socket, number: int) -> None:
        seen.append(request_read(accepted).partition(b" ")[0])

    with serving(handler) as server:
        client = Client(server.url, patience=1)
        with pytest.raises(Stopped):
            client.send(POST)
    assert seen.count(b"POST") == 1


def test_together_all_are_on_their_way_at_once() -> None:
    inside = threading.Barrier(8)

    def handler(accepted: socket.socket, number: int) -> None:
        read = request_read(accepted)
        inside.wait(5)
        accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + read.split(b"/")[1][:2])

    with serving(handler) as server:
        client = Client(server.url)
        exchanges = client.together([Request("GET", f"/{number}0") for number in range(8)])
        bodies = [exchange.response.body for exchange in exchanges if exchange.response]
        assert bodies == [b"%d0" % number for number in range(8)]
        assert client.together([]) == []


# A target that is there no more


def test_a_target_that_answers_other_requests_is_there() -> None:
    def moody(accepted: socket.socket, number: int) -> None:
        read = request_read(accepted)
        if not read.startswith(b"POST"):
            accepted.sendall(OK)

    with serving(moody) as server:
        client = Client(server.url)
        for _ in range(5):
            assert client.send(POST).response is None
        assert client.gone == ""
        assert client.send(GET).status == 200
        client.close()


def test_whether_anything_answers() -> None:
    with serving(saying(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as server:
        assert Client(server.url).silence() == ""
    with serving(closed) as server:
        assert Client(server.url).silence().startswith("RemoteDisconnected: ")
    with serving(saying(b"", pause=1)) as server:
        assert Client(server.url).silence(0.2).startswith("TimeoutError")
    assert Client("http://127.0.0.1:1").silence().startswith("ConnectionRefusedError")


def test_a_target_that_ended_stops_the_run() -> None:
    with serving(saying(OK)) as server:
        client = Client(server.url)
        assert client.send(GET).status == 200
    started = time.monotonic()
    for _ in range(1000):
        with pytest.raises(Stopped, match=r"went away: it has not answered since POST /there \(Connection"):
            client.send(POST)
    assert time.monotonic() - started < 5
    with pytest.raises(Stopped):
        client.together([GET] * 12)


def test_a_target_that_is_started_again_is_there() -> None:
    first = Server(saying(OK))
    port = int(first.url.rpartition(":")[2])
    client = Client(first.url)
    assert client.send(GET).status == 200
    first.end()
    again: list[Server] = []

    def restart() -> None:
        again.append(Server(saying(OK), port))

    later = threading.Timer(0.3, restart)
    later.start()
    try:
        assert client.send(POST).response is None  # this one was lost
        assert client.send(POST).status == 200
    finally:
        later.join()
        again[0].end()
        client.close()


def test_a_target_that_hangs_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PATIENCE", 1.0)
    monkeypatch.setattr(client_module, "_LEAST_PATIENCE", 0.2)
    hangs = threading.Event()

    def handler(accepted: socket.socket, number: int) -> None:
        while request_read(accepted):
            if hangs.is_set():
                time.sleep(5)
            accepted.sendall(OK)

    with serving(handler) as server:
        client = Client(server.url, patience=0.5)
        assert client.send(GET).status == 200
        hangs.set()
        started = time.monotonic()
        with pytest.raises(Stopped, match="TimeoutError"):
            client.send(GET)
        assert time.monotonic() - started < 2


def test_requests_that_take_too_long_have_ever_less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_LEAST_PATIENCE", 0.1)

    def slow(accepted: socket.socket, number: int) -> None:
        while (read := request_read(accepted)).startswith(b"GET"):
            accepted.sendall(OK)
        if read:
            time.sleep(3)

    with serving(slow) as server:
        client = Client(server.url, patience=0.8)
        started = time.monotonic()
        for _ in range(10):
            assert "TimeoutError" in client.send(POST).fault
        assert time.monotonic() - started < 0.8 + 0.4 + 0.2 + 7 * 0.1 + 1
        assert client.send(GET).status == 200
        client.close()


def test_the_deadline_ends_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(alive(saying(b"", pause=3))) as server:
        client = Client(server.url)
        client.deadline = time.monotonic() + 0.3
        started = time.monotonic()
        with pytest.raises(Stopped, match="budget"):
            client.send(GET)
        assert time.monotonic() - started < 0.6
        with pytest.raises(Stopped, match="budget"):
            client.send(GET)
        assert server.count == 1


@pytest.mark.parametrize("url", ["localhost:80", "ftp://x", "http://", "/x"])
def test_a_target_has_a_url(url: str) -> None:
    with pytest.raises(ValueError, match="is no http or https URL"):
        Client(url)
