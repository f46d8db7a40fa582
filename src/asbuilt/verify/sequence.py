"""Sequences of calls for two implementations at once: what the one made stands for what the other made."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from asbuilt.component import Operation
from asbuilt.language.types import Type
from asbuilt.values import frozen
from asbuilt.verify.call import NO_BODY, Call, wire
from asbuilt.verify.client import Client
from asbuilt.verify.world import Lacking, Row


@frozen
class Made:
    """The value of a column of the row that a step made: each implementation has its own."""

    step: int
    column: str


@frozen
class Fresh:
    """A value of a type that no row holds yet. The same number is the same value throughout a run."""

    number: int
    type: Type


# JSON in which `Made` and `Fresh` may stand for values.
Template: TypeAlias = object
Given: TypeAlias = tuple[tuple[str, Template], ...]


@frozen
class Step:
    """A call in a sequence. `number` names it, also when others are dropped; `makes` is the table it adds a row to.

    `spoiled` says what is wrong with it, where it has just one fault on purpose.
    """

    number: int
    operation: Operation
    path: Given = ()
    query: Given = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: Template = NO_BODY
    makes: str = ""
    spoiled: str = ""

    @property
    def needs(self) -> frozenset[int]:
        """The steps whose rows it names."""
        return frozenset(each.step for each in self._marks() if isinstance(each, Made))

    @property
    def path_needs(self) -> frozenset[int]:
        return frozenset(each.step for each in marks([value for _, value in self.path]) if isinstance(each, Made))

    @property
    def is_scoped(self) -> bool:
        """Whether its path or query names what only this run has made."""
        return any(True for _ in marks([value for _, value in (*self.path, *self.query)]))

    @property
    def is_own(self) -> bool:
        """Whether it names rows, so that whatever hangs on these is of this run as well."""
        return any(isinstance(each, Made) for each in marks([value for _, value in (*self.path, *self.query)]))

    def smaller(self) -> Iterator["Step"]:
        """The step without one of the members of its body, or of the parameters of its query."""
        if isinstance(self.body, dict):
            for name in self.body:
                yield replace(self, body={other: value for other, value in self.body.items() if other != name})
        for number in range(len(self.query)):
            yield replace(self, query=self.query[:number] + self.query[number + 1 :])

    def _marks(self) -> Iterator[Made | Fresh]:
        yield from marks([*(value for _, value in (*self.path, *self.query)), self.body])


def marks(template: Template) -> Iterator[Made | Fresh]:
    if isinstance(template, Made | Fresh):
        yield template
    elif isinstance(template, dict):
        for value in template.values():
            yield from marks(value)
    elif isinstance(template, list):
        for value in template:
            yield from marks(value)


def without(steps: tuple[Step, ...], dropped: frozenset[int]) -> tuple[Step, ...]:
    """The sequence without some steps, and without those that name what these would have made."""
    kept: list[Step] = []
    gone = set(dropped)
    for step in steps:
        if step.number in gone or step.needs & gone:
            gone.add(step.number)
        else:
            kept.append(step)
    return tuple(kept)


@dataclass
class Side:
    """One implementation in a run: what it answered to the steps that made rows, and its fresh values by number."""

    client: Client
    fresh: dict[int, object] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)

    def call(self, step: Step) -> Call:
        """The step with this side's own values. Raises `Lacking` where it has none."""
        path = tuple((name, wire(self.filled(value))) for name, value in step.path)
        query = tuple((name, wire(self.filled(value))) for name, value in step.query)
        return Call(step.operation, path, query, step.headers, self.filled(step.body))

    def filled(self, template: Template) -> object:
        match template:
            case Made(step=step, column=column):
                if step not in self.rows:
                    raise Lacking("the row it names was not made")
                return self.rows[step].value(column)
            case Fresh(number=number):
                return self.fresh[number]
            case dict():
                return {name: self.filled(value) for name, value in template.items()}
            case list():
                return [self.filled(value) for value in template]
            case _:
                return template
