"""PostgreSQL's own scanner and grammar (libpg_query), made safe for text that nobody vouches for.

Offsets are in characters of the text that was handed in. No input crashes or exhausts the stack: what
nests too deeply is refused before the grammar sees it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias

import msgspec
from pglast import parser

from asbuilt.postgres.statement import Fault
from asbuilt.source import Fragment
from asbuilt.values import frozen

# A node of the parse tree as libpg_query's JSON writes it: absent members are zero, false or null.
Node: TypeAlias = dict[str, Any]

MOST_NESTING = 300
_COMMENTS = {"SQL_COMMENT", "C_COMMENT"}
# Reserved words that authors name tables and columns with, and the tokens that a name stands after.
_TEMPTING_WORDS = """
user order group end table column default check limit offset desc asc references to all any array case primary grant
window both do cast only for some unique constraint when collate current_user session_user placing leading trailing
"""
_TEMPTING = frozenset(_TEMPTING_WORDS.split())
_BEFORE_NAMES = {"ASCII_40", "ASCII_44", "ASCII_46", "TABLE", "EXISTS", "INTO", "FROM", "UPDATE", "JOIN", "REFERENCES"}
_BEFORE_NAMES |= {"COLUMN", "SELECT", "SET", "WHERE", "AND", "OR", "BY", "ON", "ONLY"}
_NOT_ASCII = re.compile(r"[^\x01-\x7f]")
_OPENING = {"ASCII_40", "ASCII_91", "CASE", "BEGIN_P"}
_CLOSING = {"ASCII_41", "ASCII_93", "END_P"}
_DIVIDING = {"ASCII_44", "AND", "OR", "WHEN", "THEN", "ELSE", "ASCII_59"}
_CHAINING = {"JOIN", "UNION", "INTERSECT", "EXCEPT"}
_STACKING = {"Op", "TYPECAST", "NOT", "IS", "IN_P", "LIKE", "ILIKE", "BETWEEN", "COLLATE", "AT", "NOT_EQUALS"}
_STACKING |= {"LESS_EQUALS", "GREATER_EQUALS", *(f"ASCII_{ord(sign)}" for sign in "+-*/%^<>=")}


class Refused(Exception):  # noqa: N818  # it is a verdict
    """The grammar refuses a text; `start` and `end` are the offsets of what it stumbled over."""

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.hint = message, start, end, hint

    def fault(self, sql: Fragment) -> Fault:
        return Fault(self.message, sql.span(self.start, self.end), self.hint)


class Token(NamedTuple):
    """`name` as in PostgreSQL's grammar (`SELECT`, `IDENT`, `SCONST`, `ASCII_44`); `end` is exclusive."""

    start: int
    end: int
    name: str
    reserved: bool

    @property
    def comment(self) -> bool:
        return self.name in _COMMENTS


@frozen
class Tree:
    """The statement of one text, and its tokens without comments."""

    text: str
    kind: str
    node: Node
    tokens: tuple[Token, ...]
    wide: tuple[int, ...]
    shifts: tuple[int, ...]

    def at(self, node: Node) -> int:
        """Where a node begins: its `location`, in characters."""
        return self.offset(int(node.get("location", 0)))

    def offset(self, byte: int) -> int:
        return byte - self.shifts[bisect_right(self.wide, byte)] if self.wide else byte


def scan(text: str) -> tuple[Token, ...]:
    """All tokens, comments among them. Raises `Refused` for what never ends: a quote, a comment."""
    _refuse_runs(text)
    # The scanner takes every character beyond ASCII for a letter; with one-byte stand-ins its offsets are ours.
    try:
        found = parser.scan(_NOT_ASCII.sub("x", text))
    except parser.ParseError as error:
        raise _refused(error, text, ()) from None
    return tuple([Token(start, end + 1, name, kind == "RESERVED_KEYWORD") for start, end, name, kind in found])


def readable(text: str) -> tuple[tuple[Token, ...], Refused | None]:
    """The tokens up to what never ends, and what that is."""
    try:
        return scan(text), None
    except Refused as refusal:
        return (scan(text[: refusal.start]) if refusal.start < len(text) else ()), refusal


