"""Paths as authors write them: `/orders/{id: UUID}`, `/orders/:id`, `/orders/<int:id>`, `/{slug: articles.slug}`."""

import re

from asbuilt.diagnostics import Hole
from asbuilt.language.annotations import read_annotation_text
from asbuilt.language.names import Name
from asbuilt.language.scalars import named
from asbuilt.language.types import Scalar, Type
from asbuilt.sections.api.model import Literally, Parameter, Route, Segment, Variable
from asbuilt.source import Fragment
from asbuilt.values import frozen

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
# A path ends at white space that stands in no braces; a full stop or comma at its end belongs to the prose around it.
PATH = r"/(?:\{[^{}\n]*\}|<[^<>\n]*>|\[[\w.]+\]|[^\s{}<>`'\"\[\]|,;()…])*"
_HOST = re.compile(r"(?:https?://[^/\s?#]+|\$\{?\w+\}?|\{\{?\w+\}\}?)(?=/)")
_SEGMENT = re.compile(
    r"(?P<prefix>[^{}<>:]*)(?:\{(?P<braces>[^{}]*)\}|<(?P<angles>[^<>]*)>|:(?P<colon>[A-Za-z_]\w*)\??)(?P<suffix>[^{}<>]*)"
)
_INNER = re.compile(r"\s*(?P<name>[A-Za-z_$][\w$.-]*)\s*\??\s*(?::(?P<type>.*))?", re.DOTALL)
_TYPED_FIRST = re.compile(r"\s*(?P<type>[a-z]+)(?:\([^()]*\))?\s*:\s*(?P<name>[A-Za-z_]\w*)\s*")
_COLUMN = re.compile(r"[a-z_]\w*(?:\.[a-z_]\w*){1,2}")
# What the routers of frameworks call types: Flask's converters, regular expressions of Starlette and chi.
_CONVERTERS = {"string": "str", "int": "int", "float": "float", "uuid": "UUID", "str": "str", "slug": "str"}


@frozen
class ReadPath:
    """A route, the parameters its path declares, and its query string, if it has one."""

    route: Route
    parameters: tuple[Parameter, ...]
    query: Fragment | None = None


def read_path(fragment: Fragment, holes: list[Hole]) -> ReadPath | None:
    """The route that a text is, scheme and host left out; None where it is none."""
    host = _HOST.match(fragment.text)
    begin = host.end() if host else 0
    text = fragment.text
    mark = _outside_braces(text, "?", begin)
    end = mark if mark >= 0 else len(text)
    if not text.startswith("/", begin):
        return None
    segments: list[Segment] = []
    parameters: list[Parameter] = []
    for start, stop in _segments(text, begin, end):
        if start == stop:
            continue
        segment = _segment(fragment.part(start, stop), parameters, holes)
        if segment is None:
            return None
        segments.append(segment)
    route = Route(
        tuple(segments), fragment.span(begin, end), trailing=text[begin:end].endswith("/") and end - begin > 1
    )
    return ReadPath(route, tuple(parameters), fragment.part(mark + 1, len(text)) if mark >= 0 else None)


def is_wildcard(path: ReadPath) -> bool:
    """Whether a path ends in `*`: it speaks of all paths that begin so."""
    last = path.route.segments[-1] if path.route.segments else None
    return isinstance(last, Literally) and last.text in ("*", "**")


def _segments(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start, depth = begin + 1, 0
    for at in range(begin + 1, end):
        char = text[at]
        if char in "{<":
            depth += 1
        elif char in "}>":
            depth -= 1
        elif char == "/" and depth <= 0:
            found.append((start, at))
            start = at + 1
    return [*found, (start, end)]


def _outside_braces(text: str, wanted: str, begin: int) -> int:
    depth = 0
    for at in range(begin, len(text)):
        char = text[at]
        if char in "{<":
            depth += 1
        elif char in "}>":
            depth -= 1
        elif char == wanted and depth <= 0:
            return at
    return -1


def _segment(written: Fragment, parameters: list[Parameter], holes: list[Hole]) -> Segment | None:
    match = _SEGMENT.fullmatch(written.text)
    if match is None:
        if any(char in written.text for char in "{}<>"):
            hint = "one parameter per segment, as in `/orders/{id}`"
            holes.append(Hole(written.whole, f"`{written.text}` is not a segment of a path", hint))
            return None
        return Literally(written.text, written.whole)
    group = next(group for group in ("braces", "angles", "colon") if match.group(group) is not None)
    found = _parameter(written.part(*match.span(group)), holes)
    if found is None:
        holes.append(Hole(written.whole, "a parameter of a path needs a name", "write `{id}` or `{id: UUID}`"))
        return None
    parameters.append(found)
    return Variable(found.name.text, written.whole, match.group("prefix"), match.group("suffix"))


def _parameter(inner: Fragment, holes: list[Hole]) -> Parameter | None:
    flask = _TYPED_FIRST.fullmatch(inner.text)
    if flask and flask.group("type") in _CONVERTERS:
        name = Name(flask.group("name"), inner.span(*flask.span("name")))
        return Parameter(
            name, "path", named(_CONVERTERS[flask.group("type")], inner.span(*flask.span("type"))), inner.whole
        )
    match = _INNER.fullmatch(inner.text)
    if match is None:
        return None
    name = Name(match.group("name").strip("."), inner.span(*match.span("name")))
    written = (match.group("type") or "").strip()
    if not written or written == "path" or any(char in written for char in "\\+*^$?"):
        return Parameter(name, "path", untyped(name), inner.whole)
    begin = match.start("type") + len(match.group("type")) - len(match.group("type").lstrip())
    type_ = inner.part(begin, begin + len(written))
    if _COLUMN.fullmatch(written):
        column = Name(written, type_.whole)
        return Parameter(name, "path", untyped(name), inner.whole, column=column)
    return Parameter(name, "path", read_annotation_text(type_, holes).type, inner.whole)


def untyped(name: Name) -> Type:
    """The type of a parameter that the author gave none: text, and its span is that of the name."""
    return Scalar("str", name.span)
