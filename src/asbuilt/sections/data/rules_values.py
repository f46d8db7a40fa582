"""Columns that can hold no value, and defaults that their own columns refuse."""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, rule
from asbuilt.postgres.satisfaction import contradictions, refused_defaults
from asbuilt.sections.data.model import Data


@rule("DB111")
def impossible_check(data: Data) -> Iterator[Diagnostic]:
    """No value of a column satisfies its CHECK constraints.

    `CHECK (seats > 10 AND seats < 5)` refuses every row, or, where the column may be null, every row that gives it a
    value. PostgreSQL takes such a table without a word. What only compares one column with constants is looked at.
    """
    for table in data.catalog.tables:
        for found in contradictions(table, data.catalog):
            left = "but NULL " if found.null else ""
            conditions = " and ".join(f"`{check.expression}`" for check in (*found.others[-1:], found.check))
            yield impossible_check.at(
                found.check,
                f"nothing {left}can stand in `{table.name}.{found.column}`: no value satisfies {conditions}",
                hint="mend the bounds, or write `OR` where either is enough",
                also=[(other, "this goes with it") for other in found.others[:3]],
            )


@rule("DB112")
def impossible_default(data: Data) -> Iterator[Diagnostic]:
    """The default of a column is no value of its type, or fails its CHECK constraint.

    Every row that relies on it would be refused: `starts_at timestamptz DEFAULT 'soon'`,
    `seats int DEFAULT 0 CHECK (seats > 0)`. Defaults that are constants are looked at.
    """
    refused = [fault.span for fault in data.faults if fault.sqlstate]
    for table in data.catalog.tables:
        for column, reason, hint in refused_defaults(table, data.catalog):
            told = any(column.span.start <= span.start < column.span.end for span in refused)
            if not told:
                message = f"the default `{column.default}` of `{table.name}.{column.name}` {reason}"
                yield impossible_default.at(column, message, hint=hint)
