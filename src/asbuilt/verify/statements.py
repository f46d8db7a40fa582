"""Data Access Patterns: the target's database takes each statement, and takes and gives what the document says."""

from collections.abc import Iterator

from asbuilt.component import Component
from asbuilt.postgres.catalog import Catalog, SqlType
from asbuilt.postgres.observing import observe
from asbuilt.postgres.planning import Planned, planned
from asbuilt.postgres.spelling import base_type
from asbuilt.postgres.statement import Signature
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.sections.data import Pattern
from asbuilt.verify.probe import probe
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Finding, Verdict

_NOT_ALLOWED = "42501"
_QUERIES = {"select", "insert", "update", "delete", "merge"}
_TEXTS = {"character varying", "character", "bpchar", "name"}


@probe("statements", "pattern", needs=("database",), cost=0.5, risk=5)
def statements(trial: Trial) -> Iterator[Verdict]:
    """Prepares each statement there, without executing it, and asks for its plan."""
    tried = preparable(trial.component)
    if not tried or trial.target.database is None:
        return
    try:
        tables = [table.name for table in trial.component.data.catalog.tables]
        found = observe(trial.target.database, lambda connection: planned(connection, tried), tables)
    except DatabaseUnavailable as reason:
        for pattern in tried:
            yield trial.unchecked(reason.message, "pattern", pattern.name.text)
        return
    yield from judged(trial, tried, found)


def preparable(component: Component) -> list[Pattern]:
    """The statements that can be prepared anywhere."""
    return [each for each in component.data.patterns if each.statement.verb in _QUERIES and not each.statement.faults]


def judged(trial: Trial, tried: list[Pattern], found: list[Planned]) -> Iterator[Verdict]:
    """What a database says of each statement, held against the document."""
    for pattern, each in zip(tried, found, strict=True):
        if trial.ledger.find("pattern", pattern.name.text):
            finding, why = _judged(trial.component, pattern, each)
            yield trial.verdict(finding, why, _evidence(each), "pattern", pattern.name.text)


def _judged(component: Component, pattern: Pattern, there: Planned) -> tuple[Finding, str]:
    if there.refusal:
        finding: Finding = "unchecked" if there.sqlstate == _NOT_ALLOWED else "refuted"
        return finding, f"PostgreSQL refuses it there: {there.refusal}"
    signature = component.signature(pattern.name.text)
    if signature is None or not signature.refereed:
        return "unchecked", "PostgreSQL takes it there; what the document's own schema gives is not known"
    differences = list(_differences(signature, there, component.data.catalog))
    return (
        ("refuted", "; ".join(differences)) if differences else ("verified", "PostgreSQL takes it, types as documented")
    )


def _differences(ours: Signature, there: Planned, catalog: Catalog) -> Iterator[str]:
    known = dict(there.parameters)
    for name, type_ in ours.parameters:
        if _plain(type_, catalog) != _plain(known.get(name, type_), catalog):
            yield f"it takes `:{name}` as `{known[name]}`, by the document's schema as `{type_}`"
    columns = dict(there.columns)
    for column in ours.columns:
        type_ = columns.get(column.name, column.type)
        if column.name not in columns:
            yield f"it gives no `{column.name}`"
        elif _plain(column.type, catalog) != _plain(type_, catalog):
            yield f"it gives `{column.name}` as `{type_}`, by the document's schema as `{column.type}`"


def _plain(type_: SqlType, catalog: Catalog) -> SqlType:
    """What a driver sees: no lengths, no domains, one kind of text."""
    base = base_type(SqlType(type_.name.rpartition(".")[2], (), min(type_.dimensions, 1)), catalog)
    return SqlType("text" if base.name in _TEXTS else base.name, (), base.dimensions)


def _evidence(there: Planned) -> Evidence:
    types = ", ".join(f"{name} {type_}" for name, type_ in (*there.parameters, *there.columns))
    measured = there.refusal or f"parameters and results: {types or 'none'}"
    statement = " ".join(there.sql.split())
    quoted = statement.replace("'", "'\\''")
    return Evidence(plan=there.plan, measured=measured, command=f"psql \"$DATABASE_URL\" -c 'PREPARE p AS {quoted}'")
