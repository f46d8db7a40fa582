"""Whether two JSON values are the same to whoever wrote the document: moments, numbers and keys by what they mean."""

import re
from datetime import UTC, datetime
from decimal import Decimal

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# As JSON writes numbers: `007` is a text.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,4})?")


def alike(one: object, other: object) -> bool:
    """Equality that does not look at how a moment, a number or a UUID is spelled."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        return one == other or _alike_texts(one, other)
    return _alike_numbers(one, other)


def holds(value: object, sent: object) -> bool:
    """Whether a value is what was sent, to which defaults may have been added inside of objects."""
    if isinstance(value, dict) and isinstance(sent, dict):
        return all(name in value and holds(value[name], sent[name]) for name in sent)
    if isinstance(value, list) and isinstance(sent, list):
        return len(value) == len(sent) and all(map(holds, value, sent))
    return alike(value, sent)


def _alike_texts(one: str, other: str) -> bool:
    if _MOMENT.fullmatch(one) and _MOMENT.fullmatch(other):
        return _moment(one) == _moment(other)
    if _UUID.fullmatch(one) and _UUID.fullmatch(other):
        return one.lower() == other.lower()
    return _alike_numbers(one, other)


def _moment(text: str) -> object:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _alike_numbers(one: object, other: object) -> bool:
    first, second = str(one), str(other)
    if _NUMBER.fullmatch(first) and _NUMBER.fullmatch(second):
        return Decimal(first) == Decimal(second)
    return one == other
