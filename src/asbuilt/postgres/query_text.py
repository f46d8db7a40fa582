"""Changes to a statement that is ready to be prepared, made token by token."""

from collections.abc import Callable, Iterator, Mapping

from asbuilt.postgres.grammar import Token, scan
from asbuilt.postgres.statement import Query
from asbuilt.values import frozen

_VERBS = {"SELECT", "INSERT", "UPDATE", "DELETE_P", "MERGE", "VALUES", "TABLE"}
_AFTER_LIMIT = {"OFFSET", "FETCH", "FOR"}


@frozen
class Parts:
    """Where the main part of a statement begins and ends, its LIMIT's expression, and its first word.

    Whatever stands before it is its WITH.
    """

    start: int
    end: int
    verb: str
    limit: tuple[int, int] | None


def parts_of(sql: str) -> Parts:
    """The parts of a statement that PostgreSQL's grammar accepts."""
    outer = tuple(_outermost(scan(sql)))
    while outer and outer[-1].name == "ASCII_59":
        outer = outer[:-1]
    end = outer[-1].end if outer else len(sql)
    main = next((at for at, _ in enumerate(outer) if _begins_main(outer, at)), 0)
    start = outer[main].start if outer else 0
    return Parts(start, end, outer[main].name if outer else "", _limit(outer[main:]))


def with_constants(query: Query, values: Mapping[str, int]) -> Query:
    """The statement with these parameters written into it as integers.

    PostgreSQL plans `LIMIT 21` once and well; `LIMIT $1` it may plan anew at each call, which costs more
    than reading the page. Worth a statement of its own for the default of a limit.
    """
    kept = tuple(name for name in query.parameters if name not in values)

    def replaced(name: str) -> str:
        return str(values[name]) if name in values else f"${kept.index(name) + 1}"

    return Query(_parameters_replaced(query, replaced), kept)


def with_casts(query: Query, casts: Mapping[str, str]) -> Query:
    """The statement with a cast behind each occurrence of these parameters."""

    def replaced(name: str) -> str:
        return f"${query.parameters.index(name) + 1}{casts.get(name, '')}"

    return Query(_parameters_replaced(query, replaced), query.parameters)


def _parameters_replaced(query: Query, replaced: Callable[[str], str]) -> str:
    text, at = [], 0
    for token in scan(query.sql):
        if token.name == "PARAM":
            number = int(query.sql[token.start + 1 : token.end])
            text += [query.sql[at : token.start], replaced(query.parameters[number - 1])]
            at = token.end
    return "".join([*text, query.sql[at:]])


def _outermost(tokens: tuple[Token, ...]) -> Iterator[Token]:
    """The tokens that stand in no parentheses, and the outermost parentheses themselves."""
    depth = 0
    for token in tokens:
        depth -= token.name == "ASCII_41"
        if depth == 0 and not token.comment:
            yield token
        depth += token.name == "ASCII_40"


def _begins_main(outer: tuple[Token, ...], at: int) -> bool:
    """Whether the main part begins here: with the first token, or behind the last part of a WITH."""
    if outer[0].name not in {"WITH", "WITH_LA"}:
        return at == 0
    name, before = outer[at].name, outer[at - 1].name if at else ""
    if name == "ASCII_40":
        return before == "ASCII_41"
    return name in _VERBS and before not in {"", "WITH", "WITH_LA", "RECURSIVE", "ASCII_44"}


def _limit(main: tuple[Token, ...]) -> tuple[int, int] | None:
    """The span of the expression behind LIMIT."""
    at = next((n for n, token in enumerate(main) if token.name == "LIMIT"), None)
    if at is None:
        return None
    following = main[at + 1 :]
    until = next((n for n, token in enumerate(following) if token.name in _AFTER_LIMIT), len(following))
    expression = following[:until]
    return (expression[0].start, expression[-1].end) if expression and expression[0].name != "ALL" else None
