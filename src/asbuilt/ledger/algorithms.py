"""What Core Algorithms claims: the functions, and each promise about cost."""

from collections.abc import Iterator

from asbuilt.component import AlgorithmStep, Component
from asbuilt.ledger.claim import NOT_ENACTED, Stated
from asbuilt.sections.algorithms import Algorithm

ALGORITHMS = "algorithms.algorithm"


def algorithms(component: Component) -> Iterator[Stated]:
    """A function that no operation leads to is never run, so it is not enacted. Pseudocode is prose."""
    reached = {function.name.text for function in reached_functions(component)}
    for function in component.algorithms.functions:
        name = function.name.text
        why = _why_not(component, function, reached)
        text = f"`{name}` does what its code says"
        yield Stated(ALGORITHMS, "algorithm", (name,), text, function.span, "unchecked" if why else "enacted", why)
        for promise in function.complexity:
            text = f"`{name}` takes {promise.text}"
            yield Stated(ALGORITHMS, "complexity", (name, promise.text), text, promise.span, "unchecked")
    for heading in component.algorithms.pseudocode:
        if heading.text:
            yield Stated(ALGORITHMS, "algorithm", (heading.text,), f"{heading.text}, told", heading.span, "prose")


def _why_not(component: Component, function: Algorithm, reached: set[str]) -> str:
    waiting = next((one.name.text for one in function.arguments if one.name.text in component.elsewhere), "")
    if waiting:
        return f"it calls `{waiting}`, which is {NOT_ENACTED}"
    return "" if function.name.text in reached else "no operation leads to it"


def reached_functions(component: Component) -> tuple[Algorithm, ...]:
    """The functions that operations call, and those that these call."""
    known = {function.name.text: function for function in reversed(component.algorithms.functions)}
    steps = (step for operation in component.operations for step in operation.steps)
    ahead = [step.algorithm for step in steps if isinstance(step, AlgorithmStep)]
    seen: dict[str, Algorithm] = {}
    while ahead:
        function = ahead.pop()
        if function.name.text not in seen:
            seen[function.name.text] = function
            ahead += [known[name.text] for name in function.names_used if name.text in known]
    return tuple(seen.values())
