"""JSON built by PostgreSQL for an author's statement, as the response type spells it."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from asbuilt.language.names import snake
from asbuilt.language.types import (
    ABSENT,
    UNSET,
    Array,
    Choice,
    Field,
    Named,
    Scalar,
    ScalarKind,
    Schema,
    Type,
    Types,
)
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.derivation import Outcome
from asbuilt.postgres.json_text import Piece, Spelling, array_of, object_text, spelling
from asbuilt.postgres.rows import Rows
from asbuilt.postgres.spelling import column_of, literal
from asbuilt.postgres.statement import Cardinality, Query, ResultColumn

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


def outcome_of(answer: Type | None, types: Types, cardinality: Cardinality) -> Outcome:
    """What a statement's rows become: a page, a list, or an object (or a value: the one column of the one row)."""
    if cardinality == "none" or answer is None:
        return "nothing"
    resolved = types.present(answer)
    if isinstance(resolved, Named) and resolved.name == "Page":
        return "page"
    return "list" if isinstance(resolved, Array) and cardinality == "many" else "object"


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

    Pages: `paging.page_query`. A member that no column gives has its default, or is null:
    `missing_members` tells.
    """
    if outcome == "nothing":
        return query
    rows = Rows.of(query.sql, columns)
    item = items_of(answer, types) if answer and outcome == "list" else answer
    value = row_text(rows, item, types, catalog)
    if outcome == "list":
        body = array_of(f"SELECT {value} FROM {rows.source}")
        return replace(query, sql=f"{rows.prefix}SELECT {body} AS body")
    return replace(query, sql=f"{rows.prefix}SELECT {value} AS body\nFROM {rows.source}")


def missing_members(columns: tuple[ResultColumn, ...], answer: Type, types: Types) -> tuple[Field, ...]:
    """The required members of the response type (of its items, for a list or a page) that no column gives."""
    schema = types.schema(items_of(answer, types))
    fields = schema.fields if schema else ()
    return tuple(f for f in fields if f.default is UNSET and not f.write_only and column_for(f, columns) is None)


def items_of(answer: Type, types: Types) -> Type:
    """The type of the items of a list or a page; any other type as it is."""
    resolved = types.present(answer)
    if isinstance(resolved, Array):
        return resolved.item
    if isinstance(resolved, Named) and resolved.name == "Page" and resolved.arguments:
        return resolved.arguments[0]
    return answer


def column_for(member: Field, columns: tuple[ResultColumn, ...]) -> ResultColumn | None:
    """The column that gives a member: named by `Column`, else its name, else its name in snake_case."""
    wanted = (member.column,) if member.column else (member.name, snake(member.name))
    return next((column for name in wanted for column in columns if column.name == name), None)


def kind_in(type_: Type, types: Types) -> ScalarKind | None:
    """The scalar kind of a type (of its items, for an array), null left aside; None where it has none."""
    present = types.present(type_)
    match present:
        case Scalar(kind):
            return kind
        case Array(item):
            return kind_in(item, types)
        case Choice(values):
            kinds: set[ScalarKind] = {_constant_kind(value) for value in values if value is not None}
            return kinds.pop() if len(kinds) == 1 else None
        case _:
            return None


def _constant_kind(value: object) -> ScalarKind:
    if isinstance(value, bool):
        return "bool"
    return "int" if isinstance(value, int) else "float" if isinstance(value, float) else "str"


def left_out_when_null(field: Field, types: Types) -> bool:
    """Whether a member is left out where its column is NULL: it may be absent, and null is no value of its type."""
    return field.default is ABSENT and not types.nullable(field.type)


def row_text(rows: Rows, item: Type | None, types: Types, catalog: Catalog) -> str:
    """The SQL of the JSON for one row of `r`: an object for a schema, a value for any other type with one column."""
    schema = types.schema(types.present(item)) if item else None
    if schema:
        return object_text([_member(field, rows, types, catalog) for field in _answered(schema)])
    if not rows.columns:
        return "row_to_json(r)::text"
    if item is None or len(rows.columns) > 1:
        return object_text(
            [_whole(name, column, catalog) for name, column in zip(rows.names, rows.columns, strict=True)]
        )
    column = rows.columns[0]
    return spelling(column_of("r", column.name), column.type, kind_in(item, types), catalog).or_null


def _answered(schema: Schema) -> tuple[Field, ...]:
    return tuple(field for field in schema.fields if not field.write_only)


def _whole(name: str, column: ResultColumn, catalog: Catalog) -> Piece:
    value = spelling(column_of("r", name), column.type, None, catalog)
    return Piece(column.name, value, certain=not column.nullable)


def _member(field: Field, rows: Rows, types: Types, catalog: Catalog) -> Piece:
    column = column_for(field, rows.columns)
    optional = left_out_when_null(field, types)
    if column is None:
        return Piece(field.name, _otherwise(field), certain=not optional, optional=field.default is ABSENT)
    value = spelling(column_of("r", column.name), column.type, kind_in(field.type, types), catalog)
    return Piece(field.name, value, certain=not column.nullable, optional=optional)


def _otherwise(field: Field) -> Spelling:
    """What a member is that no column gives: its default, left out (NULL), or null."""
    if field.default is ABSENT:
        return Spelling("NULL::text")
    default = None if field.default is UNSET else field.default
    return Spelling(literal(msgspec.json.encode(default).decode()))
