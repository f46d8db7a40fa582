"""The way up the path in SQL: how a row is tied to the parents that the path names."""

from collections.abc import Sequence

from asbuilt.postgres.derivation import Hop, KeyPart
from asbuilt.postgres.derived_json import Scope, equal
from asbuilt.postgres.spelling import bound, column_of, table_name


def where(conditions: Sequence[str], before: str = "\n") -> str:
    return f"{before}WHERE {' AND '.join(conditions)}" if conditions else ""


def key_is(alias: str, table: str, column: str, part: KeyPart, scope: Scope) -> str:
    value = bound(scope.numbers.of(part.parameter), part.kind, scope.type(table, column), scope.catalog)
    return f"{column_of(alias, column)} = {value}"


def climb(hops: Sequence[Hop], table: str, scope: Scope, start: int = 1) -> tuple[list[str], list[str]]:
    """The tables and conditions that tie a row (`t`, or the parent before `start`) to all parents up the path.

    The topmost parent is not read where the foreign key itself holds the value of the path.
    """
    tables: list[str] = []
    conditions: list[str] = []
    below = "t" if start == 1 else f"p{start - 1}"
    for at, hop in enumerate(hops, start):
        last = at == start + len(hops) - 1
        if last and hop.link and hop.link.references == (hop.key.column,):
            return tables, [*conditions, key_is(below, table, hop.link.columns[0], hop.key, scope)]
        parent = f"p{at}"
        more, joins = joined(hop, below, parent)
        tables += more
        conditions += [*joins, key_is(parent, hop.parent, hop.key.column, hop.key, scope)]
        below, table = parent, hop.parent
    return tables, conditions


def joined(hop: Hop, below: str, parent: str) -> tuple[list[str], list[str]]:
    """The parent's table, with the junction's if there is one, and the conditions that join the row below."""
    tables = [f"{table_name(hop.parent)} AS {parent}"]
    if hop.link:
        return tables, equal(below, hop.link.columns, parent, hop.link.references)
    if hop.junction is None:
        return tables, []
    between, junction = f"j{parent}", hop.junction
    far = equal(between, junction.far.columns, below, junction.far.references)
    near = equal(between, junction.near.columns, parent, junction.near.references)
    return [*tables, f"{table_name(junction.table)} AS {between}"], far + near


def parents(hops: Sequence[Hop], scope: Scope) -> tuple[list[str], list[str]]:
    """The tables and conditions that find the nearest parent `p1`, tied to all above it."""
    if not hops:
        return [], []
    first = hops[0]
    tables, conditions = climb(hops[1:], first.parent, scope, start=2)
    own = key_is("p1", first.parent, first.key.column, first.key, scope)
    return [f"{table_name(first.parent)} AS p1", *tables], [own, *conditions]
