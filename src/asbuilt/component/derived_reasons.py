"""What was derived from what, a line each: for a reader who wonders what an endpoint does."""

from collections.abc import Iterator

from asbuilt.postgres.catalog import Table
from asbuilt.postgres.derivation import (
    PAGE_SIZE,
    ChildrenMember,
    Derivation,
    EmbeddedMember,
    Hop,
    LinksWrite,
    RowsWrite,
)


def reasons_for(derivation: Derivation, table: Table) -> Iterator[str]:
    """A line for each part of a derivation but its table."""
    for part in derivation.key:
        primary = table.primary_key
        role = "the primary key of" if primary and primary.columns == (part.column,) else "a key of"
        yield f"`{{{part.parameter}}}` is `{part.column}`, {role} `{table.name}`"
    below = derivation.table
    for hop in derivation.hops:
        yield _hop(hop, below)
        below = hop.parent
    yield from _changes(derivation)
    yield from _listing(derivation)
    if derivation.address:
        values = (part.column or (part.parameter.parameter if part.parameter else "") for part in derivation.address)
        path = "".join(
            f"{part.text}{{{at}}}" if at else part.text for part, at in zip(derivation.address, values, strict=True)
        )
        yield f"`Location` is `{path}`"
    for member in derivation.members:
        if isinstance(member, EmbeddedMember):
            yield f"`{member.name}` is the row of `{member.table}` that `{', '.join(member.link.columns)}` leads to"
        elif isinstance(member, ChildrenMember):
            through = f" through `{member.junction.table}`" if member.junction else ""
            yield f"`{member.name}` lists rows of `{member.table}`{through}"


def _hop(hop: Hop, below: str) -> str:
    end = f"whose `{hop.key.column}` is `{{{hop.key.parameter}}}`"
    if hop.junction:
        return f"`{hop.junction.table}` connects `{below}` with `{hop.parent}`, {end}"
    columns = ", ".join(hop.link.columns) if hop.link else ""
    return f"`{below}.{columns}` leads to `{hop.parent}`, {end}"


def _changes(derivation: Derivation) -> Iterator[str]:
    if derivation.assignments:
        columns = ", ".join(f"`{each.column}`" for each in derivation.assignments)
        kept = {"change": "; what is left out stays", "replace": "; what is left out goes to its default"}
        some = any(each.optional for each in derivation.assignments)
        yield f"sets {columns}{kept.get(derivation.deed, '') if some else ''}"
    for write in derivation.writes:
        name = write.parameter.removeprefix("body.")
        if isinstance(write, RowsWrite):
            counted = next((item.column for item in write.columns if item.counted), None)
            yield f"`{name}` becomes the rows of `{write.table}`" + (f", counted by `{counted}`" if counted else "")
        elif isinstance(write, LinksWrite):
            yield f"`{name}` becomes the rows of `{write.junction.table}` that lead to `{write.table}`"


def _listing(derivation: Derivation) -> Iterator[str]:
    for each in derivation.filters:
        yield f"`{each.parameter}` filters by `{derivation.table}.{each.column}`"
    if derivation.order:
        yield f"in the order of {', '.join(f'`{column}`' for column in derivation.order)}"
    if derivation.outcome == "page" and derivation.limit is None:
        yield f"pages of {PAGE_SIZE}: no parameter says how many"
