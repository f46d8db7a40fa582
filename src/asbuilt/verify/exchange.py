"""A request and what came back: the evidence of most verdicts."""

import json
from typing import Any

from asbuilt.values import frozen

# What a server may answer to anybody at any time, whatever its document says: not now (RFC 6585, RFC 9110).
PUT_OFF = frozenset({429, 503})
_LONGEST_BODY = 2_000
_DEEPEST = 100
_TOO_DEEP = f"nested deeper than {_DEEPEST} levels"


@frozen
class Request:
    """`target` is the path with its query, percent-encoded. Headers are sent as written, `Host` and length besides."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


@frozen
class Response:
    """Header names are in lower case, in the order they came."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float

    def header(self, name: str) -> str | None:
        return next((value for known, value in self.headers if known == name.lower()), None)

    @property
    def media_type(self) -> str:
        """Without parameters, in lower case; empty where there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none, or is nested deeper than 100 levels."""
        try:
            value = json.loads(self.body, parse_constant=_refused)
        except RecursionError:
            raise ValueError(_TOO_DEEP) from None
        if _is_deep(value):
            raise ValueError(_TOO_DEEP)
        return value

    @property
    def shown(self) -> str:
        """Status and body, cut to what fits in a report."""
        text = self.body.decode("utf-8", "replace")
        cut = text if len(text) <= _LONGEST_BODY else f"{text[:_LONGEST_BODY]}... ({len(self.body):,} bytes)"
        return f"{self.status} {cut}".strip()


@frozen
class Exchange:
    """`response` is None where none came: `fault` says why."""

    request: Request
    response: Response | None
    fault: str = ""

    @property
    def status(self) -> int:
        """0 where no response came."""
        return self.response.status if self.response else 0

    def value(self) -> Any:
        """The JSON that was answered; None where there was none."""
        try:
            return self.response.json() if self.response and self.response.body else None
        except ValueError:
            return None


def _refused(name: str) -> float:
    raise ValueError(f"`{name}` is no JSON")


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        inner = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list))
        level = [each for values in inner for each in values]
        if not level:
            return False
    return True
