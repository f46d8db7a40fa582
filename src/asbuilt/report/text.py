"""Findings as a terminal shows them. Nothing a document holds reaches it as it is."""

from collections.abc import Callable, Iterable, Iterator

from asbuilt.diagnostics import Diagnostic
from asbuilt.report.excerpt import Excerpt, clipped, excerpt, visible
from asbuilt.report.order import counted, in_order, most_severe
from asbuilt.source import Source, Span
from asbuilt.values import frozen

_COLOURS = {"error": "1;31", "warning": "1;33", "note": "1;36", "gutter": "1;34", "related": "1;34", "help": "1;32"}
_WHOLE = 4  # lines of a span that are all shown; of a longer one the first and the last

Paint = Callable[[str, str], str]


def render_text(source: Source, diagnostics: Iterable[Diagnostic], *, colour: bool, limit: int | None) -> str:
    """Findings with their source lines, in the order of the document, and a summary as the last line.

    With a limit the most severe findings are shown, and how many there are beside them is said.
    """
    found = in_order(diagnostics)
    kept = most_severe(found, limit)
    paint = _painted if colour else _plain
    name = visible(str(source.path))
    summary = f"{counted(found)} in {name}" if found else f"no findings in {name}"
    if len(kept) < len(found):
        shown = set(map(id, kept))
        hidden = [one for one in found if id(one) not in shown]
        summary += f" ({counted(hidden)} not shown: --all shows everything)"
    return "\n\n".join([*(_page(source, name, one, paint) for one in kept), summary])


def _painted(text: str, colour: str) -> str:
    return f"\033[{_COLOURS[colour]}m{text}\033[0m" if text else text


def _plain(text: str, _colour: str) -> str:
    return text


@frozen
class _Mark:
    """A span to be underlined, and what to write beside the line."""

    span: Span
    sign: str
    colour: str
    label: str


def _page(source: Source, name: str, one: Diagnostic, paint: Paint) -> str:
    marks = [_Mark(one.span, "^", one.severity, "")]
    marks += [_Mark(related.span, "-", "related", visible(clipped(related.message))) for related in one.related]
    rows = [row for mark in sorted(marks, key=lambda mark: mark.span.start) for row in _underlined(source, mark)]
    gutter = len(str(max(row.excerpt.line for row in rows)))
    at = source.position(one.span.start)
    return "\n".join(
        [
            f"{paint(f'{one.severity}[{one.code}]', one.severity)} {one.name}: {visible(clipped(one.message))}",
            f"{' ' * gutter}{paint('-->', 'gutter')} {name}:{at.line}:{at.column}",
            f"{' ' * gutter} {paint('|', 'gutter')}",
            *_snippet(rows, gutter, paint),
            *_remarks(one, gutter, paint),
        ]
    )


@frozen
class _Row:
    """A source line with one mark under it."""

    excerpt: Excerpt
    mark: _Mark
    label: str


def _underlined(source: Source, mark: _Mark) -> Iterator[_Row]:
    """The rows of a mark: its lines, or the first and the last of many. The label stands beside the last."""
    first = source.position(mark.span.start).line
    last = max(first, source.position(max(mark.span.start, mark.span.end - 1)).line)
    shown = range(first, last + 1) if last - first < _WHOLE else (first, last)
    for line in shown:
        indented = source.line_start(line) + len(source.line(line)) - len(source.line(line).lstrip())
        start = mark.span.start if line == first else min(indented, mark.span.end)
        yield _Row(excerpt(source, line, Span(start, mark.span.end)), mark, mark.label if line == last else "")


def _snippet(rows: list[_Row], gutter: int, paint: Paint) -> Iterator[str]:
    """The rows as text. A line that several marks share is written once, lines left out are dots."""
    rows = sorted(rows, key=lambda row: row.excerpt.line)
    bar = paint("|", "gutter")
    previous: Excerpt | None = None
    for row in rows:
        here = row.excerpt
        if previous is not None and here.line > previous.line + 1:
            yield paint("...", "gutter")
        if previous is None or (here.line, here.text) != (previous.line, previous.text):
            yield f"{paint(str(here.line).rjust(gutter), 'gutter')} {bar} {here.text}".rstrip()
        signs = paint(row.mark.sign * here.width + (f" {row.label}" if row.label else ""), row.mark.colour)
        yield f"{' ' * gutter} {bar} {' ' * here.column}{signs}"
        previous = here


def _remarks(one: Diagnostic, gutter: int, paint: Paint) -> Iterator[str]:
    indent = " " * gutter
    if one.witness:
        first, *more = one.witness.expandtabs().split("\n")
        yield f"{indent} {paint('=', 'gutter')} witness: {visible(first)}"
        yield from (f"{indent}            {visible(line)}".rstrip() for line in more)
    if one.hint:
        yield f"{indent} {paint('=', 'gutter')} {paint('help:', 'help')} {visible(clipped(one.hint))}"
    if one.fix:
        yield f"{indent} {paint('=', 'gutter')} {paint('fix:', 'help')} {visible(clipped(one.fix.title))}"
