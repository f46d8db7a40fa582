"""Headings matched to the template: without regard to case, numbering, emoji, plural and common synonyms."""

import re
import unicodedata
from functools import cache

from asbuilt.document.template import SECTIONS, SUBSECTIONS

_NUMBERING = re.compile(
    r"(?:(?:section|chapter|part|step|appendix|annex)\s+(?=[\dA-Z]+\b))?"
    r"(?:(?:\d{1,3}|[A-Z])(?:\.[\dA-Z]{1,3})+[.):]?|\d{1,3}[.):]?|[A-Z][.)]|[IVXLC]{1,6}[.)]|\(\w{1,3}\))(?=\s|[^\w\s])[\s:–—-]*",
    re.IGNORECASE,
)
_LONGEST = 300  # characters of a heading that may name something
_PARENTHESES = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）)")
_SUBTITLE = re.compile(r"\s*:\s|\s[-–—|]\s")
_NO_WORD = re.compile(r"[^\w]+|_+")
_PICTURES = frozenset({"So", "Sk", "Cn", "Co", "Cs", "Mn", "Me", "Cf"})
# Words, folded, that a heading's sense does not hang on.
_LEADING = frozenset(
    re.findall(
        r"\w+",
        "key main core primary all full complete detailed available supported standard standardized standardised"
        " overall required important input inbound incoming exposed provided proposed planned suggested recommended"
        " our essential current existing the advanced comprehensive",
    )
)
_TRAILING = frozenset(
    re.findall(
        r"\w+",
        "architecture stack requirement detail approach plan exposed specification spec reference catalog catalogue"
        " definition design implementation strategy strategie policy policie consideration guideline convention"
        " instrumentation collection mechanism",
    )
)
_TAIL = re.compile(r" (?:with|using|via) ")
_FEWEST = 2  # words before it: `Integration with Billing` is about billing
_MACHINE = re.compile(r".+ (?:state machine|state diagram|(?:state|status) transition|(?:state|status) flow)")
_ALGORITHM = re.compile(r".+ algorithm")
_UNNAMED = tuple(part for part in SUBSECTIONS.values() if not part.named)
_NAMED = {"algorithms": "algorithms.algorithm", "state-machines": "state-machines.machine"}


def key_of(title: str, above: list[str | None]) -> str | None:
    """The key of a heading under headings with the keys `above`, outermost first; None if it names nothing.

    A heading is what its context makes it: under Core Algorithms any name is an algorithm's, and under a subsection
    only its neighbours in the same section and the template's own titles are told apart.
    """
    title = " ".join(title[:_LONGEST].split())
    context = next((key for key in reversed(above) if key), None)
    direct = bool(above) and above[-1] is not None
    exact = next(filter(None, map(_titles().get, readings(title))), None)
    if context is None:
        return _anywhere(title, "")
    section, _, subsection = context.partition(".")
    if direct and context in _NAMED:
        return exact or _NAMED[context]
    if subsection:
        found = exact or _within(title, section)
        allowed = direct and found and found != context and "." in found
        return found if allowed else None
    return _within(title, section) or (_anywhere(title, section) if direct else None)


def folded(title: str) -> str:
    """A heading reduced to what it says: no case, numbering, emoji, punctuation, plural endings."""
    shown = unicodedata.normalize("NFKC", title)
    shown = "".join(char for char in shown if unicodedata.category(char) not in _PICTURES)
    shown = shown.strip(" \t:#*_-–—.•|")
    shown = shown[numbering.end() :] if (numbering := _NUMBERING.match(shown)) else shown
    words = _NO_WORD.sub(" ", shown.replace("&", " and ").casefold()).split()
    return " ".join(map(_singular, words))


def readings(title: str) -> tuple[str, ...]:
    """What a heading may be taken for, best first: as a whole, without its remarks, without its subtitle."""
    bare = _PARENTHESES.sub("", title)
    head, *_ = _SUBTITLE.split(bare, maxsplit=1)
    known = (folded(title), folded(bare), "" if head.endswith("/") else folded(head))
    return tuple(dict.fromkeys(filter(None, known)))


def _bare_readings(title: str) -> tuple[str, ...]:
    """What is left of a heading without the words that qualify any: `Key Endpoints`, `Caching Architecture`."""
    found: list[str] = []
    for reading in readings(title):
        words = _TAIL.split(reading)[0].split()
        words = reading.split() if len(words) < _FEWEST else words
        while len(words) > 1 and words[0] in _LEADING:
            del words[0]
        found.append(" ".join(words))
        while len(words) > 1 and words[-1] in _TRAILING:
            del words[-1]
            found.append(" ".join(words))
    return tuple(dict.fromkeys(found))


def _singular(word: str) -> str:
    kept = len(word) <= 3 or (word.endswith(("ss", "us", "is")) and word != "apis")
    return word if kept else word.removesuffix("s")


def _within(title: str, section: str) -> str | None:
    """The subsection of a section that the heading names."""
    known = _subsections(section)
    for reading in readings(title):
        if reading in known:
            return known[reading]
        if section in ("api", "data") and _MACHINE.fullmatch(reading):
            return _NAMED["state-machines"]
    bare = (_names(top=False).get(reading) for reading in _bare_readings(title))
    return next((key for key in bare if key and key.startswith(f"{section}.")), None)


def _anywhere(title: str, section: str) -> str | None:
    """The subsection or section that the heading names outside `section`, which is empty at the top.

    Among endpoints a word alone (`Health`, `Auth`, `Settings`) is a group of them.
    """
    names = _names(top=not section)
    for reading in readings(title):
        if section == "api" and " " not in reading:
            continue
        if found := names.get(reading):
            return found if found != section else None
        if _MACHINE.fullmatch(reading):
            return _NAMED["state-machines"]
        if _ALGORITHM.fullmatch(reading):
            return _NAMED["algorithms"]
    bare = (reading for reading in _bare_readings(title) if section != "api" or " " in reading)
    found = next(filter(None, map(_names(top=False).get, bare)), None)
    return found if found != section else None


@cache
def _titles() -> dict[str, str]:
    return {folded(section.title): section.key for section in SECTIONS} | {
        folded(part.title): part.key for part in _UNNAMED
    }


@cache
def _subsections(section: str) -> dict[str, str]:
    """The subsections of a section by their folded names, local ones included."""
    return {
        folded(name): part.key
        for part in _UNNAMED
        if part.section == section
        for name in (*part.local, *part.synonyms, part.title)
    }


@cache
def _names(*, top: bool) -> dict[str, str]:
    """All subsections and sections by their folded names; of two with one name, the later in this list has it."""
    names = [(part.key, name) for part in reversed(_UNNAMED) if top for name in part.local]
    names += [(section.key, name) for section in SECTIONS if top for name in section.local]
    names += [(section.key, name) for section in SECTIONS for name in (*section.synonyms, section.title)]
    names += [(part.key, name) for part in reversed(_UNNAMED) for name in (*part.synonyms, part.title)]
    return {folded(name): key for key, name in names}
