"""Which texts a column may hold, and what a condition may know of it."""

from collections.abc import Mapping

from asbuilt.language.condition_types import Held
from asbuilt.postgres.catalog import Catalog, Column, Table
from asbuilt.postgres.demands import demand
from asbuilt.postgres.spelling import kind_of
from asbuilt.postgres.storage import read_check
from asbuilt.source import Span
from asbuilt.values import frozen


@frozen
class Listing:
    """The values a column may hold, and what says so: an enum's definition or a CHECK constraint."""

    values: tuple[str, ...]
    span: Span


def allowed(table: Table, column: Column, catalog: Catalog) -> Listing | None:
    """The texts that a column may hold, where its type or a CHECK lists them."""
    enum = catalog.enum(column.type.name)
    if enum:
        return Listing(enum.values, enum.span)
    domain = catalog.domain(column.type.name)
    checks = [(check, column.name) for check in table.checks if check.columns == (column.name,)]
    checks += [(check, "value") for check in domain.checks] if domain else []
    for check, name in checks:
        known = read_check(check.expression)
        values = demand(known, name).values if known else ()
        if values:
            return Listing(values, check.span)
    return None


def held(table: Table, catalog: Catalog) -> Mapping[str, Held]:
    """The columns of a table as a condition sees them: kinds, and the texts that an enum or a CHECK lists."""
    return {column.name: _held(table, column, catalog) for column in table.columns}


def _held(table: Table, column: Column, catalog: Catalog) -> Held:
    many = column.type.dimensions > 0
    listing = None if many else allowed(table, column, catalog)
    return Held(kind_of(column.type, catalog), listing.values if listing else (), many)
