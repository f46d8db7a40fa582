"""The page of an examination in a real browser: its script runs, its filters work, nothing is executed beside it."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from asbuilt.verify.examination import Examination
from asbuilt.verify.report import render_page
from examined import AT, found, seen, todo
from test_verify_report import NASTY, hostile

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
)

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")


class Shown(HTMLParser):
    """The document object model of a page when its script had run."""

    def __init__(self, dom: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.said: dict[str, str] = {}
        self._inside = ""
        self.feed(dom)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.elements.append((tag, known))
        self._inside = known.get("id", "")

    def handle_data(self, data: str) -> None:
        self.said[self._inside] = self.said.get(self._inside, "") + data
        self._inside = ""

    def visible(self, tag: str, standing: str) -> int:
        return sum(
            one == tag and known.get("data-standing") == standing and "hidden" not in known.get("class", "").split()
            for one, known in self.elements
        )

    def count(self, word: str) -> int:
        return sum(word in known.get("class", "").split() for _, known in self.elements)


def opened(page: str, tmp_path: Path, fragment: str = "") -> Shown:
    """The page in a browser. Fails where the console says anything."""
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    command = [
        str(CHROMIUM),
        *QUIET,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom",
        f"{path.as_uri()}{fragment}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "CONSOLE" not in done.stderr, done.stderr
    return Shown(done.stdout)


def examined() -> Examination:
    return todo()


def test_the_page_agrees_with_its_digests(tmp_path: Path) -> None:
    shown = opened(render_page(examined(), AT), tmp_path)
    count = len(examined().entries)
    assert shown.said["check"].startswith(f"✓ All {count} claims are shown as they were found")
    assert shown.count("altered") == 0
    assert shown.count("hidden") == 0
    assert shown.count("scripted") == 1


@pytest.mark.parametrize("standing", ["refuted", "unchecked", "verified"])
def test_a_filter_shows_its_claims_and_no_others(tmp_path: Path, standing: str) -> None:
    shown = opened(render_page(examined(), AT), tmp_path, f"#show-{standing}")
    for one in ("refuted", "unchecked", "verified", "checked"):
        expected = len(examined().standing(one)) if one == standing else 0
        assert shown.visible("article", one) == expected, one
    assert shown.count("hidden") > 0
    pressed = [known["data-show"] for _, known in shown.elements if known.get("aria-pressed") == "true"]
    assert pressed == [standing]


def test_a_link_to_a_claim_unfolds_it(tmp_path: Path) -> None:
    verified = examined().standing("verified")[0].claim.id
    shown = opened(render_page(examined(), AT), tmp_path, f"#claim-{verified}")
    at = next(index for index, (_, known) in enumerate(shown.elements) if known.get("id") == f"claim-{verified}")
    folded = [known for tag, known in shown.elements[:at] if tag == "details"]
    assert "open" in folded[-1]


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ('"standing":"refuted"', '"standing":"verified"'),
        ("answered as documented in 12 cases</span>", "answered as documented in 99 cases</span>"),
        (
            '<span class="word">refuted</span></span> <span data-at',
            '<span class="word">verified</span></span> <span data-at',
        ),
        ('<b data-total="refuted">2</b>', '<b data-total="refuted">0</b>'),
        ('.response.status">200</span>', '.response.status">201</span>'),
        ('"seed":0', '"seed":1'),
        ('<article class="claim refuted"', '<div class="claim refuted"'),
    ],
)
def test_a_page_that_was_changed_says_so(tmp_path: Path, true: str, false: str) -> None:
    page = render_page(examined(), AT)
    assert true in page
    shown = opened(page.replace(true, false, 1), tmp_path)
    assert shown.said["check"].startswith("✗ This page was changed after it was written: ")


def test_a_foreign_script_is_refused_and_seen_to_be(tmp_path: Path) -> None:
    page = render_page(examined(), AT).replace("(function () {", "alert(1); (function () {", 1)
    with pytest.raises(AssertionError, match=r"CONSOLE.*Content Security Policy"):
        opened(page, tmp_path)


@pytest.mark.parametrize("words", ["".join(NASTY), "</script><script>alert(1)</script>", "\x00\r\n\u202e\u2028"])
def test_nothing_is_executed(tmp_path: Path, words: str) -> None:
    shown = opened(render_page(hostile(words), AT), tmp_path)
    assert shown.said["check"].startswith("✓ "), shown.said["check"]
    assert sum(tag == "script" for tag, _ in shown.elements) == 2
    assert not [known for _, known in shown.elements if any(name.startswith("on") for name in known)]


def test_all_standings_side_by_side(tmp_path: Path) -> None:
    """Also where nothing is refuted and each claim has evidence."""
    page = render_page(todo(lambda claim: found(claim, "verified", 'é日本🚀\t"quoted" \\ /', seen())), AT)
    shown = opened(page, tmp_path)
    assert shown.said["check"].startswith("✓ ")
    assert re.search(r"claims are verified\.", page)
