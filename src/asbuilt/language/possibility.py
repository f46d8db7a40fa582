"""Whether a type has values at all, and whether a default is one of them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from uuid import UUID

import re2

from asbuilt.language.types import (
    ABSENT,
    UNSET,
    Array,
    Choice,
    Constraints,
    Default,
    Map,
    Number,
    Scalar,
    Type,
    Types,
    Union,
    spelled,
)

_TEXTUAL = frozenset({"str", "bytes"})


def contradictions(type_: Type) -> Iterator[tuple[Type, str]]:
    """Each part of a type as written that no value fits, and why."""
    constraints = getattr(type_, "constraints", None)
    if isinstance(constraints, Constraints):
        yield from ((type_, reason) for reason in _impossible(type_, constraints))
    match type_:
        case Choice(values=()):
            yield type_, "a `Literal` without values fits nothing"
        case Array():
            yield from contradictions(type_.item)
        case Map():
            yield from contradictions(type_.value)
        case Union():
            for option in type_.options:
                yield from contradictions(option)


def _impossible(type_: Type, bounds: Constraints) -> Iterator[str]:
    low, open_low = _tightest(bounds.ge, bounds.gt, max)
    high, open_high = _tightest(bounds.le, bounds.lt, min)
    if low is not None and high is not None:
        if low > high or (low == high and (open_low or open_high)):
            least, most = ("more than" if open_low else "at least"), ("less than" if open_high else "at most")
            yield f"no number is {least} {low} and {most} {high}"
        elif _is_int(type_) and open_low and open_high and Decimal(high) - Decimal(low) <= 1:
            yield f"no integer lies between {low} and {high}"
    if bounds.min_length is not None and bounds.max_length is not None and bounds.min_length > bounds.max_length:
        yield f"nothing is at least {bounds.min_length} and at most {bounds.max_length} long"
    if bounds.multiple_of is not None and bounds.multiple_of <= 0:
        yield f"`MultipleOf` takes a number above 0, not {bounds.multiple_of}"
    if bounds.clamp is not None and bounds.clamp[0] > bounds.clamp[1]:
        yield f"`Clamp` takes the lower bound first, not {bounds.clamp[0]}"
    yield from _inapplicable(type_, bounds)


def _inapplicable(type_: Type, bounds: Constraints) -> Iterator[str]:
    """Constraints on what the type does not have: bounds of a text, the length of a number."""
    if not isinstance(type_, Scalar):
        return
    kind = spelled(type_)
    if type_.kind in _TEXTUAL | {"bool", "uuid"} and any(
        b is not None for b in (bounds.ge, bounds.gt, bounds.le, bounds.lt)
    ):
        yield (
            f"a bound has no meaning for `{kind}`; the length of a text is `Len`"
            if kind == "str"
            else (f"a bound has no meaning for `{kind}`")
        )
    if type_.kind not in _TEXTUAL and (bounds.min_length is not None or bounds.max_length is not None):
        yield f"`{kind}` has no length"
    if type_.kind != "str" and bounds.pattern is not None:
        yield f"a pattern has no meaning for `{kind}`"


def _is_int(type_: Type) -> bool:
    return isinstance(type_, Scalar) and type_.kind == "int"


def _tightest(
    closed: Number | None, opened: Number | None, pick: Callable[[Number, Number], Number]
) -> tuple[Number | None, bool]:
    """The bound that counts, and whether it is open."""
    if closed is None or opened is None:
        return (closed, False) if opened is None else (opened, True)
    chosen = pick(closed, opened)
    return chosen, chosen == opened


_DIGITS = 25  # of a quotient, which decimals have room for


def refused(default: Default, type_: Type, types: Types) -> str:
    """Why a default is no value of its type; empty where it is one, or where that can't be said."""
    if default is UNSET or default is ABSENT or default is None:
        return ""
    resolved = types.present(type_)
    match resolved:
        case Choice():
            if default not in resolved.values:
                return f"is none of {', '.join(f'`{value}`' for value in resolved.values)}"
        case Scalar():
            return _refused_by_kind(default, resolved) or _refused_by_bounds(default, resolved.constraints)
        case Array():
            if not isinstance(default, list):
                return "is no list"
            within = _first_refused(default, resolved.item, types)
            return _refused_by_length(len(default), resolved.constraints) or within
        case Map():
            return (
                _first_refused(default.values(), resolved.value, types) if isinstance(default, dict) else "is no object"
            )
    return ""


def _first_refused(values: Iterable[Default], type_: Type, types: Types) -> str:
    """What is wrong with the first value that is none of the type."""
    for value in values:
        found = refused(value, type_, types)
        if found:
            return f"holds `{value}`, which {found}"
    return ""


def _refused_by_kind(default: Default, type_: Scalar) -> str:
    number = isinstance(default, int | float | Decimal) and not isinstance(default, bool)
    match type_.kind:
        case "int":
            whole = isinstance(default, int) or (number and _is_whole(Decimal(str(default))))
            return "" if number and whole else "is no integer"
        case "float" | "decimal":
            return "" if number or _reads(Decimal, default) else "is no number"
        case "bool":
            return "" if isinstance(default, bool) else "is neither true nor false"
        case "str" | "bytes":
            return "" if isinstance(default, str) else "is no string"
        case "uuid":
            return "" if _reads(UUID, default) else "is no UUID"
        case "datetime":
            return "" if _reads(datetime.fromisoformat, default) else "is no date and time"
        case "date":
            return "" if _reads(date.fromisoformat, default) else "is no date"
        case "time":
            return "" if _reads(time.fromisoformat, default) else "is no time"
    return ""


def _reads(reader: Callable[[str], object], value: Default) -> bool:
    if not isinstance(value, str):
        return False
    try:
        reader(value)
    except (ValueError, InvalidOperation):
        return False
    return True


def _refused_by_bounds(default: Default, bounds: Constraints) -> str:
    if isinstance(default, str):
        too = _refused_by_length(len(default), bounds)
        if not too and bounds.pattern is not None and not re2.fullmatch(bounds.pattern, default):
            return f"does not match `{bounds.pattern}`"
        return too
    if isinstance(default, bool) or not isinstance(default, int | float | Decimal):
        return ""
    if default != default:  # noqa: PLR0124 - what is no number lies in no bounds
        return "is no number"
    if bounds.ge is not None and default < bounds.ge:
        return f"is less than {bounds.ge}"
    if bounds.gt is not None and default <= bounds.gt:
        return f"is not more than {bounds.gt}"
    if bounds.le is not None and default > bounds.le:
        return f"is more than {bounds.le}"
    if bounds.lt is not None and default >= bounds.lt:
        return f"is not less than {bounds.lt}"
    if bounds.multiple_of and not _is_multiple(Decimal(str(default)), Decimal(str(bounds.multiple_of))):
        return f"is no multiple of {bounds.multiple_of}"
    return ""


def _is_whole(number: Decimal) -> bool:
    return number.is_finite() and _is_multiple(number, Decimal(1))


def _is_multiple(number: Decimal, step: Decimal) -> bool:
    if not number.is_finite() or not step.is_finite() or number.adjusted() - step.adjusted() > _DIGITS:
        return True  # no such remainder can be computed
    return not number % step


def _refused_by_length(length: int, bounds: Constraints) -> str:
    if bounds.min_length is not None and length < bounds.min_length:
        return f"is shorter than {bounds.min_length}"
    if bounds.max_length is not None and length > bounds.max_length:
        return f"is longer than {bounds.max_length}"
    return ""
