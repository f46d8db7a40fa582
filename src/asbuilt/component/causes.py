"""Which row of the error table answers which cause."""

from collections.abc import Mapping

from asbuilt.component.model import Cause, Component, Operation
from asbuilt.sections.api import ErrorRow

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


def error_row(
    component: Component, operation: Operation | None, cause: Cause, about: tuple[str, ...] = ()
) -> ErrorRow | None:
    """The row that answers a cause, or None: then the answer is a problem with `DEFAULT_STATUS`.

    `about` names what the cause is about, each a reference that a row's description may hold: a
    constraint (`users_email_key`), a parameter or member (`email`), a pattern, a table, a schema,
    and the words `on delete`. Of the rows whose references all hold, the most specific wins, those
    in the operation's `Errors:` first; failing references, the only row with the cause's status.
    """
    raise NotImplementedError
