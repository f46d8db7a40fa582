"""`asbuilt check --claims`: the list for people and for tools, and what a plain check is spared."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from asbuilt.cli import main
from test_ledger import WHOLE

ROOT = Path(__file__).parents[1]
Capture = pytest.CaptureFixture[str]
CLAIM = {"id", "section", "kind", "names", "statement", "standing", "why", "range"}


@pytest.fixture(autouse=True)
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "shop.md"
    path.write_text(WHOLE.replace("    size: Mapped[int] = mapped_column()\n", ""), encoding="utf-8")
    return path


def serve(document: Path) -> None:
    """Takes out of the document what keeps it from being served."""
    text = document.read_text(encoding="utf-8").replace("  Auth: required\n", "")
    document.write_text(re.sub(r"^## State Machines\n.*?(?=^## )", "", text, flags=re.MULTILINE | re.DOTALL))


def check(capsys: Capture, *words: str) -> tuple[int, str, str]:
    code = main(("check", "shop.md", "--no-referee", "--claims", *words))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_json_has_a_stable_shape(capsys: Capture, document: Path) -> None:
    document.write_text(
        document.read_text(encoding="utf-8").replace("2. the environment", "2. the environment\n3. the stars")
    )
    _, out, _ = check(capsys, "--format", "json")
    report = json.loads(out)
    assert set(report) == {"version", "file", "summary", "claims", "not_understood"}
    assert report["version"] == 1
    assert report["file"] == "shop.md"
    for claim in report["claims"]:
        assert set(claim) == CLAIM
        assert (claim["why"] != "") == (claim["standing"] == "unchecked"), claim
        assert claim["range"]["start"]["line"] >= 1
    counted: dict[str, dict[str, int]] = {}
    for claim in report["claims"]:
        counted.setdefault(claim["section"], dict.fromkeys(report["summary"]["api.schemas"], 0))
        counted[claim["section"]][claim["standing"]] += 1
    assert report["summary"] == counted
    assert list(counted["api.schemas"]) == ["enacted", "checked", "verified", "refuted", "unchecked", "prose"]
    (unread,) = report["not_understood"]
    assert unread["text"] == "the stars"
    assert unread["range"]["start"]["column"] == 4


def test_text_fits_a_terminal_and_sums_up(capsys: Capture, document: Path) -> None:
    serve(document)
    _, out, _ = check(capsys)
    assert max(map(len, out.splitlines())) <= 100
    assert re.search(
        r"^ +\d+  enacted    [0-9a-f]{10}    POST /items is there, and does `create_item`$", out, re.MULTILINE
    )
    assert out.count("only a running system can show it (asbuilt verify)") == 1
    sums = {line.rsplit(None, 4)[0]: line.split()[-4:] for line in out.splitlines()[-20:] if len(line.split()) > 4}
    assert sums["Configuration Loading"] == ["2", "-", "-", "-"]
    assert sum(int(number) for number in sums["all claims"] if number != "-") == len(
        re.findall(r"  [0-9a-f]{10}  ", out)
    )


def test_what_was_not_understood_is_shown(capsys: Capture, document: Path) -> None:
    document.write_text(
        document.read_text(encoding="utf-8").replace(
            "2. the environment", "2. the environment\n3. the stars\n\n   The moon.\n4. the moon"
        )
    )
    _, out, _ = check(capsys)
    assert re.search(r"^Not understood\n +\d+  the stars\n +\d+  the moon\n", out, re.MULTILINE), out
    assert out.endswith("shop.md: 2 stretches of text are not understood\n")


def test_a_document_that_is_not_served_has_nothing_enacted(capsys: Capture) -> None:
    """It asks for authentication, which `run` cannot give it."""
    code, out, _ = check(capsys, "--format", "json")
    claims = json.loads(out)["claims"]
    assert code == 0
    assert not [claim for claim in claims if claim["standing"] == "enacted"]
    assert any("is not served: Auth of GET /items/{id} protects something" in claim["why"] for claim in claims)


def test_a_document_that_is_served_is_enacted(capsys: Capture, document: Path) -> None:
    serve(document)
    code, out, _ = check(capsys, "--format", "json")
    assert code == 0
    assert json.loads(out)["summary"]["api.schemas"]["enacted"] == 7


def test_the_exit_code_is_that_of_check(capsys: Capture, document: Path) -> None:
    document.write_text(document.read_text(encoding="utf-8").replace("Body:      NewItem", "Body:      NewItm"))
    code, out, err = check(capsys)
    assert code == 1
    assert "the document has 1 error, so it is not served" in out
    assert err == "1 error (asbuilt check shop.md)\n"


def test_claims_are_no_findings(capsys: Capture) -> None:
    code, out, err = check(capsys, "--format", "sarif")
    assert (code, out) == (2, "")
    assert "claims are no findings" in err


def test_nothing_reaches_a_terminal_as_it_is(capsys: Capture, document: Path) -> None:
    document.write_text(document.read_text(encoding="utf-8").replace("## Our Customs", "## Our \033[31mCustoms"))
    assert "\033" not in check(capsys)[1]


def test_a_plain_check_loads_nothing_of_it() -> None:
    program = (
        "import sys; from asbuilt.cli import main; main(['check', 'shop.md', '--no-referee']);"
        "print([name for name in sys.modules if name.startswith(('asbuilt.ledger', 'asbuilt.commands.claims'))])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert said.stdout.splitlines()[-1] == "[]"


def test_the_page_shows_what_is_printed(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    (shown,) = re.findall(
        r"^```\n(.*?)^```$", (ROOT / "docs" / "claims.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    monkeypatch.chdir(ROOT / "examples")
    main(("check", "shortener.md", "--no-referee", "--claims"))
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in shown.splitlines() if line != "..." and line not in printed] == []