# PostgreSQL's scanner takes time in the square of the length of a run of operators, unless it is an ornament.
_RUN = re.compile(r"[-+*/<>=~!@#%^&|`?]{300,}")
_ORNAMENT = re.compile(r"/?(?:-+|=+|\*+|#+|~+)/?")


def _refuse_runs(text: str) -> None:
    for run in _RUN.finditer(text):
        if not _ORNAMENT.fullmatch(run[0]):
            raise Refused("this run of operators has no end", run.start(), run.end())


def parse(text: str, tokens: tuple[Token, ...] | None = None) -> Tree | None:
    """The tree of the one statement in `text`; None where there is none. Raises `Refused`."""
    told = scan(text) if tokens is None else tokens
    known = tuple([token for token in told if token.name not in _COMMENTS])
    if not known or all(token.name == "ASCII_59" for token in known):
        return None
    _refuse_nesting(known)
    plain = text.replace("\0", " ").encode("utf-8", "replace").decode()
    try:
        tree = msgspec.json.decode(parser.parse_sql_json(plain))
    except parser.ParseError as error:
        raise _refused(error, text, known) from None
    except RecursionError:
        raise _too_deep(known[0]) from None
    statements = tree.get("stmts", [])
    if len(statements) > 1:
        second = int(statements[1].get("stmt_location", 0))
        raise Refused("a second statement begins here", second, len(text), "write one statement only")
    if not statements:
        return None
    ((kind, node),) = statements[0]["stmt"].items()
    return Tree(text, kind, node, known, *_widths(plain))


def split(text: str, tokens: tuple[Token, ...] | None = None) -> Iterator[tuple[int, int, tuple[Token, ...]]]:
    """The statements of a text: start, end (without the semicolon) and tokens, offsets within the whole text.

    A statement ends at its semicolon, or where the next one plainly begins because the semicolon is missing.
    What an unfinished quote or comment swallows is left out; `scan` says so.
    """
    tokens = readable(text)[0] if tokens is None else tokens
    first, depth, atomic = 0, 0, False
    for at, token in enumerate(tokens):
        if token.name in {"ASCII_40", "ASCII_41"}:
            depth = max(0, depth + (1 if token.name == "ASCII_40" else -1))
        elif token.name == "ATOMIC":
            atomic = True
        elif atomic and token.name == "END_P" and _ends_statement(tokens, at):
            atomic = False
        elif token.name == "ASCII_59" and not atomic and (not depth or _begins_statement(tokens, at + 1)):
            yield from _cut(tokens[first:at])
            first, depth = at + 1, 0
        elif token.name == "CREATE" and at > first and _is_swallowed(tokens, first, at):
            yield from _cut(tokens[first:at])
            first, depth = at, 0
    yield from _cut(tokens[first:])


def walk(root: object) -> Iterator[tuple[str, Node]]:
    """Every node below and at `root` with its kind, in the order of the text as far as the tree keeps it."""
    stack = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, dict):
            if len(value) == 1:
                ((kind, inner),) = value.items()
                if kind[0].isupper() and isinstance(inner, dict):
                    yield kind, inner
            stack.extend(member for member in reversed(value.values()) if isinstance(member, dict | list))


def word(text: str, token: Token) -> str:
    return text[token.start : token.end]


def _cut(tokens: tuple[Token, ...]) -> Iterator[tuple[int, int, tuple[Token, ...]]]:
    while tokens and tokens[-1].comment:
        tokens = tokens[:-1]
    told = next((at for at, token in enumerate(tokens) if not token.comment), None)
    if told is not None:
        yield tokens[told].start, tokens[-1].end, tokens[told:]


_CREATED = {"TABLE", "INDEX", "UNIQUE", "TYPE_P", "DOMAIN_P", "VIEW", "SEQUENCE", "OR", "EXTENSION", "MATERIALIZED"}
_BEGINNINGS = {"CREATE", "ALTER", "DROP", "COMMENT", "INSERT", "GRANT", "DO"}


