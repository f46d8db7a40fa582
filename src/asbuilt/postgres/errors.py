"""What PostgreSQL says against a statement while it runs, as conditions a service can answer.

By SQLSTATE (https://www.postgresql.org/docs/18/errcodes-appendix.html), never by the words of a message:
those may be in any language. DETAIL, and messages that quote values, hold data of rows and never leave here.
"""

import re
from typing import Literal

import asyncpg

from asbuilt.values import frozen

Kind = Literal[
    "unique",
    "foreign key",
    "check",
    "not null",
    "exclusion",
    "length",
    "range",
    "characters",
    "value",
    "serialization",
    "deadlock",
    "lock",
    "timeout",
    "unavailable",
    "read only",
    "denied",
    "schema",
    "raised",
    "other",
]
# What happens to a transaction because of another one: done again, it may come through.
COLLISIONS: frozenset[Kind] = frozenset({"serialization", "deadlock", "lock"})

_STATES: dict[str, Kind] = {
    "23505": "unique",
    "23503": "foreign key",
    "23001": "foreign key",
    "23514": "check",
    "23502": "not null",
    "23P01": "exclusion",
    "22001": "length",
    "22003": "range",
    "22008": "range",
    "22015": "range",
    "22021": "characters",
    "22P05": "characters",
    "40001": "serialization",
    "40P01": "deadlock",
    "55P03": "lock",
    "57014": "timeout",
    "25P03": "timeout",
    "25P04": "timeout",
    "25006": "read only",
    "42501": "denied",
    "P0001": "raised",
}
_CLASSES: dict[str, Kind] = {"22": "value", "08": "unavailable", "53": "unavailable", "57": "unavailable"}
_CLASSES |= {"58": "unavailable", "XX": "unavailable", "42": "schema", "3D": "unavailable", "28": "unavailable"}
# What whoever reads the log can do about it.
_MENDED: dict[Kind, str] = {
    "denied": "GRANT this right to the role of DATABASE_URL, or serve with a role that has it",
    "read only": "let DATABASE_URL name a server that takes changes, or change `Transaction: read only`",
}
_QUOTES_VALUES = ("22", "P0", "23514")
_ARGUMENT = re.compile(r"\$(\d+)")


@frozen
class Condition:
    """Why a statement failed. `argument` is the index of the value that could not be sent, from 0.

    `message` is for the log: PostgreSQL's own words where they quote no value, else empty.
    """

    kind: Kind
    sqlstate: str = ""
    constraint: str = ""
    table: str = ""
    column: str = ""
    argument: int | None = None
    message: str = ""


class StatementFailed(Exception):  # noqa: N818 - named by what has happened
    """PostgreSQL refused a statement, or could not be asked."""

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition)
        self.condition = condition

    def __str__(self) -> str:
        parts = (self.condition.sqlstate, self.condition.message, self.condition.constraint)
        said = f"{self.condition.kind}: {' '.join(part for part in parts if part)}"
        mend = _MENDED.get(self.condition.kind)
        return f"{said}; {mend}" if mend else said


def condition(error: BaseException) -> Condition:
    """The condition behind what the driver raised."""
    if isinstance(error, asyncpg.InterfaceError | asyncpg.DataError) and "query argument" in str(error):
        return _not_sent(error)  # the driver raises as PostgreSQL does, before it has sent anything
    if isinstance(error, asyncpg.PostgresError):
        return _told(error)
    if isinstance(error, TimeoutError | OSError | EOFError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return Condition("unavailable", message=type(error).__name__)
    return Condition("other", message=type(error).__name__)


def _told(error: asyncpg.PostgresError) -> Condition:
    state = error.sqlstate or ""
    return Condition(
        _STATES.get(state) or _CLASSES.get(state[:2], "other"),
        state,
        error.constraint_name or "",
        _table(error.schema_name, error.table_name),
        error.column_name or "",
        message="" if state.startswith(_QUOTES_VALUES) else str(error.args[0]) if error.args else "",
    )


def _table(schema: str | None, name: str | None) -> str:
    """A table by its name in the catalogue: those outside `public` carry their schema."""
    return f"{schema}.{name}" if name and schema not in (None, "public") else name or ""


def _not_sent(error: Exception) -> Condition:
    """A value that the driver could not write as the type PostgreSQL expects; its words quote the value."""
    found = _ARGUMENT.search(str(error))
    argument = int(found.group(1)) - 1 if found else None
    if isinstance(error.__cause__, OverflowError):
        return Condition("range", argument=argument)
    if isinstance(error.__cause__, UnicodeEncodeError):
        return Condition("characters", argument=argument)
    place = found.group() if found else "a parameter"
    return Condition(
        "other", argument=argument, message=f"the value of {place} is of a type PostgreSQL does not expect"
    )
