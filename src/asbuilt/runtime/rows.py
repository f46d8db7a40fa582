"""Rows as algorithms see them: columns as attributes, a repr, comparison by value."""

from collections.abc import Sequence
from functools import lru_cache
from keyword import iskeyword
from typing import Any

import msgspec

from asbuilt.postgres.driver import Row


class Record(msgspec.Struct):
    """A row of a statement. `row.sku` and `row["sku"]` are the same."""

    def __getitem__(self, column: str) -> object:
        try:
            return getattr(self, column)
        except AttributeError:
            raise KeyError(column) from None


@lru_cache(1024)
def record_class(name: str, columns: tuple[str, ...]) -> type[Record]:
    """The class of a statement's rows; of columns with one name the first keeps it."""
    names: list[str] = []
    for column in columns:
        attribute = "".join(letter if letter.isalnum() else "_" for letter in column)
        if not attribute.isidentifier() or iskeyword(attribute):
            attribute = f"column_{attribute}"
        while attribute in names:
            attribute += "_"
        names.append(attribute)
    # The stub says `Struct`; with `bases` it is a class derived from those.
    return msgspec.defstruct(name, names, bases=(Record,), module="rows")  # type: ignore[return-value]


def records(name: str, rows: Sequence[Row]) -> list[Any]:
    """The rows of a statement of that name."""
    if not rows:
        return []
    made = record_class(name, tuple(rows[0].keys()))
    return [made(*row) for row in rows]
