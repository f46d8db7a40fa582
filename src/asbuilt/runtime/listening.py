"""The address to listen at: free, and the same for all workers."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from asbuilt.runtime.cannot_serve import CannotServe
from asbuilt.values import frozen

_LAST = 65_535


@frozen
class Listen:
    """Where to listen. Port 0 stands for any free port."""

    host: str = "127.0.0.1"
    port: int = 8080


@contextmanager
def reserved(listen: Listen) -> Iterator[tuple[str, int]]:
    """The address behind the host, and the port, which is kept for the workers meanwhile. Raises `CannotServe`."""
    if not 0 <= listen.port <= _LAST:
        raise CannotServe(f"there is no port {listen.port}", f"ports go from 1 to {_LAST}; `--port 0` is any free one")
    try:
        found = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise CannotServe(
            f"`{listen.host}` is no address of this machine: {error.strerror}", "`--host 127.0.0.1`"
        ) from None
    family, _, _, _, address = found[0]
    port = listen.port or _any_free(family, address[0])
    _demand_free(family, str(address[0]), port)
    # The workers bind the same port beside this socket, which never listens: no connection comes to it.
    with socket.socket(family, socket.SOCK_STREAM) as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        keeper.bind((address[0], port))
        yield str(address[0]), port


def accepts(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    try:
        socket.create_connection((target, port), timeout=1).close()
    except OSError:
        return False
    return True


def _any_free(family: int, address: object) -> int:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError as error:
            raise _why(error, str(address), 0) from None
        return int(probe.getsockname()[1])


def _demand_free(family: int, address: str, port: int) -> None:
    """Without SO_REUSEPORT, so that another server on the port is noticed rather than joined."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen(1)
        except OSError as error:
            raise _why(error, address, port) from None


def _why(error: OSError, address: str, port: int) -> CannotServe:
    if error.errno == errno.EADDRINUSE:
        return CannotServe(
            f"port {port} is in use by another program", "choose another with `--port 8081`, or `--port 0` for any"
        )
    if error.errno == errno.EACCES:
        return CannotServe(f"port {port} may not be used by this user", "choose one above 1023, such as `--port 8080`")
    if error.errno == errno.EADDRNOTAVAIL:
        return CannotServe(f"`{address}` is no address of this machine", "`--host 127.0.0.1`")
    return CannotServe(f"port {port} of {address} can't be used: {error.strerror}")
