"""CHECK constraints decided by hand for rows whose values are known, in SQL's three-valued logic and a fourth value.

What this cannot decide as PostgreSQL would is `UNDECIDED`, never a guess: functions it does not know, collations,
the clock. https://www.postgresql.org/docs/18/functions.html
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import re2

from asbuilt.postgres.grammar import Node, Refused, parse, walk
from asbuilt.values import frozen


class _Undecided:
    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDECIDED"


UNDECIDED: Final = _Undecided()
_DEEPEST = 40
_DIGITS = 28
_COMPARISONS = frozenset({"<", ">", "<=", ">=", "=", "<>", "!="})
# Escapes that mean other things in PostgreSQL's regular expressions than in RE2.
_FOREIGN_ESCAPE = re.compile(r"\\[AmMyYZcuUxev0-9]|\[\[[.=]|\[\[:[<>]|\(\?|\*\*")
# What a character beyond ASCII is to a class such as `\w` depends on the locale.
_PLAIN_PATTERN = re.compile(r"(?:[^\\\[]|\\[^a-zA-Z]|\[(?!\[))*")


@frozen
class Predicate:
    """A condition on columns; `numbers` and `texts` are the constants that occur in it."""

    text: str
    node: Node
    columns: frozenset[str]
    numbers: tuple[Decimal, ...]
    texts: tuple[str, ...]

    def holds(self, row: Mapping[str, object]) -> object:
        """True, False, None (which passes a CHECK) or UNDECIDED. Columns that are not in `row` are unknown."""
        return _value(self.node, row, 0)


def predicate(expression: str) -> Predicate | None:
    """The predicate that a CHECK constraint's expression is; None where the grammar refuses it."""
    try:
        tree = parse(f"SELECT ({expression})")
    except Refused:
        return None
    targets = tree.node.get("targetList", []) if tree else []
    if len(targets) != 1 or "val" not in targets[0]["ResTarget"]:
        return None
    node: Node = targets[0]["ResTarget"]["val"]
    columns = frozenset(name for kind, inner in walk(node) if kind == "ColumnRef" and (name := column_of(inner)))
    constants = [_constant(inner) for kind, inner in walk(node) if kind == "A_Const"]
    return Predicate(
        expression,
        node,
        columns,
        tuple(dict.fromkeys(value for value in constants if isinstance(value, Decimal))),
        tuple(dict.fromkeys(value for value in constants if isinstance(value, str))),
    )


def constant_value(node: Node) -> object:
    """The value of an expression without columns, or UNDECIDED."""
    return _value(node, {}, 0)


def constant_items(node: Node) -> list[object]:
    """The values of a list or array of such expressions."""
    return _items(node, {}, 0)


def column_of(node: Node) -> str | None:
    last = node["fields"][-1]
    name = last.get("String", {}).get("sval")
    return str(name) if name else None


def _constant(node: Node) -> object:
    match node:
        case {"isnull": True}:
            return None
        case {"ival": value}:
            return Decimal(value.get("ival", 0))
        case {"fval": value}:
            return Decimal(value["fval"]) if re.fullmatch(r"(?=.*\d)\d{0,40}\.?\d{0,40}", value["fval"]) else UNDECIDED
        case {"boolval": value}:
            return bool(value.get("boolval", False))
        case {"sval": value}:
            return str(value.get("sval", ""))
    return UNDECIDED


def _value(node: Node, row: Mapping[str, object], depth: int) -> object:
    if depth > _DEEPEST or len(node) != 1:
        return UNDECIDED
    ((kind, inner),) = node.items()
    known = _KINDS.get(kind)
    return known(inner, row, depth + 1) if known else UNDECIDED


def _boolean(node: Node, row: Mapping[str, object], depth: int) -> object:
    values = [_value(argument, row, depth) for argument in node["args"]]
    if node["boolop"] == "NOT_EXPR":
        return _negated(values[0])
    decisive = node["boolop"] == "OR_EXPR"
    if any(value is decisive for value in values):
        return decisive
    if any(value is not None and not isinstance(value, bool) for value in values):
        return UNDECIDED
    return None if None in values else not decisive


def _negated(value: object) -> object:
    return not value if isinstance(value, bool) else value


def _null_test(node: Node, row: Mapping[str, object], depth: int) -> object:
    value = _value(node["arg"], row, depth)
    return UNDECIDED if value is UNDECIDED else (value is None) is (node["nulltesttype"] == "IS_NULL")


