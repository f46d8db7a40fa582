"""Reads conditions: `total_cents > 0 and customer_id = principal.id`.

    condition  = conjunct ("or" conjunct)*
    conjunct   = negation ("and" negation)*
    negation   = "not" negation | predicate
    predicate  = sum [ comparator sum | ["not"] "in" list | ["not"] "between" sum "and" sum
                     | ["not"] "like" sum | "is" ["not"] ("null" | "true" | "false") ]
    sum        = product (("+" | "-") product)*
    product    = factor (("*" | "/" | "%") factor)*
    factor     = "-" factor | constant | interval | name | function "(" ... ")" | "(" condition ")"

`==`, `!=`, `&&`, `||`, `!`, `None` and `[a, b]` are read as what they mean in SQL. Reading is linear in the text.
"""

import re
from decimal import Decimal
from typing import NoReturn, cast

from asbuilt.diagnostics import Hole, nearest
from asbuilt.language.condition import (
    Arithmetic,
    Between,
    Call,
    Comparator,
    Comparison,
    Expression,
    Interval,
    Is,
    Literally,
    Logic,
    Membership,
    Negative,
    Not,
    Operator,
    Reference,
)
from asbuilt.language.names import Name
from asbuilt.language.values import duration
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

LONGEST = 10_000
DEEPEST = 50
# The functions of the language, by each spelling; the value is the one name they go by.
FUNCTIONS = {
    "now": "now",
    "current_timestamp": "now",
    "today": "today",
    "current_date": "today",
    "length": "length",
    "len": "length",
    "char_length": "length",
    "lower": "lower",
    "upper": "upper",
    "trim": "trim",
    "abs": "abs",
    "coalesce": "coalesce",
}
_WITHOUT_PARENTHESES = frozenset({"current_timestamp", "current_date"})
_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<interval>(?:\d{1,12}(?:\.\d{1,9})?[ ]?
        (?:ms|s|m|h|d|w|min|(?:milli)?seconds?|minutes?|hours?|days?|weeks?))+(?![\w.]))
    | (?P<number>\d{1,30}(?:\.\d{1,30})?(?![\w.]))
    | (?P<text>'[^']*(?:''[^']*)*'(?!') | "(?:[^"\\]|\\.)*")
    | (?P<name>:?[^\W\d]\w*)
    | (?P<mark>==|!=|<>|<=|>=|=>|=<|&&|\|\||::|[-+*/%=<>!~(),.\[\]])
    """,
    re.VERBOSE,
)
_COMPARATORS = {"=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "~": "~"}
_WORDS = {"&&": "and", "||": "or", "!": "not"}
_CONSTANTS = {"null": None, "none": None, "true": True, "false": False}
_RESERVED = frozenset({"and", "or", "not", "in", "is", "between", "like", *_CONSTANTS})
_MEANT = {"=>": ">=", "=<": "<="}


@frozen
class _Token:
    """`word` is what a token says, in lower case where case says nothing; of a text, its content."""

    kind: str
    word: str
    text: str
    start: int
    end: int


class _Misread(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, hole: Hole) -> None:
        super().__init__(hole.message)
        self.hole = hole


def read_condition(fragment: Fragment) -> Expression | Hole:
    """The condition that a text is, or where it stops being one, and why. Never raises, whatever the text holds."""
    if "\0" in fragment.text:
        return Hole(fragment.whole, "a condition holds no U+0000")
    if len(fragment.text) > LONGEST:
        return Hole(fragment.whole, f"a condition has at most {LONGEST} characters", "say it in a pattern")
    try:
        return _Reader(fragment).whole()
    except _Misread as misread:
        return misread.hole


def _tokens(fragment: Fragment) -> list[_Token]:
    found: list[_Token] = []
    text, at = fragment.text, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _Misread(_strange(fragment, at))
        kind, said = match.lastgroup or "", match.group()
        if kind == "text":
            said = said[1:-1].replace("''", "'") if said[0] == "'" else re.sub(r"\\(.)", r"\1", said[1:-1])
        if kind != "space":
            word = said if kind == "text" else _WORDS.get(said, said.lower())
            found.append(_Token("word" if said in _WORDS else kind, word, match.group(), at, match.end()))
        at = match.end()
    found.append(_Token("end", "", "", len(text.rstrip()), len(text.rstrip())))
    return found


def _strange(fragment: Fragment, at: int) -> Hole:
    char = fragment.text[at]
    if char in "'\"":
        return Hole(fragment.span(at, len(fragment.text)), "this text has no end", f"close it with {char}")
    if char.isdigit():
        end = next((i for i in range(at, len(fragment.text)) if not re.match(r"[\w.]", fragment.text[i])), None)
        said = fragment.text[at : end if end is not None else len(fragment.text)]
        return Hole(fragment.span(at, at + len(said)), f"`{said}` is no number and no duration")
    return Hole(fragment.span(at, at + 1), f"`{char}` has no meaning in a condition")


class _Reader:
    """Reads one condition from left to right; `depth` counts how far it is inside of parentheses and signs."""

    def __init__(self, fragment: Fragment) -> None:
        self.fragment = fragment
        self.tokens = _tokens(fragment)
        self.at = 0
        self.depth = 0

    def whole(self) -> Expression:
        if self.now.kind == "end":
            raise _Misread(Hole(self.fragment.whole, "there is no condition", "say what must hold"))
        found = self.either()
        if self.now.kind != "end":
            self.surprised()
        return found

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *words: str) -> _Token | None:
        token = self.now
        if token.kind in ("name", "mark", "word") and token.word in words:
            self.at += 1
            return token
        return None

    def need(self, word: str, for_what: str) -> _Token:
        token = self.take(word)
        if token is None:
            self.fail(f"`{word}` is missing {for_what}")
        return token

    def span(self, start: int) -> Span:
        """From an offset to the end of what was taken last."""
        return self.fragment.span(start, self.tokens[self.at - 1].end)

    def fail(self, message: str, hint: str = "") -> NoReturn:
        token = self.now
        raise _Misread(Hole(self.fragment.span(token.start, token.end), message, hint))

    def surprised(self) -> NoReturn:
        token = self.now
        if token.kind == "end":
            self.fail("the condition ends too early", "a name or a constant is missing here")
        if token.word in _COMPARATORS and self.at and self.tokens[self.at - 1].word in _COMPARATORS:
            self.fail(
                f"`{self.tokens[self.at - 1].text}{token.text}` is no comparison", "write `=`, `<>`, `<=` or `>=`"
            )
        if token.word in _COMPARATORS:
            self.fail("comparisons are not chained", "write `a <= x and x <= b`")
        if token.word in _MEANT:
            self.fail(f"`{token.text}` is no comparison", f"write `{_MEANT[token.word]}`")
        if token.word == "::":
            self.fail("a condition casts nothing", "compare with a constant of the column's own type")
        hint = nearest(token.word, _RESERVED) if token.kind == "name" else ""
        self.fail(f"`{token.text}` is not expected here", hint or "join conditions with `and` or `or`")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"this nests deeper than {DEEPEST} levels", "say it in a pattern")

    def either(self) -> Expression:
        start, operands = self.now.start, [self.both()]
        while self.take("or"):
            operands.append(self.both())
        return Logic("or", tuple(operands), self.span(start)) if operands[1:] else operands[0]

    def both(self) -> Expression:
        start, operands = self.now.start, [self.negation()]
        while self.take("and"):
            operands.append(self.negation())
        return Logic("and", tuple(operands), self.span(start)) if operands[1:] else operands[0]

    def negation(self) -> Expression:
        start = self.now.start
        if self.take("not"):
            self.deeper()
            operand = self.negation()
            self.depth -= 1
            return Not(operand, self.span(start))
        return self.predicate()

    def predicate(self) -> Expression:
        start, left = self.now.start, self.sum()
        if self.now.kind == "mark" and self.now.word in _COMPARATORS:
            operator = cast("Comparator", _COMPARATORS[self.now.word])
            self.at += 1
            return Comparison(operator, left, self.sum(), self.span(start))
        if self.take("is"):
            negated = self.take("not") is not None
            token = self.take(*_CONSTANTS)
            if token is None:
                self.fail("`is` asks for `null`, `true` or `false`", "compare values with `=`")
            return Is(left, _CONSTANTS[token.word], negated, self.span(start))
        negated = self.take("not") is not None
        if self.take("in"):
            return self.membership(left, start, negated=negated)
        if self.take("between"):
            low = self.sum()
            self.need("and", "between the ends of `between`")
            return Between(left, low, self.sum(), negated, self.span(start))
        if self.take("like"):
            like = Comparison("like", left, self.sum(), self.span(start))
            return Not(like, self.span(start)) if negated else like
        if negated:
            self.fail("`not` asks for `in`, `between` or `like` here", "put `not` before the whole condition")
        return left

    def membership(self, operand: Expression, start: int, *, negated: bool) -> Membership:
        bracket = self.take("(", "[")
        if bracket is None:
            listed = self.factor()
            if not isinstance(listed, Reference):
                raise _Misread(Hole(listed.span, "`in` asks for a list", "write `in ('a', 'b')`"))
            return Membership(operand, (listed,), negated, whole=True, span=self.span(start))
        items = [self.sum()]
        while self.take(","):
            items.append(self.sum())
        self.need(")" if bracket.word == "(" else "]", "at the end of the list")
        return Membership(operand, tuple(items), negated, whole=False, span=self.span(start))

    def sum(self) -> Expression:
        start, left, outside = self.now.start, self.product(), self.depth
        while token := self.take("+", "-"):
            self.deeper()
            left = Arithmetic(cast("Operator", token.word), left, self.product(), self.span(start))
        self.depth = outside
        return left

    def product(self) -> Expression:
        start, left, outside = self.now.start, self.factor(), self.depth
        while token := self.take("*", "/", "%"):
            self.deeper()
            left = Arithmetic(cast("Operator", token.word), left, self.factor(), self.span(start))
        self.depth = outside
        return left

    def factor(self) -> Expression:
        token = self.now
        if self.take("-"):
            self.deeper()
            operand = self.factor()
            self.depth -= 1
            return Negative(operand, self.span(token.start))
        if self.take("("):
            self.deeper()
            inner = self.either()
            self.need(")", "to close the parenthesis")
            self.depth -= 1
            return inner
        if token.kind == "name" and token.word not in (_RESERVED - _CONSTANTS.keys()):
            return self.named()
        if token.kind == "text" and self.tokens[self.at + 1].word == "." and token.text[0] == '"':
            return self.reference()
        if token.kind not in ("number", "text", "interval"):
            self.surprised()
        self.at += 1
        return self.constant(token)

    def constant(self, token: _Token) -> Expression:
        span = self.fragment.span(token.start, token.end)
        if token.kind == "interval":
            return Interval(duration(token.word) or 0.0, span)
        if token.kind == "number":
            return Literally(Decimal(token.word) if "." in token.word else int(token.word), span)
        return Literally(token.word, span)

    def named(self) -> Expression:
        token, after = self.now, self.tokens[self.at + 1]
        if token.word in _CONSTANTS and after.word != ".":
            self.at += 1
            return Literally(_CONSTANTS[token.word], self.fragment.span(token.start, token.end))
        if token.word == "interval" and after.kind == "text":
            self.at += 2
            seconds = duration(after.word)
            span = self.fragment.span(token.start, after.end)
            if seconds is None:
                raise _Misread(Hole(span, f"`{after.word}` is no duration", "write `30 minutes` or `7 days`"))
            return Interval(seconds, span)
        if after.kind == "mark" and after.word == "(":
            return self.call()
        if token.word in _WITHOUT_PARENTHESES:
            self.at += 1
            span = self.fragment.span(token.start, token.end)
            return Call(Name(FUNCTIONS[token.word], span), (), span)
        return self.reference()

    def call(self) -> Call:
        token = self.now
        if token.word not in FUNCTIONS:
            known = ", ".join(f"`{name}`" for name in sorted(set(FUNCTIONS.values())))
            hint = nearest(token.word, FUNCTIONS) or f"known are {known}; anything else is for a pattern"
            self.fail(f"`{token.text}` is no function of conditions", hint)
        self.at += 2
        self.deeper()
        arguments: list[Expression] = []
        if not self.take(")"):
            arguments.append(self.sum())
            while self.take(","):
                arguments.append(self.sum())
            self.need(")", f"after the arguments of `{token.text}`")
        self.depth -= 1
        name = Name(FUNCTIONS[token.word], self.fragment.span(token.start, token.end))
        return Call(name, tuple(arguments), self.span(token.start))

    def reference(self) -> Reference:
        first = self.now
        bound = first.text.startswith(":")
        path = [self.name(1 if bound else 0)]
        while self.take("."):
            if self.now.kind not in ("name", "text"):
                self.fail(f"a name is missing after `{path[-1].text}.`")
            path.append(self.name(0))
        return Reference(tuple(path), self.span(first.start), bound)

    def name(self, skipped: int) -> Name:
        """The name at hand as it is spelt, without quotes and without `skipped` characters before it."""
        token = self.now
        self.at += 1
        word = token.word if token.kind == "text" else token.text[skipped:]
        return Name(word, self.fragment.span(token.start + skipped, token.end))
