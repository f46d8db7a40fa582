"""Rows written along with their parent: children from a list in the body, and the rows of a junction.

A statement does not see what its other parts write (https://www.postgresql.org/docs/18/queries-with.html), so each
part returns what the answer needs, and what is inserted waits for what is deleted by reading its count.
"""

from asbuilt.postgres.derivation import ItemColumn, LinksWrite, RowsWrite, Write
from asbuilt.postgres.derived_json import Scope, Written, equal
from asbuilt.postgres.spelling import base_type, cast_type, column_of, identifier, interval_of, literal, table_name

ROW = "_row"


def written_with(write: Write, number: int, scope: Scope, *, renew: bool) -> tuple[list[str], Written]:
    """The parts of a WITH that write the rows of a list, and where the answer reads those rows.

    They hang on the part `_row`. `renew`: the row was there before, so that rows which are not in
    the list go.
    """
    if isinstance(write, RowsWrite):
        return _rows(write, number, scope, renew=renew)
    return _links(write, number, scope, renew=renew)


def _items(write: Write, scope: Scope) -> str:
    """The list in the body as JSON; an empty one where it was left out."""
    absent = write.optional and write.parameter not in scope.present
    return "'[]'::jsonb" if absent else f"{scope.numbers.of(write.parameter)}::jsonb"


def _rows(write: RowsWrite, number: int, scope: Scope, *, renew: bool) -> tuple[list[str], Written]:
    name, table = f"_written_{number}", table_name(write.table)
    parts, sources = [], [f"{ROW} AS r"]
    if renew:
        belongs = " AND ".join(equal("c", write.link.columns, "r", write.link.references))
        gone = f"_gone_{number}"
        parts.append(f"{gone} AS (DELETE FROM {table} AS c USING {ROW} AS r WHERE {belongs} RETURNING 1)")
        sources.append(f"(SELECT count(*) FROM {gone}) AS g")
    sources.append(f"jsonb_array_elements({_items(write, scope)}) WITH ORDINALITY AS i(item, n)")
    columns = [*write.link.columns, *(item.column for item in write.columns)]
    values = [column_of("r", column) for column in write.link.references]
    values += [_item_value(write.table, item, scope) for item in write.columns]
    parts.append(
        f"{name} AS (INSERT INTO {table} ({', '.join(map(identifier, columns))})\n"
        f"  SELECT {', '.join(values)}\n  FROM {', '.join(sources)}\n  ORDER BY i.n\n  RETURNING *)"
    )
    return parts, {(write.table, write.link): name}


def _item_value(table: str, item: ItemColumn, scope: Scope) -> str:
    """The value for a column out of a list's item `i.item`; its default where the member was left out."""
    if item.counted:
        return "i.n"
    column = scope.column(table, item.column)
    type_ = scope.type(table, item.column)
    base = base_type(type_, scope.catalog)
    path = literal(
        "{" + ",".join('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in item.path) + "}"
    )
    text = f"(i.item #>> {path})"
    if base.dimensions:
        inner = f"i.item #> {path}"
        each = interval_of("v") if base.name == "interval" else "v"
        elements = f"ARRAY(SELECT {each} FROM jsonb_array_elements_text({inner}) AS v)::{cast_type(type_)}"
        value = f"CASE WHEN jsonb_typeof({inner}) = 'array' THEN {elements} END"
    elif base.name in {"json", "jsonb"}:
        value = f"nullif(i.item #> {path}, 'null')" + ("::json" if base.name == "json" else "")
    elif base.name == "bytea":
        value = f"decode({text}, 'base64')"
    elif base.name == "interval":
        value = interval_of(text)
    else:
        value = f"{text}::{cast_type(type_)}"
    if not (item.defaulted and item.path and column and column.default):
        return value
    return f"CASE WHEN i.item ? {literal(item.path[0])} THEN {value} ELSE ({column.default}) END"


def _links(write: LinksWrite, number: int, scope: Scope, *, renew: bool) -> tuple[list[str], Written]:
    junction, wanted = write.junction, f"_wanted_{number}"
    table = table_name(junction.table)
    near, far = junction.near, junction.far
    parts = [f"{wanted} AS (SELECT DISTINCT {_wanted_key(write, scope)} AS key FROM {_elements(write, scope)})"]
    belongs = equal("j", near.columns, "r", near.references)
    key = column_of("j", far.columns[0])
    unless = ""
    if renew:
        conditions = " AND ".join([*belongs, f"{key} NOT IN (SELECT key FROM {wanted} WHERE key IS NOT NULL)"])
        parts.append(f"_gone_{number} AS (DELETE FROM {table} AS j USING {ROW} AS r WHERE {conditions})")
        there = " AND ".join([*belongs, f"{key} = w.key"])
        unless = f"\n  WHERE NOT EXISTS (SELECT FROM {table} AS j WHERE {there})"
    columns = ", ".join(map(identifier, (*near.columns, far.columns[0])))
    values = ", ".join([*(column_of("r", column) for column in near.references), "w.key"])
    parts.append(
        f"_linked_{number} AS (INSERT INTO {table} ({columns})\n"
        f"  SELECT {values}\n  FROM {ROW} AS r, {wanted} AS w{unless})"
    )
    keys = f"(SELECT key AS {identifier(far.columns[0])} FROM {wanted})"
    return parts, {(write.table, junction): wanted, (junction.table, near): keys}


def _elements(write: LinksWrite, scope: Scope) -> str:
    return f"jsonb_array_elements({_items(write, scope)}) AS i(item)"


def _wanted_key(write: LinksWrite, scope: Scope) -> str:
    """The key that an item names; looked up where the list names the rows by another unique column.

    A name that is nobody's gives NULL, which the junction's column refuses.
    """
    reference = write.junction.far.references[0]
    value = _item_value(write.table, ItemColumn(write.key, write.path), scope)
    if write.key == reference:
        return value
    return (
        f"(SELECT {column_of('x', reference)} FROM {table_name(write.table)} AS x"
        f" WHERE {column_of('x', write.key)} = {value})"
    )
