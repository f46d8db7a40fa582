"""What is left dangling where a stretch of a statement was taken out: commas, ANDs, ORs, empty clauses.

Only what stands next to a gap is touched, so that a mistake of the author's stays one.
"""

from typing import NamedTuple


class Item(NamedTuple):
    """A token, a parameter, a GAP, or (with `text`) something put in; `name` as in PostgreSQL's grammar.

    `head` of a GAP is the keyword that what was taken out began with: WHERE, SET, ORDER BY.
    """

    name: str
    start: int
    end: int
    text: str | None = None
    parameter: str | None = None
    head: tuple["Item", ...] = ()


_COMMA, _OPEN, _CLOSE = "ASCII_44", "ASCII_40", "ASCII_41"
_VERBS = {"SELECT", "INSERT", "UPDATE", "DELETE_P", "MERGE"}
_CLAUSES = {"FROM", "WHERE", "GROUP_P", "HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", "RETURNING"}
_CLAUSES |= {"UNION", "INTERSECT", "EXCEPT", "ON", "VALUES", "DO", "THEN", "ELSE", "END_P", "WHEN", "SET", "DESC"}
_JOINS = {"JOIN", "LEFT", "RIGHT", "INNER_P", "FULL", "CROSS", "NATURAL"}
_ENDS = _CLAUSES | _JOINS | {_CLOSE, "ASCII_93", "ASCII_59", "END"}
_CONNECTIVES = {"AND", "OR"}
_PREDICATES = {"WHERE", "HAVING", "ON", "WHEN", "NOT", _OPEN, *_CONNECTIVES}
_LISTS = {_OPEN, "ASCII_91", "SELECT", "DISTINCT", "SET", "BY", "VALUES", "RETURNING", "FROM", "WITH", "USING"}


HEADS = {"WHERE", "HAVING", "ON", "SET", "SELECT", "RETURNING", "ORDER", "GROUP_P", "PARTITION", "BY", "WITH"}


def mended(items: list[Item], text: str) -> list[Item]:
    """The items without gaps and without what dangled around them. Linear."""
    done: list[Item] = []
    at = 0
    while at < len(items):
        if items[at].name == "GAP":
            at = _close_gap(done, items, at)
        else:
            done.append(items[at])
            at += 1
    return _without_empty_sets(done, text)


def _close_gap(done: list[Item], items: list[Item], at: int) -> int:
    """Mends around the gap at `at`: takes from the end of `done`, returns where to go on in `items`."""
    gap, heads = items[at], list[tuple[Item, ...]]()
    while at < len(items) and items[at].name == "GAP":
        heads += [items[at].head] if items[at].head else []
        at += 1
    goes_on = at < len(items) and items[at].name not in _ENDS
    _keep_heads(done, heads, goes_on=goes_on)
    while True:
        left = done[-1].name if done else "START"
        right = items[at].name if at < len(items) else "END"
        if _drops_left(left, right):
            done.pop()
            if left == "BY":
                done.pop()
        elif _drops_right(left, right) or (left == _OPEN and right == _CLOSE and _drops_group(done, gap)):
            at += 1
        else:
            if left == "ON" and right in _ENDS:
                done.append(Item("TRUE_P", gap.start, gap.start, "true"))
            elif left == "SET" and right in _ENDS:
                done.append(Item("EMPTY", gap.start, gap.start, ""))
            return at


def _keep_heads(done: list[Item], heads: list[tuple[Item, ...]], *, goes_on: bool) -> None:
    """Keeps the beginning of a clause that was taken out while more of the clause follows; SET always."""
    setting = next((head for head in heads if head[0].name == "SET"), None)
    if setting is not None:
        _push(done, setting)
        if heads[-1] is setting:
            return
        done.append(Item("EMPTY", setting[0].start, setting[0].start, ""))
    if heads and goes_on:
        _push(done, heads[-1])


def _push(done: list[Item], head: tuple[Item, ...]) -> None:
    while done and _drops_left(done[-1].name, head[0].name):
        done.pop()
    done += head


def _drops_left(left: str, right: str) -> bool:
    if left == _COMMA:
        return right in _ENDS or right == _COMMA or right in _VERBS
    if left in _CONNECTIVES:
        return right in _ENDS or (right in _CONNECTIVES and (left == "AND" or right == "OR"))
    if left in {"WITH", "RECURSIVE"}:
        return right in _VERBS
    if left in {"UNION", "INTERSECT", "EXCEPT", "ALL"}:
        return right in _ENDS
    return left == "NOT" or (left in {"WHERE", "HAVING", "BY", "LIMIT", "OFFSET", "RETURNING"} and right in _ENDS)


