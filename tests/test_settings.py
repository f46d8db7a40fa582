"""Settings: one notation in lines, bullets, tables and YAML; every key and value has its place."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.document import Mapping, Setting, Settings, read_blocks, read_settings, read_yaml, setting_name
from asbuilt.source import Fragment, Source


def read(text: str) -> Settings:
    source = Source(Path("x.md"), text)
    found = read_settings(read_blocks(source).blocks)
    assert_located(source, found.settings)
    return found


def assert_located(source: Source, found: tuple[Setting, ...]) -> None:
    for setting in found:
        if "\n" not in setting.key.text + setting.value.text:
            assert source.cut(setting.key.span) == setting.key.text
            assert source.cut(setting.value.span) == setting.value.text
        assert_located(source, setting.children)


def shape(found: tuple[Setting, ...]) -> list[object]:
    return [
        (setting.key.text, shape(setting.children) if setting.children else setting.value.text) for setting in found
    ]


EXPECTED = [("Base Path", "/api"), ("Time Out", "5s")]


@pytest.mark.parametrize(
    "text",
    [
        "Base Path: /api\nTime Out: 5s",
        "**Base Path**: /api\n**Time Out:** 5s",
        "- **Base Path**: /api\n- **Time Out**: 5s",
        "- Base Path: /api\n- Time Out: 5s",
        "- `Base Path`: /api\n- **`Time Out`**: 5s",
        "```\nBase Path: /api\nTime Out: 5s\n```",
        "```\nBase Path:   /api   # where\n\n# a comment\nTime Out: 5s\n```",
        "```yaml\nBase Path: /api\nTime Out: 5s\n```",
        '```json\n{"Base Path": "/api", "Time Out": "5s"}\n```',
        "| Key | Value |\n|---|---|\n| **Base Path** | /api |\n| `Time Out` | 5s |",
        "> **Base Path**: /api\n> **Time Out**: 5s",
        "- x\n  ```\n  Base Path: /api\n  Time Out: 5s\n  ```",
    ],
)
def test_one_notation(text: str):
    found = read(text)
    settings = found.settings if text[:3] != "- x" else found.settings[0].children
    assert shape(settings) == EXPECTED
    assert found.holes == ()


@pytest.mark.parametrize(
    "text",
    [
        "```\ninventory:\n  Attempts: 3\n  Retry On:\n    - timeout\n    - 503\nstock:\n  Attempts: 1\n```",
        "```yaml\ninventory:\n  Attempts: 3\n  Retry On: [timeout, 503]\nstock: {Attempts: 1}\n```",
        "- inventory:\n  - Attempts: 3\n  - Retry On:\n    - timeout\n    - 503\n- stock:\n  - Attempts: 1\n",
        "inventory:\n- Attempts: 3\n- Retry On:\n  - timeout\n  - 503\n\nstock:\n- Attempts: 1\n",
    ],
)
def test_settings_nest(text: str):
    assert shape(read(text).settings) == [
        ("inventory", [("Attempts", "3"), ("Retry On", [("", "timeout"), ("", "503")])]),
        ("stock", [("Attempts", "1")]),
    ]


def test_values_go_on_in_deeper_lines():
    found = read("```\nTransitions:\n  a -> b on x\n  b -> c on y\nNext: z\n```\n\n**Key**: one\ntwo\n")
    assert shape(found.settings) == [
        ("Transitions", "a -> b on x\nb -> c on y"),
        ("Next", "z"),
        ("Key", "one\ntwo"),
    ]


def test_values_keep_what_would_be_syntax_elsewhere():
    found = read("```\nPrincipal: id: UUID = sub, roles = roles\nKeys: ${URL}, kept 10m\nURL: http://a:80/#x\n```")
    assert shape(found.settings) == [
        ("Principal", "id: UUID = sub, roles = roles"),
        ("Keys", "${URL}, kept 10m"),
        ("URL", "http://a:80/#x"),
    ]


def test_what_sets_nothing_is_left_over():
    found = read("Prose first.\n\n- **A**: b\n\n```python\nx = 1\ny = 2\n```\n\n| a | b | c |\n|---|---|---|\n")
    assert shape(found.settings) == [("A", "b")]
    assert len(found.rest) == 3


def test_keys_ignore_case_spaces_and_hyphens():
    assert len({setting_name(key) for key in ("Base URL", "base-url", "BASE_URL", "baseUrl", " base url ")}) == 1
    found = read("Half-open Calls: 3")
    assert found.get("limit", "half open calls") is found.settings[0]
    assert found.get("other") is None


def test_a_note_in_parentheses():
    (setting,) = read("- **mark_paid** (none): what for").settings
    assert setting.note is not None
    assert (setting.key.text, setting.note.text, setting.value.text) == ("mark_paid", "(none)", "what for")


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "said", "at"),
    [
        (BOMB, "aliases", "*a"),
        ("a: !!python/object/apply:os.system [x]", "tags", ""),
        ("a: " + "[" * 1000, "deeper", ""),
        ("- " * 100_000 + "x", "deeper", ""),
        ("a: b: c", "no YAML", ""),
        ("a: [1, 2", "no YAML", ""),
        ("a: \x07", "character", ""),
        ("? [a]\n: b", "key", ""),
    ],
)
def test_yaml_that_is_not_read(text: str, said: str, at: str):
    source = Source(Path("x.md"), f"é\n```yaml\n{text}\n```\n")
    found = read_yaml(Fragment(text, tuple(2 + 8 + start for start in line_starts(text))))
    assert found.root is None
    assert said in found.holes[0].message
    if at:
        assert source.cut(found.holes[0].span) == at


def line_starts(text: str) -> list[int]:
    return [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]


def test_a_yaml_fence_with_a_bomb_is_a_hole_of_the_settings():
    assert read(f"```yaml\n{BOMB}```").holes


def test_yaml_offsets_count_characters():
    text = "ключ: значение 🚀\nb: 'it''s'\nc: |\n  block\n"
    root = read_yaml(Fragment(text, tuple(line_starts(text)))).root
    assert isinstance(root, Mapping)
    assert [(text[key.span.start : key.span.end], key.text) for key, _ in root.entries] == [
        (name, name) for name in ("ключ", "b", "c")
    ]
    value, quoted, block = (value for _, value in root.entries)
    assert text[value.span.start : value.span.end] == "значение 🚀"
    assert (quoted.text, quoted.quoted, block.text) == ("it's", True, "block\n")
    assert not value.quoted
    assert text[quoted.span.start : quoted.span.end] == "'it''s'"


PIECES = [
    "a",
    "b:",
    ": ",
    " ",
    "  ",
    "\n",
    "- ",
    "#",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    '"',
    "|",
    "&x",
    "*x",
    "!t",
    "é",
    "\t",
    "**",
    "```",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(["", "yaml", "json"]))
def test_nothing_written_stops_the_reader(text: str, label: str):
    source = Source(Path("x.md"), f"````{label}\n{text}\n````\n\n{text}\n")
    for setting in read_settings(read_blocks(source).blocks).settings:
        assert 0 <= setting.span.start <= setting.span.end <= len(source.text)
