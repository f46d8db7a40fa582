"""What must hold of endpoints: each route once, each key known, each value readable."""

import re
from collections.abc import Iterator
from itertools import groupby

from asbuilt.diagnostics import Diagnostic, Edit, Fix, nearest, respelled, rule
from asbuilt.language.names import Name
from asbuilt.language.types import Choice, Types, spelled
from asbuilt.language.values import duration, rate
from asbuilt.sections.api.model import Answer, Api, Clause, Endpoint, Literally, Parameter, Variable
from asbuilt.source import Span

_KEYS = (
    "Operation",
    "Summary",
    "Path",
    "Query",
    "Headers",
    "Body",
    "Response",
    "Response Headers",
    "Errors",
    "Auth",
    "Roles",
    "Idempotency",
    "Limit",
    "Timeout",
    "Transaction",
    "Check Order",
    "Status",
)
_CLAUSES = frozenset({"auth", "roles", "idempotency", "limit", "timeout", "transaction", "check order", "status"})
_CHOICES = {
    "auth": ("none", "optional", "required"),
    "transaction": ("none", "read only", "read committed", "repeatable read", "serializable"),
    "status": ("current", "deprecated"),
}
_BODILESS = frozenset({204, 205, 304})
_KEPT = re.compile(r"kept\s+(?P<time>.+)", re.IGNORECASE)
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@rule("API102")
def duplicate_route(api: Api) -> Iterator[Diagnostic]:
    """Two endpoints have the same method and the same path.

    The names of parameters make no difference: `GET /orders/{id}` and `GET /orders/{order_id}` match the same
    requests, so only one of them could ever answer. Merge them, or give one another path.
    """
    seen: dict[tuple[str, ...], Endpoint] = {}
    for endpoint in api.endpoints:
        first = seen.setdefault(_shape(endpoint), endpoint)
        if first is not endpoint:
            also = [(first, "it is documented here already")]
            message = f"`{endpoint.title}` is documented twice"
            if first.route.template != endpoint.route.template:
                message = f"`{endpoint.title}` matches the same requests as `{first.title}`"
            yield duplicate_route.at(endpoint, message, hint="merge the two, or change one path", also=also)


def _shape(endpoint: Endpoint) -> tuple[str, ...]:
    parts = (s.text if isinstance(s, Literally) else f"{s.prefix}{{}}{s.suffix}" for s in endpoint.route.segments)
    return (endpoint.method, *parts, "/" if endpoint.route.trailing else "")


@rule("API103")
def shadowed_route(api: Api) -> Iterator[Diagnostic]:
    """Every request that a route could match is taken by other routes.

    Literal segments are tried before parameters. A parameter whose type admits only values that are literal segments
    of other routes of the method is therefore never reached: with `GET /orders/open` and `GET /orders/closed`, the
    route `GET /orders/{state: Literal["open", "closed"]}` never answers.
    """
    types = Types(api.definitions)
    shapes = {_shape(endpoint): endpoint for endpoint in api.endpoints}
    for endpoint in api.endpoints:
        for index, segment in enumerate(endpoint.route.segments):
            takers = _takers(endpoint, index, segment, types, shapes) if isinstance(segment, Variable) else []
            if takers and isinstance(segment, Variable):
                also = [(taker, "this route is tried first") for taker in takers]
                message = f"`{endpoint.title}` never answers: each value of `{segment.name}` is a route of its own"
                yield shadowed_route.at(endpoint, message, also=also)
                break


def _takers(
    endpoint: Endpoint, index: int, segment: Variable, types: Types, shapes: dict[tuple[str, ...], Endpoint]
) -> list[Endpoint]:
    """The routes that together take every value of a parameter; none where one value is left for it."""
    parameter = next((p for p in endpoint.parameters_in("path") if p.name.text == segment.name), None)
    type_ = types.resolve(parameter.type) if parameter else None
    if not isinstance(type_, Choice) or not type_.values:
        return []
    shape = list(_shape(endpoint))
    takers = []
    for value in type_.values:
        shape[index + 1] = f"{segment.prefix}{value}{segment.suffix}"
        taker = shapes.get(tuple(shape))
        if taker is None:
            return []
        takers.append(taker)
    return takers


