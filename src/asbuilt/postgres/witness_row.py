"""A row that one condition lets in and another refuses: what shows that the two are not the same.

Tried on a scratch server, with values at and beside the constants of both. Conditions of somebody else's catalogue
are evaluated only if nothing in them but PostgreSQL's own plain functions is called.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import asyncpg

from asbuilt.language.regex import shortest
from asbuilt.postgres.admission import harmless
from asbuilt.postgres.agreement import Rivals
from asbuilt.postgres.connecting import why_not
from asbuilt.postgres.grammar import Node, Refused, parse, walk
from asbuilt.postgres.inventory import SPELLING_SETTINGS, Connection
from asbuilt.postgres.login import Login
from asbuilt.postgres.rehearsal import PATIENCE, rehearsed
from asbuilt.postgres.scratch import scratch
from asbuilt.postgres.spelling import identifier, literal
from asbuilt.postgres.sqltypes import parsed, range_of
from asbuilt.postgres.waiting import to_end
from asbuilt.source import Fragment

_MOST_COLUMNS = 4
_MOST_ROWS = 20_000
_LONGEST = 20_000
_WORDS = ("", " ", "a", "A", "aB", "1", "x y", "é", "a@b")
_DAYS = ("1900-01-01", "1999-12-31", "2000-01-01", "2026-06-15", "2100-01-01")
_JSON = ("null", "{}", "[]", "1", '"a"', '{"a": 1}', "[1, 2, 3]")
_LABELS = "SELECT enumlabel::text FROM pg_catalog.pg_enum WHERE enumtypid = to_regtype($1) ORDER BY enumsortorder"
_UUIDS = ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff")


def witness_rows(ddl: Sequence[Fragment], rivals: Sequence[Rivals]) -> list[str]:
    """For each pair a row on which the two differ, as `a = 5, b is null`; empty where none was found.

    Raises `DatabaseUnavailable`.
    """
    with scratch() as login:
        try:
            return to_end(_found(login, ddl, rivals))
        except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
            raise why_not(error, login) from None


def likely_apart(rivals: Rivals) -> bool:
    """Whether two conditions are built alike and only name other constants, so that they hardly mean the same."""
    if rivals.stricter:
        return False
    trees = [_tree(expression) for expression in (rivals.ours, rivals.live)]
    try:
        shapes = [_shape(tree) for tree in trees if tree]
    except RecursionError:
        return False
    constants = [sorted(_constants([tree])) for tree in trees if tree]
    return len(shapes) == 2 and shapes[0] == shapes[1] and constants[0] != constants[1]


def _shape(value: object) -> object:
    """A tree without places and without what its constants are."""
    if isinstance(value, list):
        return [_shape(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "A_Const" in value:
        return "A_Const"
    return {key: _shape(inner) for key, inner in value.items() if key not in {"location", "list_start", "list_end"}}


async def _found(login: Login, ddl: Sequence[Fragment], rivals: Sequence[Rivals]) -> list[str]:
    settings = dict(SPELLING_SETTINGS)
    connection = await asyncpg.connect(**login.arguments(), server_settings=settings, timeout=PATIENCE)
    try:
        await rehearsed(connection, ddl)  # for its types
        return [await _told(connection, each) for each in rivals]
    finally:
        connection.terminate()


async def _told(connection: Connection, rivals: Rivals) -> str:
    trees = [_tree(expression) for expression in (rivals.ours, rivals.live)]
    if len(rivals.columns) > _MOST_COLUMNS or not all(tree and harmless([tree]) for tree in trees):
        return ""
    constants = list(_constants([tree for tree in trees if tree]))
    most = int(_MOST_ROWS ** (1 / max(1, len(rivals.columns))))
    sources, shown = [], []
    for name, type_ in rivals.columns:
        values = _values(type_, constants) or [row[0] for row in await connection.fetch(_LABELS, type_)]
        written = [f"{literal(value)}::{type_}" for value in values][: most - 1]
        rows = ", ".join(f"({value})" for value in (*written, f"NULL::{type_}"))
        sources.append(f"(VALUES {rows}) AS {identifier(name)}({identifier(name)})")
        shown.append(f"{literal(name)} || coalesce(' = ' || {identifier(name)}::text, ' is null')")
    ours, live = f"({rivals.ours}) IS NOT FALSE", f"({rivals.live}) IS NOT FALSE"
    apart = f"{ours} AND NOT {live}" if rivals.stricter else f"({ours}) <> ({live})"
    query = f"SELECT concat_ws(', ', {', '.join(shown)}) FROM {', '.join(sources)} WHERE {apart} LIMIT 1"
    try:
        return str(await connection.fetchval(query) or "")[:_LONGEST]
    except asyncpg.PostgresError:
        return ""


def _tree(expression: str) -> Node | None:
    try:
        tree = parse(f"SELECT {expression}")
    except Refused:
        return None
    found: Node | None = (
        tree.node["targetList"][0]["ResTarget"]["val"] if tree and tree.node.get("targetList") else None
    )
    return found


def _constants(trees: list[Node]) -> Iterator[str]:
    for _, node in (each for tree in trees for each in walk(tree) if each[0] == "A_Const"):
        for kind, inner in node.items():
            if kind in {"ival", "fval", "sval"}:
                yield str(inner.get(kind, 0 if kind == "ival" else ""))


def _values(type_: str, constants: Sequence[str]) -> list[str]:
    """Values of a type at and beside the constants, each once, all of which the type accepts."""
    known = parsed(type_)
    numbers = [Decimal(text) for text in constants if _is_number(text)]
    if known.dimensions:
        lengths = [int(n) + step for n in numbers for step in (-1, 0, 1)]
        return list(dict.fromkeys("{" + ",".join("1" * n) + "}" for n in (0, 1, 2, *lengths) if 0 <= n <= 50))
    low_high = range_of(known)
    if low_high:
        near = {int(n) + step for n in (*numbers, Decimal(0)) for step in (-1, 0, 1)} | set(low_high)
        return [str(n) for n in sorted(near) if low_high[0] <= n <= low_high[1]]
    if known.name in {"numeric", "real", "double precision"}:
        steps = map(Decimal, ("-1", "-0.01", "0", "0.01", "1"))
        near_numbers = sorted({n + step for step in steps for n in (*numbers, Decimal(0))})
        digits = known.modifiers[0] - known.modifiers[1] if len(known.modifiers) == 2 else 100
        return [format(n, "f") for n in near_numbers if abs(n) < 10**digits - 1]
    if known.name in {"text", "character varying", "character", "bpchar", "citext"}:
        most = known.modifiers[0] if known.modifiers else _LONGEST
        return [text for text in dict.fromkeys(_texts(constants, numbers)) if len(text) <= most]
    simple = {"boolean": ("true", "false"), "uuid": _UUIDS, "json": _JSON, "jsonb": _JSON}
    if known.name in simple:
        return list(simple[known.name])
    if known.name in {"date", "timestamp with time zone", "timestamp without time zone"}:
        return [*_DAYS, *(text for text in constants if text[:4].isdecimal() and text[4:5] == "-")]
    return []


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal() and len(text) < 20


def _texts(constants: Sequence[str], numbers: Sequence[Decimal]) -> Iterator[str]:
    yield from _WORDS
    lengths = sorted({int(n) + step for n in numbers for step in (-1, 0, 1) if 0 <= int(n) + step <= _LONGEST})
    for text in constants:
        yield from (text, text.upper(), text.lower(), f"{text}x", f"x{text}", f" {text} ", text[:-1])
        for length in (None, *range(12)):
            made = shortest(text) if length is None else shortest(text, length)
            if made is not None:
                yield from (made, made.upper(), made.lower(), f"{made}x", f"x{made}", made[:-1], made[1:])
    yield from ("x" * length for length in lengths)
