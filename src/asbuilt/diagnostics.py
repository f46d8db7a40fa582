"""Findings about a specification, and the rules that make them."""

import difflib
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Generic, Literal, Protocol, TypeVar

from asbuilt.source import Span
from asbuilt.values import frozen

Severity = Literal["error", "warning", "note"]
Subject_contra = TypeVar("Subject_contra", contravariant=True)


class Located(Protocol):
    @property
    def span(self) -> Span: ...


@frozen
class Hole:
    """What a notation could not read: a diagnostic to be, in the place of the value that is missing."""

    span: Span
    message: str
    hint: str = ""


@frozen
class Related:
    """Another place that a finding is about, and what it has to do with it."""

    span: Span
    message: str


@frozen
class Edit:
    span: Span
    replacement: str


@frozen
class Fix:
    """A change of the document that mends a finding. Edits never overlap."""

    title: str
    edits: tuple[Edit, ...]


@frozen
class Diagnostic:
    """One finding. `witness` is a request, row or body that shows the contradiction at work."""

    code: str
    name: str
    severity: Severity
    message: str
    span: Span
    hint: str = ""
    related: tuple[Related, ...] = ()
    witness: str = ""
    fix: Fix | None = None


@frozen
class Rule(Generic[Subject_contra]):
    """A rule, its message and its manual page in one object: the page is the docstring of `check`."""

    code: str
    severity: Severity
    check: Callable[[Subject_contra], Iterator[Diagnostic]]

    @property
    def name(self) -> str:
        return self.check.__name__.replace("_", "-")

    @property
    def page(self) -> str:
        return self.check.__doc__ or ""

    def __call__(self, subject: Subject_contra) -> Iterator[Diagnostic]:
        return self.check(subject)

    def at(
        self,
        where: Located,
        message: str,
        *,
        hint: str = "",
        also: Iterable[tuple[Located, str]] = (),
        witness: str = "",
        fix: Fix | None = None,
    ) -> Diagnostic:
        related = tuple(Related(other.span, text) for other, text in also)
        return Diagnostic(self.code, self.name, self.severity, message, where.span, hint, related, witness, fix)


def rule(
    code: str, *, severity: Severity = "error"
) -> Callable[[Callable[[Subject_contra], Iterator[Diagnostic]]], Rule[Subject_contra]]:
    return lambda check: Rule(code, severity, check)


_LONGEST_NAME = 200  # characters of a name that is compared
_MANY = 200  # names; of more, only those that share most pairs of letters are compared letter by letter
_COMPARED = 30


def closest(name: str, known: Iterable[str]) -> str:
    """The known name that `name` was probably meant to be, or an empty string."""
    names = tuple(known)
    word = name[:_LONGEST_NAME].casefold()
    if len(names) > _MANY:
        names = _alike(word, names)
    folded: dict[str, str] = {}
    for candidate in names:
        if len(candidate) <= _LONGEST_NAME:
            folded.setdefault(candidate.casefold(), candidate)
    close = difflib.get_close_matches(word, folded, n=5, cutoff=0.7)
    if not close:
        return ""
    matcher = difflib.SequenceMatcher(b=word)

    def likeness(word: str) -> tuple[float, bool]:
        """Of two that are alike, the one that begins with the same letter: `Itme` is `Item`, not `time`."""
        matcher.set_seq1(word)
        return matcher.ratio(), folded[word][:1] == name[:1]

    return folded[max(close, key=likeness)]


def _alike(word: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The few of many names that share most pairs of letters with a word."""
    index = _by_pairs(names)
    lists = sorted((index[pair] for pair in _pairs(word) if pair in index), key=len)
    shared: Counter[int] = Counter()
    for postings in lists:
        if shared and len(postings) > len(names) // 4:
            break  # what many names share tells them little apart
        shared.update(postings)
    length = len(word)
    best = heapq.nlargest(_COMPARED, shared, key=lambda at: (shared[at], -abs(len(names[at]) - length), -at))
    return tuple(names[at] for at in sorted(best))


@lru_cache(maxsize=8)
def _by_pairs(names: tuple[str, ...]) -> Mapping[str, list[int]]:
    """Where in the list the names stand that hold a pair of letters."""
    index: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        if len(name) <= _LONGEST_NAME:
            for pair in _pairs(name.casefold()):
                index.setdefault(pair, []).append(at)
    return index


def _pairs(word: str) -> set[str]:
    """Each two letters that follow one another, the edges of the word included."""
    return {left + right for left, right in pairwise(f" {word} ")}


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the closest known name, or an empty string."""
    close = closest(name, known)
    return f"did you mean `{close}`?" if close else ""


def respelled(where: Located, name: str, known: Iterable[str]) -> Fix | None:
    """The fix that replaces a misspelt name by the closest known one."""
    close = closest(name, known)
    return Fix(f"replace `{name}` by `{close}`", (Edit(where.span, close),)) if close else None
