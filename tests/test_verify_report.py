"""What an examination found, as text, JSON, JUnit XML and a page: nothing of it lies, nothing of it is executed."""

import hashlib
import json
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.ledger import Claim
from asbuilt.verify.examination import Entry, Examination
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.report import Room, render_json, render_junit, render_page, render_text
from asbuilt.verify.report.page import _asset
from asbuilt.verify.report.sums import outcome
from asbuilt.verify.target import Target
from asbuilt.verify.verdict import Evidence
from examined import AT, FOREIGN, JSON, TODO, examination, exchange, found, seen, todo, unchecked

SCREEN = Room(24, 100)
ANSWER = ("answer", ("POST /lists", "201"))
COUNT = len(todo().standing("refuted", "unchecked", "verified"))  # of claims that a running system can show


def parsed(examined: Examination) -> ET.Element:
    return ET.fromstring(render_junit(examined, AT))  # noqa: S314 - written here


def number(examined: Examination, section: str, standing: str) -> int:
    return sum(entry.claim.section == section for entry in examined.standing(standing))


def verified(claim: Claim) -> Entry:
    return found(claim, "verified", "as documented", seen())


def one_refuted(
    why: str = "it answered 200", evidence: Evidence | None = None, target: Target = FOREIGN
) -> Examination:
    def judge(claim: Claim) -> Entry:
        shown = evidence or seen(exchange("POST", "/lists", {"title": "a"}, 200, {}))
        return found(claim, "refuted", why, shown, "endpoints") if claim.key == ANSWER else verified(claim)

    return todo(judge, target)


def everything(examined: Examination) -> str:
    return render_text(examined, colour=False, room=None)


# Text


def test_a_refuted_claim_in_full() -> None:
    page = render_text(one_refuted(), colour=False, room=Room(40, 200))
    identity = next(entry.claim.id for entry in one_refuted().entries if entry.claim.key == ANSWER)
    assert page.split("\n\n")[0].splitlines() == [
        f"refuted[{identity}] answer: POST /lists answers 201: List",
        "  --> todo.md:18:14",
        "   |",
        "18 |   Response:  201 List",
        "   |              ^^^^^^^^",
        "   = seen: it answered 200",
        '   = request: POST /lists {"title": "a"}',
        "   = answer: 200 {}",
        """   = again: curl -i -X POST -H 'content-type: application/json' --data-raw '{"title": "a"}'"""
        " http://127.0.0.1:8081/lists",
        "   = found: by the probe `endpoints`, with seed 0",
    ]


def test_the_outcome_is_the_last_line() -> None:
    def last(examined: Examination) -> str:
        return render_text(examined, colour=False, room=SCREEN).splitlines()[-1].partition(": todo.md")[0]

    assert last(one_refuted()).startswith(f"1 of {COUNT} provable claims is refuted")
    assert last(todo()) == f"2 of {COUNT} provable claims are refuted"
    assert last(todo(verified)) == f"all {COUNT} provable claims are verified"
    assert last(todo(unchecked)) == f"nothing is verified: all {COUNT} provable claims are unchecked"
    assert last(todo(lambda claim: unchecked(claim) if claim.key == ANSWER else verified(claim))) == (
        f"none of {COUNT} provable claims is refuted, 1 is unchecked"
    )


def test_sums_by_section_and_why_claims_are_unchecked() -> None:
    page = render_text(todo(), colour=False, room=Room(60, 200))
    tables = number(todo(), "data.database-schema", "unchecked")
    assert f"{tables} needs its database: --database URL (Database Schema)" in page
    rows = {
        (words := re.split(r"\s{2,}", line))[0]: words[1:]
        for line in page.splitlines()
        if re.search(r"\w  +[-\d]", line)
    }
    endpoints = number(todo(), "api.endpoint-definitions", "verified")
    assert rows["Endpoint Definitions"][:3] == ["2", "1", str(endpoints)]
    assert rows["Database Schema"][:3] == ["-", str(tables), "-"]
    assert rows["all"][:3] == ["2", str(tables + 1), str(COUNT - tables - 3)]


