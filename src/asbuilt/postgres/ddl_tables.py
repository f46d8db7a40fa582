"""CREATE TABLE, by meaning. https://www.postgresql.org/docs/18/sql-createtable.html"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from asbuilt.postgres.catalog import Action, Check, Column, ForeignKey, Index, Key
from asbuilt.postgres.draft import Draft, Site, TableDraft, qualified
from asbuilt.postgres.grammar import Node, walk
from asbuilt.postgres.naming import index_columns, joined
from asbuilt.postgres.sqltypes import SERIALS, canonical, type_of
from asbuilt.postgres.statement import Fault
from asbuilt.source import Span

_ACTIONS: dict[str, Action] = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}
_LIKE_BITS = {"constraints": 1 << 2, "defaults": 1 << 3, "generated": 1 << 4, "identity": 1 << 5, "indexes": 1 << 6}


def create_table(draft: Draft, site: Site) -> None:
    """Adds the table, with the names PostgreSQL gives its constraints; a second one of its name beside the first."""
    node = site.tree.node
    name = qualified(node["relation"])
    table = TableDraft(name, site.name_span(node["relation"]))
    if node.get("if_not_exists") and draft.table(name) is not None:
        twin = Draft(constraints=set(), relations=set(), known=dict(draft.known))
        _fill(twin, site, table)
        if _meaning(table) != _meaning(draft.known[name]):
            draft.tables.append(table)
        return
    draft.add(table)
    _fill(draft, site, table)


def _fill(draft: Draft, site: Site, table: TableDraft) -> None:
    node = site.tree.node
    for parent in node.get("inhRelations", ()):
        _inherit(draft, table, qualified(parent["RangeVar"]), whole="partbound" in node)
    constraints: list[tuple[Node, Span, str | None]] = []
    for element in node.get("tableElts", ()):
        match element:
            case {"ColumnDef": column}:
                start = site.tree.at(column)
                span = site.span(start, site.element_end(start))
                if is_index(column):
                    message = "PostgreSQL has no indexes inside CREATE TABLE"
                    hint = f"write `CREATE INDEX ON {table.name} (...)` after the table"
                    draft.faults.append(Fault(message, span, hint, ""))
                    continue
                if column["colname"] in table.columns and "inhRelations" not in node:
                    draft.faults.append(Fault(f"column `{column['colname']}` stands here twice", span, "", "42701"))
                    continue
                constraints += read_column(draft, site, table, column, span)
            case {"Constraint": constraint}:
                start = site.tree.at(constraint)
                constraints.append((constraint, site.span(start, site.element_end(start)), None))
            case {"TableLikeClause": like}:
                _like(draft, table, like)
    constrain(draft, site, table, constraints)


def is_index(column: Node) -> bool:
    """`INDEX name (column)`, as MySQL has it, reads like a column `index` with a strange type."""
    modifiers = column.get("typeName", {}).get("typmods", ())
    return column.get("colname") in {"index", "key"} and any("ColumnRef" in modifier for modifier in modifiers)


def read_column(
    draft: Draft, site: Site, table: TableDraft, node: Node, span: Span
) -> list[tuple[Node, Span, str | None]]:
    """Adds the column, and returns the constraints of the table that were written inside it."""
    name = node["colname"]
    type_ = type_of(node["typeName"]) if "typeName" in node else canonical("text")
    typed = _type_span(site, node) if "typeName" in node else None
    column = table.columns.get(name) or Column(name, type_, span, type_span=typed)
    if type_.name in SERIALS and "typeName" in node:
        sequence = draft.name_relation(table.name, name, "seq")
        draft.take(table.name, sequence, relation=True)
        default = f"nextval('{sequence}'::regclass)"
        column = Column(name, canonical(SERIALS[type_.name]), span, not_null=True, default=default, type_span=typed)
    found: list[tuple[Node, Span, str | None]] = []
    for constraint, start, end in pieces(site, node):
        match constraint["contype"]:
            case "CONSTR_NOTNULL":
                column = replace(column, not_null=True)
            case "CONSTR_NULL":
                pass
            case "CONSTR_DEFAULT":
                nothing = constraint.get("raw_expr", {}).get("A_Const", {}).get("isnull")
                column = replace(column, default=None if nothing else site.after("DEFAULT", start, end))
            case "CONSTR_GENERATED":
                column = replace(column, generated=True, default=site.group(start, end))
            case "CONSTR_IDENTITY":
                column = replace(column, identity=identity_of(constraint), not_null=True)
            case _:
                found.append((constraint, site.span(start, end), name))
    table.columns[name] = column
    return found


def _type_span(site: Site, node: Node) -> Span:
    """The words of a column's type, up to its first constraint."""
    start = site.tree.at(node["typeName"])
    end = site.element_end(start)
    borders = [site.tree.at(item["Constraint"]) for item in node.get("constraints", ())]
    borders += [site.tree.at(node["collClause"])] if "collClause" in node else []
    stop = min([end, *borders])
    return site.span(start, start + len(site.text(start, stop).rstrip()))


