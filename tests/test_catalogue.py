"""Rule, message and manual page are one object: codes are unique, pages written, every rule seen in a case."""

import re
from collections import Counter
from pathlib import Path

from asbuilt.frontend import RETIRED, RULES

CASES = Path(__file__).parent / "cases"
SEEN = re.compile(r"^(?:error|warning|note)\[(\w+)\]", re.MULTILINE)


def test_codes_and_names_are_unique() -> None:
    twice = [word for word, count in Counter([r.code for r in RULES] + [r.name for r in RULES]).items() if count > 1]
    assert twice == []


def test_codes_have_the_shape_of_a_section_and_a_number() -> None:
    assert [rule.code for rule in RULES if not re.fullmatch(r"[A-Z]{2,3}[1-9]\d\d", rule.code)] == []


def test_retired_codes_stay_retired() -> None:
    assert {rule.code for rule in RULES} & set(RETIRED) == set()


def test_every_rule_has_a_manual_page() -> None:
    assert [rule.code for rule in RULES if len(rule.page.split()) < 12] == []


def test_every_rule_is_shown_by_a_case() -> None:
    seen = {code for path in CASES.rglob("*.txt") for code in SEEN.findall(path.read_text(encoding="utf-8"))}
    assert sorted({rule.code for rule in RULES} - seen) == []
