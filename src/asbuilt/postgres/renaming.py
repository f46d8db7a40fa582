"""ALTER ... RENAME: what else in the catalogue bears the name that changes."""

import re
from collections.abc import Iterable
from dataclasses import replace

from asbuilt.postgres.catalog import Column, Index
from asbuilt.postgres.draft import Draft, Site, TableDraft, dotted, qualified, schema_of


def rename(draft: Draft, site: Site) -> None:
    """Gives a table, column, constraint, index, view or type its new name wherever the old one stood."""
    node = site.tree.node
    new = node["newname"]
    match node["renameType"]:
        case "OBJECT_TABLE" | "OBJECT_VIEW" | "OBJECT_MATVIEW":
            _relation(draft, qualified(node["relation"]), new)
        case "OBJECT_INDEX":
            _key(draft, _table_of(draft, node["relation"]["relname"]), node["relation"]["relname"], new)
        case "OBJECT_TABCONSTRAINT":
            _key(draft, draft.table(qualified(node["relation"])), node["subname"], new)
        case "OBJECT_COLUMN":
            table = draft.table(qualified(node["relation"]))
            if table is not None:
                _column(draft, table, node["subname"], new)
        case "OBJECT_TYPE" | "OBJECT_DOMAIN":
            _type(draft, dotted(node["object"]["List"]["items"]), new)


def _beside(old: str, new: str) -> str:
    """The new name in the schema of the old one."""
    schema = schema_of(old)
    return f"{schema}.{new}" if schema else new


def _relation(draft: Draft, old: str, new: str) -> None:
    name = _beside(old, new)
    draft.views = [replace(view, name=name) if view.name == old else view for view in draft.views]
    draft.indexes = [replace(index, table=name) if index.table == old else index for index in draft.indexes]
    for table in draft.tables:
        table.foreign_keys = {
            each: replace(key, table=name) if key.table == old else key for each, key in table.foreign_keys.items()
        }
    table_ = draft.known.pop(old, None)
    draft.relations = (draft.relations - {old}) | {name}
    if table_ is not None:
        table_.name = name
        draft.known[name] = table_


def _table_of(draft: Draft, index: str) -> TableDraft | None:
    owner = next((each.table for each in draft.indexes if each.name == index), None)
    if owner is not None:
        return draft.table(owner)
    return next((table for table in draft.tables if index in table.keys), None)


def _key(draft: Draft, table: TableDraft | None, old: str, new: str) -> None:
    """An index or constraint, and the key that bears the same name."""
    draft.indexes = [replace(index, name=new) if index.name == old else index for index in draft.indexes]
    if table is None:
        return
    table.keys = {(new if name == old else name): key for name, key in table.keys.items()}
    table.foreign_keys = {(new if name == old else name): key for name, key in table.foreign_keys.items()}
    table.checks = {(new if name == old else name): check for name, check in table.checks.items()}
    if new in table.keys:
        table.keys[new] = replace(table.keys[new], name=new)
    if new in table.foreign_keys:
        table.foreign_keys[new] = replace(table.foreign_keys[new], name=new)
    if new in table.checks:
        table.checks[new] = replace(table.checks[new], name=new)


def _column(draft: Draft, table: TableDraft, old: str, new: str) -> None:
    def changed(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(new if name == old else name for name in names)

    columns: dict[str, Column] = {}
    for name, column in table.columns.items():
        default = _respelled(column.default, old, new) if column.generated else column.default
        kept = replace(column, default=default)
        columns[new if name == old else name] = replace(kept, name=new) if name == old else kept
    table.columns = columns
    table.keys = {name: replace(key, columns=changed(key.columns)) for name, key in table.keys.items()}
    table.foreign_keys = {n: replace(key, columns=changed(key.columns)) for n, key in table.foreign_keys.items()}
    table.checks = {
        name: replace(
            check, columns=changed(check.columns), expression=_respelled(check.expression, old, new) or check.expression
        )
        for name, check in table.checks.items()
    }
    for other in draft.tables:
        other.foreign_keys = {
            name: replace(key, references=changed(key.references)) if key.table == table.name else key
            for name, key in other.foreign_keys.items()
        }
    draft.indexes = [_index(index, old, new) if index.table == table.name else index for index in draft.indexes]


def _index(index: Index, old: str, new: str) -> Index:
    columns = tuple(new if name == old else name for name in index.columns)
    return replace(index, columns=columns, predicate=_respelled(index.predicate, old, new))


def _respelled(expression: str | None, old: str, new: str) -> str | None:
    """An expression with the column's new name; strings are left as they are."""
    if expression is None:
        return None
    return re.sub(rf"'[^']*'|\b{re.escape(old)}\b", lambda found: new if found[0] == old else found[0], expression)


def _type(draft: Draft, old: str, new: str) -> None:
    name = _beside(old, new)
    draft.enums = [replace(enum, name=name) if enum.name == old else enum for enum in draft.enums]
    draft.domains = [replace(domain, name=name) if domain.name == old else domain for domain in draft.domains]
    draft.types = [name if each == old else each for each in draft.types]
    for table in draft.tables:
        for column in table.columns.values():
            if column.type.name == old:
                table.columns[column.name] = replace(column, type=replace(column.type, name=name))
