"""ORM Models: each mapped column is what the live catalogue holds."""

from collections.abc import Iterator

from asbuilt.postgres.catalog import Catalog, Table
from asbuilt.postgres.introspect import introspect
from asbuilt.postgres.observing import observe
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.sections.data import MappedColumn, differences
from asbuilt.verify.probe import probe
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence, Finding, Verdict


@probe("mapped classes", "mapped column", needs=("database",), cost=0.5, risk=4)
def mapped_classes(trial: Trial) -> Iterator[Verdict]:
    """Compares type, null, keys and references of each mapped column with the catalogue."""
    mapped = trial.component.data.mapped
    if not mapped or trial.target.database is None:
        return
    try:
        live = observe(trial.target.database, introspect)
    except DatabaseUnavailable as reason:
        for claim in trial.ledger.claims:
            if claim.kind == "mapped column":
                yield Verdict(claim, "unchecked", reason.message)
        return
    for each in mapped:
        table = _table(live, each.table.text)
        for column in each.columns:
            known = trial.ledger.find("mapped column", each.name.text, column.name.text)
            if known is not None:
                finding, why, held = _judged(column, table, each.table.text, live)
                command = f"psql \"$DATABASE_URL\" -c '\\d {each.table.text}'"
                measured = f"the document: {_told(column)}\nthe catalogue: {held}"
                yield Verdict(known, finding, why, Evidence(measured=measured, command=command))


def _table(live: Catalog, name: str) -> Table | None:
    """By its name, else in whatever schema there is one alone of that name."""
    local = name.rpartition(".")[2]
    alike = [table for table in live.tables if table.name.rpartition(".")[2] == local]
    return live.table(name) or (alike[0] if len(alike) == 1 else None)


def _judged(column: MappedColumn, table: Table | None, name: str, live: Catalog) -> tuple[Finding, str, str]:
    if table is None:
        return "refuted", f"the catalogue has no table `{name}`", "nothing"
    actual = table.column(column.name.text)
    if actual is None:
        return "refuted", f"`{name}` has no column `{column.name.text}` there", "nothing"
    held = f"{actual.name} {actual.type}{' NOT NULL' if actual.not_null else ''}"
    found = list(differences(column, actual, table, live))
    return ("refuted", "; ".join(found), held) if found else ("verified", "the catalogue holds the same", held)


def _told(column: MappedColumn) -> str:
    null = {None: "", True: ", may be null", False: ", never null"}[column.nullable]
    marks = [", primary key"] * column.primary_key + [", unique"] * column.unique
    refers = f", refers to {column.foreign_key}" if column.foreign_key else ""
    return f"{column.name.text} {column.sql_type or 'as annotated'}{null}{''.join(marks)}{refers}"
