"""A request and its answer, as small values: what every server adapter makes and takes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

import msgspec

Header: TypeAlias = tuple[str, str]


class Headers(Protocol):
    """The headers of a request, by lower-case name; of a repeated one the first, None where there is none."""

    def get(self, key: str, /) -> str | None: ...


class BodyTooLarge(Exception):  # noqa: N818 - named by what is the matter
    """The request's body is longer than the limit it was read with."""


class BodyBroken(Exception):  # noqa: N818
    """The client went away, or broke off, before the body was complete."""


class Caller(Protocol):
    """Where a request comes from, and how. `authority` is the host as the caller named it, where that is known."""

    @property
    def client(self) -> str: ...

    @property
    def scheme(self) -> str: ...

    @property
    def authority(self) -> str | None: ...


class Request(msgspec.Struct, frozen=True):
    """One request. `path` is percent-decoded, `query` is not; `read` gives the body up to a length.

    `read` raises `BodyTooLarge` and `BodyBroken`.
    """

    method: str
    path: str
    query: str
    headers: Headers
    read: Callable[[int], Awaitable[bytes]]
    caller: Caller


class Answer(msgspec.Struct, frozen=True):
    """One answer, complete: its headers include the body's type, never its length or the date.

    `tag` is the ETag of a body that was made before; empty where it is still to be told.
    """

    status: int
    headers: Sequence[Header]
    body: bytes = b""
    tag: str = ""
