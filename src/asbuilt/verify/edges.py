"""Values at the edges of a type: the last ones it accepts, and the first ones it refuses, one constraint at a time."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from asbuilt.language.candidates import accepts_text, sample_text
from asbuilt.language.regex import shortest
from asbuilt.language.samples import NO_SAMPLE
from asbuilt.language.types import (
    UNSET,
    Anything,
    Array,
    Choice,
    Constraints,
    Field,
    Map,
    Named,
    Null,
    Scalar,
    Type,
    Types,
    Union,
)
from asbuilt.source import Span
from asbuilt.values import frozen
from asbuilt.verify.conformance import broken_constraint
from asbuilt.verify.places import Path
from asbuilt.verify.values import items, value_of

_LONGEST = 20_000
_MOST_ITEMS = 200
_DEEPEST = 6
_NOWHERE = Span(0, 0)


class _LeftOut:
    __slots__ = ()

    def __repr__(self) -> str:
        return "LEFT_OUT"


LEFT_OUT: Final = _LeftOut()


@frozen
class Value:
    """A value of one type, and whether the type accepts it. `label` says what is special about it."""

    label: str
    value: object
    holds: bool


@frozen
class Edge:
    """A value for one place of a body. `member` is the schema's member that the place is."""

    way: Path
    member: tuple[str, str]
    type: Type
    value: Value


def edges(type_: Type, types: Types, way: Path = (), depth: int = 0) -> Iterator[Edge]:
    """The edges of every member that a body of the type may have, those of schemas inside it among them."""
    present = types.present(type_)
    if isinstance(present, Array):
        yield from edges(present.item, types, (*way, 0), depth + 1)
    schema = types.schema(present) if isinstance(present, Named) and depth < _DEEPEST else None
    for member in schema.fields if schema else ():
        if member.read_only or schema is None:
            continue
        there = (*way, member.name)
        for value in _of_member(member, types):
            yield Edge(there, (schema.name, member.name), member.type, value)
        yield from edges(member.type, types, there, depth + 1)


def _of_member(member: Field, types: Types) -> Iterator[Value]:
    yield Value("left out", LEFT_OUT, holds=member.default is not UNSET)
    yield from values(member.type, types)


def values(type_: Type, types: Types) -> Iterator[Value]:
    """The edges of one type. Of wrong kinds, only those that no library turns into right ones."""
    present = types.present(type_)
    nullable = types.nullable(type_)
    yield Value("null", None, holds=nullable)
    match present:
        case Scalar(kind="str", constraints=constraints):
            yield from _texts(constraints)
        case Scalar(kind="int" | "float" | "decimal" as kind, constraints=constraints):
            yield from _numbers(constraints, kind)
        case Scalar(kind=kind):
            yield from _KINDS[kind]
        case Choice(values=choices):
            yield from (Value(f"{choice!r}", choice, holds=True) for choice in choices if choice is not None)
            yield Value("none of the choices", "no such choice", holds=False)
        case Array(constraints=constraints, item=item):
            yield from _lists(constraints, item, types)
        case Map() | Named():
            yield Value("a list in place of an object", [[1]], holds=False)
        case Union() | Null() | Anything():
            return


def _texts(constraints: Constraints) -> Iterator[Value]:
    least, most = constraints.min_length or 0, constraints.max_length
    yield Value("an object in place of text", {"no": "text"}, holds=False)
    for length, label in ((least, "the shortest"), (most, "the longest")):
        text = _text(constraints, length) if length is not None and length <= _LONGEST else None
        if text is not None and accepts_text(text, constraints):
            yield Value(f"{label}: {length} characters", text, holds=True)
    if least > 0 and (text := _text(constraints, least - 1)) is not None:
        yield Value(f"one character too short: {least - 1}", text, holds=False)
    if most is not None and most < _LONGEST and (text := _text(constraints, most + 1)) is not None:
        yield Value(f"one character too long: {most + 1}", text, holds=False)
    if constraints.pattern is not None and constraints.otherwise is UNSET:
        yield from _unmatched(constraints)


def _text(constraints: Constraints, length: int) -> str | None:
    """A text of that length which breaks no constraint but, perhaps, that on the length."""
    if constraints.pattern is None:
        return sample_text(length)
    text = shortest(constraints.pattern, length)
    return text if text is not None and len(text) == length else None


