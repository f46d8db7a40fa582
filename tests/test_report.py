"""Findings as text, JSON and SARIF."""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Related, Severity, rule
from asbuilt.report import render_json, render_sarif, render_text
from asbuilt.source import Source, Span

TEXT = """\
# Orders

```
POST /orders
\tBody:      PlaceOrdr
\tErrors:    OUT_OF_STOCK
```

| 注文コード | `OUT_OF_STOCK` | 409 |

```python
class PlaceOrder:
    sku: str
    quantity: int
    note: str
    address: str
```
"""
SOURCE = Source(Path("orders.md"), TEXT)


def span(part: str, source: Source = SOURCE) -> Span:
    start = source.text.index(part)
    return Span(start, start + len(part))


def finding(at: Span, **more: Any) -> Diagnostic:
    return Diagnostic(
        **({"code": "API101", "name": "undefined-schema", "severity": "error", "message": "m"} | more), span=at
    )


UNDEFINED = finding(
    span("PlaceOrdr"),
    message="`PlaceOrdr` is not defined",
    hint="did you mean `PlaceOrder`?",
    related=(
        Related(span("class PlaceOrder").to(span("address: str")), "`PlaceOrder` is here"),
        Related(span("OUT_OF_STOCK` |"), "of this row"),
    ),
    witness='POST /orders\n{"sku": "TEA-0001"}',
    fix=Fix("replace `PlaceOrdr` by `PlaceOrder`", (Edit(span("PlaceOrdr"), "PlaceOrder"),)),
)
GOLDEN = """\
error[API101] undefined-schema: `PlaceOrdr` is not defined
  --> orders.md:5:13
   |
 5 |     Body:      PlaceOrdr
   |                ^^^^^^^^^
...
 9 | | 注文コード | `OUT_OF_STOCK` | 409 |
   |                 --------------- of this row
...
12 | class PlaceOrder:
   | -----------------
...
16 |     address: str
   |     ------------ `PlaceOrder` is here
   = witness: POST /orders
              {"sku": "TEA-0001"}
   = help: did you mean `PlaceOrder`?
   = fix: replace `PlaceOrdr` by `PlaceOrder`

1 error in orders.md"""


def text(*found: Diagnostic, source: Source = SOURCE, limit: int | None = None) -> str:
    return render_text(source, found, colour=False, limit=limit)


def test_a_finding_with_several_spans():
    assert text(UNDEFINED) == GOLDEN


def test_colour_changes_nothing_but_colour():
    painted = render_text(SOURCE, [UNDEFINED], colour=True, limit=None)
    assert "\033[" in painted
    assert re.sub(r"\033\[[0-9;]*m", "", painted) == GOLDEN


def test_a_short_span_of_several_lines_is_shown_whole():
    page = text(finding(span("Body:      PlaceOrdr\n\tErrors:    OUT_OF_STOCK")))
    assert page.splitlines()[3:7] == [
        "5 |     Body:      PlaceOrdr",
        "  |     ^^^^^^^^^^^^^^^^^^^^",
        "6 |     Errors:    OUT_OF_STOCK",
        "  |     ^^^^^^^^^^^^^^^^^^^^^^^",
    ]


def test_marks_on_one_line_share_it():
    page = text(finding(span("Errors"), related=(Related(span("OUT_OF_STOCK"), "this one"),)))
    assert page.count("Errors:    OUT_OF_STOCK") == 1
    assert "------------ this one" in page


def caret_column(page: str) -> tuple[str, int, int]:
    """The source line as shown, and the columns of the caret range under it."""
    lines = page.splitlines()
    at = next(index for index, line in enumerate(lines) if re.fullmatch(r" *\| *\^+", line))
    bar = lines[at].index("|") + 2
    carets = lines[at][bar:]
    return lines[at - 1][bar:], carets.index("^"), carets.count("^")


def columns(shown: str) -> int:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in shown)
    return len(shown) + wide - sum(unicodedata.combining(char) > 0 for char in shown)


