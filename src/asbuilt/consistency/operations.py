"""What an endpoint names as its operation must be there, get all it asks for, and give all that is promised."""

from collections import Counter
from collections.abc import Iterator

from asbuilt.component import AlgorithmStep, Component, DerivedStep, Operation, PatternStep
from asbuilt.component.deposits import member_at
from asbuilt.diagnostics import Diagnostic, Hole, nearest, respelled, rule
from asbuilt.language.names import Name, singular, snake
from asbuilt.language.types import UNSET, Array, Field, Named, Schema, Type, names_in
from asbuilt.postgres.statement import Placeholder, Signature
from asbuilt.sections.algorithms import Algorithm, Argument
from asbuilt.sections.api import Endpoint
from asbuilt.sections.data import Pattern

# What every operation has at hand, whatever its endpoint takes.
_AT_HAND = frozenset({"principal", "request", "response", "settings", "log"})
# What the notation knows and this release does not give yet.
_NOT_YET = frozenset({"cache", "tokens", "passwords"})
_A_FEW = 4
# Headers that answers bear whatever an operation does.
_SENT_ANYWAY = frozenset({"etag", "date", "server", "content-type", "content-length", "x-request-id", "allow"})


@rule("API420")
def undefined_operation(component: Component) -> Iterator[Diagnostic]:
    """An endpoint's operation is nothing that the document defines, or none can be derived from the tables.

    An operation is an algorithm of that name, else a data access pattern. Without an `Operation:` line it
    is derived: from the method, the path, the schemas, and a table that is called like one of them.
    """
    unsettled = _unsettled(component)
    told: set[Hole] = set()  # one member of a schema may keep many endpoints from being derived
    described = _is_described_only(component)
    for operation in component.operations:
        if operation.hole is None or operation.pending or operation.hole in told:
            continue
        if described and not operation.endpoint.operations:
            continue
        if _names_nothing(component, operation.endpoint):  # which is told as `undefined-schema`
            continue
        if any(name in operation.hole.message for name in unsettled):  # which is told as `duplicate-table`
            continue
        told.add(operation.hole)
        wrong = next((n for n in operation.endpoint.operations if n.span == operation.hole.span), None)
        fix = respelled(wrong, wrong.text, _callable(component)) if wrong else None
        yield undefined_operation.at(operation.hole, operation.hole.message, hint=operation.hole.hint, fix=fix)


def _names_nothing(component: Component, endpoint: Endpoint) -> bool:
    """Whether a body of the endpoint is of a type that the document does not define."""
    types = [endpoint.body.type if endpoint.body else None, *(answer.type for answer in endpoint.answers)]
    named = (each for type_ in types if type_ is not None for each in names_in(type_))
    return any(each.name not in component.types for each in named)


def _unsettled(component: Component) -> tuple[str, ...]:
    """How messages name the tables that are created twice: what they hold is not known until one is left."""
    counted = Counter(table.name for table in component.data.catalog.tables)
    twice = [name for name, count in counted.items() if count > 1]
    return tuple(shown for name in twice for shown in (f"`{name}`", f"`{name}."))


def _is_described_only(component: Component) -> bool:
    """Whether the document describes a service rather than defining one.

    It names no operations, and has no tables, or many endpoints for most of which nothing can be derived.
    """
    if any(operation.endpoint.operations for operation in component.operations):
        return False
    holes = [operation for operation in component.operations if operation.hole]
    return not component.data.catalog.tables or (len(holes) > _A_FEW and 2 * len(holes) > len(component.operations))


@rule("API423", severity="warning")
def described_operations(component: Component) -> Iterator[Diagnostic]:
    """Endpoints have no `Operation:`, and for most of them none can be derived: there is no table they could be about.

    Such a document can be checked, and not served. Write CREATE TABLE statements under Database Schema,
    or patterns and algorithms, and name them with `Operation:`. Once the document names one operation,
    or most are derived, each of the others is an error of its own.
    """
    holes = [operation for operation in component.operations if operation.hole]
    if holes and _is_described_only(component):
        first = holes[0].endpoint
        more = f" and {len(holes) - 1} more endpoint{'s' * (len(holes) > 2)}" if holes[1:] else ""
        message = f"no operation can be derived for `{first.title}`{more}"
        hint = "write CREATE TABLE statements under Database Schema, or name algorithms and patterns with `Operation:`"
        yield described_operations.at(first.route, message, hint=hint)


def _callable(component: Component) -> list[str]:
    functions = [function.name.text for function in component.algorithms.functions]
    events = [f"{each.identifier}.{event}" for each in component.machines.machines for event in each.fired]
    return [*functions, *(pattern.name.text for pattern in component.data.patterns), *events]


@rule("DB401")
def unsupplied_parameter(component: Component) -> Iterator[Diagnostic]:
    """A pattern has a parameter that an endpoint which runs it does not supply.

    Parameters are filled from the path, the query, headers and the body's members by name, and as
    `:body.field`, `:principal.id`, `:request.base_url`, `:after.column` (the cursor `after`). One that
    nothing fills would always be null.
    """
    for operation in component.operations:
        for step in operation.steps[:1]:
            if isinstance(step, PatternStep):
                yield from _unsupplied(component, operation, step.pattern)


