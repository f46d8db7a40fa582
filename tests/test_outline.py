"""The outline: headings matched to the template as authors write them."""

from pathlib import Path

import pytest

from asbuilt.document import (
    SECTIONS,
    SUBSECTIONS,
    TITLES,
    Fence,
    Heading,
    Outline,
    Paragraph,
    read_blocks,
    read_outline,
)
from asbuilt.document.matching import folded
from asbuilt.source import Source


def outline(text: str) -> Outline:
    return read_outline(read_blocks(Source(Path("x.md"), text)))


def keys(text: str) -> list[str | None]:
    return [part.key for part in outline(text).walk()]


def template() -> str:
    """The template's headings, numbered as many authors do."""
    lines = ["# Orders Implementation Specification", "", "**Component**: orders", ""]
    for number, section in enumerate(SECTIONS, 1):
        lines += [f"## {number}. {section.title}", ""]
        lines += [f"### {number}.{at} {part.title}\n\ntext\n" for at, part in enumerate(section.subsections, 1)]
    return "\n".join(lines)


def test_the_template_has_16_sections_and_41_subsections():
    assert len(SECTIONS) == 16
    assert len(SUBSECTIONS) == 41
    assert all(key == part.key and TITLES[key] == part.title for key, part in SUBSECTIONS.items())


def test_every_heading_of_the_template_is_matched():
    found = [part.key for part in outline(template()).walk()]
    assert found == [key for section in SECTIONS for key in (section.key, *(part.key for part in section.subsections))]


def test_no_name_stands_for_two_subsections_of_one_section():
    for section in SECTIONS:
        names = [
            (folded(name), part.key)
            for part in section.subsections
            if not part.named
            for name in {part.title, *part.synonyms, *part.local}
        ]
        owners: dict[str, str] = {}
        for name, key in names:
            assert owners.setdefault(name, key) == key, name


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("## 11. Database Schema", "data.database-schema"),
        ("## Key Endpoints", "api.endpoint-definitions"),
        ("#### Input APIs (Exposed)", "api"),
        ("## 4. REST APIs with Example Payloads", "api"),
        ("## Caching Architecture", "performance.caching"),
        ("## Retry Mechanisms with Backoff", "errors.retry"),
        ("## 3.2 DB schema:", "data.database-schema"),
        ("### 🚀 **Environment Variables**", "configuration.environment-variables"),
        ("### `.env`", "configuration.environment-variables"),
        ("## IV. Env Vars", "configuration.environment-variables"),
        ("## Error codes (HTTP)", "api.error-responses"),
        ("## Chapter 7: Error Handling", "errors"),
        ("# Endpoints", "api.endpoint-definitions"),
        ("## Retry Strategy (Asynq)", "errors.retry"),
        ("## Build & Deployment", "build"),
        ("## CI / CD", "build.ci"),
        ("## Health checks — liveness", "operations.health"),
        ("## HEALTH_CHECK", "operations.health"),
        ("## Authorisation", "security.authorization-rules"),
        ("## Order State Machine", "state-machines.machine"),
        ("## Pricing Algorithm", "algorithms.algorithm"),
        ("## Correctness Properties", None),
        ("## Non-Goals", None),
        ("## 2026", None),
        ("## ", None),
    ],
)
def test_headings_as_authors_write_them(heading: str, key: str | None):
    assert keys(f"# Title\n\n## Other\n\n{heading}\n")[-1] == key


def test_names_mean_what_their_section_makes_them():
    assert keys("# T\n## Performance\n### Database\n## Migrations\n### Database\n## Database\n") == [
        "performance",
        "performance.database",
        "migrations",
        "migrations.database",
        "data",
    ]
    assert keys("# T\n## Testing\n### Environment\n## Configuration\n### Environment\n") == [
        "testing",
        "testing.environment",
        "configuration",
        "configuration.environment-variables",
    ]


def test_a_word_among_endpoints_is_a_group_of_them():
    text = (
        "# T\n## API\n### Health\n### Auth\n### Error Codes\n## API Endpoints\n### Metrics\n### Errors\n#### Errors\n"
    )
    assert keys(text) == [
        "api",
        None,
        None,
        "api.error-responses",
        "api.endpoint-definitions",
        None,
        "api.error-responses",
        None,
    ]