@pytest.mark.parametrize(
    "before", ["", "\t", "a\tb\t", "日本語 ", "e\u0301a\u0308 ", "🚀", "\x1b[31m\x07", "\u202eabc\u200b"]
)
def test_carets_stand_under_what_they_mean(before: str):
    source = Source(Path("x.md"), f"first\n{before}HERE after\n")
    shown, column, width = caret_column(text(finding(span("HERE", source)), source=source))
    assert columns(shown[: shown.index("HERE")]) == column
    assert width == 4


def test_wide_characters_are_underlined_whole():
    source = Source(Path("x.md"), "a 日本 b\n")
    assert caret_column(text(finding(span("日本", source)), source=source))[1:] == (2, 4)


@pytest.mark.parametrize("place", [0, 50, 115, 130, 5_000, 999_990])
def test_long_lines_are_cut_around_the_caret(place: int):
    line = "x" * place + "HERE" + "y" * (1_000_000 - place)
    source = Source(Path("x.md"), f"{line}\n")
    shown, column, width = caret_column(text(finding(span("HERE", source)), source=source))
    assert len(shown) < 130
    assert shown[column : column + width] == "HERE"


def test_places_at_the_edges():
    source = Source(Path("x.md"), "a\n")
    assert "x.md:2:1" in text(finding(Span(2, 2)), source=source)
    assert "x.md:1:1" in text(finding(Span(0, 0)), source=Source(Path("x.md"), ""))
    crlf = Source(Path("x.md"), "ab\r\ncd\r\n")
    assert caret_column(text(finding(Span(0, 4)), source=crlf)) == ("ab", 0, 2)


def test_order_and_summary():
    found = [
        finding(span("409"), severity="note", code="C"),
        finding(span("Errors"), severity="warning", code="B"),
        finding(span("Errors"), code="A"),
        finding(span("# Orders"), severity="note", code="D"),
    ]
    page = text(*found)
    assert re.findall(r"\[(\w)\]", page) == ["D", "A", "B", "C"]
    assert page.splitlines()[-1] == "1 error, 1 warning, 2 notes in orders.md"
    assert text() == "no findings in orders.md"


def test_a_limit_keeps_the_most_severe():
    kinds: list[Severity] = ["note", "warning", "error"] * 3
    page = text(*(finding(Span(at, at + 1), severity=kind) for at, kind in enumerate(kinds)), limit=4)
    assert re.findall(r"^(\w+)\[", page, re.MULTILINE) == ["warning", "error", "error", "error"]
    last = page.splitlines()[-1]
    assert last.startswith("3 errors, 3 warnings, 3 notes in orders.md (2 warnings, 3 notes not shown")
    assert "--all" in last


HOSTILE = st.text(st.characters(), max_size=60)


