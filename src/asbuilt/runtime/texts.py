"""Values written as text: in a path, a query string, a header, a form."""

from collections.abc import Sequence
from urllib.parse import unquote_plus

from asbuilt.language.types import Array, Choice, Constant, Null, Scalar, Type, Types, Union, refine
from asbuilt.runtime.decode import single
from asbuilt.runtime.faults import Wrong
from asbuilt.runtime.scalars import FROM_TEXT, Take, one_of, shown, text


def from_text(type_: Type, types: Types) -> Take:
    """What reads one value of a type from its text. Raises `Wrong`. Objects are not written as text: they stay it."""
    resolved = types.resolve(type_)
    match resolved:
        case Scalar(kind, _, constraints):
            return single(FROM_TEXT[kind], constraints)
        case Choice(values, _, constraints):
            return single(_constant(values), constraints)
        case Union(options, _, constraints):
            solid = [one for option in options if not isinstance(one := types.resolve(option), Null)]
            return _first([from_text(refine(option, constraints), types) for option in solid])
        case _:
            return text


def item(type_: Type, types: Types) -> Type | None:
    """The type of a list's items, for a type that is a list (or null); None for all others."""
    present = types.present(type_)
    return present.item if isinstance(present, Array) else None


def pairs(query: str) -> dict[str, list[str]]:
    """The values of a query string, or of a form, by name, in order."""
    found: dict[str, list[str]] = {}
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            if "%" in name or "+" in name:
                name = unquote_plus(name)
            if "%" in value or "+" in value:
                value = unquote_plus(value)
            found.setdefault(name, []).append(value)
    return found


def _constant(values: tuple[Constant, ...]) -> Take:
    by_text = {value if isinstance(value, str) else shown(value).strip("`"): value for value in values}
    refused = one_of(values)

    def take(value: object) -> object:
        return by_text[value] if isinstance(value, str) and value in by_text else refused(value)

    return take


def _first(takes: Sequence[Take]) -> Take:
    if len(takes) == 1:
        return takes[0]

    def take(value: object) -> object:
        wrong = Wrong("is not allowed")
        for one in takes:
            try:
                return one(value)
            except Wrong as found:
                wrong = found
        raise wrong

    return take
