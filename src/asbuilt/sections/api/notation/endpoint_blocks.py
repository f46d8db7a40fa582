"""The canonical notation of endpoints: a line `METHOD /path`, and below it lines `Key: value`, further in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.diagnostics import Hole, nearest
from asbuilt.document import Fence
from asbuilt.sections.api.model import CrossOrigin
from asbuilt.sections.api.notation.clauses import KEYS, Draft, Line, clause_key, read_clause
from asbuilt.sections.api.notation.contribution import Contribution, Found
from asbuilt.sections.api.notation.cross_origin import read_cross_origin
from asbuilt.sections.api.notation.parameters import trimmed
from asbuilt.sections.api.notation.routes import METHODS, PATH, ReadPath, is_wildcard, read_path
from asbuilt.source import Fragment

_VERBS = "|".join((*METHODS, "ALL", "ANY"))
_COMMENT = re.compile(r"(?:^|(?<=\s))(?:#(?![\w{])|//|--(?=\s))[^\n]*", re.MULTILINE)
_START = re.compile(
    rf"(?P<indent>[ \t]*)(?:[-*+][ \t]+)?(?P<methods>(?:{_VERBS})(?:[ \t]*[,|/][ \t]*(?:{_VERBS}))*)[ \t]+"
    rf"(?P<path>(?:https?://[^/\s?#]+|\$\{{?\w+\}}?|\{{\{{?\w+\}}\}}?)?{PATH})(?P<rest>[^\n]*)"
)
_KEY_LINE = re.compile(r"(?P<indent>[ \t]*)(?:[-*+][ \t]+)?(?P<key>[A-Za-z][\w \-/]{0,40}?)[ \t]*:(?=\s|$)")
_REST = re.compile(r"\s*(?:[-–—:]+|→|->|=>|#|//)?\s*")
_TOP = {
    "base path": "base path",
    "base url": "base path",
    "prefix": "base path",
    "cross origin": "cross origin",
    "cors": "cross origin",
}
LISTS_ENDPOINTS = re.compile(
    rf"^[ \t]*(?:[-*+][ \t]+)?(?:{_VERBS})(?:[ \t]*[,|/][ \t]*(?:{_VERBS}))*[ \t]+\S*/", re.MULTILINE
)
HAS_TOP_KEY = re.compile(r"^(?:Base Path|Cross-Origin):", re.MULTILINE | re.IGNORECASE)


@dataclass(slots=True)
class _State:
    """What has been read so far: the prefix and the wildcard lines hold for all that follows."""

    base: Fragment | None = None
    found: list[Found] = field(default_factory=list)
    everywhere: list[tuple[str, ReadPath, Draft]] = field(default_factory=list)
    cross_origin: CrossOrigin | None = None
    holes: list[Hole] = field(default_factory=list)


def read_endpoint_blocks(fences: Sequence[Fence]) -> Contribution:
    """All canonical blocks of a document as one: a base path holds until the next, `ALL /*` for each endpoint."""
    state = _State()
    drafts: list[tuple[str, ReadPath, Draft]] = []
    for fence in fences:
        _read_fence(without_comments(fence.body), state, drafts)
    for method, path, draft in drafts:
        for scope, prefix, shared in state.everywhere:
            if scope in ("ALL", "ANY", method) and _covers(prefix, path):
                draft.inherit(shared)
        state.found.append(Found(draft.endpoint(method, path), complete=draft.spoken))
    return Contribution(tuple(state.found), cross_origin=state.cross_origin, endpoint_holes=tuple(state.holes))


def without_comments(text: Fragment) -> Fragment:
    """The text with its comments blanked, every character where it was."""
    blanked = _COMMENT.sub(lambda match: " " * len(match.group()), text.text)
    return Fragment(blanked, text.origins)


def _read_fence(text: Fragment, state: _State, drafts: list[tuple[str, ReadPath, Draft]]) -> None:
    current: list[Draft] = []
    for line in _lines(text):
        start = _START.fullmatch(line.text.text)
        if start:
            current = _begin(line.text, start, state, drafts)
            continue
        key = _KEY_LINE.match(line.text.text)
        name = clause_key(key.group("key")) if key else ""
        if key and name in _TOP and (line.indent == 0 or not current):
            _top(_TOP[name], _value(line, key), line, state)
            current = []
        elif key and current:
            clause = Line(name, line.text.part(*key.span("key")), _value(line, key))
            for draft in current:
                read_clause(clause, draft, state.holes if draft is current[0] else [])
        else:
            state.holes.append(_not_understood(line.text, inside=bool(current)))


_METHOD_LIKE = re.compile(r"(?P<method>[A-Z]{2,10})[ \t]+(?=/)")


def _not_understood(text: Fragment, *, inside: bool) -> Hole:
    line = next(trimmed(text, 0, len(text.text.split("\n", 1)[0])), text)
    method = _METHOD_LIKE.match(line.text)
    if method:
        name = method.group("method")
        hint = nearest(name, METHODS) or f"the methods are {', '.join(METHODS)}"
        return Hole(line.span(*method.span("method")), f"`{name}` is not an HTTP method", hint)
    shown = line.text if len(line.text) <= 60 else line.text[:57] + "..."
    if inside:
        hint = "write `Key: value`, as in `Response: 200 Order`"
        return Hole(line.whole, f"`{shown}` is not a line of an endpoint", hint)
    return Hole(line.whole, f"`{shown}` is not an endpoint", "write `GET /orders/{id}`, and its keys below, indented")


def _begin(
    line: Fragment, start: re.Match[str], state: _State, drafts: list[tuple[str, ReadPath, Draft]]
) -> list[Draft]:
    path = read_path(line.part(*start.span("path")), state.holes)
    if path is None:
        return []
    path = _prefixed(path, state)
    rest = start.group("rest")
    opener = _REST.match(rest)
    begin = start.start("rest") + (opener.end() if opener else 0)
    current = []
    for method in re.findall(r"[A-Z]+", start.group("methods")):
        draft = Draft(line.span(start.start("methods"), len(line.text.rstrip())))
        draft.take_path(path)
        draft.remark(next(trimmed(line, begin, start.end()), None))
        if is_wildcard(path):
            state.everywhere.append((method, path, draft))
        else:
            drafts.append((method, path, draft))
        current.append(draft)
    return current


def _prefixed(path: ReadPath, state: _State) -> ReadPath:
    prefix = read_path(state.base, []) if state.base else None
    if prefix is None:
        return path
    route = replace(path.route, segments=(*prefix.route.segments, *path.route.segments))
    return replace(path, route=route)


def _top(key: str, value: Fragment, line: "_Line", state: _State) -> None:
    if key == "base path":
        bare = next(trimmed(value, 0, len(value.text)), None)
        if bare is None or (bare.text != "/" and read_path(bare, []) is None):
            state.holes.append(
                Hole(value.whole, f"`{value.text.strip()}` is not a base path", "write `Base Path: /api`")
            )
            return
        state.base = bare if bare.text != "/" else None
    else:
        state.cross_origin = read_cross_origin(value, line.text.whole, state.holes)


def _covers(wildcard: ReadPath, path: ReadPath) -> bool:
    prefix = wildcard.route.segments[:-1]
    own = path.route.segments[: len(prefix)]
    return [str(getattr(s, "text", "{}")) for s in prefix] == [str(getattr(s, "text", "{}")) for s in own]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with those that continue it: the ones that stand further in than its key."""

    text: Fragment
    indent: int


