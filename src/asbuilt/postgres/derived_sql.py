"""The SQL of a derived operation: one statement, one row, its JSON built by PostgreSQL.

Aliases: `t` is the row (or the rows) the operation is about, `p1`, `p2`, ... its parents up the path.
"""

from collections.abc import Callable, Mapping, Sequence

from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.derivation import PAGE_SIZE, Assignment, Deed, Derivation, Junction, Link, Write
from asbuilt.postgres.derived_json import Scope, Written, row_json
from asbuilt.postgres.derived_path import climb, joined, key_is, parents, where
from asbuilt.postgres.derived_writes import ROW, written_with
from asbuilt.postgres.json_text import array_of
from asbuilt.postgres.spelling import bound, cast_type, column_of, identifier, table_name
from asbuilt.postgres.statement import Query


def derived_query(derivation: Derivation, catalog: Catalog, present: frozenset[str] = frozenset()) -> Query:
    """The statement of a derived operation while the names in `present` (of `derivation.optional`) are given.

    What it answers, by the derivation's outcome:

    - `object`: one row, one column `body` (text that is JSON); no row: `no row`.
    - `list`: the same; no row: the parent on the path is missing.
    - `page`: one row, columns `body` (the items) and `next` (a JSON array of strings, the last row's
      values for `derivation.cursor_names`; NULL on the last page); no row: the parent is missing.
    - `nothing`: one row (of no interest) when the row on the path was there, else none.

    With an address, the texts of its values follow in columns of their own.

    Parameters that are bound to jsonb are lists or objects of the body, as JSON text; those of a cursor
    are bound as text, whatever the column's type; all others by their kind.
    """
    scope = Scope(catalog, present)
    sql = _DEEDS[derivation.deed](derivation, scope)
    return Query(sql, tuple(scope.numbers.names))


def _read(derivation: Derivation, scope: Scope) -> str:
    tables, conditions = climb(derivation.hops, derivation.table, scope)
    sources = [f"{table_name(derivation.table)} AS t", *tables]
    return f"SELECT {_answer(derivation, scope)} AS body\nFROM {', '.join(sources)}" + where(
        [*_keyed(derivation, scope), *conditions]
    )


def _list(derivation: Derivation, scope: Scope) -> str:
    tables, conditions = parents(derivation.hops, scope)
    if derivation.outcome == "page":
        body = _page(derivation, scope)
        if not tables:
            return body
        lateral = f"CROSS JOIN LATERAL (\n{body}\n) AS page"
        return f"SELECT page.body, page.next\nFROM {', '.join(tables)}\n{lateral}" + where(conditions)
    body = array_of(f"SELECT {_answer(derivation, scope)}\n{_rows(derivation, scope, _size(derivation, scope))}")
    source = f"\nFROM {', '.join(tables)}" + where(conditions) if tables else ""
    return f"SELECT {body} AS body{source}"


def _page(derivation: Derivation, scope: Scope) -> str:
    """One row more than asked is read: it says whether there is a next page."""
    size = _size(derivation, scope) or str(PAGE_SIZE)
    rows = f"SELECT t.*\n  {_rows(derivation, scope, f'{size} + 1')}"
    keys = [(column_of("t", column), f"k{at}") for at, column in enumerate(derivation.order, 1)]
    arrays = ", ".join(f"array_agg({column}::text) AS {name}" for column, name in keys)
    last = ", ".join(f"{name}[{size}]" for _, name in keys)
    return (
        f"SELECT '[' || coalesce(array_to_string(items[:{size}], ','), '') || ']' AS body,\n"
        f"  CASE WHEN cardinality(items) > {size} AND {size} > 0 THEN json_build_array({last})::text END AS next\n"
        f"FROM (SELECT array_agg({_answer(derivation, scope)}) AS items, {arrays}\n"
        f"  FROM (\n  {rows}\n  ) AS t) AS page"
    )


def _rows(derivation: Derivation, scope: Scope, limit: str) -> str:
    """FROM to LIMIT of a list: the rows of the nearest parent `p1`, if there is one, that pass the filters."""
    tables = [f"{table_name(derivation.table)} AS t"]
    conditions: list[str] = []
    if derivation.hops:
        others, conditions = joined(derivation.hops[0], "t", "p1")
        tables += others[1:]  # the parent itself is found outside, once
    for item in derivation.filters:
        if item.optional and item.parameter not in scope.present:
            continue
        type_ = scope.type(derivation.table, item.column)
        value = bound(scope.numbers.of(item.parameter), item.kind, type_, scope.catalog, many=item.many)
        conditions.append(f"{column_of('t', item.column)} = " + (f"ANY({value})" if item.many else value))
    if derivation.cursor in scope.present and derivation.order:
        conditions.append(_after(derivation, scope))
    order = ", ".join(column_of("t", column) for column in derivation.order)
    tail = (f"\n  ORDER BY {order}" if order else "") + (f"\n  LIMIT {limit}" if limit else "")
    return f"FROM {', '.join(tables)}" + where(conditions, "\n  ") + tail


def _after(derivation: Derivation, scope: Scope) -> str:
    columns = [column_of("t", column) for column in derivation.order]
    values = [
        f"{scope.numbers.of(name)}::text::{cast_type(scope.type(derivation.table, column))}"
        for name, column in zip(derivation.cursor_names, derivation.order, strict=True)
    ]
    if len(columns) == 1:
        return f"{columns[0]} > {values[0]}"
    return f"({', '.join(columns)}) > ({', '.join(values)})"


