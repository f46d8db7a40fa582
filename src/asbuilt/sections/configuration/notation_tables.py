"""Environment variables in tables and bullets, whatever their columns are called."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from asbuilt.document import CodeSpan, ListBlock, Table, Text
from asbuilt.language.names import Name
from asbuilt.sections.configuration.declaration import REQUIRED_MARKS, Declaration
from asbuilt.source import Span

Column = Literal["name", "default", "required", "optional", "description", "type", "example", "values"]
_SYNONYMS: Mapping[str, Column] = MappingProxyType(
    {
        "variable": "name",
        "name": "name",
        "env": "name",
        "env var": "name",
        "environment variable": "name",
        "variable name": "name",
        "key": "name",
        "setting": "name",
        "parameter": "name",
        "default": "default",
        "default value": "default",
        "value": "default",
        "required": "required",
        "mandatory": "required",
        "optional": "optional",
        "description": "description",
        "purpose": "description",
        "meaning": "description",
        "notes": "description",
        "type": "type",
        "format": "type",
        "example": "example",
        "values": "values",
        "allowed values": "values",
        "range": "values",
        "choices": "values",
        "options": "values",
    }
)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{3,}")
_NOTHING = frozenset({"", "-", "–", "—", "n/a", "none", "(none)", "null", "unset", "not set", "required", "*required*"})
_YES = frozenset({"yes", "y", "true", "✓", "✔", "✅", "x", "required", "mandatory", "always"})
_NO = frozenset({"no", "n", "false", "✗", "✘", "❌", "", "-", "–", "—", "optional"})
_DEFAULT_IN_PROSE = re.compile(
    r"\bdefaults?(?:[ \t]+is|[ \t]+to|[ \t]*[:=]|(?=[ \t]+[`'\"\d]))[ \t]*"
    r"(?P<value>`[^`]+`|'[^']+'|\"[^\"]+\"|[^\s;,()]+)",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")
_BULLET_SEPARATOR = re.compile(r"[ \t]*(?::|=|[-–—](?=[ \t]))[ \t]*")


def read_table(table: Table) -> Iterator[Declaration]:
    """The variables of a table that has a column of names; nothing from another table."""
    columns = _columns(table)
    at = columns.get("name")
    if at is None:
        return
    for row in table.rows:
        cells = {column: row.cells[index] for column, index in columns.items() if index < len(row.cells)}
        for name in _names(row.cells[at]):
            yield _row(name, cells, row.span)


def _columns(table: Table) -> dict[Column, int]:
    columns: dict[Column, int] = {}
    for index, cell in enumerate(table.header.cells):
        bare = re.sub(r"\([^()]*\)", " ", cell.plain.casefold())
        heading = " ".join(re.sub(r"[^\w ]+", " ", bare).split())
        column = _SYNONYMS.get(heading) or ("default" if heading.endswith(("default", "default value")) else None)
        if column:
            columns.setdefault(column, index)
    first = [row.cells[0].plain.strip() for row in table.rows if row.cells]
    if "name" not in columns and first and all(_VARIABLE.fullmatch(word) for word in first):
        columns["name"] = 0
    at = columns.get("name")
    if at is not None and not any(_names_something(row.cells[at : at + 1]) for row in table.rows):
        del columns["name"]
    return columns


def _names_something(cells: Sequence[Text]) -> bool:
    return any(next(_names(cell), None) for cell in cells)


def _names(cell: Text) -> Iterator[Name]:
    """The variables a cell names: in code spans, or as its only word."""
    spans = [span for span in cell.code_spans if _VARIABLE.fullmatch(span.text)]
    if spans:
        yield from (Name(span.text, span.span) for span in spans)
        return
    word = _VARIABLE.search(cell.text)
    if word and cell.plain.strip() == word.group():
        yield Name(word.group(), cell.part(*word.span()).span)


def _row(name: Name, cells: dict[Column, Text], span: Span) -> Declaration:
    value, value_span = _value(cells.get("default"))
    example, _ = _value(cells.get("example"))
    description = cells["description"].plain if "description" in cells else ""
    limits = cells["values"].plain if "values" in cells else ""
    kind = cells["type"].plain if "type" in cells else ""
    return Declaration(
        name=name,
        span=span,
        value=value,
        value_span=value_span,
        comment=limits or description,
        type_word=kind,
        mark=_mark(cells),
        example=example,
    )


def _mark(cells: dict[Column, Text]) -> bool | None:
    for column, sense in (("required", True), ("optional", False)):
        cell = cells.get(column)  # type: ignore[call-overload]
        if cell is not None:
            word = re.split(r"[\s(,;]", cell.plain.strip().casefold(), maxsplit=1)[0]
            return sense if word in _YES else not sense if word in _NO else None
    return None


def _value(cell: Text | None) -> tuple[str | None, Span | None]:
    """What a cell gives as a value: its code span, or its text unless that is a remark."""
    if cell is None:
        return None, None
    spans = cell.code_spans
    if spans:
        return spans[0].text, spans[0].span
    plain = cell.plain.strip()
    remark = plain.casefold() in _NOTHING or plain.startswith("(")
    return (None, None) if remark else (plain, cell.span)


def read_list(block: ListBlock, mark: bool | None) -> Iterator[Declaration]:  # noqa: FBT001 - three-valued
    """The variables that bullets begin with: `- **NAME**: what for (default: 3600)`, `` - `NAME=value` ``."""
    for item in block.items:
        if item.text is not None:
            found = _bullet(item.text, mark)
            if found:
                yield found


def _bullet(text: Text, mark: bool | None) -> Declaration | None:  # noqa: FBT001
    label = text.label
    if label and _VARIABLE.fullmatch(label.name.plain.strip()):
        name = label.name.code_spans[0] if label.name.code_spans else None
        span = name.span if name else label.name.span
        note = REQUIRED_MARKS.get(label.note.plain.strip("() ").casefold()) if label.note else None
        return _described(Name(label.name.plain.strip(), span), label.rest, text.span, mark if note is None else note)
    first = next(iter(text.code_spans), None)
    if first is None or not text.text.startswith("`"):
        return None
    rest = text.part(text.text.find(first.text) + len(first.text) + 1, len(text.text))
    assigned = _ASSIGNED.fullmatch(first.text)
    if assigned:
        return _assigned(first, assigned, text, rest.plain, mark)
    return _described(Name(first.text, first.span), rest, text.span, mark) if _VARIABLE.fullmatch(first.text) else None


def _assigned(
    span: CodeSpan,
    match: re.Match[str],
    text: Text,
    rest: str,
    mark: bool | None,  # noqa: FBT001
) -> Declaration:
    name = Name(match.group("name"), span.fragment.span(*match.span("name")))
    value = span.fragment.span(*match.span("value"))
    return Declaration(name, text.span, match.group("value"), value, rest.lstrip(" :–—-"), mark=mark)


def _described(name: Name, rest: Text, span: Span, mark: bool | None) -> Declaration:  # noqa: FBT001
    separator = _BULLET_SEPARATOR.match(rest.text)
    rest = rest.part(separator.end(), len(rest.text)) if separator else rest
    found = _DEFAULT_IN_PROSE.search(rest.text)
    value = found.group("value").strip("`'\"") if found else None
    start = found.start("value") + (found.group("value")[0] in "`'\"") if found else 0
    value_span = rest.part(start, start + len(value)).span if value is not None else None
    return Declaration(name, span, value, value_span, rest.plain, mark=mark)
