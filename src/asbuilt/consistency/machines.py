"""What a state machine and the table that it governs must agree on: column, states, default, moments."""

import re
from collections.abc import Iterator

from asbuilt.component import Component
from asbuilt.consistency.enumerations import pairs
from asbuilt.consistency.references import slips
from asbuilt.diagnostics import Diagnostic, Edit, Fix, closest, nearest, respelled, rule
from asbuilt.language.names import Name, singular, snake
from asbuilt.language.types import Choice
from asbuilt.postgres.catalog import Catalog, Column, Table
from asbuilt.postgres.listing import Listing, allowed
from asbuilt.postgres.spelling import kind_of
from asbuilt.sections.state_machines import At, Machine
from asbuilt.values import frozen

_TEXT = re.compile(r"'((?:[^']|'')*)'(?:::[\w. \"]+(?:\(\d+\))?)?")
_TIMES = frozenset({"datetime", "date"})
_SHOWN = 12
_A_FEW = 50  # values among which the one that a state was meant to be is looked for


@frozen
class Governed:
    """A machine and the column that holds its state."""

    machine: Machine
    table: Table
    column: Column


def governed(component: Component) -> Iterator[Governed]:
    """The machines whose column is there."""
    for machine in component.machines.machines:
        table = component.data.catalog.table(machine.table) if machine.column else None
        column = table.column(machine.column.text.rpartition(".")[2]) if table and machine.column else None
        if table and column:
            yield Governed(machine, table, column)


@rule("SM401")
def undefined_machine_column(component: Component) -> Iterator[Diagnostic]:
    """A state machine names a column that no table has.

    The heading names the column that holds the state, ``### Fulfilment (`orders.status`)``, and may name the one that
    time in a state counts from, `since orders.paid_at`. A transition `at periods.ends_at` waits for a column as well.
    """
    catalog = component.data.catalog
    if not catalog.tables:
        return
    known = [f"{table.name}.{column.name}" for table in catalog.tables for column in table.columns]
    told = {span.span.start for span, _ in slips(component)} if component.machines.machines else set()
    for machine in component.machines.machines:
        for name in _columns(machine):
            whole = name.text if "." in name.text else f"{machine.table}.{name.text}"
            if whole in known or name.span.start in told:  # the latter as `unresolved-reference`
                continue
            if machine.column is not None or "." in name.text:
                yield undefined_machine_column.at(
                    name,
                    f"`{name.text}`, which `{machine.name.text}` names, is no column of a table",
                    hint=nearest(whole, known) or "name it as `table.column`",
                    fix=respelled(name, whole, known),
                )


def _columns(machine: Machine) -> Iterator[Name]:
    if machine.column:
        yield machine.column
    yield from _moments(machine)


def _moments(machine: Machine) -> Iterator[Name]:
    """The columns that hold times: those that transitions wait for, and the one that `after` counts from."""
    if machine.since:
        yield machine.since
    timers = [transition.timer for transition in machine.transitions]
    yield from dict.fromkeys(timer.column for timer in timers if isinstance(timer, At) and timer.column.text)


@rule("SM402")
def unusable_moment(component: Component) -> Iterator[Diagnostic]:
    """A timed transition waits for a column that holds no time, or that the row does not lead to.

    The column is a `timestamptz`, `timestamp` or `date` of the machine's own table, or of a table that a foreign
    key of it points at: for `orders`, `at periods.ends_at` asks for `orders.period_id REFERENCES periods`.
    """
    catalog = component.data.catalog
    for each in governed(component):
        for name in _moments(each.machine):
            owner, _, last = name.text.rpartition(".")
            table = catalog.table(owner) if owner else each.table
            column = table.column(last) if table else None
            if table is None or column is None:
                continue
            if kind_of(column.type, catalog) not in _TIMES or column.type.dimensions:
                message = f"`{name.text}` is {column.type}, which is no point in time"
                hint = "name a column of type `timestamptz`"
                yield unusable_moment.at(name, message, hint=hint, also=[(column, "defined here")])
            elif table is not each.table and _ways(each.table, table) != 1:
                count = _ways(each.table, table)
                message = f"no foreign key leads from `{each.table.name}` to `{table.name}`"
                if count:
                    message = f"{count} foreign keys lead from `{each.table.name}` to `{table.name}`"
                hint = f"name a column of `{each.table.name}`"
                yield unusable_moment.at(name, message, hint=hint, also=[(table, "this table")])


def _ways(table: Table, other: Table) -> int:
    return sum(key.table == other.name for key in table.foreign_keys)


@rule("SM405")
def differing_states(component: Component) -> Iterator[Diagnostic]:
    """The states of a machine are not the values that its column, or a field that shows it, may have.

    A state that a CHECK or an enum does not list can never be stored: the transition into it would fail. A value that
    is no state leaves rows that nothing leads out of. Where nothing limits the column, a `Literal` that shows it
    is compared.
    """
    for each in governed(component):
        listing = allowed(each.table, each.column, component.data.catalog)
        kind = kind_of(each.column.type, component.data.catalog)
        if listing:
            yield from _differing(each, listing, f"`{each.table.name}.{each.column.name}`")
        elif kind not in ("str", None) or each.column.type.dimensions:
            message = f"`{each.table.name}.{each.column.name}` is {each.column.type}, which holds no states"
            where = each.machine.column or each.machine.name
            yield differing_states.at(where, message, hint="name a text or enum column", also=[(each.column, "here")])
        else:
            yield from _shown(component, each)