def _drops_right(left: str, right: str) -> bool:
    if right == _COMMA:
        return left in _LISTS
    return right in _CONNECTIVES and (left in _PREDICATES or left == "OR")


def _drops_group(done: list[Item], gap: Item) -> bool:
    """Takes an emptied pair of parentheses away, if it held a predicate, or the columns of an INSERT."""
    before = done[-2].name if len(done) > 1 else "START"
    if before in _PREDICATES or _names_target(done[:-1][-6:]):
        done.pop()
        return True
    if before == "VALUES" and _names_target(done[:-2][-6:]):
        del done[-2:]
        done.append(Item("VALUES", gap.start, gap.start, "DEFAULT VALUES"))
        return True
    return False


def _names_target(items: list[Item]) -> bool:
    """Whether the items end with `INTO name`, perhaps with a schema and an alias."""
    for item in reversed(items):
        if item.name == "INTO":
            return items[-1] is not item
        if item.name not in {"IDENT", "UIDENT", "ASCII_46", "AS"} and item.name in _ENDS | _VERBS | {_OPEN, _COMMA}:
            return False
    return False


def _without_empty_sets(items: list[Item], text: str) -> list[Item]:
    """An UPDATE that sets nothing reads the rows it would have changed; an upsert keeps the row that is there."""
    while (empty := next((at for at, item in enumerate(items) if item.name == "EMPTY"), None)) is not None:
        update = _back_to(items, empty, "UPDATE")
        if update is None:
            del items[empty]
        elif update and items[update - 1].name == "DO":
            items = _keeping_conflict(items, update, empty, text)
        else:
            items = _reading(items, update, empty)
    return items


def _back_to(items: list[Item], at: int, name: str) -> int | None:
    depth = 0
    while at > 0:
        at -= 1
        depth += {_CLOSE: 1, _OPEN: -1}.get(items[at].name, 0)
        if depth < 0:
            return None
        if not depth and items[at].name == name:
            return at
    return None


def _reading(items: list[Item], update: int, empty: int) -> list[Item]:
    """`UPDATE t SET FROM u WHERE c RETURNING r` as `SELECT r FROM t, u WHERE c`."""
    end = _end_of_statement(items, empty)
    clauses = _clauses(items[empty + 1 : end])
    target, place = items[update + 1 : empty - 1], items[update]
    made = [
        Item("SELECT", place.start, place.start, "SELECT"),
        *clauses.get("RETURNING", ())[1:],
        Item("FROM", place.start, place.start, "FROM"),
        *target,
    ]
    if "FROM" in clauses:
        made += (Item(_COMMA, place.start, place.start, ","), *clauses["FROM"][1:])
    return [*items[:update], *made, *clauses.get("WHERE", ()), *items[end:]]


def _end_of_statement(items: list[Item], at: int) -> int:
    depth = 0
    while at < len(items):
        depth += {_OPEN: 1, _CLOSE: -1}.get(items[at].name, 0)
        if depth < 0:
            return at
        at += 1
    return at


def _clauses(items: list[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    depth, clause = 0, ""
    for item in items:
        depth += {_OPEN: 1, _CLOSE: -1}.get(item.name, 0)
        if not depth and item.name in {"FROM", "WHERE", "RETURNING"} and item.name not in found:
            clause = item.name
        found.setdefault(clause, []).append(item)
    return found


def _keeping_conflict(items: list[Item], update: int, empty: int, text: str) -> list[Item]:
    """`ON CONFLICT (k) DO UPDATE SET` with nothing to set: sets `k` to what it is, so that RETURNING has its row."""
    conflict = _back_to(items, update, "CONFLICT")
    place = items[empty]
    named = conflict is not None and items[conflict + 1].name == _OPEN and items[conflict + 3].name in {_COMMA, _CLOSE}
    if conflict is None or not named:
        return [*items[:empty], *items[empty + 1 :]]
    key = text[items[conflict + 2].start : items[conflict + 2].end]
    kept = Item("IDENT", place.start, place.start, f"{key} = EXCLUDED.{key}")
    return [*items[:empty], kept, *items[empty + 1 :]]
