"""A response schema as columns, embedded rows and lists of children of one table."""

from collections.abc import Iterator
from dataclasses import field

from asbuilt.component.paths import junctions, link_of
from asbuilt.component.subjects import BY_HAND, Underivable, World, local, table_of_schema, tables_named
from asbuilt.diagnostics import nearest
from asbuilt.language.names import plural, singular, snake
from asbuilt.language.types import Array, Field, Schema, Type
from asbuilt.postgres.catalog import Column, ForeignKey, Table
from asbuilt.postgres.derivation import ChildrenMember, ColumnMember, EmbeddedMember, Junction, Link, Member
from asbuilt.postgres.json_sql import kind_in, left_out_when_null
from asbuilt.postgres.spelling import base_type, kind_of
from asbuilt.values import frozen

DEEPEST = 16
MOST_OBJECTS = 200
_LIST_WORDS = ("_ids", "_id", "_keys", "_names", "_name", "_list")


@frozen
class Listed:
    """How the rows of a list hang on the row that has it. `join` is seen from this row.

    `column` is what a list of plain values holds; `keys` the junction, where that column is one of its keys.
    """

    table: Table
    join: Link | Junction
    column: str | None = None
    keys: Junction | None = None


@frozen
class _Nest:
    """The schemas around a row, and how many objects have been entered in all: names may share what they lead to."""

    around: tuple[str, ...] = ()
    entered: list[str] = field(default_factory=list)

    def enter(self, schema: Schema) -> "_Nest":
        """The nest inside of one more object. Raises `Underivable` where there would be no end of it."""
        if schema.name in self.around:
            raise Underivable(schema.name_span, f"`{schema.name}` holds itself, so it has no end that could be derived")
        self.entered.append(schema.name)
        if len(self.around) > DEEPEST or len(self.entered) > MOST_OBJECTS:
            raise Underivable(schema.name_span, f"too many objects are inside of `{self.entered[0]}` to be derived")
        return _Nest((*self.around, schema.name), self.entered)


def read_members(schema: Schema, table: Table, world: World) -> tuple[Member, ...]:
    """What a row of the table answers as a schema. Raises `Underivable` for what the table cannot give."""
    return _members(schema, table, world, _Nest())


def _members(schema: Schema, table: Table, world: World, nest: _Nest) -> tuple[Member, ...]:
    inside = nest.enter(schema)
    return tuple(_member(each, schema, table, world, inside) for each in schema.fields if not each.write_only)


def all_columns(table: Table) -> tuple[Member, ...]:
    return tuple(ColumnMember(column.name, column.name) for column in table.columns)


def plain_column(field: Field, table: Table, world: World) -> Column | None:
    """The column that holds a field itself; None for rows elsewhere that it leads to, or that lead here."""
    present = world.types.present(field.type)
    schema = world.types.schema(present)
    names = (field.column,) if field.column else (field.name, snake(field.name))
    column = next((found for name in names if (found := table.column(name))), None)
    if column is None:
        is_value = not schema and not isinstance(present, Array) and not field.column
        return table.column(snake(field.name) + "_id") if is_value else None
    base = base_type(column.type, world.catalog)
    if base.name in {"json", "jsonb"} or base.dimensions:
        return column
    if isinstance(present, Array) or (schema and any(key.columns == (column.name,) for key in table.foreign_keys)):
        return None
    return column


def foreign_key_of(field: Field, schema: Schema, table: Table, world: World) -> ForeignKey | None:
    """The foreign key behind an object field: by the field's name, else the only one to the schema's table.

    Raises `Underivable` where several would do.
    """
    own = field.column or snake(field.name)
    for key in table.foreign_keys:
        if len(key.columns) == 1 and key.columns[0] in {own, f"{own}_{key.references[0]}", f"{own}_id"}:
            return key
    target = table_of_schema(schema, world)
    found = [key for key in table.foreign_keys if target and key.table == target.name]
    if len(found) > 1:
        names = " or ".join(f"`{key.columns[0]}`" for key in found)
        raise Underivable(
            field.span,
            f"`{field.name}` may be behind any of the foreign keys {names} of `{table.name}`",
            f'say which one with `Column("{found[0].columns[0]}")`',
        )
    return found[0] if found else None


def listed_by(field: Field, item: Type, table: Table, world: World) -> Listed | None:
    """The rows behind a list field. Raises `Underivable` where several tables or foreign keys would do."""
    schema = world.types.schema(world.types.present(item))
    found = list(_rows(field, schema, table, world) if schema else _values(field, item, table, world))
    if len(found) > 1:
        ways = " or ".join(f"`{_way(each)}`" for each in found)
        raise Underivable(field.span, f"the list `{field.name}` may come by {ways}", BY_HAND)
    return found[0] if found else None


def counter_of(table: Table, link: Link, world: World) -> str | None:
    """The whole number that with the parent's key makes a child's primary key: the place of a row in its list."""
    columns = table.primary_key.columns if table.primary_key else ()
    left = [column for column in columns if column not in link.columns]
    column = table.column(left[0]) if len(left) == 1 and len(columns) > 1 else None
    if column is None or column.fills_itself or kind_of(column.type, world.catalog) != "int":
        return None
    return None if any(column.name in key.columns for key in table.foreign_keys) else column.name


