"""Promises about cost: `O(n log n) in lines`, `exactly n statements`, `at most 8 statements`."""

import re
from collections.abc import Iterator

from asbuilt.document import Text
from asbuilt.sections.algorithms.model import Complexity

_LABELS = frozenset({"complexity", "time complexity", "cost", "complexity analysis"})
_BOUND = re.compile(
    r"(?:(?P<bound>exactly|at most|up to|no more than|always)\s+)?(?P<count>\w+(?:\s*[-+*·]\s*\w+)*)\s+"
    r"(?:sql\s+)?(?:statements?|queries|query)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(r"(?P<kind>[OΘΩo])\s*\((?P<order>(?:[^()]|\([^()]*\)){1,80})\)")
_OF = re.compile(
    r"\s*(?:time\s+)?(?:in|of|for|over|per)\s+(?:the\s+(?:number|length|size)\s+of\s+)?"
    r"(?P<of>`[^`]+`|[\w.]+(?: \w+){0,3})"
)
_SPACE = re.compile(r"\s*(?:extra\s+|auxiliary\s+)?(?:space|memory)\b|\s*in\s+(?:space|memory)\b", re.IGNORECASE)
_FACTORS = re.compile(r"(?:[\w.\s+*^/²³·×-]|\(|\)|log|sqrt|√|\|)+")
_NUMBERS = {"no": "0", "zero": "0", "one": "1", "a": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_COUNT = re.compile(r"(?:\d+|[a-z])(?:\s*[-+*·]\s*(?:\d+|[a-z]))*", re.IGNORECASE)
_MOST = 200


def complexity_lines(text: Text) -> Iterator[Text]:
    """What follows the label `Complexity` in each line of a paragraph."""
    for line in text.lines:
        label = line.label
        if label and label.name.plain.strip().casefold() in _LABELS:
            yield label.rest


def read_complexity(text: Text) -> tuple[Complexity, ...]:
    """The promises of one line, in the order in which they stand; none where it holds none that can be checked."""
    written = text.text[:_MOST]
    found: list[tuple[int, Complexity]] = []
    for match in _ORDER.finditer(written):
        order = " ".join(match.group("order").split())
        if _SPACE.match(written, match.end()) or not _FACTORS.fullmatch(order):
            continue
        of = _OF.match(written, match.end())
        end = of.end() if of else match.end()
        span = text.part(match.start(), end).span
        named = of.group("of").strip("` ") if of else None
        found.append((match.start(), Complexity(written[match.start() : end], span, order=order, of=named)))
    for match in _BOUND.finditer(written):
        bound = (match.group("bound") or "exactly").casefold()
        count = _NUMBERS.get(match.group("count").casefold(), match.group("count"))
        if not match.group("bound") and not _COUNT.fullmatch(count):
            continue
        kind = "exactly" if bound in ("exactly", "always") else "at most"
        span = text.part(*match.span()).span
        found.append((match.start(), Complexity(match.group(), span, statements=count, bound=kind)))
    return tuple(promise for _, promise in sorted(found, key=lambda pair: pair[0]))