def _boolean_test(node: Node, row: Mapping[str, object], depth: int) -> object:
    value = _value(node["arg"], row, depth)
    words = node["booltesttype"].removeprefix("IS_").split("_")
    wanted = {"TRUE": True, "FALSE": False, "UNKNOWN": None}[words[-1]]
    return UNDECIDED if value is UNDECIDED else (value is wanted) is (words[0] != "NOT")


def _expression(node: Node, row: Mapping[str, object], depth: int) -> object:
    operator = node["name"][-1]["String"]["sval"]
    left = _value(node["lexpr"], row, depth) if "lexpr" in node else Decimal(0)
    match node.get("kind", "AEXPR_OP"):
        case "AEXPR_IN":
            found = _any([_compared("=", left, item) for item in _items(node["rexpr"], row, depth)])
            return _negated(found) if operator == "<>" else found
        case "AEXPR_BETWEEN" | "AEXPR_NOT_BETWEEN" as kind:
            low, high = _items(node["rexpr"], row, depth)
            inside = _all([_compared(">=", left, low), _compared("<=", left, high)])
            return inside if kind == "AEXPR_BETWEEN" else _negated(inside)
        case "AEXPR_OP_ANY" if operator == "=":
            return _any([_compared("=", left, item) for item in _items(node["rexpr"], row, depth)])
        case "AEXPR_LIKE" | "AEXPR_ILIKE" as kind:
            return _liked(left, _value(node["rexpr"], row, depth), kind == "AEXPR_ILIKE", operator.startswith("!"))
        case "AEXPR_OP":
            return _operated(operator, left, _value(node["rexpr"], row, depth))
    return UNDECIDED


def _items(node: Node, row: Mapping[str, object], depth: int) -> list[object]:
    match node:
        case {"List": {"items": items}} | {"A_ArrayExpr": {"elements": items}}:
            return [_value(item, row, depth) for item in items]
        case {"TypeCast": {"arg": inner}}:
            return _items(inner, row, depth + 1) if depth < _DEEPEST else [UNDECIDED]
    return [UNDECIDED]


def _any(values: list[object]) -> object:
    return True if True in values else UNDECIDED if UNDECIDED in values else None if None in values else False


def _all(values: list[object]) -> object:
    return False if False in values else UNDECIDED if UNDECIDED in values else None if None in values else True


def _operated(operator: str, left: object, right: object) -> object:
    if left is UNDECIDED or right is UNDECIDED:
        return UNDECIDED
    if left is None or right is None:
        return None
    if operator in _COMPARISONS:
        return _compared(operator, left, right)
    if operator in _CALCULATIONS and isinstance(left, Decimal) and isinstance(right, Decimal):
        return _calculated(operator, left, right)
    if operator in ("~", "~*", "!~", "!~*"):
        return _matched(left, right, "*" in operator, operator.startswith("!"))
    if operator == "||" and isinstance(left, str) and isinstance(right, str):
        return left + right
    return UNDECIDED


def _calculated(operator: str, left: Decimal, right: Decimal) -> object:
    """Exact, or undecided: a result of more digits than a Decimal keeps would be rounded."""
    result = _CALCULATIONS[operator](left, right)
    return result if len(result.as_tuple().digits) < _DIGITS else UNDECIDED


_CALCULATIONS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}


def _compared(operator: str, left: object, right: object) -> object:
    if left is UNDECIDED or right is UNDECIDED:
        return UNDECIDED
    if left is None or right is None:
        return None
    left, right = _alike(left, right)
    if type(left) is not type(right):
        return UNDECIDED
    if isinstance(left, datetime | time) and isinstance(right, datetime | time) and _zoned(left) != _zoned(right):
        return UNDECIDED
    if operator in ("=", "<>", "!="):
        return (left == right) is (operator == "=")
    # How texts are sorted depends on the collation.
    if not isinstance(left, Decimal | date | datetime | time | timedelta) or not isinstance(right, type(left)):
        return UNDECIDED
    less, equal = left < right, left == right  # type: ignore[operator]  # they are of one type
    return {"<": less, "<=": less or equal, ">": not less and not equal, ">=": not less}[operator]


def _zoned(value: datetime | time) -> bool:
    return value.tzinfo is not None


def _alike(left: object, right: object) -> tuple[object, object]:
    """A literal beside a value of another type is of that type."""
    for one, other, turned in ((left, right, False), (right, left, True)):
        reader = _LITERALS.get(type(other))
        if isinstance(one, str) and reader:
            try:
                read = reader(one)
            except (ValueError, ArithmeticError):
                return UNDECIDED, None
            return (other, read) if turned else (read, other)
    return left, right


_LITERALS: dict[type, Callable[[str], object]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
    UUID: UUID,
    Decimal: Decimal,
}


