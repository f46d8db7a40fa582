"""Who asks, as far as logs go: the request's id and its place in a distributed trace."""

import re
import secrets
from collections.abc import Callable
from itertools import count

from asbuilt.runtime.messages import Headers

_SANE = re.compile(r"[A-Za-z0-9._~+/=:@-]{1,128}", re.ASCII)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?", re.ASCII)
_NO_TRACE = "0" * 32


def request_ids() -> Callable[[Headers], str]:
    """What gives each request its id: the caller's `X-Request-Id` where it is sane, else one never given before."""
    prefix, numbers = secrets.token_hex(6), count(1)

    def request_id(headers: Headers) -> str:
        given = headers.get("x-request-id")
        if given is not None and _SANE.fullmatch(given):
            return given
        return f"{prefix}{next(numbers):08x}"

    return request_id


def trace_id(headers: Headers) -> str:
    """The id in `traceparent` (https://www.w3.org/TR/trace-context/), empty where there is none that holds."""
    given = headers.get("traceparent")
    if given is None:
        return ""
    match = _TRACEPARENT.fullmatch(given.strip())
    return match.group(1) if match and match.group(1) != _NO_TRACE and not given.startswith("ff") else ""