def test_headings_under_an_endpoint_stay_with_it():
    found = outline("# T\n## Endpoints\n### POST /a\n#### Error responses\n\nx\n")
    assert [part.key for part in found.walk()] == ["api.endpoint-definitions", None, None]
    kinds = [type(block) for block in found.blocks("api.endpoint-definitions")]
    assert kinds == [Heading, Heading, Paragraph]


def test_subsections_are_found_under_other_parents_and_at_other_levels():
    text = "# T\n## Architecture\n### Services\n#### Database Schema\n\n```sql\nSELECT 1\n```\n\n## Logging\n\nx\n"
    found = outline(text)
    assert [type(block) for block in found.blocks("data.database-schema")] == [Fence]
    assert found.has("monitoring.logging")
    assert [part.title.text for part in found.unmatched] == ["Architecture"]


def test_named_subsections_bear_the_authors_headings():
    text = "# T\n## Core Algorithms\n### Place Order\n\na\n\n#### Details\n\nb\n\n### Retry Logic\n"
    text += "## State Machines\n### Fulfilment (`orders.status`)\n"
    found = outline(text)
    (algorithm,) = found.parts("algorithms.algorithm")
    assert algorithm.title.text == "Place Order"
    assert len(algorithm.own) == 3
    (machine,) = found.parts("state-machines.machine")
    assert [code.text for code in machine.title.code_spans] == ["orders.status"]
    assert found.has("errors.retry"), "a title of the template is never an algorithm's name"


def test_repeated_headings_are_merged_in_order():
    text = "# T\n## Data Models\n### Database Schema\n\na\n\n#### Table `x`\n\nb\n\n"
    text += "### ORM Models\n\nc\n\n### Database Schema\n\nd\n"
    found = outline(text)
    written = [found.document.source.cut(block.span) for block in found.blocks("data.database-schema")]
    assert written == ["a", "#### Table `x`", "b", "d"]
    assert len(found.parts("data.database-schema")) == 2
    assert found.blocks("data") == ()


def test_a_section_has_the_blocks_that_no_subsection_claims():
    found = outline("# T\n## Data Models\n\na\n\n### Users\n\nb\n\n### ORM Models\n\nc\n")
    written = [found.document.source.cut(block.span) for block in found.blocks("data")]
    assert written == ["a", "### Users", "b"]


def test_unmatched_parts_are_those_outside_every_section():
    found = outline("# T\n## A\n### B\n## API\n### Health\n#### C\n## D\n### Endpoints\n#### E\n")
    assert [part.title.text for part in found.unmatched] == ["A", "D"]


def test_front_matter_that_cannot_be_read_is_a_hole():
    found = outline("---\na: &x 1\nb: *x\n---\n# T\n")
    assert found.front_matter == ()
    assert ["aliases" in hole.message for hole in found.document.holes] == [True]


def test_spans_hold_the_heading_and_all_below_it():
    found = outline("# T\n\n## API\n\na\n\n### Endpoints\n\nb\n\n## Data\n")
    (api,) = found.parts("api")
    assert found.document.source.cut(api.span) == "## API\n\na\n\n### Endpoints\n\nb"


def test_title_preamble_and_front_matter():
    text = (
        "---\nstatus: Draft\n---\n# Orders\n\n**Component**: orders\n**Last Updated**: 2026-11-23\n\nProse.\n\n## API\n"
    )
    found = outline(text)
    assert found.title is not None
    assert found.title.text == "Orders"
    assert [(setting.name, setting.value.text) for setting in found.front_matter] == [
        ("status", "Draft"),
        ("component", "orders"),
        ("lastupdated", "2026-11-23"),
    ]
    assert len(found.preamble) == 2


def test_sections_may_be_headings_of_the_first_level():
    found = outline("# Database Schema\n\na\n\n# Endpoints\n\nb\n")
    assert found.title is None
    assert [part.key for part in found.roots] == ["data.database-schema", "api.endpoint-definitions"]


def test_a_document_without_headings():
    found = outline("only prose\n")
    assert (found.title, found.roots, len(found.preamble)) == (None, (), 1)
