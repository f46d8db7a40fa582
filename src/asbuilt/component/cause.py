"""The causes an error is answered for, by the names that rows of the error table use."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

Cause: TypeAlias = Literal[
    "unknown route",
    "method",
    "malformed",
    "too large",
    "media type",
    "not acceptable",
    "validation",
    "unauthenticated",
    "token missing",
    "token invalid",
    "forbidden",
    "no row",
    "conflict",
    "precondition",
    "key missing",
    "key reused",
    "too many requests",
    "timeout",
    "unavailable",
    "internal",
]

# The status without a row. A timeout is 503 as all is that a caller may try again: 504 is a gateway's word.
DEFAULT_STATUS: Mapping[Cause, int] = {
    "unknown route": 404,
    "method": 405,
    "malformed": 400,
    "too large": 413,
    "media type": 415,
    "not acceptable": 406,
    "validation": 422,
    "unauthenticated": 401,
    "token missing": 401,
    "token invalid": 401,
    "forbidden": 403,
    "no row": 404,
    "conflict": 409,
    "precondition": 412,
    "key missing": 400,
    "key reused": 422,
    "too many requests": 429,
    "timeout": 503,
    "unavailable": 503,
    "internal": 500,
}

# Further statuses whose only row is for a cause too.
OTHER_STATUSES: Mapping[Cause, tuple[int, ...]] = {
    "validation": (400,),
    "timeout": (504,),
    "key missing": (422,),
    "key reused": (409,),
}

# The cause that is meant as well where a row names a wider one.
WIDER: Mapping[Cause, Cause] = {"token missing": "unauthenticated", "token invalid": "unauthenticated"}
