"""Front matter, stack and repository tree, as people write them."""

from datetime import date
from pathlib import Path

import pytest

from asbuilt.diagnostics import Diagnostic
from asbuilt.document import read_blocks, read_outline
from asbuilt.sections import overview
from asbuilt.source import Source

TODAY = date(2026, 11, 23)


def facts(text: str, path: str = "orders.md") -> tuple[overview.Facts, Source]:
    source = Source(Path(path), text)
    return overview.read(read_outline(read_blocks(source)), TODAY), source


def found(text: str) -> list[Diagnostic]:
    subject, _ = facts(text)
    return [finding for rule in overview.RULES for finding in rule(subject)]


def front(**lines: str) -> str:
    return "# Orders Implementation Specification\n\n" + "\n".join(
        f"**{key.replace('_', ' ')}**: {value}" for key, value in lines.items()
    )


def test_the_front_matter_names_the_component():
    read, source = facts(front(Component="web-shop", Document_Status="draft", Last_Updated="2026-11-01"))
    assert (read.name, read.status, read.title) == ("web-shop", "Draft", "Orders Implementation Specification")
    assert source.cut(read.name_span) == "web-shop"


@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        ("# Order Service Specification\n", "x.md", "order-service"),
        ("# Ordering: the design\n", "x.md", "ordering-the-design"),
        ("no title", "web_shop.md", "web-shop"),
        ("# 設計書\n", "x.md", "component"),
    ],
)
def test_without_front_matter_the_title_or_the_file_names_it(text, path, name):
    assert facts(text, path)[0].name == name


def test_the_stack_is_read_from_bullets_and_tables():
    text = """# A
## Implementation Overview
It does things.

### Technology Stack
- **Language**: Python 3.12
- **Build Tool:** hatchling

| Layer | Choice | Why |
|---|---|---|
| Database | **PostgreSQL 18** | it is there |
"""
    read, source = facts(text)
    assert [(what, which) for what, which, _ in read.stack] == [
        ("Language", "Python 3.12"),
        ("Build Tool", "hatchling"),
        ("Database", "PostgreSQL 18"),
    ]
    assert source.cut(read.stack[0][2]) == "**Language**: Python 3.12"
    assert read.summary == "It does things."


TREES = [
    "orders/\n├── orders.md\n├── config/\n│   └── orders.toml   # defaults\n└── Dockerfile\n",
    "orders/\n|-- orders.md\n|-- config/\n|   `-- orders.toml\n`-- Dockerfile\n",
    "orders/\n  orders.md\n  config/\n    orders.toml\n  Dockerfile\n",
    "orders.md\nconfig/\n└── orders.toml ← defaults\nDockerfile\n",
]


@pytest.mark.parametrize("tree", TREES)
def test_a_tree_is_read_whatever_it_is_drawn_with(tree):
    read, source = facts(f"# A\n## Overview\n### Repository Structure\n```\n{tree}```\n")
    assert [path.text for path in read.paths] == ["orders.md", "config/", "config/orders.toml", "Dockerfile"]
    assert source.cut(read.paths[2].span) == "orders.toml"


def test_placeholders_of_a_tree_are_no_paths():
    read, _ = facts("# A\n## Overview\n### Repository Structure\n```\na/\n├── src/\n│   └── <code>\n└── ...\n```\n")
    assert [path.text for path in read.paths] == ["src/"]


@pytest.mark.parametrize(
    ("line", "name", "fix"),
    [
        ({"Component": "Order Service"}, "component-name", "order-service"),
        ({"Document_Status": "Curent"}, "document-status", "Current"),
        ({"Document_Status": "In review"}, "document-status", None),
        ({"Last_Updated": "November 3, 2026"}, "last-updated", "2026-11-03"),
        ({"Last_Updated": "2026-02-30"}, "last-updated", None),
        ({"Last_Updated": "2026-11-25"}, "last-updated", None),
    ],
)
def test_what_is_wrong_is_found(line, name, fix):
    (finding,) = found(front(**line))
    assert finding.name == name
    assert (finding.fix.edits[0].replacement if finding.fix else None) == fix


@pytest.mark.parametrize(
    "line",
    [
        {"Component": "order-service", "Document_Status": "Superseded", "Last_Updated": "2026-11-24"},
        {"Component": "<Name>", "Document_Status": "<Status>", "Last_Updated": "<YYYY-MM-DD>"},
        {"Status": "In review", "Version": "2"},
    ],
)
def test_what_is_right_or_reported_elsewhere_is_left_alone(line):
    assert found(front(**line)) == []
