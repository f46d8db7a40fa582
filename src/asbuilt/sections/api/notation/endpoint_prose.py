"""Endpoints as headings, bullets and lines, with what is told below them: examples, tables, labelled lines.

#### POST /orders
**Request body:** a fence with JSON, or a table of fields
**Response `201`:** the same
**Errors:** `OUT_OF_STOCK`
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from asbuilt.document import Block, Fence, Heading, ListBlock, ListItem, Paragraph, Quote, Table, Text
from asbuilt.language.names import Name
from asbuilt.language.shapes import JsonArray, JsonObject
from asbuilt.language.types import Array, Field, Map, Named, Schema, Type
from asbuilt.sections.api.model import Answer, Body, Parameter, Place
from asbuilt.sections.api.notation.arrows import read_arrow
from asbuilt.sections.api.notation.clauses import Draft
from asbuilt.sections.api.notation.contribution import Contribution, Found
from asbuilt.sections.api.notation.error_tables import error_columns
from asbuilt.sections.api.notation.field_tables import (
    field_columns,
    lists_parameters,
    read_fields,
    read_parameter_rows,
)
from asbuilt.sections.api.notation.json_examples import examples
from asbuilt.sections.api.notation.labels import Mode, behind_label, is_all, mode_of, status_of, unlabelled
from asbuilt.sections.api.notation.phrases import Mention, Phrases, begun, lone_mention, mention, statuses, stem
from asbuilt.sections.api.notation.routes import ReadPath
from asbuilt.sections.api.notation.schema_prose import SchemaProse
from asbuilt.sections.api.notation.stated_lines import read_stated

Draughts: TypeAlias = list[tuple[str, ReadPath, Draft]]

_AUTH = re.compile(r"\s*auth(?:entication|orization)?(?: required)?\s*:?\s*$", re.IGNORECASE)
_BARE_AUTH = re.compile(r"\s*(?:public|protected|authenticated|público|autenticado)\b", re.IGNORECASE)
_SHOWS_JSON = re.compile(r"^[{\[]", re.MULTILINE)
_PURPOSE = re.compile(r"(?:purpose|description|summary)\s*:\s*", re.IGNORECASE)
_ASKING = frozenset({"POST", "PUT", "PATCH"})


@dataclass(slots=True)
class Walker:
    """Walks blocks in order and remembers which endpoint they are about.

    `names_in` tells which types a fence defines; None where it is for this reader.
    """

    phrases: Phrases
    schemas: SchemaProse
    names_in: Callable[[Fence], tuple[Name, ...] | None]
    found: Draughts = field(default_factory=list)
    current: Draughts = field(default_factory=list)
    mode: Mode = ""
    status: int | None = None
    level: int = 0

    def walk(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            match block:
                case Heading():
                    self._heading(block)
                case Paragraph(text=text):
                    self._paragraph(text)
                case ListBlock():
                    self._list(block)
                case Fence():
                    self._fence(block)
                case Table():
                    self._table(block)
                case Quote(blocks=inner):
                    self.walk(inner)

    def contribution(self) -> Contribution:
        return Contribution(
            tuple(Found(draft.endpoint(method, path), complete=False) for method, path, draft in self.found)
        )

    def _begin(self, told: Mention, level: int | None = None) -> None:
        self.current = begun(told)
        self.found += self.current
        self.mode, self.status = "", None
        self.level = level if level is not None else self.level

    def _end(self) -> None:
        self.current, self.mode, self.status = [], "", None

    def _heading(self, heading: Heading) -> None:
        told = mention(heading.text, anywhere=True)
        if told:
            self._begin(told, heading.level)
        elif self.current and heading.level > self.level and (mode := mode_of(heading.text)):
            self.mode, self.status = mode, status_of(heading.text)
        else:
            self._end()
            self.level = heading.level
            self.schemas.announce(heading.text, heading=True)

    def _paragraph(self, text: Text) -> None:
        if self.current and _SHOWS_JSON.search(text.text) and (shown := tuple(examples(text.fragment))):
            for label, value in shown:
                self._line(Text(label))
                self._example(value)
            return
        for line in text.lines:
            told = mention(unlabelled(line))
            if told and is_all(line, told):
                self._begin(told)
                self._remark(line, told)
            elif self.current:
                self._line(line)
        if not self.current:
            self.schemas.announce(text, heading=False)

    def _remark(self, line: Text, told: Mention) -> None:
        """What stands behind a mention on its line: `→ 204 No Content`, `- Get an order`."""
        text = unlabelled(line)
        rest = text.part(min(told.end, len(text.text)), len(text.text))
        for method, path, draft in self.current:
            if statuses(rest.plain):
                self.phrases.response(rest, draft, stem(method, path))
            plain = rest.plain.strip(" :-–—→>()*")
            draft.summary = draft.summary or (plain if any(char.isalpha() for char in plain) else "")

    def _line(self, line: Text) -> None:
        """A line about the current endpoint: a label with or without what it announces, or a sentence."""
        mode = mode_of(line)
        plain = line.plain.strip(" *_")
        if self.current and read_stated(line, [draft for _, _, draft in self.current]):
            self.mode, self.status = "", None
        elif mode:
            self.mode, self.status = mode, status_of(line)
            self._labelled(line, mode)
        elif _BARE_AUTH.match(plain) and len(plain) < 60:
            self._auth(line)
        elif self.mode == "response" and statuses(plain):
            for method, path, draft in self.current:
                self.phrases.response(line, draft, stem(method, path))
        elif not plain.endswith(":"):
            for _, _, draft in self.current:
                draft.summary = draft.summary or _PURPOSE.sub("", plain, count=1)

    def _labelled(self, line: Text, mode: Mode) -> None:
        label, rest = line.label, behind_label(line)
        if label and _AUTH.match(label.name.plain):
            self._auth(rest)
            return
        for method, path, draft in self.current:
            owner = stem(method, path)
            match mode:
                case "request" if rest.text and draft.body is None:
                    self.phrases.body(rest, draft, owner)
                case "response":
                    self.phrases.response(rest, draft, owner, self.status)
                case "errors":
                    self.phrases.errors(rest, draft)
                case "query":
                    self.phrases.query(rest, draft)

    def _auth(self, text: Text) -> None:
        for _, _, draft in self.current:
            self.phrases.auth(text, draft)

    def _list(self, block: ListBlock) -> None:
        begun_here = 0
        for item in block.items:
            told = mention(unlabelled(item.text)) if item.text else None
            if told and item.text:
                self._begin(told)
                self._remark(item.text.lines[0], told)
                begun_here += 1
                self.walk(item.blocks[1:])
            elif self.current and not begun_here:
                self._item(item)
            else:
                self.walk(item.blocks[1:] if begun_here else item.blocks)
        if begun_here > 1:
            self._end()
        elif not self.current:
            self.schemas.list(block)

    def _item(self, item: ListItem) -> None:
        """A bullet below an endpoint: a labelled line, a code of an error, a parameter, a member."""
        text = item.text
        if text is None:
            self.walk(item.blocks)
            return
        label = text.label
        if read_stated(text.lines[0], [draft for _, _, draft in self.current]):
            self.mode, self.status = "", None
        elif label and (mode_of(text) or _AUTH.match(label.name.plain)):
            self._line(text.lines[0])
        elif self.mode == "errors":
            for _, _, draft in self.current:
                self.phrases.errors(text, draft)
        elif self.mode == "query":
            for _, _, draft in self.current:
                self.phrases.query(text.lines[0], draft)
        elif mode_of(text):
            self._line(text.lines[0])
        self.walk(item.blocks[1:])

    def _fence(self, fence: Fence) -> None:
        told = lone_mention(fence)
        if told:
            self._begin(told)
            line = Text(fence.body.part(len(fence.body.text) - len(fence.body.text.lstrip()), len(fence.body.text)))
            for _, _, draft in self.current:
                read_arrow(line.fragment, draft)
            return
        names = self.names_in(fence)
        if names is not None:
            if len(names) == 1 and self.current:
                self._take(Named(names[0].text, names[0].span), explicit=True)
            return
        if not self.current:
            self.schemas.fence(fence)
            return
        for label, value in examples(fence.body):
            mode = mode_of(Text(label)) if label.text else None
            if mode:
                self.mode, self.status = mode, status_of(Text(label))
            self._example(value)

    def _example(self, value: JsonObject | JsonArray) -> None:
        """JSON about the current endpoint: a request if a label says so, or if none does and it is the first."""
        if self.mode in ("errors", "other") or (self.status or 0) >= 400:
            return
        method, path, draft = self.current[0]
        asks = self.mode == "request" or (not self.mode and method in _ASKING and draft.body is None)
        owner = stem(method, path) + ("Body" if asks else "Response")
        named = self._named(draft, asks=asks)
        if named and isinstance(value, JsonObject):
            self.phrases.inference.schema(value, named.name, named.span)
        elif asks and draft.body is None:
            self._take(self.phrases.inference.type(value, owner), request=True)
        elif not asks and not any(answer.type for answer in draft.answers if self.status in (None, answer.status)):
            self._take(self.phrases.inference.type(value, owner), request=False)

    def _named(self, draft: Draft, *, asks: bool) -> Named | None:
        """The type that the line above named and that nothing defines: an example below it shows it."""
        answers = (answer.type for answer in draft.answers if self.status in (None, answer.status))
        type_ = (draft.body.type if draft.body else None) if asks else next(answers, None)
        return type_ if isinstance(type_, Named) and type_.name not in self.phrases.inference.taken else None

    def _take(self, type_: Type, *, request: bool | None = None, explicit: bool = False) -> None:
        """Let the current endpoint take or answer a type."""
        asks = request if request is not None else self.mode == "request"
        answers = request is False or self.mode == "response"
        for _, _, draft in self.current:
            if asks and (draft.body is None or explicit):
                draft.body = Body(type_, "json", type_.span)
                draft.spoken = True
            elif answers:
                self._answer(draft, type_)

    def _answer(self, draft: Draft, type_: Type) -> None:
        for index, answer in enumerate(draft.answers):
            if answer.type is None and self.status in (None, answer.status) and answer.status not in (204, 304):
                draft.answers[index] = replace(answer, type=type_)
                return
        if not any(answer.status == (self.status or 200) for answer in draft.answers):
            draft.answers.append(Answer(self.status or 200, type_, type_.span))
            draft.spoken = True

    def _table(self, table: Table) -> None:
        if not self.current:
            self.schemas.table(table)
            return
        if error_columns(table) is not None:
            self._error_rows(table)
            return
        where = field_columns(table)
        if where is None:
            return
        place: Place | None = {"query": "query", "path": "path", "header": "header"}.get(self.mode)  # type: ignore[assignment]
        if place or (lists_parameters(table, where) and self.mode not in ("request", "response")):
            self._parameters(table, where, place or "query")
        elif self.mode in ("request", "response", "") and self.status in (None, 200, 201, 202):
            self._fields(table, where)

    def _error_rows(self, table: Table) -> None:
        where = error_columns(table) or {}
        for row in table.rows:
            text = row.cells[where["code"]]
            name = Name(text.plain.strip("` "), text.span)
            for _, _, draft in self.current:
                draft.errors.append(name)

    def _parameters(self, table: Table, where: Mapping[str, int], place: Place) -> None:
        rows = list(read_parameter_rows(table, where, place, self.phrases.define))
        members = [row for row in rows if isinstance(row, Field)]
        for _, path, draft in self.current:
            names = {segment.name for segment in path.route.segments if hasattr(segment, "name")}
            for row in rows:
                if isinstance(row, Parameter):
                    _add(draft, replace(row, place="path") if row.name.text in names else row)
        if members:
            self._define(members, table, request=True)

    def _fields(self, table: Table, where: Mapping[str, int]) -> None:
        method, path, draft = self.current[0]
        asks = self.mode == "request" or (not self.mode and method in _ASKING)
        owner = stem(method, path) + ("Body" if asks else "Response")
        fields = list(read_fields(table, where, owner, self.phrases.define))
        if fields and (asks or not any(answer.type for answer in draft.answers)):
            self._define(fields, table, request=asks)

    def _define(self, fields: list[Field], table: Table, *, request: bool) -> None:
        """A schema for the rows of a table. It takes the place of one that an example made."""
        method, path, draft = self.current[0]
        inference = self.phrases.inference
        if request and draft.body is not None and not self.phrases.is_guess(draft.body.type):
            return
        shown = draft.body.type if request and draft.body else None
        if isinstance(shown, Named):
            for index, known in enumerate(inference.definitions):
                if known.name == shown.name and isinstance(known, Schema):
                    inference.definitions[index] = _described(known, fields)
                    return
        name = inference.unique(stem(method, path) + ("Body" if request else "Response"))
        inference.taken.add(name)
        inference.definitions.append(Schema(name, tuple(fields), table.span, table.span))
        self._take(Named(name, table.span), request=request, explicit=True)


def _described(shown: Schema, fields: Sequence[Field]) -> Schema:
    """The schema of an example with what a table says of its members; the example knows objects better than a word."""
    told: dict[str, Field] = {}
    for member in fields:
        known = shown.member(member.name)
        lists = isinstance(member.type, Array) and known is not None and isinstance(known.type, Array)
        vague = isinstance(member.type, Map) or lists
        told[member.name] = replace(member, type=known.type) if known and vague else member
    kept = tuple(told.pop(member.name, member) for member in shown.fields)
    return replace(shown, fields=(*kept, *told.values()), inferred=False)


def _add(draft: Draft, parameter: Parameter) -> None:
    for index, known in enumerate(draft.parameters):
        if known.place == parameter.place and known.name.text == parameter.name.text:
            draft.parameters[index] = replace(parameter, name=known.name, span=known.span)
            return
    if parameter.place != "path":
        draft.parameters.append(parameter)
