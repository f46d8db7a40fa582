"""Data access patterns: bullets, headings and bold lines with a fence, tables, and sqlc's `-- name: x :one`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from asbuilt.diagnostics import Hole, closest
from asbuilt.document import Block, Fence, Heading, ListBlock, ListItem, Paragraph, Table, Text, setting_name
from asbuilt.language.names import Name, snake
from asbuilt.postgres.reading import read_statement
from asbuilt.postgres.statement import Cardinality
from asbuilt.sections.data.model import Pattern, Remark
from asbuilt.sections.data.notation_sql import QUERY, is_labelled, kind_of
from asbuilt.source import Fragment
from asbuilt.values import frozen

_MARKS: dict[str, Cardinality] = {
    "one": "one",
    "onerow": "one",
    "exactlyone": "one",
    "single": "one",
    "maybe": "maybe",
    "maybeone": "maybe",
    "optional": "maybe",
    "oneornone": "maybe",
    "zeroorone": "maybe",
    "01": "maybe",
    "many": "many",
    "list": "many",
    "rows": "many",
    "manyrows": "many",
    "none": "none",
    "norows": "none",
    "exec": "none",
    "execrows": "none",
    "execresult": "none",
    "execlastid": "none",
    "copyfrom": "none",
    "batchexec": "none",
    "batchmany": "many",
    "batchone": "one",
}
_CANONICAL = ("one", "maybe", "many", "none", "optional", "single", "rows", "exec")
# Words that speak of a number of rows, and which mark says what they mean.
_MEANT: dict[str, Cardinality] = {
    **dict.fromkeys(("unique", "sole", "scalar", "row", "onlyone", "singlerow", "record", "1"), "one"),
    **dict.fromkeys(("nullable", "null", "perhaps", "possibly", "atmostone", "opt", "?", "oneorzero"), "maybe"),
    **dict.fromkeys(("several", "multiple", "multi", "all", "plural", "few", "some", "any", "every", "array"), "many"),
    **dict.fromkeys(("collection", "*", "+", "n", "0n", "1n", "0*", "1*", "allrows", "multiplerows"), "many"),
    **dict.fromkeys(("nothing", "void", "zero", "0", "empty", "noresult", "noreturn"), "none"),
}
_WORD = re.compile(r"\s*[A-Za-z]\w*\s*")
_BARE = re.compile(r"`?(?P<name>[A-Za-z_]\w{1,62})`?[ \t]*(?P<note>\([^()\n]{0,60}\))?[ \t]*(?::|[-–—](?=\s))[ \t]*")
_TITLE = re.compile(r"(?P<name>[^()]*?)[ \t]*(?P<note>\([^()\n]{0,60}\))?[ \t]*:?[ \t]*")
_SQLC = re.compile(r"^[ \t]*--[ \t]*name:[ \t]*(?P<name>\w+)[ \t]*(?P<mark>:\w+)?[^\n]*$", re.IGNORECASE | re.MULTILINE)
_NO_NAME = re.compile(r"\W+")
_HEADERS = {
    "name": {"name", "pattern", "patternname", "query", "queryname", "accesspattern", "operation", "statement"},
    "sql": {"sql", "statement", "query", "sqlquery", "querysql", "implementation"},
    "mark": {"returns", "rows", "cardinality", "result", "gives"},
    "description": {"description", "purpose", "usage", "for", "what", "whatfor", "notes", "meaning"},
}


@frozen
class _Title:
    """What an author calls a pattern, before its statement is found. `unread` is a mark that is none."""

    name: Name
    mark: Cardinality | None
    description: str
    unread: Hole | None = None


def read_patterns(blocks: Iterable[Block], holes: list[Hole]) -> Iterator[Pattern]:
    """The patterns under Data Access Patterns. One without SQL is prose, and none."""
    title: _Title | None = None
    for block in blocks:
        match block:
            case Fence():
                yield from _of_fence(block, title, holes)
                title = None if kind_of(block) else title
            case Heading():
                title = _headed(block.text)
            case Paragraph():
                found = _labelled(block.text)
                if found is not None and (inline := _inline(block.text, found, holes)):
                    yield inline
                title = found or title
            case ListBlock():
                title = None
                for item in block.items:
                    made, title = _of_item(item, holes)
                    yield from made
            case Table():
                yield from _of_table(block, holes)


def read_sqlc(body: Fragment, holes: list[Hole]) -> Iterator[Pattern]:
    """The statements of a fence that names each as sqlc does: `-- name: get_author :one`."""
    marks = list(_SQLC.finditer(body.text))
    ends = [mark.start() for mark in marks[1:]] + [len(body.text)]
    for mark, end in zip(marks, ends, strict=True):
        name = Name(mark["name"], body.span(mark.start("name"), mark.end("name")))
        given, unread = None, None
        if mark["mark"]:
            given, unread = _mark(body.part(mark.start("mark") + 1, mark.end("mark")), strict=True)
        title = _Title(name, given, "", unread)
        yield _pattern(title, _trimmed(body.part(mark.end(), end)), holes)


def has_sqlc(body: Fragment) -> bool:
    return _SQLC.search(body.text) is not None


def _of_fence(fence: Fence, title: _Title | None, holes: list[Hole]) -> Iterator[Pattern]:
    kind = kind_of(fence)
    if kind == "queries" and has_sqlc(fence.body):
        yield from read_sqlc(fence.body, holes)
    elif title is not None and (kind == "queries" or (kind is None and is_labelled(fence) and fence.body.text.strip())):
        yield _pattern(title, _trimmed(fence.body), holes)


def _of_item(item: ListItem, holes: list[Hole]) -> tuple[list[Pattern], _Title | None]:
    """The patterns of a bullet, and its title if its statement is still to come."""
    text = item.text
    title = _labelled(text) if text else None
    fences = [block for block in item.blocks if isinstance(block, Fence)]
    made = [pattern for fence in fences for pattern in _of_fence(fence, title, holes)]
    if len(made) > 1 and title is not None and made[1].name == made[0].name:
        hint = "give each statement a bullet and a name of its own"
        holes.append(Hole(made[1].statement.sql.whole, f"`{title.name.text}` has a statement already", hint))
        made = made[:1]
    if not made and title is not None and text is not None and (inline := _inline(text, title, holes)):
        made = [inline]
    return made, title if not made and not fences else None


def _inline(text: Text, title: _Title, holes: list[Hole]) -> Pattern | None:
    """The pattern whose statement stands in a code span of its description."""
    span = next((code for code in text.code_spans if QUERY.match(code.text)), None)
    return _pattern(title, span.fragment, holes) if span else None


def _labelled(text: Text) -> _Title | None:
    label = text.label
    if label is not None:
        note = label.note.fragment if label.note else None
        return _title(label.name, note, label.rest.plain)
    bare = _BARE.match(text.text)
    if bare is None:
        return None
    note = text.fragment.part(*bare.span("note")) if bare["note"] else None
    return _title(text.part(*bare.span("name")), note, text.part(bare.end(), len(text.text)).plain)


def _headed(text: Text) -> _Title | None:
    match = _TITLE.fullmatch(text.text)
    if match is None or not match["name"]:
        return _title(text, None, "")
    note = text.fragment.part(*match.span("note")) if match["note"] else None
    return _title(text.part(*match.span("name")), note, "")


def _title(name: Text, note: Fragment | None, description: str) -> _Title | None:
    """A name in words is taken as a name in snake_case: `Order by id` is `order_by_id`."""
    code = name.code_spans[0] if len(name.code_spans) == 1 else None
    written, span = (code.text, code.span) if code else (name.plain, name.span)
    written = written.strip().rstrip("().:")
    if not written.isidentifier():
        written = _NO_NAME.sub("_", snake(written)).strip("_").lstrip("0123456789_")
    mark, unread = _mark(note.part(1, len(note.text) - 1), strict=False) if note else (None, None)
    return _Title(Name(written, span), mark, " ".join(description.split()), unread) if written else None


def _mark(written: Fragment, *, strict: bool) -> tuple[Cardinality | None, Hole | None]:
    """What the author says of the number of rows; a remark that is not about rows is none, and told as such."""
    said = written.text.strip()
    mark = _MARKS.get(setting_name(said))
    if mark is not None:
        return mark, None
    near = _MEANT.get(setting_name(said) or said) or _MARKS.get(closest(said, _CANONICAL))
    message = f"`{said}` is no number of rows"
    if near or strict:
        hint = f"did you mean `{near}`?" if near else "write `one`, `maybe`, `many` or `none`"
        return None, Hole(written.whole, message, hint)
    hint = "write `one`, `maybe`, `many` or `none`, and remarks behind the colon"
    return None, Remark(written.whole, f"{message}, and is taken as a remark", hint) if _WORD.fullmatch(said) else None


def _of_table(table: Table, holes: list[Hole]) -> Iterator[Pattern]:
    """The rows of a table with a column for names and one for SQL."""
    headers = [setting_name(cell.plain) for cell in table.header.cells]
    name = _column(headers, "name", set())
    sql = _column(headers, "sql", {name})
    if name is None or sql is None:
        return
    mark = _column(headers, "mark", {name, sql})
    description = _column(headers, "description", {name, sql, mark})
    for row in table.rows:
        title = _title(row.cells[name], None, row.cells[description].plain if description is not None else "")
        code = next((code for code in row.cells[sql].code_spans if QUERY.match(code.text)), None)
        if title is None or code is None:
            continue
        given, unread = _mark(row.cells[mark].fragment, strict=False) if mark is not None else (None, None)
        unread = None if isinstance(unread, Remark) else unread  # the column may as well tell types
        yield _pattern(replace(title, mark=given, unread=unread), code.fragment, holes)


def _column(headers: list[str], meaning: str, taken: set[int | None]) -> int | None:
    known = _HEADERS[meaning]
    return next((at for at, header in enumerate(headers) if header in known and at not in taken), None)


def _pattern(title: _Title, sql: Fragment, holes: list[Hole]) -> Pattern:
    if title.unread is not None and title.unread not in holes[-1:]:
        holes.append(title.unread)
    statement = read_statement(sql)
    return Pattern(title.name, statement, title.name.span.to(sql.whole), title.mark, title.description)


def _trimmed(sql: Fragment) -> Fragment:
    start = len(sql.text) - len(sql.text.lstrip())
    return sql.part(start, max(start, len(sql.text.rstrip())))
