"""Known names, and which of them a misspelt one was meant to be, in time that does not grow with their number.

Two names are near when they have the same words but for one, and that one has a letter too few, too
many, wrong, or swapped with its neighbour; in a word of three letters, swapped only. Words that both occur,
such as `created` and `updated`, are never near.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from asbuilt.language.names import snake

_WORDS = re.compile(r"[^\W_]+|[^\w]+")
_SHORTEST = 4
_LONGEST = 40
_ENDINGS = ("s", "d", "r", "n")


@dataclass(frozen=True)
class Lexicon:
    """Names by what they say: `orderLine`, `order_line` and `OrderLine` are one, `ORDER_LINE` is another."""

    names: tuple[str, ...]
    _known: dict[tuple[str, ...], str] = field(init=False, repr=False, compare=False)
    _words: set[str] = field(init=False, repr=False, compare=False)
    _shortened: dict[str, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known: dict[tuple[str, ...], str] = {}
        for name in self.names:
            known.setdefault(words(name), name)
        vocabulary = {word for key in known for word in key}
        shortened: dict[str, list[str]] = {}
        for word in sorted(vocabulary):
            for part in _shorter(word):
                shortened.setdefault(part, []).append(word)
        object.__setattr__(self, "_known", known)
        object.__setattr__(self, "_words", vocabulary)
        object.__setattr__(self, "_shortened", shortened)

    def __contains__(self, name: str) -> bool:
        return words(name) in self._known

    def near(self, name: str) -> str:
        """The known name that this one was meant to be, or an empty string. Never one it already is."""
        key = words(name)
        if key in self._known:
            return ""
        strange = [at for at, word in enumerate(key) if word not in self._words]
        if len(strange) > 1:
            return ""
        places = strange or range(len(key) if name.isupper() else 0)
        for at in places:
            for word in self._close(key[at], plurals=name.isupper()):
                meant = self._known.get((*key[:at], word, *key[at + 1 :]))
                if meant and meant.isupper() == name.isupper():
                    return meant
        return ""

    def _close(self, word: str, *, plurals: bool) -> Iterator[str]:
        if len(word) == _SHORTEST - 1:
            yield from sorted(self._words.intersection(_swapped(word)))
        if not _SHORTEST <= len(word) <= _LONGEST:
            return
        seen: set[str] = set()
        for part in _shorter(word):
            for known in self._shortened.get(part, ()):
                if known not in seen and known != word:
                    seen.add(known)
                    if is_slip(word, known) or (plurals and word in (f"{known}s", known.removesuffix("s"))):
                        yield known


def words(name: str) -> tuple[str, ...]:
    """The words of a name and what stands between them, underscores aside."""
    return tuple(_WORDS.findall(snake_parts(name)))


def snake_parts(name: str) -> str:
    """`Order.lineTotal` is `order.line_total`: what is no word stays where it is."""
    return re.sub(r"\w+", lambda match: snake(match.group()), name)


def _shorter(word: str) -> Iterable[str]:
    """The word, and the word without each of its letters."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(min(len(word), _LONGEST)))}


def _swapped(word: str) -> Iterator[str]:
    """The word with each two neighbours swapped that differ."""
    pairs = (at for at in range(len(word) - 1) if word[at] != word[at + 1])
    return (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in pairs)


def is_slip(written: str, meant: str) -> bool:
    """Whether one letter was left out, added, mistaken or swapped; other endings and digits are other words."""
    if abs(len(written) - len(meant)) > 1 or written == meant:
        return False
    start = 0
    while start < min(len(written), len(meant)) and written[start] == meant[start]:
        start += 1
    left, right = written[start:], meant[start:]
    changed = {*left[: 1 + (len(left) == len(right))], *right[: 1 + (len(left) == len(right))]}
    if any(letter.isdigit() for letter in changed):
        return False
    if len(left) == len(right):
        if changed <= set(_ENDINGS) and len(left) == 1:
            return False
        return left[1:] == right[1:] or (left[1::-1] == right[:2] and left[2:] == right[2:])
    longer, shorter = (left, right) if len(left) > len(right) else (right, left)
    ending = longer in _ENDINGS and not shorter
    doubled = ending and start > 0 and written[start - 1] == longer
    return longer[1:] == shorter and (not ending or doubled)
