"""`asbuilt verify`: what it is asked, where its report goes, and how it ends."""

import io
import json
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from asbuilt.cli import main
from asbuilt.commands import verify
from asbuilt.commands.progress import Progress
from asbuilt.ledger import Claim
from asbuilt.verify.examination import Entry
from asbuilt.verify.target import Target
from examined import TODO, Judge, found, judged, seen, todo, unchecked
from imitation import Mortal
from loopback import serving

TARGET = "http://127.0.0.1:8081"


class Said:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        assert "Traceback" not in out + err


Run = Callable[..., Said]


def verified(claim: Claim) -> Entry:
    return found(claim, "verified", "as documented", seen())


def mostly(claim: Claim) -> Entry:
    return unchecked(claim) if claim.section.startswith("data.") else verified(claim)


@pytest.fixture
def asked() -> dict[str, object]:
    """What the examination was asked for."""
    return {}


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: dict[str, object]
) -> Run:
    """The command against a target that answers, with verdicts made by hand."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "todo.md").write_text(TODO.read_text())
    monkeypatch.setattr(verify, "_silence", lambda url: "")

    def carried_out(*words: str, judge: Judge = verified, target: str = TARGET, troubles: tuple[str, ...] = ()) -> Said:
        def examine(*_: object, tell: Callable[[str], None], **options: object) -> object:
            asked.update(options)
            tell("endpoints")
            return replace(todo(judge), target=Target(target), troubles=troubles)

        monkeypatch.setattr(verify, "examine", examine)
        try:
            code = main(["verify", "todo.md", "--target", target, *words])
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return carried_out


# How it ends


@pytest.mark.parametrize(
    ("judge", "words", "code"),
    [
        (verified, (), 0),
        (mostly, (), 0),
        (judged, (), 1),
        (unchecked, (), 2),
        (verified, ("--require", "verified"), 0),
        (mostly, ("--require", "verified"), 3),
        (unchecked, ("--require", "verified"), 3),
        (mostly, ("--require", "verified:api"), 0),
        (mostly, ("--require", "verified:data"), 3),
        (mostly, ("--require", "verified:api.schemas", "--require", "verified:data.database-schema"), 3),
        (judged, ("--require", "verified"), 1),
    ],
)
def test_exit_codes(run: Run, judge: Judge, words: tuple[str, ...], code: int) -> None:
    said = run(*words, judge=judge)
    assert said.code == code
    assert ("required to be verified and not" in said.err) == (bool(words) and code != 0)


@pytest.mark.parametrize(("judge", "code"), [(verified, 2), (mostly, 2), (judged, 1)])
def test_what_was_not_brought_to_its_end_is_no_success(run: Run, judge: Judge, code: int) -> None:
    said = run(judge=judge, troubles=("the probe `bodies` failed: KeyError: 'x' (bodies.py:7)",))
    assert said.code == code
    assert "asbuilt: the probe `bodies` failed: KeyError: 'x' (bodies.py:7)\n" in said.err
    assert "the probe `bodies` failed" in said.out


def test_what_is_required_and_missing_is_named(run: Run) -> None:
    said = run("--require", "verified", judge=mostly)
    assert re.search(r"asbuilt: \d+ claims are required to be verified and not\n", said.err)
    assert "  - unchecked: " in said.err
    assert re.search(r"  - and \d+ more: --all shows each", said.err)
    assert "more: --all" not in run("--require", "verified", "--all", judge=mostly).err


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("--budget", "60"), "no duration, such as 60s"),
        (("--budget", "0s"), "no duration"),
        (("--target", "localhost:80"), "no http or https URL"),
        (("--target", "http://x:99999"), "no http or https URL"),
        (("--target", "http://["), "no http or https URL"),
        (("--against", "ftp://x"), "no http or https URL"),
        (("--disposable",), "--disposable is said of a --database"),
        (("--update-baseline",), "--update-baseline needs a --baseline"),
        (("--require", "everything"), "neither `verified` nor `verified:SECTION`"),
        (("--require", "verified:api.schema"), "did you mean `api.schemas`?"),
        (("--require", "verified:"), "neither"),
        (("--output", "report"), "does not say which format"),
        (("--output", "none/report.html"), "none/report.html cannot be written"),
        (("--format", "xml"), "invalid choice"),
        (("--seed", "x"), "invalid int"),
    ],
)
def test_usage(run: Run, words: tuple[str, ...], answer: str) -> None:
    said = run(*words)
    assert said.code == 2
    assert answer in said.err
    assert said.out == ""


def test_what_belongs_to_a_target(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("--database", "postgresql:///x"), ("--start", "./serve")):
        assert main(["verify", "todo.md", *words]) == 2
        assert "--target" in capsys.readouterr().err


def test_nothing_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "todo.md").write_text(TODO.read_text())
    assert main(["verify", "todo.md", "--target", "http://127.0.0.1:1"]) == 2
    said = capsys.readouterr()
    assert "nothing answers at http://127.0.0.1:1: ConnectionRefusedError" in said.err
    assert said.out == ""


@pytest.mark.parametrize("last", [30, 400])
def test_a_target_that_goes_away_is_said_and_no_success(
    last: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "todo.md").write_text(TODO.read_text())
    todos = Mortal(last)
    with serving(todos.handle) as server:
        todos.end = server.end
        code = main(["verify", "todo.md", "--target", server.url, "--require", "verified", "--output", "report.xml"])
    said = capsys.readouterr()
    assert code == 3
    assert re.search(r"^asbuilt: the target went away: it has not answered since \w+ /", said.err, re.MULTILINE)
    assert "Traceback" not in said.out + said.err
    assert ET.parse(tmp_path / "report.xml").getroot().get("failures") in (None, "0")  # noqa: S314 - written here


def test_a_document_with_errors_is_not_served_to_be_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "todo.md"
    document.write_text(TODO.read_text().replace("200 list[List]", "200 list[Lits]"))
    assert main(["verify", str(document)]) == 2
    assert "todo.md has errors, so it is not verified" in capsys.readouterr().err


def test_a_system_is_proved_though_its_document_has_errors(run: Run, tmp_path: Path) -> None:
    (tmp_path / "todo.md").write_text(TODO.read_text().replace("200 list[List]", "200 list[Lits]"))
    said = run()
    assert said.code == 0
    assert "todo.md contradicts itself" in said.err


def test_what_the_examination_is_asked_for(run: Run, asked: dict[str, object]) -> None:
    run("--budget", "1m30s", "--seed", "7")
    assert (asked["budget"], asked["seed"]) == (90.0, 7)
    run()
    assert (asked["budget"], asked["seed"]) == (None, 0)


def test_a_request_to_end_is_heeded_and_the_signal_given_back(run: Run) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def told_to_end(claim: Claim) -> Entry:
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError("it went on")

    assert run(judge=told_to_end).code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == before


# Where the report goes


def test_formats_on_standard_output(run: Run) -> None:
    assert json.loads(run("--format", "json").out)["version"] == 1
    assert ET.fromstring(run("--format", "junit").out).tag == "testsuites"  # noqa: S314 - written here
    assert run("--format", "html").out.startswith("<!doctype html>")
    assert run("--format", "text").out == run().out
    assert run().out.splitlines()[-1].startswith("all ")


def test_what_a_program_reads_is_utf_8_wherever_it_is_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert run("--format", "html").code == 0
    assert "✓" in written.getvalue().decode()


def test_files_by_their_names_and_the_text_beside(run: Run, tmp_path: Path) -> None:
    names = ("report.html", "report.json", "junit.xml", "report.txt")
    said = run(*(word for name in names for word in ("--output", name)), judge=judged)
    assert said.out.splitlines()[-1].startswith("2 of ")
    whole = json.loads((tmp_path / "report.json").read_text())
    assert f"report.json written: sha256 {whole['digest']}\n" in said.err
    assert f"report.html written: sha256 {whole['digest']}\n" in said.err
    assert whole["digest"] in (tmp_path / "report.html").read_text()
    assert (tmp_path / "junit.xml").read_text().startswith("<?xml")
    assert "Database Schema: 21 unchecked" in (tmp_path / "report.txt").read_text()


def test_a_format_that_is_named_holds_for_every_file(run: Run, tmp_path: Path) -> None:
    run("--format", "json", "--output", "report")
    assert json.loads((tmp_path / "report").read_text())["version"] == 1


def test_a_report_fits_the_screen_unless_all_is_asked_for(run: Run) -> None:
    assert run(judge=judged).out.count("\n") <= 24
    assert run("--all", judge=judged).out.count("\n") > 100


# The baseline


def test_a_baseline(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    first = run("--baseline", "kept.json", judge=mostly)
    assert first.code == 0
    assert "kept.json written" in first.err
    written = path.read_text()

    better = run("--baseline", "kept.json")
    assert better.code == 0
    assert re.search(r"\d+ claims are verified and not in kept.json: --update-baseline adds them", better.err)
    assert path.read_text() == written

    assert "added, 0 that" in run("--baseline", "kept.json", "--update-baseline").err
    tighter = path.read_text()
    assert tighter.count('"id"') > written.count('"id"')

    worse = run("--baseline", "kept.json", "--update-baseline", judge=mostly)
    assert worse.code == 3
    assert "claims are no longer verified (kept.json)" in worse.err
    assert "  - unchecked: " in worse.err
    assert path.read_text() == tighter
    assert run("--baseline", "kept.json", judge=judged).code == 1


def test_a_file_that_is_no_baseline(run: Run, tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text("# Todo\n")
    said = run("--baseline", "kept.json")
    assert said.code == 2
    assert "`kept.json` is no baseline" in said.err
    assert (tmp_path / "kept.json").read_text() == "# Todo\n"


# Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_lines_and_none_if_it_is_to_be_quiet(run: Run) -> None:
    assert re.search(r"^ +\d\.\d s  endpoints$", run("--no-reference").err, re.MULTILINE)
    assert run("--no-reference", "--quiet").err == ""


def test_progress_on_a_terminal_is_one_line_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    progress = Progress(quiet=False)
    progress.tell("endpoints")
    progress.tell("x" * 200 + "\x1b[31m")
    progress.end()
    shown = terminal.getvalue()
    assert "\n" not in shown
    assert shown.endswith("\r\033[K")
    assert all(len(line.removeprefix("\033[K")) < 40 for line in shown.split("\r"))
    assert "\x1b[31m" not in shown


def test_a_log_is_not_flooded(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(quiet=False)
    for number in range(1000):
        progress.tell(f"step {number}")
    monkeypatch.setattr("time.monotonic", lambda: float("inf"))
    progress.tell("last")
    shown = capsys.readouterr().err.splitlines()
    assert [line.split("  ")[-1] for line in shown] == ["step 0", "last"]
