"""What must hold of a state machine before it can be served or probed."""

from collections.abc import Hashable, Iterable, Iterator

from asbuilt.diagnostics import Diagnostic, Hole, nearest, respelled, rule
from asbuilt.language.names import Name
from asbuilt.sections.state_machines.model import After, At, Machine, StateMachines, Transition

_SHOWN = 60


@rule("SM101")
def malformed_machine(section: StateMachines) -> Iterator[Diagnostic]:
    """A line of a state machine is neither states nor a transition.

    Under `Transitions:` each line is `from -> to`, then what fires it: `on` an event, `after` a duration, or `at` the
    time in a column; then, if need be, a guard in brackets and an action after a slash.

        States: pending, paid, "on hold", shipped (final)
        Transitions:
          pending -> paid    on pay [total_cents > 0] / mark_paid
          paid    -> shipped on ship

    Nothing of such a line is carried out, so it is an error and never passed over.
    """
    for hole in section.holes:
        yield malformed_machine.at(hole, hole.message, hint=hole.hint)


@rule("SM102")
def undeclared_state(section: StateMachines) -> Iterator[Diagnostic]:
    """A transition names a state that `States:` does not list.

    Such a state could be entered but never left, and no probe would look for it. Only where there is a list of states
    is it held to: chains of arrows and diagrams declare the states that they name.
    """
    for machine in section.machines:
        known = [state.name.text for state in machine.states]
        for text, places in machine.undeclared.items():
            state = machine.misdeclared(text)
            if state:
                yield undeclared_state.at(
                    state,
                    f"no transition names the state `{state.name.text}`",
                    hint=f"did you mean `{text}`?",
                    also=[(name, "as it is written here") for name in places[:2]],
                    fix=respelled(state, state.name.text, [text]),
                )
                continue
            yield undeclared_state.at(
                places[0],
                f"state `{text}` is not declared",
                hint=nearest(text, known) or f"list it under `States:` of `{machine.name.text}`",
                also=[(machine.states[0], "the states are declared here")],
                fix=respelled(places[0], text, known),
            )


@rule("SM103", severity="warning")
def unreachable_state(section: StateMachines) -> Iterator[Diagnostic]:
    """No path of transitions leads from the initial state to this one.

    The initial state is the first under `States:`; a row starts in it and nowhere else. Add the transition that is
    missing, or take the state out.
    """
    for machine in section.machines:
        if not machine.transitions or _is_torn(machine, section):
            continue
        reached = _reached(machine)
        for state in machine.states:
            if state.name.text not in reached:
                initial = machine.states[0]
                yield unreachable_state.at(
                    state,
                    f"`{machine.name.text}` can never be `{state.name.text}`",
                    hint="add a transition to it, or take it out",
                    also=[(initial, f"it starts as `{initial.name.text}`")],
                )


def _is_torn(machine: Machine, section: StateMachines) -> bool:
    """Whether a line of the machine could not be read, or leads elsewhere: what it was to say is not missing."""
    within = (hole for hole in section.holes if machine.span.start <= hole.span.start < machine.span.end)
    return bool(machine.undeclared) or any(True for _ in within)


def _reached(machine: Machine) -> set[str]:
    exits: dict[str, list[str]] = {}
    for transition in machine.transitions:
        exits.setdefault(transition.source.text, []).append(transition.target.text)
    reached = {machine.states[0].name.text}
    ahead = list(reached)
    while ahead:
        for name in exits.get(ahead.pop(), ()):
            if name not in reached:
                reached.add(name)
                ahead.append(name)
    return reached


@rule("SM104", severity="warning")
def dead_end(section: StateMachines) -> Iterator[Diagnostic]:
    """Nothing leads out of a state, and it is not marked as final.

    Either a transition is missing, or the state ends the lifecycle: then say so with `shipped (final)`.
    """
    for machine in section.machines:
        left = {transition.source.text for transition in machine.transitions}
        entered = {transition.target.text for transition in machine.transitions}
        for state in machine.states if not _is_torn(machine, section) else ():
            name = state.name.text
            if name in entered - left and not state.final:
                hint = f"write `{name} (final)`, or add the transition that leads on"
                yield dead_end.at(state, f"nothing leads out of `{name}`, and it is not final", hint=hint)


