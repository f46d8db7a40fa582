"""The SQL of a document brought before a referee, or what it said of the same SQL before."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module

from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.remembered import recalled, remember
from asbuilt.postgres.statement import Fault
from asbuilt.postgres.verdict import Named, Verdict
from asbuilt.source import Fragment


@contextmanager
def hearing(
    ddl: Sequence[Fragment], statements: Sequence[Named], catalog: Catalog, *, known: Sequence[Fault] = ()
) -> Iterator[Callable[[], Verdict]]:
    """A call that waits for the verdict, which a server thinks about while the block does something else."""
    verdict = recalled(ddl, statements, known) if ddl or statements else Verdict()
    if verdict is not None:
        yield lambda: verdict
        return
    with ThreadPoolExecutor(1) as executor:
        yield executor.submit(_asked, ddl, statements, catalog, known).result


def _asked(ddl: Sequence[Fragment], statements: Sequence[Named], catalog: Catalog, known: Sequence[Fault]) -> Verdict:
    """As `referee`, which is imported only for SQL that it has not judged before: it brings a driver along."""
    ask: Callable[..., Verdict] = import_module("asbuilt.postgres.referee").referee
    verdict = ask(ddl, statements, catalog, known=known)
    remember(ddl, statements, known, verdict)
    return verdict
