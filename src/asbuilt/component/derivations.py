"""What an endpoint without `Operation:` does: derived from its method, its path, its schemas and the tables."""

from collections.abc import Sequence
from dataclasses import replace

from asbuilt.component.derived_answers import Wanted, wanted_answer
from asbuilt.component.derived_bodies import Changes, read_changes
from asbuilt.component.derived_lists import read_listing
from asbuilt.component.derived_members import all_columns, read_members
from asbuilt.component.derived_reasons import reasons_for
from asbuilt.component.model import DerivedStep
from asbuilt.component.paths import Step, Way, climb, key_of, way_of
from asbuilt.component.subjects import BY_HAND, Underivable, World, one_subject, table_of_segment, tables_named
from asbuilt.diagnostics import Hole, nearest
from asbuilt.language.names import snake
from asbuilt.language.types import Schema
from asbuilt.postgres.catalog import Table
from asbuilt.postgres.derivation import Deed, Derivation, Hop, KeyPart, Member, Outcome, Part
from asbuilt.postgres.spelling import kind_of
from asbuilt.sections.api import Endpoint, Literally
from asbuilt.values import frozen

# Kinds whose texts in PostgreSQL are those of a path.
_ADDRESSED = {"int", "str", "uuid", "date", "decimal"}
_ON_ONE: dict[str, Deed] = {"GET": "read", "PUT": "replace", "PATCH": "change", "DELETE": "delete"}


def derive(endpoint: Endpoint, world: World) -> DerivedStep | Hole:
    """The derived operation of an endpoint, with a reason for each of its parts; a hole says why there is none."""
    try:
        return _derive(endpoint, world)
    except Underivable as verdict:
        return verdict.hole


@frozen
class _Place:
    """The rows an endpoint is about, the way to them, and the columns that the path fixes."""

    deed: Deed
    table: Table
    hops: tuple[Hop, ...]
    key: tuple[KeyPart, ...] = ()
    fixed: frozenset[str] = frozenset()


def _derive(endpoint: Endpoint, world: World) -> DerivedStep:
    wanted = wanted_answer(endpoint, world)
    body = _body_schema(endpoint, world)
    way = way_of(endpoint)
    table, reason = _table(endpoint, way, [schema for schema in (body, wanted.item) if schema], world)
    _refuse_actions(way, table, world)
    place = _place(endpoint, way, table, wanted, world)
    outcome = _outcome(place.deed, wanted, endpoint)
    changes = Changes()
    if body and place.deed in {"create", "replace", "change"}:
        changes = read_changes(body, place.table, place.deed, place.fixed, world)
    listing = read_listing(endpoint, place.table, place.fixed, place.deed, outcome, world)
    derivation = Derivation(
        place.deed,
        place.table.name,
        outcome,
        place.key,
        place.hops,
        changes.assignments,
        changes.writes,
        listing.filters,
        _members(outcome, wanted, place.table, world),
        listing.order,
        listing.limit,
        listing.cursor,
        address_of(endpoint, place.table, place.hops, world) if place.deed == "create" else (),
    )
    return DerivedStep(derivation, (reason, *reasons_for(derivation, place.table)))


def address_of(endpoint: Endpoint, table: Table, hops: Sequence[Hop], world: World) -> tuple[Part, ...]:
    """Where a new row can be read, if the endpoint is to say so and another one reads it by its path; else nothing."""
    if not any(header.name.text.lower() == "location" for header in endpoint.answer_headers):
        return ()
    here = way_of(endpoint).literals[-1:]
    for other in world.endpoints:
        alike = other.method == "GET" and [s.text for s in way_of(other).literals[-1:]] == [s.text for s in here]
        step = derive(other, world) if alike else None
        if isinstance(step, DerivedStep) and step.derivation.deed == "read" and step.derivation.table == table.name:
            address = _address(other, step.derivation, hops, world)
            if address:
                return address
    return ()


def _address(reader: Endpoint, reads: Derivation, hops: Sequence[Hop], world: World) -> tuple[Part, ...]:
    """The path of what reads a row, with the row's columns and the parents of the new one as its parameters."""
    table = world.tables[reads.table]
    columns = {part.parameter: part.column for part in reads.key}
    given = {(hop.parent, hop.key.column): hop.key for hop in hops}
    parents = {hop.key.parameter: (given.get((hop.parent, hop.key.column)), hop.parent) for hop in reads.hops}
    parts, text = [], ""
    for segment in reader.route.segments:
        if isinstance(segment, Literally):
            text += f"/{segment.text}"
            continue
        column = table.column(columns.get(snake(segment.name), ""))
        key, parent = parents.get(snake(segment.name), (None, ""))
        if column and kind_of(column.type, world.catalog) in _ADDRESSED:
            parts.append(Part(f"{text}/{segment.prefix}", column.name))
        elif key:
            parts.append(Part(f"{text}/{segment.prefix}", parameter=key, parent=parent))
        else:
            return ()
        text = segment.suffix
    end = text + ("/" if reader.route.trailing else "")
    return (*parts, *([Part(end)] if end else []))


def _body_schema(endpoint: Endpoint, world: World) -> Schema | None:
    """The schema of the body. Raises `Underivable` for a body that is no object of named members."""
    body = endpoint.body
    if body is None:
        return None
    schema = world.types.schema(world.types.present(body.type)) if body.type else None
    if schema is None or body.medium not in {"json", "form"}:
        raise Underivable(body.span, "a body that is no schema cannot be stored without being told how")
    return schema