@pytest.mark.parametrize("lines", [3, 12, 20, 24, 30, 40, 60])
def test_a_report_fits_the_screen(lines: int) -> None:
    def judge(claim: Claim) -> Entry:
        return (
            found(claim, "refuted", "no", seen()) if claim.section == "api.schemas" else unchecked(claim, claim.id[:2])
        )

    examined = todo(judge)
    room = Room(lines, 100)
    page = render_text(examined, colour=False, room=room)
    count, shown = len(examined.standing("refuted")), page.count("refuted[")
    assert 1 <= shown <= count
    assert room.holds(page) or (shown == 1 and lines < 24)
    assert f"({count - shown} refuted not shown: --all shows everything)" in page or shown == count
    assert page.count("for other reasons") == 1
    assert everything(examined).count("refuted[") == count


def test_a_wide_line_takes_several_rows() -> None:
    assert Room(2, 10).holds("x" * 20)
    assert not Room(2, 10).holds("x" * 21)
    assert not Room(2, 10).holds("x\nx\nx")


def test_all_shows_every_claim_by_section() -> None:
    page = everything(todo())
    sections = [line for line in page.splitlines() if re.match(r"\w.*: \d+ \w+", line) and " against " not in line]
    endpoints = number(todo(), "api.endpoint-definitions", "verified")
    assert f"Endpoint Definitions: 2 refuted, 1 unchecked, {endpoints} verified" in sections
    listed = Counter(
        line.split()[0].partition("[")[0] for line in page.splitlines() if re.match(r"  \w|refuted\[", line)
    )
    assert listed["verified"] == len(todo().standing("verified"))
    assert listed["refuted"] == 2
    assert "  unchecked    19  POST /lists may answer LIST_EXISTS -- nothing that was tried showed it" in page


def test_earlier_steps_are_a_line_each_and_cut() -> None:
    page = everything(todo())
    assert page.count("= before: POST /lists") == 4
    assert "before: 3 requests that `--format json` holds" in page


def test_other_evidence() -> None:
    evidence = Evidence(
        plan="Seq Scan on todos\n  Filter: x", measured="time grows as n^1.9", command="psql -c 'EXPLAIN'"
    )
    page = everything(one_refuted("a scan", evidence))
    assert "= plan: Seq Scan on todos Filter: x" in page
    assert "= measured: time grows as n^1.9" in page
    assert "= again: psql -c 'EXPLAIN'" in page


def test_no_answer_is_said() -> None:
    silent = Exchange(Request("GET", "/lists"), None, "ConnectionResetError: reset")
    assert "= answer: no answer (ConnectionResetError: reset)" in everything(one_refuted("gone", seen(silent)))


def test_the_budget_says_what_was_left() -> None:
    examined = replace(todo(), left=("transactions", "plans"))
    assert "the budget was spent before these probes ran: transactions, plans" in everything(examined)
    assert "transactions, plans" in render_page(examined, AT)
    assert json.loads(render_json(examined, AT))["left"] == ["transactions", "plans"]


def test_what_kept_a_probe_from_its_end_is_said() -> None:
    trouble = "the target went away: it has not answered since GET /<b>"
    examined = replace(todo(lambda claim: found(claim, "verified", "", seen())), troubles=(trouble,))
    assert trouble in everything(examined)
    assert "since GET /&lt;b&gt;" in render_page(examined, AT)
    assert json.loads(render_json(examined, AT))["troubles"] == [trouble]
    assert outcome(examined) == "unchecked"


def test_our_own_runtime_is_seen_again_where_it_is_served() -> None:
    own = Target("http://127.0.0.1:40123", own=True)
    for page in (everything(one_refuted(target=own)), render_page(one_refuted(target=own), AT)):
        assert "asbuilt&#x27;s own runtime" in page or "asbuilt's own runtime" in page
        assert "http://127.0.0.1:8080/lists" in page
        assert "40123" not in page
        assert "asbuilt run" in page


def test_passwords_stay_out() -> None:
    target = Target("http://ada:hush@127.0.0.1:8081", database="postgresql://ada:hush@db/x")
    evidence = Evidence(plan="Seq Scan", command="psql postgresql://ada:hush@db/x -c 'EXPLAIN ...'")
    examined = one_refuted("a scan", evidence, target)
    for page in (
        everything(examined),
        render_page(examined, AT),
        render_json(examined, AT),
        render_junit(examined, AT),
    ):
        assert "hush" not in page
        assert "$DATABASE_URL" in page


