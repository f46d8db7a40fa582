"""Lists a page at a time: items, and an opaque cursor to what comes next."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

Item = TypeVar("Item")
Key = TypeVar("Key")
After = Annotated[str | None, Query()]


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next: str | None


def page(rows: Sequence[Any], limit: int) -> dict[str, Any]:
    """The first `limit` of `rows`, of which one more was asked for to know whether there are more."""
    items = rows[:limit]
    return {"items": items, "next": cursor_of(items[-1].id) if len(rows) > limit else None}


def cursor_of(key: object) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def key_of(cursor: str, kind: Callable[[str], Key]) -> Key:
    try:
        return kind(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode())
    except (ValueError, binascii.Error):
        fault = {"loc": ("query", "after"), "msg": "is no cursor of this list", "type": "cursor"}
        raise RequestValidationError([fault]) from None
