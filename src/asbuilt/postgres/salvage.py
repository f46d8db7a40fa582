"""A CREATE TABLE with mistakes in it, read without the elements that hold them.

So one misspelt column is one fault, and the table is still there for all that refers to it.
"""

from collections.abc import Iterator
from itertools import islice

from asbuilt.postgres.grammar import Refused, Token, Tree, parse, scan, word

_MOST = 3
_MOST_ELEMENTS = 2000  # as many columns as PostgreSQL allows, and some constraints
_HEAD = {"CREATE", "TABLE", "TEMP", "TEMPORARY", "UNLOGGED", "IF_P", "NOT", "EXISTS"}


def salvaged(text: str, refusal: Refused) -> tuple[Tree | None, tuple[Refused, ...]]:
    """What can be read of a refused statement, and its mistakes (the first few), each at its place."""
    try:
        tokens = tuple(token for token in scan(text) if not token.comment)
    except Refused:
        return None, (refusal,)
    opening = _opening(tokens)
    if opening is None:
        return None, (refusal,)
    pieces = list(islice(elements(tokens, opening), _MOST_ELEMENTS + 1))
    if len(pieces) > _MOST_ELEMENTS:
        return None, (refusal,)
    head = _head(text, tokens[:opening])
    blanked, refusals = _blank_mistakes(text, head, pieces)
    for closing in ("", ")"):
        try:
            return parse(blanked + closing), refusals or (refusal,)
        except Refused:
            continue
    return None, refusals or (refusal,)


def _opening(tokens: tuple[Token, ...]) -> int | None:
    """The number of the parenthesis that opens the elements of a CREATE TABLE."""
    if not tokens or tokens[0].name != "CREATE" or all(token.name != "TABLE" for token in tokens[:4]):
        return None
    return next((at for at, token in enumerate(tokens[:12]) if token.name == "ASCII_40"), None)


def _head(text: str, tokens: tuple[Token, ...]) -> str | None:
    """`CREATE TABLE name (`, if PostgreSQL takes the name."""
    name = " ".join(word(text, token) for token in tokens if token.name not in _HEAD)
    head = f"CREATE TABLE {name} ("
    try:
        parse(f"{head}x int)")
    except Refused:
        return None
    return head


def elements(tokens: tuple[Token, ...], opening: int) -> Iterator[tuple[int, int]]:
    """Where each element of the list begins and ends, commas left out."""
    depth, first = 0, opening + 1
    for at in range(opening + 1, len(tokens)):
        name = tokens[at].name
        if name in {"ASCII_41", "ASCII_44"} and not depth:
            if at > first:
                yield tokens[first].start, tokens[at - 1].end
            first = at + 1
            if name == "ASCII_41":
                return
        elif name == "ASCII_40":
            depth += 1
        elif name == "ASCII_41":
            depth -= 1
    if first < len(tokens):
        yield tokens[first].start, tokens[-1].end


def _blank_mistakes(text: str, head: str | None, pieces: list[tuple[int, int]]) -> tuple[str, tuple[Refused, ...]]:
    """The text with every element that cannot be read blanked out, and why."""
    refusals: list[Refused] = []
    kept: list[tuple[int, int]] = []
    if head is None:
        return text, ()
    for start, end in pieces:
        try:
            parse(f"{head}{text[start:end]})")
            kept.append((start, end))
        except Refused as refusal:
            refusals.append(_placed(refusal, start - len(head), text, end))
    return _joined(text, pieces, kept), tuple(refusals[:_MOST])


def _placed(refusal: Refused, shift: int, text: str, end: int) -> Refused:
    """The refusal of an element at its place in the whole; what is missing at its end, at its last word."""
    place = refusal.start + shift
    if place < end:
        return Refused(refusal.message, place, min(refusal.end + shift, end), refusal.hint)
    last = text[:end].rstrip()
    word_start = max(last.rfind(sign) for sign in " \n\t,(") + 1
    return Refused("this ends too early", word_start, len(last), refusal.hint)


def without(text: str, pieces: list[tuple[int, int]], gone: list[tuple[int, int]]) -> str:
    """The text of a CREATE TABLE without some of its elements, everything else where it was."""
    return _joined(text, pieces, [piece for piece in pieces if piece not in gone])


def _joined(text: str, pieces: list[tuple[int, int]], kept: list[tuple[int, int]]) -> str:
    """The text with only the kept elements, at their old offsets, and commas just between them."""
    if not pieces:
        return text
    letters = list(text)
    first, last = pieces[0][0], pieces[-1][1]
    letters[first:last] = [letter if letter == "\n" else " " for letter in letters[first:last]]
    for number, (start, end) in enumerate(kept):
        letters[start:end] = text[start:end]
        if number + 1 < len(kept):
            letters[end] = ","
    return "".join(letters)
