"""What a path says of rows: which one it is about, and on which rows that one hangs."""

from collections.abc import Iterator, Sequence

from asbuilt.component.subjects import BY_HAND, Underivable, World, local, table_of_segment, tables_named
from asbuilt.language.names import singular, snake
from asbuilt.language.types import FREE, Scalar, ScalarKind
from asbuilt.postgres.catalog import ForeignKey, Table
from asbuilt.postgres.derivation import Hop, Junction, KeyPart, Link
from asbuilt.postgres.json_sql import kind_in
from asbuilt.postgres.spelling import kind_of
from asbuilt.sections.api import Endpoint, Literally, Parameter, Variable
from asbuilt.values import frozen

_NUMBERS = {"int", "float", "decimal"}


@frozen
class Step:
    """A parameter of the path, and the literal segment before it."""

    literal: Literally | None
    parameter: Parameter


@frozen
class Way:
    """A path taken apart: `row` is the parameter at its end (None: it ends in `collection`), `parents` stand before."""

    parents: tuple[Step, ...]
    row: Step | None
    collection: Literally | None
    literals: tuple[Literally, ...]


@frozen
class _Join:
    parent: Table
    step: Step
    link: Link | None = None
    junction: Junction | None = None

    @property
    def given(self) -> frozenset[str]:
        """The columns of the row below that the parent's key fixes."""
        return frozenset(self.link.columns) if self.link else frozenset()


def way_of(endpoint: Endpoint) -> Way:
    """The path of an endpoint, taken apart."""
    segments = endpoint.route.segments
    known = {parameter.name.text: parameter for parameter in endpoint.parameters_in("path")}
    steps = []
    for before, segment in zip((None, *segments), segments, strict=False):
        if isinstance(segment, Variable) and segment.name in known:
            steps.append(Step(before if isinstance(before, Literally) else None, known[segment.name]))
    literals = tuple(segment for segment in segments if isinstance(segment, Literally))
    last = segments[-1] if segments else None
    if isinstance(last, Variable):
        return Way(tuple(steps[:-1]), steps[-1] if steps else None, None, literals)
    return Way(tuple(steps), None, last, literals)


def climb(table: Table, way: Way, world: World) -> tuple[tuple[Hop, ...], frozenset[str]]:
    """The hops from a row of `table` to all parents on the path, and the row's columns that they fix.

    Raises `Underivable` where no foreign key, or more than one, leads on.
    """
    joins: list[_Join] = []
    below = table
    for step in reversed(way.parents):
        join = _join(below, step, world)
        joins.append(join)
        below = join.parent
    hops = []
    for at, join in enumerate(joins):
        above = joins[at + 1].given if at + 1 < len(joins) else frozenset()
        hops.append(Hop(join.parent.name, _parent_key(join, above, world), join.link, join.junction))
    return tuple(hops), joins[0].given if joins else frozenset()


def key_of(table: Table, step: Step, fixed: frozenset[str], world: World) -> KeyPart:
    """The column that a parameter is the key of: a unique one of its name, else the primary key.

    `fixed` columns are given by the rest of the path. Raises `Underivable`.
    """
    parameter = step.parameter
    if parameter.column:
        name, _, column = parameter.column.text.rpartition(".")
        if name == table.name and table.column(column):
            return _key_part(table, column, parameter, world)
    for column in _spellings(parameter.name.text, table):
        if table.column(column) is None:
            continue
        if not table.unique(fixed | {column}):
            raise Underivable(
                parameter.span,
                f"`{table.name}.{column}` is not unique, so `{{{parameter.name.text}}}` does not name one row",
                f"make it UNIQUE, or {BY_HAND}",
            )
        return _key_part(table, column, parameter, world)
    primary = table.primary_key
    left = [column for column in primary.columns if column not in fixed] if primary else []
    if len(left) != 1:
        problem = f"a primary key of {len(left)} columns" if left else "no primary key"
        message = f"`{table.name}` has {problem}, so `{{{parameter.name.text}}}` does not name one row"
        raise Underivable(parameter.span, message, f"name the parameter after a unique column, or {BY_HAND}")
    return _key_part(table, left[0], parameter, world)


def bound_kind(table: Table, name: str, parameter: Parameter, world: World) -> ScalarKind | None:
    """The kind of a parameter that is compared with a column: its own, or the column's where it is any text.

    Raises `Underivable` where the two can never be equal.
    """
    column = table.column(name)
    stored = kind_of(column.type, world.catalog) if column else None
    given = None if is_any_text(parameter, world) else kind_in(parameter.type, world.types)
    if given is None or stored is None or "str" in (given, stored) or given == stored or {given, stored} <= _NUMBERS:
        return given or stored
    raise Underivable(
        parameter.span,
        f"`{parameter.name.text}` is `{_shown(given)}`, but `{table.name}.{name}` is `{_shown(stored)}`",
        "give both the same type",
    )


