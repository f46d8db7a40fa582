"""Database Schema: the live catalogue means what the document's schema means."""

import re
from collections.abc import Iterator

from asbuilt.component import Component
from asbuilt.ledger import Kind
from asbuilt.postgres.agreement import Agreement
from asbuilt.postgres.drift import drift
from asbuilt.postgres.inventory import Inventory, take
from asbuilt.postgres.observing import observe
from asbuilt.postgres.rehearsal import Rehearsal, rehearse
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.postgres.witness_row import likely_apart, witness_rows
from asbuilt.verify.probe import probe
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Finding, Verdict

_KINDS: tuple[Kind, ...] = ("table", "column", "constraint", "index", "type", "view")


@probe("catalogue", *_KINDS, needs=("database",), cost=1, risk=6)
def catalogue(trial: Trial) -> Iterator[Verdict]:
    """Makes the document's schema in a scratch database and compares both catalogues, by meaning."""
    data = trial.component.data
    if not data.ddl or trial.target.database is None:
        return
    tables = [table.name for table in data.catalog.tables]
    try:
        yield from compared(trial, rehearse(data.ddl), observe(trial.target.database, take, tables))
    except DatabaseUnavailable as reason:
        yield from _unchecked(trial, reason.message, set())


def compared(trial: Trial, ours: Rehearsal, live: Inventory) -> Iterator[Verdict]:
    """What a live catalogue says of the claims that make up the document's own. Raises `DatabaseUnavailable`."""
    found = list(drift(ours.inventory, live, bound_names(trial.component), _partial(trial.component, ours)))
    apart = [each for each in found if each.rivals is not None]
    rivals = [each.rivals for each in apart if each.rivals]
    rows = witness_rows(trial.component.data.ddl, rivals) if apart else []
    witnesses = dict(zip(map(id, apart), rows, strict=True))
    seen = set()
    for agreement in found:
        claim = trial.ledger.find(agreement.kind, *agreement.names)
        if claim is None or claim.id in seen:
            continue
        seen.add(claim.id)
        left_out = ours.why_not(claim.span) if agreement.kind != "table" else ""
        if left_out and not agreement.agrees:
            yield Verdict(claim, "unchecked", f"not all of it could be made to compare with: {left_out}")
        else:
            finding, why = _judged(agreement, witnesses.get(id(agreement)))
            yield Verdict(claim, finding, why, _evidence(agreement))
    yield from _unchecked(trial, "", seen, ours)


def _judged(agreement: Agreement, row: str | None) -> tuple[Finding, str]:
    """`row` shows that two conditions differ; where it is empty, nothing was found that does."""
    if agreement.agrees:
        return "verified", agreement.remark or "the catalogue holds the same"
    if row:
        return "refuted", f"{agreement.differs}; they differ where {row}"
    if row == "" and agreement.rivals and not likely_apart(agreement.rivals):
        return "unchecked", f"{agreement.differs}; no row was found on which they differ"
    return "refuted", agreement.differs


def bound_names(component: Component) -> frozenset[str]:
    """Constraints that the error table or a statement refers to by name."""
    names = {constraint.name for _, constraint in component.data.catalog.constraints()}
    told = {name for clauses in component.clauses.values() for clause in clauses for name in clause.constraints}
    said = "\n".join(pattern.statement.sql.text for pattern in component.data.patterns)
    return frozenset(
        name
        for name in names
        if name in told or re.search(rf'\bON\s+CONSTRAINT\s+"?{re.escape(name)}\b', said, re.IGNORECASE)
    )


def _partial(component: Component, ours: Rehearsal) -> frozenset[str]:
    """Tables of which not all was made that the document says."""
    catalog = component.data.catalog
    lost = " ".join(component.source.text[each.span.start : each.span.end] for each in ours.unmade)
    words = set(re.findall(r"\w+", lost))
    places = [each.span for each in ours.unmade]
    known = {table.name for table in catalog.tables}
    return frozenset(
        table.name
        for table in catalog.tables
        if table.name.rpartition(".")[2] in words
        or any(span.start < table.span.end and table.span.start < span.end for span in places)
        or any(key.table not in known for key in table.foreign_keys)
    )


def _unchecked(trial: Trial, why: str, seen: set[str], ours: Rehearsal | None = None) -> Iterator[Verdict]:
    foreign = _elsewhere(trial.component)
    for claim in trial.ledger.claims:
        if claim.kind in _KINDS and claim.id not in seen:
            reason = why or (ours.why_not(claim.span) if ours else "") or foreign.get(claim.names, "")
            reason = reason or "it could not be made in the scratch database to compare with"
            yield Verdict(claim, "unchecked", reason)


def _elsewhere(component: Component) -> dict[tuple[str, ...], str]:
    """Foreign keys to tables that the document does not define, and why they could not be made."""
    catalog = component.data.catalog
    known = {table.name for table in catalog.tables}
    return {
        (table.name, key.name): f"the document does not define `{key.table}`, which it refers to"
        for table in catalog.tables
        for key in table.foreign_keys
        if key.table not in known
    }


def _evidence(agreement: Agreement) -> Evidence:
    held = agreement.held or "nothing"
    return Evidence(measured=f"the document: {agreement.said}\nthe catalogue: {held}", command=_psql(agreement))


def _psql(agreement: Agreement) -> str:
    """A line for a shell that shows the same."""
    what = {"type": r"\dT+", "view": r"\d+", "index": r"\d"}.get(agreement.kind, r"\d")
    return f"psql \"$DATABASE_URL\" -c '{what} {agreement.names[0]}'"
