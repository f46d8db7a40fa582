"""An author's statement as a source of rows for another SELECT."""

from collections import Counter

from asbuilt.postgres.query_text import parts_of
from asbuilt.postgres.spelling import identifier
from asbuilt.postgres.statement import ResultColumn
from asbuilt.values import frozen

_READS = {"SELECT", "VALUES", "TABLE", "ASCII_40"}


@frozen
class Rows:
    """A source of rows that is called `r`.

    `prefix` stands before the SELECT: the statement's own WITH, and the statement itself where it
    writes. `source` stands behind FROM. `columns` are those of the statement, named so that no two are alike.
    """

    prefix: str
    source: str
    columns: tuple[ResultColumn, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, sql: str, columns: tuple[ResultColumn, ...]) -> "Rows":
        parts = parts_of(sql)
        main = sql[parts.start : parts.end]
        names = _told_apart(columns)
        aliases = f"({', '.join(map(identifier, names))})" if names != tuple(c.name for c in columns) else ""
        if parts.start == 0 and parts.verb in _READS:
            return cls("", f"(\n{main}\n) AS r{aliases}", columns, names)
        before = f"{sql[: parts.start].rstrip()},\n" if sql[: parts.start].strip() else "WITH "
        return cls(f"{before}_rows{aliases} AS (\n{main}\n)\n", "_rows AS r", columns, names)


def _told_apart(columns: tuple[ResultColumn, ...]) -> tuple[str, ...]:
    """The columns' names; of several with one name the first keeps it, since that is the one a member takes."""
    seen: Counter[str] = Counter()
    names = []
    for number, column in enumerate(columns, 1):
        seen[column.name] += 1
        names.append(column.name if seen[column.name] == 1 else f"_{number}")
    return tuple(names)
