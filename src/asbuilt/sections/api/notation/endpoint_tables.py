"""Tables of endpoints: a column for the method and one for the path, or one for both, and what else is said of them."""

import re
from collections.abc import Callable, Iterator, Mapping

from asbuilt.diagnostics import Hole, closest
from asbuilt.document import Row, Table, Text
from asbuilt.sections.api.model import Clause
from asbuilt.sections.api.notation.clauses import Draft
from asbuilt.sections.api.notation.columns import cell, columns, folded
from asbuilt.sections.api.notation.contribution import Contribution, Found
from asbuilt.sections.api.notation.phrases import Mention, Phrases, begun, mention, stem
from asbuilt.sections.api.notation.routes import METHODS, read_path
from asbuilt.sections.api.notation.stated_lines import DEEDS
from asbuilt.source import Fragment

_METHOD_CELL = re.compile(rf"[*_`\s]*(?:{'|'.join(METHODS)})(?:[*_`\s]*[/,|]?[*_`\s]*(?:{'|'.join(METHODS)}))*[*_`\s]*")
_PATH_CELL = re.compile(r"[*_`\s]*(?:https?://[^/\s]+)?/[^\s]*.*", re.DOTALL)
_VERB = re.compile(rf"\b(?:{'|'.join(METHODS)})\b")
_WORD = re.compile(r"[*_`\s]*(?P<word>[A-Za-z]+)[*_`\s]*")
_ROUTE = re.compile(r"[*_`\s]*(?P<word>[A-Za-z]+)[*_`]*[ \t]+[*_`]*(?P<path>/[^\s`*]*)[*_`\s]*")
_BARE_PATH = re.compile(r"[A-Za-z][\w.-]*(?:/[\w.{}:<>-]+)*/?")
_METHOD_HEADERS = frozenset({"method", "verb", "http method", "http verb"})
_PATH_HEADERS = frozenset({"path", "route", "endpoint", "url", "uri"})
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "operation": ("operation", "operation id", "handler", "operationid"),
    "body": ("request body", "body", "request", "payload", "input", "request dto", "request schema", "query body"),
    "query": ("query", "query params", "query parameters", "parameters", "params"),
    "response": (
        "response",
        "response body",
        "returns",
        "success",
        "output",
        "response dto",
        "response schema",
        "result",
    ),
    "errors": ("errors", "error codes", "failure", "failures", "error responses", "error"),
    "auth": ("auth", "authentication", "auth required", "access", "authenticated", "authorization", "protected"),
    "roles": ("roles", "role", "permission", "permissions", "allowed roles", "required role"),
    "summary": ("description", "summary", "purpose", "action", "notes", "function", "what", "usage"),
}
# An operation by its name, without backticks.
_NAME = re.compile(r"[a-z]\w*")
# Columns of tables that list what a service calls, not what it offers.
_FOREIGN = frozenset(
    {"target", "target service", "upstream", "external service", "provider", "third party", "downstream"}
)


def is_endpoint_table(table: Table) -> bool:
    return _route_columns(table) is not None


def read_endpoint_tables(tables: list[Table], phrases: Phrases) -> Contribution:
    """The endpoints of all rows. A misspelt method or path is a hole, another word for a method a note."""
    found: list[Found] = []
    holes: list[Hole] = []
    unread: list[Hole] = []
    for table in tables:
        routes = _route_columns(table)
        if routes:
            where = columns(table, _COLUMNS)
            where = {key: index for key, index in where.items() if index not in routes}
            for row in table.rows:
                made = [*_row(row, routes, where, phrases, holes)]
                found += made
                unread += _other_protocol(row, routes) if not made else ()
    return Contribution(tuple(found), endpoint_holes=tuple(holes), unread=tuple(unread))


def _route_columns(table: Table) -> tuple[int, int] | None:
    """The columns of method and path, the same one where a cell holds both."""
    headers = {folded(text.plain) for text in table.header.cells}
    if not table.rows or headers & _FOREIGN:
        return None
    width = len(table.header.cells)
    method = next((i for i in range(width) if _most(table, i, lambda t: bool(_METHOD_CELL.fullmatch(t.text)))), None)
    if method is not None:
        others = (i for i in range(width) if i != method)
        path = next((i for i in others if _most(table, i, lambda t: bool(_PATH_CELL.fullmatch(t.text)))), None)
        return (method, path) if path is not None else None
    both = next((i for i in range(width) if _most(table, i, lambda t: mention(t) is not None)), None)
    return (both, both) if both is not None else _titled(table)


