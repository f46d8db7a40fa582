"""What a call must pass before its operation: the values of query and body by their types, all faults in one answer."""

from collections.abc import Callable
from typing import TypeAlias

from asbuilt.component import Component, DerivedStep, Operation
from asbuilt.component.targets import targets
from asbuilt.runtime.bodies import Parse, parser
from asbuilt.runtime.calls import BODY, Call
from asbuilt.runtime.cursors import Cursors
from asbuilt.runtime.decode import Decoders
from asbuilt.runtime.faults import Fault, Wrong
from asbuilt.runtime.parameters import ReadQuery, query_reader
from asbuilt.runtime.refusals import invalid

Admit: TypeAlias = Callable[[Call], None]


def admission(
    operation: Operation, component: Component, decoders: Decoders, cursor: tuple[str, Cursors] | None
) -> Admit | None:
    """What reads query and body of a call into its values. Raises `Refusal`. None where there is nothing to read."""
    endpoint = operation.endpoint
    query = query_reader(endpoint.parameters_in("query"), component.types)
    partial, target = _changes(operation), targets(operation, component)
    parse = parser(endpoint.body, decoders, target, partial=partial) if endpoint.body else None
    if query is None and parse is None:
        return None
    if parse is None and cursor is None and query is not None:
        return _query_only(query)

    def admit(call: Call) -> None:
        faults: list[Fault] = []
        if query is not None:
            query(call.request.query, call.values, faults)
        if cursor is not None:
            _open(cursor, call, faults)
        if parse is not None:
            _parse(parse, call, faults)
        if faults:
            raise invalid(faults)

    return admit


def _changes(operation: Operation) -> bool:
    """Whether what the body leaves out is to stay as it is."""
    step = operation.steps[-1] if operation.steps else None
    return isinstance(step, DerivedStep) and step.derivation.deed == "change"


def _query_only(query: ReadQuery) -> Admit:
    def admit(call: Call) -> None:
        faults: list[Fault] = []
        query(call.request.query, call.values, faults)
        if faults:
            raise invalid(faults)

    return admit


def _open(cursor: tuple[str, Cursors], call: Call, faults: list[Fault]) -> None:
    """Put the values of a cursor in the place of its text."""
    name, cursors = cursor
    text = call.values.get(name)
    if text is None:
        call.values.pop(name, None)
    elif isinstance(text, str):
        try:
            call.values[name] = cursors.opened(text)
        except Wrong as wrong:
            faults.append(Fault(name, wrong.message, "query"))


def _parse(parse: Parse, call: Call, faults: list[Fault]) -> None:
    call.values[BODY] = parse(call.raw, call.request.headers.get("content-type") or "", faults)