def pieces(site: Site, node: Node) -> list[tuple[Node, int, int]]:
    """The constraints written in a column, each with where it begins and ends."""
    inner = [item["Constraint"] for item in node.get("constraints", ())]
    if not inner:
        return []
    last = site.element_end(site.tree.at(node))
    starts = [site.tree.at(constraint) for constraint in inner]
    others = [site.tree.at(node["collClause"])] if "collClause" in node else []
    borders = sorted({*starts, *others, last})
    following = dict(pairwise(borders))
    pieces = []
    for constraint, start in zip(inner, starts, strict=True):
        end = following.get(start, last)
        pieces.append((constraint, start, start + len(site.text(start, end).rstrip())))
    return pieces


def identity_of(constraint: Node) -> Literal["always", "by default"]:
    return "always" if constraint.get("generated_when") == "a" else "by default"


def constrain(
    draft: Draft, site: Site, table: TableDraft, constraints: Sequence[tuple[Node, Span, str | None]]
) -> None:
    """Adds constraints in the order in which PostgreSQL names them: checks, primary key, unique, foreign keys."""
    named = [item[0]["conname"] for item in constraints if item[0].get("conname")]
    for name in named:
        draft.take(table.name, name, relation=False)
    ranks = {"CONSTR_CHECK": 0, "CONSTR_PRIMARY": 1, "CONSTR_UNIQUE": 2, "CONSTR_EXCLUSION": 2, "CONSTR_FOREIGN": 3}
    for node, span, column in sorted(constraints, key=lambda item: ranks.get(item[0]["contype"], 4)):
        match node["contype"]:
            case "CONSTR_CHECK":
                _check(draft, site, table, node, span)
            case "CONSTR_PRIMARY" | "CONSTR_UNIQUE":
                _key(draft, site, table, node, span, column)
            case "CONSTR_FOREIGN":
                _foreign_key(draft, table, node, span, column)
            case "CONSTR_EXCLUSION":
                _exclusion(draft, site, table, node, span)
            case "CONSTR_NOTNULL":  # a table constraint since PostgreSQL 18
                table.require(_strings(node.get("keys", ())))


def _check(draft: Draft, site: Site, table: TableDraft, node: Node, span: Span) -> None:
    columns = tuple(name for name in columns_in(node["raw_expr"]) if name in table.columns)
    single = columns[0] if len(columns) == 1 else ""
    name = node.get("conname") or draft.name_constraint(table.name, single, "check")
    draft.take(table.name, name, relation=False)
    start = site.tree.at(node)
    expression = site.group(start, site.element_end(start))
    _place(draft, table, table.checks, Check(name, expression, columns, span))


def _key(draft: Draft, site: Site, table: TableDraft, node: Node, span: Span, column: str | None) -> None:
    primary = node["contype"] == "CONSTR_PRIMARY"
    if "indexname" in node:
        _adopt_index(draft, table, node, span, primary=primary)
        return
    columns = (column,) if column else _strings(node.get("keys", ()))
    if primary:
        table.require(columns)
    same = any(key.columns == columns for key in table.keys.values())
    if same and "conname" not in node and site.tree.kind == "CreateStmt":
        return  # `PRIMARY KEY UNIQUE` makes one index only
    label, part = ("pkey", "") if primary else ("key", joined((*columns, *_strings(node.get("including", ())))))
    name = node.get("conname") or draft.name_relation(table.name, part, label)
    draft.take(table.name, name, relation=True)
    if not node.get("without_overlaps"):
        _place(draft, table, table.keys, Key(name, columns, span, primary))


def _adopt_index(draft: Draft, table: TableDraft, node: Node, span: Span, *, primary: bool) -> None:
    """`ADD CONSTRAINT c UNIQUE USING INDEX i`: the index becomes the constraint, and takes its name."""
    old = node["indexname"]
    index = next((index for index in draft.indexes if index.name == old and index.table == table.name), None)
    columns = tuple(name for name in index.columns if name) if index else ()
    table.keys.pop(old, None)
    draft.indexes = [other for other in draft.indexes if other is not index]
    if primary:
        table.require(columns)
    name = node.get("conname") or old
    draft.take(table.name, name, relation=True)
    table.keys[name] = Key(name, columns, span, primary)


