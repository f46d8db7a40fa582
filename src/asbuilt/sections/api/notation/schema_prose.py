"""Schemas that a heading or a caption names and that an example, a table or a list of members shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.document import Fence, ListBlock, Table, Text
from asbuilt.language.names import Name
from asbuilt.language.shapes import JsonObject, read_json
from asbuilt.language.type_words import read_type_words
from asbuilt.language.types import ABSENT, UNSET, Anything, Field, Schema
from asbuilt.sections.api.notation.field_tables import field_columns, lists_parameters, read_fields
from asbuilt.sections.api.notation.json_examples import examples
from asbuilt.sections.api.notation.phrases import Phrases
from asbuilt.sections.api.notation.pieces import type_name

_OPTIONAL = re.compile(r"\boptional\b|\bopcional\b", re.IGNORECASE)
_TYPE_REMARK = re.compile(r"\s*[:(\-–—]+\s*(?P<type>[^,;:()\-–—]+)")


@dataclass(slots=True)
class SchemaProse:
    """Remembers which type the text is about. What shows a type that is defined already adds nothing."""

    phrases: Phrases
    caption: Name | None = None

    def announce(self, text: Text, *, heading: bool) -> None:
        """A heading names a type or ends one; a line above a fence may name another."""
        found = type_name(text.lines[-1])
        self.caption = found if found or heading else self.caption

    def fence(self, fence: Fence) -> None:
        if self.caption is None:
            return
        values = [value for _, value in examples(fence.body)]
        if len(values) == 1 and isinstance(values[0], JsonObject) and values[0].members and self._free():
            self.phrases.inference.schema(values[0], self.caption.text, self.caption.span)
        self.caption = None

    def table(self, table: Table) -> None:
        where = field_columns(table)
        if where is None or self.caption is None or lists_parameters(table, where):
            return
        fields = tuple(read_fields(table, where, self.caption.text, self.phrases.define))
        self._define(fields, table)

    def list(self, block: ListBlock) -> None:
        """Bullets of members, as "- `name` (string, optional): ...", most of them; and bullets of types."""
        for item in block.items:
            if item.text and (label := item.text.label) and (name := type_name(label.name)):
                self._shown(name, label.rest)
        if self.caption is None:
            return
        fields = tuple(_members(block))
        if 2 * len(fields) > len(block.items) and len(fields) > 1:
            self._define(fields, block)

    def _shown(self, name: Name, text: Text) -> None:
        """A bullet "**Bank:** `{ slug, name, type: "a" | "b" }`"."""
        spans = text.code_spans
        if not spans or not spans[0].text.startswith("{") or name.text in self.phrases.inference.taken:
            return
        value = read_json(spans[0].fragment)
        if isinstance(value, JsonObject) and value.members:
            self.phrases.inference.schema(value, name.text, name.span)

    def _define(self, fields: tuple[Field, ...], shown: Table | ListBlock) -> None:
        if fields and self.caption and self._free():
            schema = Schema(self.caption.text, fields, self.caption.span.to(shown.span), self.caption.span)
            self.phrases.inference.definitions.append(schema)
            self.phrases.inference.taken.add(schema.name)
        self.caption = None

    def _free(self) -> bool:
        return self.caption is not None and self.caption.text not in self.phrases.inference.taken


def _members(block: ListBlock) -> Iterator[Field]:
    for item in block.items:
        text = item.text.lines[0] if item.text else None
        if text is None or not text.code_spans or not text.text.lstrip("*_ ").startswith("`"):
            continue
        name = text.code_spans[0]
        if not re.fullmatch(r"[A-Za-z_$][\w$]*\??", name.text):
            continue
        begin = text.text.find("`", text.text.find("`") + 1) + 1
        remark = _TYPE_REMARK.match(text.text, begin)
        found = read_type_words(text.fragment.part(*remark.span("type"))) if remark else None
        absent = name.text.endswith("?") or bool(_OPTIONAL.search(text.text))
        type_ = found[0] if found and not found[1] else Anything(name.span)
        yield Field(name.text.rstrip("?"), type_, text.span, ABSENT if absent else UNSET)
