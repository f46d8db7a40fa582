"""Values that a type accepts, for fixtures: the plainest, the smallest, the largest, any number of distinct ones."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal, TypeAlias

from asbuilt.language.candidates import Hints, accepts_text, candidates
from asbuilt.language.samples import NO_SAMPLE, sample
from asbuilt.language.types import (
    ABSENT,
    FREE,
    UNSET,
    Anything,
    Array,
    Choice,
    Constraints,
    Map,
    Named,
    Null,
    Scalar,
    Type,
    Types,
    Union,
)
from asbuilt.source import Span

# `bare` leaves out all that may be left out.
Size: TypeAlias = Literal["plain", "small", "large", "bare"]
_DEEPEST = 12
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
# What a number without a bound is at most: a column of 32 bits holds it.
_LARGE = 1_000_000
# Later than any moment a test will see: what expires then has not expired.
_LATE = {"date": "2099-12-30", "datetime": "2099-12-30T03:04:05.000000Z"}
_MOMENTS = frozenset({*_LATE.values(), "2026-01-02", "2026-01-02T03:04:05.000000Z"})
_NOWHERE = Span(0, 0)


def value_of(type_: Type, types: Types, size: Size = "plain", depth: int = 0) -> object:
    """A JSON value of the type, or `NO_SAMPLE`. `size` chooses among numbers; the rest is as plain as can be.

    But for `bare`, members that may be left out have a value; those that may be null are not null.
    """
    if depth > _DEEPEST:
        return NO_SAMPLE
    present = types.present(type_)
    match present:
        case Scalar(kind="int" | "float" | "decimal") if size in {"small", "large"}:
            return _number(present, types, size)
        case Scalar(kind="date" | "datetime" as kind) if size == "large":
            return _LATE[kind]
        case Array(item=item, constraints=constraints):
            found = items(item, types, max(1, constraints.min_length or 0), constraints, size=size, depth=depth)
            fits = found is not None and (constraints.max_length is None or len(found) <= constraints.max_length)
            return found if fits else NO_SAMPLE if constraints.min_length else []
        case Named():
            return _object(present, types, size, depth)
        case Union(options=options):
            return _first(options, types, size, depth)
        case _:
            return sample(present, types)


def items(
    item: Type, types: Types, count: int, constraints: Constraints, *, size: Size = "plain", depth: int = 0
) -> list[object] | None:
    """A list of that many items, all alike unless the constraints forbid it; None where there are not so many."""
    one = value_of(item, types, size, depth + 1) if count else None
    if not constraints.unique or count < 2:
        return [one] * count if one is not NO_SAMPLE else None
    found = [distinct(item, types, number) for number in range(count)]
    return found if NO_SAMPLE not in found else None


def _first(options: tuple[Type, ...], types: Types, size: Size, depth: int) -> object:
    values = (value_of(option, types, size, depth + 1) for option in options if not isinstance(option, Null))
    return next((value for value in values if value is not NO_SAMPLE), NO_SAMPLE)


def _object(named: Named, types: Types, size: Size, depth: int) -> object:
    schema = types.schema(named)
    if schema is None:
        return NO_SAMPLE
    members: dict[str, object] = {}
    for field in schema.fields:
        if field.read_only or (size == "bare" and not field.required):
            continue
        value = value_of(field.type, types, size, depth + 1)
        if value is not NO_SAMPLE:
            members[field.name] = value
        elif field.default is UNSET:
            return NO_SAMPLE
        elif field.default is not ABSENT:
            members[field.name] = field.default
    return in_order(members)


def in_order(members: dict[str, object]) -> dict[str, object]:
    """The members, of which equal moments follow one another by an hour, days by a day: a stay ends after it began."""
    moments = [value for value in members.values() if isinstance(value, str) and value in _MOMENTS]
    if len(moments) < 2:
        return members
    found: dict[str, object] = {}
    number = 0
    for name, value in members.items():
        if isinstance(value, str) and value in _MOMENTS:
            found[name] = _later(value, number)
            number += 1
        else:
            found[name] = value
    return found


def _later(moment: str, number: int) -> str:
    if len(moment) == len("2026-01-02"):
        return (date.fromisoformat(moment) + timedelta(days=number)).isoformat()
    later = datetime.fromisoformat(moment) + timedelta(hours=number)
    return later.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _number(type_: Scalar, types: Types, size: Size) -> object:
    bound = Decimal(_LARGE if size == "large" else 0)
    hints = Hints(numbers=(bound,))
    numbers = [value for value in candidates(type_, types, hints) if isinstance(value, int | float)]
    usable = [value for value in numbers if abs(value) <= _LARGE * 1000] or numbers
    if not usable:
        return sample(type_, types)
    positive = [value for value in usable if value > 0] or usable
    positive = [value for value in positive if value == int(value)] or positive
    return max(usable) if size == "large" else min(positive)


def kind_of(type_: Type) -> str:
    """The kind of a scalar; empty for what is none."""
    return type_.kind if isinstance(type_, Scalar) else ""


def constraints_of(type_: Type) -> Constraints:
    return FREE if isinstance(type_, Null) else type_.constraints


def narrowed(type_: Type, types: Types, pattern: str | None) -> Type:
    """The type with a pattern, for text that has none of its own."""
    present = types.present(type_)
    if pattern is None or not isinstance(present, Scalar) or present.kind != "str" or present.constraints.pattern:
        return type_
    return replace(present, constraints=replace(present.constraints, pattern=pattern))


def distinct(type_: Type, types: Types, number: int) -> object:
    """The value of that number of a type: another number gives another value. `NO_SAMPLE` where there are too few."""
    present = types.present(type_)
    match present:
        case Scalar(kind="str", constraints=constraints):
            return next(_texts(constraints, number), NO_SAMPLE)
        case Scalar(kind="int", constraints=constraints):
            return _counted(constraints, number)
        case Scalar(kind="uuid"):
            return str(uuid.uuid5(uuid.NAMESPACE_URL, str(number)))
        case Scalar(kind="date"):
            return f"20{number // 336 % 80 + 10:02}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
        case Scalar(kind="datetime"):
            return f"2026-01-02T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        case Choice(values=values):
            usable = [
                value for _, value in dict.fromkeys((type(value), value) for value in values) if value is not None
            ]
            return usable[number] if number < len(usable) else NO_SAMPLE
        case Anything() | Map() | Array() | Named() | Union() | Null() | Scalar():
            return NO_SAMPLE


def _counted(constraints: Constraints, number: int) -> object:
    """Upwards from the least whole number there is, else downwards from the greatest."""
    step = Decimal(str(constraints.multiple_of or 1))
    low = max((_steps(bound, step, up=True, beyond=out) for bound, out in _bounds(constraints, low=True)), default=None)
    high = min(
        (_steps(bound, step, up=False, beyond=out) for bound, out in _bounds(constraints, low=False)), default=None
    )
    steps = (1 if low is None else low) + number if low is not None or high is None else high - number
    found = steps * step
    fits = (low is None or steps >= low) and (high is None or steps <= high) and found == found.to_integral_value()
    return int(found) if fits else NO_SAMPLE


def _bounds(constraints: Constraints, *, low: bool) -> Iterator[tuple[Decimal, bool]]:
    """The bounds of one side; with each, whether it is itself excluded."""
    sides = ((constraints.ge, constraints.gt), (constraints.le, constraints.lt))
    for bound, excluded in zip(sides[0] if low else sides[1], (False, True), strict=True):
        if bound is not None:
            yield Decimal(str(bound)), excluded


def _steps(bound: Decimal, step: Decimal, *, up: bool, beyond: bool) -> int:
    """How many steps from zero it is to the first one within a bound."""
    steps = (bound / step).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
    if beyond and steps * step == bound:
        steps += 1 if up else -1
    return int(steps)


def _texts(constraints: Constraints, number: int) -> Iterator[object]:
    """Texts that hold the number, in several spellings: the first that the constraints accept is used."""
    word = _word(number)
    spellings = (f"sample {word}", f"sample-{word}", word, word.upper(), f"{number:06}", f"{word}@example.com",
                 f"https://example.com/{word}", f"+1555{number:07}", f"s{number}", word.lstrip("a") or "a")  # fmt: skip
    least = constraints.min_length or 0
    for text in spellings:
        padded = text + "x" * (least - len(text))
        yield from (each for each in (text, padded) if accepts_text(each, constraints))
    if constraints.pattern is not None:
        yield from _matching(constraints, number)


def _matching(constraints: Constraints, number: int) -> Iterator[object]:
    """Texts for a pattern, found by exchanging characters of one that matches for others of the same kind."""
    plain = sample(Scalar("str", _NOWHERE, constraints), Types(()))
    if not isinstance(plain, str):
        return
    digits = "0123456789"
    left, text = number, []
    for char in plain:
        alphabet = digits if char in digits else _ALPHABET.upper() if char.isupper() else _ALPHABET
        if char.isalnum() and left:
            left, at = divmod(left + alphabet.find(char.lower() if alphabet is _ALPHABET else char), len(alphabet))
            text.append(alphabet[at])
        else:
            text.append(char)
    if left == 0 and accepts_text("".join(text), constraints):
        yield "".join(text)


def _word(number: int) -> str:
    """The number in letters."""
    letters = ""
    while True:
        number, at = divmod(number, len(_ALPHABET))
        letters = _ALPHABET[at] + letters
        if number == 0:
            return letters.rjust(4, "a")
