"""What a condition may speak of, and whether its parts are of types that go together.

Types are kinds of scalars, whatever holds the values: a column of a table, a member of a body, a setting. Of what is
not known (JSON, a type of one's own), nothing is claimed.
"""

from collections.abc import Mapping
from decimal import Decimal

from asbuilt.diagnostics import Hole, nearest
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
    parts,
)
from asbuilt.language.names import singular, snake
from asbuilt.language.types import ScalarKind
from asbuilt.values import frozen

_NUMBERS = frozenset({"int", "float", "decimal"})
_TIMES = frozenset({"datetime", "date"})
# What a text in quotes is read as beside one of these.
_SPELT = frozenset({"uuid", "datetime", "date", "time", "timedelta", "bytes"})
_ARTICLES = {
    "str": "text",
    "int": "an integer",
    "float": "a number",
    "decimal": "a number",
    "bool": "a boolean",
    "uuid": "a UUID",
    "datetime": "a time stamp",
    "date": "a date",
    "time": "a time of day",
    "timedelta": "a duration",
    "bytes": "bytes",
}
_FEWEST_AND_MOST = {
    "now": (0, 0),
    "today": (0, 0),
    "length": (1, 1),
    "lower": (1, 1),
    "upper": (1, 1),
    "trim": (1, 1),
    "abs": (1, 1),
    "coalesce": (1, 20),
}


@frozen
class Held:
    """What a name holds: its kind, the texts it is one of (none: any), whether it is an array of such.

    `kind` is None where nothing is known of it.
    """

    kind: ScalarKind | None
    values: tuple[str, ...] = ()
    many: bool = False


UNKNOWN = Held(None)
_BOOLEAN, _INTEGER, _TEXT = Held("bool"), Held("int"), Held("str")


@frozen
class Scope:
    """The names that a condition may use. `rows` hold columns or members by their row's name: `orders`, `body`.

    Columns of the row `own` need no prefix. Of the rows in `open` any member is let pass: nothing says which they have.
    `bound` are the names that stand after a colon.
    """

    rows: Mapping[str, Mapping[str, Held]]
    own: str = ""
    open: frozenset[str] = frozenset()
    bound: Mapping[str, Held] | None = None

    def find(self, reference: Reference) -> Held | None:
        """What a name holds; None where the scope has no such name."""
        words = [name.text for name in reference.path]
        if reference.bound and len(words) == 1:
            return UNKNOWN if self.bound is None else self.bound.get(words[0])
        head, last = ".".join(words[:-1]), words[-1]
        if not head:
            return _member(self.rows.get(self.own, {}), last)
        if words[0] in self.open:
            return UNKNOWN
        row = self.rows.get(head) or next((self.rows[name] for name in self.rows if singular(name) == head), None)
        return _member(row, last) if row is not None else None

    def names(self) -> tuple[str, ...]:
        """Every name of the scope as a condition may write it."""
        own = tuple(self.rows.get(self.own, ()))
        return (*own, *(f"{row}.{name}" for row, members in self.rows.items() for name in members))


def _member(row: Mapping[str, Held], name: str) -> Held | None:
    return row.get(name) or row.get(name.lower()) or row.get(snake(name))


def faults(condition: Expression, scope: Scope) -> tuple[Hole, ...]:
    """What is wrong with a condition in a scope: unknown names, types that do not go together, no truth as a whole."""
    checker = _Checker(scope)
    checker.boolean(condition)
    return tuple(sorted(checker.found, key=lambda hole: hole.span.start))


