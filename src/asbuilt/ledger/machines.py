"""What State Machines claims: each machine, its states, and each way from one to another."""

from collections.abc import Iterator

from asbuilt.component import Component
from asbuilt.ledger.claim import NOT_ENACTED, Stated
from asbuilt.sections.state_machines import After, At, Machine, Transition

MACHINES = "state-machines.machine"


def machines(component: Component) -> Iterator[Stated]:
    """Nothing of a machine is enacted yet, so each of its claims could be proved and is not."""
    for machine in component.machines.machines:
        name = machine.identifier
        yield _stated(Stated(MACHINES, "machine", (name,), _machine(machine), machine.name.span))
        for state in machine.states:
            text = f"{name} may be {state.name.text}{', which nothing leaves' if state.final else ''}"
            yield _stated(Stated(MACHINES, "state", (name, state.name.text), text, state.span))
        for transition in machine.transitions:
            yield _stated(_transition(name, transition))


def _stated(stated: Stated) -> Stated:
    return Stated(stated.section, stated.kind, stated.names, stated.statement, stated.span, "unchecked", NOT_ENACTED)


def _machine(machine: Machine) -> str:
    column = f" of {machine.column.text}" if machine.column else ""
    start = f", and starts as {machine.states[0].name.text}" if machine.states else ""
    return f"{machine.identifier} is the lifecycle{column}{start}"


def _transition(machine: str, transition: Transition) -> Stated:
    """By what fires it, since several ways may lead from one state to another."""
    cause = _cause(transition)
    guard = f" if {' '.join(transition.guard.text.text.split())}" if transition.guard else ""
    action = f", and does {transition.action.text}" if transition.action else ""
    source, target = transition.source.text, transition.target.text
    text = f"{machine} goes from {source} to {target}{cause}{guard}{action}"
    return Stated(MACHINES, "transition", (machine, source, cause.strip(), target), text, transition.span)


def _cause(transition: Transition) -> str:
    if transition.event:
        return f" on {transition.event.text}"
    match transition.timer:
        case After(seconds=float() as seconds):
            return f" after {seconds:g}s"
        case After(variable=variable) if variable:
            return f" after {variable.text}"
        case At(column=column):
            return f" at {column.text}"
    return ""