def _unmatched(constraints: Constraints) -> Iterator[Value]:
    free = Constraints(min_length=constraints.min_length, max_length=constraints.max_length)
    least = max(constraints.min_length or 1, 1)
    plain = shortest(constraints.pattern or "", least) or ""
    # The ends too: a pattern is matched in full.
    for text in (plain.swapcase(), f"{plain}\n", f" {plain}", f"{plain}~", "~" * least, f"{plain}{plain}"):
        if accepts_text(text, free) and not accepts_text(text, constraints):
            yield Value(f"{text!r} outside of the pattern", text, holds=False)


def _numbers(constraints: Constraints, kind: str) -> Iterator[Value]:
    whole = kind == "int"
    step = Decimal(str(constraints.multiple_of or 1))
    yield Value("text in place of a number", "no number", holds=False)
    if constraints.clamp is not None or constraints.otherwise is not UNSET:
        return
    for bound, outward, label in (
        (constraints.ge, -1, "the least"),
        (constraints.le, 1, "the greatest"),
    ):
        if bound is not None:
            edge = Decimal(str(bound))
            yield Value(f"{label}: {bound}", _plain(edge), holds=_accepts(edge, constraints, whole=whole))
            yield Value(f"beyond {label}: {edge + outward * step}", _plain(edge + outward * step), holds=False)
    for bound, outward in ((constraints.gt, -1), (constraints.lt, 1)):
        if bound is not None:
            edge = Decimal(str(bound))
            yield Value(f"the excluded bound {bound}", _plain(edge), holds=False)
            if whole:
                near = edge - outward * step
                yield Value(f"next to {bound}", _plain(near), holds=_accepts(near, constraints, whole=True))
    if whole:
        middle = value_of(Scalar("int", _NOWHERE, constraints), Types(()))
        if isinstance(middle, int) and (middle + 0.5) % 1:
            yield Value("a fraction in place of a whole number", middle + 0.5, holds=False)


def _accepts(number: Decimal, constraints: Constraints, *, whole: bool) -> bool:
    if whole and number != number.to_integral_value():
        return False
    return not broken_constraint(_plain(number), "decimal", constraints)


def _lists(constraints: Constraints, item: Type, types: Types) -> Iterator[Value]:
    yield Value("an object in place of a list", {"no": "list"}, holds=False)
    least, most = constraints.min_length or 0, constraints.max_length
    cases = [(least, "the shortest: {} items", True), (least - 1, "one item too few: {}", False)]
    if most is not None and most > least:
        cases.append((most, "the longest: {} items", True))
    if most is not None:
        cases.append((most + 1, "one item too many: {}", False))
    for count, label, holds in cases:
        found = items(item, types, count, constraints) if 0 <= count <= _MOST_ITEMS else None
        if found is not None:
            yield Value(label.format(count), found, holds=holds and (most is None or count <= most))
    one = value_of(item, types)
    if constraints.unique and one is not NO_SAMPLE and least <= 2 and (most is None or most >= 2):
        yield Value("an item twice", [one, one], holds=False)


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


_NOT_TEXT = Value("a list in place of a value", [1], holds=False)
_KINDS: dict[str, tuple[Value, ...]] = {
    "bool": (
        Value("true", value=True, holds=True),
        Value("false", value=False, holds=True),
        Value("neither true nor false", "neither", holds=False),
        _NOT_TEXT,
    ),
    "uuid": (Value("no UUID", "not-a-uuid", holds=False), _NOT_TEXT),
    "date": (
        Value("a leap day", "2024-02-29", holds=True),
        Value("a day that is not", "2026-02-30", holds=False),
        Value("no date", "tomorrow", holds=False),
    ),
    "datetime": (
        Value("a moment of another zone", "2024-02-29T23:59:59+02:00", holds=True),
        Value("a moment that is not", "2026-13-01T00:00:00Z", holds=False),
        Value("no moment", "yesterday", holds=False),
    ),
    "time": (Value("a time that is not", "25:00:00", holds=False),),
    "timedelta": (Value("no duration", "a while", holds=False),),
    "bytes": (Value("no base64", "***", holds=False),),
}
