"""A database of no value, brought back to the rows it had when it was made."""

from asbuilt.postgres.direct import execute, fetch
from asbuilt.postgres.login import DatabaseUrl

_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\\_%'
  AND n.nspname NOT IN ('information_schema', 'asbuilt', 'asbuilt_counting')
ORDER BY 1
"""


def empty_tables(url: str) -> tuple[str, ...]:
    """The tables that hold no row, quoted. Raises `asbuilt.postgres.direct.execute`'s errors."""
    login = DatabaseUrl(url)
    names = [str(row[0]) for row in fetch(login, _TABLES)]
    return tuple(name for name in names if not fetch(login, f"SELECT 1 FROM {name} LIMIT 1"))


def empty(url: str, tables: tuple[str, ...]) -> None:
    """Empties tables that were empty once; those that point at them, too."""
    if tables:
        execute(DatabaseUrl(url), f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
