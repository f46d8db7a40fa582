"""Every character of a document is in a claim, prose by nature, used by a reader, or told as not understood."""

import random
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt import ledger
from asbuilt.frontend import Loaded, read
from asbuilt.ledger import Ledger, Piece
from asbuilt.source import Source
from test_ledger import WHOLE

ROOT = Path(__file__).parents[1]
PATHS = [
    *sorted((ROOT / "examples").glob("*.md")),
    *sorted((ROOT / "src" / "asbuilt" / "starters").glob("*.md")),
    *sorted((ROOT / "tests").rglob("*.md")),
    ROOT / "docs" / "implementation-specification.md",
]
TODAY = date(2026, 11, 23)


def load(text: str, path: Path = ROOT / "t.md") -> Loaded:
    return read(Source(path, text), referee=False, today=TODAY)


def pieces(found: Loaded) -> tuple[Ledger, tuple[Piece, ...]]:
    known = ledger.read(found.component)
    return known, ledger.understand(found.component, known)


def unread(text: str) -> list[str]:
    """What was not understood, the lines between two blank lines as one."""
    found = load(text)
    return [found.source.cut(span).strip() for span in ledger.not_understood(found.component, pieces(found)[1])]


def assert_tiled(text: str, path: Path = ROOT / "t.md") -> None:
    known, parts = pieces(load(text, path))
    assert "".join(text[part.span.start : part.span.end] for part in parts) == text
    assert [part.span.start for part in parts] == [0, *(part.span.end for part in parts)][: len(parts)]
    assert all(part.span.start < part.span.end for part in parts)
    assert all((part.claim is not None) == (part.nature == "claim") for part in parts)
    assert {part.claim.id for part in parts if part.claim} <= {claim.id for claim in known.claims}
    for one, other in pairwise(parts):
        assert (one.nature, one.claim) != (other.nature, other.claim)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_pieces_make_the_document(path: Path) -> None:
    assert_tiled(path.read_bytes().decode("utf-8", "replace"), path)


GARBLED = ("`", "|", "```", "### ", "(", ":", "- ", "'", '"""', ";", "<!--", "\r", "\t", "é", "-- ", "@@")
Change = tuple[int, int, int]


def mutated(text: str, changes: list[Change]) -> str:
    """Lines left out, said twice, moved, cut, or with something put into them."""
    lines = text.split("\n")
    for what, where, how in changes:
        at = where % len(lines)
        line = lines[at]
        cut = how % (len(line) + 1)
        match what:
            case 0:
                lines[at : at + 1 + how % 4] = [""]
            case 1:
                lines[at:at] = lines[at : at + 1 + how % 6]
            case 2:
                lines[at] = line[:cut] + GARBLED[how % len(GARBLED)] + line[cut:]
            case 3:
                lines[at] = line[:cut]
            case _:
                lines.insert(how % len(lines), line)
    return "\n".join(lines)


CHANGES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 999), st.integers(0, 999)), min_size=1, max_size=12)
SOURCES = [WHOLE, *(path.read_text(encoding="utf-8") for path in PATHS if path.stat().st_size < 20_000)]


@settings(max_examples=150)
@given(st.sampled_from(SOURCES), CHANGES)
def test_the_pieces_make_any_document(text: str, changes: list[Change]) -> None:
    assert_tiled(mutated(text, changes))


@settings(max_examples=100)
@given(st.text(alphabet="#`|-: \n\r\t<!>*[]()aé\0\ufeff\u2028", max_size=200))
def test_the_pieces_make_any_text(text: str) -> None:
    assert_tiled(text)


@pytest.mark.parametrize("path", PATHS[:4], ids=lambda path: path.stem)
def test_nothing_of_the_examples_is_not_understood(path: Path) -> None:
    assert unread(path.read_text(encoding="utf-8")) == []


def in_fences(text: str) -> list[int]:
    """The lines inside of fences."""
    found, fenced = [], False
    for number, line in enumerate(text.split("\n")):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced:
            found.append(number)
    return found


@pytest.mark.parametrize("path", PATHS[:4], ids=lambda path: path.stem)
def test_nonsense_in_a_fence_is_never_passed_over(path: Path) -> None:
    """It is told as not understood, or the document has an error and nothing of it is enacted."""
    lines = path.read_text(encoding="utf-8").split("\n")
    chance = random.Random(path.stem)  # noqa: S311 - a fixed seed, no secret
    nonsense = "zwq frob ?! 17 %%"
    for number in chance.sample(in_fences("\n".join(lines)), 25):
        text = "\n".join([*lines[:number], nonsense, *lines[number:]])
        found = load(text)
        _, parts = pieces(found)
        at = text.index(nonsense)
        inside = [part for part in parts if part.span.start < at + len(nonsense) and part.span.end > at]
        assert found.errors or {part.nature for part in inside} == {"not understood"}, (number, inside)


def section(*path: str) -> Callable[[str], str]:
    heads = "\n\n".join(f"{'#' * level} {title}" for level, title in enumerate(path, 2))
    return lambda body: f"# A\n\n{heads}\n\n{body}\n"