class _Checker:
    """Finds the type of each part, and notes what is wrong on the way."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.found: list[Hole] = []

    def boolean(self, expression: Expression) -> None:
        held = self.type(expression)
        if held.many or held.kind not in (None, "bool"):
            self.found.append(
                Hole(expression.span, f"this is {_shown(held)}, not a condition", "compare it with something")
            )

    def type(self, expression: Expression) -> Held:
        match expression:
            case Literally(value=value):
                return _of_constant(value)
            case Interval():
                return Held("timedelta")
            case Reference():
                return self.reference(expression)
            case Call():
                return self.call(expression)
            case Arithmetic():
                return self.arithmetic(expression)
            case Negative():
                return self.negative(expression)
        self.truth(expression)
        return _BOOLEAN

    def negative(self, expression: Negative) -> Held:
        held = self.type(expression.operand)
        self.expect(expression.operand, held, _NUMBERS | {"timedelta"}, "`-` asks for a number")
        return held

    def truth(self, expression: Expression) -> None:
        match expression:
            case Comparison():
                self.comparison(expression)
            case Between():
                self.alike(expression.operand, expression.low, expression.high)
            case Membership(whole=False):
                self.alike(expression.operand, *expression.listed)
            case Membership():
                self.within(expression)
            case Is(operand=operand, value=value):
                self.boolean(operand) if value is not None else self.type(operand)
            case Not() | Logic():
                for part in parts(expression):
                    self.boolean(part)

    def reference(self, reference: Reference) -> Held:
        held = self.scope.find(reference)
        if held is None:
            shown = f":{reference.text}" if reference.bound else reference.text
            hint = nearest(reference.text, self.scope.bound or () if reference.bound else self.scope.names())
            self.found.append(Hole(reference.span, f"there is no `{shown}` here", hint or self._at_hand()))
        return held or UNKNOWN

    def _at_hand(self) -> str:
        own = [f"`{name}`" for name in self.scope.rows.get(self.scope.own, ())]
        return f"a condition here may use {', '.join(own[:8])}" if own else ""

    def call(self, call: Call) -> Held:
        name = call.function.text
        fewest, most = _FEWEST_AND_MOST[name]
        held = [self.type(argument) for argument in call.arguments]
        if not fewest <= len(held) <= most:
            count = f"{fewest} argument{'s' * (fewest != 1)}" if fewest == most else f"at least {fewest} argument"
            self.found.append(Hole(call.span, f"`{name}` takes {count}, not {len(held)}"))
            return UNKNOWN
        match name:
            case "now" | "today":
                return Held("datetime" if name == "now" else "date")
            case "length":
                if not held[0].many:
                    self.expect(call.arguments[0], held[0], {"str", "bytes"}, "`length` asks for text")
                return _INTEGER
            case "abs":
                self.expect(call.arguments[0], held[0], _NUMBERS, "`abs` asks for a number")
                return held[0]
            case "coalesce":
                return next((one for one in held if one.kind), UNKNOWN)
        self.expect(call.arguments[0], held[0], {"str"}, f"`{name}` asks for text")
        return _TEXT

    def arithmetic(self, expression: Arithmetic) -> Held:
        left, right = self.type(expression.left), self.type(expression.right)
        if left.kind is None or right.kind is None:
            return UNKNOWN
        found = _sum_of(expression.operator, left.kind, right.kind) if not (left.many or right.many) else None
        if found is None:
            message = f"`{expression.operator}` does not go with {_shown(left)} and {_shown(right)}"
            self.found.append(Hole(expression.span, message))
        return Held(found)

    def comparison(self, expression: Comparison) -> None:
        left, right = expression.left, expression.right
        if expression.operator in ("~", "like"):
            for side in (left, right):
                self.expect(side, self.type(side), {"str"}, f"`{expression.operator}` compares text")
            return
        for side in (left, right):
            if isinstance(side, Literally) and side.value is None:
                hint = "write `is null`" if expression.operator == "=" else "write `is not null`"
                self.found.append(Hole(expression.span, "a comparison with null never holds", hint))
                return
        self.alike(left, right)

    def within(self, expression: Membership) -> None:
        (listed,) = expression.listed
        self.type(expression.operand)
        held = self.type(listed)
        if held.kind is not None and not held.many:
            self.found.append(Hole(listed.span, f"`in` asks for a list, and this is {_shown(held)}"))

    def alike(self, left: Expression, *others: Expression) -> None:
        """Note each of the others that is compared with `left` and is of another type. Each is looked at once."""
        one = self.type(left)
        for right in others:
            other = self.type(right)
            if not (self.stands_for(right, one) or self.stands_for(left, other) or _comparable(one, other)):
                message = f"{_shown(one)} is compared with {_shown(other)}"
                self.found.append(Hole(left.span.to(right.span), message, "compare like with like"))

    def stands_for(self, constant: Expression, held: Held) -> bool:
        return isinstance(constant, Literally) and isinstance(constant.value, str) and self.spelt(held, constant)

    def spelt(self, held: Held, constant: Literally) -> bool:
        """Whether a text stands for a value of what it is compared with; one that it can never be is noted."""
        value = str(constant.value)
        if held.values and not held.many and value not in held.values:
            known = ", ".join(f"`{one}`" for one in held.values[:8])
            hint = nearest(value, held.values) or f"it is one of {known}"
            self.found.append(Hole(constant.span, f"it can never be `{value}`", hint))
        return held.kind in _SPELT and not held.many

    def expect(self, place: Expression, held: Held, kinds: set[str] | frozenset[str], message: str) -> None:
        if held.kind is not None and (held.many or held.kind not in kinds):
            self.found.append(Hole(place.span, f"{message}, and this is {_shown(held)}"))


def _of_constant(value: bool | int | Decimal | str | None) -> Held:  # noqa: FBT001 - a constant of any type
    match value:
        case None:
            return UNKNOWN
        case bool():
            return _BOOLEAN
        case int():
            return _INTEGER
        case Decimal():
            return Held("decimal")
    return _TEXT


def _sum_of(operator: str, left: ScalarKind, right: ScalarKind) -> ScalarKind | None:
    """The kind of what an operator makes of two; None where it makes nothing of them."""
    if left in _NUMBERS and right in _NUMBERS:
        return "float" if "float" in (left, right) else "decimal" if "decimal" in (left, right) else "int"
    match operator, left, right:
        case (("+" | "-"), ("datetime" | "date"), "timedelta"):
            return "datetime"
        case "+", "timedelta", ("datetime" | "date"):
            return "datetime"
        case "-", "datetime", ("datetime" | "date"):
            return "timedelta"
        case "-", "date", "date":
            return "int"
        case (("+" | "-"), "timedelta", "timedelta"):
            return "timedelta"
        case (("*" | "/"), "timedelta", ("int" | "float" | "decimal")):
            return "timedelta"
        case (("+" | "-"), "date", "int"):
            return "date"
    return None


def _comparable(one: Held, other: Held) -> bool:
    if one.kind is None or other.kind is None:
        return True
    if one.many != other.many:
        return False
    pair = {one.kind, other.kind}
    return len(pair) == 1 or pair <= _NUMBERS or pair <= _TIMES


def _shown(held: Held) -> str:
    if held.many:
        return "a list"
    return _ARTICLES[held.kind] if held.kind else "something"