def _titled(table: Table) -> tuple[int, int] | None:
    """The columns whose headers say that they hold methods and paths, where most of either are none as written."""
    headers = [folded(text.plain) for text in table.header.cells]
    method = next((at for at, header in enumerate(headers) if header in _METHOD_HEADERS), None)
    path = next((at for at, header in enumerate(headers) if header in _PATH_HEADERS), None)
    if method is None or path is None:
        return None
    rows = [row.cells for row in table.rows]
    fits = any(_METHOD_CELL.fullmatch(cells[method].text) or _PATH_CELL.fullmatch(cells[path].text) for cells in rows)
    return (method, path) if fits else None


def _most(table: Table, index: int, fits: Callable[[Text], bool]) -> bool:
    written = [row.cells[index] for row in table.rows if row.cells[index].text]
    return bool(written) and 2 * sum(1 for text in written if fits(text)) > len(written)


def _row(
    row: Row, routes: tuple[int, int], where: Mapping[str, int], phrases: Phrases, holes: list[Hole]
) -> Iterator[Found]:
    for method, path, draft in begun(found) if (found := _mention(row, routes, holes)) else ():
        owner = stem(method, path)
        _describe(row, where, draft, owner, phrases)
        yield Found(draft.endpoint(method, path), complete=False)


def _mention(row: Row, routes: tuple[int, int], holes: list[Hole]) -> Mention | None:
    first, second = row.cells[routes[0]], row.cells[routes[1]]
    if routes[0] == routes[1]:
        return mention(first) or _misspelt_mention(first, holes)
    methods = tuple(dict.fromkeys(_VERB.findall(first.text)))
    spans = second.code_spans
    written = spans[0].fragment if spans else second.fragment
    path = read_path(written, [])
    if path is None:
        if methods and _BARE_PATH.fullmatch(written.text):
            hint = f"write `/{written.text}`"
            holes.append(Hole(written.whole, f"`{written.text}` is not a path: a path begins with `/`", hint))
        return None
    word = _WORD.fullmatch(first.text)
    methods = methods or (_misspelt(first.fragment.part(*word.span("word")), holes) if word else ())
    return Mention(methods, path, first.span.to(second.span), 0) if methods else None


def _other_protocol(row: Row, routes: tuple[int, int]) -> Iterator[Hole]:
    """A note of a row with a path whose word for a method is none: `WS`."""
    first, second = row.cells[routes[0]], row.cells[routes[1]]
    if routes[0] != routes[1] and _WORD.fullmatch(first.text) and _PATH_CELL.fullmatch(second.text):
        yield Hole(first.span, f"`{first.plain.strip()}` is no method of HTTP, so this row is left to people")


def _misspelt_mention(text: Text, holes: list[Hole]) -> Mention | None:
    """The endpoint of a cell such as `GETT /orders`."""
    match = _ROUTE.fullmatch(text.text)
    path = read_path(text.fragment.part(*match.span("path")), []) if match else None
    if match is None or path is None:
        return None
    methods = _misspelt(text.fragment.part(*match.span("word")), holes)
    return Mention(methods, path, text.span, 0) if methods else None


def _misspelt(word: Fragment, holes: list[Hole]) -> tuple[str, ...]:
    """The method that a word was meant to be, which is told; nothing for a word that is like none."""
    meant = closest(word.text, METHODS)
    if not meant:
        return ()
    holes.append(Hole(word.whole, f"`{word.text}` is not a method", f"did you mean `{meant}`?"))
    return (meant,)


def _describe(row: Row, where: Mapping[str, int], draft: Draft, owner: str, phrases: Phrases) -> None:
    cells = {key: text for key in where if (text := cell(row.cells, where, key)) is not None}
    if text := cells.get("summary"):
        draft.summary = text.plain
    if text := cells.get("body"):
        if text.plain.lower().startswith(("query", "?", "path")) or text.text.startswith("`?"):
            phrases.query(text, draft)
        else:
            phrases.body(text, draft, owner)
    if text := cells.get("query"):
        phrases.query(text, draft)
    if text := cells.get("response"):
        phrases.response(text, draft, owner)
    if text := cells.get("errors"):
        phrases.errors(text, draft)
    if text := cells.get("auth"):
        phrases.auth(text, draft)
    if text := cells.get("roles"):
        draft.clauses.append(Clause("roles", text.plain, text.span))
    if text := cells.get("operation"):
        if spans := text.code_spans:
            draft.take_operation(spans[0].fragment)
        elif _NAME.fullmatch(text.text) and text.text not in DEEDS:
            draft.take_operation(text.fragment)
    draft.spoken = bool(cells)
