"""Sequences composed by chance: calls on few rows, so that each is made, read, changed and met again."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from asbuilt.component import AlgorithmStep, Operation
from asbuilt.component.derived_lists import is_cursor
from asbuilt.language.samples import NO_SAMPLE
from asbuilt.language.types import UNSET, Field
from asbuilt.verify.call import NO_BODY
from asbuilt.verify.differences import Difference
from asbuilt.verify.lockstep import Play
from asbuilt.verify.palette import Palette, is_textual
from asbuilt.verify.places import Path, at, put, type_at
from asbuilt.verify.relations import Column, References
from asbuilt.verify.sequence import Made, Step, Template
from asbuilt.verify.spoiling import Spoiling
from asbuilt.verify.trial import Trial
from asbuilt.verify.values import Size, value_of
from asbuilt.verify.world import Lacking

_SIZES: tuple[Size, ...] = ("small", "plain", "plain", "large", "bare")
_ROWS = 3
_DEEPEST = 6


@dataclass
class Held:
    """A row that both sides hold. `parents` are the rows it was made with, by table."""

    step: int
    table: str
    parents: Mapping[str, "Held"]
    alive: bool = True


@dataclass
class Composer:
    """Composes a sequence call by call, since what can be called follows from what was made; repeatable by `chance`.

    `whole` calls leave nothing out and have no faults.
    """

    trial: Trial
    play: Play
    chance: random.Random
    held: list[Held] = field(default_factory=list)
    whole: bool = False
    palette: Palette = field(init=False)

    def __post_init__(self) -> None:
        self.palette = Palette(self.trial.component.types, self.chance)

    def calls(self, operations: list[Operation]) -> Iterator[Difference]:
        """Calls each of the operations; the first difference ends it. Raises `Abandoned`."""
        for operation in operations:
            try:
                found = self._called(operation)
            except Lacking:
                continue
            if found is not None:
                yield found
                return

    def reads(self, operations: list[Operation]) -> Iterator[Difference]:
        """Reads every row that was touched by every one of the operations that reads. Raises `Abandoned`."""
        readers = [each for each in operations if each.endpoint.method == "GET"]
        for row in list(self.held):
            for operation in readers:
                tables = [column.table for column in self._references(operation).path.values()]
                if row.table not in tables[-1:]:
                    continue
                for plain in (True, False) if operation.endpoint.parameters_in("query") else (True,):
                    found = self._read(operation, row, plain=plain)
                    if found is not None:
                        yield found
                        return
        yield from self.calls([each for each in readers if not each.endpoint.parameters_in("path")])

    def _called(self, operation: Operation) -> Difference | None:
        draft = self._draft(operation, {}, 0)
        if self.chance.random() < 0.2 and not self.whole:
            spoiling = Spoiling(self.trial, self.chance, tuple(self.play.steps), self.palette.fresh)
            draft.step = spoiling.spoiled(draft.step)
        return self._sent(draft)

    def _read(self, operation: Operation, row: Held, *, plain: bool) -> Difference | None:
        try:
            return self._sent(self._draft(operation, {row.table: row}, 0, plain=plain))
        except Lacking:
            return None

    def _sent(self, draft: "_Draft") -> Difference | None:
        found = self.play.send(draft.step)
        if found is None:
            self._learn(draft)
        return found

    def _learn(self, draft: "_Draft") -> None:
        if not self.play.succeeded:
            return
        step = draft.step
        if step.makes and not any(row.step == step.number for row in self.held):
            above = {name: row for each in draft.rows.values() for name, row in each.parents.items()}
            self.held.append(Held(step.number, step.makes, {**above, **draft.rows}))
        if step.operation.endpoint.method == "DELETE":
            for gone in self.held:
                if gone.step in step.path_needs or any(row.step in step.path_needs for row in gone.parents.values()):
                    gone.alive = False
        self.palette.learn(self.play.answers[-1][-1].value())

    def _draft(self, operation: Operation, rows: Mapping[str, Held], depth: int, *, plain: bool = False) -> "_Draft":
        """A call without a fault. Rows it needs are made on the way. Raises `Lacking`."""
        draft = _Draft(self, operation, dict(rows), depth, plain=plain)
        draft.fill(self._references(operation))
        return draft

    def row(self, table: str, depth: int) -> Held:
        """A row of a table: one that is there, or a new one. Raises `Lacking`."""
        known = [row for row in self.held if row.table == table and row.alive]
        if known and (len(known) >= _ROWS or self.chance.random() < 0.6):
            return known[0] if self.chance.random() < 0.5 else self.chance.choice(known)
        for maker in self.trial.world.relations.makers(table) if depth < _DEEPEST else ():
            made = self._draft(maker, {}, depth + 1)
            found = self._sent(made)
            if found is not None:
                raise Parted(found)
            if self.play.succeeded:
                return next(row for row in reversed(self.held) if row.table == table)
        if known:
            return known[0]
        raise Lacking(f"no row of `{table}` could be made")

    def _references(self, operation: Operation) -> References:
        return self.trial.world.relations.of(operation)


class Parted(Exception):  # noqa: N818 - carries what was found out of a call in the making
    """A difference that showed while the rows for a call were made."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference.why)
        self.difference = difference


