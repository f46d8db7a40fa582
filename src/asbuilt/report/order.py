"""The order and the number of findings."""

from collections import Counter
from collections.abc import Iterable, Sequence

from asbuilt.diagnostics import Diagnostic, Severity

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """As they stand in the document; at one place the most severe first."""
    return sorted(diagnostics, key=lambda one: (one.span.start, SEVERITIES.index(one.severity), one.code, one.message))


def most_severe(diagnostics: Iterable[Diagnostic], limit: int | None) -> list[Diagnostic]:
    """So many of them, errors before warnings before notes, in the order of the document."""
    ordered = sorted(in_order(diagnostics), key=lambda one: SEVERITIES.index(one.severity))
    return in_order(ordered[:limit])


def counted(found: Sequence[Diagnostic]) -> str:
    """The numbers by severity: `3 errors, 1 warning`."""
    counts = Counter(one.severity for one in found)
    return ", ".join(f"{counts[kind]} {kind}{'s' * (counts[kind] != 1)}" for kind in SEVERITIES if counts[kind])
