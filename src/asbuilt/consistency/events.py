"""Who fires the events of a state machine, what they ask for and do, and who writes its column past them."""

import re
from collections.abc import Iterator

from asbuilt.component import Component, DerivedStep, Operation
from asbuilt.consistency.lexicon import is_slip
from asbuilt.consistency.machines import Governed, governed
from asbuilt.diagnostics import Diagnostic, Edit, Fix, Hole, closest, nearest, respelled, rule
from asbuilt.language.condition_types import Scope, faults
from asbuilt.language.names import Name
from asbuilt.postgres.listing import held
from asbuilt.postgres.row_values import written_row
from asbuilt.postgres.writes import changes_of
from asbuilt.sections.data import Pattern
from asbuilt.sections.state_machines import Guard, Machine
from asbuilt.source import Span

# What a guard may ask of the request that fires the event. Which members they have is for the request to say.
_OF_REQUEST = frozenset({"body", "principal", "request"})


@rule("SM403")
def undefined_event(component: Component) -> Iterator[Diagnostic]:
    """An endpoint or an algorithm fires an event that its state machine does not have.

    `Operation: fulfilment.pay` asks for a transition `... on pay` of the machine whose heading is `Fulfilment`.
    """
    for machine, name, event in _firing(component):
        known = list(machine.fired)
        if event.text not in known and not _is_unread(component, machine, event.text):
            meant = closest(event.text, known) or next((one for one in known if is_slip(event.text, one)), "")
            hint = f"did you mean `{meant}`?" if meant else f"`{machine.identifier}` has {_listed(known)}"
            message = f"`{machine.name.text}` has no event `{event.text}`"
            also = [(machine.name, "the machine")]
            fix = Fix(f"replace `{event.text}` by `{meant}`", (Edit(event.span, meant),)) if meant else None
            yield undefined_event.at(name, message, hint=hint, also=also, fix=fix)


def _is_unread(component: Component, machine: Machine, event: str) -> bool:
    """Whether a line of the machine that names the event could not be read, which is told there."""
    within = (hole for hole in component.machines.holes if machine.span.start <= hole.span.start < machine.span.end)
    source = component.source
    return any(event in source.line(source.position(hole.span.start).line) for hole in within)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:8]) or "none"


def _firing(component: Component) -> Iterator[tuple[Machine, Name, Name]]:
    """Each place that fires an event: the machine, the whole of what is written, and the event in it."""
    machines = component.machines
    for operation in component.operations:
        for name in operation.endpoint.operations:
            head, dot, event = name.text.partition(".")
            machine = machines.machine(head) if dot else None
            if machine:
                yield machine, name, Name(event, Span(name.span.end - len(event), name.span.end))
    for function in component.algorithms.functions:
        for call in function.calls:
            machine = machines.machine(call.target)
            if machine:
                yield machine, call.name, call.name


@rule("SM404", severity="warning")
def unfired_event(component: Component) -> Iterator[Diagnostic]:
    """No endpoint and no algorithm fires an event, so its transitions never happen.

    Name it with an endpoint's `Operation: fulfilment.ship`, call it in an algorithm as `fulfilment.ship(id=...)`, or
    take it out. Looked at are documents whose endpoints name operations.
    """
    named = any(operation.endpoint.operations for operation in component.operations)
    if not named and not component.algorithms.functions:
        return
    known = [f"{machine.identifier}.{event}" for machine in component.machines.machines for event in machine.fired]
    fired = {f"{machine.identifier}.{event.text}" for machine, _, event in _firing(component)}
    for operation in component.operations:
        fired |= {name.text for name in operation.endpoint.operations}
    fired |= {closest(name, known) for name in fired.difference(known)}  # misspelt, which is told where it stands
    for machine in component.machines.machines:
        for event in machine.fired.values():
            whole = f"{machine.identifier}.{event.text}"
            if whole not in fired:
                hint = f"name it with `Operation: {whole}`, or take it out"
                yield unfired_event.at(event, f"nothing fires `{whole}`", hint=hint)


@rule("SM407")
def bypassed_machine(component: Component) -> Iterator[Diagnostic]:
    """A statement or a derived operation writes a machine's column past its machine.

    What a machine allows would hold only for those who ask it. A row starts in the initial state, by the column's
    default or because an INSERT says so, and changes by events alone. Fire the event instead, and let a pattern that
    is its action set the other columns: `pending -> paid on pay / mark_paid`.
    """
    for each in governed(component):
        for pattern in component.data.patterns:
            if each.table.name in pattern.statement.written:
                yield from _bypassing(component, each, pattern)
        for operation in component.operations:
            yield from _derived(each, operation)


