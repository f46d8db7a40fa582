"""Placeholders: all of the template's, none of what merely stands in angle brackets."""

from pathlib import Path

import pytest

from asbuilt.document import placeholders, read_blocks
from asbuilt.document.placeholders import KNOWN
from asbuilt.source import Source


def found(text: str) -> list[str]:
    source = Source(Path("x.md"), text)
    marks = list(placeholders(read_blocks(source)))
    assert [source.cut(mark.span) for mark in marks] == [mark.text for mark in marks]
    return [mark.text for mark in marks]


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_templates_own_are_found_in_prose_lists_and_tables(name: str):
    mark = f"<{name}>"
    assert (
        found(f"text {mark}\n\n- **Label**: {mark}\n\n{mark}\n\n| a | b |\n|---|---|\n| {mark} | x |\n") == [mark] * 4
    )


@pytest.mark.parametrize(
    "text",
    [
        "```\n<Concrete API definitions with types>\n```",
        "```sql\n<Table definitions with constraints>\n```",
        "```\nStates: <List of states>\n```",
        "```\n├── src/\n│   ├── <main code organization>\n```",
        "```\n<Whatever the author is to write here>\n```",
        "# <Component Name> Implementation Specification",
        "**Complexity**: <How long it takes>",
        "| <Code> | 404 |\n|---|---|",
        "**Owner**: <Team>",
        "1. <Step with checks>",
        "> <What's mocked and how>",
    ],
)
def test_placeholders(text: str):
    assert len(found(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "`<Component Name>` in a code span",
        "a List<String>, an Optional<T>, a Map<String, Order Line>",
        "List\\<String\\> as some escape it",
        "a < b and c > d, x <y and z> w",
        "<br> <b>bold</b> <sup>[1](#a)</sup> <details> <IMG>",
        "<https://example.com> <team@example.com>",
        "GET /orders/<id> and /orders/<OrderId>/lines",
        "Authorization: Bearer <token>, ?code=<auth_code>",
        "| Type |\n|---|\n| Page<Order> |",
        "```\nX-Signature: <HMAC of the payload>\n```",
        "```\nPUT /v2/<name>/manifests/<Reference>\n\n<upload byte stream>\n```",
        "```tsx\n<Provider>\n  <Button disabled>\n</Provider>\n```",
        "```xml\n<Configuration>\n  <Key Name>\n</Configuration>\n```",
        '```json\n{"reason": "<human-readable description>"}\n```',
        "```ts\nconst f = <T extends Base>(x: Promise<Status>): Array<Name> => x\n```",
        "Use <T extends Base> or <K, V> here",
        "<!-- <Component Name> -->",
        "a <!-- <Component Name> --> b",
    ],
)
def test_no_placeholders(text: str):
    assert found(text) == []
