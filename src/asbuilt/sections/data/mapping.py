"""Where a column of a mapped class and a column of a table are not the same."""

from collections.abc import Iterator

from asbuilt.language.types import Array, Choice, Map, Null, Scalar, Type, Union
from asbuilt.postgres.catalog import Catalog, Column, SqlType, Table
from asbuilt.postgres.sqltypes import parsed
from asbuilt.sections.data.model import MappedColumn

# What SQLAlchemy makes of a Python type, and the PostgreSQL types whose values have it.
_PYTHON: dict[str, frozenset[str]] = {
    "str": frozenset(
        {"text", "character varying", "character", "citext", "name", "inet", "cidr", "xml", "tsvector", "bit"}
    ),
    "int": frozenset({"integer", "bigint", "smallint"}),
    "float": frozenset({"double precision", "real", "numeric"}),
    "decimal": frozenset({"numeric", "money"}),
    "bool": frozenset({"boolean"}),
    "uuid": frozenset({"uuid"}),
    "datetime": frozenset({"timestamp with time zone", "timestamp without time zone"}),
    "date": frozenset({"date"}),
    "time": frozenset({"time without time zone", "time with time zone"}),
    "timedelta": frozenset({"interval"}),
    "bytes": frozenset({"bytea"}),
}
_JSON = {"json", "jsonb", "hstore"}


def differences(column: MappedColumn, actual: Column, table: Table, catalog: Catalog) -> Iterator[str]:
    """A predicate each for what the mapped column says and its column, in a table of a catalogue, is not."""
    type_ = _base(actual.type, catalog)
    if column.sql_type is not None:
        if not _same(parsed(column.sql_type), type_):
            yield f"is `{column.sql_type}`, the column is `{type_}`"
    elif column.type is not None and not _holds(column.type, type_):
        yield f"cannot hold a `{type_}`"
    if column.nullable is not None and column.nullable == actual.not_null:
        yield "may be null, the column is NOT NULL" if column.nullable else "is never null, the column may be"
    name = column.name.text
    primary = table.primary_key
    keyed = primary is not None and name in primary.columns
    if column.primary_key != keyed:
        yield (
            "is part of the primary key, the column is not"
            if column.primary_key
            else "is not marked `primary_key=True`"
        )
    unique = any(key.columns == (name,) for key in table.keys)
    if column.unique and not unique:
        yield "is unique, the column is not"
    elif unique and not column.unique and not keyed:
        yield "is not unique, the column is"
    yield from _key_differences(column, table, catalog)


def target_of(column: MappedColumn) -> tuple[str, str]:
    """The table and the column that a mapped column refers to; empty names where it refers to none."""
    table, _, name = (column.foreign_key or "").removeprefix("public.").rpartition(".")
    return table, name


def _key_differences(column: MappedColumn, table: Table, catalog: Catalog) -> Iterator[str]:
    """What the key says otherwise than the table; a key to nothing in the document is a fault of its own."""
    keys = [key for key in table.foreign_keys if key.columns == (column.name.text,)]
    targets = {f"{key.table}.{target}" for key in keys for target in key.references[:1]}
    there, name = target_of(column)
    known = catalog.table(there)
    if column.foreign_key is not None and f"{there}.{name}" not in targets:
        if "." in there or (known and known.column(name)):
            told = f"the column refers to `{min(targets)}`" if targets else "the column has no foreign key"
            yield f"refers to `{column.foreign_key}`, {told}"
    elif column.foreign_key is None and targets:
        yield f"has no `ForeignKey`, the column refers to `{min(targets)}`"


def _base(type_: SqlType, catalog: Catalog) -> SqlType:
    domain = catalog.domain(type_.name)
    return domain.base if domain and not type_.dimensions else type_


def _same(mapped: SqlType, actual: SqlType) -> bool:
    """Whether SQLAlchemy would make this column; a length or precision counts where both sides give one."""
    if mapped.name != actual.name or bool(mapped.dimensions) != bool(actual.dimensions):
        return False
    return not mapped.modifiers or not actual.modifiers or mapped.modifiers == actual.modifiers


def _holds(type_: Type, actual: SqlType) -> bool:
    """Whether the Python type of an annotation goes with the column; where the annotation tells nothing, it does."""
    match type_:
        case Union(options=options):
            return any(_holds(option, actual) for option in options if not isinstance(option, Null))
        case Scalar(kind=kind) if actual.dimensions == 0:
            known = _PYTHON[kind]
            told = any(actual.name in names for names in _PYTHON.values()) or actual.name in _JSON
            return actual.name in known or not told
        case Scalar():
            return False
        case Array():
            return actual.dimensions > 0 or actual.name in _JSON
        case Map():
            return actual.name in _JSON
        case Choice(values=values):
            return not all(isinstance(value, str) for value in values) or actual.name not in _PYTHON["int"]
    return True
