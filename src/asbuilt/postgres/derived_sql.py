"""The SQL of a derived operation: one statement, one row, its JSON built by PostgreSQL."""

from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.derivation import Derivation
from asbuilt.postgres.statement import Query


def derived_query(derivation: Derivation, catalog: Catalog, present: frozenset[str] = frozenset()) -> Query:
    """The statement of a derived operation while the names in `present` (of `derivation.optional`) are given.

    What it answers, by the derivation's outcome:

    - `object`: one row, one column `body` (text that is JSON); no row: `no row`.
    - `list`: the same; no row: the parent on the path is missing.
    - `page`: one row, columns `body` (the items) and `next` (a JSON array of strings, the last row's
      values for `derivation.cursor_names`; NULL on the last page); no row: the parent is missing.
    - `nothing`: one row (of no interest) when the row on the path was there, else none.

    Parameters that are bound to json are lists or objects of the body, as JSON text; those of a cursor
    are bound as text, whatever the column's type; all others by the column's type.
    """
    raise NotImplementedError
