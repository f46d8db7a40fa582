"""The filters of a list: what they find, and what they keep out."""

from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.component import PatternStep
from asbuilt.language.names import snake
from asbuilt.language.types import Choice, Scalar, Type
from asbuilt.postgres.comparisons import Bound, bounds
from asbuilt.sections.api import Parameter
from asbuilt.verify.call import wire
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.likeness import alike
from asbuilt.verify.listed import Listed, count, has
from asbuilt.verify.values import kind_of
from asbuilt.verify.verdict import Finding, Verdict
from asbuilt.verify.world import Row

# Before and behind everything that a test will see.
_EXTREMES = {"datetime": ("2000-01-01T00:00:00Z", "2199-01-01T00:00:00Z"), "date": ("2000-01-01", "2199-01-01")}


@dataclass(frozen=True)
class Filters:
    """The parameters of a list that choose among its rows."""

    listed: Listed

    def filtered(self) -> Iterator[Verdict]:
        """Each filter gives rows that hold its value, all of them, and no others."""
        for parameter, column in self.listed.filters() if self.listed.filler is None else ():
            row = self.listed.trial.world.row(self.listed.table.name)
            if has(row, column):
                yield from self._filtered(parameter, column, row)

    def bounded(self) -> Iterator[Verdict]:
        """A bound that lies before all that is listed, and one that lies behind it."""
        for bound, parameter in self._bounds():
            filled = self.listed.fill(2)
            whole, _ = self.listed.all(self.listed.call(filled.rows))
            extremes = _EXTREMES[self._kind(parameter)] if whole else ()
            for extreme, lets_in in zip(extremes, (bound.at_least, not bound.at_least), strict=False):
                call = self.listed.call(filled.rows).with_query(parameter.name.text, extreme)
                keys, exchanges = self.listed.all(call)
                if keys is None or not whole:
                    continue
                right = len(keys) >= len(whole) if lets_in else not keys
                why = f"`{extreme}` lets {len(keys)} of {len(whole)} rows in"
                history = (*filled.exchanges, *exchanges)
                yield from self.listed.parameter("verified" if right else "refuted", why, history, parameter)

    def _filtered(self, parameter: Parameter, column: str, row: Row) -> Iterator[Verdict]:
        value = row.value(column)
        keys, exchanges = self._found(parameter, row, value)
        if keys is None:
            return
        finding: Finding = "refuted"
        if not count(keys, row.value(self.listed.key)):
            why = f"a row whose `{column}` is {value!r} is not found"
        elif any(not alike(other, value) for other in self._values(exchanges, column)):
            why = f"rows whose `{column}` is not {value!r} are found"
        else:
            finding, why = "verified", f"finds the rows whose `{column}` is {value!r}"
        yield from self.listed.parameter(finding, why, (*row.exchanges, *exchanges), parameter)
        yield from self._excluded(parameter, column, row)

    def _excluded(self, parameter: Parameter, column: str, row: Row) -> Iterator[Verdict]:
        """Another value of the filter does not find the row."""
        value = row.value(column)
        choices = _choices(self.listed.trial.component.types.present(parameter.type))
        other = next((choice for choice in choices if choice is not None and not alike(choice, value)), None)
        if other is None:
            return
        keys, exchanges = self._found(parameter, row, other)
        if keys is not None:
            finds = count(keys, row.value(self.listed.key))
            finding: Finding = "refuted" if finds else "verified"
            why = f"{other!r} {'finds' if finds else 'does not find'} a row whose `{column}` is {value!r}"
            yield from self.listed.parameter(finding, why, (*row.exchanges, *exchanges), parameter)

    def _found(self, parameter: Parameter, row: Row, value: object) -> tuple[list[object] | None, tuple[Exchange, ...]]:
        """The keys that are listed beside a row where the filter has a value."""
        call = self.listed.call({**row.parents, self.listed.table.name: row})
        return self.listed.all(call.with_query(parameter.name.text, wire(value)))

    def _values(self, exchanges: tuple[Exchange, ...], column: str) -> Iterator[object]:
        for exchange in exchanges:
            for item in self.listed.listing.items(exchange.value()) or ():
                if isinstance(item, dict):
                    yield from (value for name, value in item.items() if snake(str(name)) == column)

    def _bounds(self) -> Iterator[tuple[Bound, Parameter]]:
        """The optional parameters that a statement takes for the bound of a moment."""
        named = {snake(each.name.text): each for each in self.listed.operation.endpoint.parameters_in("query")}
        for step in self.listed.operation.steps:
            if isinstance(step, PatternStep):
                for bound in bounds(step.pattern.statement, self.listed.trial.component.data.catalog):
                    parameter = named.get(bound.parameter)
                    if parameter and not parameter.required and self._kind(parameter) in _EXTREMES:
                        yield bound, parameter

    def _kind(self, parameter: Parameter) -> str:
        return kind_of(self.listed.trial.component.types.present(parameter.type))


def _choices(type_: Type) -> tuple[object, ...]:
    match type_:
        case Choice(values=values):
            return values
        case Scalar(kind="bool"):
            return (True, False)
        case _:
            return ()
