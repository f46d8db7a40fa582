"""A body schema as columns to set and rows to write along."""

from asbuilt.component.derived_members import Listed, counter_of, foreign_key_of, listed_by, no_column, plain_column
from asbuilt.component.subjects import BY_HAND, Underivable, World
from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT, UNSET, Array, Field, Schema, Type
from asbuilt.postgres.catalog import ForeignKey, Table
from asbuilt.postgres.derivation import Assignment, Deed, ItemColumn, Junction, Link, LinksWrite, RowsWrite, Write
from asbuilt.postgres.json_sql import kind_in
from asbuilt.postgres.spelling import stored_kind
from asbuilt.values import frozen


@frozen
class Changes:
    assignments: tuple[Assignment, ...] = ()
    writes: tuple[Write, ...] = ()


def read_changes(schema: Schema, table: Table, deed: Deed, fixed: frozenset[str], world: World) -> Changes:
    """What a body sets. `fixed` columns are the path's, which beats the body.

    Raises `Underivable` for a member that is nothing of the table's.
    """
    assignments: list[Assignment] = []
    writes: list[Write] = []
    for field in schema.fields:
        if field.read_only:
            continue
        optional = field.default is not UNSET if deed == "change" else field.default is ABSENT
        column = plain_column(field, table, world)
        if column:
            if column.name not in fixed and not column.generated and column.identity != "always":
                kind = stored_kind(kind_in(field.type, world.types), column.type, world.catalog)
                assignments.append(Assignment(column.name, _parameter(field), kind, optional))
            continue
        present = world.types.present(field.type)
        inner = world.types.schema(present)
        key = foreign_key_of(field, inner, table, world) if inner else None
        if inner and key:
            assignments += _keys(field, inner, table, key, fixed, world, optional=optional)
        elif isinstance(present, Array):
            writes.append(_write(field, present.item, schema, table, world, optional=optional))
        else:
            raise no_column(field, schema, table)
    return Changes(tuple(assignments), tuple(writes))


def _parameter(field: Field) -> str:
    return f"body.{snake(field.name)}"


def _keys(
    field: Field, schema: Schema, table: Table, key: ForeignKey, fixed: frozenset[str], world: World, *, optional: bool
) -> list[Assignment]:
    """The columns of a foreign key, set from the key that the object in the body holds."""
    found = []
    for column, reference in zip(key.columns, key.references, strict=True):
        if column in fixed:
            continue
        member = _holder(schema, key.table, reference, world)
        if member is None:
            raise Underivable(
                field.span,
                f"`{schema.name}` has no member for `{key.table}.{reference}`, which `{field.name}` is known by",
                f"add one that is not `ReadOnly`, or {BY_HAND}",
            )
        held, kind = table.column(column), kind_in(member.type, world.types)
        kind = stored_kind(kind, held.type, world.catalog) if held else kind
        found.append(Assignment(column, f"{_parameter(field)}.{snake(member.name)}", kind, optional))
    return found


def _holder(schema: Schema, table_name: str, column: str, world: World) -> Field | None:
    """The member of a schema that takes a column of a table."""
    table = world.tables.get(table_name)
    for field in schema.fields:
        held = plain_column(field, table, world) if table and not field.read_only else None
        if held and held.name == column:
            return field
    return None


def _write(field: Field, item: Type, schema: Schema, table: Table, world: World, *, optional: bool) -> Write:
    listed = listed_by(field, item, table, world)
    if listed is None:
        raise no_column(field, schema, table)
    parameter = _parameter(field)
    inner = world.types.schema(world.types.present(item))
    if isinstance(listed.join, Junction):
        return _links(field, inner, listed, listed.join, world, optional=optional)
    if listed.keys and listed.keys.far.columns == (listed.column,):
        far = listed.keys.far
        other = next(k.table for k in listed.table.foreign_keys if k.columns == far.columns)
        return LinksWrite(parameter, other, listed.keys, far.references[0], (), optional)
    one = [ItemColumn(listed.column or "")]
    columns = _item_columns(inner, listed.table, listed.join, world) if inner else one
    counter = counter_of(listed.table, listed.join, world)
    if counter and all(each.column != counter for each in columns):
        columns.append(ItemColumn(counter, counted=True))
    return RowsWrite(parameter, listed.table.name, listed.join, tuple(columns), optional)


def _links(
    field: Field, schema: Schema | None, listed: Listed, junction: Junction, world: World, *, optional: bool
) -> LinksWrite:
    """The junction's rows for a list of names, or of objects that hold a key of theirs."""
    table = listed.table
    if schema is None:
        return LinksWrite(_parameter(field), table.name, junction, listed.column or "", (), optional)
    unique = [key.columns[0] for key in table.keys if len(key.columns) == 1]
    for column in (junction.far.references[0], *unique):
        member = _holder(schema, table.name, column, world)
        if member:
            return LinksWrite(_parameter(field), table.name, junction, column, (member.name,), optional)
    raise Underivable(
        field.span,
        f"`{schema.name}` has no member that tells which row of `{table.name}` is meant",
        f"add its key, not `ReadOnly`, or {BY_HAND}",
    )


def _item_columns(schema: Schema, table: Table, link: Link, world: World) -> list[ItemColumn]:
    """The columns of a child, set from the members of an item."""
    found: list[ItemColumn] = []
    for field in schema.fields:
        if field.read_only:
            continue
        column = plain_column(field, table, world)
        if column:
            if column.name not in link.columns and not column.generated and column.identity != "always":
                found.append(ItemColumn(column.name, (field.name,), field.default is ABSENT))
            continue
        inner = world.types.schema(world.types.present(field.type))
        key = foreign_key_of(field, inner, table, world) if inner else None
        if inner is None or key is None:
            if isinstance(world.types.present(field.type), Array):
                message = f"`{schema.name}.{field.name}` is a list inside a list, which is read but not written"
                raise Underivable(field.span, message)
            raise no_column(field, schema, table)
        keys = _keys(field, inner, table, key, frozenset(link.columns), world, optional=False)
        found += [ItemColumn(each.column, (field.name, _wire(inner, each.parameter))) for each in keys]
    return found


def _wire(schema: Schema, parameter: str) -> str:
    """The member's name in JSON, of which the parameter's name ends in snake_case."""
    last = parameter.rpartition(".")[2]
    return next(field.name for field in schema.fields if snake(field.name) == last)
