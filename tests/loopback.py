"""Servers on the loopback interface that do with a connection what a test tells them to."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Handler = Callable[[socket.socket, int], None]


class Server:
    """Gives each connection, and its number, to a handler, in a thread of its own."""

    def __init__(self, handler: Handler, port: int = 0) -> None:
        self._listening = socket.create_server(("127.0.0.1", port))
        self._handler = handler
        self._open: list[socket.socket] = []
        self.count = 0
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            self.count += 1
            self._open.append(accepted)
            threading.Thread(target=self._handled, args=(accepted, self.count), daemon=True).start()

    def _handled(self, accepted: socket.socket, number: int) -> None:
        try:
            self._handler(accepted, number)
        except OSError:
            pass
        finally:
            accepted.close()

    def end(self) -> None:
        """May be said twice, and by a handler."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._thread.join(5)


@contextmanager
def serving(handler: Handler) -> Iterator[Server]:
    server = Server(handler)
    try:
        yield server
    finally:
        server.end()


def request_read(accepted: socket.socket) -> bytes:
    """The head of a request and its body; empty where none comes any more."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = accepted.recv(65536)
        if not piece:
            return b""
        read += piece
    head, _, body = read.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += accepted.recv(65536)
    return head + b"\r\n\r\n" + body


def saying(*pieces: bytes, pause: float = 0.0, keep: bool = False) -> Handler:
    """Answers each request with these pieces; then it closes, or waits for the next."""

    def handler(accepted: socket.socket, number: int) -> None:
        while request_read(accepted):
            for piece in pieces:
                accepted.sendall(piece)
                time.sleep(pause)
            if not keep:
                return

    return handler