def no_column(field: Field, schema: Schema, table: Table) -> Underivable:
    """What is said of a field that the table does not give."""
    hint = nearest(snake(field.name), [column.name for column in table.columns])
    message = f"`{schema.name}.{field.name}` is no column of `{table.name}`, and no foreign key leads to it"
    return Underivable(field.span, message, hint or f'name the column with `Column("...")`, or {BY_HAND}')


def _member(field: Field, schema: Schema, table: Table, world: World, nest: _Nest) -> Member:
    column = plain_column(field, table, world)
    optional = left_out_when_null(field, world.types)
    if column:
        return ColumnMember(field.name, column.name, kind_in(field.type, world.types), optional)
    present = world.types.present(field.type)
    inner = world.types.schema(present)
    member: Member | None = None
    if inner:
        member = _embedded(field, inner, table, world, nest)
    elif isinstance(present, Array):
        member = _list(field, present.item, table, world, nest)
    if member is None:
        raise no_column(field, schema, table)
    return member


def _embedded(field: Field, schema: Schema, table: Table, world: World, nest: _Nest) -> Member | None:
    """The row that a foreign key leads to; or the one row that leads here, whose foreign key is unique."""
    optional = left_out_when_null(field, world.types)
    key = foreign_key_of(field, schema, table, world)
    target = world.tables.get(key.table) if key else table_of_schema(schema, world)
    if target is None:
        return None
    members = _members(schema, target, world, nest)
    if key:
        return EmbeddedMember(field.name, target.name, link_of(key), members, optional)
    back = [key for key in target.foreign_keys if key.table == table.name and target.unique(frozenset(key.columns))]
    if len(back) != 1:
        return None
    return EmbeddedMember(field.name, target.name, Link(back[0].references, back[0].columns), members, optional)


def _list(field: Field, item: Type, table: Table, world: World, nest: _Nest) -> Member | None:
    listed = listed_by(field, item, table, world)
    if listed is None:
        return None
    schema = world.types.schema(world.types.present(item))
    members = _members(schema, listed.table, world, nest) if schema else ()
    link = listed.join if isinstance(listed.join, Link) else None
    junction = listed.join if isinstance(listed.join, Junction) else None
    scalar = ColumnMember(listed.column, listed.column, kind_in(item, world.types)) if listed.column else None
    order = _order(listed.table, frozenset(link.columns) if link else frozenset())
    return ChildrenMember(field.name, listed.table.name, members, order, link, junction, scalar)


def _order(table: Table, fixed: frozenset[str]) -> tuple[str, ...]:
    """The columns that a list is in the order of: the primary key, but for what all of its rows share."""
    columns = table.primary_key.columns if table.primary_key else ()
    return tuple(column for column in columns if column not in fixed)


def _rows(field: Field, schema: Schema, table: Table, world: World) -> Iterator[Listed]:
    subject = table_of_schema(schema, world)
    names = (snake(field.name), plural(snake(schema.name)))
    alike = [t for t in world.catalog.tables if local(t).endswith(names)]
    candidates = [subject] if subject else [t for t in alike if local(t) in names] or alike
    for child in candidates:
        links = [link_of(key) for key in child.foreign_keys if key.table == table.name]
        if len(links) > 1 and field.column:
            links = [link for link in links if field.column in link.columns]
        joins = links or junctions(table, child, world)
        yield from (Listed(child, join) for join in joins)


def _values(field: Field, item: Type, table: Table, world: World) -> Iterator[Listed]:
    """Lists of plain values: a column of a child's, the keys of a junction, or names beyond one."""
    kind, stem = kind_in(item, world.types), _stem(field.name)
    found = False
    for child, key in world.references.get(table.name, ()):
        known = {*key.columns, counter_of(child, link_of(key), world)}
        needed = [c for c in child.columns if c.name not in known and not c.fills_itself]
        if len(needed) != 1 or kind_of(needed[0].type, world.catalog) != kind:
            continue
        value = needed[0].name
        other = next((k for k in child.foreign_keys if k.columns == (value,)), None)
        named = {value, local(child), singular(local(child)), *([other.table] if other else [])}
        if not any(
            word == stem or word.endswith(f"_{stem}") or singular(word) == stem for word in named | {_stem(value)}
        ):
            continue
        found = True
        yield Listed(child, link_of(key), value, Junction(child.name, link_of(key), link_of(other)) if other else None)
    for other_table in () if found else tables_named(stem, world):
        names = [k.columns[0] for k in other_table.keys if len(k.columns) == 1 and not k.primary]
        fitting = [name for name in names if kind_of(_column(other_table, name).type, world.catalog) == kind]
        for junction in junctions(table, other_table, world) if len(fitting) == 1 else ():
            yield Listed(other_table, junction, fitting[0])


def _stem(name: str) -> str:
    """The word that a list of values is about: `tag` for `tags`, `tagIds` and `tag_list`."""
    stem = snake(name)
    for ending in _LIST_WORDS:
        if stem.endswith(ending) and len(stem) > len(ending):
            return stem.removesuffix(ending)
    return singular(stem)


def _column(table: Table, name: str) -> Column:
    return next(column for column in table.columns if column.name == name)


def _way(listed: Listed) -> str:
    if isinstance(listed.join, Junction):
        return listed.join.table
    return f"{listed.table.name}.{listed.join.columns[0]}"
