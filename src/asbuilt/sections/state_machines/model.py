"""State machines as written: states in order, the first one initial, and the transitions between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from asbuilt.diagnostics import Hole, closest
from asbuilt.language.condition import Expression, Reference
from asbuilt.language.names import Name, snake
from asbuilt.source import Span
from asbuilt.values import frozen


@frozen
class State:
    """A value of the machine's column. Nothing leaves a `final` one."""

    name: Name
    final: bool = False

    @property
    def span(self) -> Span:
        return self.name.span


@frozen
class After:
    """So long in the source state: seconds, or what a variable says; neither where the document says no duration."""

    seconds: float | None
    variable: Name | None
    span: Span


@frozen
class At:
    """When the time in a column has come; `column` is `periods.ends_at`, or a column of the machine's own table."""

    column: Name
    span: Span


Timer: TypeAlias = After | At


@frozen
class Guard:
    """What must hold for a transition: a condition, or the name of a pattern that gives a row."""

    text: Name
    condition: Expression | Hole

    @property
    def span(self) -> Span:
        return self.text.span

    @property
    def name(self) -> str:
        """The one name that the guard is, which may be a pattern's; empty for any other condition."""
        bare = isinstance(self.condition, Reference) and len(self.condition.path) == 1 and not self.condition.bound
        return self.text.text if bare else ""


@frozen
class Transition:
    """One way from a state to another. It is fired by an event, or by time; `event` is None where none is named."""

    source: Name
    target: Name
    span: Span
    event: Name | None = None
    timer: Timer | None = None
    guard: Guard | None = None
    action: Name | None = None

    @property
    def title(self) -> str:
        return f"{self.source.text} -> {self.target.text}"


@dataclass(frozen=True)
class Machine:
    """A lifecycle and the column that holds it, which is None where the heading names none.

    `states` holds each name once; those that `States:` declares come first, `declared` says that there are such.
    `since` is the column that time in a state counts from. `events` are those that an `Events:` line declares.
    """

    name: Name
    column: Name | None
    span: Span
    states: tuple[State, ...] = ()
    transitions: tuple[Transition, ...] = ()
    declared: bool = False
    repeated: tuple[tuple[State, State], ...] = ()
    events: tuple[Name, ...] = ()
    since: Name | None = None
    enforce: Name | None = None
    history: Name | None = None

    @property
    def identifier(self) -> str:
        """How operations and algorithms call it: the snake_case of its heading."""
        return snake(self.name.text)

    @property
    def table(self) -> str:
        return self.column.text.rpartition(".")[0] if self.column else ""

    @property
    def initial(self) -> State | None:
        return self.states[0] if self.states else None

    @cached_property
    def fired(self) -> Mapping[str, Name]:
        """The events that transitions name, each at its first place, by the name that operations use."""
        events = (transition.event for transition in reversed(self.transitions) if transition.event)
        return {event.text: event for event in events}

    @cached_property
    def undeclared(self) -> Mapping[str, tuple[Name, ...]]:
        """The states that transitions name and `States:` does not list, each with its places."""
        known = {state.name.text for state in self.states}
        found: dict[str, dict[Span, Name]] = {}
        for transition in self.transitions if self.declared else ():
            for name in (transition.source, transition.target):
                if name.text not in known:
                    found.setdefault(name.text, {})[name.span] = name
        return {text: tuple(places.values()) for text, places in found.items()}

    def misdeclared(self, name: str) -> State | None:
        """The declared state that is misspelt for an undeclared one: no transition names it, and several name this."""
        several = len(self.undeclared.get(name, ())) > 1
        return self._unused.get(closest(name, self._unused)) if several else None

    @cached_property
    def _unused(self) -> Mapping[str, State]:
        """The states that no transition names."""
        named = {one.text for each in self.transitions for one in (each.source, each.target)}
        return {state.name.text: state for state in self.states if state.name.text not in named}

    def state(self, name: str) -> State | None:
        return next((state for state in self.states if state.name.text == name), None)

    def on(self, event: str) -> tuple[Transition, ...]:
        """The transitions that an event may fire."""
        return tuple(each for each in self.transitions if each.event and each.event.text == event)


@dataclass(frozen=True)
class StateMachines:
    """`unread` are lines of machines in a form that is not read, `empty` the headings that no machine stands under."""

    machines: tuple[Machine, ...] = ()
    holes: tuple[Hole, ...] = ()
    unread: tuple[Name, ...] = ()
    empty: tuple[Name, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Machine]:
        """Of two machines of one name, the first."""
        return {machine.identifier: machine for machine in reversed(self.machines)}

    def machine(self, identifier: str) -> Machine | None:
        return self.by_name.get(identifier)
