"""Where a live catalogue means something else than the document's: one agreement for each thing the document defines.

Both inventories come from PostgreSQL, so that spelling is out of the way; what is left is compared by meaning. What
the live one holds besides is no difference, unless it refuses rows that the document accepts.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from asbuilt.postgres.agreement import Agreement, Rivals
from asbuilt.postgres.canonical import Form, conjuncts, default_form, form, query_form
from asbuilt.postgres.catalog import SqlType
from asbuilt.postgres.drift_of_rules import RuleDrift, types_of
from asbuilt.postgres.inventory import HeldColumn, HeldTable, HeldType, Inventory
from asbuilt.postgres.sqltypes import parsed

_KINDS = {"r": "table", "p": "partitioned table", "v": "view", "m": "materialized view", "f": "foreign table"}
_TABLES = {"r", "p", "f"}
_WIDEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_SEQUENCE = re.compile(r"\((-?\d+),(-?\d+),(-?\d+),(-?\d+),([tf]),(\w+)\)")


def drift(
    ours: Inventory, live: Inventory, bound: AbstractSet[str] = frozenset(), partial: AbstractSet[str] = frozenset()
) -> Iterator[Agreement]:
    """What the document's schema makes (`ours`) against what a database holds.

    `bound` are names of constraints that the document refers to. Of the tables in `partial` not all is known that
    the document says, so that what the database holds besides tells nothing.
    """
    for table in ours.tables:
        if table.kind in _TABLES:
            yield from _of_table(table, live.table(table.name), bound, complete=table.name not in partial)
        else:
            yield _of_view(table, live.table(table.name), _types(ours))
    for type_ in ours.types:
        yield _of_type(type_, live.type(type_.name))


def _of_table(
    ours: HeldTable, live: HeldTable | None, bound: AbstractSet[str], *, complete: bool
) -> Iterator[Agreement]:
    said = _told(ours)
    if live is None or live.kind not in _TABLES:
        held = "" if live is None else f"a {_KINDS[live.kind]}"
        differs = "the catalogue has no such table" if live is None else f"it is {held} there"
        yield Agreement("table", (ours.name,), said, held, differs)
        yield from _missing(ours)
        return
    for column in ours.columns:
        yield _of_column(ours, column, live)
    rules = RuleDrift(ours, live, bound)
    yield from list(rules.agreements())
    yield _as_a_whole(ours, live, list(rules.refusals()) if complete else [])


def _missing(ours: HeldTable) -> Iterator[Agreement]:
    """What cannot be there, since its table is not."""
    differs = f"there is no table `{ours.name}`"
    for column in ours.columns:
        yield Agreement("column", (ours.name, column.name), _column(column), "", differs)
    rules = [(rule.name, rule.definition) for rule in ours.indexes if rule.is_key]
    rules += [(rule.name, rule.definition) for rule in ours.checks]
    rules += [(rule.name, rule.definition) for rule in ours.references]
    for name, definition in rules:
        yield Agreement("constraint", (ours.name, name), definition, "", differs)
    for index in ours.indexes:
        if not index.kind:
            yield Agreement("index", (index.name,), index.definition, "", differs)


def _told(table: HeldTable) -> str:
    return f"{_KINDS[table.kind]} {table.name} ({', '.join(map(_column, table.columns))})"


def _as_a_whole(ours: HeldTable, live: HeldTable, refusals: Sequence[tuple[str, Rivals | None]]) -> Agreement:
    """The table itself: there, and accepting every row that the document lets in."""
    more = [column for column in live.columns if ours.column(column.name) is None]
    demanded = [column.name for column in more if _must_be_given(column)]
    differs, rivals = "", None
    if ours.partition != live.partition:
        differs = f"it is partitioned by {live.partition or 'nothing'}, the document says {ours.partition or 'nothing'}"
    if demanded:
        names = ", ".join(f"`{name}`" for name in demanded)
        differs = f"it demands a value for {names}, which the document does not have"
    elif refusals:
        differs = f"it refuses rows that the document accepts: {'; '.join(told for told, _ in refusals)}"
        rivals = refusals[0][1] if len(refusals) == 1 else None
    remark = f"besides the document it has {', '.join(f'`{column.name}`' for column in more)}" if more else ""
    return Agreement("table", (ours.name,), _told(ours), _told(live), differs, remark, rivals)


def _must_be_given(column: HeldColumn) -> bool:
    return column.not_null and column.default is None and not column.identity and not column.generated


def _of_column(table: HeldTable, ours: HeldColumn, live_table: HeldTable) -> Agreement:
    names = (table.name, ours.name)
    live = live_table.column(ours.name)
    if live is None:
        return Agreement("column", names, _column(ours), "", "the catalogue has no such column")
    keyed = _is_keyed(table, ours.name) and not _is_keyed(live_table, ours.name)
    differences = list(_column_differences(ours, live, types_of(table), keyed=keyed))
    remark = "" if parsed(ours.type) == parsed(live.type) else f"`{live.type}` without a length is `{ours.type}`"
    return Agreement("column", names, _column(ours), _column(live), "; ".join(differences), remark)


def _column_differences(ours: HeldColumn, live: HeldColumn, types: dict[str, SqlType], *, keyed: bool) -> Iterator[str]:
    """`keyed`: it is part of a primary key that the live table does not have, which is a difference of its own."""
    if _type_form(ours.type) != _type_form(live.type):
        yield f"its type is `{live.type}`, the document says `{ours.type}`"
    if ours.not_null != live.not_null and not keyed:
        yield "it is NOT NULL there" if live.not_null else "it may be null there"
    if (ours.collation or "") != (live.collation or ""):
        yield f"its collation is `{live.collation or 'the default'}`, the document says `{ours.collation or 'none'}`"
    if _filling(ours, types) != _filling(live, types):
        yield f"{_filled(live)}, the document says: {_filled(ours)}"


def _type_form(text: str) -> SqlType:
    """`varchar` without a length is `text`; a schema before a type's name is a matter of the search path."""
    type_ = parsed(text)
    name = type_.name.rpartition(".")[2]
    if name == "character varying" and not type_.modifiers:
        name = "text"
    return SqlType(name, type_.modifiers, min(type_.dimensions, 1))


