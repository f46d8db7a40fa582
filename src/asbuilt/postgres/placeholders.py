"""`:name` parameters and `-- when` conditions, found where SQL can hold them and nowhere else."""

import re
from collections.abc import Iterator

from asbuilt.postgres.grammar import Token
from asbuilt.postgres.statement import Condition, Fault, Placeholder
from asbuilt.source import Fragment

_NAME = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
_NAMED = re.compile(_NAME)
_WHEN = re.compile(rf"--\s*when\s+({_NAME})\s*(\{{)?\s*", re.IGNORECASE)
_CLOSE = re.compile(r"--\s*\}\s*")
_ALMOST = re.compile(
    r"--\s*(?:wehn|whne|hwen|wen|whn|whenn|wheen|whan)\s+[\w.]+\s*$"
    r"|--\s*when\s+(?:not\b|[A-Za-z_.]+\s*(?:,|=|<|>|!|\band\b|\bor\b|\bis\b))",
    re.IGNORECASE,
)


def placeholders(sql: Fragment, tokens: tuple[Token, ...]) -> Iterator[Placeholder]:
    """The parameters, in order. Casts, `:=`, and the colon of an array slice are none."""
    depth, end = 0, -1
    before: Token | None = None
    for token in tokens:
        if token.comment:
            continue
        if token.name in {"ASCII_91", "ASCII_93"}:
            depth += 1 if token.name == "ASCII_91" else -1
        if token.name == "ASCII_58" and token.start >= end:
            slices = depth > 0 and before is not None and _ends_operand(sql.text, before)
            name = None if slices else _NAMED.match(sql.text, token.end)
            if name is not None:
                end = name.end()
                yield Placeholder(name.group(), token.start, end, sql.span(token.start, end))
        if token.start >= end:
            before = token


def _ends_operand(text: str, token: Token) -> bool:
    """Whether a colon after the token can only be that of a slice."""
    last = text[token.end - 1]
    return (last.isalnum() or last in "_)]'\"") and not token.reserved


def nameless(sql: Fragment, tokens: tuple[Token, ...]) -> Iterator[Fault]:
    """Parameters by number, which nothing in a document could be bound to."""
    for token in tokens:
        if token.name == "PARAM":
            shown = sql.text[token.start : token.end]
            span = sql.span(token.start, token.end)
            yield Fault(f"`{shown}` has no name", span, "write `:name`, after what it is given")


def conditions(sql: Fragment, tokens: tuple[Token, ...]) -> tuple[tuple[Condition, ...], tuple[Fault, ...]]:
    """The conditional stretches, outer ones before those inside them, and what is wrong with their marks."""
    found: list[Condition] = []
    faults: list[Fault] = []
    open_: list[tuple[str, Token]] = []
    for token in tokens:
        if token.name != "SQL_COMMENT":
            continue
        text = sql.text[token.start : token.end]
        if _CLOSE.fullmatch(text):
            if not open_:
                message = "`-- }` closes a condition that nothing opened"
                faults.append(Fault(message, sql.span(token.start, token.end), "open it by `-- when name {`"))
                continue
            name, opening = open_.pop()
            found.append(_condition(sql, name, _line_start(sql, opening), token.end, opening))
        elif match := _WHEN.fullmatch(text):
            if match[2]:
                open_.append((match[1], token))
            else:
                found.append(_condition(sql, match[1], _line_start(sql, token), token.end, token))
        elif _ALMOST.match(text):
            message = "`-- when` takes the name of one parameter"
            faults.append(
                Fault(message, sql.span(token.start, token.end), "conditions nest: `-- when name {` to `-- }`")
            )
    for name, token in open_:
        message = f"`-- when {name} {{` is never closed"
        faults.append(Fault(message, sql.span(token.start, token.end), "close it by a line `-- }`"))
    return tuple(sorted(found, key=lambda each: (each.start, -each.end))), tuple(faults)


def _condition(sql: Fragment, name: str, start: int, end: int, mark: Token) -> Condition:
    return Condition(name, start, end, sql.span(mark.start, mark.end))


def _line_start(sql: Fragment, token: Token) -> int:
    """Where the text of the token's line begins, its indentation left out."""
    start = sql.text.rfind("\n", 0, token.start) + 1
    text = sql.text[start : token.start]
    return start + len(text) - len(text.lstrip())
