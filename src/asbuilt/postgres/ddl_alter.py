"""ALTER TABLE, by meaning. https://www.postgresql.org/docs/18/sql-altertable.html"""

from collections.abc import Callable
from dataclasses import replace

from asbuilt.diagnostics import nearest
from asbuilt.postgres.catalog import Column
from asbuilt.postgres.ddl_tables import constrain, identity_of, read_column
from asbuilt.postgres.draft import Draft, Site, TableDraft, qualified
from asbuilt.postgres.grammar import Node, walk
from asbuilt.postgres.sqltypes import type_of
from asbuilt.postgres.statement import Fault
from asbuilt.source import Span


def alter_table(draft: Draft, site: Site) -> None:
    """Changes the table; what it does not have is a fault."""
    node = site.tree.node
    if node.get("objtype", "OBJECT_TABLE") != "OBJECT_TABLE":
        return
    name = qualified(node["relation"])
    table = draft.table(name)
    if table is None:
        if not node.get("missing_ok"):
            place = site.name_span(node["relation"])
            hint = nearest(name, draft.known) or f"create `{name}` first"
            draft.faults.append(Fault(f"table `{name}` is altered before anything creates it", place, hint, "42P01"))
        return
    for command in node.get("cmds", ()):
        inner = command["AlterTableCmd"]
        step = _STEPS.get(inner["subtype"])
        if step is not None:
            step(draft, site, table, inner)


def _existing(draft: Draft, site: Site, table: TableDraft, command: Node) -> Column | None:
    """The column that an ALTER names; one that is not there is a fault."""
    column = table.columns.get(command["name"])
    if column is None and not command.get("missing_ok"):
        message = f"table `{table.name}` has no column `{command['name']}`"
        hint = nearest(command["name"], table.columns)
        draft.faults.append(Fault(message, _mention(site, command["name"]), hint, "42703"))
    return column


def _mention(site: Site, name: str) -> Span:
    for token in site.tree.tokens:
        if site.text(token.start, token.end).strip('"').casefold() == name.casefold():
            return site.span(token.start, token.end)
    return site.sql.whole


def _add_column(draft: Draft, site: Site, table: TableDraft, command: Node) -> None:
    node = command["def"]["ColumnDef"]
    start = site.tree.at(node)
    span = site.span(start, site.element_end(start))
    if node["colname"] in table.columns:
        if not command.get("missing_ok"):
            message = f"table `{table.name}` has a column `{node['colname']}` already"
            draft.faults.append(Fault(message, span, "", "42701"))
        return
    constrain(draft, site, table, read_column(draft, site, table, node, span))


def _drop_column(draft: Draft, site: Site, table: TableDraft, command: Node) -> None:
    column = _existing(draft, site, table, command)
    if column is None:
        return
    name = column.name
    del table.columns[name]
    table.keys = {n: key for n, key in table.keys.items() if name not in key.columns}
    table.foreign_keys = {n: key for n, key in table.foreign_keys.items() if name not in key.columns}
    table.checks = {n: check for n, check in table.checks.items() if name not in check.columns}
    draft.indexes = [i for i in draft.indexes if i.table != table.name or name not in i.columns]


def _change(change: Callable[[Site, Column, Node], Column]) -> Callable[[Draft, Site, TableDraft, Node], None]:
    def step(draft: Draft, site: Site, table: TableDraft, command: Node) -> None:
        column = _existing(draft, site, table, command)
        if column is not None:
            table.columns[column.name] = change(site, column, command)

    return step


def _set_type(_: Site, column: Column, command: Node) -> Column:
    return replace(column, type=type_of(command["def"]["ColumnDef"]["typeName"]))


def _set_default(site: Site, column: Column, command: Node) -> Column:
    if "def" not in command:
        return replace(column, default=None)
    starts = [site.tree.at(node) for _, node in walk(command["def"]) if "location" in node]
    first = min(starts) if starts else 0
    index = site.index(first)
    while index and site.tree.tokens[index].name != "DEFAULT":
        index -= 1
    start = site.tree.tokens[index].end
    return replace(column, default=site.text(start, site.element_end(start)).strip())


def _add_identity(_: Site, column: Column, command: Node) -> Column:
    return replace(column, identity=identity_of(command["def"]["Constraint"]), not_null=True)


def _add_constraint(draft: Draft, site: Site, table: TableDraft, command: Node) -> None:
    node = command["def"]["Constraint"]
    start = site.tree.at(node)
    constrain(draft, site, table, [(node, site.span(start, site.element_end(start)), None)])


def _drop_constraint(draft: Draft, site: Site, table: TableDraft, command: Node) -> None:
    name = command["name"]
    gone = [shelf.pop(name, None) for shelf in (table.keys, table.foreign_keys, table.checks)]
    draft.indexes = [index for index in draft.indexes if index.name != name or index.table != table.name]
    draft.constraints.discard(name)
    draft.relations.discard(name)
    if not any(gone) and not command.get("missing_ok"):
        known = (*table.keys, *table.foreign_keys, *table.checks)
        if not name.endswith("_not_null"):
            message = f"table `{table.name}` has no constraint `{name}`"
            draft.faults.append(Fault(message, _mention(site, name), nearest(name, known), "42704"))


_STEPS: dict[str, Callable[[Draft, Site, TableDraft, Node], None]] = {
    "AT_AddColumn": _add_column,
    "AT_DropColumn": _drop_column,
    "AT_AlterColumnType": _change(_set_type),
    "AT_ColumnDefault": _change(_set_default),
    "AT_SetNotNull": _change(lambda _, column, __: replace(column, not_null=True)),
    "AT_DropNotNull": _change(lambda _, column, __: replace(column, not_null=False)),
    "AT_AddIdentity": _change(_add_identity),
    "AT_DropIdentity": _change(lambda _, column, __: replace(column, identity=None)),
    "AT_DropExpression": _change(lambda _, column, __: replace(column, generated=False, default=None)),
    "AT_AddConstraint": _add_constraint,
    "AT_DropConstraint": _drop_constraint,
}
