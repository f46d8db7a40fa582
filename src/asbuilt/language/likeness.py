"""Whether two values of a model say the same, wherever they are written."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from asbuilt.language.types import Definition, Field, Schema, spelled
from asbuilt.source import Span


def unplaced(value: object) -> object:
    """The value without its spans: equal for what differs in its place only."""
    if isinstance(value, Span):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, *(unplaced(getattr(value, field.name)) for field in fields(value) if field.compare)
    if isinstance(value, tuple | list):
        return tuple(unplaced(item) for item in value)
    return value


def difference(one: Definition, other: Definition) -> tuple[Field | None, str] | None:
    """Where two definitions of one name part: the member of the second, if it is a member, and what is different."""
    if not isinstance(one, Schema) or not isinstance(other, Schema):
        same = type(one) is type(other) and unplaced(getattr(one, "type", None)) == unplaced(
            getattr(other, "type", None)
        )
        return None if same else (None, "their types differ")
    return next(_differences(one, other), None)


def _differences(one: Schema, other: Schema) -> Iterator[tuple[Field | None, str]]:
    for member in other.fields:
        known = one.member(member.name)
        if known is None:
            yield member, f"`{member.name}` is in one of them only"
        elif unplaced(known.type) != unplaced(member.type):
            first, second = spelled(known.type), spelled(member.type)
            told = f"is `{second}` here and `{first}` there" if first != second else "has other constraints"
            yield member, f"`{member.name}` {told}"
        elif unplaced(known.default) != unplaced(member.default):
            yield member, f"`{member.name}` has another default"
    for known in one.fields:
        if other.member(known.name) is None:
            yield None, f"`{known.name}` is in one of them only"
    if unplaced(one.bases) != unplaced(other.bases):
        yield None, "their base classes differ"
