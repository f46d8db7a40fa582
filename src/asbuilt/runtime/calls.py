"""One call of an operation, and how the values its statements and algorithms name are found in it."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT
from asbuilt.runtime.messages import Request

Get: TypeAlias = Callable[["Call"], object]
BODY = "body"
_NOTHING = object()


class Call(msgspec.Struct):
    """One call: the request, its values by snake_case name (`body` among them), and headers for its answer.

    A parameter that was left out and has no default is not among the values. Rows that the path loads
    are added under the name of their table. `raw` is the body as it came.
    """

    request: Request
    request_id: str
    values: dict[str, object]
    headers: dict[str, object]
    raw: bytes
    base_url_of: Callable[[Request], str]

    @property
    def base_url(self) -> str:
        """`https://host`, as the caller used it."""
        return self.base_url_of(self.request)


def getter(name: str, members: frozenset[str] = frozenset()) -> Get:
    """What finds the value of a parameter as a statement names it: `id`, `body.project.id`, `request.base_url`.

    `members` are the attributes of the body: a bare name that no parameter bears may be one of them.
    What is absent is None.
    """
    head, *path = (snake(part) for part in name.split("."))
    if head == "request":
        return _of_request(path)
    if not path:
        return _bare(head, in_body=head in members)

    def get(call: Call) -> object:
        found = call.values.get(head)
        for part in path:
            found = member(found, part)
        return None if found is ABSENT else found

    return get


def presence(name: str, members: frozenset[str] = frozenset()) -> Callable[[Call], bool]:
    """What tells whether a parameter is present: null is, what was left out is not."""
    head, *path = (snake(part) for part in name.split("."))
    if not path and head not in members:
        return lambda call: call.values.get(head, ABSENT) is not ABSENT
    if not path:
        return lambda call: (
            call.values[head] is not ABSENT
            if head in call.values
            else member(call.values.get(BODY), head, ABSENT) is not ABSENT
        )

    def present(call: Call) -> bool:
        found = call.values.get(head, ABSENT)
        for part in path:
            found = member(found, part, ABSENT)
        return found is not ABSENT

    return present


def member(value: object, name: str, otherwise: object = None) -> object:
    """A member of an instance, a row or a mapping."""
    if value is None or value is ABSENT:
        return otherwise
    if isinstance(value, Mapping):
        return value[name] if name in value else value.get(name, otherwise)
    return getattr(value, name, otherwise)


def _bare(name: str, *, in_body: bool) -> Get:
    if not in_body:
        return lambda call: call.values.get(name)

    def get(call: Call) -> object:
        found = call.values.get(name, _NOTHING)
        if found is _NOTHING:
            found = member(call.values.get(BODY), name)
        return None if found is ABSENT else found

    return get


def _of_request(path: list[str]) -> Get:
    parts: Mapping[str, Get] = {
        "base_url": lambda call: call.base_url,
        "method": lambda call: call.request.method,
        "path": lambda call: call.request.path,
        "url": lambda call: call.base_url + call.request.path,
        "id": lambda call: call.request_id,
    }
    return parts.get(path[0] if path else "", lambda _call: None)