def _filling(column: HeldColumn, types: dict[str, SqlType]) -> object:
    """Where the values of a column come from that nobody gives."""
    if column.generated:
        return ("made", column.generated, form(column.default or "", types))
    if column.identity == "a":
        return ("always", _sequence(column))
    drawn: Form | None = default_form(column.default, parsed(column.type), types)
    if column.identity or (column.sequence and drawn == ("sequence",)):
        return ("by default", _sequence(column))
    return drawn


def _sequence(column: HeldColumn) -> tuple[str, ...]:
    match = _SEQUENCE.fullmatch(column.sequence or "")
    if match is None:
        return (column.sequence or "",)
    start, step, least, most, cycles, type_ = match.groups()
    return (start, step, least, "" if int(most) == _WIDEST.get(type_) else most, cycles)


def _filled(column: HeldColumn) -> str:
    if column.generated:
        return f"it is generated as {column.default}"
    sequence = f" {column.sequence}" if column.sequence else ""
    if column.identity:
        return f"it is an identity, {'always' if column.identity == 'a' else 'by default'}{sequence}"
    return f"its default is {column.default}{sequence}" if column.default is not None else "it has no default"


def _column(column: HeldColumn) -> str:
    null = " NOT NULL" if column.not_null else ""
    if column.generated:
        kind = "STORED" if column.generated == "s" else "VIRTUAL"
        return f"{column.name} {column.type}{null} GENERATED ALWAYS AS ({column.default}) {kind}"
    if column.identity:
        when = "ALWAYS" if column.identity == "a" else "BY DEFAULT"
        return f"{column.name} {column.type}{null} GENERATED {when} AS IDENTITY"
    default = f" DEFAULT {column.default}" if column.default is not None else ""
    return f"{column.name} {column.type}{null}{default}"


def _is_keyed(table: HeldTable, column: str) -> bool:
    return any(index.kind == "p" and column in index.columns for index in table.indexes)


def _types(inventory: Inventory) -> dict[str, SqlType]:
    """The types of columns by their names, where all of one name are of one type."""
    known: dict[str, set[SqlType]] = {}
    for table in inventory.tables:
        for name, type_ in types_of(table).items():
            known.setdefault(name, set()).add(type_)
    return {name: next(iter(types)) for name, types in known.items() if len(types) == 1}


def _of_view(ours: HeldTable, live: HeldTable | None, types: dict[str, SqlType]) -> Agreement:
    said = f"{_KINDS[ours.kind]} {ours.name} AS {' '.join((ours.query or '').split())}"
    if live is None:
        return Agreement("view", (ours.name,), said, "", "the catalogue has no such view")
    held = f"{_KINDS[live.kind]} {live.name} AS {' '.join((live.query or '').split())}".removesuffix(" AS ")
    columns = [[(each.name, _type_form(each.type)) for each in view.columns] for view in (ours, live)]
    differs = ""
    if ours.kind != live.kind:
        differs = f"it is a {_KINDS[live.kind]} there"
    elif columns[0] != columns[1]:
        told = ", ".join(f"{each.name} {each.type}" for each in live.columns)
        differs = f"its columns are ({told}) there"
    elif ours.query and live.query and query_form(ours.query, types) != query_form(live.query, types):
        differs = "its query is another there"
    return Agreement("view", (ours.name,), said, held, differs)


def _of_type(ours: HeldType, live: HeldType | None) -> Agreement:
    said = _type(ours)
    if live is None:
        return Agreement("type", (ours.name,), said, "", "the catalogue has no such type")
    differs = "" if _meaning(ours) == _meaning(live) else f"it is {_type(live)} there"
    return Agreement("type", (ours.name,), said, _type(live), differs)


def _meaning(type_: HeldType) -> tuple[object, ...]:
    base = _type_form(type_.base) if type_.base else None
    values = {"value": base} if base else {}
    default = default_form(type_.default, base, values) if base else None
    checks = frozenset(conjunct for check in type_.checks for conjunct in conjuncts(check, values))
    return (type_.kind, type_.labels, base, type_.not_null, default, checks, type_.members)


def _type(type_: HeldType) -> str:
    match type_.kind:
        case "e":
            return f"{type_.name} AS ENUM ({', '.join(map(repr, type_.labels))})"
        case "d":
            rest = [f"DEFAULT {type_.default}"] if type_.default else []
            rest += ["NOT NULL"] if type_.not_null else []
            return " ".join([f"domain {type_.name} AS {type_.base}", *rest, *(f"CHECK ({c})" for c in type_.checks)])
        case "r":
            return f"{type_.name} AS RANGE ({type_.base})"
    return f"{type_.name} AS ({', '.join(type_.members)})"