@rule("SM105")
def ambiguous_transition(section: StateMachines) -> Iterator[Diagnostic]:
    """Two transitions leave one state on one event and nothing chooses between them.

    Guards choose: of several transitions each but one needs its own, and the one without is the default.

        open -> won  on close [price > 0]
        open -> lost on close
    """
    for machine in section.machines:
        first: dict[Hashable, Transition] = {}
        for transition in machine.transitions:
            cause = _cause(transition)
            if cause is None:
                continue
            rival = first.setdefault(cause, transition)
            if rival is not transition:
                yield _ambiguous(transition, rival)


def _cause(transition: Transition) -> Hashable:
    """What fires a transition and what lets it: of two that are alike, the second never happens."""
    guard = " ".join(transition.guard.text.text.split()) if transition.guard else ""
    match transition.event, transition.timer:
        case Name(text=event), _:
            return transition.source.text, event, guard
        case None, After(seconds=float() as seconds):
            return transition.source.text, seconds, guard
        case None, At(column=Name(text=column)):
            return transition.source.text, f"at {column}", guard
    return None


def _ambiguous(transition: Transition, rival: Transition) -> Diagnostic:
    source = transition.source.text
    where: Transition | Hole = transition if transition.span != rival.span else Hole(transition.target.span, "")
    also = [(rival, f"the first leads to `{rival.target.text}`")]
    what = f"`{transition.event.text}`" if transition.event else "the same time"
    if transition.target.text == rival.target.text:
        message = f"{what} leads from `{source}` to `{rival.target.text}` twice"
        return ambiguous_transition.at(where, message, hint="delete one", also=also)
    message = f"{what} in state `{source}` has more than one outcome"
    return ambiguous_transition.at(where, message, hint="add a guard that tells them apart", also=also)


@rule("SM106")
def left_final_state(section: StateMachines) -> Iterator[Diagnostic]:
    """A transition leads out of a state that is marked as final.

    Final is what nothing leaves. Take the mark away, or the transition.
    """
    for machine in section.machines:
        final = {state.name.text: state for state in machine.states if state.final}
        for transition in machine.transitions:
            state = final.get(transition.source.text)
            if state:
                message = f"`{state.name.text}` is final, and this leads out of it"
                hint = f"delete the transition, or the `(final)` of `{state.name.text}`"
                yield left_final_state.at(transition, message, hint=hint, also=[(state, "marked as final here")])


@rule("SM107", severity="warning")
def duplicate_state(section: StateMachines) -> Iterator[Diagnostic]:
    """A state is declared twice. The second says nothing new; perhaps another one was meant."""
    for machine in section.machines:
        for state, first in machine.repeated:
            message = f"`{state.name.text}` is declared twice"
            yield duplicate_state.at(state, message, hint="delete one", also=[(first, "the first one")])


@rule("SM108")
def timeless_transition(section: StateMachines) -> Iterator[Diagnostic]:
    """A timed transition does not say when.

    `after` asks for a duration or a variable, `at` for a column that holds a time:

        pending -> cancelled after 30m
        open    -> closed    at periods.ends_at
    """
    for machine in section.machines:
        told: set[object] = set()
        for transition in machine.transitions:
            timer = transition.timer
            if isinstance(timer, After) and timer.seconds is None and timer.variable is None:
                message, hint = "`after` says no duration", "write `after 30m` or `after 7 days`"
            elif isinstance(timer, At) and not timer.column.text:
                message, hint = "`at` names no column", "write `at periods.ends_at`"
            else:
                continue
            if timer.span not in told:
                told.add(timer.span)
                yield timeless_transition.at(timer, message, hint=hint)


