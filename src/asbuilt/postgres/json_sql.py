"""JSON built by PostgreSQL, as the response type spells it: for patterns of the author and for derived operations."""

from collections.abc import Mapping

from asbuilt.language.types import Type, Types
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.derivation import Outcome
from asbuilt.postgres.statement import Fault, Query, ResultColumn, Statement

# What every connection of the service is set to; the spelling of values relies on it.
SESSION_SETTINGS: Mapping[str, str] = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "jit": "off",
}


def json_query(
    query: Query,
    columns: tuple[ResultColumn, ...],
    answer: Type | None,
    types: Types,
    outcome: Outcome,
    catalog: Catalog,
) -> Query:
    """The author's statement, wrapped so that its answer is one row with the JSON of type `answer`.

    `query` is compiled (`$n`) and gives rows with `columns`. `answer` is the response type as
    documented: the object's for `object`, `list[T]` for `list` (None: all columns by their names).

    - `object`: column `body` (text that is JSON); no row: `no row`. Of several rows, the first counts.
    - `list`: one row, column `body`, `[]` without rows.
    - `nothing`: the statement as it is.

    Pages: `page_query`. A member of the type that no column gives is null, or left out where it may be absent:
    `missing_members` tells.
    """
    raise NotImplementedError


def missing_members(columns: tuple[ResultColumn, ...], answer: Type, types: Types) -> tuple[str, ...]:
    """The required members of the response type (of its items) that no column of the result gives."""
    raise NotImplementedError


def page_fault(statement: Statement, columns: tuple[ResultColumn, ...], catalog: Catalog) -> Fault | None:
    """Why a statement cannot be paged: no LIMIT, no ORDER BY, an order that is not in the output or leaves ties."""
    raise NotImplementedError


def page_query(
    query: Query, statement: Statement, columns: tuple[ResultColumn, ...], item: Type, types: Types, catalog: Catalog
) -> Query:
    """The page variant of a statement for which `page_fault` is None: one row, columns `body` and `next`.

    One row more than the LIMIT says is fetched; `body` holds the items, `next` is a JSON array of
    strings, the last item's values for the columns of `page_keys`, NULL on the last page. Parameters
    `<cursor>.<column>` are bound as text, whatever the column's type.
    """
    raise NotImplementedError


def page_keys(statement: Statement) -> tuple[str, ...]:
    """The output columns whose values make the cursor, in the order of `next`'s array."""
    raise NotImplementedError


def with_constants(query: Query, values: Mapping[str, int]) -> Query:
    """The statement with these parameters written into it as integers.

    PostgreSQL plans `LIMIT 21` once and well; for `LIMIT $1` it may plan anew at each call. Worth a
    statement of its own for the default of a limit.
    """
    raise NotImplementedError
