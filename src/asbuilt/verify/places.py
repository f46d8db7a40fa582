"""Places in JSON values and in their types: a member by its name, every item of a list by 0."""

from typing import TypeAlias

from asbuilt.language.types import Array, Named, Type, Types

Path: TypeAlias = tuple[str | int, ...]


def at(value: object, way: Path) -> object:
    """What is at a place, in a list of its first item; None where nothing is."""
    for step in way:
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get(step)
    return value


def put(value: object, way: Path, new: object) -> object:
    """The value with another one at a place, in a list at that place of every item that is there."""
    if not way:
        return new
    head, *rest = way
    if isinstance(value, list):
        inner = tuple(rest) if head == 0 else way
        return [put(item, inner, new) for item in value]
    if isinstance(value, dict):
        return {**value, head: put(value.get(head), tuple(rest), new)}
    return new


def without(value: object, way: Path) -> object:
    """The value without the member at a place, in a list without that of every item; the same where it has none."""
    head, *rest = way
    if isinstance(value, list) and head == 0:
        return [without(item, tuple(rest)) for item in value]
    if not isinstance(value, dict):
        return value
    if not rest:
        return {name: inner for name, inner in value.items() if name != head}
    return {name: without(inner, tuple(rest)) if name == head else inner for name, inner in value.items()}


def reaches(value: object, way: Path) -> bool:
    """Whether the place is there, or only its last member is missing."""
    for step in way:
        if isinstance(value, list):
            if step != 0 or not value:
                return False
            value = value[0]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return False
    return True


def type_at(type_: Type, way: Path, types: Types) -> Type | None:
    """The type of a place in values of a type; None where they have no such place."""
    for step in way:
        present = types.present(type_)
        if step == 0 and isinstance(present, Array):
            type_ = present.item
            continue
        schema = types.schema(present) if isinstance(present, Named) else None
        member = schema.member(str(step)) if schema else None
        if member is None:
            return None
        type_ = member.type
    return type_