ENDPOINTS = section("API Implementation", "Endpoint Definitions")
SCHEMAS = section("API Implementation", "Request/Response Schemas")
ERRORS = section("API Implementation", "Error Responses")
ALGORITHMS = section("Core Algorithms", "Sorting")
DDL = section("Data Models", "Database Schema")
ORM = section("Data Models", "ORM Models")
PATTERNS = section("Data Models", "Data Access Patterns")
VARIABLES = section("Configuration Implementation", "Environment Variables")
LOADING = section("Configuration Implementation", "Configuration Loading")
METRICS = section("Monitoring Implementation", "Metrics Collection")
NOTES = section("Our Notes")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENDPOINTS("```graphql\ntype Query {\n  orders: [Order!]!\n}\n```"), ["type Query {\n  orders: [Order!]!\n}"]),
        (SCHEMAS("```ruby\n# a remark\nimport 'x'\n\nputs 1\n```"), ["# a remark\nimport 'x'\n\nputs 1"]),
        (ENDPOINTS("```\nGET /a\n  Response: 200 str\n  twenty per page\n```"), ["twenty per page"]),
        (ENDPOINTS("- The shop is closed at night."), ["The shop is closed at night."]),
        (ENDPOINTS("| Day | Hours |\n|---|---|\n| Monday | 9 to 5 |"), ["| Monday | 9 to 5 |"]),
        (
            SCHEMAS("```python\nclass A:\n    n: int\n    def total(self):\n        return 1\n```"),
            ["def total(self):\n        return 1"],
        ),
        (SCHEMAS("```python\nclass A:\n    n: int\n\nx = compute()\n```"), ["x = compute()"]),
        (ERRORS("| Code | Status | When |\n|---|---|---|\n| NO_A | 404 | `no row` |\n| ?? | soon | later |"), None),
        (ALGORITHMS("```mermaid\ngraph TD\n```\n```python\ndef sort() -> int:\n    return 1\n```"), ["graph TD"]),
        (ALGORITHMS("| n | ms |\n|---|---|\n| 10 | 3 |"), ["| 10 | 3 |"]),
        (DDL("```sql\nCREATE TABLE a (id int);\nCREATE TABLE b (id int,);\n```"), None),
        (
            ORM(
                "```python\nclass A(Base):\n    __tablename__ = 'a'\n    id: Mapped[int] = mapped_column()\n"
                "    bs: Mapped[list['B']] = relationship()\n```"
            ),
            ["bs: Mapped[list['B']] = relationship()"],
        ),
        (PATTERNS("- **later** (many): to be written"), ["**later** (many): to be written"]),
        (VARIABLES("```env\nA=1\nthis is no variable\n```"), ["this is no variable"]),
        (VARIABLES("- Ask Ada for the keys."), ["Ask Ada for the keys."]),
        (LOADING("1. the defaults\n2. the stars\n3. the environment"), ["the stars"]),
        (NOTES("```\nA list of names\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"), ["A list of names", "| 1 | 2 |"]),
    ],
)
def test_what_no_reader_takes_is_told(text: str, expected: list[str] | None) -> None:
    found = unread(text)
    assert found if expected is None else found == expected


@pytest.mark.parametrize(
    "text",
    [
        ENDPOINTS(
            "```\nBase Path: /api\nALL /*\n  Headers: X-A: str?\n\n# a remark\nGET /a\n  Summary: all\n"
            "  Response: 200\n```"
        ),
        SCHEMAS(
            "```python\nfrom pydantic import BaseModel\n\nclass A(BaseModel):\n"
            '    """What it is.\n\n    More.\n    """\n    n: int\n```'
        ),
        SCHEMAS("```typescript\nexport interface A {\n  n: number;\n}\n```"),
        DDL("```sql\nCREATE TABLE a (\n    id int\n) WITH (fillfactor = 70);\nCOMMENT ON TABLE a IS 'x';\n```"),
        ALGORITHMS("```\ntake the first, then the second\n```"),
        ALGORITHMS(
            "```python\nimport math\n\nLIMIT = 3\n\ndef sort() -> int:\n    return LIMIT\n```\n"
            "- Quick, since it is short."
        ),
        METRICS("```yaml\nanything: at all\n```\n- and this"),
        NOTES("Words.\n\n- A bullet.\n- Another.\n\n---\n\n> Quoted.\n\n<!-- a remark -->"),
        VARIABLES("```env\n# the door\nA=1\n```\n\nSet `A=2` for the tests:\n\n```bash\nexport A=2\n```"),
    ],
)
def test_what_is_prose_or_used_is_not_told(text: str) -> None:
    assert unread(text) == []


def test_a_resolving_name_does_not_make_its_row_understood() -> None:
    row = "| Monday | `A` |"
    text = ENDPOINTS(f"| Day | What |\n|---|---|\n{row}") + "\n### Schemas\n```python\nclass A:\n    n: int\n```\n"
    assert unread(text) == ["| Monday |", "|"] or unread(text) == ["| Monday | `", "` |"]


def test_it_takes_time_in_proportion() -> None:
    """Thousands of claims inside of one another do not multiply."""
    body = "".join(f"    c{number} int CHECK (c{number} > 0),\n" for number in range(1500))
    assert_tiled(DDL(f"```sql\nCREATE TABLE a (\n{body}    id int\n);\n```"))
