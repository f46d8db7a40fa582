"""`If-Match`, where an endpoint declares it: a change is made only to what the caller has seen."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import msgspec

from asbuilt.component import Component, Operation
from asbuilt.postgres.driver import Runs
from asbuilt.runtime.calls import Call
from asbuilt.runtime.messages import Answer
from asbuilt.runtime.refusals import Refusal
from asbuilt.runtime.tags import is_expected, tag_of

Read: TypeAlias = Callable[[Call, Runs], Awaitable[Answer]]
Check: TypeAlias = Callable[[Call, Runs], Awaitable[None]]


def reading_of(operation: Operation, component: Component) -> Operation | None:
    """The operation whose answer `If-Match` is about: GET of the same path; None where it is not declared."""
    declared = any(p.name.text.lower() == "if-match" for p in operation.endpoint.parameters_in("header"))
    if not declared or operation.endpoint.method == "GET":
        return None
    path = operation.endpoint.route.template
    for other in component.operations:
        if other.endpoint.method == "GET" and other.endpoint.route.template == path and not other.loads:
            return other
    return None


def precondition(read: Read) -> Check:
    """What refuses a call whose `If-Match` does not name what is there now, read in the same transaction."""

    async def check(call: Call, runs: Runs) -> None:
        expected = call.request.headers.get("if-match")
        if expected is None:
            return
        bare = msgspec.structs.replace(call.request, query="")
        now = await read(Call(bare, call.request_id, dict(call.values), {}, b"", call.base_url_of), runs)
        if not is_expected(expected, tag_of(now.body)):
            raise Refusal("precondition", "it has changed since it was read")

    return check
