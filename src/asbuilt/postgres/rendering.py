"""The text of a statement for one set of present parameters, and where each character of it was written."""

from bisect import bisect_right
from collections.abc import Iterable

from asbuilt.postgres.grammar import Token, scan
from asbuilt.postgres.mending import HEADS, Item, mended
from asbuilt.postgres.statement import Condition, Placeholder
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen


@frozen
class Rendered:
    """SQL with `$1..$n`, the names behind the numbers, and offsets in it (`starts`) beside those in the source."""

    sql: str
    parameters: tuple[str, ...]
    source: Fragment
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def offset(self, at: int) -> int:
        """Where in the source the character at `at` was written."""
        piece = max(0, bisect_right(self.starts, at) - 1)
        return self.origins[piece] + at - self.starts[piece] if self.origins else 0

    def span(self, start: int, end: int) -> Span:
        first = self.offset(start)
        last = self.offset(max(start, end - 1)) + 1
        return self.source.span(first, max(first, last))


def rendered(
    sql: Fragment,
    tokens: tuple[Token, ...],
    placeholders: tuple[Placeholder, ...],
    conditions: tuple[Condition, ...],
    present: frozenset[str] | None,
) -> Rendered:
    """The statement without the stretches whose parameters are not `present`; None: all are."""
    absent = [] if present is None else [each for each in conditions if each.name not in present]
    items = mended(_items(tokens, placeholders, absent), sql.text) if absent else _items(tokens, placeholders, [])
    numbers: dict[str, int] = {}
    pieces: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length, before = 0, None
    for item in items:
        shown = item.text
        if item.parameter is not None:
            shown = f"${numbers.setdefault(item.parameter, len(numbers) + 1)}"
        elif shown is None:
            shown = sql.text[item.start : item.end]
        gap = _space(sql.text, before, item, shown)
        pieces += (gap, shown)
        starts.append(length + len(gap))
        origins.append(item.start)
        length += len(gap) + len(shown)
        before = item
    return Rendered("".join(pieces), tuple(numbers), sql, tuple(starts), tuple(origins))


def whole(sql: Fragment) -> tuple[Token, ...]:
    """The tokens of a statement without what may follow it: semicolons. Raises `Refused`."""
    tokens = scan(sql.text)
    last = len(tokens)
    while last and (tokens[last - 1].name == "ASCII_59" or tokens[last - 1].comment):
        last -= 1
    return tuple(token for at, token in enumerate(tokens) if at < last or token.comment)


def _items(tokens: Iterable[Token], placeholders: tuple[Placeholder, ...], absent: Iterable[Condition]) -> list[Item]:
    """Tokens and parameters in order, comments left out, one gap where something absent was taken out."""
    holes = iter(sorted((each.start, each.end) for each in absent))
    names = iter(placeholders)
    hole, name = next(holes, None), next(names, None)
    items: list[Item] = []
    skip = -1
    for token in tokens:
        while hole is not None and token.start >= hole[1]:
            hole = next(holes, None)
        while name is not None and token.start >= name.end:
            name = next(names, None)
        if hole is not None and token.start >= hole[0]:
            _take_out(items, token, hole[0])
        elif token.comment or token.start < skip:
            continue
        elif name is not None and token.start == name.start:
            items.append(Item("PARAM", name.start, name.end, parameter=name.name))
            skip = name.end
        else:
            items.append(Item(token.name, token.start, token.end))
    return items


def _take_out(items: list[Item], token: Token, hole: int) -> None:
    """Lets a token of an absent stretch be part of its gap, which remembers the keyword it began with."""
    if not items or items[-1].name != "GAP" or items[-1].start != hole:
        items.append(Item("GAP", hole, hole))
    gap, name = items[-1], token.name
    begins = token.start == hole and name in HEADS - {"BY"}
    if begins or (name == "BY" and len(gap.head) == 1 and gap.head[0].name in {"ORDER", "GROUP_P", "PARTITION"}):
        items[-1] = gap._replace(head=(*gap.head, Item(name, token.start, token.end)))


def _space(text: str, before: Item | None, item: Item, shown: str) -> str:
    """What goes between two pieces: what the author put there, as far as it is white space."""
    if before is None:
        return ""
    between = text[before.end : item.start] if before.end <= item.start else " "
    if between and not between.isspace():
        indent = between.rpartition("\n")[2]
        between = ("\n" + indent if indent.isspace() else "\n") if "\n" in between else " "
    if between:
        return between
    last = before.text or text[before.end - 1 : before.end] or " "
    glued = _is_letter(last[-1]) and (_is_letter(shown[0]) or shown[0] == "$")
    return " " if glued or before.text is not None or item.text is not None else ""


def _is_letter(letter: str) -> bool:
    return letter.isalnum() or letter in "_$"