def _bypassing(component: Component, each: Governed, pattern: Pattern) -> Iterator[Diagnostic]:
    column = each.column.name
    for change in changes_of(pattern.statement):
        if change.table != each.table.name or change.verb == "delete":
            continue
        if change.verb == "insert" and not _starts_wrong(component, each, pattern):
            continue
        if change.verb == "insert" or (change.columns is not None and column in change.columns):
            doing = "sets" if change.verb == "update" else "starts a row with another"
            message = (
                f"pattern `{pattern.name.text}` {doing} `{each.table.name}.{column}` past `{each.machine.name.text}`"
            )
            hint = f"fire an event of `{each.machine.identifier}` instead"
            if change.verb == "insert":
                initial = each.machine.initial
                hint = f"leave the column out, or insert '{initial.name.text}'" if initial else ""
            also = [(each.machine.name, "the machine that governs the column")]
            yield bypassed_machine.at(_place(pattern, column), message, hint=hint, also=also)
            return


def _starts_wrong(component: Component, each: Governed, pattern: Pattern) -> bool:
    """Whether an INSERT gives the column a value of the caller's choice, or one that is not the initial state."""
    row = written_row(pattern.statement, component.data.catalog)
    value = next((one for one in row.values if one.column == each.column.name), None) if row and row.fresh else None
    if value is None or each.machine.initial is None:
        return False
    return value.parameter is not None or value.constant not in (None, each.machine.initial.name.text)


def _place(pattern: Pattern, column: str) -> Name:
    """The first place in a pattern's SQL where the column is written as a word; the pattern's name if there is none."""
    sql = pattern.statement.sql
    found = re.search(rf"\b{re.escape(column)}\b", sql.text)
    return Name(column, sql.span(*found.span())) if found else pattern.name


def _derived(each: Governed, operation: Operation) -> Iterator[Diagnostic]:
    for step in operation.steps:
        if not isinstance(step, DerivedStep) or step.derivation.table != each.table.name:
            continue
        if any(assignment.column == each.column.name for assignment in step.derivation.assignments):
            title, column = operation.endpoint.title, f"{each.table.name}.{each.column.name}"
            where = operation.endpoint.body or operation.endpoint.route
            message = f"`{title}` sets `{column}` past `{each.machine.name.text}`"
            hint = f"take `{each.column.name}` out of its body, and fire an event of `{each.machine.identifier}`"
            also = [(each.machine.name, "the machine that governs the column")]
            yield bypassed_machine.at(where, message, hint=hint, also=also)


@rule("SM408")
def invalid_guard(component: Component) -> Iterator[Diagnostic]:
    """A guard uses a name that is not there, or compares what cannot be compared.

    A guard is a condition over the row (`[total_cents > 0 and note is null]`), over the request that fires the event
    (`body.amount`, `principal.id`), or the name of a pattern that gives a row if the transition may happen.
    """
    for each in governed(component):
        scope = Scope({each.table.name: held(each.table, component.data.catalog)}, each.table.name, _OF_REQUEST)
        for guard in _guards(each.machine):
            if guard.name and component.data.pattern(guard.name):
                continue
            for hole in _faults(component, guard, scope):
                yield invalid_guard.at(hole, hole.message, hint=hole.hint)


def _guards(machine: Machine) -> Iterator[Guard]:
    guards = (transition.guard for transition in machine.transitions if transition.guard)
    yield from {guard.span: guard for guard in guards}.values()


def _faults(component: Component, guard: Guard, scope: Scope) -> tuple[Hole, ...]:
    if isinstance(guard.condition, Hole):  # which is told as `malformed-machine` or `unread-guard`
        return ()
    found = faults(guard.condition, scope)
    if found and guard.name and guard.name not in scope.names():
        known = [*scope.names(), *(pattern.name.text for pattern in component.data.patterns)]
        message = f"`{guard.name}` is neither a pattern nor a column of `{scope.own}`"
        return (Hole(guard.span, message, nearest(guard.name, known) or "write a condition"),)
    return found


@rule("SM409")
def undefined_action(component: Component) -> Iterator[Diagnostic]:
    """The action of a transition is neither a pattern nor an algorithm.

    What stands after the slash is carried out in the same transaction as the change of state.
    """
    known = [pattern.name.text for pattern in component.data.patterns]
    known += [function.name.text for function in component.algorithms.functions]
    for machine in component.machines.machines if known else ():  # else the document describes rather than defines
        actions = {each.action.span: each.action for each in machine.transitions if each.action}
        for action in actions.values():
            if action.text not in known:
                message = f"`{action.text}` is neither a pattern nor an algorithm"
                hint = nearest(action.text, known) or "write it under Data Access Patterns, or leave it out"
                yield undefined_action.at(action, message, hint=hint, fix=respelled(action, action.text, known))


RULES = (undefined_event, unfired_event, bypassed_machine, invalid_guard, undefined_action)
