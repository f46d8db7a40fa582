"""The component as OpenAPI 3.1: every operation, every parameter, every status it can answer, with examples."""

from collections import defaultdict
from http import HTTPStatus
from typing import Any, TypeAlias

from asbuilt.component import Component, Operation
from asbuilt.component.causes import causes_of
from asbuilt.language.samples import NO_SAMPLE, sample
from asbuilt.language.types import ABSENT, UNSET, Type
from asbuilt.projections.error_bodies import error_content
from asbuilt.projections.json_schema import Components, Direction, plain
from asbuilt.sections.api import Answer, AnswerHeader, Body, ErrorRow, Parameter

Json: TypeAlias = dict[str, Any]
_TEXTUAL = ("text/", "application/xml")


def openapi(component: Component) -> Json:
    """One OpenAPI 3.1 document as JSON-ready values; the same component always gives the same document."""
    components = Components(component.types)
    paths: dict[str, Json] = {}
    for operation in component.operations:
        path = paths.setdefault(operation.endpoint.route.template, {})
        path[operation.endpoint.method.lower()] = _operation(component, operation, components)
    info: Json = {"title": component.facts.title, "version": "1"}
    if component.facts.summary:
        info["description"] = component.facts.summary
    return {
        "openapi": "3.1.0",
        "info": info,
        "paths": paths,
        "components": {"schemas": dict(sorted(components.schemas.items()))},
    }


def _operation(component: Component, operation: Operation, components: Components) -> Json:
    endpoint = operation.endpoint
    result: Json = {"operationId": operation.name}
    if endpoint.summary:
        result["summary"] = endpoint.summary
    if (status := endpoint.clause("status")) and "deprecated" in status.text.lower():
        result["deprecated"] = True
    if endpoint.parameters:
        result["parameters"] = [_parameter(parameter, components) for parameter in endpoint.parameters]
    if endpoint.body is not None:
        result["requestBody"] = _body(endpoint.body, components)
    result["responses"] = _successes(operation, components) | _errors(component, operation, components)
    return result


def _parameter(parameter: Parameter, components: Components) -> Json:
    schema = components.schema(parameter.type, "request")
    if parameter.default is not UNSET and parameter.default is not ABSENT and parameter.default is not None:
        schema = {**schema, "default": plain(parameter.default)}
    result: Json = {"name": parameter.name.text, "in": parameter.place}
    if parameter.description:
        result["description"] = parameter.description
    result["required"] = parameter.place == "path" or parameter.required
    return result | {"schema": schema} | _shown(parameter.type, components)


def _body(body: Body, components: Components) -> Json:
    media = _media(body.media_type, body.type, components, "request")
    return {"required": body.required, "content": {body.media_type: media}}


def _media(media_type: str, type_: Type | None, components: Components, direction: Direction) -> Json:
    if type_ is None:
        return {"schema": {"type": "string"}} if media_type.startswith(_TEXTUAL) else {}
    return {"schema": components.schema(type_, direction)} | _shown(type_, components)


def _shown(type_: Type, components: Components) -> Json:
    value = sample(type_, components.types)
    return {} if value is NO_SAMPLE else {"example": value}


def _successes(operation: Operation, components: Components) -> Json:
    endpoint = operation.endpoint
    answers = endpoint.answers or (Answer(200, None, endpoint.span),)
    responses: Json = {}
    for answer in answers:
        response = responses.setdefault(str(answer.status), {"description": _phrase(answer)})
        if answer.type is not None or answer.media_type != "application/json":
            content = response.setdefault("content", {})
            content[answer.media_type] = _media(answer.media_type, answer.type, components, "answer")
        if endpoint.answer_headers:
            response["headers"] = {
                header.name.text: {"schema": _header(header, components)} for header in endpoint.answer_headers
            }
    if endpoint.method == "GET" and "200" in responses:
        responses["304"] = {"description": "Not modified: `If-None-Match` names the current `ETag`"}
    return responses


def _header(header: AnswerHeader, components: Components) -> Json:
    if header.type:
        return components.schema(header.type, "answer")
    return {"type": "string", "format": "uri-reference"} if header.name.text.lower() == "location" else {}


def _phrase(answer: Answer) -> str:
    known = {int(status): status.phrase for status in HTTPStatus}
    return answer.description or known.get(answer.status, f"Status {answer.status}")


def _errors(component: Component, operation: Operation, components: Components) -> Json:
    by_status: defaultdict[int, dict[str, ErrorRow | None]] = defaultdict(dict)
    for occasion in causes_of(component, operation):
        code = occasion.row.code.text if occasion.row else occasion.cause
        by_status[occasion.status].setdefault(code, occasion.row)
    return {str(status): _error(component, components, rows) for status, rows in sorted(by_status.items())}


def _error(component: Component, components: Components, rows: dict[str, ErrorRow | None]) -> Json:
    content: dict[str, Json] = {}
    for code, row in rows.items():
        media_type, schema, example = error_content(component, components, row)
        media = content.setdefault(media_type, {"schemas": [], "examples": {}})
        if schema not in media["schemas"]:
            media["schemas"].append(schema)
        if example is not NO_SAMPLE:
            media["examples"][code] = {"value": example}
    described = "; ".join(f"{code}: {row.sentence}" if row and row.sentence else code for code, row in rows.items())
    return {"description": described, "content": {name: _merged(media) for name, media in content.items()}}


def _merged(media: Json) -> Json:
    schemas = media["schemas"]
    merged: Json = {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}
    return merged | ({"examples": media["examples"]} if media["examples"] else {})
