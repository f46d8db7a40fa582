"""What the API sections claim: endpoints, what they take and answer, schemas, and the rows of the error table."""

from collections.abc import Iterator

from asbuilt.component import Component, Operation
from asbuilt.language.types import ABSENT, UNSET, Alias, Field, Schema, spelled
from asbuilt.ledger.claim import Stated
from asbuilt.sections.api import Answer, Endpoint, Parameter

ENDPOINTS = "api.endpoint-definitions"
SCHEMAS = "api.schemas"
ERRORS = "api.error-responses"


def endpoints(component: Component) -> Iterator[Stated]:
    for operation in component.operations:
        yield from _endpoint(operation)
    if component.api.cross_origin:
        cross = component.api.cross_origin
        yield Stated(ENDPOINTS, "cross-origin", (), f"callers of {', '.join(cross.origins)} may call", cross.span)


def _endpoint(operation: Operation) -> Iterator[Stated]:
    endpoint = operation.endpoint
    title = endpoint.title
    yield Stated(ENDPOINTS, "endpoint", (title,), f"{title} is there, and does `{operation.name}`", endpoint.route.span)
    for parameter in endpoint.parameters:
        place = (title, parameter.place, parameter.name.text)
        yield Stated(ENDPOINTS, "parameter", place, f"{title} takes {_parameter(parameter)}", parameter.span)
    if endpoint.body:
        what = spelled(endpoint.body.type) if endpoint.body.type else endpoint.body.media_type
        yield Stated(ENDPOINTS, "body", (title,), f"{title} takes a body: {what}", endpoint.body.span)
    for answer in endpoint.answers:
        yield Stated(ENDPOINTS, "answer", (title, str(answer.status)), _answer(endpoint, answer), answer.span)
    for header in endpoint.answer_headers:
        names = (title, header.name.text)
        yield Stated(ENDPOINTS, "answer header", names, f"{title} answers with `{header.name.text}`", header.span)
    for error in endpoint.errors:
        yield Stated(ENDPOINTS, "listed error", (title, error.text), f"{title} may answer {error.text}", error.span)
    for clause in endpoint.clauses:
        yield Stated(ENDPOINTS, "clause", (title, clause.key), f"{title}: {clause.key} {clause.text}", clause.span)


def _parameter(parameter: Parameter) -> str:
    default = "" if parameter.default in (UNSET, ABSENT, None) else f", {parameter.default!r} when left out"
    return f"`{parameter.name.text}` in the {parameter.place}: {spelled(parameter.type)}{default}"


def _answer(endpoint: Endpoint, answer: Answer) -> str:
    what = spelled(answer.type) if answer.type else "no body" if answer.status == 204 else answer.media_type
    return f"{endpoint.title} answers {answer.status}: {what}"


def schemas(component: Component) -> Iterator[Stated]:
    for definition in component.api.definitions:
        if isinstance(definition, Alias):
            text = f"{definition.name} is {spelled(definition.type)}"
            yield Stated(SCHEMAS, "alias", (definition.name,), text, definition.span)
        else:
            yield from _schema(definition)


def _schema(schema: Schema) -> Iterator[Stated]:
    yield Stated(SCHEMAS, "schema", (schema.name,), f"{schema.name} is an object", schema.name_span)
    for member in schema.fields:
        yield Stated(SCHEMAS, "member", (schema.name, member.name), _member(schema, member), member.span)


def _member(schema: Schema, member: Field) -> str:
    presence = "" if member.required else ", may be left out"
    return f"{schema.name}.{member.name}: {spelled(member.type)}{presence}"


def errors(component: Component) -> Iterator[Stated]:
    for row in component.api.errors:
        told = f": {row.description}" if row.description else ""
        yield Stated(ERRORS, "error", (row.code.text,), f"{row.code.text} is {row.status}{told}", row.span)
