"""The filters of a list: what they find, and what they keep out."""

from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.component import PatternStep
from asbuilt.language.names import snake
from asbuilt.language.types import Choice, Scalar
from asbuilt.postgres.comparisons import bounds
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
            if not has(row, column):
                continue
            value = row.value(column)
            call = self.listed.call({**row.parents, self.listed.table.name: row}).with_query(
                parameter.name.text, wire(value)
            )
            keys, exchanges = self.listed.all(call)
            if keys is None:
                continue
            history = (*row.exchanges, *exchanges)
            if not count(keys, row.value(self.listed.key)):
                yield from self.listed.parameter(
                    "refuted", f"a row whose `{column}` is {value!r} is not found", history, parameter
                )
            elif any(not alike(other, value) for other in self._others(exchanges, column)):
                yield from self.listed.parameter(
                    "refuted", f"rows whose `{column}` is not {value!r} are found", history, parameter
                )
            else:
                yield from self.listed.parameter(
                    "verified", f"finds the rows whose `{column}` is {value!r}", history, parameter
                )
            yield from self._excluded(row, parameter, column, value)

    def bounded(self) -> Iterator[Verdict]:
        """A bound that lies before all that is listed, and one that lies behind it."""
        named = {snake(p.name.text): p for p in self.listed.operation.endpoint.parameters_in("query")}
        found = [
            bound
            for step in self.listed.operation.steps
            if isinstance(step, PatternStep)
            for bound in bounds(step.pattern.statement, self.listed.trial.component.data.catalog)
            if bound.parameter in named
        ]
        for bound in found:
            parameter = named[bound.parameter]
            kind = kind_of(self.listed.trial.component.types.present(parameter.type))
            if kind not in _EXTREMES or parameter.required:
                continue
            filled = self.listed.fill(2)
            whole, _ = self.listed.all(self.listed.call(filled.rows))
            if not whole:
                continue
            for extreme, lets_in in zip(_EXTREMES[kind], (bound.at_least, not bound.at_least), strict=True):
                call = self.listed.call(filled.rows).with_query(parameter.name.text, extreme)
                keys, exchanges = self.listed.all(call)
                if keys is None:
                    continue
                right = len(keys) >= len(whole) if lets_in else not keys
                why = f"`{extreme}` lets {len(keys)} of {len(whole)} rows in"
                history = (*filled.exchanges, *exchanges)
                yield from self.listed.parameter("verified" if right else "refuted", why, history, parameter)

    def _excluded(self, row: Row, parameter: Parameter, column: str, value: object) -> Iterator[Verdict]:
        """Another value of the filter does not find the row."""
        type_ = self.listed.trial.component.types.present(parameter.type)
        choices: tuple[object, ...] = ()
        if isinstance(type_, Choice):
            choices = type_.values
        elif isinstance(type_, Scalar) and type_.kind == "bool":
            choices = (True, False)
        other = next((choice for choice in choices if choice is not None and not alike(choice, value)), None)
        if other is None:
            return
        keys, exchanges = self.listed.all(
            self.listed.call({**row.parents, self.listed.table.name: row}).with_query(parameter.name.text, wire(other))
        )
        if keys is not None:
            finds = count(keys, row.value(self.listed.key))
            finding: Finding = "refuted" if finds else "verified"
            why = f"{other!r} {'finds' if finds else 'does not find'} a row whose `{column}` is {value!r}"
            yield from self.listed.parameter(finding, why, (*row.exchanges, *exchanges), parameter)

    def _others(self, exchanges: tuple[Exchange, ...], column: str) -> Iterator[object]:
        for exchange in exchanges:
            for item in self.listed.listing.items(exchange.value()) or ():
                if isinstance(item, dict):
                    yield from (value for name, value in item.items() if snake(str(name)) == column)