@rule("SM109")
def duplicate_machine(section: StateMachines) -> Iterator[Diagnostic]:
    """Two state machines have one name, or are about one column.

    Operations name events as `machine.event`, so a name must be one machine's. Two machines of one column could
    each allow what the other forbids: write them as one.
    """
    names: dict[str, Machine] = {}
    columns: dict[str, Machine] = {}
    for machine in section.machines:
        first = names.setdefault(machine.identifier, machine)
        also = [(first.name, "the first one")]
        if first is not machine:
            hint = "give each a name of its own"
            yield duplicate_machine.at(
                machine.name, f"there are two machines `{machine.identifier}`", hint=hint, also=also
            )
            continue
        if machine.column is None:
            continue
        first = columns.setdefault(machine.column.text, machine)
        if first is not machine:
            message = f"`{machine.column.text}` is the column of `{first.name.text}` already"
            also = [(first.name, "the first one")]
            yield duplicate_machine.at(machine.column, message, hint="write them as one machine", also=also)


@rule("SM110", severity="note")
def unread_machine(section: StateMachines) -> Iterator[Diagnostic]:
    """Words in a section of state machines say nothing in a form that is read.

    They stay for people. Read are `States:` and `Transitions:`, arrows between names, tables with From and To,
    and Mermaid's `stateDiagram-v2`.
    """
    for name in section.empty:
        hint = "write `States:` and `Transitions:`, or leave it to people"
        yield unread_machine.at(name, f"nothing under `{name.text}` is read as a state machine", hint=hint)
    for name in section.unread:
        shown = name.text if len(name.text) <= _SHOWN else f"{name.text[: _SHOWN - 1]}…"
        hint = "write `paid -> shipped on ship [guard] / action`, or leave it to people"
        yield unread_machine.at(name, f"`{shown}` is not read", hint=hint)


@rule("SM111", severity="note")
def eventless_transition(section: StateMachines) -> Iterator[Diagnostic]:
    """A transition names neither an event nor a time, so nothing can fire it.

    What is drawn as an arrow alone says which changes are legal. To carry one out, an operation names its event:
    `paid -> shipped on ship`, and `Operation: fulfilment.ship`.
    """
    for machine in section.machines:
        silent = [each for each in machine.transitions if each.event is None and each.timer is None]
        if silent:
            more = f" and {len(silent) - 1} more transition{'s' * (len(silent) > 2)}" if silent[1:] else ""
            verb = "name" if silent[1:] else "names"
            message = f"`{silent[0].title}`{more} of `{machine.name.text}` {verb} no event"
            yield eventless_transition.at(silent[0], message, hint=f"write `{silent[0].title} on ...`")


@rule("SM112")
def undeclared_event(section: StateMachines) -> Iterator[Diagnostic]:
    """A transition names an event that `Events:` does not list.

    A list of events may be left out; where there is one, it is complete.
    """
    for machine in section.machines:
        known = [event.text for event in machine.events]
        for event in machine.fired.values() if known else ():
            if event.text not in known:
                hint = nearest(event.text, known) or f"list it under `Events:` of `{machine.name.text}`"
                fix = respelled(event, event.text, known)
                yield undeclared_event.at(event, f"event `{event.text}` is not declared", hint=hint, fix=fix)


@rule("SM113", severity="warning")
def unread_guard(section: StateMachines) -> Iterator[Diagnostic]:
    """A guard is in words that are no condition.

    The transition would have to be refused always or never. Write a condition over the row, such as
    `[total_cents > 0]`, or the name of a pattern that gives a row if the transition may happen.
    """
    told = set(section.holes)
    for hole in _unread_guards(section.machines):
        if hole not in told:
            told.add(hole)
            yield unread_guard.at(hole, hole.message, hint=hole.hint or "write a condition, or a pattern's name")


def _unread_guards(machines: Iterable[Machine]) -> Iterator[Hole]:
    for machine in machines:
        for transition in machine.transitions:
            if transition.guard and isinstance(transition.guard.condition, Hole):
                yield transition.guard.condition


RULES = (
    malformed_machine,
    undeclared_state,
    unreachable_state,
    dead_end,
    ambiguous_transition,
    left_final_state,
    duplicate_state,
    timeless_transition,
    duplicate_machine,
    unread_machine,
    eventless_transition,
    undeclared_event,
    unread_guard,
)
