"""Whether two catalogues mean the same, however their expressions are spelled.

PostgreSQL keeps expressions as trees and writes them its own way: `status IN ('a', 'b')` comes back as
`(status = ANY (ARRAY['a'::text, 'b'::text]))`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from asbuilt.postgres.catalog import Catalog, Check, Column, ForeignKey, Index, Key, Table
from asbuilt.postgres.grammar import Node, Refused, parse
from asbuilt.source import Span


class _Namesake(Protocol):
    @property
    def name(self) -> str: ...


_T = TypeVar("_T", bound=_Namesake)
_K = TypeVar("_K", Key, ForeignKey)
_NOWHERE = Span(0, 0)


def differences(left: Catalog, right: Catalog) -> Iterator[str]:
    """What the two do not have in common, a line each; nothing if they mean the same. Order is of no account."""
    yield from _named("table", left.tables, right.tables)
    for table in left.tables:
        other = right.table(table.name)
        if other is not None:
            yield from _of_table(table, other)
    yield from _named("type", left.enums, right.enums)
    for enum in left.enums:
        twin = right.enum(enum.name)
        if twin is not None and twin.values != enum.values:
            yield f"type {enum.name}: {enum.values} and {twin.values}"
    yield from _named("domain", left.domains, right.domains)
    for domain in left.domains:
        same = right.domain(domain.name)
        if same is not None:
            if (domain.base, domain.not_null) != (same.base, same.not_null):
                yield f"domain {domain.name}: {domain.base} and {same.base}"
            yield from _checks(f"domain {domain.name}", domain.checks, same.checks)
    yield from _named("view", left.views, right.views)
    yield from _indexes(left.indexes, right.indexes)


def same_expression(left: str | None, right: str | None) -> bool:
    """Whether two expressions are one, as far as spelling goes: casts that change nothing, IN, BETWEEN, LIKE."""
    return left == right or (left is not None and right is not None and _normal(left) == _normal(right))


def _named(kind: str, left: Sequence[_T], right: Sequence[_T]) -> Iterator[str]:
    ours, theirs = {each.name for each in left}, {each.name for each in right}
    yield from (f"{kind} {name} is only on the left" for name in sorted(ours - theirs))
    yield from (f"{kind} {name} is only on the right" for name in sorted(theirs - ours))


def _of_table(left: Table, right: Table) -> Iterator[str]:
    where = f"table {left.name}"
    yield from (f"{where}: {each}" for each in _named("column", left.columns, right.columns))
    for column in left.columns:
        other = right.column(column.name)
        if other is not None and not _same_column(column, other):
            yield f"{where}: {_told(column)} and {_told(other)}"
    yield from (f"{where}: {each}" for each in _named("key", left.keys, right.keys))
    yield from (f"{where}: {each}" for each in _named("foreign key", left.foreign_keys, right.foreign_keys))
    yield from _unlike(where, left.keys, right.keys)
    yield from _unlike(where, left.foreign_keys, right.foreign_keys)
    yield from _checks(where, left.checks, right.checks)


def _unlike(where: str, left: Sequence[_K], right: Sequence[_K]) -> Iterator[str]:
    """Keys of one name that are not one key."""
    others = {each.name: each for each in right}
    for key in left:
        twin = others.get(key.name)
        if twin is not None and replace(key, span=_NOWHERE) != replace(twin, span=_NOWHERE):
            yield f"{where}: {key} and {twin}"


def _same_column(left: Column, right: Column) -> bool:
    bare = [replace(each, span=_NOWHERE, type_span=None, default=None) for each in (left, right)]
    return bare[0] == bare[1] and same_expression(left.default, right.default)


def _told(column: Column) -> str:
    null = " NOT NULL" if column.not_null else ""
    return f"{column.name} {column.type}{null} {column.default} {column.identity} {column.generated}"


def _checks(where: str, left: Sequence[Check], right: Sequence[Check]) -> Iterator[str]:
    yield from (f"{where}: {each}" for each in _named("check", left, right))
    others = {check.name: check for check in right}
    for check in left:
        other = others.get(check.name)
        if other is not None and not same_expression(check.expression, other.expression):
            yield f"{where}: check {check.name}: {check.expression} and {other.expression}"


def _indexes(left: Sequence[Index], right: Sequence[Index]) -> Iterator[str]:
    yield from _named("index", left, right)
    others = {index.name: index for index in right}
    for index in left:
        other = others.get(index.name)
        if other is None:
            continue
        bare = [replace(each, span=_NOWHERE, predicate=None) for each in (index, other)]
        if bare[0] != bare[1] or not same_expression(index.predicate, other.predicate):
            yield f"index {index.name}: {index} and {other}"


def _normal(expression: str) -> object:
    try:
        tree = parse(f"SELECT {expression}")
    except Refused:
        return expression
    return _plain(tree.node["targetList"]) if tree is not None else expression


_SAME_NAMES = {"current_timestamp": "now", "char_length": "length", "character_length": "length"}


def _plain(value: object) -> object:
    """A tree without places, casts, and other things that only PostgreSQL's spelling brings in."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"TypeCast": {"arg": inner}}:
            return _plain(inner)
        case {"SQLValueFunction": {"op": "SVFOP_CURRENT_TIMESTAMP"}}:
            return {"call": "now", "args": []}
        case {"FuncCall": {"funcname": name, **rest}}:
            called = name[-1]["String"]["sval"]
            return {"call": _SAME_NAMES.get(called, called), "args": _plain(rest.get("args", []))}
        case {"A_Expr": node}:
            return _operation(node)
        case {"BoolExpr": {"boolop": operator, "args": args}}:
            return {"bool": operator, "args": _flat(operator, args)}
        case {"A_Const": constant}:
            kept = {key: inner for key, inner in constant.items() if key != "location"}
            return {"const": str(next(iter(next(iter(kept.values())).values()), "")) if "isnull" not in kept else None}
    return {key: _plain(inner) for key, inner in value.items() if key != "location"}


def _flat(operator: str, args: list[Node]) -> list[object]:
    found: list[object] = []
    for each in args:
        plain = _plain(each)
        if isinstance(plain, dict) and plain.get("bool") == operator:
            found += plain["args"]
        else:
            found.append(plain)
    return found


def _operation(node: Node) -> object:
    kind = node.get("kind", "AEXPR_OP")
    operator = node["name"][-1]["String"]["sval"] if node.get("name") else ""
    left, right = _plain(node.get("lexpr")), _plain(node.get("rexpr"))
    if kind == "AEXPR_IN" and isinstance(right, dict):
        items = right.get("List", {}).get("items", [])
        if len(items) == 1:
            return {"op": operator, "args": [left, items[0]]}
        return {"op": f"{operator} any", "args": [left, {"array": items}]}
    if kind in {"AEXPR_OP_ANY", "AEXPR_OP_ALL"}:
        array = right.get("A_ArrayExpr", {}).get("elements") if isinstance(right, dict) else None
        return {"op": f"{operator} any", "args": [left, {"array": array} if array is not None else right]}
    if kind in {"AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN"} and isinstance(right, dict):
        low, high = right["List"]["items"]
        within = kind == "AEXPR_BETWEEN"
        lower = {"op": ">=" if within else "<", "args": [left, low]}
        upper = {"op": "<=" if within else ">", "args": [left, high]}
        return {"bool": "AND_EXPR" if within else "OR_EXPR", "args": [lower, upper]}
    if operator == "-" and node.get("lexpr") is None and isinstance(right, dict) and "const" in right:
        return {"const": f"-{right['const']}"}
    return {"op": {"!=": "<>"}.get(operator, operator), "args": [left, right]}