def _unsupplied(component: Component, operation: Operation, pattern: Pattern) -> Iterator[Diagnostic]:
    body = operation.endpoint.body
    schema = component.types.schema(component.types.present(body.type)) if body and body.type else None
    supplied = _supplied(operation, schema)
    seen: set[str] = set()
    for placeholder in pattern.statement.placeholders:
        if placeholder.name not in seen and not _is_supplied(placeholder.name, supplied, component, schema):
            seen.add(placeholder.name)
            yield _missing(placeholder, operation, pattern, supplied, schema)


def _missing(
    placeholder: Placeholder, operation: Operation, pattern: Pattern, supplied: set[str], schema: Schema | None
) -> Diagnostic:
    head, dot, _ = placeholder.name.partition(".")
    known = {f"body.{snake(field.name)}" for field in schema.fields} if schema and head == "body" and dot else supplied
    title = f"`{operation.endpoint.title}`"
    hint = nearest(placeholder.name, known)
    if not hint:
        hint = f"add it to the `Query:` of {title}" + (", or to its `Body:`" if operation.endpoint.body else "")
    where = Name(placeholder.name, placeholder.span)
    message = f"{title} supplies no `{placeholder.name}`, which pattern `{pattern.name.text}` asks for"
    also = [(operation.endpoint.route, "this endpoint runs it")]
    return unsupplied_parameter.at(where, message, hint=hint, also=also)


def _supplied(operation: Operation, schema: Schema | None) -> set[str]:
    names = {snake(parameter.name.text) for parameter in operation.endpoint.parameters}
    names |= {segment.name for segment in operation.endpoint.route.segments if hasattr(segment, "name")}
    return names | {snake(field.name) for field in (schema.fields if schema else ())} | _loaded(operation)


def _loaded(operation: Operation) -> set[str]:
    """The names under which rows of the path are known: their table's, and its singular."""
    tables = {table.rpartition(".")[2] for _, table, _ in operation.loads}
    return tables | {singular(table) for table in tables}


def _is_supplied(name: str, supplied: set[str], component: Component, schema: Schema | None) -> bool:
    head, dot, _ = name.partition(".")
    if head in ("principal", "request") or (dot and snake(head) in supplied):
        return True
    if head == "body":
        return not dot or schema is None or member_at(component, schema, name) is not None
    return snake(name) in supplied


@rule("ALG402")
def unsupplied_argument(component: Component) -> Iterator[Diagnostic]:
    """An algorithm has a parameter that an endpoint which calls it does not supply.

    Parameters are bound by name: `body`, values of path, query and headers, rows that the path loads,
    `db`, `principal`, `request`, `response`, `settings`, `log`. The body is also known by the type of
    its schema. One with a default may stay without a value.
    """
    for operation in component.operations:
        for step in operation.steps:
            if isinstance(step, AlgorithmStep):
                for argument in step.algorithm.arguments:
                    if argument.default is UNSET and not _is_bound(argument, operation, component):
                        yield _unbound(argument, operation, step.algorithm)


def _is_bound(argument: Argument, operation: Operation, component: Component) -> bool:
    name, endpoint = argument.name.text, operation.endpoint
    if name in _AT_HAND or name == "db" or _is(argument.type, "Database") or name in component.elsewhere:
        return True
    if endpoint.body and (name == "body" or _same(argument.type, endpoint.body.type, component)):
        return True
    return snake(name) in _supplied(operation, None)


def _is(type_: Type | None, name: str) -> bool:
    return isinstance(type_, Named) and type_.name == name


def _same(one: Type | None, other: Type | None, component: Component) -> bool:
    left = component.types.schema(one) if one else None
    right = component.types.schema(other) if other else None
    return left is not None and right is not None and left.name == right.name


def _unbound(argument: Argument, operation: Operation, algorithm: Algorithm) -> Diagnostic:
    name, title = argument.name.text, f"`{operation.endpoint.title}`"
    known = sorted(_supplied(operation, None) | _AT_HAND | {"db"} | ({"body"} if operation.endpoint.body else set()))
    message = f"{title} supplies no `{name}`, which algorithm `{algorithm.name.text}` takes"
    if name == "body":
        hint = f"{title} has no `Body:`"
    elif name in _NOT_YET:
        hint = f"`{name}` is not part of this release"
    else:
        hint = nearest(name, known) or f"it supplies {', '.join(f'`{one}`' for one in known)}"
    fix = respelled(argument.name, name, known) if len(name) > 3 else None
    also = [(operation.endpoint.route, "this endpoint calls it")]
    return unsupplied_argument.at(argument.name, message, hint=hint, also=also, fix=fix)


