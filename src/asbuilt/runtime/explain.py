"""The plan of a request, as EXPLAIN shows that of a query: stage by stage, each with its line of the document."""

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import indent

from asbuilt.component import AlgorithmStep, Component, DerivedStep, MachineStep, Operation, PatternStep, Step
from asbuilt.component.causes import causes_of
from asbuilt.diagnostics import nearest
from asbuilt.language.types import ABSENT, UNSET, spelled
from asbuilt.postgres.compile import compile_statement
from asbuilt.postgres.loading import row_query
from asbuilt.postgres.statement import Query
from asbuilt.runtime.answers import success
from asbuilt.runtime.bodies import LARGEST
from asbuilt.runtime.cannot_serve import CannotServe
from asbuilt.runtime.effects import constant, several_statements, waits
from asbuilt.runtime.routing import Routes
from asbuilt.runtime.statements import asked_of
from asbuilt.runtime.transactions import ALONE, mode_of
from asbuilt.sections.algorithms import Call
from asbuilt.sections.api import Parameter
from asbuilt.source import Span
from asbuilt.values import frozen

_WIDTH = 12
_CAST = re.compile(r"\$(\d+)::([a-z]+(?: [a-z]+)*(?:\[\])?)")


@frozen
class Stage:
    """A stage of a request: what it is called, what it does, the statement it runs, where it comes from."""

    name: str
    does: str
    span: Span | None = None
    more: tuple[str, ...] = ()


def explain(component: Component, title: str | None = None) -> str:
    """The plan of the operation that answers `METHOD /path`; without a title, a line for each operation.

    Raises `CannotServe` where no operation answers that.
    """
    if title is None:
        return "\n".join(_summary(component, operation) for operation in component.operations)
    operation = _asked_for(component, title)
    if operation is None:
        titles = [known.endpoint.title for known in component.operations]
        raise CannotServe(f"no operation answers `{title}`", nearest(title, titles) or "leave it out to list them all")
    stages = tuple(_stages(component, operation))
    return "\n".join((operation.endpoint.title, *(line for stage in stages for line in _lines(component, stage))))


def _summary(component: Component, operation: Operation) -> str:
    line = component.source.position(operation.endpoint.span.start).line
    kinds = ", then ".join(_kind(step) for step in operation.steps) or "nothing"
    return f"{operation.endpoint.title:<40} {operation.name:<30} {kinds:<12} {component.source.path.name}:{line}"


def _asked_for(component: Component, title: str) -> Operation | None:
    method, _, path = title.strip().partition(" ")
    path = path.strip().partition("?")[0]
    for operation in component.operations:
        if operation.endpoint.title == f"{method.upper()} {path}":
            return operation
    routes = Routes((o.endpoint.method, o.endpoint.route, o) for o in component.operations)
    found = routes.find(path)
    return found.methods.get(method.upper()) if found else None


def _lines(component: Component, stage: Stage) -> Iterator[str]:
    place = ""
    if stage.span is not None:
        place = f"  [{component.source.path.name}:{component.source.position(stage.span.start).line}]"
    yield f"  {stage.name:<{_WIDTH}}{stage.does}{place}"
    yield from (f"  {'':<{_WIDTH}}{line}".rstrip() for text in stage.more for line in text.splitlines())


def _stages(component: Component, operation: Operation) -> Iterator[Stage]:
    """In the order in which they are run."""
    endpoint = operation.endpoint
    yield Stage("route", f"operation `{operation.name}`", endpoint.span)
    path, headers, query = (endpoint.parameters_in(place) for place in ("path", "header", "query"))
    if path:
        yield Stage("path", f"{_parameters(path)}; a value that is not of its type: 404", path[0].span)
    if headers:
        yield Stage("headers", _parameters(headers), headers[0].span)
    for parameter, table, column in operation.loads:
        query_text = row_query(table, column)
        yield Stage("load", f"the row of `{table}`, or `no row`", endpoint.route.span, (query_text, f"$1 {parameter}"))
    if query:
        yield Stage("query", _parameters(query), query[0].span)
    if endpoint.body:
        type_ = spelled(endpoint.body.type) if endpoint.body.type else "anything"
        optional = "" if endpoint.body.required else ", may be absent"
        does = f"{type_} as {endpoint.body.media_type}, at most {LARGEST} bytes{optional}; all its faults at once"
        yield Stage("body", does, endpoint.body.span)
    yield _transaction(operation)
    for step in operation.steps:
        yield _step(step, operation, component)
    yield _answer(operation)
    yield from _errors(component, operation)


def _transaction(operation: Operation) -> Stage:
    clause = operation.endpoint.clause("transaction")
    mode = mode_of(operation, several=several_statements(operation))
    if mode == ALONE:
        does = "none: each statement is its own"
    else:
        only = ", read only" if mode.read_only else ""
        does = f"{mode.isolation}{only}, begun at the first statement, done again when it collides"
    return Stage("transaction", does, clause.span if clause else None)


