"""Values that a schema's type accepts, chosen where a column might refuse them: at bounds, in length, in kind."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import re2

from asbuilt.language.regex import shortest
from asbuilt.language.samples import NO_SAMPLE, sample
from asbuilt.language.types import Anything, Array, Choice, Constraints, Map, Null, Scalar, Type, Types
from asbuilt.values import frozen

_FILLER = "sample text "
_WORDS = ("", " ", "a", "A", "1", "-", "a b", "é", "sample text")
_LONGEST = 20_000
_WHOLE_EDGES = (0, 1, -1, 2**15, -(2**15) - 1, 2**31, -(2**31) - 1)
_DAYS = ("2026-01-02", "2026-01-03", "2025-12-31")
_MOST_ITEMS = 200


@frozen
class Hints:
    """What is worth trying: numbers, which may be lengths too, and texts, out of the column's type and constraints."""

    numbers: tuple[Decimal, ...] = ()
    texts: tuple[str, ...] = ()
    lengths: tuple[int, ...] = ()


def candidates(type_: Type, types: Types, hints: Hints) -> list[object]:
    """JSON values that the type accepts, the plainest first, each once."""
    found: list[object] = []
    for value in _values(type_, types, hints):
        if value is not NO_SAMPLE and not any(value == known and type(value) is type(known) for known in found):
            found.append(value)
    return found


def _values(type_: Type, types: Types, hints: Hints) -> Iterator[object]:
    present = types.present(type_)
    match present:
        case Choice(values=values):
            yield from (value for value in values if value is not None)
        case Scalar(kind="str", constraints=constraints):
            yield from _texts(constraints, hints)
        case Scalar(kind="int" | "float" | "decimal" as kind, constraints=constraints):
            yield from _numbers(constraints, hints, whole=kind == "int")
        case Scalar(kind="bool"):
            yield from (True, False)
        case Scalar(kind="date"):
            yield from _DAYS
        case Scalar(kind="datetime"):
            yield from (f"{day}T03:04:05.000000Z" for day in _DAYS)
        case Array(item=item, constraints=constraints):
            yield from _arrays(item, constraints, types)
        case Map(constraints=constraints):
            yield sample(present, types)
            if not constraints.min_length:
                yield {}
        case Anything():
            yield from ("anything", 1, True)
        case _:
            yield sample(present, types)
    if types.nullable(type_) or isinstance(present, Null):
        yield None


def _texts(constraints: Constraints, hints: Hints) -> Iterator[object]:
    least, most = constraints.min_length or 0, constraints.max_length
    around = [length + step for length in hints.lengths for step in (0, 1, -1)]
    lengths = [least, most if most is not None else 11, *around, least + 1]
    usable = sorted({length for length in lengths if 0 <= length <= _LONGEST})
    plain = [sample_text(length) for length in usable]
    matching: list[str] = []
    if constraints.pattern is not None:
        stretched = (shortest(constraints.pattern, length) for length in usable)
        matching = [text for text in stretched if text is not None]
        matching += [varied for text in matching for varied in _variations(text)]
    matches = [text for hint in hints.texts if (text := shortest(hint)) is not None]
    for text in (*matching[:1], sample_text(11), *matches, *hints.texts, *_WORDS, *matching, *plain):
        if accepts_text(text, constraints):
            yield text


def sample_text(length: int) -> str:
    """A text of that length which ends in no space: PostgreSQL cuts those off where they are too many."""
    text = (_FILLER * (length // len(_FILLER) + 1))[:length]
    return text if not text.endswith(" ") else f"{text[:-1]}s"


def _variations(text: str) -> Iterator[str]:
    """The text with one character exchanged, for a pattern that allows more than another."""
    for at in sorted({0, len(text) // 2, len(text) - 1} & set(range(len(text)))):
        for other in "aAzZ019_-. ":
            yield text[:at] + other + text[at + 1 :]
    yield from (text.upper(), text.lower())


def accepts_text(text: str, constraints: Constraints) -> bool:
    """Whether a text is within its constraints, as a decoder of this schema sees it."""
    if len(text) < (constraints.min_length or 0) or (not text and constraints.empty_as_null):
        return False
    if constraints.max_length is not None and len(text) > constraints.max_length:
        return False
    try:
        return constraints.pattern is None or re2.fullmatch(constraints.pattern, text) is not None
    except re2.error:
        return False


def _numbers(constraints: Constraints, hints: Hints, *, whole: bool) -> Iterator[object]:
    bounds = (constraints.ge, constraints.gt, constraints.le, constraints.lt)
    edges = [Decimal(str(bound)) for bound in bounds if bound is not None]
    tried: Iterable[Decimal] = (
        Decimal(1),
        *(edge + step for edge in edges for step in (0, 1, -1)),
        *(number + step for number in hints.numbers for step in (0, 1, -1)),
        *map(Decimal, _WHOLE_EDGES),
        *(() if whole else (Decimal("0.5"), Decimal("-0.5"))),
    )
    for number in sorted(tried, key=lambda number: (abs(number - 1), number < 1)):
        if _within(number, constraints) and (number == number.to_integral_value() or not whole):
            yield int(number) if number == number.to_integral_value() else float(number)


def _within(number: Decimal, constraints: Constraints) -> bool:
    return (
        (constraints.ge is None or number >= Decimal(str(constraints.ge)))
        and (constraints.gt is None or number > Decimal(str(constraints.gt)))
        and (constraints.le is None or number <= Decimal(str(constraints.le)))
        and (constraints.lt is None or number < Decimal(str(constraints.lt)))
        and (constraints.multiple_of is None or _is_multiple(number, Decimal(str(constraints.multiple_of))))
    )


def _is_multiple(number: Decimal, step: Decimal) -> bool:
    try:
        return number % step == 0
    except ArithmeticError:
        return False


def _arrays(item: Type, constraints: Constraints, types: Types) -> Iterator[object]:
    one = sample(item, types)
    least, most = constraints.min_length or 0, constraints.max_length
    counts = sorted({max(least, 1), least, *([] if most is None else [most])} & set(range(_MOST_ITEMS)))
    for count in counts:
        possible = (most is None or count <= most) and (not count or one is not NO_SAMPLE)
        if possible and (count < 2 or not constraints.unique):
            yield [one] * count
