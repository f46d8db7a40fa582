"""The page of an author's statement: one row more than asked is read, and the last row's order is the cursor."""

from asbuilt.language.types import Type, Types
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.json_sql import items_of, row_text
from asbuilt.postgres.json_text import array_of
from asbuilt.postgres.query_text import parts_of, with_casts
from asbuilt.postgres.rows import Rows
from asbuilt.postgres.spelling import cast_type, column_of
from asbuilt.postgres.statement import Fault, Query, ResultColumn, Statement

_GIVEN = {"body", "principal", "request"}


def page_keys(statement: Statement) -> tuple[str, ...]:
    """The output columns whose values make the cursor, in the order of `next`'s array."""
    return tuple(key.output for key in statement.order if key.output)


def cursor_parameters(statement: Statement) -> tuple[str, ...]:
    """The parameters that take a cursor's values: `after.created_at` for the column `created_at`."""
    dotted = (name.partition(".") for name in statement.parameters if "." in name)
    return tuple(f"{head}.{tail}" for head, _, tail in dotted if head not in _GIVEN)


def page_fault(statement: Statement, columns: tuple[ResultColumn, ...], catalog: Catalog) -> Fault | None:
    """Why a statement cannot be cut into pages without losing or repeating rows; None where it can."""
    whole = statement.sql.whole
    if parts_of(statement.sql.text).limit is None:
        return Fault("a page needs a LIMIT", whole, "write `LIMIT :limit`")
    if not statement.order:
        return Fault("a page needs an ORDER BY", whole, "order by columns that tell any two rows apart")
    for key in statement.order:
        if key.output is None or (columns and not any(column.name == key.output for column in columns)):
            return Fault(
                f"the order `{key.expression}` is not among the columns that are selected, so no cursor can hold it",
                whole,
                f"select `{key.expression}` as well",
            )
    return _unused(statement) or _nullable(statement, columns, catalog) or _ties(statement, columns, catalog)


def _unused(statement: Statement) -> Fault | None:
    keys = page_keys(statement)
    taken = {name.partition(".")[2] for name in cursor_parameters(statement)}
    if taken >= set(keys[:1]):
        return None
    sign = "<" if statement.order[0].descending else ">"
    left, right = ", ".join(keys), ", ".join(f":after.{key}" for key in keys)
    if len(keys) > 1:
        left, right = f"({left})", f"({right})"
    return Fault(
        "nothing makes the statement begin behind the cursor",
        statement.sql.whole,
        f"add `AND {left} {sign} {right} -- when after`",
    )


def _sources(statement: Statement, columns: tuple[ResultColumn, ...]) -> dict[str, tuple[str, str]]:
    """For each key of the order, the table and column it comes from, as far as that is known."""
    known = {column.name: column.source for column in columns if column.source}
    if len(statement.tables) == 1:
        table = statement.tables[0]
        known = {key: (table, key) for key in page_keys(statement)} | known
    return {key: known[key] for key in page_keys(statement) if key in known}


def _nullable(statement: Statement, columns: tuple[ResultColumn, ...], catalog: Catalog) -> Fault | None:
    for key, (name, source) in _sources(statement, columns).items():
        table = catalog.table(name)
        column = table.column(source) if table else None
        primary = table.primary_key if table else None
        if column is None or column.not_null or (primary and source in primary.columns):
            continue
        return Fault(
            f"`{key}` may be null, and a page that begins behind a null is empty",
            statement.sql.whole,
            f"declare `{name}.{source}` NOT NULL, or order by another column",
        )
    return None


def _ties(statement: Statement, columns: tuple[ResultColumn, ...], catalog: Catalog) -> Fault | None:
    sources = _sources(statement, columns)
    if len(sources) < len(page_keys(statement)):
        return None
    for name in {table for table, _ in sources.values()}:
        table = catalog.table(name)
        ordered = frozenset(column for owner, column in sources.values() if owner == name)
        if table is None or not table.keys or table.unique(ordered):
            return None
    table = catalog.table(next(iter(sources.values()))[0])
    primary = table.primary_key if table else None
    behind = ", ".join(f"`{column}`" for column in primary.columns) if primary else "a unique column"
    return Fault(
        f"two rows may have the same {_listed(tuple(sources))}, and then a page skips one of them",
        statement.sql.whole,
        f"order by {behind} as well, and compare it with the cursor",
    )


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def page_query(
    query: Query, statement: Statement, columns: tuple[ResultColumn, ...], answer: Type, types: Types, catalog: Catalog
) -> Query:
    """The page variant of a statement for which `page_fault` is None: one row, columns `body` and `next`.

    `answer` is `Page[T]`. One row more than the LIMIT says is read; `body` holds the items as a JSON
    array, `next` is a JSON array of strings, the last item's values for the columns of `page_keys`, NULL
    on the last page. The parameters of the cursor are bound as text, whatever the column's type.
    """
    types_of = {column.name: column.type for column in columns}
    casts = {
        name: f"::text::{cast_type(type_)}"
        for name in cursor_parameters(statement)
        if name in query.parameters and (type_ := types_of.get(name.partition(".")[2]))
    }
    query = with_casts(query, casts)
    item = items_of(answer, types)
    span = parts_of(query.sql).limit
    if span is None:  # the LIMIT is conditional, and its condition does not hold
        rows = Rows.of(query.sql, columns)
        body = array_of(f"SELECT {row_text(rows, item, types, catalog)} FROM {rows.source}")
        return Query(f"{rows.prefix}SELECT {body} AS body, NULL::text AS next", query.parameters)
    size = f"({query.sql[slice(*span)]})::bigint"
    rows = Rows.of(f"{query.sql[: span[0]]}{size} + 1{query.sql[span[1] :]}", columns)
    keys = [(column_of("r", key), f"k{number}") for number, key in enumerate(page_keys(statement), 1)]
    arrays = ", ".join(f"array_agg({column}::text) AS {name}" for column, name in keys)
    last = ", ".join(f"{name}[{size}]" for _, name in keys)
    items = f"array_agg({row_text(rows, item, types, catalog)}) AS items"
    return Query(
        f"{rows.prefix}SELECT '[' || coalesce(array_to_string(items[:{size}], ','), '') || ']' AS body,\n"
        f"  CASE WHEN cardinality(items) > {size} AND {size} > 0 THEN json_build_array({last})::text END AS next\n"
        f"FROM (SELECT {items}, {arrays}\n  FROM {rows.source}) AS page",
        query.parameters,
    )
