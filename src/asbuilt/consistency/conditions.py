"""What a stretch of a pattern waits for must be something that it can be given."""

from collections.abc import Iterator, Sequence

from asbuilt.component import Component, Operation, PatternStep
from asbuilt.diagnostics import Diagnostic, nearest, rule
from asbuilt.language.names import Name, snake
from asbuilt.sections.algorithms import Call
from asbuilt.sections.api import Endpoint


@rule("DB403")
def unmet_condition(component: Component) -> Iterator[Diagnostic]:
    """A `-- when x` of a pattern names something that nobody who runs the pattern ever gives.

    The stretch would never be part of the statement. Looked at are patterns that an algorithm calls or an
    endpoint names; the condition is a parameter by its name, or `body.field`.
    """
    waiting = [pattern for pattern in component.data.patterns if pattern.statement.conditions]
    if not waiting:
        return
    uses = _uses(component)
    for pattern in waiting:
        given = _given(component, uses.get(pattern.name.text, ()))
        for condition in pattern.statement.conditions if given is not None else ():
            head = snake(condition.name.partition(".")[0])
            if given is not None and head not in given:
                names = sorted({*given, *pattern.statement.parameters})
                yield unmet_condition.at(
                    Name(condition.name, condition.span),
                    f"nothing gives `{condition.name}` to pattern `{pattern.name.text}`",
                    hint=nearest(condition.name, names) or "name what the stretch is there for",
                )


def _uses(component: Component) -> dict[str, list[Call | Operation]]:
    """Who runs a pattern, by its name: calls of functions, and operations with a step for it."""
    found: dict[str, list[Call | Operation]] = {}
    for function in component.algorithms.functions:
        for call in function.calls:
            found.setdefault(call.name.text, []).append(call)
    for operation in component.operations:
        for name in {step.pattern.name.text for step in operation.steps if isinstance(step, PatternStep)}:
            found.setdefault(name, []).append(operation)
    return found


def _given(component: Component, uses: Sequence[Call | Operation]) -> set[str] | None:
    """The names that the users of a pattern ever give it; None where that is not certain, or nobody runs it."""
    given: set[str] = set()
    for use in uses:
        if isinstance(use, Call):
            if use.unpacked or use.positional:
                return None
            given |= {snake(keyword.text) for keyword in use.keywords}
        else:
            if use.loads or not isinstance(use.steps[0], PatternStep):
                return None
            given |= {*_of_request(component, use.endpoint), "body", "request", "principal"}
    return given if uses else None


def _of_request(component: Component, endpoint: Endpoint) -> Iterator[str]:
    """The names of what comes with a request: parameters, members of the body."""
    body = endpoint.body
    schema = component.types.schema(component.types.present(body.type)) if body and body.type else None
    yield from (snake(parameter.name.text) for parameter in endpoint.parameters)
    yield from (snake(field.name) for field in schema.fields) if schema else ()


RULES = (unmet_condition,)
