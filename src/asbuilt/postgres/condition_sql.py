"""Conditions as SQL predicates.

Null is SQL's: a comparison with it is unknown, and a predicate that is unknown does not hold.
"""

from collections.abc import Callable
from decimal import Decimal

from asbuilt.language.condition import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Expression,
    Interval,
    Is,
    Literally,
    Logic,
    Membership,
    Negative,
    Not,
    Reference,
)
from asbuilt.postgres.spelling import literal

# Qualified, so that no function of the document's own stands in for PostgreSQL's.
_FUNCTIONS = {
    "now": "pg_catalog.now",
    "length": "pg_catalog.length",
    "lower": "pg_catalog.lower",
    "upper": "pg_catalog.upper",
    "trim": "pg_catalog.btrim",
    "abs": "pg_catalog.abs",
    "coalesce": "COALESCE",
}


def condition_sql(condition: Expression, spell: Callable[[Reference], str]) -> str:
    """The predicate that a condition is, in parentheses wherever precedence could matter.

    `spell` says what a name is in the statement: a column with its alias, a parameter. It is asked once for each name,
    in the order in which they are written.
    """

    def sql(one: Expression) -> str:
        return condition_sql(one, spell)

    match condition:
        case Literally(value=value):
            return _constant(value)
        case Interval(seconds=seconds):
            return f"interval '{format(Decimal(repr(seconds)).normalize(), 'f')} seconds'"
        case Reference():
            return spell(condition)
        case Call(function=function, arguments=arguments):
            return _call(function.text, ", ".join(map(sql, arguments)))
        case Is() | Between() | Membership():
            return _test(condition, sql)
        case Negative(operand=operand):
            return f"(- {sql(operand)})"
        case Not(operand=operand):
            return f"(NOT {sql(operand)})"
        case Arithmetic() | Comparison():
            return f"({sql(condition.left)} {condition.operator.upper()} {sql(condition.right)})"
        case Logic(operator=operator, operands=operands):
            return f"({f' {operator.upper()} '.join(map(sql, operands))})"


def _call(function: str, arguments: str) -> str:
    return "CURRENT_DATE" if function == "today" else f"{_FUNCTIONS[function]}({arguments})"


def _test(condition: Is | Between | Membership, sql: Callable[[Expression], str]) -> str:
    tested, negated = sql(condition.operand), "NOT " * condition.negated
    match condition:
        case Is(value=value):
            return f"({tested} IS {negated}{_constant(value)})"
        case Between(low=low, high=high):
            return f"({tested} {negated}BETWEEN {sql(low)} AND {sql(high)})"
        case Membership(listed=(whole,), whole=True):
            found = f"({tested} = ANY ({sql(whole)}))"
            return f"(NOT {found})" if negated else found
        case Membership(listed=listed):
            return f"({tested} {negated}IN ({', '.join(map(sql, listed))}))"


def _constant(value: bool | int | Decimal | str | None) -> str:  # noqa: FBT001 - a constant of any type
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return literal(value)
        case Decimal():
            return format(value, "f")
    return str(value)