def _lines(text: Fragment) -> Iterator[_Line]:
    """Logical lines. Below a key, deeper lines go on with its value; a line that ends in a comma goes on as well."""
    rows: list[tuple[int, int, int]] = []  # start, end, indent
    at = 0
    for written in text.text.split("\n"):
        if written.strip():
            rows.append((at, at + len(written), len(written) - len(written.lstrip())))
        at += len(written) + 1
    index = 0
    while index < len(rows):
        start, end, indent = rows[index]
        index += 1
        row = text.text[start:end]
        if _KEY_LINE.match(row) and not _START.fullmatch(row):
            while index < len(rows) and _continues(text.text, rows[index], indent, text.text[start:end]):
                end = rows[index][1]
                index += 1
        yield _Line(text.part(start, end), indent)


def _continues(text: str, row: tuple[int, int, int], indent: int, so_far: str) -> bool:
    written = text[row[0] : row[1]]
    if _START.fullmatch(written):
        return False
    return row[2] > indent or (so_far.rstrip().endswith((",", "|", "[", "(", "{")) and not _known_key(written))


def _known_key(written: str) -> bool:
    key = _KEY_LINE.match(written)
    return key is not None and clause_key(key.group("key")) in KEYS


def _value(line: _Line, key: re.Match[str]) -> Fragment:
    return line.text.part(key.end(), len(line.text.text))
