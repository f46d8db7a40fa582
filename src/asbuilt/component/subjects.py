"""Which table a schema, a segment of a path or an endpoint is about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from asbuilt.diagnostics import Hole, nearest
from asbuilt.language.names import plural, singular, snake
from asbuilt.language.types import Schema, Types
from asbuilt.postgres.catalog import Catalog, ForeignKey, Table
from asbuilt.sections.api import Endpoint
from asbuilt.source import Span

# What a schema's name says about its use, beside what it is about.
_BEFORE = {"create", "update", "new", "replace", "change", "patch", "edit", "add", "put", "post", "insert", "save"}
_BEHIND = """
create update fields input output in out request response body payload data dto read details detail summary base model
schema record resource view params attributes public patch replace form result full brief preview
"""
_AFTERWARDS = frozenset(_BEHIND.split())
_MOST_USES = 4
BY_HAND = "write a pattern or an algorithm, and name it with `Operation:`"


class Underivable(Exception):  # noqa: N818 - a verdict, made into a hole where the derivation began
    """Nothing can be derived, and why. Never leaves this package."""

    def __init__(self, span: Span, message: str, hint: str = BY_HAND) -> None:
        super().__init__(message)
        self.hole = Hole(span, message, hint)


@dataclass(frozen=True)
class World:
    """What a derivation may look at, with what it looks for at hand."""

    catalog: Catalog
    types: Types
    endpoints: tuple[Endpoint, ...] = ()

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        return {table.name: table for table in reversed(self.catalog.tables)}

    @cached_property
    def called(self) -> Mapping[str, tuple[Table, ...]]:
        """The tables by their name, and by their name without its schema."""
        found: dict[str, list[Table]] = {}
        for table in self.catalog.tables:
            for name in {table.name, local(table)}:
                found.setdefault(name, []).append(table)
        return {name: tuple(tables) for name, tables in found.items()}

    @cached_property
    def references(self) -> Mapping[str, tuple[tuple[Table, ForeignKey], ...]]:
        """By the table that foreign keys point at, those keys and the tables they stand on."""
        found: dict[str, list[tuple[Table, ForeignKey]]] = {}
        for table in self.catalog.tables:
            for key in table.foreign_keys:
                found.setdefault(key.table, []).append((table, key))
        return {name: tuple(keys) for name, keys in found.items()}


def sound(catalog: Catalog) -> Catalog:
    """The catalogue without foreign keys that pair no columns (their target has no primary key): they join nothing."""
    tables = []
    for table in catalog.tables:
        keys = tuple(key for key in table.foreign_keys if len(key.columns) == len(key.references))
        tables.append(table if keys == table.foreign_keys else replace(table, foreign_keys=keys))
    return replace(catalog, tables=tuple(tables))


def local(table: Table) -> str:
    """The table's name without its schema."""
    return table.name.rpartition(".")[2]


def tables_named(word: str, world: World) -> list[Table]:
    """The tables whose name is a word, in the singular or the plural."""
    stem = snake(word)
    names = (stem, plural(stem), singular(stem), plural(singular(stem)))
    found: dict[str, Table] = {}  # of a table that is created twice, the first counts, as for PostgreSQL
    for table in (table for name in names for table in world.called.get(name, ())):
        found.setdefault(table.name, table)
    return list(found.values())


def table_of_schema(schema: Schema, world: World) -> Table | None:
    """The table that a schema is about, by `Table:` in its docstring or by its name; None where there is none.

    Raises `Underivable` for a `Table:` that is not defined and for a name that fits several tables.
    """
    declared = _declared(schema, world)
    if declared:
        table = world.tables.get(snake(declared)) or world.tables.get(declared)
        if table is None:
            hint = nearest(declared, [table.name for table in world.catalog.tables])
            raise Underivable(schema.span, f"`{schema.name}` is of the table `{declared}`, which is not defined", hint)
        return table
    for stem in _stems(schema.name):
        found = tables_named(stem, world)
        if len(found) > 1:
            raise _ambiguous(schema.name_span, f"`{schema.name}`", found)
        if found:
            return found[0]
    return None


def table_of_segment(word: str, span: Span, world: World) -> Table | None:
    """The table that a segment of a path names. Raises `Underivable` where it fits several."""
    found = tables_named(word, world)
    if len(found) > 1:
        raise _ambiguous(span, f"`{word}`", found)
    return found[0] if found else None


def one_subject(schemas: Sequence[Schema], span: Span, world: World) -> tuple[Table, Schema] | None:
    """The table that all schemas of an endpoint are about, and the schema that says so first.

    Raises `Underivable` where they are about several.
    """
    found = [(table, schema) for schema in schemas if (table := table_of_schema(schema, world)) is not None]
    if len({table.name for table, _ in found}) > 1:
        both = " and ".join(f"`{table.name}` (`{schema.name}`)" for table, schema in found)
        raise Underivable(span, f"the endpoint is about more than one table: {both}")
    return found[0] if found else None


def _declared(schema: Schema, world: World) -> str | None:
    """The `Table:` of a schema, or of the nearest of its bases that has one."""
    ahead: list[Schema] = [schema]
    seen: set[str] = set()
    for each in ahead:
        if each.table:
            return each.table
        for base in each.bases:
            definition = world.types.definition(base.name)
            if isinstance(definition, Schema) and base.name not in seen:
                seen.add(base.name)
                ahead.append(definition)
    return None


def _stems(name: str) -> Iterator[str]:
    """The name as it is, then without the words that speak of its use, fewest first."""
    words = snake(name).split("_")
    for _ in range(_MOST_USES):
        behind = words
        for _ in range(_MOST_USES):
            yield "_".join(behind)
            if len(behind) < 2 or behind[-1] not in _AFTERWARDS:
                break
            behind = behind[:-1]
        if len(words) < 2 or words[0] not in _BEFORE:
            break
        words = words[1:]


def _ambiguous(span: Span, what: str, found: Sequence[Table]) -> Underivable:
    names = " or ".join(f"`{table.name}`" for table in found)
    return Underivable(
        span, f"{what} may be the table {names}", f"write `Table: {found[0].name}` in the schema's docstring"
    )