@rule("API104")
def unknown_key(api: Api) -> Iterator[Diagnostic]:
    """An endpoint has a line with a key that means nothing.

    A misspelt `Auth` would leave an endpoint open, so no unknown key is passed over. The keys are `Operation`,
    `Summary`, `Path`, `Query`, `Headers`, `Body`, `Response`, `Response Headers`, `Errors`, `Auth`, `Roles`,
    `Idempotency`, `Limit`, `Timeout`, `Transaction`, `Check Order` and `Status`.
    """
    for clause in _clauses(api):
        if clause.key not in _CLAUSES:
            hint = nearest(clause.key, _KEYS) or f"the keys are {', '.join(f'`{key}`' for key in _KEYS)}"
            fix = respelled(clause, clause.key, _KEYS)
            yield unknown_key.at(clause, f"`{clause.key}` is not a key of an endpoint", hint=hint, fix=fix)


@rule("API105")
def malformed_value(api: Api) -> Iterator[Diagnostic]:
    """A line of an endpoint has a value that cannot be enacted.

    `Auth` is `none`, `optional` or `required`; `Limit` is a rate such as `20 per minute per principal`; `Timeout` a
    duration such as `2s`; `Transaction` is `none`, `read only`, `read committed`, `repeatable read` or
    `serializable`; `Idempotency` names a header, says `optional` or `required`, and how long answers are kept.
    """
    for clause in _clauses(api):
        fault = _fault(clause)
        if fault:
            message, hint = fault
            yield malformed_value.at(clause, message, hint=hint)


def _clauses(api: Api) -> Iterator[Clause]:
    """Each line once: one that holds for all endpoints is in each of them."""
    seen: set[Span] = set()
    for endpoint in api.endpoints:
        for clause in endpoint.clauses:
            if clause.span not in seen:
                seen.add(clause.span)
                yield clause


def _fault(clause: Clause) -> tuple[str, str] | None:
    text = clause.text.casefold()
    if clause.key in _CHOICES:
        known = _CHOICES[clause.key]
        if text in known:
            return None
        return f"`{clause.text}` is not a value of `{clause.key.title()}`", nearest(text, known) or _listed(known)
    if clause.key == "limit" and rate(clause.text) is None:
        return f"`{clause.text}` is not a rate", "write `20 per minute per principal`, `per address` or `per key`"
    if clause.key == "limit" and _counts_none(clause.text):
        return f"`{clause.text}` lets no request through", "write how many are let through, such as `20 per minute`"
    if clause.key == "timeout" and duration(clause.text) == 0:
        return f"`{clause.text}` is no time to answer in", "write a number and a unit, such as `2s` or `500ms`"
    if clause.key == "timeout" and duration(clause.text) is None:
        return f"`{clause.text}` is not a duration", "write a number and a unit, such as `2s` or `500ms`"
    if clause.key == "idempotency":
        return _idempotency_fault(clause)
    return None


def _counts_none(text: str) -> bool:
    found = rate(text)
    return found is not None and found.count == 0


def _idempotency_fault(clause: Clause) -> tuple[str, str] | None:
    for part in (part.strip() for part in clause.text.split(",")):
        kept = _KEPT.fullmatch(part)
        if kept and duration(kept.group("time")) is None:
            return f"`{kept.group('time')}` is not a duration", "write `kept 24h`"
        if not kept and not _HEADER.fullmatch(part):
            return f"`{part}` says nothing about idempotency", "write `Idempotency-Key, optional, kept 24h`"
    return None


def _listed(values: tuple[str, ...]) -> str:
    return "it is " + ", ".join(f"`{value}`" for value in values[:-1]) + f" or `{values[-1]}`"


@rule("API106")
def unknown_path_parameter(api: Api) -> Iterator[Diagnostic]:
    """`Path:` describes a parameter that the path does not hold.

    Nothing could ever fill it. Either its name is misspelt, or the path lacks a segment `{name}`.
    """
    for endpoint in api.endpoints:
        held = [segment.name for segment in endpoint.route.segments if isinstance(segment, Variable)]
        for parameter in endpoint.parameters_in("path"):
            name = parameter.name
            if name.text not in held:
                message = f"the path of `{endpoint.title}` holds no parameter `{name.text}`"
                hint = nearest(name.text, held) or (
                    f"it holds {_named(held)}" if held else "it holds no parameter at all"
                )
                yield unknown_path_parameter.at(name, message, hint=hint, fix=respelled(name, name.text, held))