def test_colour_changes_nothing_but_colour() -> None:
    plain, coloured = (render_text(todo(), colour=colour, room=SCREEN) for colour in (False, True))
    assert re.sub(r"\033\[[\d;]*m", "", coloured) == plain
    assert "\033[1;31mrefuted[" in coloured


# Hostile documents and targets

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "']]>&amp;",
    "\x1b[31m\x07\x00\x9b\r\n\u202e\u2028\ufeff",
    "`<b>`",
    "javascript:alert(1)",
]
HOSTILE = """\
---
title: "<script>alert(1)</script>"
---
# Lists <script>alert(1)</script> "><svg onload=alert(1)>

**Component**: lists
**Implements**: [x](javascript:alert(1)) [y](vbscript:x) [z](data:text/html,<script>alert(1)</script>) [w](JaVaScRiPt:x)

<script>alert(1)</script>

<iframe src="https://example.org"></iframe> <img src="https://example.org/x.png"> ![p](https://example.org/p.png "t")

![q](javascript:alert(1)) <https://example.org/?"onclick=alert(1)> [u](https://example.org/"onclick="alert(1))

## API Implementation

### Endpoint Definitions
```
GET /lists
  Response:  200 list[List]
```

- [ ] <b onclick=alert(1)>item</b> [r][1] `<script>`
  > quoted <style>* { display: none }</style>

[1]: javascript:alert(1)

### Request/Response Schemas
```python
class List:
    title: Annotated[str, Pattern("</code><script>alert(1)</script>")]
```

### Error Responses
| Error Code | HTTP Status | Description | Response Body |
|---|---|---|---|
| NOT_FOUND | 404 | `no row`: <script>alert(1)</script> \\| "><x | problem |
"""
ALLOWED = (
    "html head meta link title style body header p b h1 h2 h3 h4 h5 h6 dl div dt dd svg defs pattern path rect button"
    " section ul ol li a br span table thead tbody tr th td main details summary article i pre code em strong"
    " blockquote hr footer script"
)
EMPTY = {"meta", "link", "br", "hr", "path", "rect"}


