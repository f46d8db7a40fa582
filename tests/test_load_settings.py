"""The configuration of a running component: sources in order, faults together, secrets never shown."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from asbuilt.frontend import read
from asbuilt.runtime.settings import ConfigurationFaults, Settings, load_settings
from asbuilt.sections.configuration import Configuration
from asbuilt.source import Source

DOCUMENT = """\
# C Implementation Specification

**Component**: c

## Configuration Implementation

### Environment Variables
```env
# Required
INVENTORY_URL=...
API_KEY=...                  # secret

# Optional
CACHE_SECONDS=15m
BATCH_SIZE=10                # 1..100
MODE=fast                    # fast | slow
FEATURE_QUOTES_ENABLED=true
RATIO=0.5
```

### Configuration Loading
1. the defaults above
2. `config/c.toml`
3. the environment
4. the command line
"""
GIVEN = {"INVENTORY_URL": "http://inventory", "API_KEY": "hush"}


def configuration(text: str = DOCUMENT) -> Configuration:
    return read(Source(Path("c.md"), text), referee=False).component.configuration


def settings(folder: Path, environ: dict[str, str], arguments: dict[str, str] | None = None) -> Settings:
    return load_settings(configuration(), folder, environ, arguments)


def faults(folder: Path, environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigurationFaults) as found:
        settings(folder, environ)
    return found.value.faults


def test_values_have_their_types(tmp_path: Path) -> None:
    found = settings(tmp_path, GIVEN)
    assert found.cache_seconds == timedelta(minutes=15)
    assert found.batch_size == 10
    assert found.feature_quotes_enabled is True
    assert found["RATIO"] == 0.5
    assert found.inventory_url == "http://inventory"


def test_a_later_source_wins(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "c.toml").write_text('batch_size = 20\nmode = "slow"\n[feature]\nquotes_enabled = false\n')
    assert settings(tmp_path, GIVEN).batch_size == 20
    assert settings(tmp_path, GIVEN).feature_quotes_enabled is False
    assert settings(tmp_path, {**GIVEN, "BATCH_SIZE": "30"}).batch_size == 30
    assert settings(tmp_path, {**GIVEN, "BATCH_SIZE": "30"}, {"BATCH_SIZE": "40"}).batch_size == 40
    assert settings(tmp_path, {**GIVEN, "BATCH_SIZE": ""}).batch_size == 20


def test_all_faults_are_told_together_and_no_value(tmp_path: Path) -> None:
    told = faults(tmp_path, {"API_KEY": "hush", "BATCH_SIZE": "500", "MODE": "wild", "COMPONENT_PORT": "http"})
    assert told == (
        "`COMPONENT_PORT` is no integer (from the environment)",
        "`INVENTORY_URL` is required and not set",
        "`BATCH_SIZE` is greater than 100 (from the environment)",
        "`MODE` is none of `fast`, `slow` (from the environment)",
    )


@pytest.mark.parametrize("text", ["batch_size = [", "\x00", "a = 1\na = 2"])
def test_a_broken_file_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "c.toml").write_text(text)
    assert faults(tmp_path, GIVEN) == ("`config/c.toml` is no TOML",)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (os.mkfifo, "it is a pipe or a device, not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a pipe or a device, not a regular file"),
        (lambda path: path.mkdir(), "it is a folder"),
        (lambda path: path.write_bytes(b"#" * 1_000_001), "it holds more than 1 MB"),
        (lambda path: (path.touch(), os.truncate(path, 1 << 33)), "it holds more than 1 MB"),
        (lambda path: path.write_bytes(b"a = '\xff'"), "it is not UTF-8"),
    ],
    ids=["pipe", "device", "folder", "large", "sparse", "latin-1"],
)
def test_a_file_that_is_none_to_read_is_told(tmp_path: Path, make: Callable[[Path], object], told: str) -> None:
    (tmp_path / "config").mkdir()
    make(tmp_path / "config" / "c.toml")
    assert faults(tmp_path, GIVEN) == (f"`config/c.toml` can't be read: {told}",)


def test_a_yaml_bomb_is_told(tmp_path: Path) -> None:
    levels = "".join(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 20))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "c.yaml").write_text(f"a0: &a0 x\n{levels}")
    with pytest.raises(ConfigurationFaults, match=r"c\.yaml` is no YAML without aliases"):
        load_settings(configuration(DOCUMENT.replace("c.toml", "c.yaml")), tmp_path, GIVEN)
    (tmp_path / "config" / "c.yaml").write_text("batch:\n  size: 7\n")
    found = load_settings(configuration(DOCUMENT.replace("c.toml", "c.yaml")), tmp_path, GIVEN)
    assert found.batch_size == 7


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    shown = repr(settings(tmp_path, {**GIVEN, "DATABASE_URL": "postgresql://u:hush@h/d"}))
    assert "hush" not in shown
    assert "INVENTORY_URL='http://inventory'" in shown


def test_what_is_well_known_needs_no_declaration(tmp_path: Path) -> None:
    found = settings(tmp_path, {**GIVEN, "COMPONENT_PORT": "81", "LOG_LEVEL": "DEBUG"})
    assert (found.get("COMPONENT_PORT"), found.get("LOG_LEVEL"), found.get("DATABASE_URL")) == (81, "debug", None)


def test_an_undeclared_variable_is_an_error_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="NOPE"):
        _ = settings(tmp_path, GIVEN).nope


def test_a_missing_database_is_told_with_the_way_to_one_of_our_own(tmp_path: Path) -> None:
    text = DOCUMENT.replace("# Required\n", "# Required\nDATABASE_URL=postgresql://...\n")
    declared = read(Source(tmp_path / "c.md", text)).component.configuration
    with pytest.raises(ConfigurationFaults, match=r"`--database embedded`.* asbuilt brings a database along"):
        load_settings(declared, tmp_path, GIVEN)


def test_what_is_to_be_done_without_is_not_missed(tmp_path: Path) -> None:
    text = DOCUMENT.replace("# Required\n", "# Required\nDATABASE_URL=postgresql://...\n")
    declared = read(Source(tmp_path / "c.md", text)).component.configuration
    given = {**GIVEN, "DATABASE_URL": "postgresql://u@h/d"}
    found = load_settings(declared, tmp_path, given, given, without=frozenset({"DATABASE_URL"}))
    assert found.get("DATABASE_URL") is None


def test_the_command_line_counts_also_where_the_document_does_not_name_it(tmp_path: Path) -> None:
    text = DOCUMENT.replace("4. the command line\n", "")
    assert text != DOCUMENT
    found = load_settings(configuration(text), tmp_path, GIVEN, {"DATABASE_URL": "postgresql://u@h/d"})
    assert found.get("DATABASE_URL") == "postgresql://u@h/d"