@settings(max_examples=200, deadline=None)
@given(HOSTILE, HOSTILE, st.integers(0, 60), st.integers(0, 60), st.booleans())
def test_nothing_of_a_document_reaches_the_terminal_raw(body: str, said: str, start: int, length: int, colour: bool):
    source = Source(Path(f"x{said}.md".replace("\0", "")), body)
    at = Span(min(start, len(body)), min(start + length, len(body)))
    one = finding(at, message=said, hint=said, witness=said, related=(Related(at, said),), fix=Fix(said, ()))
    page = render_text(source, [one], colour=colour, limit=None)
    bare = re.sub(r"\033\[[0-9;]*m", "", page) if colour else page
    assert not [char for char in bare if char != "\n" and unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    assert not set(bare) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")
    page.encode()
    assert json.loads(render_json(source, [one]))["diagnostics"][0]["message"] == said or max(said) >= "\ud800"
    assert render_json(source, [one]).isascii()


def test_json():
    report = json.loads(render_json(SOURCE, [UNDEFINED]))
    (one,) = report.pop("diagnostics")
    assert report == {"version": 1, "file": "orders.md", "summary": {"errors": 1, "warnings": 0, "notes": 0}}
    place = {"start": {"line": 5, "column": 13, "offset": 39}, "end": {"line": 5, "column": 22, "offset": 48}}
    assert one["range"] == place
    assert TEXT[39:48] == "PlaceOrdr"
    assert one["fix"] == {
        "title": "replace `PlaceOrdr` by `PlaceOrder`",
        "edits": [{"range": place, "replacement": "PlaceOrder"}],
    }
    assert [related["message"] for related in one["related"]] == ["`PlaceOrder` is here", "of this row"]
    assert set(one) == {"code", "name", "severity", "message", "hint", "witness", "range", "related", "fix"}
    assert json.loads(render_json(SOURCE, [finding(span("409"))]))["diagnostics"][0]["fix"] is None


@rule("API101")
def undefined_schema(subject: object) -> Iterator[Diagnostic]:
    """A schema that an endpoint names is not defined.

    Define it, or mend its name.
    """
    yield from ()


MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
REGION = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **{name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn", "endLine", "endColumn")},
        "charOffset": {"type": "integer", "minimum": 0},
        "charLength": {"type": "integer", "minimum": 0},
    },
}
ARTIFACT = {
    "type": "object",
    "required": ["uri"],
    "additionalProperties": False,
    "properties": {"uri": {"type": "string", "pattern": r"^[!-~]+$"}, "index": {"type": "integer", "minimum": 0}},
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "minimum": 0},
        "message": MESSAGE,
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {"artifactLocation": ARTIFACT, "region": REGION},
        },
    },
}
REPLACEMENT = {
    "type": "object",
    "required": ["deletedRegion"],
    "additionalProperties": False,
    "properties": {"deletedRegion": REGION, "insertedContent": MESSAGE | {"properties": {"text": {"type": "string"}}}},
}
CHANGE = {
    "type": "object",
    "required": ["artifactLocation", "replacements"],
    "additionalProperties": False,
    "properties": {
        "artifactLocation": ARTIFACT,
        "replacements": {"type": "array", "minItems": 1, "items": REPLACEMENT},
    },
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RESULT = {
    "type": "object",
    "required": ["message"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": {"type": "array", "items": LOCATION},
        "relatedLocations": {"type": "array", "uniqueItems": True, "items": LOCATION},
        "fixes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["artifactChanges"],
                "additionalProperties": False,
                "properties": {
                    "description": MESSAGE,
                    "artifactChanges": {"type": "array", "minItems": 1, "items": CHANGE},
                },
            },
        },
    },
}
RULE = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": MESSAGE,
        "help": MESSAGE,
        "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}},
    },
}
# What the schema of the OASIS Standard asks of the parts in use, and no part beside them.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "artifacts": {"type": "array", "items": {"properties": {"location": ARTIFACT}}},
                    "results": {"type": "array", "items": RESULT},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {"rules": {"type": "array", "uniqueItems": True, "items": RULE}},
                            }
                        },
                    },
                },
            },
        },
    },
}


def test_sarif():
    log = json.loads(
        render_sarif(SOURCE, [UNDEFINED, finding(span("409"), code="X1", severity="note")], [undefined_schema])
    )
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    first, second = run["results"]
    described = run["tool"]["driver"]["rules"][first["ruleIndex"]]
    assert described["id"] == first["ruleId"] == "API101"
    assert described["shortDescription"]["text"] == "A schema that an endpoint names is not defined."
    assert "Define it, or mend its name." in described["help"]["text"]
    region = first["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (5, 13, 22)
    assert [place["id"] for place in first["relatedLocations"]] == [1, 2]
    assert first["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] == "PlaceOrder"
    assert "ruleIndex" not in second


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (Path("docs/a b é.md"), "docs/a%20b%20%C3%A9.md"),
        (Path("/srv/a b.md"), "file:///srv/a%20b.md"),
    ],
)
def test_sarif_names_the_file_by_uri(path: Path, uri: str):
    log = json.loads(render_sarif(Source(path, "x\n"), [finding(Span(0, 1))], []))
    jsonschema.validate(log, SARIF)
    assert log["runs"][0]["artifacts"][0]["location"]["uri"] == uri
