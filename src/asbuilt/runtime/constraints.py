"""What a value must satisfy beyond its type, compiled to one function.

A compiled check takes a value of the right type and gives it, perhaps moved to a bound, or raises `Wrong`.
"""

from collections.abc import Callable, Iterable, Sized
from decimal import Decimal
from typing import TypeAlias

import msgspec
import re2

from asbuilt.language.types import Constraints, Number
from asbuilt.runtime.faults import Wrong

Check: TypeAlias = Callable[[object], object]

_KEYS = msgspec.json.Encoder(order="sorted", enc_hook=repr)


def checks(constraints: Constraints, things: str = "characters") -> tuple[Check, ...]:
    """The checks of a type, in the order in which they are made. `things` is what a length counts."""
    made: list[Check] = []
    if constraints.clamp is not None:
        made.append(_clamped(*constraints.clamp))
    for name, phrase, holds in _BOUNDS:
        bound = getattr(constraints, name)
        if bound is not None and constraints.clamp is None:
            made.append(_bounded(bound, f"must be {phrase} {bound}", holds))
    if constraints.multiple_of is not None:
        made.append(_multiple(constraints.multiple_of))
    if constraints.min_length is not None or constraints.max_length is not None:
        made.append(_long(constraints.min_length, constraints.max_length, things))
    if constraints.pattern is not None:
        made.append(_matching(constraints.pattern))
    if constraints.unique:
        made.append(_unique)
    return tuple(made)


_BOUNDS: tuple[tuple[str, str, Callable[[Number, Number], bool]], ...] = (
    ("ge", "at least", lambda value, bound: value >= bound),
    ("gt", "greater than", lambda value, bound: value > bound),
    ("le", "at most", lambda value, bound: value <= bound),
    ("lt", "less than", lambda value, bound: value < bound),
)


def _bounded(bound: Number, message: str, holds: Callable[[Number, Number], bool]) -> Check:
    def check(value: object) -> object:
        if isinstance(value, int | float | Decimal) and not holds(value, bound):
            raise Wrong(message)
        return value

    return check


def _clamped(low: Number, high: Number) -> Check:
    def check(value: object) -> object:
        if isinstance(value, int | float | Decimal):
            kind = type(value)
            return kind(low) if value < low else kind(high) if value > high else value
        return value

    return check


def _multiple(of: Number) -> Check:
    # By decimals: 0.3 is a multiple of 0.1, whatever binary fractions say.
    step, message = Decimal(str(of)), f"must be a multiple of {of}"

    def check(value: object) -> object:
        if isinstance(value, int | float | Decimal):
            exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
            if step and exact.adjusted() - step.adjusted() < 25 and exact % step:
                raise Wrong(message)
        return value

    return check


def _long(least: int | None, most: int | None, things: str) -> Check:
    low, high = least or 0, most
    unit = things if (high if high is not None else low) != 1 else things.removesuffix("s")
    if high is None:
        message = f"must have at least {low} {unit}"
    elif low == high:
        message = f"must have exactly {low} {unit}"
    elif low:
        message = f"must have {low} to {high} {unit}"
    else:
        message = f"must have at most {high} {unit}"

    def check(value: object) -> object:
        if isinstance(value, Sized) and (len(value) < low or (high is not None and len(value) > high)):
            raise Wrong(message)
        return value

    return check


def _matching(pattern: str) -> Check:
    """The pattern matched in full by RE2: in linear time, whatever the pattern and the text."""
    fullmatch = re2.compile(pattern).fullmatch
    message = f"must match `{pattern}`"

    def check(value: object) -> object:
        if isinstance(value, str) and fullmatch(value) is None:
            raise Wrong(message)
        return value

    return check


def _unique(value: object) -> object:
    if isinstance(value, Iterable):
        seen: set[bytes] = set()
        for item in value:
            key = _KEYS.encode(item)
            if key in seen:
                raise Wrong("must not hold an item twice")
            seen.add(key)
    return value