class Read(HTMLParser):
    """A page as a browser reads it: its elements, their attributes and texts."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        else:
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def hostile(words: str) -> Examination:
    """A document that attacks its readers, and a target that does."""
    said = words.encode("utf-8", "replace")
    header = (("x-said", words), ("content-type", "text/html"))
    answer = Exchange(Request("GET", f"/{words}", header, said), Response(500, header, said, 0.1), words)
    evidence = Evidence((answer,), words, words, words)
    return examination(HOSTILE, lambda claim: found(claim, "refuted", words, evidence, words), path="x<y>.md")


def harmless(page: str) -> Read:
    """The page, which has been shown to hold no markup but ours."""
    read = Read(page)
    assert read.open == []
    assert {tag for tag, _ in read.elements} <= set(ALLOWED.split())
    first, second = read.scripts
    assert second == _asset("page.js")
    json.loads(first)
    for tag, attributes in read.elements:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset", "action")
        ]
        target = attributes.get("href")
        assert target is None or re.match(r"#|https?:|mailto:|data:,$", target), (tag, target)
        assert tag != "link" or target == "data:,"
    return read


@pytest.mark.parametrize("words", NASTY)
def test_a_page_executes_nothing_it_was_told(words: str) -> None:
    page = render_page(hostile(words), AT)
    read = harmless(page)
    assert "<script>alert(1)</script>" in "".join(read.text)
    assert page.count("<script") == 2
    policy = next(attributes["content"] for tag, attributes in read.elements if "http-equiv" in attributes)
    assert policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_a_page_holds_any_text(words: str) -> None:
    page = render_page(hostile(words), AT)
    page.encode()
    harmless(page)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(), max_size=40), st.booleans())
def test_a_terminal_is_shown_nothing_it_acts_on(words: str, whole: bool) -> None:
    page = render_text(hostile(words), colour=False, room=None if whole else SCREEN)
    assert not [char for char in page if char != "\n" and unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    page.encode()


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_xml_and_json_hold_any_text(words: str) -> None:
    examined = hostile(words)
    assert len(list(parsed(examined).iter("testcase"))) == len(examined.entries)
    whole = json.loads(render_json(examined, AT).encode())
    assert len(whole["claims"]) == len(examined.entries)


@pytest.mark.parametrize(
    "text", ["[" * 30_000, "*a **b " * 10_000, "`" * 999 + "\n\n" + "> " * 5000 + "x", "a\rb\r\nc"]
)
def test_a_page_of_a_monstrous_document_is_made_soon(text: str) -> None:
    harmless(render_page(examination(f"# Lists\n\n{text}\n", verified, path="x.md"), AT))


# The page


def test_each_claim_stands_beside_its_line() -> None:
    examined = todo()
    page = render_page(examined, AT)
    for entry in examined.entries:
        assert page.count(f'id="claim-{entry.claim.id}"') == 1
    line = examined.component.source.position(
        next(entry.claim.span.start for entry in examined.entries if entry.claim.key == ANSWER)
    ).line
    beside = page[page.index(f'<span class="number">{line}</span>') :].partition('<span class="number">')[2]
    beside = beside.partition('<span class="number">')[0]
    assert "POST /lists answers 201: List" in beside
    assert "it answered 200, which the document does not list" in beside
    assert '<details class="line" data-has="refuted" open>' in page


def test_what_is_unchecked_looks_like_no_success() -> None:
    page = render_page(todo(unchecked), AT)
    assert 'class="outcome unchecked"' in page
    assert f"Nothing is verified: all {COUNT} provable claims are unchecked." in page
    assert page.count('<span class="mark verified">') == 1, "the total, which is 0"
    assert page.count('<article class="claim unchecked"') == COUNT
    assert "Not checked, and why" in page


def test_the_digest_of_the_page_is_that_of_the_json() -> None:
    whole = json.loads(render_json(todo(), AT))
    page = Read(render_page(todo(), AT))
    assert json.loads(page.scripts[0]) == whole
    assert whole["digest"] in page.text


def test_a_link_to_a_heading_leads_to_it() -> None:
    page = render_page(
        examination("# Lists\n\n[a](#what-it-is) [b](other.md)\n\n## What it is\n", verified, path="x.md"), AT
    )
    assert '<a href="#doc-what-it-is">a</a>' in page
    assert 'id="doc-what-it-is"' in page
    assert '<a title="other.md">b</a>' in page


def test_a_comment_that_claims_nothing_is_not_shown() -> None:
    page = render_page(examination("# Lists\n\n<!-- a note -->\n\n<b>\nbold\n</b>\n", verified, path="x.md"), AT)
    assert "a note" not in page.partition("<main>")[2]
    assert "&lt;b&gt;" in page


def test_long_bodies_are_cut_and_say_so() -> None:
    long = Exchange(Request("GET", "/lists"), Response(200, JSON, b"x" * 50_000, 0.1))
    page = render_page(one_refuted("long", seen(long)), AT)
    assert "cut: 50,000 bytes in all" in page
    assert page.count("x" * 10_001) == 0
    (body,) = [
        each["evidence"]["exchanges"][0]["response"]
        for each in json.loads(render_json(one_refuted("long", seen(long)), AT))["claims"]
        if each["standing"] == "refuted"
    ]
    assert (len(body["body"]), body["bytes"]) == (10_000, 50_000)


def test_a_body_too_long_for_a_shell_has_no_curl() -> None:
    long = Exchange(Request("POST", "/lists", JSON, b"x" * 200_000), Response(413, (), b"", 0.1))
    examined = one_refuted("long", seen(long))
    assert json.loads(render_json(examined, AT))["claims"]
    assert "x" * 10_001 not in render_json(examined, AT) + everything(examined)


# JSON


def test_json() -> None:
    whole = json.loads(render_json(todo(), AT))
    assert list(whole) == [
        "version", "asbuilt", "file", "document", "examined", "target", "seed", "seconds", "requests", "left",
        "troubles", "headline", "summary", "sections", "claims", "digest",
    ]  # fmt: skip
    assert whole["version"] == 1
    assert whole["examined"] == "2026-11-23T09:30:00Z"
    assert whole["document"] == {"sha256": hashlib.sha256(TODO.read_bytes()).hexdigest()}
    assert list(whole["summary"]) == ["refuted", "unchecked", "verified", "checked", "enacted", "prose"]
    assert all(len(todo().standing(standing)) == count for standing, count in whole["summary"].items())
    assert whole["sections"][1]["section"] == "api.endpoint-definitions"
    assert whole["sections"][1]["title"] == "Endpoint Definitions"
    assert sum(part["summary"]["verified"] for part in whole["sections"]) == whole["summary"]["verified"]
    refuted = next(claim for claim in whole["claims"] if claim["standing"] == "refuted")
    assert list(refuted) == [
        "id", "section", "kind", "names", "statement", "standing", "why", "probe", "range", "evidence", "digest",
    ]  # fmt: skip
    assert (refuted["kind"], refuted["names"], refuted["probe"]) == ("answer", ["POST /lists", "201"], "endpoints")
    assert refuted["range"]["start"]["line"] == 18
    (only,) = refuted["evidence"]["exchanges"]
    assert only == {
        "request": {"method": "POST", "target": "/lists", "headers": [["content-type", "application/json"]],
                    "body": '{"title": "a"}', "bytes": 14},
        "response": {"status": 200, "headers": [["content-type", "application/json"]],
                     "body": '{"id": "0190", "title": "a"}', "bytes": 28, "seconds": 0.0123},
        "fault": "",
        "curl": "curl -i -X POST -H 'content-type: application/json' --data-raw '{\"title\": \"a\"}'"
                " http://127.0.0.1:8081/lists",
    }  # fmt: skip
    assert all((claim["evidence"] is None) == (claim["digest"] is None) for claim in whole["claims"])


def test_digests_are_of_what_they_say() -> None:
    whole = json.loads(render_json(todo(), AT))
    digest = whole.pop("digest")

    def sha256(value: object) -> str:
        return hashlib.sha256(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()

    assert sha256(whole) == digest
    for claim in whole["claims"]:
        assert claim["digest"] == (sha256(claim["evidence"]) if claim["evidence"] else None)


def test_the_same_examination_is_the_same_report() -> None:
    assert render_json(todo(), AT) == render_json(todo(), AT)
    assert render_page(todo(), AT) == render_page(todo(), AT)


# JUnit

ANT = Path(__file__).parent / "junit.xsd"


def test_junit() -> None:
    root = parsed(todo())
    assert root.tag == "testsuites"
    assert not root.attrib
    suites = {suite.attrib["name"]: suite for suite in root}
    suite = suites["Endpoint Definitions"]
    counted = {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")}
    tests = 3 + number(todo(), "api.endpoint-definitions", "verified")
    assert counted == {"tests": str(tests), "failures": "2", "errors": "0", "skipped": "1"}
    assert suites["Front matter"].attrib["skipped"] == "0", "what is proved from the text passes"
    case = next(case for case in suite.iter("testcase") if case.attrib["name"].startswith("POST /lists answers 201"))
    failure = case.find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "it answered 200, which the document does not list", "type": "refuted"}
    assert failure.text
    assert failure.text.splitlines()[0] == "todo.md:18:14: Response:  201 List"
    assert "curl -i -X POST" in failure.text
    skipped = suites["Database Schema"].find("testcase/skipped")
    assert skipped is not None
    assert skipped.attrib["message"] == "unchecked: needs its database: --database URL"


@pytest.mark.skipif(not shutil.which("xmllint"), reason="xmllint (libxml2) is not installed")
@pytest.mark.parametrize("examined", [todo(), hostile("\x00\x1b]]>")], ids=["todo", "hostile"])
def test_junit_is_valid(tmp_path: Path, examined: Examination) -> None:
    (tmp_path / "report.xml").write_text(render_junit(examined, AT))
    done = subprocess.run(
        ["xmllint", "--noout", "--schema", str(ANT), str(tmp_path / "report.xml")],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