def _shown(component: Component, each: Governed) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for pair in pairs(component):
        choice = component.types.present(pair.field.type)
        name = f"{pair.schema.name}.{pair.field.name}"
        if pair.table is each.table and pair.column is each.column and isinstance(choice, Choice) and name not in seen:
            seen.add(name)
            texts = tuple(value for value in choice.values if isinstance(value, str))
            yield from _differing(each, Listing(texts, choice.span), f"`{name}`")


def _differing(each: Governed, listing: Listing, who: str) -> Iterator[Diagnostic]:
    machine = each.machine
    states = {state.name.text for state in machine.states}
    extra = [value for value in listing.values if value not in states]
    few = len(extra) <= _A_FEW
    for state in machine.states:
        if state.name.text in listing.values:
            continue
        meant = closest(state.name.text, extra) if few else ""
        if meant:
            extra.remove(meant)
        if meant in machine.undeclared and machine.misdeclared(meant):
            continue  # which is told as `undeclared-state`
        yield differing_states.at(
            state,
            f"{who} does not list the state `{state.name.text}`",
            hint=f"did you mean `{meant}`?" if meant else f"it lists {_listed(listing.values[:_SHOWN])}",
            also=[(listing, "its values")],
            fix=_renamed(machine, state.name.text, meant) if meant else None,
        )
    if extra:
        verb = "is no state" if len(extra) == 1 else "are no states"
        message = f"{who} may be {_listed(extra[:_SHOWN])}, which {verb} of `{machine.name.text}`"
        hint = "add what is missing to the states, or take it out of the values"
        yield differing_states.at(machine.column or machine.name, message, hint=hint, also=[(listing, "its values")])


def _listed(values: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _renamed(machine: Machine, name: str, meant: str) -> Fix:
    """The state by its other name, wherever the machine writes it."""
    names = [state.name for state in machine.states]
    names += [one for each in machine.transitions for one in (each.source, each.target)]
    spans = {one.span for one in names if one.text == name and one.span.end - one.span.start == len(name)}
    edits = tuple(Edit(span, meant) for span in sorted(spans, key=lambda span: span.start))
    return Fix(f"replace `{name}` by `{meant}`", edits)


@rule("SM406")
def differing_initial_state(component: Component) -> Iterator[Diagnostic]:
    """The default of a machine's column is not the initial state.

    A row starts in the initial state and nowhere else; that is the first one under `States:`. Mend the default, or
    list the state that rows do start in first.
    """
    for each in governed(component):
        initial = each.machine.initial
        default = _TEXT.fullmatch(each.column.default.strip()) if each.column.default else None
        value = default.group(1).replace("''", "'") if default else None
        listing = allowed(each.table, each.column, component.data.catalog)
        if initial and listing and initial.name.text not in listing.values:
            continue  # which is told as `differing-states`
        if initial and value is not None and value != initial.name.text:
            where = f"{each.table.name}.{each.column.name}"
            message = (
                f"`{each.machine.name.text}` starts as `{initial.name.text}`, and `{where}` is `{value}` by default"
            )
            hint = f"write `DEFAULT '{initial.name.text}'`, or list `{value}` first"
            yield differing_initial_state.at(initial, message, hint=hint, also=[(each.column, "the default is here")])


@rule("SM410", severity="note")
def unbound_machine(component: Component) -> Iterator[Diagnostic]:
    """A state machine does not say which column holds its state.

    Without it nothing can be compared with the tables, nor carried out. Name it in the heading:
    ``### Fulfilment (`orders.status`)``.
    """
    for machine in component.machines.machines:
        if machine.column is None and machine.transitions and component.data.catalog.tables:
            meant = _candidate(machine, component.data.catalog)
            hint = f"write ``{machine.name.text} (`{meant or 'orders.status'}`)``"
            yield unbound_machine.at(machine.name, f"`{machine.name.text}` names no column", hint=hint)


def _candidate(machine: Machine, catalog: Catalog) -> str:
    """The one column whose values are the machine's states, or else that is called like the machine."""
    states = {state.name.text for state in machine.states}
    found = [
        f"{table.name}.{column.name}"
        for table in catalog.tables
        for column in table.columns
        if (listing := allowed(table, column, catalog)) and states <= set(listing.values)
    ]
    words = set(snake(machine.name.text).split("_"))
    if not found:
        known = [(table, column) for table in catalog.tables for column in table.columns]
        found = [
            f"{table.name}.{column.name}"
            for table, column in known
            if column.name in ("status", "state") and singular(table.name) in words
        ]
    return found[0] if len(found) == 1 else ""


RULES = (
    undefined_machine_column,
    unusable_moment,
    differing_states,
    differing_initial_state,
    unbound_machine,
)
