"""What is defined and used by nothing."""

import re
from collections import Counter
from collections.abc import Iterator

from asbuilt.component import AlgorithmStep, Component, PatternStep
from asbuilt.diagnostics import Diagnostic, rule

_WORD = re.compile(r"\w+")


@rule("ALG406", severity="note")
def unused_algorithm(component: Component) -> Iterator[Diagnostic]:
    """No endpoint and no other algorithm calls this one, and nothing else in the document mentions it.

    Name it with an endpoint's `Operation:`, or delete it.
    """
    words = Counter(_WORD.findall(component.source.text))
    steps = [step for operation in component.operations for step in operation.steps]
    called = {step.algorithm.name.text for step in steps if isinstance(step, AlgorithmStep)}
    called |= {used.text for function in component.algorithms.functions for used in function.names_used}
    for function in component.algorithms.functions:
        name = function.name
        if name.text not in called and words[name.text] < 2:
            yield unused_algorithm.at(name, f"nothing uses algorithm `{name.text}`", hint="name it with `Operation:`")


@rule("DB402", severity="note")
def unused_pattern(component: Component) -> Iterator[Diagnostic]:
    """No endpoint and no algorithm uses this pattern, and nothing else in the document mentions it.

    Name it with an endpoint's `Operation:`, call it as `db.name(...)`, or delete it.
    """
    words = Counter(_WORD.findall(component.source.text))
    steps = [step for operation in component.operations for step in operation.steps]
    used = {step.pattern.name.text for step in steps if isinstance(step, PatternStep)}
    used |= {call.name.text for function in component.algorithms.functions for call in function.calls}
    for pattern in component.data.patterns:
        name = pattern.name
        if name.text not in used and words[name.text] < 2:
            hint = "name it with `Operation:`, or call it in an algorithm"
            yield unused_pattern.at(name, f"nothing uses pattern `{name.text}`", hint=hint)


RULES = (unused_algorithm, unused_pattern)
