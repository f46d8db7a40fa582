"""A fix mends what it is offered for: once it is made, the finding is gone and no error has come."""

from collections import Counter
from pathlib import Path

import pytest

from asbuilt.diagnostics import Diagnostic, Fix
from asbuilt.frontend import Loaded, read
from asbuilt.source import Source

CASES = Path(__file__).parent / "cases"
DOCUMENTS = sorted(CASES.rglob("*.md"))


def checked(text: str, path: Path) -> Loaded:
    return read(Source(path, text), referee=False)


def mended(text: str, fix: Fix) -> str:
    for edit in sorted(fix.edits, key=lambda one: -one.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


def errors(found: tuple[Diagnostic, ...]) -> Counter[str]:
    return Counter(one.name for one in found if one.severity == "error")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(CASES)))
def test_every_fix_mends(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    before = checked(text, path)
    for finding in before.diagnostics:
        if finding.fix:
            after = checked(mended(text, finding.fix), path)
            here = (finding.name, finding.message)
            assert here not in {(one.name, one.message) for one in after.diagnostics}, finding
            assert errors(after.diagnostics).total() <= errors(before.diagnostics).total(), finding
