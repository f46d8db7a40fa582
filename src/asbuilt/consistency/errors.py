"""Errors must be raised by something, listed where they can happen, and have one status wherever they are mentioned."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from asbuilt.component import Cause, Component, Operation
from asbuilt.component.cause import DEFAULT_STATUS, WIDER
from asbuilt.component.causes import causes_of, error_row
from asbuilt.component.error_clauses import Clause
from asbuilt.component.occasions import occasions
from asbuilt.component.reach import reach_of
from asbuilt.diagnostics import Diagnostic, Edit, Fix, rule
from asbuilt.language.names import Name
from asbuilt.sections.api import ErrorRow
from asbuilt.source import Span

_CODE = re.compile(r"(?<![A-Za-z0-9_])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![A-Za-z0-9_])")
_BEFORE = re.compile(r"(?<![\d.])(?P<status>[45]\d\d)[ \t`'\"*:(\[|–—-]{1,6}$")
_AFTER = re.compile(r"[ \t`'\"*:)(\]\[|–—-]{1,6}(?P<status>[45]\d\d)(?![\d.])")
# Answers of the HTTP baseline, which are the same in every component and need no row.
_BASELINE: frozenset[Cause] = frozenset(
    (
        "unknown route",
        "method",
        "malformed",
        "too large",
        "media type",
        "not acceptable",
        "precondition",
        "timeout",
        "unavailable",
        "internal",
    )
)
# Causes of sections that have no enactment yet.
_ELSEWHERE: frozenset[Cause] = frozenset(
    {"unauthenticated", "token missing", "token invalid", "forbidden", "too many requests", "key missing", "key reused"}
)


@rule("API411")
def unlisted_error(component: Component) -> Iterator[Diagnostic]:
    """An algorithm raises an error that its endpoint does not list under `Errors`.

    Callers read the list, and so does the OpenAPI document: an error that is not in it takes them by surprise.
    """
    known = {row.code.text for row in component.api.errors}
    for operation in component.operations:
        listed = {name.text for name in operation.endpoint.errors}
        for raised in _raised(component, operation):
            if raised.text in known and raised.text not in listed:
                listed.add(raised.text)
                yield unlisted_error.at(
                    raised,
                    f"`{operation.endpoint.title}` may answer `{raised.text}`, and does not list it",
                    hint=f"add it to the `Errors:` of `{operation.endpoint.title}`",
                    also=[(operation.endpoint.route, "this endpoint")],
                    fix=_appended(operation, raised.text),
                )


def _raised(component: Component, operation: Operation) -> Iterator[Name]:
    for function in reach_of(component, operation).functions:
        yield from function.raises


def _appended(operation: Operation, code: str) -> Fix | None:
    """The edit that puts a code behind the last that the endpoint lists."""
    errors = operation.endpoint.errors
    if not errors:
        return None
    end = errors[-1].span.end
    return Fix(f"list `{code}`", (Edit(Span(end, end), f", {code}"),))


@rule("API412", severity="warning")
def unreachable_error(component: Component) -> Iterator[Diagnostic]:
    """Nothing can cause an error of the table: no algorithm raises it, no cause leads to it, no endpoint lists it.

    A row's causes are the references of its description: `no row`, `validation`, a constraint, a pattern
    (see "Error Responses" in the manual). Say what causes it, or delete the row.
    """
    resolved = bool(component.operations) and not any(operation.hole for operation in component.operations)
    if not resolved:
        return
    idle = _uncaused(component)
    for row in component.api.errors:
        if row.code.text in idle and not _is_of_elsewhere(component, row):
            hint = "name its cause in the description, such as `no row` or a constraint, or delete the row"
            yield unreachable_error.at(row.code, f"nothing can cause `{row.code.text}`", hint=hint)


def _uncaused(component: Component) -> set[str]:
    """The codes that nothing mentions, nothing raises and no cause of an operation leads to."""
    idle = {row.code.text for row in component.api.errors} - _mentioned(component)
    for operation in component.operations:
        if not idle:
            break
        idle -= {each.row.code.text for each in causes_of(component, operation) if each.row}
    return idle


def _mentioned(component: Component) -> set[str]:
    """The codes that something outside the error table names, such as a section that is not enacted yet."""
    return {match.group() for match in _mentions(component)}


def _mentions(component: Component) -> Iterator[re.Match[str]]:
    """Every code in the document that stands in no row of the error table."""
    rows = sorted((row.span.start, row.span.end) for row in component.api.errors)
    for match in _CODE.finditer(component.source.text):
        before = bisect_right(rows, (match.start(), len(component.source.text))) - 1
        if before < 0 or match.start() >= rows[before][1]:
            yield match


def _is_of_elsewhere(component: Component, row: ErrorRow) -> bool:
    """Whether the row answers a cause that every component has, or one of a section that is not enacted yet."""
    causes = {cause for clause in component.clauses.get(row.code.text, ()) for cause in clause.causes}
    guarded = any(pending.protects for pending in component.pending)
    by_status = {cause for cause in _BASELINE if DEFAULT_STATUS[cause] == row.status}
    return bool(causes & _BASELINE or by_status or (guarded and causes & _ELSEWHERE))


@rule("API413", severity="note")
def unanswered_cause(component: Component) -> Iterator[Diagnostic]:
    """An operation can fail in a way that no row of the error table answers.

    The answer is a problem (RFC 9457) with the status of the HTTP baseline. Give the cause a row to choose
    code, status and body: `no row` for a row that is not there, `validation` for a refused request,
    `conflict` or the constraint's name for what is taken.
    """
    if not component.api.errors:
        return
    answered = _BASELINE | _answered_everywhere(component)
    found: dict[Cause, list[Operation]] = {}
    for operation in component.operations:
        for cause, about in _occasions(component, operation):
            told = cause in answered or operation in found.get(cause, [])[-1:]
            if not told and error_row(component, operation, cause, about) is None:
                found.setdefault(cause, []).append(operation)
    for cause, operations in found.items():
        yield _unanswered(cause, operations)


def _occasions(component: Component, operation: Operation) -> Iterator[tuple[Cause, tuple[str, ...]]]:
    if operation.hole is None:
        yield from dict.fromkeys(occasions(component, operation, reach_of(component, operation)))


def _answered_everywhere(component: Component) -> frozenset[Cause]:
    """The causes that a row answers whatever they are about: it refers to the cause and to nothing else."""
    clauses = (clause for found in component.clauses.values() for clause in found)
    plain = frozenset(cause for c in clauses if Clause(causes=c.causes) == c for cause in c.causes)
    return plain | frozenset(cause for cause, wider in WIDER.items() if wider in plain)


def _unanswered(cause: Cause, operations: Sequence[Operation]) -> Diagnostic:
    first = operations[0].endpoint
    more = f" and {len(operations) - 1} more" if operations[1:] else ""
    message = f"no row of the error table answers `{cause}`, which `{first.title}`{more} can give"
    hint = (
        f"add a row with `{cause}` in its description; until then it is a problem with status {DEFAULT_STATUS[cause]}"
    )
    return unanswered_cause.at(first.route, message, hint=hint)


@rule("API414")
def conflicting_mention(component: Component) -> Iterator[Diagnostic]:
    """An error code is mentioned with another status than its row in the error table has.

    One of the two is out of date, and whoever reads the other codes against it.
    """
    statuses: dict[str, set[int]] = {}
    for row in component.api.errors:
        statuses.setdefault(row.code.text, set()).add(row.status)
    rows = {row.code.text: row for row in reversed(component.api.errors)}
    for match in _mentions(component) if rows else ():
        known = statuses.get(match.group())
        said = _status_beside(component.source.text, match) if known else None
        if known and said and int(said.group("status")) not in known:
            start = match.start() - 12 + said.start("status") if said.re is _BEFORE else said.start("status")
            yield _conflicting(rows[match.group()], int(said.group("status")), Span(start, start + 3))


def _status_beside(text: str, match: re.Match[str]) -> re.Match[str] | None:
    """The status that stands right before or right after a code; None where both do, as in a row of several codes."""
    before = _BEFORE.search(text[max(0, match.start() - 12) : match.start()].rjust(12))
    after = _AFTER.match(text, match.end())
    return before or after if not (before and after) else None


def _conflicting(row: ErrorRow, status: int, span: Span) -> Diagnostic:
    return conflicting_mention.at(
        Name(str(status), span),
        f"`{row.code.text}` is {status} here and {row.status} in the error table",
        hint="mend the one that is out of date",
        also=[(Name(row.code.text, row.status_span), f"{row.status} here")],
    )


@rule("API415", severity="warning")
def unmentioned_errors(component: Component) -> Iterator[Diagnostic]:
    """Codes of the error table that the rest of the document never mentions.

    No endpoint says that it may answer them. List each under the endpoints that do, or delete it. This is
    for documents whose operations are described in prose; where they can be resolved, `unreachable-error` says more.
    """
    if not component.api.endpoints or (component.operations and not any(o.hole for o in component.operations)):
        return
    mentioned = _mentioned(component)
    idle = [row.code for row in component.api.errors if row.code.text not in mentioned and not _speaks(component, row)]
    if idle:
        names = ", ".join(f"`{name.text}`" for name in idle[:6]) + (f" and {len(idle) - 6} more" if idle[6:] else "")
        hint = "list them under `Errors` of the endpoints that answer them"
        yield unmentioned_errors.at(idle[0], f"no endpoint mentions {names}", hint=hint)


def _speaks(component: Component, row: ErrorRow) -> bool:
    """Whether the row says itself what causes it."""
    return any(clause.has_cause or clause.operations for clause in component.clauses.get(row.code.text, ()))


RULES = (unlisted_error, unreachable_error, unanswered_cause, conflicting_mention, unmentioned_errors)