@rule("API421")
def unanswered_field(component: Component) -> Iterator[Diagnostic]:
    """A field of the response is none of the columns that the operation's pattern gives.

    The answer could not be made. Select the column, name it with `AS`, give the field its
    `Column("...")`, or take the field out of the schema.
    """
    seen: set[tuple[str, str, str]] = set()
    for operation in component.operations:
        step = operation.steps[-1] if operation.steps else None
        if not isinstance(step, PatternStep):
            continue
        signature = component.signature(step.pattern.name.text)
        for schema, field in _promised(component, operation):
            key = (step.pattern.name.text, schema.name, field.name)
            if signature and key not in seen and not _is_answered(field, signature):
                seen.add(key)
                yield _unanswered(component, operation, step.pattern, schema, field, signature)


def _promised(component: Component, operation: Operation) -> Iterator[tuple[Schema, Field]]:
    """The fields that every success of the operation must hold."""
    for answer in operation.endpoint.answers:
        item = _item(component, answer.type) if answer.type and answer.media_type.endswith("json") else None
        for field in item.fields if item else ():
            if field.required and not field.write_only:
                yield item, field  # type: ignore[misc]  # there are no fields without an item


def _item(component: Component, type_: Type) -> Schema | None:
    present = component.types.present(type_)
    if isinstance(present, Array):
        present = component.types.present(present.item)
    elif isinstance(present, Named) and present.name == "Page" and len(present.arguments) == 1:
        present = component.types.present(present.arguments[0])
    return component.types.schema(present)


def _is_answered(field: Field, signature: Signature) -> bool:
    columns = {snake(column.name) for column in signature.columns}
    known = bool(columns) and not columns & {"?column?", "*"}
    return not known or snake(field.column or field.name) in columns


def _enveloped(component: Component, schema: Schema, signature: Signature) -> str:
    """The schema whose list a schema holds, where the rows of a pattern are such items and not the whole."""
    for field in schema.fields:
        present = component.types.present(field.type)
        item = component.types.schema(component.types.present(present.item)) if isinstance(present, Array) else None
        if item and item.fields and all(_is_answered(each, signature) for each in item.fields if each.required):
            return item.name
    return ""


def _unanswered(
    component: Component, operation: Operation, pattern: Pattern, schema: Schema, field: Field, signature: Signature
) -> Diagnostic:
    names = [column.name for column in signature.columns]
    close = nearest(snake(field.name), names)
    if not close and (item := _enveloped(component, schema, signature)):
        close = (
            f"its rows are `{item}`: answer `Page[{item}]`, or put them into `{schema.name}` in an algorithm or in SQL"
        )
    return unanswered_field.at(
        field,
        f"pattern `{pattern.name.text}` gives no column for `{schema.name}.{field.name}`",
        hint=close or f"it gives {', '.join(f'`{name}`' for name in names[:12])}",
        also=[(pattern.name, f"`{operation.endpoint.title}` is answered by this")],
    )


@rule("API424", severity="warning")
def unanswered_header(component: Component) -> Iterator[Diagnostic]:
    """A response documents a header that nothing gives: callers who rely on it wait in vain.

    A header comes from an algorithm (`response.headers["Location"] = ...`), or, where an answer has no body, from the
    column of its name that the pattern gives. The `Location` of a row that a derived operation creates is the path of
    the endpoint that reads it, where there is one. What the HTTP baseline sends by itself (`ETag`, `X-Request-Id`, ...)
    needs nothing.
    """
    for operation in component.operations:
        step = operation.steps[-1] if operation.steps else None
        if not isinstance(step, DerivedStep | PatternStep):
            continue
        bodiless = not any(answer.type for answer in operation.endpoint.answers if answer.status < 400)
        signature = component.signature(step.pattern.name.text) if isinstance(step, PatternStep) else None
        if bodiless and isinstance(step, PatternStep) and signature is None:
            continue
        given = {snake(column.name) for column in signature.columns} if signature and bodiless else set()
        for header in operation.endpoint.answer_headers:
            name = header.name.text
            if snake(name) not in given and name.lower() not in _SENT_ANYWAY and not _located(step, name):
                yield unanswered_header.at(
                    header.name,
                    f"nothing gives `{operation.endpoint.title}` the header `{name}`",
                    hint=f'let an algorithm set it: `response.headers["{name}"] = ...`',
                )


def _located(step: DerivedStep | PatternStep, header: str) -> bool:
    return header.lower() == "location" and isinstance(step, DerivedStep) and bool(step.derivation.address)


@rule("API422", severity="note")
def derived_operation(component: Component) -> Iterator[Diagnostic]:
    """What an endpoint without an `Operation:` line does was derived, and from what.

    Nothing is wrong: this says what `asbuilt run` will do. `asbuilt explain` shows the SQL. Write a
    pattern or an algorithm, and name it with `Operation:`, for anything else.
    """
    for operation in component.operations:
        for step in operation.steps:
            if isinstance(step, DerivedStep):
                endpoint = operation.endpoint
                reasons = "; ".join(step.reasons)
                message = f"`{endpoint.title}` is derived as `{operation.name}`: {reasons}"
                yield derived_operation.at(endpoint.route, message)


RULES = (
    undefined_operation,
    described_operations,
    unsupplied_parameter,
    unsupplied_argument,
    unanswered_field,
    unanswered_header,
    derived_operation,
)
