"""What must hold of the algorithms before they can be called."""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, rule
from asbuilt.sections.algorithms.model import Algorithm, Algorithms


@rule("ALG101")
def python_syntax(algorithms: Algorithms) -> Iterator[Diagnostic]:
    """A block that is meant as Python is none, or a linked Python file cannot be read.

    A fence is meant as Python if its label says so, or if its text defines functions and all but one
    line is Python. Pseudocode belongs in a fence without the label `python`: it stays prose.
    """
    for hole in algorithms.holes:
        yield python_syntax.at(hole, hole.message, hint=hole.hint)


@rule("ALG102")
def duplicate_algorithm(algorithms: Algorithms) -> Iterator[Diagnostic]:
    """Two functions have one name.

    All algorithms of a document share one namespace, in which the second would take the place of the
    first. Rename one, or delete the older.
    """
    first: dict[str, Algorithm] = {}
    for function in algorithms.functions:
        other = first.setdefault(function.name.text, function)
        if other is not function and other.span != function.span:
            message = f"algorithm `{function.name.text}` is defined twice"
            yield duplicate_algorithm.at(
                function.name, message, hint="rename one", also=[(other.name, "the first one")]
            )


@rule("ALG103", severity="note")
def malformed_complexity(algorithms: Algorithms) -> Iterator[Diagnostic]:
    """A line of `Complexity` holds no promise in a form that can be checked, and stays prose.

    Promises that can be checked are `O(n log n) in lines`, `exactly n statements` and
    `at most 8 statements`; several are separated by commas.
    """
    for text in algorithms.unread:
        hint = "write `O(n) in lines`, `exactly n statements` or `at most 8 statements`"
        yield malformed_complexity.at(text, "this promise about cost cannot be checked", hint=hint)


RULES = (python_syntax, duplicate_algorithm, malformed_complexity)
