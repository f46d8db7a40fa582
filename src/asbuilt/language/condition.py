"""What a condition is once it is read: a guard, a permission or a validation, as a tree with places.

One language for all of them, with the words of SQL; those of Python mean the same. Nothing of it is ever evaluated
as text: by place it becomes an SQL predicate or a Python expression, node by node.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, TypeAlias

from asbuilt.language.names import Name
from asbuilt.source import Span
from asbuilt.values import frozen

Comparator: TypeAlias = Literal["=", "<>", "<", "<=", ">", ">=", "~", "like"]
Operator: TypeAlias = Literal["+", "-", "*", "/", "%"]


@frozen
class Literally:
    """A constant: null, true, false, a number or a text."""

    value: bool | int | Decimal | str | None
    span: Span


@frozen
class Interval:
    """A stretch of time: `30m`, `7 days`, `interval '1 hour'`."""

    seconds: float
    span: Span


@frozen
class Reference:
    """A name with its dots: a column, `orders.status`, `principal.id`. `bound`: with a colon before it, as in SQL."""

    path: tuple[Name, ...]
    span: Span
    bound: bool = False

    @property
    def text(self) -> str:
        return ".".join(name.text for name in self.path)


@frozen
class Call:
    """A call of one of the functions that the language knows, by its one name."""

    function: Name
    arguments: tuple["Expression", ...]
    span: Span


@frozen
class Arithmetic:
    operator: Operator
    left: "Expression"
    right: "Expression"
    span: Span


@frozen
class Negative:
    operand: "Expression"
    span: Span


@frozen
class Comparison:
    operator: Comparator
    left: "Expression"
    right: "Expression"
    span: Span


@frozen
class Between:
    operand: "Expression"
    low: "Expression"
    high: "Expression"
    negated: bool
    span: Span


@frozen
class Membership:
    """`x in (a, b)`, or `x in principal.roles`: then `listed` holds that one reference and `whole` is set."""

    operand: "Expression"
    listed: tuple["Expression", ...]
    negated: bool
    whole: bool
    span: Span


@frozen
class Is:
    """`x is null`, `x is not true`."""

    operand: "Expression"
    value: bool | None
    negated: bool
    span: Span


@frozen
class Not:
    operand: "Expression"
    span: Span


@frozen
class Logic:
    """Two or more operands under one `and` or one `or`."""

    operator: Literal["and", "or"]
    operands: tuple["Expression", ...]
    span: Span


Expression: TypeAlias = (
    Literally
    | Interval
    | Reference
    | Call
    | Arithmetic
    | Negative
    | Comparison
    | Between
    | Membership
    | Is
    | Not
    | Logic
)


def parts(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that one is made of, in the order in which they are written."""
    match expression:
        case Call(arguments=operands) | Logic(operands=operands):
            return operands
        case Arithmetic() | Comparison():
            return (expression.left, expression.right)
        case Between():
            return (expression.operand, expression.low, expression.high)
        case Membership():
            return (expression.operand, *expression.listed)
        case Negative() | Not() | Is():
            return (expression.operand,)
    return ()


def references(expression: Expression) -> Iterator[Reference]:
    """Every name in an expression, in the order in which they are written."""
    ahead = [expression]
    while ahead:
        one = ahead.pop()
        if isinstance(one, Reference):
            yield one
        ahead.extend(reversed(parts(one)))
