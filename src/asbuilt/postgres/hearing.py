"""The SQL of a document brought before a referee, or what it said of the same SQL before."""

from collections.abc import Callable, Sequence
from importlib import import_module

from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.remembered import recalled, remember
from asbuilt.postgres.statement import Fault
from asbuilt.postgres.verdict import Named, Verdict
from asbuilt.source import Fragment


def heard(
    ddl: Sequence[Fragment], statements: Sequence[Named], catalog: Catalog, *, known: Sequence[Fault] = ()
) -> Verdict:
    """As `referee`, which is imported only for SQL that it has not judged before: it brings a driver along."""
    if not (ddl or statements):
        return Verdict()
    verdict = recalled(ddl, statements, known)
    if verdict is None:
        ask: Callable[..., Verdict] = import_module("asbuilt.postgres.referee").referee
        verdict = ask(ddl, statements, catalog, known=known)
        remember(ddl, statements, known, verdict)
    return verdict
