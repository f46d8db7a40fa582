"""Lifecycles: what was created can be read, what was replaced or changed stays so, what was deleted is gone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from asbuilt.component import Operation
from asbuilt.component.causes import error_row
from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT, UNSET, Field
from asbuilt.verify.call import NO_BODY, Call, body_schema
from asbuilt.verify.edges import LEFT_OUT, values
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.judge import Judge
from asbuilt.verify.likeness import alike, holds
from asbuilt.verify.places import Path, at
from asbuilt.verify.probe import probe
from asbuilt.verify.resources import Resource, resources, stored
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Finding, Verdict
from asbuilt.verify.world import Lacking, Row, successes


@probe("lifecycles", "endpoint", "answer", "member", "error", "algorithm", "pattern", cost=3, risk=9)
def lifecycles(trial: Trial) -> Iterator[Verdict]:
    """Each kind of row from its creation to its end."""
    for resource in resources(trial.component, trial.world.relations):
        trial.tell(f"rows of {resource.table.name}")
        life = _Life(trial, Judge(trial), resource)
        for stage in (life.created, life.replaced, life.changed, life.deleted, life.cascaded):
            try:
                yield from stage()
            except Lacking:
                continue


@dataclass
class _Life:
    trial: Trial
    judge: Judge
    resource: Resource

    def created(self) -> Iterator[Verdict]:
        """What was sent is answered and, read again, still so; what was left out has its default."""
        for maker in self.resource.makers:
            for size in ("small", "bare"):
                prepared = self.trial.world.prepare(maker, size)
                exchange = self.trial.client.send(prepared.call.request())
                yield from self.judge.success(prepared.call, exchange, prepared.exchanges)
                answer = _object(exchange)
                if exchange.status not in successes(maker) or answer is None:
                    continue
                history = (*prepared.exchanges, exchange)
                yield from self._kept(prepared.call, answer, history)
                row = Row(self.resource.table.name, prepared.call, answer, history, prepared.rows)
                yield from self._read(row, answer, history, maker)

    def replaced(self) -> Iterator[Verdict]:
        operation = self.resource.replacer
        if operation is None or operation in self.resource.makers:
            return
        row = self.trial.world.row(self.resource.table.name)
        for size in ("small", "bare", "large"):
            prepared = self.trial.world.prepare(operation, size, {self.resource.table.name: row})
            exchange = self.trial.client.send(prepared.call.request())
            history = (*row.exchanges, *prepared.exchanges, exchange)
            yield from self.judge.success(prepared.call, exchange, history[:-1])
            answer = _object(exchange)
            if exchange.status in successes(operation) and answer is not None:
                yield from self._kept(prepared.call, answer, history)
                yield from self._read(row, answer, history, operation)

    def changed(self) -> Iterator[Verdict]:
        """One member at a time: what is absent stays, null clears."""
        operation = self.resource.changer
        schema = body_schema(operation, self.trial.component.types) if operation else None
        if operation is None or schema is None:
            return
        ways = stored(self.trial.component, operation)
        places = {way[0]: column for column, way in ways.items() if len(way) == 1}
        unique = {way[0] for way in self.trial.world.relations.of(operation).unique}
        for member in schema.fields:
            if member.name in places and (member.name,) not in self.trial.world.relations.of(operation).body:
                yield from self._changed(operation, schema.name, member, plain=member.name in unique)

    def deleted(self) -> Iterator[Verdict]:
        operation = self.resource.deleter
        if operation is None:
            return
        row = self.trial.world.row(self.resource.table.name)
        at_row = {self.resource.table.name: row}
        call = self.trial.world.prepare(operation, rows=at_row).call
        exchange = self.trial.client.send(call.request())
        yield from self.judge.success(call, exchange, row.exchanges)
        if exchange.status not in successes(operation):
            return
        history = (*row.exchanges, exchange)
        for after in (self.resource.reader, operation):
            if after is None:
                continue
            again = self.trial.world.prepare(after, rows=at_row).call
            found = self.trial.client.send(again.request())
            if found.status in successes(after) and after is not operation:
                why = f"what was deleted is still answered by {after.endpoint.title}"
                yield from self._of("refuted", why, (*history, found), operation)
            elif error_row(self.trial.component, after, "no row", (after.name, self.resource.table.name)):
                about = (after.name, self.resource.table.name)
                yield from self.judge.refusal(again, found, "no row", about, history)

    def cascaded(self) -> Iterator[Verdict]:
        """A row is deleted together with the rows that hang on it, where the schema says so."""
        operation, table = self.resource.deleter, self.resource.table.name
        catalog = self.trial.component.data.catalog
        cascading = [child for child, key in catalog.children(table) if key.on_delete == "cascade"]
        restricted = any(key.on_delete in {"no action", "restrict"} for _, key in catalog.children(table))
        for child in cascading if operation and not restricted else ():
            row = self.trial.world.row(child.name)
            if operation is None or table not in row.parents:
                continue
            call = self.trial.world.prepare(operation, rows={table: row.parents[table]}).call
            exchange = self.trial.client.send(call.request())
            yield from self.judge.success(call, exchange, row.exchanges, certain=True)

    def _changed(self, operation: Operation, schema: str, member: Field, *, plain: bool) -> Iterator[Verdict]:
        table = self.resource.table.name
        tried = [v for v in values(member.type, self.trial.component.types) if v.holds and v.value is not LEFT_OUT]
        for value in tried[: 1 if plain else 4]:
            row = self.trial.world.row(table)
            before = self._now(row)
            call = self.trial.world.prepare(operation, rows={table: row}).call.with_body({member.name: value.value})
            exchange = self.trial.client.send(call.request())
            history = (*row.exchanges, exchange)
            yield from self.judge.success(call, exchange, row.exchanges)
            answer = _object(exchange)
            if exchange.status not in successes(operation) or answer is None or before is None:
                continue
            yield from self._kept(call, answer, history)
            name = _named(answer, snake(member.name))
            moved = [
                other
                for other in before.keys() & answer.keys()
                if other != name and self._is_plain(other) and not alike(before[other], answer[other])
            ]
            why = f"{value.label} changed `{moved[0]}` as well" if moved else "what is absent stays as it was"
            finding: Finding = "refuted" if moved and not self._moves(moved) else "verified"
            if self.trial.ledger.find("member", schema, member.name):
                yield self.trial.verdict(finding, why, Evidence(history), "member", schema, member.name)
            yield from self._read(row, answer, history, operation)

    def _moves(self, moved: list[str]) -> bool:
        """Whether all that moved may do so by itself: a column with the name of a moment of change."""
        return all(snake(name).startswith(("updated", "modified", "changed", "version", "revision")) for name in moved)

    def _is_plain(self, name: str) -> bool:
        return self.resource.table.column(snake(name)) is not None

    def _now(self, row: Row) -> dict[str, Any] | None:
        """The row as it is read now, or as it was answered where nothing reads it."""
        reader = self.resource.reader
        if reader is None:
            return row.answer if isinstance(row.answer, dict) else None
        call = self.trial.world.prepare(reader, rows={self.resource.table.name: row}).call
        return _object(self.trial.client.send(call.request()))

    def _kept(self, call: Call, answer: dict[str, Any], history: tuple[Exchange, ...]) -> Iterator[Verdict]:
        """Whether the answer holds what was sent, and the defaults of what was not."""
        operation = call.operation
        if call.body is NO_BODY or self._has_code_behind():
            return
        schema = body_schema(operation, self.trial.component.types)
        for column, way in stored(self.trial.component, operation).items():
            name = _named(answer, column)
            if name is None or len(way) != 1 or schema is None:
                continue
            member = schema.member(str(way[0]))
            sent = at(call.body, way) if _holds(call.body, way) else _default(member)
            if sent is UNSET or (operation.endpoint.method == "PATCH" and not _holds(call.body, way)):
                continue
            given = _holds(call.body, way)
            held = holds(answer[name], sent)
            finding: Finding = "verified" if held else "refuted"
            instead = "" if held else f"{answer[name]!r}, not "
            why = f"`{name}` is {instead}{sent!r} {'as sent' if given else 'by default'}"
            if not held and (given or operation.endpoint.method != "POST"):
                yield from self._of(finding, why, history, operation)  # what is done with the value, not the schema
            elif self.trial.ledger.find("member", schema.name, str(way[0])):
                yield self.trial.verdict(finding, why, Evidence(history), "member", schema.name, str(way[0]))

    def _read(
        self, row: Row, answer: Mapping[str, Any], history: tuple[Exchange, ...], by: Operation
    ) -> Iterator[Verdict]:
        """Whether the row is read as it was answered."""
        reader = self.resource.reader
        if reader is None:
            return
        call = self.trial.world.prepare(reader, rows={self.resource.table.name: row}).call
        exchange = self.trial.client.send(call.request())
        yield from self.judge.success(call, exchange, history, certain=True)
        found = _object(exchange)
        if exchange.status not in successes(reader) or found is None:
            return
        wrong = [n for n in answer.keys() & found.keys() if self._is_plain(n) and not alike(answer[n], found[n])]
        if wrong:
            name = min(wrong)
            why = f"`{name}` was answered as {answer[name]!r} and is read as {found[name]!r}"
            yield from self._of("refuted", why, (*history, exchange), by)
        else:
            why = f"what {by.endpoint.title} answered is what {reader.endpoint.title} reads"
            yield from self._of("verified", why, (*history, exchange), by)
            yield from self._of("verified", why, (*history, exchange), reader)

    def _of(
        self, finding: Finding, why: str, exchanges: tuple[Exchange, ...], operation: Operation
    ) -> Iterator[Verdict]:
        """On the endpoint, and where the document says how it is done, on that."""
        evidence = Evidence(exchanges)
        yield self.trial.verdict(finding, why, evidence, "endpoint", operation.endpoint.title)
        for kind in ("algorithm", "pattern"):
            if self.trial.ledger.find(kind, operation.name):
                yield self.trial.verdict(finding, why, evidence, kind, operation.name)

    def _has_code_behind(self) -> bool:
        """Whether functions of the database may change what is stored."""
        return any("trigger" in sql.text.lower() for sql in self.trial.component.data.ddl)


def _object(exchange: Exchange) -> dict[str, Any] | None:
    found = exchange.value()
    return found if isinstance(found, dict) else None


def _named(answer: Mapping[str, Any], column: str) -> str | None:
    """The member that bears a column's name."""
    return next((name for name in answer if snake(name) == column), None)


def _holds(body: object, way: Path) -> bool:
    return isinstance(body, dict) and way[0] in body


def _default(member: Field | None) -> object:
    return UNSET if member is None or member.default is ABSENT else member.default
