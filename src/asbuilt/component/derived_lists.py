"""The query of a derived list: filters, order, limit and cursor."""

from asbuilt.component.paths import bound_kind
from asbuilt.component.subjects import BY_HAND, Underivable, World
from asbuilt.diagnostics import nearest
from asbuilt.language.names import snake
from asbuilt.language.types import ABSENT, Array, names_in
from asbuilt.postgres.catalog import Table
from asbuilt.postgres.derivation import Deed, Filter, Outcome
from asbuilt.postgres.json_sql import kind_in
from asbuilt.sections.api import Endpoint, Parameter
from asbuilt.values import frozen

_LIMITS = frozenset({"limit", "per_page", "page_size"})


@frozen
class Listing:
    filters: tuple[Filter, ...] = ()
    order: tuple[str, ...] = ()
    limit: str | None = None
    cursor: str | None = None


def read_listing(
    endpoint: Endpoint, table: Table, fixed: frozenset[str], deed: Deed, outcome: Outcome, world: World
) -> Listing:
    """What the query parameters ask of a list. Raises `Underivable` for one that means nothing to the table."""
    filters: list[Filter] = []
    limit = cursor = None
    for parameter in endpoint.parameters_in("query"):
        name = snake(parameter.name.text)
        if deed == "list" and is_cursor(parameter):
            cursor = name
        elif deed == "list" and table.column(name):
            filters += [_filter(parameter, name, table, world)] if name not in fixed else []
        elif deed == "list" and name in _LIMITS and kind_in(parameter.type, world.types) == "int":
            limit = name
        else:
            raise _meaningless(parameter, table, deed)
    order = _order(table) if deed == "list" else ()
    if outcome == "page" and not order:
        raise Underivable(endpoint.span, f"a page needs an order, and `{table.name}` has no primary key")
    if cursor and outcome != "page":
        raise Underivable(endpoint.span, "a cursor needs an answer that says where the next page begins", _PAGE)
    return Listing(tuple(filters), order, limit, cursor)


_PAGE = "answer `Page[...]`"


def is_cursor(parameter: Parameter) -> bool:
    return any(named.name == "Cursor" for named in names_in(parameter.type))


def _filter(parameter: Parameter, column: str, table: Table, world: World) -> Filter:
    optional = parameter.default is ABSENT or parameter.default is None or parameter.default == []
    found = table.column(column)
    many = isinstance(world.types.present(parameter.type), Array) and found is not None and not found.type.dimensions
    return Filter(column, column, bound_kind(table, column, parameter, world), optional, many)


def _order(table: Table) -> tuple[str, ...]:
    """The primary key; else a unique key that is never null."""
    if table.primary_key:
        return table.primary_key.columns
    sure = {column.name for column in table.columns if column.not_null}
    return next((key.columns for key in table.keys if set(key.columns) <= sure), ())


def _meaningless(parameter: Parameter, table: Table, deed: Deed) -> Underivable:
    name = parameter.name.text
    if deed != "list":
        return Underivable(
            parameter.span, f"`{name}` is a query of a list, and this is about one row of `{table.name}`"
        )
    hint = nearest(snake(name), [column.name for column in table.columns])
    return Underivable(parameter.span, f"`{name}` is no column of `{table.name}` to list by", hint or BY_HAND)
