"""What a stretch of a pattern waits for must be something that it can be given."""

from collections.abc import Iterator

from asbuilt.component import Component, PatternStep
from asbuilt.diagnostics import Diagnostic, nearest, rule
from asbuilt.language.names import Name, snake
from asbuilt.sections.data import Pattern


@rule("DB403")
def unmet_condition(component: Component) -> Iterator[Diagnostic]:
    """A `-- when x` of a pattern names something that nobody who runs the pattern ever gives.

    The stretch would never be part of the statement. Looked at are patterns that an algorithm calls or an
    endpoint names; the condition is a parameter by its name, or `body.field`.
    """
    for pattern in component.data.patterns:
        given = _given(component, pattern)
        for condition in pattern.statement.conditions if given is not None else ():
            head = snake(condition.name.partition(".")[0])
            if given is not None and head not in given:
                names = sorted({*given, *pattern.statement.parameters})
                yield unmet_condition.at(
                    Name(condition.name, condition.span),
                    f"nothing gives `{condition.name}` to pattern `{pattern.name.text}`",
                    hint=nearest(condition.name, names) or "name what the stretch is there for",
                )


def _given(component: Component, pattern: Pattern) -> set[str] | None:
    """The names that the pattern is ever given; None where that is not certain, or nobody runs it."""
    given: set[str] = set()
    runs = 0
    for function in component.algorithms.functions:
        for call in function.calls:
            if call.name.text == pattern.name.text:
                if call.unpacked or call.positional:
                    return None
                runs += 1
                given |= {snake(keyword.text) for keyword in call.keywords}
    for operation in component.operations:
        if any(isinstance(step, PatternStep) and step.pattern is pattern for step in operation.steps):
            if operation.loads or not isinstance(operation.steps[0], PatternStep):
                return None
            runs += 1
            body = operation.endpoint.body
            schema = component.types.schema(component.types.present(body.type)) if body and body.type else None
            given |= {snake(parameter.name.text) for parameter in operation.endpoint.parameters}
            given |= {snake(field.name) for field in schema.fields} if schema else set()
            given |= {"body", "request", "principal"}
    return given if runs else None


RULES = (unmet_condition,)
