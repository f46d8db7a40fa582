"""From a source to its component and diagnostics.

The slices are listed here by hand, and this is the only module that sees their notations and rules.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from asbuilt import pending
from asbuilt.component import Component
from asbuilt.component.operations import resolve_operations
from asbuilt.consistency import (
    calls,
    columns,
    conditions,
    enumerations,
    error_causes,
    errors,
    events,
    machines,
    members,
    operations,
    references,
    transactions,
    unused,
    variables,
    witness,
)
from asbuilt.diagnostics import Diagnostic, Hole, Rule
from asbuilt.document import Outline, read_blocks, read_outline, read_source
from asbuilt.document import rules as document_rules
from asbuilt.document.suppressions import Suppression, read_suppressions
from asbuilt.language.types import Types
from asbuilt.postgres.hearing import hearing
from asbuilt.postgres.verdict import Verdict, unheard
from asbuilt.sections import overview, prose
from asbuilt.sections.algorithms import notation as algorithms_notation
from asbuilt.sections.algorithms import rules as algorithms_rules
from asbuilt.sections.api import notation as api_notation
from asbuilt.sections.api import rules as api_rules
from asbuilt.sections.configuration import notation as configuration_notation
from asbuilt.sections.configuration import rules as configuration_rules
from asbuilt.sections.data import Data
from asbuilt.sections.data import notation as data_notation
from asbuilt.sections.data import rules as data_rules
from asbuilt.sections.state_machines import notation as machines_notation
from asbuilt.sections.state_machines import rules as machines_rules
from asbuilt.source import Source
from asbuilt.values import frozen

COMPONENT_RULES: tuple[Rule[Component], ...] = (
    *references.RULES,
    *operations.RULES,
    *transactions.RULES,
    *calls.RULES,
    *errors.RULES,
    *error_causes.RULES,
    *columns.RULES,
    *members.RULES,
    *conditions.RULES,
    *witness.RULES,
    *enumerations.RULES,
    *machines.RULES,
    *events.RULES,
    *variables.RULES,
    *unused.RULES,
    *pending.RULES,
)
RULES: tuple[Rule[Any], ...] = (
    *document_rules.RULES,
    *overview.RULES,
    *api_rules.RULES,
    *data_rules.RULES,
    *algorithms_rules.RULES,
    *machines_rules.RULES,
    *configuration_rules.RULES,
    *COMPONENT_RULES,
)
# Codes of rules that are gone, and what became of them: a code is never given out twice.
RETIRED: dict[str, str] = {}


@frozen
class Loaded:
    """A document as far as it could be understood. With errors among the diagnostics it is not to be served."""

    source: Source
    outline: Outline
    component: Component
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.severity == "error")

    @property
    def unservable(self) -> tuple[Hole, ...]:
        """What keeps a document without errors from being served: endpoints without an operation, and lines that
        protect something and are not enacted. Served all the same, it would be unprotected in silence.
        """
        operations = self.component.operations
        undone = (
            Hole(operation.endpoint.span, f"{operation.endpoint.title}: {operation.hole.message}")
            for operation in operations
            if operation.hole is not None
        )
        guards = (
            Hole(pending.span, f"{pending.title} protects something and is not enacted yet")
            for pending in self.component.pending
            if pending.protects
        )
        return (*undone, *_waiting(self.component), *guards)


def _waiting(component: Component) -> Iterator[Hole]:
    """The algorithms that call what is not enacted yet."""
    for algorithm in component.algorithms.functions:
        for argument in algorithm.arguments:
            if argument.name.text in component.elsewhere:
                message = f"`{algorithm.name.text}` calls `{argument.name.text}`, which is not enacted yet"
                yield Hole(argument.name.span, message)


def load(path: Path, *, referee: bool = True) -> Loaded:
    """Read and check a document. Nothing it contains is executed.

    `referee` asks a scratch PostgreSQL server, where one can be had, what it thinks of the SQL.
    Raises `UnreadableDocument` where there is no text to read.
    """
    return read(read_source(path), referee=referee)


def read(source: Source, *, referee: bool = True, today: date | None = None) -> Loaded:
    """As `load`, for a source at hand. `today` is what `Last Updated` is compared with."""
    with _uncollected():
        return _read(source, referee=referee, today=today or date.today())


@contextmanager
def _uncollected() -> Iterator[None]:
    """All that is read here lives on: to look through it for garbage again and again would take half of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _read(source: Source, *, referee: bool, today: date) -> Loaded:
    outline = read_outline(read_blocks(source))
    written = data_notation.read(outline)
    with _hearing(written, referee=referee) as verdict:
        facts = overview.read(outline, today=today)
        api = api_notation.read(outline)
        algorithms = algorithms_notation.read(outline)
        drawn = machines_notation.read(outline)
        configuration = configuration_notation.read(outline)
        data, signatures = _judged(written, verdict()), verdict().signatures
    elsewhere = pending.names(outline, drawn)
    types = Types(api.definitions)
    component = Component(
        source=source,
        facts=facts,
        api=api,
        data=data,
        algorithms=algorithms,
        configuration=configuration,
        machines=drawn,
        operations=resolve_operations(api, data, algorithms, types, signatures, elsewhere, drawn),
        signatures=signatures,
        pending=pending.read(outline, api, drawn),
        prose=prose.read(outline),
        elsewhere=elsewhere,
    )
    found = (
        *_findings(document_rules.RULES, outline),
        *_findings(overview.RULES, facts),
        *_findings(api_rules.RULES, api),
        *_findings(data_rules.RULES, data),
        *_findings(algorithms_rules.RULES, algorithms),
        *_findings(configuration_rules.RULES, configuration),
        *_findings(machines_rules.RULES, drawn),
        *_findings(COMPONENT_RULES, component),
    )
    return Loaded(source, outline, component, tuple(_in_order(found, outline)))


def _hearing(data: Data, *, referee: bool) -> AbstractContextManager[Callable[[], Verdict]]:
    if referee:
        return hearing(data.ddl, data.patterns, data.catalog, known=data.faults)
    verdict = unheard(data.patterns, data.catalog)
    return nullcontext(lambda: verdict)


def _judged(data: Data, verdict: Verdict) -> Data:
    """The data with what PostgreSQL says against it."""
    return replace(data, faults=(*data.faults, *verdict.faults), unrefereed=verdict.unrefereed)


def _in_order(found: Iterable[Diagnostic], outline: Outline) -> list[Diagnostic]:
    """The findings in the order of the document, without those that the author allows. Errors cannot be allowed."""
    allowed = read_suppressions(outline).allowed
    kept = (one for one in found if one.severity == "error" or not any(_silences(each, one) for each in allowed))
    return sorted(kept, key=lambda one: (one.span.start, one.code))


def _silences(suppression: Suppression, found: Diagnostic) -> bool:
    covers = suppression.covers.start <= found.span.start < suppression.covers.end
    return covers and suppression.rule in {found.name, found.code}


def _findings(rules: Iterable[Rule[Any]], subject: object) -> Iterator[Diagnostic]:
    for rule in rules:
        yield from rule(subject)
