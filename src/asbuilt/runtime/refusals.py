"""Why an operation does not answer what was asked: raised wherever that is known, answered in one place."""
# ruff: noqa: N818 - these are answers, not errors of the program

from collections.abc import Mapping

from asbuilt.component import Cause
from asbuilt.runtime.faults import Fault
from asbuilt.runtime.messages import Header


class Refusal(Exception):
    """A request is refused for a cause of the baseline.

    `about` names what the cause is about, as `asbuilt.component.causes.error_row` takes it; `given` are
    the values of the call that is refused, by name. Each is raised once: exceptions keep their tracebacks.
    """

    def __init__(
        self,
        cause: Cause,
        detail: str = "",
        *,
        about: tuple[str, ...] = (),
        faults: tuple[Fault, ...] = (),
        headers: tuple[Header, ...] = (),
    ) -> None:
        super().__init__(cause, detail)
        self.cause: Cause = cause
        self.detail = detail
        self.about = about
        self.faults = faults
        self.headers = headers
        self.given: Mapping[str, object] = {}


class DocumentedError(Exception):
    """What an algorithm raises: each row of the error table is a class derived from this, called by its code.

    A text argument is the error's detail; keyword arguments fill the holes of its body, and the
    values of the call, `given`, those that are left. `refusal` is set where it is the runtime that raises.
    """

    code = ""
    refusal: Refusal | None = None

    def __init__(self, *texts: object, **holes: object) -> None:
        super().__init__(*texts)
        self.holes = holes
        self.given: Mapping[str, object] = {}

    @property
    def detail(self) -> str:
        return " ".join(str(text) for text in self.args)


def invalid(faults: list[Fault]) -> Refusal:
    """The refusal of a request that holds faults, all of them told."""
    about = tuple(dict.fromkeys(fault.field for fault in faults))
    return Refusal("validation", summary(faults), about=about, faults=tuple(faults))


def summary(faults: list[Fault]) -> str:
    """The first fault in words, and how many more there are."""
    first = f"`{faults[0].field}` {faults[0].message}"
    more = len(faults) - 1
    return f"{first}, and {more} more fault{'s' * (more > 1)}" if more else first
