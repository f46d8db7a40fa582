"""Findings as JSON."""

import json
from collections import Counter
from collections.abc import Iterable

from asbuilt.diagnostics import Diagnostic, Fix
from asbuilt.report.order import SEVERITIES, in_order
from asbuilt.source import Source, Span


def render_json(source: Source, diagnostics: Iterable[Diagnostic]) -> str:
    """A JSON object whose shape is stable: `version` grows when a member changes its meaning or goes.

    `{"version": 1, "file", "summary": {"errors", "warnings", "notes"}, "diagnostics": [...]}`; a diagnostic has
    `code`, `name`, `severity`, `message`, `hint`, `witness`, `range`, `related` (each `message` and `range`) and
    `fix` (null, or `title` and `edits`, each `range` and `replacement`). A range has `start` and `end` (exclusive),
    each with `line` and `column` from 1 and `offset` from 0, all counted in characters (Unicode code points).
    """
    found = in_order(diagnostics)
    counts = Counter(one.severity for one in found)
    report = {
        "version": 1,
        "file": str(source.path),
        "summary": {f"{severity}s": counts[severity] for severity in SEVERITIES},
        "diagnostics": [_diagnostic(source, one) for one in found],
    }
    return json.dumps(report, indent=2)


def _diagnostic(source: Source, one: Diagnostic) -> dict[str, object]:
    return {
        "code": one.code,
        "name": one.name,
        "severity": one.severity,
        "message": one.message,
        "hint": one.hint,
        "witness": one.witness,
        "range": located(source, one.span),
        "related": [{"message": related.message, "range": located(source, related.span)} for related in one.related],
        "fix": _fix(source, one.fix) if one.fix else None,
    }


def _fix(source: Source, fix: Fix) -> dict[str, object]:
    edits = [{"range": located(source, edit.span), "replacement": edit.replacement} for edit in fix.edits]
    return {"title": fix.title, "edits": edits}


def located(source: Source, span: Span) -> dict[str, dict[str, int]]:
    """A span as a range of positions."""
    return {"start": _place(source, span.start), "end": _place(source, span.end)}


def _place(source: Source, offset: int) -> dict[str, int]:
    at = source.position(offset)
    return {"line": at.line, "column": at.column, "offset": offset}
