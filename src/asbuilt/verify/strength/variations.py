"""Kinds of values that a server may take for a member, or may not: null, empty, long, of another type..."""

from collections.abc import Callable, Iterator
from typing import Any

from asbuilt.values import frozen
from asbuilt.verify.strength.edits import of_another_type
from asbuilt.verify.strength.faults import LEFT_OUT, Holds

_LENGTHS = (20, 40, 100, 250, 1_000, 5_000)
_NUMBERS = (100, 10_000, 1_000_000, 1_000_000_000, 1_000_000_000_000)
_COUNTS = (3, 10, 30, 120)


@frozen
class Kind:
    """`holds` says of a value, or of `LEFT_OUT`, whether it is of the kind; `values` are some."""

    name: str
    holds: Holds
    values: tuple[object, ...]


@frozen
class Sized:
    """Values that differ in size: `make` makes one, `size` gives it, None for a value that has none."""

    name: str
    sizes: tuple[int, ...]
    make: Callable[[int], object]
    size: Callable[[object], int | float | None]

    def beyond(self, least: float) -> Kind:
        """The kind of those that are larger."""

        def holds(value: object) -> bool:
            size = self.size(value)
            return size is not None and size > least

        return Kind(f"{self.name} than {least:,}", holds, ())


def anything_else() -> Kind:
    """Whatever is there, of a member that takes none of the usual values: one of few words, a date, a key."""
    return Kind("another value", _is_there, ())


def kinds(value: object) -> Iterator[Kind]:
    """The kinds that are to be told apart at a member that held a value."""
    yield Kind("left out", lambda found: found is LEFT_OUT, (LEFT_OUT,))
    yield Kind("null", lambda found: found is None, (None,))
    match value:
        case bool():
            yield Kind("of another type", lambda found: _is_there(found) and not isinstance(found, bool), ("perhaps",))
        case int() | float():
            yield Kind("of another type", lambda found: _is_there(found) and not _is_number(found), ("a number",))
            yield Kind("zero", lambda found: _is_number(found) and found == 0, (0,))
            yield Kind("negative", lambda found: _is_number(found) and _number(found) < 0, (-1, -1_000))
            if isinstance(value, int):
                yield Kind("with a fraction", lambda found: isinstance(found, float) and found % 1 != 0, (value + 0.5,))
        case str():
            yield Kind("of another type", lambda found: _is_there(found) and not isinstance(found, str), ([value],))
            yield Kind("empty", lambda found: found == "", ("",))
        case list():
            yield Kind("of another type", lambda found: _is_there(found) and not isinstance(found, list), ({},))
            yield Kind("empty", lambda found: found == [], ([],))
        case _:
            yield Kind("of another type", lambda found: isinstance(found, list), (of_another_type(value),))


def sizes(value: object) -> tuple[Sized, ...]:
    """The sizes that a value could have instead."""
    match value:
        case bool():
            return ()
        case int() | float():
            return (Sized("larger", _NUMBERS, lambda size: size, _amount),)
        case str() if value:
            return (Sized("longer", _LENGTHS, lambda size: (value * size)[:size].strip().ljust(size, "x"), _length),)
        case list() if value:
            return (Sized("of more items", _COUNTS, lambda size: (value * size)[:size], _count),)
        case _:
            return ()


def _amount(value: object) -> float | None:
    return _number(value) if _is_number(value) else None


def _length(value: object) -> int | None:
    return len(value) if isinstance(value, str) else None


def _count(value: object) -> int | None:
    return len(value) if isinstance(value, list) else None


def _is_there(value: object) -> bool:
    return value is not LEFT_OUT and value is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> float:
    return float(value)
