"""Tables of errors: code, status, when it occurs, what the body is."""

import re
from collections.abc import Mapping, Sequence

from asbuilt.diagnostics import Hole
from asbuilt.document import Row, Table, Text
from asbuilt.language.names import Name
from asbuilt.sections.api.model import ErrorRow, Shape
from asbuilt.sections.api.notation.columns import cell, columns, folded
from asbuilt.sections.api.notation.contribution import Contribution
from asbuilt.sections.api.notation.shapes import read_shape
from asbuilt.source import Fragment

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "status": ("http status", "http status code", "status code", "http code", "http", "status", "httpstatus"),
    "code": (
        "error code",
        "errorcode",
        "code",
        "error",
        "error type",
        "error name",
        "type",
        "name",
        "slug",
        "exception",
    ),
    "body": ("response body", "body", "response", "json", "json structure", "payload", "shape", "schema"),
    "message": ("message", "user message"),
    "description": (
        "description",
        "when occurs",
        "when",
        "meaning",
        "cause",
        "causes",
        "reason",
        "condition",
        "scenario",
        "trigger",
        "details",
        "notes",
        "situation",
    ),
}
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_.\-/:][A-Za-z0-9]+)*|\d{4,9}")
_STATUS = re.compile(r"(?<![\w.-])([1-5]\d\d)(?![\w.-])")
_STATUS_CELL = re.compile(r"[1-5]\d\d(?:\s+[A-Za-z][\w' \-]*|\s*\(.*\))?")
_UNREADABLE_STATUS = 500  # of a row that keeps its place although its status is a hole
_TYPE_NAME = re.compile(r"[A-Za-z_]\w*")
_PROBLEMS = frozenset(
    {
        "problem",
        "problem json",
        "problem details",
        "rfc 9457",
        "rfc 7807",
        "rfc9457",
        "rfc7807",
        "application problem json",
    }
)


def error_columns(table: Table) -> dict[str, int] | None:
    """The columns of a table of errors; None for any other table. What the cells hold decides, not the header alone."""
    where = columns(table, _COLUMNS)
    status = where.get("status")
    if status is None or not _mostly(table, status, _STATUS_CELL):
        status = next((index for key, index in where.items() if _mostly(table, index, _STATUS_CELL)), None)
    if status is None:
        return None
    code = where.get("code")
    if code is None or code == status or not _mostly(table, code, _CODE):
        names = (*_COLUMNS["code"],)
        headers = [folded(text.plain) for text in table.header.cells]
        candidates = (index for index, header in enumerate(headers) if index != status and header in names)
        code = next((index for index in candidates if _mostly(table, index, _CODE)), None)
    if code is None:
        return None
    others = {key: index for key, index in where.items() if index not in (status, code)}
    return {**others, "status": status, "code": code}


def read_error_tables(tables: Sequence[tuple[Table, dict[str, int]]]) -> Contribution:
    """The rows of error tables. A row without a code or a status is a hole."""
    rows: list[ErrorRow] = []
    holes: list[Hole] = []
    for table, where in tables:
        for row in table.rows:
            if any(text.plain.strip() for text in row.cells):
                found = _row(row, where, holes)
                rows += [found] if found else []
    return Contribution(errors=tuple(rows), error_holes=tuple(holes))


def _mostly(table: Table, index: int, pattern: re.Pattern[str]) -> bool:
    written = [row.cells[index].plain.strip() for row in table.rows if row.cells[index].plain.strip()]
    fitting = sum(1 for text in written if pattern.fullmatch(text))
    return bool(written) and 2 * fitting >= len(written)


def _row(row: Row, where: Mapping[str, int], holes: list[Hole]) -> ErrorRow | None:
    code = _code(row.cells[where["code"]], holes)
    status = _status(row.cells[where["status"]], holes)
    if code is None:
        return None
    message = cell(row.cells, where, "message")
    described = cell(row.cells, where, "description") or message
    references = tuple(Name(span.text, span.span) for span in described.code_spans) if described else ()
    body = cell(row.cells, where, "body")
    return ErrorRow(
        code,
        status or _UNREADABLE_STATUS,
        _bare(row.cells[where["status"]]).whole,
        described.plain if described else "",
        references,
        row.span,
        _body(body, holes) if body else None,
        message.plain if message and message is not described else "",
    )


def _code(text: Text, holes: list[Hole]) -> Name | None:
    written = _bare(text)
    if _CODE.fullmatch(written.text):
        return Name(written.text, written.whole)
    hint = "a code is one word, such as `ORDER_NOT_FOUND`"
    shown = f"`{written.text}` is not the code of an error" if written.text else "this error has no code"
    holes.append(Hole(written.whole, shown, hint))
    return None


def _status(text: Text, holes: list[Hole]) -> int | None:
    found = list(dict.fromkeys(int(match.group()) for match in _STATUS.finditer(text.plain)))
    if len(found) == 1:
        return found[0]
    if found:
        message = f"one code has one status, not {' and '.join(map(str, found))}"
        holes.append(Hole(text.span, message, "give each status a code of its own"))
        return found[0]
    shown = f"`{text.plain}` is not an HTTP status" if text.text else "this error has no HTTP status"
    holes.append(Hole(text.span, shown, "write a number such as `409`"))
    return None


def _body(text: Text, holes: list[Hole]) -> Name | Shape | None:
    written = _bare(text)
    if folded(written.text) in _PROBLEMS:
        return None
    if written.text.startswith(("{", "[")):
        return read_shape(written, holes)
    if _TYPE_NAME.fullmatch(written.text):
        return Name(written.text, written.whole)
    hint = 'write `problem`, the name of a schema, or a JSON shape such as `{"code": "GONE", "id": UUID}`'
    holes.append(Hole(written.whole, f"`{' '.join(written.text.split())[:60]}` is not the body of an error", hint))
    return None


def _bare(text: Text) -> Fragment:
    """What a cell says: its code span if it is one, else the cell; escaped pipes read as pipes."""
    spans = text.code_spans
    if spans and text.text.strip().startswith("`"):
        return spans[0].fragment
    cut = text.fragment
    trimmed = cut.text.strip("*_ ")
    if not trimmed:
        return cut.part(0, 0)
    start = cut.text.index(trimmed[0])
    part = cut.part(start, start + len(trimmed))
    return Fragment(part.text.replace("\\|", " |"), part.origins)
