"""Constants written in Python: the defaults of members, the bounds of constraints. Nothing is executed."""

import ast
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from asbuilt.language.types import ABSENT, UNSET, Default, Number
from asbuilt.language.values import iso_duration

_EMPTY: Mapping[str, type] = {"list": list, "dict": dict, "set": list, "tuple": list, "frozenset": list, "str": str}
_LARGEST_POWER = 128


class NotConstantError(Exception):
    """A node whose value only a running program knows."""

    def __init__(self, node: ast.expr) -> None:
        super().__init__(node)
        self.node = node


def constant(node: ast.expr, known: Mapping[str, Default]) -> Default:
    """The JSON value of a node. `known` holds the values of names such as `Status.PENDING`.

    Raises NotConstantError with the part that is none.
    """
    match node:
        case ast.Constant(value=value) if value is Ellipsis:
            return UNSET
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return value
        case ast.Constant(value=bytes() as value):
            return value.decode("latin-1")
        case ast.UnaryOp() | ast.BinOp():
            return number(node, known)
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return [constant(item, known) for item in items]
        case ast.Dict(keys=keys, values=values):
            return {_key(node, key, known): constant(value, known) for key, value in zip(keys, values, strict=True)}
        case ast.Name(id="Absent" | "ABSENT" | "UNSET" | "UnsetType" | "Undefined" | "PydanticUndefined"):
            return ABSENT
        case ast.Name() | ast.Attribute():
            return _looked_up(node, known)
        case ast.Call():
            return _called(node, known)
    raise NotConstantError(node)


def _called(node: ast.Call, known: Mapping[str, Default]) -> Default:
    match node:
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str() | int() as value)], keywords=[]):
            return _decimal(node, str(value))
        case ast.Call(func=ast.Name(id="frozenset" | "set" | "list" | "tuple"), args=[inner], keywords=[]):
            return constant(inner, known)
        case ast.Call(func=ast.Name(id=name), args=[], keywords=[]) if name in _EMPTY:
            return _EMPTY[name]()
        case ast.Call(func=function) if dotted(function).rpartition(".")[2] == "timedelta":
            return _duration(node, known)
    raise NotConstantError(node)


def number(node: ast.expr, known: Mapping[str, Default]) -> Number:
    """The number a node stands for: `10`, `-1.5`, `2**31 - 1`, `Decimal("0.01")`. Raises NotConstantError."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -number(operand, known)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return number(operand, known)
        case ast.BinOp(left=left, op=op, right=right):
            return _calculated(node, op, number(left, known), number(right, known))
    value = constant(node, known)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    raise NotConstantError(node)


def _calculated(node: ast.expr, op: ast.operator, left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int):
        match op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult() if left.bit_length() + right.bit_length() <= _LARGEST_POWER:
                return left * right
            case ast.Pow() if right >= 0 and left.bit_length() * right <= _LARGEST_POWER:
                return int(left**right)
    raise NotConstantError(node)


def _key(whole: ast.expr, key: ast.expr | None, known: Mapping[str, Default]) -> str:
    value = constant(key, known) if key is not None else None
    if not isinstance(value, str):
        raise NotConstantError(key or whole)
    return value


def _looked_up(node: ast.expr, known: Mapping[str, Default]) -> Default:
    name = dotted(node)
    for candidate in (name, name.removesuffix(".value")):
        if candidate in known:
            return known[candidate]
    raise NotConstantError(node)


def dotted(node: ast.expr) -> str:
    """`a.b.c`, or an empty string for what is no name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(parts))) if isinstance(node, ast.Name) else ""


def _duration(node: ast.Call, known: Mapping[str, Default]) -> str:
    """`timedelta(minutes=15)` as JSON has it: `PT15M`."""
    given = [number(arg, known) for arg in node.args]
    named = {keyword.arg or "": number(keyword.value, known) for keyword in node.keywords}
    try:
        # A Decimal is refused, as Python refuses it.
        return iso_duration(timedelta(*given, **named))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise NotConstantError(node) from None


def _decimal(node: ast.expr, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise NotConstantError(node) from None
