"""DDL as a catalogue: what an author's statements make, whether or not a server is at hand."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from asbuilt.postgres.catalog import Catalog, Check, Domain, EnumType, Index, Key, View
from asbuilt.postgres.ddl_alter import alter_table
from asbuilt.postgres.ddl_tables import columns_in, create_table
from asbuilt.postgres.dialects import another_dialect, is_of_dialect
from asbuilt.postgres.draft import Draft, Site, dotted, local, qualified
from asbuilt.postgres.grammar import Node, Refused, Token, parse, readable, split
from asbuilt.postgres.naming import index_columns, joined
from asbuilt.postgres.renaming import rename
from asbuilt.postgres.salvage import salvaged
from asbuilt.postgres.sqltypes import type_of
from asbuilt.postgres.statement import Fault
from asbuilt.source import Fragment


def read_ddl(fragments: Sequence[Fragment]) -> tuple[Catalog, tuple[Fault, ...]]:
    """The catalogue that the statements make, in their order, and what stands against them.

    A statement that PostgreSQL's grammar refuses is one fault, and the others are read all the same.
    """
    draft = Draft()
    for fragment in fragments:
        found, faults = sites(fragment)
        told = len(draft.faults)
        for site in found:
            reader = _READERS.get(site.tree.kind)
            if reader is not None:
                reader(draft, site)
        if any(is_of_dialect(fault) for fault in faults):
            del draft.faults[told:]  # one sentence says it all
        draft.faults += faults
    return draft.built(), tuple(sorted(draft.faults, key=lambda fault: fault.span.start))


def sites(fragment: Fragment) -> tuple[list[Site], list[Fault]]:
    """The statements of a fragment that can be read, and what the grammar says against the others."""
    found: list[Site] = []
    scanned, torn = readable(fragment.text)
    faults = [torn.fault(fragment)] if torn else []
    pieces = list(split(fragment.text, scanned))
    for number, (start, end, tokens) in enumerate(pieces):
        piece = fragment.part(start, end)
        last = number + 1 == len(pieces)
        try:
            tree = parse(piece.text, tuple([Token(t.start - start, t.end - start, t.name, t.reserved) for t in tokens]))
        except Refused as refusal:
            tree, refusals = salvaged(piece.text, refusal)
            # What an unfinished quote tears off is told once, at the quote.
            faults += () if torn and last else (each.fault(piece) for each in refusals)
        if tree is not None:
            found.append(Site(piece, tree))
        if not last and ";" not in fragment.text[end : pieces[number + 1][0]] and tokens[-1].name == "ASCII_41":
            faults.append(Fault("a semicolon is missing after this statement", fragment.span(end - 1, end)))
    dialect = another_dialect(fragment) if faults else None
    return found, [dialect] if dialect is not None else faults


def _create_index(draft: Draft, site: Site) -> None:
    node = site.tree.node
    table_name = qualified(node["relation"])
    parameters = node.get("indexParams", [])
    included = node.get("indexIncludingParams", [])
    name = node.get("idxname")
    if name is None:
        name = draft.name_relation(table_name, joined(index_columns([*parameters, *included])), "idx")
        span = site.name_span(node["relation"])
    elif node.get("if_not_exists") and name in draft.relations:
        return
    else:
        span = site.name_after("INDEX")
    columns = tuple(parameter["IndexElem"].get("name") for parameter in parameters)
    predicate = site.after("WHERE", 0, len(site.sql.text)) if "whereClause" in node else None
    unique = bool(node.get("unique"))
    method = node.get("accessMethod") or "btree"
    draft.relations.add(name)
    draft.indexes.append(Index(name, table_name, columns, span, unique, method, predicate))
    table = draft.table(table_name)
    if table is not None and unique and predicate is None and None not in columns:
        table.keys.setdefault(name, Key(name, tuple(c for c in columns if c), span))


def _create_enum(draft: Draft, site: Site) -> None:
    node = site.tree.node
    values = tuple(value["String"].get("sval", "") for value in node.get("vals", ()))
    draft.enums.append(EnumType(dotted(node["typeName"]), values, site.name_after("TYPE_P")))


def _alter_enum(draft: Draft, site: Site) -> None:
    node = site.tree.node
    name = dotted(node["typeName"])
    draft.enums = [_with_value(enum, node) if enum.name == name else enum for enum in draft.enums]


def _with_value(enum: EnumType, node: Node) -> EnumType:
    new = node["newVal"]
    if "oldVal" in node:
        return replace(enum, values=tuple(new if value == node["oldVal"] else value for value in enum.values))
    if new in enum.values:
        return enum
    values, neighbour = list(enum.values), node.get("newValNeighbor")
    at = len(values)
    if neighbour in values:
        at = values.index(neighbour) + (1 if node.get("newValIsAfter") else 0)
    return replace(enum, values=(*values[:at], new, *values[at:]))


def _create_domain(draft: Draft, site: Site) -> None:
    node = site.tree.node
    domain = Domain(dotted(node["domainname"]), type_of(node["typeName"]), site.name_after("DOMAIN_P"))
    starts = [site.tree.at(item["Constraint"]) for item in node.get("constraints", ())]
    for item, start, end in zip(node.get("constraints", ()), starts, [*starts[1:], len(site.sql.text)], strict=False):
        constraint = item["Constraint"]
        if constraint["contype"] == "CONSTR_NOTNULL":
            domain = replace(domain, not_null=True)
        elif constraint["contype"] == "CONSTR_CHECK":
            domain = _with_check(draft, site, domain, constraint, (start, end))
    draft.domains.append(domain)


def _with_check(draft: Draft, site: Site, domain: Domain, constraint: Node, place: tuple[int, int]) -> Domain:
    name = constraint.get("conname") or draft.name_constraint(domain.name, "", "check")
    draft.take(domain.name, name, relation=False)
    start, end = place
    end = start + len(site.text(start, end).rstrip())
    columns = columns_in(constraint["raw_expr"])
    check = Check(name, site.group(start, end), columns, site.span(start, end))
    return replace(domain, checks=(*domain.checks, check))


def _alter_domain(draft: Draft, site: Site) -> None:
    node = site.tree.node
    name = dotted(node["typeName"])
    for at, domain in enumerate(draft.domains):
        if domain.name != name:
            continue
        match node.get("subtype"):
            case "C":
                constraint = node["def"]["Constraint"]
                if constraint["contype"] == "CONSTR_CHECK":
                    place = (site.tree.at(constraint), len(site.sql.text))
                    draft.domains[at] = _with_check(draft, site, domain, constraint, place)
            case "X":
                kept = tuple(check for check in domain.checks if check.name != node.get("name"))
                draft.domains[at] = replace(domain, checks=kept)
            case "O" | "N":
                draft.domains[at] = replace(domain, not_null=node["subtype"] == "O")


def _create_view(draft: Draft, site: Site) -> None:
    node = site.tree.node
    name = qualified(node["view"])
    if node.get("replace"):
        draft.views = [view for view in draft.views if view.name != name]
    query = site.after("AS", 0, len(site.sql.text))
    columns = tuple(part["String"]["sval"] for part in node.get("aliases", ()))
    draft.views.append(View(name, query, site.name_span(node["view"]), columns=columns))
    draft.relations.add(name)


def _create_as(draft: Draft, site: Site) -> None:
    node = site.tree.node
    relation = node["into"]["rel"]
    query = site.after("AS", 0, len(site.sql.text))
    if node.get("objtype") == "OBJECT_MATVIEW":
        columns = tuple(part["String"]["sval"] for part in node["into"].get("colNames", ()))
        draft.views.append(View(qualified(relation), query, site.name_span(relation), True, columns))  # noqa: FBT003
        draft.relations.add(qualified(relation))
        return
    message = f"`CREATE TABLE {qualified(relation)} AS` runs a query to find its columns, and is not read"
    draft.faults.append(Fault(message, site.name_span(relation), "write its columns out", "0A000"))


def _drop(draft: Draft, site: Site) -> None:
    node = site.tree.node
    for target in node.get("objects", ()):
        match (node["removeType"], target):
            case ("OBJECT_TABLE", {"List": {"items": names}}):
                draft.drop(dotted(names))
            case ("OBJECT_VIEW" | "OBJECT_MATVIEW", {"List": {"items": names}}):
                draft.views = [view for view in draft.views if view.name != dotted(names)]
            case ("OBJECT_INDEX", {"List": {"items": names}}):
                _drop_index(draft, local(dotted(names)))
            case ("OBJECT_TYPE" | "OBJECT_DOMAIN", {"TypeName": {"names": names}}):
                draft.enums = [enum for enum in draft.enums if enum.name != dotted(names)]
                draft.domains = [domain for domain in draft.domains if domain.name != dotted(names)]


def _drop_index(draft: Draft, name: str) -> None:
    for index in draft.indexes:
        if index.name == name and (table := draft.table(index.table)) is not None:
            table.keys.pop(name, None)
    draft.indexes = [index for index in draft.indexes if index.name != name]
    draft.relations.discard(name)


def _create_type(draft: Draft, site: Site) -> None:
    node = site.tree.node
    draft.types.append(qualified(node["typevar"]) if "typevar" in node else dotted(node["typeName"]))


_READERS: dict[str, Callable[[Draft, Site], None]] = {
    "CreateStmt": create_table,
    "AlterTableStmt": alter_table,
    "IndexStmt": _create_index,
    "CreateEnumStmt": _create_enum,
    "CompositeTypeStmt": _create_type,
    "CreateRangeStmt": _create_type,
    "AlterEnumStmt": _alter_enum,
    "CreateDomainStmt": _create_domain,
    "AlterDomainStmt": _alter_domain,
    "ViewStmt": _create_view,
    "CreateTableAsStmt": _create_as,
    "DropStmt": _drop,
    "RenameStmt": rename,
}