def _step(step: Step, operation: Operation, component: Component) -> Stage:
    if isinstance(step, AlgorithmStep):
        return _algorithm(step, component)
    if isinstance(step, MachineStep):
        return _event(step)
    documented = success(operation)
    asked = asked_of(step, operation, documented.type if documented else None, component)
    whole = asked.queries(frozenset(asked.optional))
    more = [whole.sql, *_bound(whole, step, component)]
    if asked.optional:
        more.append(f"written for what is present of: {', '.join(asked.optional)}")
    if isinstance(step, DerivedStep):
        return Stage("statement", "derived", operation.endpoint.span, (*step.reasons, *more))
    pattern = step.pattern
    return Stage("statement", f"pattern `{pattern.name.text}` ({pattern.cardinality})", pattern.span, tuple(more))


def _kind(step: Step) -> str:
    match step:
        case AlgorithmStep():
            return "algorithm"
        case PatternStep():
            return "pattern"
        case DerivedStep():
            return "derived"
        case MachineStep():
            return "event"


def _event(step: MachineStep) -> Stage:
    """The transitions that an event may fire, as the document has them."""
    ways = step.machine.on(step.event)
    guarded = (f" [{' '.join(way.guard.text.text.split())}]" if way.guard else "" for way in ways)
    lines = tuple(f"{way.title}{guard}" for way, guard in zip(ways, guarded, strict=True))
    does = f"`{step.machine.identifier}.{step.event}`, not enacted yet"
    return Stage("event", does, ways[0].span if ways else step.machine.span, lines)


def _algorithm(step: AlgorithmStep, component: Component) -> Stage:
    algorithm = step.algorithm
    arguments = ", ".join(argument.name.text for argument in algorithm.arguments)
    how = "awaited" if algorithm.is_async else "in a thread: it may wait" if waits(algorithm, component) else "inline"
    how = "once, since it is always the same" if constant(algorithm, component) else how
    calls = tuple(line for call in algorithm.calls for line in _call(call, component))
    return Stage("algorithm", f"`{algorithm.name.text}({arguments})`, {how}", algorithm.span, calls)


def _call(call: Call, component: Component) -> Iterator[str]:
    """A call of an algorithm, and the statement behind it."""
    often = ", perhaps more than once" if call.repeated else ""
    yield f"calls `{call.target}.{call.name.text}`{often}"
    pattern = component.data.pattern(call.name.text)
    if pattern is not None:
        query = compile_statement(pattern.statement, frozenset(c.name for c in pattern.statement.conditions))
        yield indent(query.sql.strip(), "  ")
        yield from (f"  {line}" for line in _bound(query, PatternStep(pattern), component))


def _bound(query: Query, step: PatternStep | DerivedStep, component: Component) -> Iterable[str]:
    """The parameters of a statement with their types, as PostgreSQL is told them or has told them."""
    told = {int(number): type_ for number, type_ in _CAST.findall(query.sql)}
    signature = component.signature(step.pattern.name.text) if isinstance(step, PatternStep) else None
    for number, name in enumerate(query.parameters, 1):
        known = signature.parameter(name) if signature else None
        yield f"${number} {known or told.get(number, '')} {name}".replace("  ", " ")


def _answer(operation: Operation) -> Stage:
    documented = success(operation)
    if documented is None:
        return Stage("answer", "what the operation gives")
    type_ = f" {spelled(documented.type)} as {documented.media_type}" if documented.type else ", without a body"
    last = operation.steps[-1] if operation.steps else None
    built = isinstance(last, PatternStep | DerivedStep) and documented.type is not None
    how = ", JSON built by PostgreSQL" if built else ""
    tag = ", with an ETag" if operation.endpoint.method == "GET" and documented.status == 200 else ""
    return Stage("answer", f"{documented.status}{type_}{how}{tag}", documented.span)


def _errors(component: Component, operation: Operation) -> Iterator[Stage]:
    seen: set[tuple[int, str]] = set()
    for occurrence in sorted(causes_of(component, operation), key=lambda one: one.status):
        code = occurrence.row.code.text if occurrence.row else "problem"
        if (occurrence.status, code) not in seen:
            seen.add((occurrence.status, code))
            names = ", ".join(f"`{name}`" for name in occurrence.about)
            about = f" of {names}" if names and occurrence.cause not in ("raised", "listed") else ""
            span = occurrence.row.span if occurrence.row else None
            yield Stage("error", f"{occurrence.status} {code}: {occurrence.cause}{about}", span)


def _parameters(parameters: Sequence[Parameter]) -> str:
    return ", ".join(_parameter(parameter) for parameter in parameters)


def _parameter(parameter: Parameter) -> str:
    default = parameter.default
    told = "" if default is UNSET else "?" if default in (None, ABSENT) else f" = {default}"
    return f"{parameter.name.text}: {spelled(parameter.type)}{told}"
