"""The command line: every wrong argument, file and document has a clear answer, of a screen at most."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from asbuilt import __version__
from asbuilt.cli import COMMANDS, NOT_YET, main
from asbuilt.commands import arguments
from asbuilt.document import SECTIONS
from asbuilt.frontend import RULES, Loaded, read
from asbuilt.report import render_json, render_sarif, render_text
from asbuilt.source import Source
from serving import Mounted
from test_report import SARIF

SCREEN = 25
MANY = 100_000
PATIENCE = 20  # seconds for what takes less than one on an idle machine

Capture = pytest.CaptureFixture[str]


class Said:
    """What a command said and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        assert "Traceback" not in out + err

    @property
    def lines(self) -> int:
        return (self.out + self.err).count("\n")


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def carried_out(*words: str) -> Said:
        try:
            code = main(words)
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return carried_out


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    def late(*_: object) -> None:
        raise AssertionError("it takes too long")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(3 * PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def command(*words: str, **options: object) -> "subprocess.CompletedProcess[str]":
    """A command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "asbuilt", *words],
        text=True,
        timeout=3 * PATIENCE,
        check=False,
        **options,  # type: ignore[call-overload]
    )


# Commands and options


def test_help_is_complete(run: Run) -> None:
    told = run("--help").out
    assert all(f"\n    {name} " in told for name in COMMANDS)
    assert "executes what the document contains" in told
    for name in COMMANDS:
        said = run(name, "--help")
        assert said.code == 0
        assert said.lines <= SCREEN
        assert len(said.out.split("\n\n")) >= 3, "a usage line, what it does, its arguments"
        for option in re.findall(r"--[a-z-]+", said.out.split("\n\n")[0]):
            assert re.search(rf"^  .*{option}.*\n?.*\S", said.out, re.MULTILINE), option
    assert "executes what the document contains" in " ".join(run("run", "--help").out.split())
    assert run("--version").out == f"asbuilt {__version__}\n"


@pytest.mark.parametrize("name", NOT_YET)
def test_what_is_not_part_of_this_release_says_so(run: Run, name: str) -> None:
    said = run(name, "shop.md")
    assert said.code == 2
    assert f"`asbuilt {name}` is not part of release" in said.err


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ((), "required: COMMAND"),
        (("chekc", "x.md"), "did you mean `check`?"),
        (("frobnicate",), "asbuilt --help"),
        (("check",), "required: FILE"),
        (("check", "x.md", "--frm", "json"), "--frm"),
        (("check", "x.md", "--format", "xml"), "'sarif'"),
        (("build", "x.md", "opneapi"), "openapi"),
        (("run", "x.md", "--port", "99999"), "no whole number from 0 to 65535"),
        (("run", "x.md", "--port", "-1"), "--port"),
        (("run", "x.md", "--port", "http"), "no whole number"),
        (("run", "x.md", "--workers", "0"), "no whole number from 1"),
        (("run", "x.md", "--workers", "9" * 5000), "no whole number from 1"),
        (("rule", "undefined-schemas"), "did you mean `undefined-schema`?"),
        (("rule", "QQQ999"), "`asbuilt rule` lists all rules"),
    ],
)
def test_usage(run: Run, words: tuple[str, ...], answer: str) -> None:
    said = run(*words)
    assert said.code == 2
    assert answer in said.err
    assert said.lines <= SCREEN


def test_every_rule_has_a_page(run: Run) -> None:
    listed = run("rule").out
    for rule in RULES:
        assert f"{rule.code:8} {rule.severity:8} {rule.name}\n" in listed
    for rule in RULES[::5]:
        by_code, by_name = run("rule", rule.code.lower()), run("rule", rule.name)
        assert by_code.out == by_name.out
        assert by_code.out.startswith(f"{rule.code} {rule.name} ({rule.severity})\n\n")


# Files


def a_binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 10)


@pytest.mark.parametrize("verb", ["check", "run", "explain", "build"])
@pytest.mark.parametrize(
    ("make", "answer"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.mkdir(), "is a folder"),
        (a_binary, "is binary: byte 1 is zero"),
        (lambda path: path.touch(), "is empty"),
        (lambda path: path.write_text(" \n\t\n"), "is empty"),
        (lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 50_000_000), "holds 50.0 MB"),
        (lambda path: path.write_bytes(b"# T\n\n\xc3\xa4\xc3\xa4\xff\n"), "0xff at line 3, column 3"),
        (lambda path: path.write_bytes("# T".encode("utf-16")), "UTF-16"),
        (os.mkfifo, "is a pipe"),
        (lambda path: path.symlink_to(path), "symbolic links"),
        (lambda path: path.symlink_to("/dev/zero"), "is a device"),
        (lambda path: path.symlink_to("nowhere.md"), "does not exist"),
    ],
)
def test_files_that_are_no_documents(
    run: Run, tmp_path: Path, verb: str, make: Callable[[Path], object], answer: str
) -> None:
    make(tmp_path / "orders.md")
    target = ["openapi"] if verb == "build" else []
    said = run(verb, "orders.md", *target)
    assert said.code == 2
    assert answer in said.err
    assert "help: " in said.err
    assert said.lines <= 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "orders.md").touch(0o000)
    assert "may not be read" in run("check", "orders.md").err


def test_a_misspelt_file_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "orders.md").write_text("# Orders\n")
    assert "did you mean `ordres.md`?" not in run("check", "ordres.md").err
    assert "did you mean `orders.md`?" in run("check", "ordres.md").err


# Output


def test_output_that_goes_nowhere(run: Run, tmp_path: Path) -> None:
    run("new", "shop")
    (tmp_path / "kept.json").write_text("kept")
    for target, why in (("/dev/full", "No space left"), ("none/x.json", "No such file"), (".", "directory")):
        said = run("build", "shop.md", "openapi", "-o", target)
        assert said.code == 2
        assert f"{target} cannot be written: " in said.err
        assert why in said.err
    assert run("build", "shop.md", "openapi", "-o", "kept.json").code == 0
    assert json.loads((tmp_path / "kept.json").read_text())["openapi"].startswith("3.1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.json", "shop.md"]


def test_a_reader_that_leaves(run: Run, tmp_path: Path) -> None:
    run("new", "shop")
    shell = f'"{sys.executable}" -m asbuilt build shop.md openapi'
    for ending, code in (("| head -n 1", 0), ("> /dev/full", 2), (">&-", 0), (">&- 2>&- <&-", 0)):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", f"{shell} {ending}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=3 * PATIENCE,
            check=False,
        )
        assert done.returncode == code, (ending, done.stderr)
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr


def test_output_that_is_not_unicode(tmp_path: Path) -> None:
    (tmp_path / "ä.md").write_text("# Ä Implementation Specification\n\nSee `Überall` → `X_Y`.\n")
    done = command("check", "ä.md", cwd=tmp_path, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert "\\xe4.md" in done.stdout
    assert "Traceback" not in done.stderr


# New documents


@pytest.mark.parametrize(
    "name",
    ["", "Shop", "my shop", "../shop", "/etc/shop", "shop-", "1shop", "sh\0p", "ſhop", "-", "a" * 64, "a" * 5000],
)
def test_names_of_no_component(run: Run, tmp_path: Path, name: str) -> None:
    said = run("new", "--", name)
    assert said.code == 2
    suggested = re.search(r"asbuilt new ([a-z][a-z0-9-]*)$", said.err.strip())
    assert suggested
    assert said.lines == 2
    assert not list(tmp_path.iterdir())
    assert run("new", suggested[1]).code == 0


def test_a_document_that_is_there_is_kept(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop.md").write_text("mine")
    said = run("new", "shop.md", "--full")
    assert said.code == 2
    assert "exists already and is left as it is" in said.err
    assert (tmp_path / "shop.md").read_text() == "mine"


def test_a_folder_that_can_not_be_written(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    said = run("new", "shop")
    assert said.code == 2
    assert "shop.md cannot be written" in said.err


@pytest.mark.parametrize("full", [(), ("--full",)])
def test_a_new_document_is_clean_and_answers(run: Run, tmp_path: Path, full: tuple[str, ...]) -> None:
    written = run("new", "my-shop", *full)
    assert written.code == 0
    assert "asbuilt run my-shop.md" in written.out
    checked = run("check", "my-shop.md")
    assert (checked.code, checked.out) == (0, "no findings in my-shop.md\n")
    explained = run("explain", "my-shop.md")
    assert explained.code == 0
    text = (tmp_path / "my-shop.md").read_text()
    endpoints = re.findall(r"^(GET|POST|PATCH|DELETE) (/items\S*)", text, re.MULTILINE)
    assert len(endpoints) >= 6
    if full:
        assert text.count("\n### ") == sum(len(section.subsections) for section in SECTIONS)
    for method, path in endpoints:
        assert method in explained.out
        one = run("explain", "my-shop.md", f"{method} {path.partition(':')[0]}{'}' * (':' in path)}")
        assert one.code == 0, one.err


def test_a_plan_of_no_request(run: Run) -> None:
    run("new", "shop")
    said = run("explain", "shop.md", "GET /itmes")
    assert said.code == 2, said.out
    assert "did you mean `GET /items`?" in said.err
    for words in ("", "GET", "/items", "BREW /items", "GET items", "x" * 5000, "\0"):
        said = run("explain", "shop.md", words)
        assert said.code in (0, 2)
        assert said.code == 0 or said.err


def test_the_blank_template(run: Run, tmp_path: Path) -> None:
    """It says on one screen what it is, which placeholders are open by section, and what to type next."""
    lines = [
        "# <Component Name> Implementation Specification",
        "",
        "**Component**: <Name>",
        "**Document Status**: Current",
        "**Last Updated**: <YYYY-MM-DD>",
        "**Implements**: Link to component spec",
    ]
    for section in SECTIONS:
        lines += ["", f"## {section.title}"]
        for subsection in section.subsections:
            lines += [
                "",
                f"### {subsection.title}",
                "- **First**: <Description of it>",
                "- **Second**: <If applicable>",
            ]
    (tmp_path / "blank.md").write_text("\n".join(lines) + "\n")
    said = run("check", "blank.md")
    assert said.code == 1
    assert said.lines <= SCREEN + 10
    assert "blank template" in said.out
    assert all(section.title in said.out for section in SECTIONS)
    assert "asbuilt new" in said.out


# Every section broken


def fence(label: str, body: str) -> str:
    return f"```{label}\n{body}\n```\n"


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(12)
)
GARBAGE = "".join(chr(33 + n * 7919 % 50_000) for n in range(2000))
CONTROLS = "\x01\x02\x1b[31m\x7f\u202e\ufeff" * 20

BREAKAGES: dict[str, Callable[[str], str]] = {
    "nothing": lambda text: "",
    "half": lambda text: text[: len(text) // 2],
    "truncated fence": lambda text: "```" + text.partition("```")[2][: len(text) // 2],
    "fence turned inside out": lambda text: "```\n" + text,
    "garbage": lambda text: GARBAGE + "\n",
    "controls": lambda text: CONTROLS + "\n" + text,
    "controls in a fence": lambda text: fence("sql", CONTROLS),
    "10,000 columns": lambda text: (
        f"|{' c |' * 10_000}\n|{'---|' * 10_000}\n|{' `V_W` |' * 10_000}\n\n{'x' * 10_000}\n"
    ),
    "long code": lambda text: fence("python", "x = " + "1 + " * 9999 + "1") + fence("sql", "SELECT " + "1, " * 9999),
    "Python brackets": lambda text: fence("python", "x = " + "(" * MANY + ")" * MANY),
    "Python types": lambda text: fence("python", "class A:\n    x: " + "list[" * MANY + "int" + "]" * MANY),
    "Python signs": lambda text: fence("python", "class A:\n    x: int = " + "-" * MANY + "1"),
    "Python attributes": lambda text: fence("python", "class A:\n    x: a" + ".a" * MANY),
    "Python unions": lambda text: fence("python", "class A:\n    x: " + " | ".join(["int"] * 20_000)),
    "Python indents": lambda text: fence("python", "".join(" " * n + "if x:\n" for n in range(300)) + " " * 300 + "x"),
    "JSON lists": lambda text: fence("json", "[" * MANY + "]" * MANY),
    "JSON objects": lambda text: fence("json", '{"a":' * MANY),
    "JSON numbers": lambda text: fence("json", '{"a": ' + "9" * 10_000 + ', "b": 1e999999}'),
    "YAML lists": lambda text: fence("yaml", "[" * MANY + "]" * MANY),
    "YAML mappings": lambda text: fence("yaml", "{a: " * MANY),
    "YAML dashes": lambda text: fence("yaml", "- " * MANY + "a"),
    "YAML indents": lambda text: fence("yaml", "".join(" " * n + "a:\n" for n in range(400))),
    "YAML bomb": lambda text: fence("yaml", BOMB),
    "YAML merge of itself": lambda text: fence("yaml", "a: &a\n  <<: *a\n? [a]\n: !!python/object/apply:os.system [x]"),
    "SQL brackets": lambda text: fence("sql", "SELECT " + "(" * MANY + "1" + ")" * MANY),
    "SQL checks": lambda text: fence("sql", "CREATE TABLE t (a int CHECK " + "(" * MANY + "a > 0" + ")" * MANY + "));"),
    "SQL conjunctions": lambda text: fence("sql", f"CREATE TABLE t (a int CHECK ({' AND '.join(['a > 0'] * 5000)}));"),
    "SQL subselects": lambda text: fence("sql", "SELECT * FROM " + "(SELECT * FROM " * 2000 + "t" + ") x" * 2000),
    "SQL statements": lambda text: fence("sql", ";\n".join(["CREATE TABLE t (a int)"] * 1000)),
    "SQL quotes": lambda text: fence("sql", "SELECT '" + "$$/*" * 5000),
    "Markdown quotes": lambda text: ">" * MANY + " x\n",
    "Markdown lists": lambda text: "- " * MANY + "x\n" + "1. " * MANY + "x\n",
    "Markdown list indents": lambda text: "".join("  " * n + "- x\n" for n in range(500)),
    "Markdown brackets": lambda text: "[" * MANY + "]" * MANY + "\n",
    "Markdown links": lambda text: "[a](" * MANY + "\n\n" + "![" * MANY + "\n",
    "Markdown emphasis": lambda text: "*a **b " * MANY + "\n",
    "Markdown backticks": lambda text: "".join("`" * n + " " for n in range(400)) + "\n",
    "HTML": lambda text: "<a " * MANY + "\n\n" + "<!--" * MANY + "\n",
    "headings": lambda text: "#" * MANY + "\n" + "#### x\n" * 1000 + "a\n==\n" * 500,
    "references": lambda text: "".join(f"[x{n}]: /u{n}\n" for n in range(1000)) + "[x1]" * 3000 + "\n",
    "patterns of Python": lambda text: fence(
        "python",
        "class A:\n    x: Annotated[str, Pattern(r'(a+)+$')] = '" + "a" * 40 + "!'\n"
        "    y: Annotated[str, Pattern(r'(?:(?:a{1,1000}){1,1000}){1,1000}')]\n    z: Annotated[str, Pattern('(')]",
    ),
    "patterns of SQL": lambda text: fence(
        "sql", "CREATE TABLE t (a text CHECK (a ~ '(a+)+$'), b text CHECK (b ~ '(((a{1,100}){1,100}){1,100})'));"
    ),
    "variables": lambda text: fence("env", f"X={'a' * 40}!  # (a+)+$\nCOMPONENT_PORT={'9' * 30}\nY{'=' * MANY}"),
    "routes": lambda text: fence("", "GET /" + "{a}/" * 2000 + "\n  Response: 200 " + "list[" * MANY),
    "clauses": lambda text: fence("", "POST /a\n  Query: " + ", ".join(f"a{n}: int" for n in range(3000))),
    "TypeScript": lambda text: fence("typescript", "interface A { x: " + "{a: " * MANY + "string" + "}" * MANY + " }"),
    "Go": lambda text: fence(
        "go", "type A struct { X " + "[]" * MANY + "int }\ntype B struct { X " + "struct {" * MANY
    ),
    "Mermaid": lambda text: fence("mermaid", "stateDiagram-v2\n" + "state a {\n" * MANY),
    "numbers": lambda text: f"| Code | Status |\n|---|---|\n| A | {'9' * 10_000} |\n\n- **TTL**: {'9' * 5000}h\n",
    "links out": lambda text: (
        "[a](file:///etc/passwd) [b](http://127.0.0.1:1/x.md) [c](/dev/zero) [d](../../../etc/passwd) [e](%2e%2e/x)"
        " [f](//evil/x) [g](C:\\x) [h](a%00b) [i](zero.py) [j](out/secret.py) [k](pipe.py) [l](" + "../" * 999 + "x)\n"
    ),
}


READ_IN_FULL = ("Endpoint", "Schema", "Error Resp", "Stock Value", "Patterns", "Variables")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The full starter, beside what a link must not reach."""
    folder = tmp_path_factory.mktemp("full")
    (folder / "zero.py").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.py")
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.py").write_text("SECRET = 1\n")
    (folder / "out").symlink_to(outside)
    assert command("new", "shop", "--full", cwd=folder, stdout=subprocess.DEVNULL).returncode == 0
    return folder / "shop.md", (folder / "shop.md").read_text()


def subsections(text: str) -> Iterator[tuple[int, int]]:
    """Where the body of each subsection begins and ends."""
    headings = list(re.finditer(r"^##+ .*\n", text, re.MULTILINE))
    for heading, after in zip(headings, [*headings[1:], None], strict=True):
        if heading.group().startswith("### "):
            yield heading.end(), after.start() if after else len(text)


def demand_readable(loaded: Loaded) -> None:
    """The three forms of the report are sound, and the first screen of the text is one."""
    source, found = loaded.source, loaded.diagnostics
    page = render_text(source, found, colour=False, limit=arguments.fitting(source, found))
    assert page.count("\n") + 1 <= SCREEN + 15  # one finding may need more than a screen has
    assert max(map(len, page.split("\n"))) < 1000
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", page)
    assert json.loads(render_json(source, found))["version"] == 1
    assert json.loads(render_sarif(source, found, RULES))["version"] == "2.1.0"


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_every_section_broken(full: tuple[Path, str], breakage: str) -> None:
    path, text = full
    places = list(subsections(text))
    assert len(places) == 41
    worst = 0.0
    # Those sections that are read in full meet every breakage, the others some.
    first = list(BREAKAGES).index(breakage) % 13
    for at, (start, end) in enumerate(places):
        if at % 13 != first and not any(title in text[start - 40 : start] for title in READ_IN_FULL):
            continue
        broken = f"{text[:start]}{BREAKAGES[breakage](text[start:end])}\n{text[end:]}"
        began = time.process_time()
        loaded = read(Source(path, broken), referee=False, today=date(2026, 1, 1))
        worst = max(worst, time.process_time() - began)
        demand_readable(loaded)
    assert worst < PATIENCE


def test_all_sections_broken_at_once(full: tuple[Path, str]) -> None:
    path, text = full
    for breakage in ("half", "garbage", "YAML bomb", "SQL brackets", "patterns of SQL", "links out"):
        broken = text
        for start, end in reversed(list(subsections(text))):
            broken = f"{broken[:start]}{BREAKAGES[breakage](broken[start:end])}\n{broken[end:]}"
        demand_readable(read(Source(path, broken)))


@pytest.mark.parametrize("breakage", ["half", "garbage", "controls", "links out", "patterns of Python"])
def test_reports_for_machines(run: Run, full: tuple[Path, str], tmp_path: Path, breakage: str) -> None:
    _, text = full
    start, end = list(subsections(text))[3]
    (tmp_path / "broken.md").write_text(f"{text[:start]}{BREAKAGES[breakage](text[start:end])}\n{text[end:]}")
    plain = run("check", "broken.md")
    report = run("check", "broken.md", "--format", "json")
    assert json.loads(report.out)["summary"]["errors"] == len(re.findall(r'"severity": "error"', report.out))
    log = run("check", "broken.md", "--format", "sarif")
    jsonschema.validate(json.loads(log.out), SARIF)
    assert plain.code == report.code == log.code == (1 if json.loads(report.out)["summary"]["errors"] else 0)
    assert plain.lines <= SCREEN


@pytest.mark.parametrize("link", ["zero.py", "pipe.py", "out/secret.py", "../outside/secret.py", "/etc/passwd"])
def test_an_algorithm_is_not_read_from_outside(full: tuple[Path, str], link: str) -> None:
    path, text = full
    broken = re.sub(r"(?s)(### Stock Value\n).*?(\n## )", rf"\1[stock_value]({link})\n\2", text)
    assert link in broken
    loaded = read(Source(path, broken), referee=False)
    assert loaded.errors
    demand_readable(loaded)


def test_new_documents_mount(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document without a database answers within this process too."""
    (tmp_path / "hello.md").write_text(
        "# Hello\n\n## API Implementation\n\n### Endpoint Definitions\n```\nGET /hello\n  Operation: hello\n"
        "  Response: 200 Hello\n```\n\n### Request/Response Schemas\n```python\nclass Hello:\n    text: str\n```\n\n"
        "## Core Algorithms\n\n### Hello\n```python\ndef hello() -> Hello:\n    return Hello(text='hi')\n```\n"
    )
    assert run("check", "hello.md").code == 0
    mounted = Mounted(tmp_path / "hello.md")
    assert mounted("GET", "/hello").json() == {"text": "hi"}
    mounted.close()
