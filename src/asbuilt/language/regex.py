"""A short text that a regular expression matches, found from its syntax tree."""

import re
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as syntax  # type: ignore[attr-defined]
from typing import Any

_CATEGORIES = {ops.CATEGORY_DIGIT: "1", ops.CATEGORY_WORD: "a", ops.CATEGORY_SPACE: " "}
_CANDIDATES = "a1A-_.~ b2B!/:@#%+=,;é"
_LONGEST = 100_000


def shortest(pattern: str, at_least: int = 0) -> str | None:
    """A text that the pattern should match in full, stretched to `at_least` characters where it repeats.

    None where the pattern is beyond this generator. The result is a candidate: the caller matches it.
    """
    try:
        tree = syntax.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return None
    text = _sequence(tree, 0)
    if text is not None and len(text) < at_least <= _LONGEST:
        text = _sequence(tree, at_least - len(text))
    return text


def _sequence(tree: Any, extra: int) -> str | None:
    parts: list[str] = []
    for operator, argument in tree:
        part = _part(operator, argument, extra)
        if part is None:
            return None
        minimum = _part(operator, argument, 0)
        extra -= len(part) - len(minimum or "")
        parts.append(part)
    return "".join(parts)


def _part(operator: Any, argument: Any, extra: int) -> str | None:
    match operator:
        case ops.LITERAL:
            return chr(int(argument))
        case ops.NOT_LITERAL:
            return next(char for char in _CANDIDATES if ord(char) != argument)
        case ops.ANY:
            return "a"
        case ops.IN:
            return _member(argument)
        case ops.AT:
            return ""
        case ops.SUBPATTERN:
            return _sequence(argument[3], extra)
        case ops.BRANCH:
            return next((text for option in argument[1] if (text := _sequence(option, extra)) is not None), None)
        case ops.MAX_REPEAT | ops.MIN_REPEAT:
            return _repeated(argument, extra)
        case _:
            return None


def _repeated(argument: Any, extra: int) -> str | None:
    least, most, inner = argument
    once = _sequence(inner, 0)
    if once is None:
        return None if least else ""
    wanted: int = least + -(-extra // max(1, len(once))) if extra > 0 and once else least
    count = wanted if most is ops.MAXREPEAT else min(wanted, int(most))
    return once * min(int(count), _LONGEST)


def _member(options: Any) -> str | None:
    negated = options[0][0] is ops.NEGATE
    if not negated:
        return _first(options[0])
    return next((char for char in _CANDIDATES if not any(_holds(option, char) for option in options[1:])), None)


def _first(option: Any) -> str | None:
    operator, argument = option
    if operator is ops.LITERAL:
        return chr(int(argument))
    if operator is ops.RANGE:
        return chr(int(argument[0]))
    return _CATEGORIES.get(argument, "-")


def _holds(option: Any, char: str) -> bool:
    operator, argument = option
    if operator is ops.LITERAL:
        return ord(char) == int(argument)
    if operator is ops.RANGE:
        return bool(argument[0] <= ord(char) <= argument[1])
    space, digit, word = char.isspace(), char.isdigit(), char.isalnum() or char == "_"
    kinds = {
        ops.CATEGORY_SPACE: space,
        ops.CATEGORY_NOT_SPACE: not space,
        ops.CATEGORY_DIGIT: digit,
        ops.CATEGORY_NOT_DIGIT: not digit,
        ops.CATEGORY_WORD: word,
        ops.CATEGORY_NOT_WORD: not word,
    }
    return kinds.get(argument, False)
