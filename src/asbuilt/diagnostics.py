"""Findings about a specification, and the rules that make them."""

import difflib
from collections.abc import Callable, Iterable, Iterator
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


def closest(name: str, known: Iterable[str]) -> str:
    """The known name that `name` was probably meant to be, or an empty string."""
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.casefold(), candidate)
    close = difflib.get_close_matches(name.casefold(), folded, n=5, cutoff=0.7)
    if not close:
        return ""
    matcher = difflib.SequenceMatcher(b=name.casefold())

    def likeness(word: str) -> tuple[float, bool]:
        """Of two that are alike, the one that begins with the same letter: `Itme` is `Item`, not `time`."""
        matcher.set_seq1(word)
        return matcher.ratio(), folded[word][:1] == name[:1]

    return folded[max(close, key=likeness)]


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the closest known name, or an empty string."""
    close = closest(name, known)
    return f"did you mean `{close}`?" if close else ""


def respelled(where: Located, name: str, known: Iterable[str]) -> Fix | None:
    """The fix that replaces a misspelt name by the closest known one."""
    close = closest(name, known)
    return Fix(f"replace `{name}` by `{close}`", (Edit(where.span, close),)) if close else None
