"""No document, however broken, stops the rules that read the whole of it."""

import random
from datetime import date
from pathlib import Path

import pytest

from asbuilt.frontend import read
from asbuilt.source import Source

HERE = Path(__file__).parent
WHOLE = [*sorted((HERE.parent / "examples").glob("*.md")), *sorted((HERE / "cases" / "consistency").glob("*.md"))]
WORDS = [
    "",
    "\n",
    "`",
    "|",
    "```",
    "### ",
    "None",
    "NULL",
    "(",
    ")",
    ":",
    "CHECK",
    "Literal[",
    "-",
    "Ü",
    "0",
    "db.",
    "raise ",
]


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
def test_broken_documents_are_read_to_the_end(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    chance = random.Random(path.stem)  # noqa: S311 - a fixed seed, no secret
    for _ in range(12):
        pieces = list(text)
        for _ in range(chance.randrange(1, 30)):
            pieces[chance.randrange(len(pieces))] = chance.choice(WORDS)
        start = chance.randrange(len(pieces))
        del pieces[start : start + chance.randrange(200)]
        mutant = "".join(pieces)
        loaded = read(Source(path, mutant), referee=False, today=date(2026, 1, 1))
        for finding in loaded.diagnostics:
            assert 0 <= finding.span.start <= finding.span.end <= len(mutant), finding
            for edit in finding.fix.edits if finding.fix else ():
                assert 0 <= edit.span.start <= edit.span.end <= len(mutant), finding