def is_any_text(parameter: Parameter, world: World) -> bool:
    """Whether a parameter has no type of its own: it may be any text."""
    resolved = world.types.present(parameter.type)
    return isinstance(resolved, Scalar) and resolved.kind == "str" and resolved.constraints == FREE


def junctions(near: Table, far: Table, world: World) -> list[Junction]:
    """The tables that connect two others: a foreign key to each, and nothing else that must be given."""
    found = []
    for table, one in world.references.get(near.name, ()):
        others = [key for key in table.foreign_keys if key is not one and key.table == far.name]
        if near.name == far.name:
            # Which way round, the table does not say: as written.
            others = [key for key in others if table.foreign_keys.index(one) < table.foreign_keys.index(key)]
        needed = {column.name for column in table.columns if not column.fills_itself}
        found += [
            Junction(table.name, link_of(one), link_of(other))
            for other in others
            if needed <= {*one.columns, *other.columns}
        ]
    return found


def link_of(key: ForeignKey) -> Link:
    return Link(key.columns, key.references)


def _key_part(table: Table, column: str, parameter: Parameter, world: World) -> KeyPart:
    return KeyPart(column, snake(parameter.name.text), bound_kind(table, column, parameter, world))


def _shown(kind: ScalarKind) -> str:
    return {"uuid": "UUID", "decimal": "Decimal"}.get(kind, kind)


def _spellings(name: str, table: Table) -> tuple[str, ...]:
    """The columns that a parameter may be called after: `todo_id` of `todos` is `todo_id`, else `id`."""
    own = snake(name)
    prefix = singular(local(table)) + "_"
    return (own, own.removeprefix(prefix)) if own.startswith(prefix) else (own,)


def _parent_key(join: _Join, fixed: frozenset[str], world: World) -> KeyPart:
    """The key of a parent: the column that the foreign key named like the parameter leads to, else as for any row."""
    name = snake(join.step.parameter.name.text)
    if join.link and name in join.link.columns:
        column = join.link.references[join.link.columns.index(name)]
        if join.parent.unique(fixed | {column}):
            return _key_part(join.parent, column, join.step.parameter, world)
    return key_of(join.parent, join.step, fixed, world)


def _join(below: Table, step: Step, world: World) -> _Join:
    """The foreign key (or junction) that ties rows of `below` to the parent that a step names."""
    keys = _narrowed(list(_keys_to(below, step, world)), step)
    if len(keys) > 1:
        names = " or ".join(f"`{{{key.columns[0]}}}`" for key in keys)
        raise Underivable(
            step.parameter.span,
            f"`{below.name}` has {len(keys)} foreign keys to `{keys[0].table}`",
            f"name the parameter after the one that is meant: {names}",
        )
    if keys:
        parent = world.tables.get(keys[0].table)
        if parent:
            return _Join(parent, step, link=link_of(keys[0]))
    parent = _parent_named(step, world)
    if parent is None:
        where = f"`/{step.literal.text}/{{{step.parameter.name.text}}}`" if step.literal else step.parameter.name.text
        raise Underivable(step.parameter.span, f"no foreign key leads from `{below.name}` to {where}")
    found = junctions(parent, below, world)
    if len(found) != 1:
        between = " and ".join(f"`{junction.table}`" for junction in found)
        problem = f"more than one table connects them: {between}" if found else "no foreign key leads there"
        raise Underivable(step.parameter.span, f"`{below.name}` and `{parent.name}`: {problem}")
    return _Join(parent, step, junction=found[0])


def _parent_named(step: Step, world: World) -> Table | None:
    if step.parameter.column:
        return world.tables.get(step.parameter.column.text.rpartition(".")[0])
    return table_of_segment(step.literal.text, step.literal.span, world) if step.literal else None


def _keys_to(below: Table, step: Step, world: World) -> Iterator[ForeignKey]:
    """The foreign keys of a table that a step may mean: by its literal's table, else by the parameter's name."""
    named = step.literal and tables_named(step.literal.text, world)
    if step.parameter.column:
        wanted = {step.parameter.column.text.rpartition(".")[0]}
    else:
        wanted = {table.name for table in named or ()}
    matching = [key for key in below.foreign_keys if key.table in wanted]
    name = snake(step.parameter.name.text)
    yield from matching or [key for key in below.foreign_keys if key.columns == (name,)]


def _narrowed(keys: Sequence[ForeignKey], step: Step) -> Sequence[ForeignKey]:
    name = snake(step.parameter.name.text)
    named = [key for key in keys if name in key.columns]
    return named if len(keys) > 1 and named else keys
