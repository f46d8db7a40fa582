"""The line that shows a refutation again sends the same bytes, whatever is in them."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from asbuilt.verify.client import Client
from asbuilt.verify.exchange import Request
from asbuilt.verify.shell import curl

pytestmark = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")), reason="curl and bash are not installed"
)

# What curl and the client of the probes each say of themselves.
OWN = {b"host", b"user-agent", b"accept", b"content-length", b"accept-encoding"}
TYPED = (("Content-Type", "application/json"),)


class Recorder:
    """A server that keeps what it was sent and answers each request by 204."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.got: list[tuple[bytes, list[bytes], bytes]] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                first = stream.readline().rstrip(b"\r\n")
                headers = list(iter(lambda: stream.readline().rstrip(b"\r\n"), b""))
                length = next((int(h.split(b":")[1]) for h in headers if h.lower().startswith(b"content-length:")), 0)
                self.got.append((first, headers, stream.read(length)))
                connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    server = Recorder()
    yield server
    server.listener.close()


def sent(recorder: Recorder) -> tuple[bytes, list[bytes], bytes]:
    first, headers, body = recorder.got.pop()
    return first, sorted(one.rstrip() for one in headers if one.partition(b":")[0].lower() not in OWN), body


NAMES = st.sampled_from(["If-Match", "Idempotency-Key", "X-Odd"])
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=12).map(
    str.strip
)
REQUESTS = st.builds(
    Request,
    st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "BREW"]),
    st.sampled_from(["/", "/a?b=%20c&d=[1]", "/{x}", "/a/../b", "/a/./b?c", "/it's", "/$HOME`id`"]),
    st.lists(st.tuples(NAMES, VALUES), max_size=2, unique_by=lambda one: one[0]).map(tuple)
    | st.just((("Content-Type", "application/json"), ("Accept", "*/*"))),
    st.none() | st.binary(max_size=40) | st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")),
)


@settings(max_examples=60, deadline=None)
@example(Request("POST", "/", TYPED, b'{"title": "it\'s $HOME `id` \\\\ \\n"}'))
@example(Request("POST", "/", TYPED, b"@/etc/passwd"))
@example(Request("POST", "/", (), b'{\n  "a": 1\r\n}\n'))
@example(Request("POST", "/", TYPED, b"\xff\xfe\x00%s\\0' \x00"))
@example(Request("POST", "/", TYPED, b""))
@example(Request("POST", "/", (), None))
@example(Request("PUT", "/", (("X-Odd", ""), ("Content-Type", "text/plain; charset=é")), b"x"))
@given(REQUESTS)
def test_the_line_sends_what_was_sent(recorder: Recorder, told: Request) -> None:
    line = curl(told, recorder.url)
    assert line.isprintable(), "one line, and nothing that a terminal acts on"
    client = Client(recorder.url)
    assert client.send(told).status == 204
    expected = sent(recorder)
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, (line, done.stderr)
    assert sent(recorder) == expected, line


def test_head(recorder: Recorder) -> None:
    assert curl(Request("HEAD", "/"), "http://x/") == "curl -I http://x/"
    assert curl(Request("GET", "/a", (("Accept", "*/*"),)), "http://x") == "curl -i http://x/a"