@dataclass
class _Draft:
    """A call in the making. `plain` ones leave out what may be left out of the query."""

    composer: Composer
    operation: Operation
    rows: dict[str, Held]
    depth: int
    plain: bool = False
    step: Step = field(init=False)

    def fill(self, references: References) -> None:
        path = self._path(references)
        query = tuple(self._query(references))
        headers = tuple(self._headers())
        body = self._body(references)
        makes = self._makes()
        self.step = Step(self.composer.palette.next(), self.operation, path, query, headers, body, makes)

    def _makes(self) -> str:
        component = self.composer.trial.component
        relations = self.composer.trial.world.relations
        tables = [t.name for t in component.data.catalog.tables if self.operation in relations.makers(t.name)]
        return tables[0] if tables else ""

    def _path(self, references: References) -> tuple[tuple[str, Template], ...]:
        found: dict[str, Template] = {}
        for parameter in reversed(self.operation.endpoint.parameters_in("path")):
            name = parameter.name.text
            if name in references.path:
                found[name] = self._made(references.path[name])
            elif name in references.free:
                found[name] = self.composer.palette.familiar(name, parameter.type)
            else:
                found[name] = self.composer.palette.plain(parameter.type)
        return tuple((p.name.text, found[p.name.text]) for p in self.operation.endpoint.parameters_in("path"))

    def _made(self, column: Column) -> Template:
        row = self.rows.get(column.table)
        if row is None:
            known = [each.parents[column.table] for each in self.rows.values() if column.table in each.parents]
            row = self.rows[column.table] = known[0] if known else self.composer.row(column.table, self.depth)
        value = Made(row.step, column.column)
        return [value] if column.many else value

    def _query(self, references: References) -> Iterator[tuple[str, Template]]:
        for parameter in self.operation.endpoint.parameters_in("query"):
            if is_cursor(parameter) or (not parameter.required and (self.plain or self.composer.chance.random() < 0.5)):
                continue
            name = parameter.name.text
            if name in references.query:
                value = self._made(references.query[name])
            else:
                value = self.composer.palette.of_parameter(parameter)
            yield from ((name, each) for each in (value if isinstance(value, list) else [value]))

    def _headers(self) -> Iterator[tuple[str, str]]:
        for parameter in self.operation.endpoint.parameters_in("header"):
            if parameter.required:
                yield parameter.name.text, str(self.composer.palette.plain(parameter.type))

    def _body(self, references: References) -> Template:
        declared = self.operation.endpoint.body
        composer = self.composer
        types = composer.trial.component.types
        if declared is None:
            return NO_BODY
        if declared.type is None:
            return b"sample" if declared.medium in {"text", "bytes"} else {}
        body: Template = value_of(declared.type, types, "plain" if composer.whole else composer.chance.choice(_SIZES))
        if body is NO_SAMPLE:
            raise Lacking("no body could be made")
        schema = types.schema(types.present(declared.type))
        if isinstance(body, dict) and schema is not None and not composer.whole:
            body = self._varied(body, schema.fields, references)
        body = self._referring(body, references)
        for way in sorted(references.unique, key=str):
            type_ = type_at(declared.type, way, types)
            if type_ is not None and at(body, way) is not None and is_textual(types.present(type_)):
                body = put(body, way, composer.palette.fresh(type_))
        return body

    def _varied(self, body: dict[str, Template], members: tuple[Field, ...], references: References) -> Template:
        """Each member at a value of its own choice; those that may be left out, sometimes."""
        chance = self.composer.chance
        fixed = {way[0] for way in (*references.body, *references.unique)}
        found = dict(body)
        for member in members:
            if member.read_only or member.name in fixed:
                continue
            if member.default is not UNSET and chance.random() < 0.35:
                found.pop(member.name, None)
            else:
                choices = self.composer.palette.of_member(member, asks=self._asks)
                if choices:
                    found[member.name] = chance.choice(choices)
        return found

    @property
    def _asks(self) -> bool:
        return any(isinstance(step, AlgorithmStep) for step in self.operation.steps)

    def _referring(self, body: Template, references: References) -> Template:
        used: set[str] = set()
        for way, column in references.body.items():
            if at(body, way) is None:
                continue
            if column.table in used:
                self.rows.pop(column.table, None)
            if 0 in way:
                body = self._items(body, way, column)
            else:
                body = put(body, way, self._made(column))
            used.add(column.table)
        return body

    def _items(self, body: Template, way: Path, column: Column) -> Template:
        """Items that name rows, each another one."""
        place = way[: way.index(0)]
        items = at(body, place)
        if not isinstance(items, list) or not items:
            return body
        composer = self.composer
        rows = {
            row.step: row
            for row in (composer.row(column.table, self.depth) for _ in range(composer.chance.choice((1, 2))))
        }
        self.rows.setdefault(column.table, next(iter(rows.values())))
        inner = way[way.index(0) + 1 :]
        return put(body, place, [put(items[0], inner, Made(step, column.column)) for step in rows])
