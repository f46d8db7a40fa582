"""The values of a request's path, query and headers: read by their types, all faults at once."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT, UNSET, Array, Constraints, Type, Types
from asbuilt.runtime.decode import single
from asbuilt.runtime.faults import Fault, Where, Wrong
from asbuilt.runtime.instances import fresh
from asbuilt.runtime.messages import Headers
from asbuilt.runtime.scalars import Take
from asbuilt.runtime.texts import from_text, item, pairs
from asbuilt.sections.api import Parameter, Route, Variable

Values: TypeAlias = dict[str, object]
ReadPath: TypeAlias = Callable[[Sequence[str], Values], bool]
ReadQuery: TypeAlias = Callable[[str, Values, list[Fault]], None]
ReadHeaders: TypeAlias = Callable[[Headers, Values, list[Fault]], None]


def path_reader(route: Route, parameters: Sequence[Parameter], types: Types) -> ReadPath | None:
    """What reads the path's values, by name; it answers False where one is not of its type."""
    declared = {parameter.name.text: parameter for parameter in parameters}
    takes: list[tuple[str, Take]] = []
    for segment in route.segments:
        if isinstance(segment, Variable):
            parameter = declared.get(segment.name)
            take = from_text(parameter.type, types) if parameter else str
            takes.append((snake(segment.name), take))
    if not takes:
        return None

    def read(texts: Sequence[str], values: Values) -> bool:
        try:
            for (name, take), text in zip(takes, texts, strict=True):
                values[name] = take(text)
        except Wrong:
            return False
        return True

    return read


def query_reader(parameters: Sequence[Parameter], types: Types) -> ReadQuery | None:
    """What reads the query's values. Unknown ones are ignored; of a repeated scalar the first counts."""
    if not parameters:
        return None
    readers = [(parameter.name.text, _reader(parameter, "query", types)) for parameter in parameters]

    def read(query: str, values: Values, faults: list[Fault]) -> None:
        given = pairs(query) if query else {}
        for name, take in readers:
            take(given.get(name), values, faults)

    return read


def header_reader(parameters: Sequence[Parameter], types: Types) -> ReadHeaders | None:
    """What reads the values of headers. A list is separated by commas."""
    if not parameters:
        return None
    readers = [
        (
            parameter.name.text.lower(),
            item(parameter.type, types) is not None,
            _reader(parameter, "header", types),
        )
        for parameter in parameters
    ]

    def read(headers: Headers, values: Values, faults: list[Fault]) -> None:
        for name, many, take in readers:
            text = headers.get(name)
            texts = None if text is None else [one.strip() for one in text.split(",")] if many else [text]
            take(texts, values, faults)

    return read


def _reader(
    parameter: Parameter, where: Where, types: Types
) -> Callable[[list[str] | None, Values, list[Fault]], None]:
    """What reads one parameter from its texts. One that is absent takes its default; without one it is not put in."""
    wire, name, default = parameter.name.text, snake(parameter.name.text), parameter.default
    take = _texts_reader(parameter.type, types)
    left_out = None if default in (UNSET, None, ABSENT) else _defaulted(parameter.type, default, types)
    required = default is UNSET

    def read(texts: list[str] | None, values: Values, faults: list[Fault]) -> None:
        if texts is None:
            if left_out is not None:
                values[name] = left_out()
            elif required:
                faults.append(Fault(wire, "is required", where))
            return
        try:
            values[name] = take(texts)
        except Wrong as wrong:
            faults.append(Fault(wire, wrong.message, where))

    return read


def _texts_reader(type_: Type, types: Types) -> Callable[[list[str]], object]:
    of = item(type_, types)
    if of is None:
        take = from_text(type_, types)
        return lambda texts: take(texts[0])
    one = from_text(of, types)
    present = types.present(type_)
    constraints = present.constraints if isinstance(present, Array) else Constraints()
    check = single(lambda value: value, constraints, "items")
    return lambda texts: check([one(text) for text in texts])


def _defaulted(type_: Type, default: object, types: Types) -> Callable[[], object]:
    """A default in the type of the parameter: `"2026-01-01"` may stand for a date."""
    if isinstance(default, str) and item(type_, types) is None:
        try:
            value = from_text(type_, types)(default)
        except Wrong:
            return lambda: default
        return lambda: value
    return fresh(default)
