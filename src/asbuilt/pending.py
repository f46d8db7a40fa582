"""What a document says that this release recognises and does not enact yet, and which of it protects something."""

import re
from collections.abc import Iterable, Iterator

from asbuilt.component import Component, Pending
from asbuilt.coverage import ROWS, Gap, Row
from asbuilt.diagnostics import Diagnostic, rule
from asbuilt.document import (
    SUBSECTIONS,
    Block,
    Fence,
    Heading,
    ListBlock,
    Outline,
    Paragraph,
    Part,
    Table,
    read_settings,
    texts,
)
from asbuilt.language.names import snake
from asbuilt.sections.api import Api, Clause, Endpoint
from asbuilt.sections.state_machines import StateMachines
from asbuilt.source import Span

# Clauses of an endpoint that protect something, with the values that ask for nothing.
_GUARDS = {
    "auth": frozenset({"none"}),
    "roles": frozenset({"none", "anyone"}),
    "limit": frozenset({"none"}),
    "idempotency": frozenset({"none"}),
}
_NOTHING = re.compile(
    r"(?i)^\W*+(?:\w[\w /-]{0,40}:\W*+)?(?:none\b|no \w+|nothing\b|not applicable\b|n/a\b|anyone may \*$)"
)
_MACHINE = re.compile(r"(?im)^[ \t]*(?:states|transitions)\s*:|stateDiagram|-->|->|→|=>")


_MACHINES = "state-machines.machine"


def read(outline: Outline, api: Api, machines: StateMachines) -> tuple[Pending, ...]:
    """The parts, machines and endpoint clauses that are not enacted, in the order of the document."""
    parts = [pending for key in ROWS for pending in _parts(outline, key)]
    told = [pending.span for pending in parts]
    drawn = [pending for pending in _machines(machines) if not any(_within(pending.span, span) for span in told)]
    clauses = [pending for endpoint in api.endpoints for pending in _clauses(endpoint)]
    return tuple(sorted((*parts, *drawn, *clauses), key=lambda one: one.span.start))


def _machines(machines: StateMachines) -> Iterator[Pending]:
    """The machines under headings of any kind; one without transitions forbids nothing."""
    for machine in machines.machines:
        protects = bool(machine.transitions)
        yield Pending(_MACHINES, machine.name.text, machine.name.span, protects, _reason(ROWS[_MACHINES]))


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _parts(outline: Outline, key: str) -> Iterator[Pending]:
    row = ROWS[key]
    if not isinstance(row.served, Gap) or not (isinstance(row.read, Gap) or row.guards):
        return
    for part in outline.parts(key):
        if part.own:
            title = SUBSECTIONS[key].title if not SUBSECTIONS[key].named else part.title.plain
            yield Pending(key, title, part.title.span, row.guards and _guards(key, part), _reason(row))


def _reason(row: Row) -> str:
    """Why a subsection is not enacted: it has no reader, or none that carries it out."""
    gap = row.read if isinstance(row.read, Gap) else row.served
    return gap.reason if isinstance(gap, Gap) else ""


def _guards(key: str, part: Part) -> bool:
    """Whether the text protects something: a machine only if it has transitions, security unless it says "none"."""
    statements = list(_statements(part.own))
    if key == "state-machines.machine":
        return any(isinstance(block, Table) for block in part.own) or any(_MACHINE.search(text) for text in statements)
    return any(not _NOTHING.match(text) for text in statements)


def _statements(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Fence):
            yield from (line for line in block.body.text.splitlines() if line.strip())
        elif isinstance(block, Paragraph | ListBlock | Table):
            yield from (text.plain for text in texts([block]) if text.plain.strip())
        elif not isinstance(block, Heading):
            yield "something else"


def _clauses(endpoint: Endpoint) -> Iterator[Pending]:
    for clause in endpoint.clauses:
        if clause.key in _GUARDS and clause.text.strip().lower() not in _GUARDS[clause.key]:
            yield _pending_clause(endpoint, clause)


def _pending_clause(endpoint: Endpoint, clause: Clause) -> Pending:
    title = f"{clause.key.capitalize()} of {endpoint.title}"
    return Pending(f"clause.{clause.key}", title, clause.span, protects=True, why="it has no enactment yet")


def names(outline: Outline, drawn: StateMachines) -> frozenset[str]:
    """The names of what is not enacted, as algorithms and operations use them: machines, upstreams."""
    machines = (part.title.plain.partition("(")[0] for part in outline.parts("state-machines.machine"))
    settings = read_settings(outline.blocks("integration.service-discovery")).settings
    named = (*machines, *(setting.key.plain for setting in settings))
    return frozenset({*(snake(name) for name in named if name.strip()), *drawn.by_name})


@rule("RUN101", severity="note")
def not_enacted(component: Component) -> Iterator[Diagnostic]:
    """A subsection that this release recognises and does not enact yet.

    It is kept, its links and code spans are checked, and nothing of it is carried out when the component runs.
    The coverage page lists what is done with each subsection of the template.
    """
    for pending in component.pending:
        if not pending.protects:
            yield not_enacted.at(pending, f"{pending.title} is not enacted yet: {pending.why}")


@rule("RUN102", severity="warning")
def unprotected(component: Component) -> Iterator[Diagnostic]:
    """A line that protects something and that this release cannot enact: `asbuilt run` refuses the document.

    Served without it, the component would accept what the document forbids. Authentication, authorization,
    encryption, roles, limits, idempotency and state machines are of this kind. Delete the lines to serve the rest
    unprotected, knowingly; `Auth: none`, `Scheme: none` say the same and stay.
    """
    alike: dict[str, list[Pending]] = {}
    for pending in component.pending:
        if pending.protects:
            alike.setdefault(pending.key if pending.key.startswith("clause.") else pending.title, []).append(pending)
    for first, *others in alike.values():
        more = f" and {len(others)} more endpoint{'s' * (len(others) > 1)}" if others else ""
        yield unprotected.at(
            first,
            f"{first.title}{more} protects something and is not enacted yet",
            hint="`asbuilt run` refuses this document until it is enacted, or the lines are gone",
        )


RULES = (not_enacted, unprotected)