def _table(endpoint: Endpoint, way: Way, schemas: Sequence[Schema], world: World) -> tuple[Table, str]:
    """The table an endpoint is about, and what says so. Raises `Underivable`."""
    if not world.catalog.tables:
        raise Underivable(
            endpoint.span,
            "nothing says what this endpoint does: it has no `Operation:`, and there are no tables to derive one from",
            "write CREATE TABLE statements under Database Schema, or name an algorithm with `Operation:`",
        )
    found = one_subject(schemas, endpoint.span, world)
    if found:
        return found[0], f"table `{found[0].name}` from schema `{found[1].name}`"
    last = way.literals[-1] if way.literals else None
    table = table_of_segment(last.text, last.span, world) if last else None
    if table and last:
        return table, f"table `{table.name}` from `/{last.text}`"
    tried = [*(schema.name for schema in schemas), *([f"/{last.text}"] if last else [])]
    names = " or ".join(f"`{word}`" for word in tried) or f"`{endpoint.title}`"
    stem = schemas[0].name if schemas else last.text if last else ""
    hint = nearest(stem, [each.name for each in world.catalog.tables])
    advice = f"write `Table: ...` in the docstring of `{schemas[0].name}`, or {BY_HAND}" if schemas else BY_HAND
    raise Underivable(endpoint.span, f"no table is called after {names}", hint or advice)


def _refuse_actions(way: Way, table: Table, world: World) -> None:
    """Raises `Underivable` where the path says something that no table says: `/todos/{id}/complete`, `/todos/done`."""
    last = way.collection or (way.row.literal if way.row else None)
    if last is None:
        return
    meant = tables_named(last.text, world)
    if table in meant:
        return
    if meant:
        names = " or ".join(f"`{each.name}`" for each in meant)
        raise Underivable(last.span, f"the path is about {names}, the schemas are about `{table.name}`")
    earlier = [word for word in way.literals if word is not last and table in tables_named(word.text, world)]
    if earlier and not any(key.table == table.name for key in table.foreign_keys):
        raise Underivable(last.span, f"`{last.text}` does not say what is done to `{table.name}`")


def _place(endpoint: Endpoint, way: Way, table: Table, wanted: Wanted, world: World) -> _Place:
    """The deed and the rows it is done to. Raises `Underivable`."""
    hops, fixed = climb(table, way, world)
    if way.row:
        return _one_row(endpoint, way.row, table, hops, fixed, world)
    if hops and table.unique(fixed) and endpoint.method in _ON_ONE and wanted.form in {"object", "any", "nothing"}:
        return _Place(_ON_ONE[endpoint.method], table, hops, (), fixed)
    if endpoint.method == "POST":
        if hops and hops[0].junction:
            between = hops[0].junction.table
            raise Underivable(endpoint.span, f"a new row of `{table.name}` would need one of `{between}` as well")
        return _Place("create", table, hops, (), fixed)
    if endpoint.method != "GET":
        raise Underivable(endpoint.span, f"the path of `{endpoint.title}` does not name one row of `{table.name}`")
    if wanted.form == "object":
        name = wanted.item.name if wanted.item else table.name
        message = f"`{endpoint.title}` finds many rows of `{table.name}`, and answers one"
        raise Underivable(endpoint.span, message, f"answer `list[{name}]` or `Page[{name}]`, or {BY_HAND}")
    return _Place("list", table, hops, (), fixed)


def _one_row(
    endpoint: Endpoint, row: Step, table: Table, hops: tuple[Hop, ...], fixed: frozenset[str], world: World
) -> _Place:
    deed = _ON_ONE.get(endpoint.method)
    if deed is None:
        raise Underivable(endpoint.span, f"`{endpoint.method}` says nothing of one row of `{table.name}`")
    key = key_of(table, row, fixed, world)
    if deed == "delete" and hops and hops[0].junction:
        return _unlinked(endpoint, key, hops, world)
    return _Place(deed, table, hops, (key,), fixed | {key.column})


def _unlinked(endpoint: Endpoint, key: KeyPart, hops: tuple[Hop, ...], world: World) -> _Place:
    """What is deleted beyond a junction is the connection, not what it leads to."""
    junction = hops[0].junction
    table = world.tables.get(junction.table) if junction else None
    if junction is None or table is None or junction.far.references != (key.column,):
        raise Underivable(endpoint.span, f"`{endpoint.title}` may delete a row or only its connection")
    near = replace(hops[0], link=junction.near, junction=None)
    return _Place("delete", table, (near, *hops[1:]), (replace(key, column=junction.far.columns[0]),))


def _outcome(deed: Deed, wanted: Wanted, endpoint: Endpoint) -> Outcome:
    if deed == "list":
        return "page" if wanted.form == "page" else "list"
    if wanted.form in {"list", "page"}:
        raise Underivable(endpoint.span, f"`{endpoint.title}` is about one row, and answers a list")
    if wanted.form == "nothing":
        return "object" if deed == "read" else "nothing"
    return "object"


def _members(outcome: Outcome, wanted: Wanted, table: Table, world: World) -> tuple[Member, ...]:
    if outcome == "nothing":
        return ()
    return read_members(wanted.item, table, world) if wanted.item else all_columns(table)
