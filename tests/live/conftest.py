"""State folders for tests that run real servers."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import passable_folder


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder of the test's own, also when root runs it."""
    folder = passable_folder()
    monkeypatch.setenv("ASBUILT_STATE", str(folder))
    monkeypatch.delenv("ASBUILT_POSTGRES_BIN", raising=False)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kept_state() -> Iterator[Path]:
    """A state folder for all tests that leave a cluster as good as they found it: to make one takes half a second."""
    folder = passable_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def kept(kept_state: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A document whose cluster has been made, but for the first test that asks for it."""
    monkeypatch.setenv("ASBUILT_STATE", str(kept_state))
    return kept_state / "kept.md"


@pytest.fixture
def document(tmp_path: Path, state: Path) -> Path:
    """A document that never ran."""
    return tmp_path / "My orders!.md"
