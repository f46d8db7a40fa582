"""What the notations of the API section could not read."""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, rule
from asbuilt.language.constraints import Unenforced, UnreadPattern
from asbuilt.sections.api.model import Api


@rule("API101")
def malformed_endpoint(api: Api) -> Iterator[Diagnostic]:
    """A line or part of an endpoint cannot be read.

    What is not understood would not be served, so nothing of it is guessed. An endpoint is a method and a path, and
    below it, indented, one `Key: value` per line:

        GET /orders/{id: UUID}
          Response: 200 Order
          Errors:   ORDER_NOT_FOUND
    """
    for hole in api.endpoint_holes:
        if not isinstance(hole, UnreadPattern | Unenforced):
            yield malformed_endpoint.at(hole, hole.message, hint=hole.hint)


@rule("API201")
def malformed_schema(api: Api) -> Iterator[Diagnostic]:
    """A type, a constraint or a default of a schema cannot be read.

    A constraint that is not understood would not be enforced. Types are Python annotations; constraints stand in
    `Annotated`, as in `quantity: Annotated[int, Ge(1), Le(99)]`.
    """
    for hole in api.schema_holes:
        if not isinstance(hole, UnreadPattern | Unenforced):
            yield malformed_schema.at(hole, hole.message, hint=hole.hint)


@rule("API301")
def malformed_error_row(api: Api) -> Iterator[Diagnostic]:
    """A row of the error table cannot be read.

    A row has a code of one word, one HTTP status, a description, and a body: `problem`, the name of a schema, or a
    JSON shape in which types stand where values will be.
    """
    for hole in api.error_holes:
        yield malformed_error_row.at(hole, hole.message, hint=hole.hint)


@rule("API206")
def slow_pattern(api: Api) -> Iterator[Diagnostic]:
    """A pattern could take forever to match, or cannot be read at all.

    Values of callers are matched against it, so a pattern that backtracks is a way to bring a service down. Patterns
    have the syntax of RE2 (https://github.com/google/re2/wiki/Syntax), which matches in time that is linear in the
    length of the text: there is no look-around and no back-reference. They match in full, without `^` and `$`.
    """
    for hole in api.holes:
        if isinstance(hole, UnreadPattern):
            yield slow_pattern.at(hole, hole.message, hint=hole.hint)


@rule("API210", severity="warning")
def unenforced_demand(api: Api) -> Iterator[Diagnostic]:
    """A schema demands something of its values that the document's types cannot, so `asbuilt run` does not enforce it.

    Validators, serializers and computed members of pydantic are code, which checking never executes; stripping
    whitespace or changing the case makes another value, while a type only accepts or refuses; members that no schema
    names are ignored, whatever `extra` or JSON Schema's `additionalProperties` says. Another implementation may well
    do all this: then the document promises it, and nothing here tests it.
    """
    for hole in api.holes:
        if isinstance(hole, Unenforced):
            yield unenforced_demand.at(hole, hole.message, hint=hole.hint)


@rule("API110", severity="note")
def unread_text(api: Api) -> Iterator[Diagnostic]:
    """Something in the API section is in no notation that is read.

    It stays part of the document for people, and nothing of it is checked or served. The notations that are read are
    endpoint blocks, tables, headings and bullets with a method and a path, OpenAPI, decorated Python functions; and for
    schemas Python, TypeScript, Go, JSON Schema, tables of fields and JSON examples.
    """
    for hole in api.unread:
        yield unread_text.at(hole, hole.message, hint=hole.hint)


RULES = (unread_text, slow_pattern, malformed_endpoint, malformed_schema, unenforced_demand, malformed_error_row)
