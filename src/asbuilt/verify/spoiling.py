"""Calls with a single fault: what is wrong with them is one thing, so that there is one answer to them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from asbuilt.component import Operation
from asbuilt.component.derived_lists import is_cursor
from asbuilt.language.types import UNSET, Type
from asbuilt.verify.call import NO_BODY
from asbuilt.verify.edges import LEFT_OUT, edges, values
from asbuilt.verify.palette import is_textual
from asbuilt.verify.places import at, put, type_at
from asbuilt.verify.provocation import absent
from asbuilt.verify.relations import Column, References
from asbuilt.verify.sequence import Fresh, Step, Template
from asbuilt.verify.trial import Trial
from asbuilt.verify.values import constraints_of


@dataclass(frozen=True)
class Spoiling:
    """`before` are the calls that were made, `fresh` makes a value that no row holds."""

    trial: Trial
    chance: random.Random
    before: tuple[Step, ...]
    fresh: Callable[[Type], Fresh]

    def spoiled(self, step: Step) -> Step:
        """The call with one fault, where it can have one."""
        faults = [self._wrong_body, self._wrong_query, self._absent_row, self._taken]
        self.chance.shuffle(faults)
        tried = (fault(step) for fault in faults)
        return next((found for found in tried if found is not None), step)

    def _wrong_body(self, step: Step) -> Step | None:
        declared = step.operation.endpoint.body
        if declared is None or declared.type is None or declared.medium != "json":
            return None
        wrong = [each for each in edges(declared.type, self.trial.component.types) if not each.value.holds]
        if not wrong:
            return None
        edge = self.chance.choice(wrong)
        if len(edge.way) != 1 or not isinstance(step.body, dict):
            return None
        name = str(edge.way[0])
        body = {other: value for other, value in step.body.items() if other != name}
        body |= {} if edge.value.value is LEFT_OUT else {name: edge.value.value}
        return replace(step, body=body, spoiled="validation")

    def _wrong_query(self, step: Step) -> Step | None:
        parameters = [p for p in step.operation.endpoint.parameters_in("query") if not is_cursor(p)]
        for parameter in parameters[:1] if self.chance.random() < 0.5 else parameters[-1:]:
            constraints = constraints_of(self.trial.component.types.present(parameter.type))
            if constraints.otherwise is not UNSET or constraints.clamp is not None:
                continue
            for value in values(parameter.type, self.trial.component.types):
                if not value.holds and isinstance(value.value, str | int) and value.value not in ("", None):
                    query = [pair for pair in step.query if pair[0] != parameter.name.text]
                    query.append((parameter.name.text, value.value))
                    return replace(step, query=tuple(query), spoiled="validation")
        return None

    def _absent_row(self, step: Step) -> Step | None:
        references = self._references(step.operation)
        if references.path:
            name = self.chance.choice(sorted(references.path))
            parameter = next(p for p in step.operation.endpoint.parameters_in("path") if p.name.text == name)
            value = self._nothing(references.path[name], parameter.type)
            return replace(step, path=tuple((n, value if n == name else v) for n, v in step.path), makes="")
        declared = step.operation.endpoint.body
        if references.body and declared and declared.type:
            way = self.chance.choice(sorted(references.body, key=str))
            column, type_ = references.body[way], type_at(declared.type, way, self.trial.component.types)
            if at(step.body, way) is not None and not column.many and type_ is not None:
                return replace(step, body=put(step.body, way, self._nothing(column, type_)), makes="")
        return None

    def _nothing(self, column: Column, type_: Type) -> Template:
        """A value that names no row."""
        textual = is_textual(self.trial.component.types.present(type_))
        return self.fresh(type_) if textual else absent(self.trial.world, column, 0)

    def _taken(self, step: Step) -> Step | None:
        """A unique value that another row has."""
        unique = sorted(self._references(step.operation).unique, key=str)
        others = [
            each for each in self.before if each.operation.name == step.operation.name and each.body is not NO_BODY
        ]
        if not unique or not others:
            return None
        body = step.body
        other = self.chance.choice(others).body
        for way in unique:
            value = at(other, way)
            if isinstance(value, Fresh):
                body = put(body, way, value)
        return replace(step, body=body) if body != step.body else None

    def _references(self, operation: Operation) -> References:
        return self.trial.world.relations.of(operation)
