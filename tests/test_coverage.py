"""The matrix of the 41 subsections has no silent gap, and what it calls done exists."""

import importlib.util
from pathlib import Path

import pytest

from asbuilt.coverage import MATRIX, Done, Gap, Row
from asbuilt.document import SUBSECTIONS
from asbuilt.manual import pages

DOCS = Path(__file__).parents[1] / "docs"


def test_every_subsection_of_the_template_has_its_row() -> None:
    assert [row.key for row in MATRIX] == list(SUBSECTIONS)
    assert len(MATRIX) == 41


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.key)
def test_no_cell_is_silent(row: Row) -> None:
    for cell in row.cells:
        if isinstance(cell, Gap):
            assert len(cell.reason.split()) >= 4, "a gap needs its reason in words"
        else:
            assert isinstance(cell, Done)
            assert cell.what
            assert importlib.util.find_spec(f"asbuilt.{cell.where}"), f"{cell.where} does not exist"


@pytest.mark.parametrize(("name", "text"), list(pages()), ids=lambda value: value if len(value) < 40 else "")
def test_generated_pages_are_up_to_date(name: str, text: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == text, "run `make docs`"
