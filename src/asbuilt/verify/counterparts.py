"""The rows of two lists, each with its counterpart in the other, and whether the order is as the document says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from asbuilt.component import Component, Operation, PatternStep
from asbuilt.language.names import snake
from asbuilt.language.types import Type
from asbuilt.postgres.statement import OrderKey
from asbuilt.verify.correlation import Correlation, Gap
from asbuilt.verify.resources import Listing
from asbuilt.verify.values import kind_of

# First letters that sort alike in all languages: no AA (Danish), CH (Czech), Z (Estonian), W (Swedish), Y (Lithuanian).
_STEADY = frozenset("BDEFGHIJKLMNOPQRSTUVX")
_SORTED_KINDS = frozenset({"int", "uuid", "datetime", "date", "bool", "decimal"})
_WHOLE_KINDS = frozenset({"int", "uuid", "date", "bool", "str"})


@dataclass(frozen=True)
class Counterparts:
    """Two lists of one operation, side by side."""

    component: Component
    correlation: Correlation
    listing: Listing
    operation: Operation

    def unequal_pages(self, ours: Sequence[list[Any]], theirs: Sequence[list[Any]]) -> str:
        """What is wrong with the lengths of the pages; empty where nothing is."""
        one, other = ([len(page) for page in side if page] for side in (ours, theirs))
        if one == other:
            return ""
        if len(one) <= 1 and len(other) <= 1:
            return f"{sum(one)} rows, not {sum(other)}"
        return f"pages of {_counted(one)} rows, not of {_counted(other)}"

    def gaps(self, ours: list[Any], theirs: list[Any]) -> tuple[str, list[Gap]]:
        """A row too many or too few, in words, or the members in which a row differs from its counterpart."""
        item = self.listing.item
        if len(ours) == len(theirs) and not any(
            self.correlation.tried(*pair, item) for pair in zip(ours, theirs, strict=True)
        ):
            for number, pair in enumerate(zip(ours, theirs, strict=True)):
                found = self.correlation.gaps(*pair, item)
                if found:
                    return "", [_within(gap, number) for gap in found]
            return "", []
        return self._matched(ours, theirs, item)

    def disorder(self, ours: list[Any], theirs: list[Any]) -> str:
        """What is wrong with the order of our rows; empty where it is as the document says, or as it may be."""
        keys = [
            key
            for step in self.operation.steps
            if isinstance(step, PatternStep)
            for key in step.pattern.statement.order
        ]
        if not keys or self._is_in_step(ours, theirs):
            return ""
        for before, after in pairwise(ours):
            key = self._violated(keys, before, after)
            if key is not None:
                return f"`{key.output}` does not {'fall' if key.descending else 'rise'} throughout"
        return ""

    def _is_in_step(self, ours: list[Any], theirs: list[Any]) -> bool:
        pairs = zip(ours, theirs, strict=False)
        return len(ours) == len(theirs) and not any(self.correlation.tried(*pair, self.listing.item) for pair in pairs)

    def _matched(self, ours: list[Any], theirs: list[Any], item: Type) -> tuple[str, list[Gap]]:
        left = list(theirs)
        lonely = []
        for number, each in enumerate(ours):
            held = [other for other in left if not self.correlation.tried(each, other, item)]
            if not held:
                lonely.append((number, each))
                continue
            left.remove(held[0])
            if len(held) == 1:
                self.correlation.gaps(each, held[0], item)
        for number, each in lonely:
            for other in left:
                found = self.correlation.tried(each, other, item)
                if not any(gap.key for gap in found):
                    return "", [_within(gap, number) for gap in found]
        if lonely:
            return f"{len(lonely)} of {len(ours)} rows should not be listed", []
        return (f"{len(left)} of {len(theirs)} rows are not listed", []) if left else ("", [])

    def _violated(self, keys: Sequence[OrderKey], before: Any, after: Any) -> OrderKey | None:
        """The key that says of two rows that they stand the other way round; None where none surely does."""
        for key in keys:
            one, other = (_ranked(value, self._kind(key)) for value in (_column(before, key), _column(after, key)))
            if one is None or other is None or type(one) is not type(other):
                return None
            if one == other and self._kind(key) not in _WHOLE_KINDS:
                return None  # what was cut off may have decided
            if one != other:
                if isinstance(one, str) and self._kind(key) == "str" and not _steady(one, other):
                    return None
                return key if (one < other) == key.descending else None
        return None

    def _kind(self, key: OrderKey) -> str:
        schema = self.component.types.schema(self.component.types.present(self.listing.item))
        for field in schema.fields if schema else ():
            if (field.column or snake(field.name)) == key.output:
                return kind_of(self.component.types.present(field.type))
        return ""


def _within(gap: Gap, number: int) -> Gap:
    return replace(gap, pointer=f"/{number}{gap.pointer}")


def _column(row: Any, key: OrderKey) -> object:
    found: Iterator[object] = (
        value for name, value in (row.items() if isinstance(row, dict) else ()) if snake(str(name)) == key.output
    )
    return next(found, None)


def _ranked(value: object, kind: str) -> Any:
    """The value as it sorts; None where that is not sure."""
    if kind == "datetime" and isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return None
    if kind in _SORTED_KINDS and isinstance(value, str | int | float):
        return value.lower() if isinstance(value, str) else value
    return value if kind == "str" and isinstance(value, str) else None


def _steady(one: str, other: str) -> bool:
    """Whether two texts sort alike in all collations."""
    return one[:1] in _STEADY and other[:1] in _STEADY and one[:1] != other[:1] and (one + other).isascii()


def _counted(lengths: list[int]) -> str:
    return ", ".join(map(str, lengths)) or "0"
