"""Findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), which code scanners read."""

import inspect
import json
from collections.abc import Iterable
from typing import Never
from urllib.parse import quote

from asbuilt.diagnostics import Diagnostic, Fix, Rule
from asbuilt.report.order import in_order
from asbuilt.source import Source, Span

Json = dict[str, object]


def render_sarif(source: Source, diagnostics: Iterable[Diagnostic], rules: Iterable[Rule[Never]]) -> str:
    """A log of one run. A rule's help is its manual page; columns count Unicode code points."""
    listed = sorted(rules, key=lambda rule: rule.code)
    index = {rule.code: at for at, rule in enumerate(listed)}
    run = {
        "tool": {"driver": {"name": "asbuilt", "rules": [_rule(rule) for rule in listed]}},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(source)}}],
        "results": [_result(source, one, index) for one in in_order(diagnostics)],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2)


def _rule(rule: Rule[Never]) -> Json:
    page = inspect.cleandoc(rule.page)
    first, _, _ = page.partition("\n")
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": first or rule.name},
        "help": {"text": page or rule.name, "markdown": page or rule.name},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(source: Source, one: Diagnostic, index: dict[str, int]) -> Json:
    remarks = [f"witness: {one.witness}"] if one.witness else []
    remarks += [f"help: {one.hint}"] if one.hint else []
    result: Json = {
        "ruleId": one.code,
        "level": one.severity,
        "message": {"text": "\n".join([one.message, *remarks])},
        "locations": [{"physicalLocation": _location(source, one.span)}],
    }
    if one.code in index:
        result["ruleIndex"] = index[one.code]
    if one.related:
        result["relatedLocations"] = [
            {"id": at, "message": {"text": related.message}, "physicalLocation": _location(source, related.span)}
            for at, related in enumerate(one.related, 1)
        ]
    if one.fix:
        result["fixes"] = [_fix(source, one.fix)]
    return result


def _fix(source: Source, fix: Fix) -> Json:
    replacements = [
        {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": edit.replacement}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": {"uri": _uri(source), "index": 0}, "replacements": replacements}
    return {"description": {"text": fix.title}, "artifactChanges": [change]}


def _location(source: Source, span: Span) -> Json:
    return {"artifactLocation": {"uri": _uri(source), "index": 0}, "region": _region(source, span)}


def _region(source: Source, span: Span) -> Json:
    start, end = source.position(span.start), source.position(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": span.start,
        "charLength": span.end - span.start,
    }


def _uri(source: Source) -> str:
    """A relative path stays relative, so that a scanner finds the file in its checkout."""
    if source.path.is_absolute():
        return source.path.as_uri()
    return quote(source.path.as_posix())
