"""Whether any value of a column can satisfy its CHECK constraints, and whether its default is one of them.

Decided by trying the values at, between and beside the constants that a condition names: where it only compares its
column, or the length of it, with constants, its truth changes nowhere else. Anything else counts as possible.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from uuid import UUID

from asbuilt.diagnostics import nearest
from asbuilt.postgres.catalog import Catalog, Check, Column, SqlType, Table
from asbuilt.postgres.grammar import Node
from asbuilt.postgres.predicates import UNDECIDED, Predicate, column_of, constant_items, constant_value, predicate
from asbuilt.postgres.sqltypes import range_of
from asbuilt.values import frozen

_MOST_CONSTANTS = 100
_MOST_CHECKS = 20  # of one column
_LONGEST = 10_000
_DEEPEST = 30
_COMPARISONS = frozenset({"<", ">", "<=", ">=", "=", "<>", "!="})
_LENGTHS = frozenset({"length", "char_length", "character_length"})
_TEXTS = frozenset({"text", "character varying", "character", "citext"})
_FRACTIONAL = frozenset({"numeric", "real", "double precision"})
# https://www.postgresql.org/docs/18/datatype-datetime.html#DATATYPE-DATETIME-SPECIAL-VALUES
_SPECIAL_TIMES = frozenset({"now", "today", "tomorrow", "yesterday", "epoch", "infinity", "-infinity", "allballs"})
_TIMES = ("timestamp", "date", "time ")
# https://www.postgresql.org/docs/18/datatype-boolean.html: any unique prefix is accepted.
_TRUTHS = ("true", "false", "yes", "no", "on", "off", "1", "0")


@frozen
class Contradiction:
    """CHECK constraints of a column, at the last of which no value is left; `null` is, where nothing forbids it."""

    column: str
    check: Check
    others: tuple[Check, ...]
    null: bool


def contradictions(table: Table, catalog: Catalog) -> Iterator[Contradiction]:
    """The columns of a table that can hold no value, each once."""
    conditions = _conditions(table)
    for column in table.columns:
        found = _contradiction(column, conditions.get(column.name, ()), _base(column.type, catalog))
        if found is not None:
            yield found


def _contradiction(
    column: Column, conditions: Sequence[tuple[Check, Predicate]], type_: SqlType
) -> Contradiction | None:
    for count, (check, condition) in enumerate(conditions, 1):
        if not _possible([condition], column, type_):
            return Contradiction(column.name, check, (), null=not column.not_null)
        if not _possible([each for _, each in conditions[:count]], column, type_):
            others = tuple(other for other, _ in conditions[: count - 1])
            return Contradiction(column.name, check, others, null=not column.not_null)
    return None


def refused_defaults(table: Table, catalog: Catalog) -> Iterator[tuple[Column, str, str]]:
    """The columns whose constant defaults are no values of them, each with the reason and a hint."""
    conditions = _conditions(table)
    for column in table.columns:
        if column.default is not None and not column.generated and not column.type.dimensions:
            refused = _refused(column, column.default, conditions.get(column.name, ()), catalog)
            if refused is not None:
                yield column, *refused


def _refused(
    column: Column, default: str, conditions: Iterable[tuple[Check, Predicate]], catalog: Catalog
) -> tuple[str, str] | None:
    written = predicate(default)
    value = constant_value(written.node) if written and not written.columns else UNDECIDED
    if value is UNDECIDED or value is None:
        return None
    enum = catalog.enum(column.type.name)
    if enum is not None:
        listed = ", ".join(f"`{each}`" for each in enum.values[:8])
        known = value in enum.values
        return None if known else (f"is no `{enum.name}`", nearest(str(value), enum.values) or f"it is one of {listed}")
    type_ = _base(column.type, catalog)
    reason = _refused_by_type(value, type_)
    if reason:
        return reason, ""
    typed = _number(value) if _is_number(type_) and isinstance(value, str) else value
    for check, condition in conditions:
        if condition.holds({column.name: typed}) is False:
            return f"fails the CHECK `{check.expression}`", ""
    return None


def _base(type_: SqlType, catalog: Catalog) -> SqlType:
    domain = catalog.domain(type_.name)
    return domain.base if domain and not type_.dimensions else type_


def _conditions(table: Table) -> Mapping[str, list[tuple[Check, Predicate]]]:
    """The first constraints that speak of one column alone, by that column."""
    found: dict[str, list[tuple[Check, Predicate]]] = {}
    for check in table.checks:
        about = set(check.columns)
        name = about.pop() if len(about) == 1 else ""
        read = predicate(check.expression) if name and len(found.get(name, ())) < _MOST_CHECKS else None
        if read is not None and read.columns == {name}:
            found.setdefault(name, []).append((check, read))
    return found


def _possible(conditions: Sequence[Predicate], column: Column, type_: SqlType) -> bool:
    """Whether a value can satisfy all conditions; True where that is not known."""
    plain = [each for each in conditions if _is_plain(each.node)]
    numbers = [number for each in plain for number in each.numbers]
    texts = [text for each in plain for text in each.texts]
    if not plain or len(numbers) + len(texts) > _MOST_CONSTANTS:
        return True
    candidates = _candidates(type_, numbers, texts)
    if not candidates:
        return True
    tried: list[object] = [*candidates]
    if not column.not_null and all(each.holds({column.name: None}) is True for each in plain):
        return True
    return any(all(each.holds({column.name: value}) is not False for each in plain) for value in tried)


def _candidates(type_: SqlType, numbers: Iterable[Decimal], texts: Sequence[str]) -> list[object]:
    """Values that behave as any value of a type does towards such constants; none for a type that is not known."""
    bounds = range_of(type_)
    points = sorted({Decimal(0), *numbers})
    if type_.dimensions:
        return []
    if bounds:
        near = {int(point) + step for point in points for step in (-1, 0, 1)} | set(bounds)
        return [Decimal(number) for number in near if bounds[0] <= number <= bounds[1]]
    if type_.name in _FRACTIONAL:
        between = [(low + high) / 2 for low, high in pairwise(points)]
        return [points[0] - 1, *points, *between, points[-1] + 1]
    if type_.name in _TEXTS:
        most = min([*type_.modifiers, _LONGEST])
        lengths = {int(point) + step for point in points if abs(point) < _LONGEST for step in (-1, 0, 1)} | {most}
        other = next(char for char in map(chr, range(97, 1000)) if not any(char in text for text in texts))
        return [*texts, *(other * length for length in lengths if 0 <= length <= most)]
    return []


def _is_plain(node: Node, depth: int = 0) -> bool:
    """Whether a condition only compares its column, or its length, with constants."""
    if depth > _DEEPEST:
        return False
    match node:
        case {"BoolExpr": {"args": arguments}}:
            return all(_is_plain(argument, depth + 1) for argument in arguments)
        case {"NullTest": {"arg": argument}}:
            return _is_column(argument)
        case {"A_Expr": {"lexpr": left, "rexpr": right, "name": [*_, {"String": {"sval": operator}}]} as inner}:
            match inner.get("kind", "AEXPR_OP"):
                case "AEXPR_OP" if operator in _COMPARISONS:
                    return (_is_subject(left) and _is_constant(right)) or (_is_constant(left) and _is_subject(right))
                case "AEXPR_IN" | "AEXPR_BETWEEN" | "AEXPR_NOT_BETWEEN":
                    return _is_subject(left) and UNDECIDED not in constant_items(right)
                case "AEXPR_OP_ANY":
                    return operator == "=" and _is_subject(left) and UNDECIDED not in constant_items(right)
    return False


def _is_column(node: Node) -> bool:
    return "ColumnRef" in node and column_of(node["ColumnRef"]) is not None


def _is_subject(node: Node) -> bool:
    match node:
        case {"FuncCall": {"funcname": [*_, {"String": {"sval": name}}], "args": [argument]}}:
            return name in _LENGTHS and _is_column(argument)
    return _is_column(node)


def _is_constant(node: Node) -> bool:
    return "A_Const" in node and constant_value(node) is not UNDECIDED


def _is_number(type_: SqlType) -> bool:
    return range_of(type_) is not None or type_.name in _FRACTIONAL


def _number(value: str) -> object:
    try:
        return Decimal(value)
    except InvalidOperation:
        return UNDECIDED


def _refused_by_type(value: object, type_: SqlType) -> str:
    """Why a constant is no value of a type; empty where it may be one."""
    bounds = range_of(type_)
    text = value.strip() if isinstance(value, str) else ""
    if bounds:
        number = value if isinstance(value, Decimal) else _number(text)
        if not isinstance(number, Decimal) or not number.is_finite():
            return f"is no `{type_}`"
        return "" if bounds[0] <= number <= bounds[1] else f"is out of the range of `{type_}`"
    if isinstance(value, str) and type_.name in {"character varying", "character"} and type_.modifiers:
        return f"is longer than `{type_}`" if len(value.rstrip(" ")) > type_.modifiers[0] else ""
    if type_.name.startswith(_TIMES) or type_.name == "date":
        told = any(char.isdecimal() for char in text) or text.casefold() in _SPECIAL_TIMES
        return "" if told else f"is no `{type_}`"
    reader = _READERS.get(type_.name)
    return f"is no `{type_}`" if reader and not reader(value, text) else ""


def _reads(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except (ValueError, ArithmeticError, RecursionError):
        return False
    return True


_READERS: dict[str, Callable[[object, str], bool]] = {
    "numeric": lambda value, text: isinstance(value, Decimal) or _reads(Decimal, text),
    "boolean": lambda value, text: (
        isinstance(value, bool) or bool(text and any(word.startswith(text.casefold()) for word in _TRUTHS))
    ),
    "uuid": lambda _, text: _reads(UUID, text),
    "json": lambda _, text: _reads(json.loads, text),
    "jsonb": lambda _, text: _reads(json.loads, text),
}
