"""The canonical notation of endpoints: a line `METHOD /path`, and below it lines `Key: value`, further in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.diagnostics import Hole, nearest
from asbuilt.document import Fence
from asbuilt.sections.api.model import CrossOrigin
from asbuilt.sections.api.notation.arrows import read_arrow
from asbuilt.sections.api.notation.clauses import KEYS, Draft, Line, clause_key, read_clause
from asbuilt.sections.api.notation.contribution import Contribution, Found
from asbuilt.sections.api.notation.cross_origin import read_cross_origin
from asbuilt.sections.api.notation.parameters import trimmed
from asbuilt.sections.api.notation.routes import METHODS, PATH, ReadPath, is_wildcard, read_path
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

_VERBS = "|".join((*METHODS, "ALL", "ANY"))
_COMMENT = re.compile(r"(?:^|(?<=\s))(?:#(?![\w{])|//|--(?=\s))[^\n]*", re.MULTILINE)
_START = re.compile(
    rf"(?P<indent>[ \t]*)(?:[-*+][ \t]+)?(?P<methods>(?:{_VERBS})(?:[ \t]*[,|/][ \t]*(?:{_VERBS}))*)[ \t]+"
    rf"(?P<path>(?:https?://[^/\s?#]+|\$\{{?\w+\}}?|\{{\{{?\w+\}}\}}?)?{PATH})(?P<rest>[^\n]*)"
)
_KEY_LINE = re.compile(r"(?P<indent>[ \t]*)(?:[-*+][ \t]+)?(?P<key>[A-Za-z][\w \-/]{0,40}?)[ \t]*:(?=\s|$)")
_REST = re.compile(r"\s*(?:->|=>|→|[-–—:]+|#|//)?\s*")
_TOP = {
    "base path": "base path",
    "base url": "base path",
    "prefix": "base path",
    "cross origin": "cross origin",
    "cors": "cross origin",
}
LISTS_ENDPOINTS = re.compile(
    rf"^[ \t]*+(?:[-*+][ \t]+)?(?:{_VERBS})(?:[ \t]*[,|/][ \t]*(?:{_VERBS}))*[ \t]+\S*/", re.MULTILINE
)
# A line that was meant to begin an endpoint: its method is misspelt, or its path lacks the slash.
MEANS_ENDPOINT = re.compile(
    rf"^(?:[A-Z]{{3,8}}[ \t]+/\S*|(?:{_VERBS})[ \t]+[A-Za-z][\w./{{}}:-]*)[ \t]*$", re.MULTILINE
)
HAS_TOP_KEY = re.compile(r"^(?:Base Path|Cross-Origin):", re.MULTILINE | re.IGNORECASE)


@dataclass(slots=True)
class _State:
    """What has been read so far. `everywhere` holds the wildcard lines by the segments before the wildcard."""

    base: Fragment | None = None
    drafts: list[tuple[str, ReadPath, Draft]] = field(default_factory=list)
    everywhere: dict[tuple[str, ...], list[tuple[str, Draft]]] = field(default_factory=dict)
    cross_origin: CrossOrigin | None = None
    holes: list[Hole] = field(default_factory=list)


def read_endpoint_blocks(fences: Sequence[Fence]) -> Contribution:
    """All canonical blocks of a document as one: a base path holds until the next, `ALL /*` for each endpoint."""
    state = _State()
    for fence in fences:
        _read_fence(without_comments(fence.body), state)
    joined: dict[tuple[tuple[str, ...], str], Draft] = {}
    for method, path, draft in state.drafts:
        segments = tuple(getattr(segment, "text", "{}") for segment in path.route.segments)
        for prefix in state.everywhere:
            if segments[: len(prefix)] == prefix:
                key = prefix, method
                joined[key] = joined.get(key) or _joined(state.everywhere[prefix], method, draft.span)
                draft.inherit(joined[key])
    found = (Found(draft.endpoint(method, path), complete=draft.spoken) for method, path, draft in state.drafts)
    base = read_path(state.base, []) if state.base else None
    return Contribution(
        tuple(found),
        cross_origin=state.cross_origin,
        endpoint_holes=tuple(state.holes),
        base=base.route if base else None,
    )


def _joined(shared: Sequence[tuple[str, Draft]], method: str, span: Span) -> Draft:
    """All that wildcard lines say of a method, the first one counting where two speak."""
    draft = Draft(span)
    for scope, one in shared:
        if scope in ("ALL", "ANY", method):
            draft.inherit(one)
    return draft


def without_comments(text: Fragment) -> Fragment:
    """The text with its comments blanked, every character where it was."""
    blanked = _COMMENT.sub(lambda match: " " * len(match.group()), text.text)
    return Fragment(blanked, text.origins)


def _read_fence(text: Fragment, state: _State) -> None:
    current: list[Draft] | None = []  # None below a line that began no endpoint: what it lacks is said there
    for line in _lines(text):
        if line.start:
            current = _begin(text, line.start, state)
        elif line.key is None:
            hole, begins = _not_understood(text.part(line.begin, line.end), inside=bool(current))
            if current is not None or begins:
                state.holes.append(hole)
            current = None if begins else current
        elif (name := clause_key(line.key.group("key"))) in _TOP and (line.indent == 0 or not current):
            _top(_TOP[name], text, line, line.key, state)
            current = []
        elif current:
            clause = Line(name, text, line.key.span("key"), line.key.end(), line.end)
            for draft in current:
                read_clause(clause, draft, state.holes if draft is current[0] else [])
        elif current is not None:
            state.holes.append(_not_understood(text.part(line.begin, line.end), inside=False)[0])


_BARE_PATH = re.compile(rf"(?:{_VERBS})[ \t]+(?P<path>[A-Za-z][\w./{{}}:-]*)")
_METHOD_LIKE = re.compile(r"(?P<method>[A-Z]{2,10})[ \t]+(?=/)")


def _not_understood(text: Fragment, *, inside: bool) -> tuple[Hole, bool]:
    """Why a line says nothing, and whether it was meant to begin an endpoint."""
    line = trimmed(text, 0, len(text.text.split("\n", 1)[0])) or text
    method = _METHOD_LIKE.match(line.text)
    if method:
        name = method.group("method")
        swapped = next((f"did you mean `{known}`?" for known in METHODS if sorted(known) == sorted(name)), "")
        hint = swapped or nearest(name, METHODS) or f"the methods are {', '.join(METHODS)}"
        return Hole(line.span(*method.span("method")), f"`{name}` is not an HTTP method", hint), True
    bare = _BARE_PATH.fullmatch(line.text)
    if bare:
        message = f"`{bare['path']}` is not a path: a path begins with `/`"
        return Hole(line.span(*bare.span("path")), message, f"write `/{bare['path']}`"), True
    shown = line.text if len(line.text) <= 60 else line.text[:57] + "..."
    if inside:
        hint = "write `Key: value`, as in `Response: 200 Order`"
        return Hole(line.whole, f"`{shown}` is not a line of an endpoint", hint), False
    hint = "write `GET /orders/{id}`, and its keys below, indented"
    return Hole(line.whole, f"`{shown}` is not an endpoint", hint), False


def _begin(text: Fragment, start: re.Match[str], state: _State) -> list[Draft] | None:
    path = read_path(text.part(*start.span("path")), state.holes)
    if path is None:
        return None
    path = _prefixed(path, state)
    opener = _REST.match(text.text, start.start("rest"), start.end())
    remark = trimmed(text, opener.end() if opener else start.end(), start.end())
    span = text.span(start.start("methods"), start.start() + len(start.group().rstrip()))
    current = []
    for method in re.findall(r"[A-Z]+", start.group("methods")):
        draft = Draft(span)
        draft.take_path(path)
        draft.remark(remark)
        read_arrow(text.part(*start.span("rest")), draft)
        if is_wildcard(path):
            prefix = tuple(getattr(segment, "text", "{}") for segment in path.route.segments[:-1])
            state.everywhere.setdefault(prefix, []).append((method, draft))
        else:
            state.drafts.append((method, path, draft))
        current.append(draft)
    return current


def _prefixed(path: ReadPath, state: _State) -> ReadPath:
    prefix = read_path(state.base, []) if state.base else None
    if prefix is None:
        return path
    route = replace(path.route, segments=(*prefix.route.segments, *path.route.segments))
    return replace(path, route=route)


def _top(key: str, text: Fragment, line: "_Line", found: re.Match[str], state: _State) -> None:
    value = text.part(found.end(), line.end)
    if key == "cross origin":
        state.cross_origin = read_cross_origin(value, text.span(found.start("key"), line.end), state.holes)
        return
    bare = trimmed(value, 0, len(value.text))
    if bare is None or (bare.text != "/" and read_path(bare, []) is None):
        where = bare.whole if bare else text.span(*found.span("key"))
        shown = f"`{bare.text}` is not a base path" if bare else "the base path is missing"
        state.holes.append(Hole(where, shown, "write `Base Path: /api`"))
        return
    state.base = bare if bare.text != "/" else None


@frozen
class _Line:
    """A line of a text, with those that continue it. It begins an endpoint, or has a key, or is neither."""

    begin: int
    end: int
    indent: int
    start: re.Match[str] | None
    key: re.Match[str] | None


def _lines(text: Fragment) -> Iterator[_Line]:
    """Logical lines. Below a key, deeper lines go on with its value; a line that ends in a comma goes on as well."""
    written = text.text
    held: _Line | None = None
    at = 0
    for row in written.split("\n"):
        begin, at = at, at + len(row) + 1
        bare = row.lstrip()
        if not bare:
            continue
        end, indent = begin + len(row), len(row) - len(bare)
        start = _START.fullmatch(written, begin, end)
        if held and not start and _continues(written, held, begin, end, indent):
            held = replace(held, end=end)
            continue
        if held:
            yield held
        held = _Line(begin, end, indent, start, None if start else _KEY_LINE.match(written, begin, end))
    if held:
        yield held


def _continues(text: str, held: _Line, begin: int, end: int, indent: int) -> bool:
    """Whether a line belongs to the one above: it stands further in, or that one ends in a comma.

    A known key that stands too far in is a line of its own, unless the one above has nothing behind its colon.
    """
    if held.key is None:
        return False
    deeper = indent > held.indent
    if held.indent == 0 or not text[held.key.end() : text.find("\n", held.key.end())].strip():
        return deeper
    tail = text[max(held.begin, held.end - 80) : held.end].rstrip()
    known = _known_key(text, begin, end)
    return (deeper or not known) if tail.endswith((",", "|", "[", "(", "{")) else (deeper and not known)


def _known_key(text: str, begin: int, end: int) -> bool:
    key = _KEY_LINE.match(text, begin, end)
    return key is not None and clause_key(key.group("key")) in KEYS