def _size(derivation: Derivation, scope: Scope) -> str:
    given = derivation.limit is not None and derivation.limit in scope.present
    return f"{scope.numbers.of(derivation.limit)}::bigint" if derivation.limit and given else ""


def _create(derivation: Derivation, scope: Scope) -> str:
    tables, conditions = parents(derivation.hops, scope)
    columns, values = [], []
    for hop in derivation.hops[:1]:
        if hop.link:
            columns += [identifier(column) for column in hop.link.columns]
            values += [column_of("p1", column) for column in hop.link.references]
    for given in _given(derivation, scope):
        columns.append(identifier(given.column))
        values.append(_value(derivation, given, scope))
    row = f"INSERT INTO {table_name(derivation.table)} AS t"
    if not columns:
        row += " DEFAULT VALUES"
    elif tables:
        source = f"FROM {', '.join(tables)}" + where(conditions)
        row += f" ({', '.join(columns)})\nSELECT {', '.join(values)}\n{source}"
    else:
        row += f" ({', '.join(columns)})\nVALUES ({', '.join(values)})"
    return _written(row, derivation, scope, renew=False)


def _replace(derivation: Derivation, scope: Scope) -> str:
    left_out = [a for a in derivation.assignments if a.optional and a.presence not in scope.present]
    sets = [f"{identifier(given.column)} = DEFAULT" for given in left_out]
    return _update(derivation, scope, sets)


def _change(derivation: Derivation, scope: Scope) -> str:
    return _update(derivation, scope, [])


def _update(derivation: Derivation, scope: Scope, sets: Sequence[str]) -> str:
    given = [f"{identifier(a.column)} = {_value(derivation, a, scope)}" for a in _given(derivation, scope)]
    sets = [*given, *sets]
    writes = _active(derivation, scope)
    if not sets and not writes:
        return _read(derivation, scope)
    tables, conditions = climb(derivation.hops, derivation.table, scope)
    found = where([*_keyed(derivation, scope), *conditions])
    if sets:
        source = f"\nFROM {', '.join(tables)}" if tables else ""
        row = f"UPDATE {table_name(derivation.table)} AS t\nSET {', '.join(sets)}{source}{found}"
    else:
        sources = [f"{table_name(derivation.table)} AS t", *tables]
        row = f"SELECT t.*\nFROM {', '.join(sources)}{found}\nFOR NO KEY UPDATE OF t"
    return _written(row, derivation, scope, renew=True)


def _delete(derivation: Derivation, scope: Scope) -> str:
    tables, conditions = climb(derivation.hops, derivation.table, scope)
    using = f"\nUSING {', '.join(tables)}" if tables else ""
    found = where([*_keyed(derivation, scope), *conditions])
    return (
        f"DELETE FROM {table_name(derivation.table)} AS t{using}{found}\nRETURNING {_answer(derivation, scope)} AS body"
    )


_DEEDS: Mapping[Deed, Callable[[Derivation, Scope], str]] = {
    "create": _create,
    "read": _read,
    "list": _list,
    "replace": _replace,
    "change": _change,
    "delete": _delete,
}


def _written(row: str, derivation: Derivation, scope: Scope, *, renew: bool) -> str:
    """The statement that writes the row, and its lists with it, and answers."""
    writes = _active(derivation, scope)
    if not writes:
        return f"{row}\nRETURNING {_answer(derivation, scope)} AS body{_address(derivation, scope)}"
    returning = "" if row.startswith("SELECT") else "\nRETURNING t.*"
    parts = [f"{ROW} AS ({row}{returning})"]
    fresh: dict[tuple[str, Link | Junction], str] = {}
    for number, write in enumerate(writes, 1):
        more, sources = written_with(write, number, scope, renew=renew)
        parts += more
        fresh |= sources
    answer = f"{_answer(derivation, scope, fresh)} AS body{_address(derivation, scope)}"
    return f"WITH {', '.join(parts)}\nSELECT {answer}\nFROM {ROW} AS t"


def _address(derivation: Derivation, scope: Scope) -> str:
    values = []
    for part in derivation.address:
        if part.column:
            values.append(f"{column_of('t', part.column)}::text")
        elif part.parameter:
            key, type_ = part.parameter, scope.type(part.parent, part.parameter.column)
            values.append(f"({bound(scope.numbers.of(key.parameter), key.kind, type_, scope.catalog)})::text")
    return "".join(f", {value} AS at_{number}" for number, value in enumerate(values, 1))


def _answer(derivation: Derivation, scope: Scope, fresh: Written | None = None) -> str:
    if derivation.outcome == "nothing":
        return "true"
    return row_json("t", derivation.table, derivation.members, scope, fresh)


def _active(derivation: Derivation, scope: Scope) -> list[Write]:
    """The lists to write: a list that was left out is empty for PUT, and no business of POST and PATCH."""
    everything = derivation.deed == "replace"
    return [w for w in derivation.writes if everything or not w.optional or w.parameter in scope.present]


def _given(derivation: Derivation, scope: Scope) -> list[Assignment]:
    return [a for a in derivation.assignments if not a.optional or a.presence in scope.present]


def _value(derivation: Derivation, given: Assignment, scope: Scope) -> str:
    type_ = scope.type(derivation.table, given.column)
    return bound(scope.numbers.of(given.parameter), given.kind, type_, scope.catalog)


def _keyed(derivation: Derivation, scope: Scope) -> list[str]:
    return [key_is("t", derivation.table, part.column, part, scope) for part in derivation.key]
