"""What the API sections claim: endpoints, what they take and answer, schemas, and the rows of the error table."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from asbuilt.component import Component, Operation
from asbuilt.language.types import ABSENT, Alias, Field, Schema, Type, spelled
from asbuilt.ledger.claim import NOT_ENACTED, Stated
from asbuilt.sections.api import Answer, Endpoint, Parameter
from asbuilt.source import Source, Span

ENDPOINTS = "api.endpoint-definitions"
SCHEMAS = "api.schemas"
ERRORS = "api.error-responses"
# Lines of an endpoint that `run` obeys; those that protect something are told by `Component.pending`.
_ENACTED = frozenset({"transaction", "timeout", "auth", "roles", "limit", "idempotency"})


def endpoints(component: Component) -> Iterator[Stated]:
    waiting = {pending.span: pending.why for pending in component.pending}
    for operation in component.operations:
        for stated in _endpoint(operation, component.source):
            yield _standing(stated, operation, waiting)
    if component.api.cross_origin:
        cross = component.api.cross_origin
        yield Stated(ENDPOINTS, "cross-origin", (), f"callers of {', '.join(cross.origins)} may call", cross.span)


def _standing(stated: Stated, operation: Operation, waiting: Mapping[Span, str]) -> Stated:
    """What an endpoint says is enacted if the endpoint is, and the line itself."""
    if operation.hole is not None:
        return replace(stated, standing="unchecked", why=operation.hole.message)
    if stated.kind == "clause" and stated.span in waiting:
        return replace(stated, standing="unchecked", why=f"{NOT_ENACTED}: {waiting[stated.span]}")
    if stated.kind == "clause" and stated.names[1] not in _ENACTED:
        return replace(stated, standing="unchecked", why=NOT_ENACTED)
    return stated


def _endpoint(operation: Operation, source: Source) -> Iterator[Stated]:
    endpoint = operation.endpoint
    title = endpoint.title
    named = tuple(name.span for name in endpoint.operations)
    text = f"{title} is there, and does `{operation.name}`"
    yield Stated(ENDPOINTS, "endpoint", (title,), text, _first_line(endpoint.span, source), also=named)
    for parameter in endpoint.parameters:
        place = (title, parameter.place, parameter.name.text)
        text = f"{title} takes {_parameter(parameter)}"
        also = _beyond(parameter.span, parameter.type)
        yield Stated(ENDPOINTS, "parameter", place, text, parameter.span, also=also)
    if endpoint.body:
        what = spelled(endpoint.body.type) if endpoint.body.type else endpoint.body.media_type
        also = _beyond(endpoint.body.span, endpoint.body.type)
        yield Stated(ENDPOINTS, "body", (title,), f"{title} takes a body: {what}", endpoint.body.span, also=also)
    for answer in endpoint.answers:
        names = (title, str(answer.status))
        also = _beyond(answer.span, answer.type)
        yield Stated(ENDPOINTS, "answer", names, _answer(endpoint, answer), answer.span, also=also)
    for header in endpoint.answer_headers:
        names = (title, header.name.text)
        yield Stated(ENDPOINTS, "answer header", names, f"{title} answers with `{header.name.text}`", header.span)
    for error in endpoint.errors:
        yield Stated(ENDPOINTS, "listed error", (title, error.text), f"{title} may answer {error.text}", error.span)
    for clause in endpoint.clauses:
        yield Stated(ENDPOINTS, "clause", (title, clause.key), f"{title}: {clause.key} {clause.text}", clause.span)


def _first_line(span: Span, source: Source) -> Span:
    """The line that begins an endpoint: where a notation makes all of its lines one, each says something of its own."""
    first = source.cut(span).split("\n", 1)[0].rstrip()
    return Span(span.start, span.start + len(first))


def _beyond(span: Span, type_: Type | None) -> tuple[Span, ...]:
    """Where the type is written, if that is elsewhere: in OpenAPI below the name, in tables in a cell of its own."""
    if type_ is None or type_.span.start == type_.span.end:
        return ()
    return () if span.to(type_.span) == span else (type_.span,)


def _parameter(parameter: Parameter) -> str:
    text = f"`{parameter.name.text}` in the {parameter.place}: {spelled(parameter.type)}"
    if parameter.required:
        return text
    plain = parameter.default in (ABSENT, None)
    return f"{text}, may be left out" if plain else f"{text}, {parameter.default!r} when left out"


def _answer(endpoint: Endpoint, answer: Answer) -> str:
    what = "no body" if answer.type is None else spelled(answer.type)
    if answer.type is not None and answer.media_type != "application/json":
        what = f"{what} as {answer.media_type}"
    return f"{endpoint.title} answers {answer.status}: {what}"


def schemas(component: Component) -> Iterator[Stated]:
    for definition in component.api.definitions:
        if isinstance(definition, Alias):
            text = f"{definition.name} is {spelled(definition.type)}"
            yield Stated(SCHEMAS, "alias", (definition.name,), text, definition.span)
        else:
            yield from _schema(definition)


def _schema(schema: Schema) -> Iterator[Stated]:
    variables = f"[{', '.join(schema.variables)}]" if schema.variables else ""
    bases = ", ".join(spelled(base) for base in schema.bases)
    text = f"{schema.name}{variables} is an object" + (f" with the members of {bases}" if bases else "")
    also = tuple(base.span for base in schema.bases)
    yield Stated(SCHEMAS, "schema", (schema.name,), text, schema.name_span, also=also)
    for member in schema.fields:
        also = _beyond(member.span, member.type)
        yield Stated(SCHEMAS, "member", (schema.name, member.name), _member(schema, member), member.span, also=also)


def _member(schema: Schema, member: Field) -> str:
    presence = "" if member.required else ", may be left out"
    return f"{schema.name}.{member.name}: {spelled(member.type)}{presence}"


def errors(component: Component) -> Iterator[Stated]:
    for row in component.api.errors:
        told = f": {row.description}" if row.description else ""
        yield Stated(ERRORS, "error", (row.code.text,), f"{row.code.text} is {row.status}{told}", row.span)