def _foreign_key(draft: Draft, table: TableDraft, node: Node, span: Span, column: str | None) -> None:
    columns = (column,) if column else _strings(node.get("fk_attrs", ()))
    name = node.get("conname") or draft.name_constraint(table.name, joined(columns), "fkey")
    draft.take(table.name, name, relation=False)
    key = ForeignKey(
        name,
        columns,
        qualified(node["pktable"]),
        _strings(node.get("pk_attrs", ())),
        span,
        _ACTIONS.get(node.get("fk_del_action", "a"), "no action"),
        _ACTIONS.get(node.get("fk_upd_action", "a"), "no action"),
    )
    _place(draft, table, table.foreign_keys, key)


def _exclusion(draft: Draft, site: Site, table: TableDraft, node: Node, span: Span) -> None:
    """An exclusion constraint is known by the index that bears its name."""
    elements = [pair["List"]["items"][0] for pair in node.get("exclusions", ())]
    name = node.get("conname") or draft.name_relation(table.name, joined(index_columns(elements)), "excl")
    draft.take(table.name, name, relation=True)
    start = site.tree.at(node)
    predicate = None
    if "where_clause" in node:
        predicate = site.after("WHERE", start, site.element_end(start)).removeprefix("(").removesuffix(")").strip()
    columns = tuple(element["IndexElem"].get("name") for element in elements)
    method = node.get("access_method") or "btree"
    draft.indexes.append(Index(name, table.name, columns, span, method=method, predicate=predicate))


_Named = Key | ForeignKey | Check
_Shelf = dict[str, Key] | dict[str, ForeignKey] | dict[str, Check]


def _place(draft: Draft, table: TableDraft, shelf: _Shelf, it: _Named) -> None:
    if it.name in shelf:
        message = f"constraint `{it.name}` of table `{table.name}` is there already"
        draft.faults.append(Fault(message, it.span, "give one of the two another name", "42710"))
        return
    shelf[it.name] = it  # type: ignore[assignment]  # callers pair shelf and kind


def _like(draft: Draft, table: TableDraft, node: Node) -> None:
    source = draft.table(qualified(node["relation"]))
    if source is None:
        return
    options = int(node.get("options", 0))
    including = {word for word, bit in _LIKE_BITS.items() if options & bit}
    for column in source.columns.values():
        keeps = "generated" in including if column.generated else "defaults" in including
        table.columns[column.name] = replace(
            column,
            default=column.default if keeps else None,
            generated=column.generated and keeps,
            identity=column.identity if "identity" in including else None,
        )
    if "constraints" in including:
        table.checks.update(source.checks)
    if "indexes" in including:
        _copy_keys(draft, source, table)


def _copy_keys(draft: Draft, source: TableDraft, table: TableDraft) -> None:
    for key in source.keys.values():
        part, label = ("", "pkey") if key.primary else (joined(key.columns), "key")
        name = draft.name_relation(table.name, part, label)
        draft.take(table.name, name, relation=True)
        table.keys[name] = replace(key, name=name)


def _inherit(draft: Draft, table: TableDraft, parent: str, *, whole: bool) -> None:
    """Takes over a parent's columns and checks; a partition has its keys as well."""
    source = draft.table(parent)
    if source is None:
        return
    table.columns.update(source.columns)
    table.checks.update(source.checks)
    if whole:
        _copy_keys(draft, source, table)
        table.foreign_keys.update(source.foreign_keys)


def _meaning(table: TableDraft) -> object:
    nowhere = Span(0, 0)
    return (
        [replace(column, span=nowhere, type_span=None) for column in table.columns.values()],
        {(key.columns, key.primary) for key in table.keys.values()},
        {(key.columns, key.table) for key in table.foreign_keys.values()},
        {check.expression for check in table.checks.values()},
    )


def columns_in(expression: object) -> tuple[str, ...]:
    """The names of the columns that occur in an expression, each once."""
    references = (node["fields"] for kind, node in walk(expression) if kind == "ColumnRef")
    names = (fields[-1]["String"]["sval"] for fields in references if "String" in fields[-1])
    return tuple(dict.fromkeys(names))


def _strings(nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple(node["String"]["sval"] for node in nodes)
