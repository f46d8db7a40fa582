"""What a CHECK constraint plainly demands of one column: for messages, for fixes, and for values that break it."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from asbuilt.postgres.grammar import Node
from asbuilt.postgres.predicates import Predicate, column_of, constant_items, constant_value
from asbuilt.values import frozen

_DEEPEST = 40
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}
_LENGTHS = frozenset({"length", "char_length", "character_length"})


@frozen
class Demand:
    """What a predicate demands of one column, where that is plain: every value that breaks it breaks the predicate.

    `step`: of what numbers are to be multiples, so that none is rounded.
    """

    at_least: Decimal | None = None
    above: Decimal | None = None
    at_most: Decimal | None = None
    below: Decimal | None = None
    shortest: int | None = None
    longest: int | None = None
    values: tuple[str, ...] = ()
    pattern: str | None = None
    step: Decimal | None = None


def demand(predicate: Predicate, column: str) -> Demand:
    """What the predicate demands of a column, as far as it is a conjunction of plain comparisons with constants."""
    found = Demand()
    for node in _conjuncts(predicate.node, 0):
        found = _demanded(found, node, column)
    return found


def _conjuncts(node: Node, depth: int) -> Iterator[Node]:
    inner = node.get("BoolExpr", {})
    if inner.get("boolop") == "AND_EXPR" and depth < _DEEPEST:
        for argument in inner["args"]:
            yield from _conjuncts(argument, depth + 1)
    else:
        yield node


def _demanded(found: Demand, node: Node, column: str) -> Demand:
    inner = node.get("A_Expr", {})
    operator = inner["name"][-1]["String"]["sval"] if inner.get("name") else ""
    left, right = inner.get("lexpr", {}), inner.get("rexpr", {})
    match inner.get("kind"):
        case "AEXPR_BETWEEN":
            low, high = (constant_value(item) for item in right["List"]["items"])
            return _bounded(_bounded(found, ">=", left, low, column), "<=", left, high, column)
        case "AEXPR_IN" if operator == "=" and is_column(left, column):
            return replace(found, values=_texts(right))
        case "AEXPR_OP_ANY" if operator == "=" and is_column(left, column):
            return replace(found, values=_texts(right))
        case "AEXPR_OP" if operator == "~" and is_column(left, column):
            pattern = constant_value(right)
            return replace(found, pattern=pattern if isinstance(pattern, str) else None)
        case "AEXPR_OP" if operator in _MIRRORED:
            constant = constant_value(right)
            if not isinstance(constant, Decimal):
                return _bounded(found, _MIRRORED[operator], right, constant_value(left), column)
            return _bounded(found, operator, left, constant, column)
    return found


def _texts(node: Node) -> tuple[str, ...]:
    return tuple(item for item in constant_items(node) if isinstance(item, str))


def is_column(node: Node, column: str) -> bool:
    inner = node["TypeCast"]["arg"] if "TypeCast" in node else node
    return "ColumnRef" in inner and column_of(inner["ColumnRef"]) == column


def _bounded(found: Demand, operator: str, node: Node, bound: object, column: str) -> Demand:
    if not isinstance(bound, Decimal):
        return found
    call = node.get("FuncCall", {})
    if call and call["funcname"][-1]["String"]["sval"] in _LENGTHS and is_column(call["args"][0], column):
        whole = int(bound)
        longest = {"<=": whole, "<": whole - 1, "=": whole}.get(operator, found.longest)
        shortest = {">=": whole, ">": whole + 1, "=": whole}.get(operator, found.shortest)
        return replace(found, longest=longest, shortest=shortest)
    if not is_column(node, column):
        return found
    match operator:
        case ">=":
            return replace(found, at_least=bound)
        case ">":
            return replace(found, above=bound)
        case "<=":
            return replace(found, at_most=bound)
        case "<":
            return replace(found, below=bound)
    return found
