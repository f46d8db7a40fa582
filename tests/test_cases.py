"""Every case is a specification; beside it stands the report that `asbuilt check --notes --all` gives for it.

`ASBUILT_UPDATE=1 pytest tests/test_cases.py -k name` writes the reports anew.
"""

import os
from pathlib import Path

import pytest

from asbuilt.frontend import load
from asbuilt.report import render_text

CASES = Path(__file__).parent / "cases"
DOCUMENTS = sorted(CASES.rglob("*.md"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(CASES)))
def test_case(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    loaded = load(Path(path.name))
    report = render_text(loaded.source, loaded.diagnostics, colour=False, limit=None) + "\n"
    expected = path.with_suffix(".txt")
    if os.environ.get("ASBUILT_UPDATE"):
        expected.write_text(report, encoding="utf-8")
    assert report == expected.read_text(encoding="utf-8")