def _named(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


@rule("API107", severity="note")
def missing_response(api: Api) -> Iterator[Diagnostic]:
    """An endpoint says what it does but not what it answers.

    Callers cannot know what comes back, and a probe cannot tell a right answer from a wrong one. Write
    `Response: 200 Order`, or `Response: 204` where there is no body.
    """
    for endpoint in api.endpoints:
        if not endpoint.answers and (endpoint.operations or endpoint.errors):
            hint = "add a line such as `Response: 200 Order`, or `Response: 204`"
            yield missing_response.at(endpoint, f"`{endpoint.title}` does not say what it answers", hint=hint)


@rule("API108")
def body_without_room(api: Api) -> Iterator[Diagnostic]:
    """A response has a body although its status allows none.

    204, 205 and 304 end after the headers (RFC 9110, 15.3.5, 15.3.6 and 15.4.5), so the body would never arrive.
    """
    for endpoint in api.endpoints:
        for answer in endpoint.answers:
            if answer.status in _BODILESS and answer.type is not None:
                message = f"a {answer.status} has no body, so `{endpoint.title}` cannot answer one"
                yield body_without_room.at(answer, message, hint="answer 200, or leave the type out", fix=_bare(answer))


@rule("API111")
def error_as_response(api: Api) -> Iterator[Diagnostic]:
    """`Response:` lists an error.

    Responses are what an operation answers when it succeeds. Errors have a code, and a row of the error table with
    their status and body; an endpoint lists them under `Errors`.
    """
    for endpoint in api.endpoints:
        for answer in endpoint.answers:
            if answer.status >= 400 or answer.status < 200:
                kind = "an error" if answer.status >= 400 else "an interim answer"
                message = f"{answer.status} is {kind}, not a response of `{endpoint.title}`"
                hint = "give it a code in the error table, and list that under `Errors`" if answer.status >= 400 else ""
                yield error_as_response.at(answer, message, hint=hint)


@rule("API113")
def conflicting_answers(api: Api) -> Iterator[Diagnostic]:
    """An endpoint answers one status with two different bodies.

    Callers tell answers apart by their status. Give each body a status of its own, or say that there are two by a
    union: `200 Order | Receipt`. Other media types of one answer are fine.
    """
    for endpoint in api.endpoints:
        seen: dict[tuple[int, str], Answer] = {}
        for answer in endpoint.answers:
            first = seen.setdefault((answer.status, answer.media_type), answer)
            if first is answer or first.type is None or answer.type is None:
                continue
            if spelled(first.type) != spelled(answer.type):
                bodies = f"`{spelled(first.type)}` and with `{spelled(answer.type)}`"
                message = f"`{endpoint.title}` answers {answer.status} with {bodies}"
                hint = "give each a status of its own, or join the two by `|`"
                yield conflicting_answers.at(answer, message, hint=hint, also=[(first, "the first one")])


def _bare(answer: Answer) -> Fix | None:
    """The fix of `204 Order`; none where the status stands elsewhere, as in a decorator."""
    if answer.type is not None and answer.type.span == answer.span:
        return None
    return Fix("leave the type out", (Edit(answer.span, str(answer.status)),))


@rule("API109")
def duplicate_parameter(api: Api) -> Iterator[Diagnostic]:
    """An endpoint has two parameters of one name in the same place.

    A path such as `/users/{id}/orders/{id}` gives two values to one name, and only one of them could be used.
    Headers are compared without regard to case.
    """
    for endpoint in api.endpoints:
        ordered = sorted(endpoint.parameters, key=_identity)
        for _, group in groupby(ordered, key=_identity):
            first, *rest = group
            for extra in rest[:1]:
                also: list[tuple[Name, str]] = [(first.name, "it is declared here already")]
                message = f"`{endpoint.title}` has two {_PLACES[extra.place]} `{extra.name.text}`"
                yield duplicate_parameter.at(extra.name, message, hint="rename one of them", also=also)


_PLACES = {"path": "path parameters", "query": "query parameters", "header": "headers"}


def _identity(parameter: Parameter) -> tuple[str, str]:
    name = parameter.name.text
    return parameter.place, name.casefold() if parameter.place == "header" else name


RULES = (
    duplicate_route,
    shadowed_route,
    unknown_key,
    malformed_value,
    unknown_path_parameter,
    missing_response,
    body_without_room,
    duplicate_parameter,
    error_as_response,
    conflicting_answers,
)
