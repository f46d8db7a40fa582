"""Front matter and Implementation Overview: what the component is called, and what it is made of."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from asbuilt.diagnostics import Diagnostic, Edit, Fix, closest, rule
from asbuilt.document import Block, Fence, ListBlock, Outline, Paragraph, Table, Text, flattened
from asbuilt.language.names import Name, snake
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

STATUSES = ("Draft", "Current", "Deprecated", "Superseded")
_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_TITLE_TAIL = re.compile(r"\s*(?:implementation\s+)?(?:specification|spec)\s*$", re.IGNORECASE)
_DATE_FORMS = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%Y/%m/%d", "%d.%m.%Y", "%Y.%m.%d")
_BRANCH = re.compile(r"[\s│├└─┬┌┐┘╰╭|+`\\-]*")
_ENTRY = re.compile(r"(?!\.\.\.)[\w.@~][^\s#←]*|\[[^\]\s]+\][^\s#←]*")
_CLOCKS_APART = timedelta(days=1)


@frozen
class Facts:
    """`paths` are relative to the root of the repository; folders end in a slash. `read_on` is the day of reading.

    `name` is always a slug; `component`, `status_word` and `updated` are what the author wrote, None where nothing.
    """

    name: str
    name_span: Span
    title: str
    status: str = "Current"
    summary: str = ""
    stack: tuple[tuple[str, str, Span], ...] = ()
    paths: tuple[Name, ...] = ()
    component: Name | None = None
    status_word: Name | None = None
    updated: Name | None = None
    implements: Name | None = None
    read_on: date = date.max


def read(outline: Outline, today: date) -> Facts:
    """The facts of a document; what it does not say is taken from its title or the name of its file."""
    front = {setting.name: setting.value for setting in reversed(outline.front_matter)}
    component = _written(front, "component", "componentname")
    status = _written(front, "documentstatus", "status")
    title = outline.title.plain.strip() if outline.title else ""
    spoken = component.text if component else _TITLE_TAIL.sub("", title) or outline.document.source.path.stem
    shown = component.span if component else outline.title.span if outline.title else Span(0, 0)
    implements = front.get("implements")
    return Facts(
        name=slug(spoken) or "component",
        name_span=shown,
        title=title or spoken,
        status=next((word for word in STATUSES if status and status.text.casefold() == word.casefold()), "Current"),
        summary=_summary(outline),
        stack=tuple(_stack(outline.blocks("overview.technology-stack"))),
        paths=tuple(_paths(outline.blocks("overview.repository-structure"))),
        component=component,
        status_word=status if "documentstatus" in front else None,
        updated=_written(front, "lastupdated"),
        implements=Name(implements.plain, implements.span) if implements else None,
        read_on=today,
    )


def slug(text: str) -> str:
    """`Order Service` and `OrderService` are `order-service`; what no slug can hold is dropped."""
    words = snake(text) if text.isidentifier() else text.casefold()
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-").lstrip("0123456789-")


def _written(front: dict[str, Text], *names: str) -> Name | None:
    """The value of the first of these keys; a placeholder, which is reported as one, is no value."""
    value = next((front[name] for name in names if name in front), None)
    plain = value.plain.strip() if value else ""
    return Name(plain, value.span) if value and plain and not re.search(r"<[^>]*>", value.text) else None


def _summary(outline: Outline) -> str:
    blocks = (*outline.blocks("overview"), *outline.preamble)
    prose = (block.text for block in blocks if isinstance(block, Paragraph) and not block.text.label)
    return next((" ".join(text.plain.split()) for text in prose), "")


def _stack(blocks: tuple[Block, ...]) -> Iterator[tuple[str, str, Span]]:
    """Pairs of what and which: `Language`, `Python 3.12`. A bullet without a label is a pair without a what."""
    for block in flattened(blocks):
        match block:
            case Table():
                for row in block.rows:
                    if len(row.cells) > 1:
                        yield row.cells[0].plain.strip(), row.cells[1].plain.strip(), row.span
            case ListBlock():
                for text in filter(None, (item.text for item in block.items)):
                    label = text.label
                    if label:
                        yield label.name.plain.strip(), label.rest.plain.strip(), text.span
                    else:
                        yield from _plain_pair(text)
            case Fence():
                for line in Text(block.body).lines:
                    yield from _plain_pair(line)


def _plain_pair(text: Text) -> Iterator[tuple[str, str, Span]]:
    what, colon, which = text.plain.partition(":")
    if colon and len(what) <= 40:
        yield what.strip(), which.strip(), text.span
    elif text.plain.strip() and len(text.plain) <= 60:
        yield "", text.plain.strip(), text.span


def _paths(blocks: tuple[Block, ...]) -> Iterator[Name]:
    for block in flattened(blocks):
        if isinstance(block, Fence):
            yield from tree_paths(block.body)
        elif isinstance(block, Paragraph) and "├" in block.text.text:
            yield from tree_paths(block.text.fragment)
        elif isinstance(block, ListBlock):
            spans = (span for item in block.items if item.text for span in item.text.code_spans[:1])
            yield from (Name(span.text, span.span) for span in spans if _ENTRY.fullmatch(span.text))


def tree_paths(body: Fragment) -> Iterator[Name]:
    """The paths of a drawn tree, whatever it is drawn with: depth is the column in which a name begins.

    A first line that all others hang on is the repository itself and no part of the paths.
    """
    entries = list(_entries(body))
    columns = [column for column, _, _ in entries]
    rooted = len(entries) > 1 and entries[0][1].endswith("/") and min(columns[1:]) > columns[0]
    above: list[tuple[int, str]] = []
    for column, name, span in entries[rooted:]:
        while above and above[-1][0] >= column:
            above.pop()
        path = (above[-1][1] if above else "") + name.removeprefix("./")
        above.append((column, path if path.endswith("/") else f"{path}/"))
        yield Name(path, span)


def _entries(body: Fragment) -> Iterator[tuple[int, str, Span]]:
    at = 0
    for line in body.text.split("\n"):
        column = _BRANCH.match(line).end()  # type: ignore[union-attr]  # it matches the empty string too
        entry = _ENTRY.match(line, column)
        if entry:
            yield column, entry.group(), body.span(at + column, at + entry.end())
        at += len(line) + 1


@rule("DOC110", severity="warning")
def component_name(facts: Facts) -> Iterator[Diagnostic]:
    """`Component` is no slug: lower case letters, digits and hyphens, beginning with a letter.

    The name becomes a package, an image, a service and the prefix of metrics, which take nothing else.
    Until it is one, a slug made of it is used.
    """
    written = facts.component
    if written and not _SLUG.fullmatch(written.text):
        fix = Fix(f"write `{facts.name}`", (Edit(written.span, facts.name),))
        message = f"`{written.text}` is no slug; `{facts.name}` is used in its place"
        hint = "a slug has lower case letters, digits and hyphens, such as `order-service`"
        yield component_name.at(written, message, hint=hint, fix=fix)


@rule("DOC111")
def document_status(facts: Facts) -> Iterator[Diagnostic]:
    """`Document Status` is none of Draft, Current, Deprecated and Superseded.

    Readers and tools act on it: a deprecated component is marked so in its OpenAPI document.
    """
    written = facts.status_word
    if written and written.text.casefold() not in map(str.casefold, STATUSES):
        close = closest(written.text, STATUSES)
        fix = Fix(f"replace by `{close}`", (Edit(written.span, close),)) if close else None
        hint = f"did you mean `{close}`?" if close else "one of Draft, Current, Deprecated, Superseded"
        yield document_status.at(written, f"`{written.text}` is no document status", hint=hint, fix=fix)


@rule("DOC112")
def last_updated(facts: Facts) -> Iterator[Diagnostic]:
    """`Last Updated` is no date as ISO 8601 writes it, or lies in the future.

    Write `2026-11-23`. A day ahead is allowed, since days begin earlier in the east.
    """
    written = facts.updated
    if written is None:
        return
    day = _iso_date(written.text)
    if day is None:
        meant = _other_date(written.text)
        fix = Fix(f"write `{meant}`", (Edit(written.span, meant.isoformat()),)) if meant else None
        hint = f"write `{meant}`" if meant else "write it as year-month-day, such as `2026-01-31`"
        yield last_updated.at(written, f"`{written.text}` is no ISO 8601 date", hint=hint, fix=fix)
    elif facts.read_on < date.max and day > facts.read_on + _CLOCKS_APART:
        yield last_updated.at(written, f"`{written.text}` lies in the future", hint="write the day of the last change")


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _other_date(text: str) -> date | None:
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


RULES = (component_name, document_status, last_updated)