def _liked(text: object, pattern: object, any_case: bool, negated: bool) -> object:  # noqa: FBT001
    if not isinstance(text, str) or not isinstance(pattern, str) or "\\" in pattern:
        return None if None in (text, pattern) else UNDECIDED
    body = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in pattern)
    if any_case and not (text.isascii() and pattern.isascii()):
        return UNDECIDED
    found = _searched(f"^(?:{body})$", text, any_case=any_case)
    return found if found is UNDECIDED else found is not negated


def _matched(text: object, pattern: object, any_case: bool, negated: bool) -> object:  # noqa: FBT001
    """`~`: https://www.postgresql.org/docs/18/functions-matching.html#FUNCTIONS-POSIX-REGEXP"""
    if not isinstance(text, str) or not isinstance(pattern, str):
        return UNDECIDED
    foreign = _FOREIGN_ESCAPE.search(pattern) or pattern.startswith("***")
    if foreign or not (text.isascii() or (_PLAIN_PATTERN.fullmatch(pattern) and not any_case)):
        return UNDECIDED
    found = _searched(pattern, text, any_case=any_case)
    return found if found is UNDECIDED else found is not negated


def _searched(pattern: str, text: str, *, any_case: bool) -> object:
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False
    options.case_sensitive = not any_case
    try:
        return re2.search(pattern, text, options) is not None
    except re2.error:
        return UNDECIDED


def _called(node: Node, row: Mapping[str, object], depth: int) -> object:
    name = node["funcname"][-1]["String"]["sval"]
    values = [_value(argument, row, depth) for argument in node.get("args", ())]
    if UNDECIDED in values or name not in _FUNCTIONS:
        return UNDECIDED
    if None in values:
        return None
    try:
        return _FUNCTIONS[name](*values)
    except TypeError:
        return UNDECIDED


def _length(value: object) -> object:
    return Decimal(len(value)) if isinstance(value, str) else UNDECIDED


def _octets(value: object) -> object:
    return Decimal(len(value.encode())) if isinstance(value, str) else UNDECIDED


def _trimmed(value: object) -> object:
    return value.strip(" ") if isinstance(value, str) else UNDECIDED


def _lowered(value: object) -> object:
    return value.lower() if isinstance(value, str) and value.isascii() else UNDECIDED


def _raised(value: object) -> object:
    return value.upper() if isinstance(value, str) and value.isascii() else UNDECIDED


def _absolute(value: object) -> object:
    return abs(value) if isinstance(value, Decimal) else UNDECIDED


def _counted(value: object) -> object:
    return Decimal(len(value)) if isinstance(value, list) else UNDECIDED


def _array_length(value: object, dimension: object) -> object:
    """NULL, not zero, for an empty array."""
    if not isinstance(value, list) or dimension != Decimal(1):
        return UNDECIDED
    return Decimal(len(value)) if value else None


def _json_kind(value: object) -> object:
    match value:
        case list():
            return "array"
        case dict():
            return "object"
    return UNDECIDED


_FUNCTIONS: dict[str, Callable[..., object]] = {
    "length": _length,
    "char_length": _length,
    "character_length": _length,
    "octet_length": _octets,
    "btrim": _trimmed,
    "trim": _trimmed,
    "lower": _lowered,
    "upper": _raised,
    "abs": _absolute,
    "cardinality": _counted,
    "jsonb_array_length": _counted,
    "array_length": _array_length,
    "jsonb_typeof": _json_kind,
}


def _cast(node: Node, row: Mapping[str, object], depth: int) -> object:
    """A cast that changes nothing about the value: of a text to text, of a number to a number."""
    value = _value(node["arg"], row, depth)
    name = node["typeName"].get("names", [{}])[-1].get("String", {}).get("sval", "")
    if value is None or value is UNDECIDED:
        return value
    same = isinstance(value, str) if name in ("text", "varchar") else isinstance(value, Decimal) and name == "numeric"
    return value if same and "typmods" not in node["typeName"] else UNDECIDED


def _coalesced(node: Node, row: Mapping[str, object], depth: int) -> object:
    for argument in node["args"]:
        value = _value(argument, row, depth)
        if value is not None:
            return value
    return None


_KINDS: dict[str, Callable[[Node, Mapping[str, object], int], object]] = {
    "A_Const": lambda node, _row, _depth: _constant(node),
    "ColumnRef": lambda node, row, _depth: row.get(column_of(node) or "", UNDECIDED),
    "BoolExpr": _boolean,
    "NullTest": _null_test,
    "BooleanTest": _boolean_test,
    "A_Expr": _expression,
    "FuncCall": _called,
    "TypeCast": _cast,
    "CoalesceExpr": _coalesced,
}
