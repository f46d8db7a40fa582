"""Patterns keep to what every Python 3.11 gets right: before 3.11.5, possessive and atomic groups may match wrongly
(https://github.com/python/cpython/issues/106052).
"""

import re
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "src" / "asbuilt"
POSSESSIVE_GROUP = re.compile(r"\)[*?+]\+(?!,)|\)\{[\d,]*\}\+|\(\?>")


def test_no_group_is_possessive() -> None:
    found = [
        f"{path.relative_to(SOURCES)}:{number}"
        for path in sorted(SOURCES.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if POSSESSIVE_GROUP.search(line)
    ]
    assert found == []
