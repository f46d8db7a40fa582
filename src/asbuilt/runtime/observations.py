"""What happened, said once: logs and metrics are made from it elsewhere."""

from typing import TypeAlias

import msgspec


class Answered(msgspec.Struct, frozen=True):
    """A request was answered. `operation` is empty where no route led to one; `code` is that of an error."""

    operation: str
    status: int
    code: str
    nanoseconds: int
    request_id: str
    trace_id: str
    quiet: bool = False


class Failed(msgspec.Struct, frozen=True):
    """An operation failed for a reason that its caller is not told."""

    operation: str
    request_id: str
    reason: str
    traceback: str = ""


class Said(msgspec.Struct, frozen=True):
    """An algorithm, or the service itself, has something to say."""

    level: str
    event: str
    fields: dict[str, object]
    request_id: str = ""
    operation: str = ""


Observation: TypeAlias = Answered | Failed | Said
