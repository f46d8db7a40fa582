"""Which claims of a document a difference between two implementations refutes."""

from collections.abc import Iterator
from typing import TypeAlias

from asbuilt.component import AlgorithmStep, Component, Operation, PatternStep
from asbuilt.component.causes import causes_of
from asbuilt.ledger import Kind
from asbuilt.verify.differences import Difference
from asbuilt.verify.resources import listing
from asbuilt.verify.sequence import Step
from asbuilt.verify.world import successes

_INVALID = frozenset({"validation", "malformed"})
_CHANGING = frozenset({"PUT", "PATCH", "DELETE"})
Key: TypeAlias = tuple[Kind, tuple[str, ...]]


def culprits(steps: tuple[Step, ...], difference: Difference) -> tuple[Operation, ...]:
    """The operations one of which is at fault: the one that shows it, or the last that changed what it shows.

    What makes rows and answers with them has answered as it should. Where an algorithm or a statement both changes and
    shows, nothing tells which of the two is wrong.
    """
    last = difference.step
    if last.operation.endpoint.method != "GET" or last.query or difference.sort in {"order", "fault", "form"}:
        return (last.operation,)
    needed = _needed(steps, last)
    changes = [step.operation for step in steps[:-1] if step.number not in needed and _changes(step.operation)]
    if not changes:
        return (last.operation,)
    return (changes[-1], last.operation) if _says_how(last.operation) else (changes[-1],)


def _changes(operation: Operation) -> bool:
    method = operation.endpoint.method
    return method in _CHANGING or (method != "GET" and _says_how(operation))


def claims(component: Component, steps: tuple[Step, ...], difference: Difference) -> tuple[Key, ...]:
    """The claims that a sequence refutes, by kind and names; some may not be in the ledger."""
    found: dict[Key, None] = {}
    for operation in culprits(steps, difference):
        own = operation.name == difference.step.operation.name
        found |= dict.fromkeys(_direct(component, operation, difference) if own else _own(operation))
    return tuple(found)


def _direct(component: Component, operation: Operation, difference: Difference) -> Iterator[Key]:
    title = operation.endpoint.title
    match difference.sort:
        case "silence":
            yield "endpoint", (title,)
        case "success":
            if difference.statuses[0] in _raised(component, operation):
                yield from _own(operation)
            else:
                yield "answer", (title, str(difference.statuses[1]))
        case "refusal" | "fault":
            yield from _refusal(component, operation, difference)
        case "form" if difference.member is not None:
            yield "member", difference.member
        case "form":
            yield "answer", (title, str(difference.statuses[1]))
        case "pages" | "rows" | "order":
            yield from _parameters(component, operation, difference)
            yield from _own(operation)
        case "value":
            if difference.member is not None and not _says_how(operation):
                yield "member", difference.member
            if operation.endpoint.method != "GET" or _says_how(operation) or difference.member is None:
                yield from _own(operation)


def _refusal(component: Component, operation: Operation, difference: Difference) -> Iterator[Key]:
    """Where the reference refuses and our side does not, or for another reason."""
    title, row, ours = operation.endpoint.title, difference.row, difference.statuses[0]
    if difference.sort == "fault" and ours in _invalid(component, operation):
        # The request is valid: what the reference had against it came afterwards.
        yield from (("answer", (title, str(status))) for status in sorted(successes(operation)))
    elif row is None:
        yield "endpoint", (title,)
    else:
        if ours < 400 and row.status in _raised(component, operation):
            yield from _own(operation)
        yield "error", (row.code.text,)


def _parameters(component: Component, operation: Operation, difference: Difference) -> Iterator[Key]:
    """The parameters that it takes to show it: the sequence holds no others."""
    if difference.sort not in {"pages", "rows"}:
        return
    given = [name for name, _ in difference.step.query]
    found = listing(component, operation)
    if found and found.cursor and found.limit and found.limit.name.text in given and difference.sort == "pages":
        given = [found.cursor.name.text]
    for name in given[-1:]:
        yield "parameter", (operation.endpoint.title, "query", name)


def _own(operation: Operation) -> Iterator[Key]:
    """How the document says that it is done, else that it is."""
    said = list(how(operation))
    yield from said or [("endpoint", (operation.endpoint.title,))]


def how(operation: Operation) -> Iterator[Key]:
    """The algorithms and statements by which the document says that an operation is done."""
    for step in operation.steps:
        if isinstance(step, AlgorithmStep):
            yield "algorithm", (step.algorithm.name.text,)
        elif isinstance(step, PatternStep):
            yield "pattern", (step.pattern.name.text,)


def _says_how(operation: Operation) -> bool:
    return any(True for _ in how(operation))


def _raised(component: Component, operation: Operation) -> set[int]:
    return {each.status for each in causes_of(component, operation) if each.cause == "raised"}


def _invalid(component: Component, operation: Operation) -> set[int]:
    """The statuses of rows that say of a request that it is no valid one, and nothing else."""
    occurrences = causes_of(component, operation)
    others = {each.status for each in occurrences if each.cause not in _INVALID}
    return {each.status for each in occurrences if each.cause in _INVALID and each.row is not None} - others


def _needed(steps: tuple[Step, ...], last: Step) -> set[int]:
    """The steps whose rows the last one names, and those that these name."""
    by_number = {step.number: step for step in steps}
    found: set[int] = set()
    ahead = list(last.needs)
    while ahead:
        number = ahead.pop()
        if number not in found and number in by_number:
            found.add(number)
            ahead += by_number[number].needs
    return found
