"""The first screen of the README is true: its document gives the diagnostic it shows, and, mended, what it answers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt.cli import main
from asbuilt.frontend import load
from asbuilt.report import render_text
from serving import Mounted

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shown = re.search(r"^````markdown\n(.*?)^````$", README, re.MULTILINE | re.DOTALL)
    assert shown
    monkeypatch.chdir(tmp_path)
    path = Path("shop.md")
    path.write_text(f"# Shop Implementation Specification\n\n**Component**: shop\n\n{shown[1]}", encoding="utf-8")
    return path


def consoles() -> Iterator[tuple[str, str]]:
    """Each command shown, and the output below it."""
    for block in re.findall(r"^```\n(\$ .*?)^```$", README, re.MULTILINE | re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = step.partition("\n")
            yield command, output.strip()


def test_the_diagnostic_is_the_one_it_gives(shop: Path) -> None:
    loaded = load(shop)
    report = render_text(loaded.source, loaded.errors, colour=False, limit=None)
    assert report == dict(consoles())["asbuilt check shop.md"]


def test_the_answers_are_the_ones_it_gives(shop: Path) -> None:
    shop.write_text(shop.read_text(encoding="utf-8").replace("Len(1, 200)", "Len(1, 100)"), encoding="utf-8")
    served = Mounted(shop)
    try:
        for command, shown in consoles():
            if body := re.search(r"--json '(.*)'", command):
                answer = served("POST", "/items", content=body[1], headers={"content-type": "application/json"}).text
                pattern = re.escape(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|2026-[\w:.-]+", "…", shown)).replace("…", ".*")
                assert re.fullmatch(pattern, answer), f"{command}\n{answer}"
    finally:
        served.close()


def test_as_many_claims_are_verified_as_it_says(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop.write_text(shop.read_text(encoding="utf-8").replace("Len(1, 200)", "Len(1, 100)"), encoding="utf-8")
    assert main(["verify", "shop.md", "--quiet"]) == 0
    shown = dict(consoles())["asbuilt verify shop.md"].splitlines()[-1]
    assert capsys.readouterr().out.splitlines()[-1].startswith(shown.partition("…")[0])


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []
