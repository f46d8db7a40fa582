"""The marks by which a page tells standings apart: a sign and a word, so that colour is never needed."""

from collections.abc import Iterable, Sequence

from asbuilt.ledger import Standing
from asbuilt.verify.examination import Entry
from asbuilt.verify.report.sums import STANDINGS, counts

SIGNS: dict[Standing, str] = {
    "refuted": "✗",
    "unchecked": "?",
    "verified": "✓",
    "checked": "◇",
    "enacted": "•",
    "prose": "¶",
}


def mark(standing: Standing, number: int = 1) -> str:
    """A standing as HTML, and how many claims have it if more than one."""
    count = f"{number} " if number > 1 else ""
    return f'<span class="mark {standing}"><b>{SIGNS[standing]}</b> {count}<span class="word">{standing}</span></span>'


def marks(entries: Sequence[Entry]) -> str:
    """The standings of several claims, the gravest first."""
    known = counts(entries)
    return " ".join(mark(standing, known[standing]) for standing in STANDINGS if known[standing])


def has(entries: Iterable[Entry]) -> str:
    """The standings as words, the gravest first: what a page's filter asks for."""
    known = counts(entries)
    return " ".join(standing for standing in STANDINGS if known[standing])
