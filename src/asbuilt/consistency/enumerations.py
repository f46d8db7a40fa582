"""Enums, CHECK constraints and Literals that list the values of one thing must list the same values."""

from collections.abc import Iterator

from asbuilt.component import Component, DerivedStep, PatternStep
from asbuilt.component.deposits import deposits
from asbuilt.diagnostics import Diagnostic, Edit, Fix, Hole, rule
from asbuilt.language.names import plural, snake
from asbuilt.language.types import Array, Choice, Field, Named, Schema, Type
from asbuilt.postgres.catalog import Column, Table
from asbuilt.postgres.derivation import ColumnMember
from asbuilt.postgres.listing import Listing, allowed
from asbuilt.values import frozen


@frozen
class Pair:
    """A field of an answer and the column it shows."""

    schema: Schema
    field: Field
    table: Table
    column: Column


@rule("API405")
def differing_enumeration(component: Component) -> Iterator[Diagnostic]:
    """A field of an answer and the column it shows list different values.

    A value that only the column knows makes an answer that breaks its own schema; one that only the schema
    knows is promised and never comes. (What a body may hold and the column not is `unstorable-body`.)
    """
    seen: set[tuple[str, str]] = set()
    stored = {component.types.present(cell.type).span for deposit in deposits(component) for cell in deposit.cells}
    for pair in pairs(component):
        choice = component.types.present(pair.field.type)
        listing = allowed(pair.table, pair.column, component.data.catalog)
        key = (pair.schema.name, pair.field.name)
        if listing is None or not isinstance(choice, Choice) or key in seen:
            continue
        texts = tuple(value for value in choice.values if isinstance(value, str))
        missing = set(listing.values) - set(texts)
        refused = choice.span in stored and not missing  # then a body shows what is wrong
        if texts and set(texts) != set(listing.values) and not refused:
            seen.add(key)
            yield _differing(component, pair, choice, texts, listing)


def _differing(
    component: Component, pair: Pair, choice: Choice, texts: tuple[str, ...], listing: Listing
) -> Diagnostic:
    field, column = f"{pair.schema.name}.{pair.field.name}", f"{pair.table.name}.{pair.column.name}"
    parts = []
    for name, extra in ((column, set(listing.values) - set(texts)), (field, set(texts) - set(listing.values))):
        if extra:
            parts.append(f"only `{name}` has {', '.join(f'`{value}`' for value in sorted(extra))}")
    return differing_enumeration.at(
        Hole(choice.span, ""),
        f"`{field}` and `{column}` list different values: {'; '.join(parts)}",
        hint="list the same values in both",
        also=[(listing, "the column's values")],
        fix=_aligned(component, choice, listing),
    )


def _aligned(component: Component, choice: Choice, listing: Listing) -> Fix | None:
    written = component.source.cut(choice.span)
    if not (written.startswith("Literal[") and written.endswith("]")):
        return None
    quoted = ", ".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in listing.values)
    return Fix("list the column's values", (Edit(choice.span, f"Literal[{quoted}]"),))


def pairs(component: Component) -> Iterator[Pair]:
    """Fields of answers with their columns: by what operations do, and where that is not known by their names."""
    for operation in component.operations:
        step = operation.steps[-1] if operation.steps else None
        schemas = [item for answer in operation.endpoint.answers if (item := _item(component, answer.type))]
        for schema in schemas:
            match step:
                case DerivedStep(derivation):
                    columns = {m.name: m.column for m in derivation.members if isinstance(m, ColumnMember)}
                    sources = {name: (derivation.table, column) for name, column in columns.items()}
                case PatternStep(pattern):
                    signature = component.signature(pattern.name.text)
                    found = signature.columns if signature else ()
                    sources = {snake(column.name): column.source for column in found if column.source}
                case _:
                    sources = {field.name: (plural(snake(schema.name)), snake(field.name)) for field in schema.fields}
            yield from _sourced(component, schema, sources)


def _sourced(component: Component, schema: Schema, sources: dict[str, tuple[str, str]]) -> Iterator[Pair]:
    for field in schema.fields:
        table_name, column_name = sources.get(field.name) or sources.get(snake(field.name)) or ("", "")
        table = component.data.catalog.table(table_name)
        column = table.column(column_name) if table else None
        if table and column:
            yield Pair(schema, field, table, column)


def _item(component: Component, type_: Type | None) -> Schema | None:
    """The schema of an answer, or of what it lists."""
    present = component.types.present(type_) if type_ else None
    if isinstance(present, Array):
        present = component.types.present(present.item)
    elif isinstance(present, Named) and present.name == "Page" and len(present.arguments) == 1:
        present = component.types.present(present.arguments[0])
    return component.types.schema(present) if present else None


RULES = (differing_enumeration,)
