"""Changes of JSON values, as a server with a mistake would make them."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from asbuilt.verify.places import Path

Edit: TypeAlias = Callable[[dict[str, Any], str], dict[str, Any]]
_DEEPEST = 4
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def members(value: object, way: Path = ()) -> Iterator[tuple[Path, object]]:
    """Each member of objects, with what it holds; in lists, those of every item, under the way that has a 0."""
    if isinstance(value, dict) and len(way) < _DEEPEST:
        for name, inner in value.items():
            yield (*way, str(name)), inner
            yield from members(inner, (*way, str(name)))
    elif isinstance(value, list) and len(way) < _DEEPEST:
        for item in value:
            yield from members(item, (*way, 0))


def lists(value: object, way: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    """Each list of objects."""
    if isinstance(value, list):
        if any(isinstance(item, dict) for item in value):
            yield way, value
        return
    if isinstance(value, dict) and len(way) < _DEEPEST:
        for name, inner in value.items():
            yield from lists(inner, (*way, str(name)))


def spelled(way: Path) -> str:
    """A place as a person writes it: `items[].title`."""
    text = "".join("[]" if step == 0 else f".{step}" for step in way)
    return text.removeprefix(".")


def edited(value: Any, way: Path, edit: Edit) -> Any:
    """The value with the member at a place edited, in lists that of every item; the same where there is none."""
    head, *rest = way
    if head == 0:
        return [edited(item, tuple(rest), edit) for item in value] if isinstance(value, list) else value
    if not isinstance(value, dict) or head not in value:
        return value
    if not rest:
        return edit(value, str(head))
    return {**value, head: edited(value[head], tuple(rest), edit)}


def removed(known: dict[str, Any], name: str) -> dict[str, Any]:
    return {other: value for other, value in known.items() if other != name}


def renamed(known: dict[str, Any], name: str) -> dict[str, Any]:
    return {f"{other}_" if other == name else other: value for other, value in known.items()}


def nulled(known: dict[str, Any], name: str) -> dict[str, Any]:
    return {**known, name: None}


def mistyped(known: dict[str, Any], name: str) -> dict[str, Any]:
    return {**known, name: of_another_type(known[name])}


def altered(known: dict[str, Any], name: str) -> dict[str, Any]:
    return {**known, name: another(known[name])}


def of_another_type(value: object) -> object:
    match value:
        case bool() | None:
            return "perhaps"
        case int() | float():
            return "a number"
        case str():
            return [value]
        case _:
            return "a structure"


def another(value: Any) -> Any:
    """A value of the same type that is not this one: off by one where that means something."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str() if _UUID.fullmatch(value):
            return value[:-1] + ("0" if value[-1] != "0" else "1")
        case str() if _MOMENT.match(value):
            return value[:3] + ("7" if value[3] != "7" else "8") + value[4:]
        case str():
            return f"{value}~"
        case _:
            return value


def reversed_(items: list[Any]) -> list[Any]:
    return items[::-1]


def halved(items: list[Any]) -> list[Any]:
    """The rows of the second half are lost: in a list without an order, any may be."""
    return items[: len(items) // 2]


def doubled(items: list[Any]) -> list[Any]:
    """Each row comes twice."""
    return [item for item in items for _ in range(2)]


def lengthened(items: list[Any]) -> list[Any]:
    """A row that nobody made, much like the last one."""
    return [*items, _stranger(items[-1])] if items else items


def _stranger(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return {name: another(value) if isinstance(value, str | int) else value for name, value in item.items()}
