"""A machine while it is being read: states, transitions and marks, in whatever order the notations give them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from asbuilt.diagnostics import Hole
from asbuilt.language.names import Name
from asbuilt.sections.state_machines.model import Guard, State, Timer, Transition
from asbuilt.source import Span
from asbuilt.values import frozen

# A few lines may stand for the product of all states and events, and more than this nobody means or draws.
MOST_TRANSITIONS = 10_000


@frozen
class AnyState:
    """`any active state`, but for those that it excepts."""

    span: Span
    excepted: tuple[str, ...] = ()


@frozen
class Cause:
    """What makes a transition happen; several events fire it each for itself."""

    events: tuple[Name, ...] = ()
    timer: Timer | None = None
    guard: Guard | None = None
    action: Name | None = None


@frozen
class Edge:
    """A line's way from some states to some others. With several targets, which one is for what fires it to say."""

    sources: tuple[Name | AnyState, ...]
    targets: tuple[Name, ...]
    cause: Cause
    span: Span


@dataclass(slots=True)
class Draft:
    """What has been found of one machine so far. `marked` says that a notation could tell final states apart."""

    states: list[State] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    initial: list[Name] = field(default_factory=list)
    final: set[str] = field(default_factory=set)
    events: list[Name] = field(default_factory=list)
    marked: bool = False
    since: Name | None = None
    column: Name | None = None
    enforce: Name | None = None
    history: Name | None = None
    holes: list[Hole] = field(default_factory=list)
    unread: list[Name] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.states or self.edges)

    @property
    def connected(self) -> bool:
        """Whether a way leads on from where another ended: a mere list of pairs is no machine."""
        left = {name.text for edge in self.edges for name in edge.sources if isinstance(name, Name)}
        return any(name.text in left for edge in self.edges for name in edge.targets)

    def declared(self) -> Iterator[State]:
        """Each declared state once, with what is said of it elsewhere."""
        seen: set[str] = set()
        for state in self.states:
            if state.name.text not in seen:
                seen.add(state.name.text)
                yield State(state.name, state.final or state.name.text in self.final)

    def repeated(self) -> Iterator[tuple[State, State]]:
        first: dict[str, State] = {}
        for state in self.states:
            if first.setdefault(state.name.text, state) is not state:
                yield state, first[state.name.text]

    def whole(self) -> tuple[State, ...]:
        """All states, the initial one first; where none are declared, those that transitions name.

        What no notation could mark as final is final if nothing leads out of it.
        """
        found = list(self.declared())
        if not found:
            left = {name.text for edge in self.edges for name in edge.sources if isinstance(name, Name)}
            named = {name.text: name for name in reversed([*self.initial, *self._mentioned()])}
            for name in dict.fromkeys(one.text for one in (*self.initial, *self._mentioned())):
                final = name not in left and (name in self.final or not self.marked)
                found.append(State(named[name], final))
        start = self.initial[0].text if self.initial else None
        return tuple(sorted(found, key=lambda state: state.name.text != start)) if start else tuple(found)

    def _mentioned(self) -> Iterator[Name]:
        for edge in self.edges:
            yield from (name for name in edge.sources if isinstance(name, Name))
            yield from edge.targets

    def transitions(self, states: Iterable[State]) -> Iterator[Transition]:
        """One for each source, target and event of each line, in the order of the document, up to a number."""
        return islice(self._transitions(states), MOST_TRANSITIONS)

    def _transitions(self, states: Iterable[State]) -> Iterator[Transition]:
        known = tuple(states)
        left = {name.text for edge in self.edges for name in edge.sources if isinstance(name, Name)}
        told = any(state.final for state in known)
        active = [state.name.text for state in known if not state.final and (told or state.name.text in left)]
        for edge in self.edges:
            for source in edge.sources:
                for target in edge.targets:
                    for name in _sources(source, target, active):
                        yield from _transitions(edge, name, target)


def _sources(source: Name | AnyState, target: Name, active: list[str]) -> Iterator[Name]:
    if isinstance(source, Name):
        yield source
    else:
        besides = {target.text, *source.excepted}
        yield from (Name(name, source.span) for name in active if name not in besides)


def _transitions(edge: Edge, source: Name, target: Name) -> Iterator[Transition]:
    cause = edge.cause
    for event in cause.events or (None,):
        yield Transition(source, target, edge.span, event, cause.timer, cause.guard, cause.action)
