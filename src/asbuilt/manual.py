"""Writes the generated pages of `docs/`: the manual page of each rule, and the coverage matrix.

`python -m asbuilt.manual docs` writes them; a test fails while they are out of date.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from asbuilt.coverage import COLUMNS, MATRIX, Cell, Gap
from asbuilt.document import SUBSECTIONS, TITLES
from asbuilt.frontend import RETIRED, RULES

_COVERAGE_HEAD = """\
# Coverage

What asbuilt does with each of the 41 subsections of the template. *Read*: a notation turns it into a model.
*Checked*: its own contradictions are found. *Agreed*: it is compared with other sections. *Served*: `run` enacts it.
*Verified*: a running system is held to it. *Built*: something is derived from it. Every gap has its reason below.

"""
_RULES_HEAD = """\
# Rules

Every finding of `asbuilt check` carries the code of one of these rules; `asbuilt rule CODE` prints a page.
"""


def pages() -> Iterator[tuple[str, str]]:
    """The generated files, as names below the folder of documentation and their text."""
    yield "coverage.md", _coverage()
    yield "rules.md", _rules()


def _coverage() -> str:
    header = f"| Subsection | {' | '.join(column.capitalize() for column in COLUMNS)} |\n"
    rule = "|---|" + "---|" * len(COLUMNS) + "\n"
    rows = "".join(
        f"| {TITLES[row.key.partition('.')[0]]}: {_title(row.key)} | {' | '.join(map(_mark, row.cells))} |\n"
        for row in MATRIX
    )
    reasons = "".join(
        f"\n## {_title(row.key)}\n\n"
        + "".join(
            f"- **{column.capitalize()}**: {_told(cell)}\n" for column, cell in zip(COLUMNS, row.cells, strict=True)
        )
        for row in MATRIX
    )
    return _COVERAGE_HEAD + header + rule + rows + reasons


def _title(key: str) -> str:
    return SUBSECTIONS[key].title.strip("<>")


def _mark(cell: Cell) -> str:
    return "no" if isinstance(cell, Gap) else "yes"


def _told(cell: Cell) -> str:
    return f"no: {cell.reason}" if isinstance(cell, Gap) else f"{cell.what} (`asbuilt.{cell.where}`)"


def _rules() -> str:
    entries = (
        f"\n## {rule.code} {rule.name}\n\n*{rule.severity}*\n\n{inspect.cleandoc(rule.page)}\n"
        for rule in sorted(RULES, key=lambda rule: rule.code)
    )
    retired = "".join(f"\n## {code}\n\nRetired: {fate}\n" for code, fate in sorted(RETIRED.items()))
    return _RULES_HEAD + "".join(entries) + retired


def main(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in pages():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
