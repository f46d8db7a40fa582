"""An examination as JUnit XML, which every pipeline shows: a suite per section, a case per claim."""

import re
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from asbuilt import __version__
from asbuilt.verify.examination import Entry, Examination
from asbuilt.verify.report.showing import answered, asked, discreet, place, reproduction
from asbuilt.verify.report.sums import Part, parts

# What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets), not even escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PROVED = frozenset({"verified", "checked"})


def render_junit(found: Examination, at: datetime) -> str:
    """Refuted claims are failures, verified and checked ones pass; all others are skipped, with the reason.

    Valid against the schemas in use (those of Apache Ant and of Jenkins' xUnit plugin).
    """
    root = Element("testsuites")
    for number, part in enumerate(parts(found.entries)):
        _suite(root, number, part, found, at)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, number: int, part: Part, found: Examination, at: datetime) -> None:
    failed = part.counts["refuted"]
    skipped = len(part.entries) - failed - sum(part.counts[one] for one in part.counts if one in _PROVED)
    suite = SubElement(
        root,
        "testsuite",
        {
            "id": str(number),
            "name": _legal(part.title),
            "package": _legal(found.component.source.path.stem),
            "timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": "localhost",
            "tests": str(len(part.entries)),
            "failures": str(failed),
            "errors": "0",
            "skipped": str(skipped),
            "time": f"{sum(map(_seconds, part.entries)):.3f}",
        },
    )
    told = {"target": place(found), "seed": str(found.seed), "asbuilt": __version__}
    properties = SubElement(suite, "properties")
    for name, value in told.items():
        SubElement(properties, "property", {"name": name, "value": _legal(value)})
    for entry in part.entries:
        _case(suite, entry, found)
    SubElement(suite, "system-out")
    SubElement(suite, "system-err")


def _case(suite: Element, entry: Entry, found: Examination) -> None:
    claim = entry.claim
    name = _legal(f"{claim.statement} [{claim.id}]")
    case = SubElement(suite, "testcase", {"name": name, "classname": claim.section, "time": f"{_seconds(entry):.3f}"})
    if claim.standing == "refuted":
        failure = SubElement(case, "failure", {"message": _legal(entry.why), "type": "refuted"})
        failure.text = _legal(_shown(entry, found))
    elif claim.standing not in _PROVED:
        SubElement(case, "skipped", {"message": _legal(": ".join(filter(None, (claim.standing, entry.why))))})


def _shown(entry: Entry, found: Examination) -> str:
    """The place in the document, and the evidence."""
    source, evidence = found.component.source, discreet(entry.evidence, found.target)
    at = source.position(entry.claim.span.start)
    lines = [f"{source.path}:{at.line}:{at.column}: {source.line(at.line).strip()}", entry.why]
    lines += [f"{asked(exchange.request)} -> {answered(exchange)}" for exchange in evidence.exchanges]
    lines += [evidence.measured, evidence.plan, reproduction(evidence, found.target)]
    return "\n".join(line for line in lines if line)


def _seconds(entry: Entry) -> float:
    return sum(exchange.response.seconds for exchange in entry.evidence.exchanges if exchange.response)


def _legal(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