def _begins_statement(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether a statement plainly begins here: an unclosed parenthesis then costs one statement, not all."""
    following = next((token for token in tokens[at:] if not token.comment), None)
    return following is not None and following.name in _BEGINNINGS


def _is_swallowed(tokens: tuple[Token, ...], first: int, at: int) -> bool:
    """Whether a CREATE in the middle of a statement begins another one, which no semicolon parts from the first."""
    begun = [token.name for token in tokens[first : at + 2] if not token.comment][:2]
    following = next((token.name for token in tokens[at + 1 :][:5] if not token.comment), "")
    return following in _CREATED and begun != ["CREATE", "SCHEMA"] and begun[0] in _BEGINNINGS


def _ends_statement(tokens: tuple[Token, ...], at: int) -> bool:
    return at + 1 == len(tokens) or tokens[at + 1].name == "ASCII_59"


def _refuse_nesting(tokens: tuple[Token, ...]) -> None:
    """Raises `Refused` where the parse tree would be deeper than `MOST_NESTING`, by a bound from above."""
    chained, stacked, outer = 0, 0, 0
    levels: list[tuple[int, int]] = []
    for token in tokens:
        name = token.name
        if name in _OPENING:
            levels.append((chained, stacked))
            outer, chained, stacked = outer + chained + stacked + 1, 0, 0
        elif name in _CLOSING and levels:
            chained, stacked = levels.pop()
            outer -= chained + stacked + 1
            stacked += name == "ASCII_93"
        elif name in _DIVIDING:
            stacked = 0
        elif name in _CHAINING:
            chained += 1
        elif name in _STACKING:
            stacked += 1
        if outer + chained + stacked > MOST_NESTING:
            raise _too_deep(token)


def _too_deep(token: Token) -> Refused:
    return Refused("nested too deeply to be read", token.start, token.end, f"at most {MOST_NESTING} levels are read")


def _widths(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """For bytes of UTF-8 to characters: the byte after each wide character, and what to take off from there on."""
    if text.isascii():
        return (), ()
    extras = [(match.start(), len(match.group().encode()) - 1) for match in _NOT_ASCII.finditer(text)]
    shifts = (0, *accumulate(extra for _, extra in extras))
    wide = tuple(at + shift + extra + 1 for (at, extra), shift in zip(extras, shifts, strict=False))
    return wide, shifts


def _refused(error: parser.ParseError, text: str, tokens: tuple[Token, ...]) -> Refused:
    message = re.sub(r'^(.*) at or near "(.*)"$', r"\1 at or near `\2`", str(error.args[0]), flags=re.DOTALL)
    at = error.args[1] if len(error.args) > 1 else None
    if at is None:
        last = tokens[-1] if tokens else None
        start, end = (last.start, last.end) if last else (0, len(text))
        return Refused("the statement ends too early" if "end of input" in message else message, start, end)
    if message.startswith("unterminated"):
        message = re.sub(r" at or near .*$", " begins here", message, flags=re.DOTALL)
    index = next((number for number, token in enumerate(tokens) if token.end > at), None)
    end = tokens[index].end if index is not None else min(len(text), at + 1)
    return Refused(message, at, end, _advice(text, tokens, index) if index is not None else "")


def _advice(text: str, tokens: tuple[Token, ...], index: int) -> str:
    """How to mend what the grammar refused, where the mistake is a common one."""
    token, before = tokens[index], tokens[index - 1] if index else None
    shown = word(text, token)
    if before and before.name == "ASCII_44" and token.name in {"ASCII_41", "FROM", "WHERE", "RETURNING"}:
        return "remove the comma before it"
    if shown.startswith("`"):
        return 'PostgreSQL quotes names as "name", if they need quotes at all'
    if text.startswith(("...", "…"), token.start):
        return "write out what the dots stand for"
    if token.reserved and shown.lower() in _TEMPTING and before and before.name in _BEFORE_NAMES:
        return f'`{shown}` is a reserved word: write "{shown.lower()}" in quotes, or choose another name'
    if before and before.name not in {"ASCII_44", "ASCII_40"} and "\n" in text[before.end : token.start]:
        depth = sum({"ASCII_40": 1, "ASCII_41": -1}.get(each.name, 0) for each in tokens[:index])
        return f"is a comma missing before `{shown}`?" if depth > 0 and shown[0].isalpha() else ""
    return ""
