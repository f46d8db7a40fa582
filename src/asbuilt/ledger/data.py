"""What Data Models claims: everything in the catalogue, mapped classes, and the statements that reach the rows."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from asbuilt.component import Component, PatternStep
from asbuilt.ledger.algorithms import reached_functions
from asbuilt.ledger.claim import Stated
from asbuilt.postgres.catalog import Check, Column, ForeignKey, Index, Key, Table
from asbuilt.postgres.ddl import sites
from asbuilt.sections.data import Data, Pattern
from asbuilt.source import Span

SCHEMA = "data.database-schema"
MAPPED = "data.orm-models"
PATTERNS = "data.access-patterns"
_CREATE_TYPE = re.compile(r"""\bCREATE\s+TYPE\s+(?:(?:\w+|"[^"\n]+")\.)?(?P<name>\w+|"[^"\n]+")""", re.IGNORECASE)
_CREATE = re.compile(r"\bCREATE\b", re.IGNORECASE)
_HEAD = 120
_SHOWN = 100


def schema(component: Component) -> Iterator[Stated]:
    catalog = component.data.catalog
    for table in catalog.tables:
        yield Stated(SCHEMA, "table", (table.name,), f"there is a table {table.name}", table.span)
        for column in table.columns:
            text = f"{table.name}.{column.name} is {_column(column)}"
            yield Stated(SCHEMA, "column", (table.name, column.name), text, column.span)
    for table, constraint in catalog.constraints():
        text = f"{constraint.name}: {_constraint(table, constraint)}"
        yield Stated(SCHEMA, "constraint", (table.name, constraint.name), text, constraint.span)
    for index in catalog.indexes:
        whole = _statement(component, index.span)
        yield Stated(SCHEMA, "index", (index.name,), f"{index.name} is {_index(index)}", whole)
    for view in catalog.views:
        text = f"there is a {'materialized view' if view.materialized else 'view'} {view.name}"
        yield Stated(SCHEMA, "view", (view.name,), text, _statement(component, view.span))
    yield from _types(component)


def statements(component: Component) -> Iterator[Stated]:
    """The statements of DDL that say nothing the catalogue holds: functions, triggers, policies, comments, grants."""
    told = [stated.span.start for stated in schema(component)]
    told.sort()
    for fragment in component.data.ddl:
        for site in sites(fragment)[0]:
            whole = site.sql.whole
            at = bisect_left(told, whole.start)
            if at == len(told) or told[at] >= whole.end:
                said = " ".join(site.sql.text.split())
                shown = said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"
                yield Stated(SCHEMA, "statement", (shown,), f"it is executed as written: {shown}", whole)


def _types(component: Component) -> Iterator[Stated]:
    catalog = component.data.catalog
    for enum in catalog.enums:
        text = f"{enum.name} is one of {', '.join(enum.values)}"
        yield Stated(SCHEMA, "type", (enum.name,), text, _statement(component, enum.span))
    for domain in catalog.domains:
        null = ", never null" if domain.not_null else ""
        text = f"{domain.name} is {domain.base}{null}"
        yield Stated(SCHEMA, "type", (domain.name,), text, _statement(component, domain.span))
    created = _created(component.data) if catalog.types else {}
    for name in catalog.types:
        if span := created.get(name.rpartition(".")[2]):
            yield Stated(SCHEMA, "type", (name,), f"there is a type {name}", _statement(component, span))


def _statement(component: Component, name: Span) -> Span:
    """The whole statement that creates what is named at a span, as far as its first semicolon."""
    for fragment in component.data.ddl:
        whole = fragment.whole
        if whole.start <= name.start < whole.end:
            text = component.source.text
            before = text[max(whole.start, name.start - _HEAD) : name.start]
            created = list(_CREATE.finditer(before))
            start = name.start - len(before) + created[-1].start() if created else name.start
            end = text.find(";", name.end, whole.end)
            return Span(start, whole.end if end < 0 else end).to(name)
    return name


def _created(data: Data) -> dict[str, Span]:
    """Where each type gets its name, by the last part of it: the catalogue tells no places of composites and ranges."""
    found: dict[str, Span] = {}
    for fragment in data.ddl:
        for match in _CREATE_TYPE.finditer(fragment.text):
            written = match["name"]
            name = written.strip('"') if written.startswith('"') else written.lower()
            found.setdefault(name, fragment.span(*match.span("name")))
    return found


def _column(column: Column) -> str:
    default = f", {column.default} by default" if column.default is not None else ""
    kept = f", generated as identity ({column.identity})" if column.identity else ""
    made = ", generated" if column.generated else ""
    return f"{column.type}{', never null' if column.not_null else ''}{default}{made}{kept}"


def _constraint(table: Table, constraint: Key | ForeignKey | Check) -> str:
    match constraint:
        case Key(primary=True):
            return f"{', '.join(constraint.columns)} is the primary key of {table.name}"
        case Key():
            return f"{', '.join(constraint.columns)} is unique in {table.name}"
        case ForeignKey():
            deleted = f", on delete {constraint.on_delete}" if constraint.on_delete != "no action" else ""
            referred = f"{constraint.table}({', '.join(constraint.references)})"
            return f"{table.name}({', '.join(constraint.columns)}) refers to {referred}{deleted}"
        case Check():
            return f"each row of {table.name} has {constraint.expression}"


def _index(index: Index) -> str:
    columns = ", ".join(column or "an expression" for column in index.columns)
    where = f" where {index.predicate}" if index.predicate else ""
    unique = "a unique index" if index.unique else "an index"
    return f"{unique} on {index.table} ({columns}) by {index.method}{where}"


def mapped(component: Component) -> Iterator[Stated]:
    """A mapped column is held against its table by `check`; without a table, nothing tells what it should be."""
    for each in component.data.mapped:
        table = component.data.catalog.table(each.table.text)
        for column in each.columns:
            name = (each.name.text, column.name.text)
            there = table is not None and table.column(column.name.text) is not None
            why = "" if there else f"no DDL says what `{each.table.text}.{column.name.text}` is"
            text = f"{'.'.join(name)} is the column {each.table.text}.{column.name.text}"
            yield Stated(MAPPED, "mapped column", name, text, column.span, "checked" if there else "unchecked", why)


def patterns(component: Component) -> Iterator[Stated]:
    """A statement that no operation leads to is never executed, so it is not enacted."""
    steps = (step for operation in component.operations for step in operation.steps)
    used = {step.pattern.name.text for step in steps if isinstance(step, PatternStep)}
    used |= {call.name.text for function in reached_functions(component) for call in function.calls}
    for pattern in component.data.patterns:
        stated = Stated(PATTERNS, "pattern", (pattern.name.text,), _pattern(pattern), pattern.span)
        lost = pattern.name.text not in used
        yield replace(stated, standing="unchecked", why="no operation leads to it") if lost else stated


def _pattern(pattern: Pattern) -> str:
    rows = {"one": "one row", "maybe": "a row or none", "many": "any number of rows", "none": "no rows"}
    what = f": {pattern.description}" if pattern.description else ""
    return f"`{pattern.name.text}` gives {rows[pattern.cardinality]}{what}"
