"""Several mentions of one endpoint as one: a list names it, a table describes it, an example shows it."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.language.types import Named
from asbuilt.sections.api.model import Answer, Endpoint, Literally, Route, Variable
from asbuilt.sections.api.notation.contribution import Found
from asbuilt.sections.api.notation.http_examples import Example

_VALUE = re.compile(r"\d+|[0-9a-fA-F]{8}-.*|.*\d{3,}.*|[A-Z].*|\$.*|.*[@%{}].*")


def merge_mentions(found: Iterable[Found], base: Route | None) -> tuple[Endpoint, ...]:
    """The endpoints in order. Mentions fill in what a fuller one leaves open; complete ones are never merged."""
    order: list[tuple[tuple[str, ...], Endpoint | None]] = []
    mentions: dict[tuple[str, ...], Endpoint] = {}
    complete: dict[tuple[str, ...], int] = {}
    for one in found:
        endpoint = one.endpoint if one.complete else _based(one.endpoint, base)
        key = shape(endpoint)
        if one.complete:
            complete.setdefault(key, len(order))
            order.append((key, endpoint))
        elif key in mentions:
            mentions[key] = _filled(mentions[key], endpoint)
        else:
            mentions[key] = endpoint
            order.append((key, None))
    result: list[Endpoint] = []
    for index, (key, given) in enumerate(order):
        if given is not None:
            result.append(_filled(given, mentions[key]) if complete[key] == index and key in mentions else given)
        elif key not in complete:
            result.append(mentions[key])
    return tuple(result)


def shape(endpoint: Endpoint) -> tuple[str, ...]:
    """What requests an endpoint matches, whatever its parameters are called."""
    parts = (s.text if isinstance(s, Literally) else f"{s.prefix}{{}}{s.suffix}" for s in endpoint.route.segments)
    return (endpoint.method, *parts, "/" if endpoint.route.trailing else "")


def _based(endpoint: Endpoint, base: Route | None) -> Endpoint:
    """The endpoint under the base path, unless its path begins with it already."""
    if base is None or not base.segments:
        return endpoint
    prefix = [getattr(segment, "text", "") for segment in base.segments]
    own = [getattr(segment, "text", "") for segment in endpoint.route.segments[: len(prefix)]]
    if own == prefix:
        return endpoint
    return replace(endpoint, route=replace(endpoint.route, segments=(*base.segments, *endpoint.route.segments)))


def _filled(one: Endpoint, other: Endpoint) -> Endpoint:
    """The first with what only the second says."""
    fuller, thinner = (one, other) if _weight(one) >= _weight(other) else (other, one)
    named = [(p.place, p.name.text) for p in fuller.parameters]
    extra = tuple(p for p in thinner.parameters if p.place != "path" and (p.place, p.name.text) not in named)
    keys = {clause.key for clause in fuller.clauses}
    codes = {error.text for error in fuller.errors}
    return replace(
        fuller,
        operations=fuller.operations or thinner.operations,
        summary=fuller.summary or thinner.summary,
        parameters=(*fuller.parameters, *extra),
        body=fuller.body or thinner.body,
        answers=_answers(fuller, thinner),
        answer_headers=fuller.answer_headers or thinner.answer_headers,
        errors=(*fuller.errors, *(error for error in thinner.errors if error.text not in codes)),
        clauses=(*fuller.clauses, *(clause for clause in thinner.clauses if clause.key not in keys)),
    )


def _answers(fuller: Endpoint, thinner: Endpoint) -> tuple[Answer, ...]:
    """The answers of the first; one whose body it leaves open has that of the second."""
    if not fuller.answers:
        return thinner.answers
    told = {answer.status: answer for answer in thinner.answers}
    return tuple(
        replace(answer, type=told[answer.status].type) if answer.type is None and answer.status in told else answer
        for answer in fuller.answers
    )


def _weight(endpoint: Endpoint) -> int:
    one = endpoint
    said = (one.body, one.answers, one.errors, one.clauses, one.operations, one.parameters)
    return sum(map(bool, said))


@dataclass(slots=True)
class _Routes:
    """Finds the endpoint that a request goes to. `masks` are, by method and length, where endpoints have parameters."""

    known: dict[tuple[str, ...], int] = field(default_factory=dict)
    masks: dict[tuple[str, int], set[tuple[bool, ...]]] = field(default_factory=dict)

    def add(self, endpoint: Endpoint, index: int) -> None:
        segments = endpoint.route.segments
        mask = tuple(isinstance(segment, Variable) for segment in segments)
        self.masks.setdefault((endpoint.method, len(segments)), set()).add(mask)
        self.known.setdefault(_masked(endpoint, mask), index)

    def find(self, shown: Endpoint) -> int | None:
        """The index of the endpoint that answers a request as shown: of several, the one with fewest parameters."""
        candidates = self.masks.get((shown.method, len(shown.route.segments)), set())
        found = (self.known.get(_masked(shown, mask)) for mask in sorted(candidates, key=sum))
        return next((index for index in found if index is not None), None)


def _masked(endpoint: Endpoint, mask: tuple[bool, ...]) -> tuple[str, ...]:
    """The method and the segments, all those alike where the mask has a parameter."""
    pairs = zip(endpoint.route.segments, mask, strict=True)
    texts = ("{}" if hidden or isinstance(segment, Variable) else segment.text for segment, hidden in pairs)
    return (endpoint.method, *texts)


def with_examples(endpoints: Sequence[Endpoint], examples: Iterable[Example]) -> tuple[Endpoint, ...]:
    """The endpoints with what examples show of them. An example of none is an endpoint if its path holds no values."""
    result = list(endpoints)
    routes = _Routes()
    for index, endpoint in enumerate(result):
        routes.add(endpoint, index)
    for example in examples:
        shown = example.draft.endpoint(example.method, example.path)
        fitting = routes.find(shown)
        if fitting is not None:
            result[fitting] = _shown(result[fitting], shown)
        elif not any(isinstance(s, Literally) and _VALUE.fullmatch(s.text) for s in shown.route.segments):
            routes.add(shown, len(result))
            result.append(shown)
    return tuple(result)


def with_phrases_that_are_schemas(endpoints: Sequence[Endpoint], names: Collection[str]) -> tuple[Endpoint, ...]:
    """The endpoints; where a reason phrase (`202 Accepted`) is also the name of a type, it is meant as that."""

    def meant(answer: Answer) -> Answer:
        if answer.type is None and answer.description in names:
            return replace(answer, type=Named(answer.description, answer.span), description="")
        return answer

    return tuple(replace(one, answers=tuple(map(meant, one.answers))) for one in endpoints)


def _shown(endpoint: Endpoint, example: Endpoint) -> Endpoint:
    body = endpoint.body or (example.body if endpoint.method in ("POST", "PUT", "PATCH") else None)
    return replace(endpoint, body=body, answers=_answers(endpoint, example))
