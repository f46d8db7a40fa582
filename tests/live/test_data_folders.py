"""Data folders that won't do: each gives a clear error, and loses nothing."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from servers import ROOT, passable_folder, start

from asbuilt.postgres import server
from asbuilt.postgres.datafolder import LONGEST_SOCKET, SOCKET
from asbuilt.postgres.direct import execute, fetch
from asbuilt.postgres.unavailable import (
    DatabaseUnavailable,
    DiskFull,
    FolderRefused,
    OtherVersion,
    ServerFailed,
)

as_root = pytest.mark.skipif(not ROOT, reason="only root can give folders away")


def test_data_of_a_version_that_is_not_at_hand(document: Path) -> None:
    start(document).stop()
    (server.data_folder(document) / "PG_VERSION").write_text("14\n")
    with pytest.raises(OtherVersion, match="written by PostgreSQL 14") as error:
        start(document)
    assert "--fresh" in error.value.hint
    assert "ASBUILT_POSTGRES_BIN" in error.value.hint
    start(document, fresh=True).stop()


def test_a_folder_that_holds_no_data(document: Path) -> None:
    start(document).stop()
    (server.data_folder(document) / "PG_VERSION").unlink()
    with pytest.raises(FolderRefused, match="no data folder of PostgreSQL"):
        start(document)


def test_damaged_data_are_told_with_the_last_words_of_the_server(document: Path) -> None:
    start(document).stop()
    (server.data_folder(document) / "global" / "pg_control").unlink()
    with pytest.raises(ServerFailed, match="pg_control") as error:
        start(document)
    assert "--fresh" in error.value.hint
    start(document, fresh=True).stop()


@as_root
def test_data_of_another_owner(document: Path) -> None:
    start(document).stop()
    os.chown(server.data_folder(document), pwd.getpwnam("daemon").pw_uid, -1)
    with pytest.raises(FolderRefused, match="belongs to `daemon`") as error:
        start(document)
    assert "chown" in error.value.hint


@as_root
def test_a_folder_that_somebody_else_made(document: Path) -> None:
    start(document).stop()
    os.chown(server.data_folder(document).parent, pwd.getpwnam("daemon").pw_uid, -1)
    with pytest.raises(FolderRefused, match="does not belong to `root`"):
        start(document)


@as_root
def test_a_state_folder_that_the_server_cannot_enter(document: Path, state: Path) -> None:
    state.chmod(0o700)
    with pytest.raises(FolderRefused, match="`nobody`, who can't enter"):
        start(document)


def test_a_state_folder_that_cannot_be(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ASBUILT_STATE", str(tmp_path / "file" / "below"))
    with pytest.raises(DatabaseUnavailable, match="file: File exists"):
        start(document)


@as_root
def test_a_full_disk(document: Path, state: Path) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m,mode=711", "tmpfs", state], check=False).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        with pytest.raises(DiskFull, match="nothing that was written is lost"):
            start(document)
        assert subprocess.run(["mount", "-o", "remount,size=200m", state], check=True).returncode == 0
        with start(document) as running:
            execute(running.owner, "CREATE TABLE kept AS SELECT 1 AS n")
        filler = state / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        with pytest.raises(DiskFull):
            start(document)
        filler.unlink()
        with start(document) as running:
            assert fetch(running.service, "SELECT n FROM kept") == [(1,)]
    finally:
        unmount(state)


def unmount(folder: Path) -> None:
    """Whoever looks into a mounted folder at that moment, such as an indexer, keeps it busy: that passes."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if subprocess.run(["umount", folder], check=False, capture_output=True).returncode == 0:
            return
        time.sleep(0.1)
    subprocess.run(["umount", "--lazy", folder], check=True)
    pytest.fail("something still uses the disk of the data folder")


def test_a_long_temporary_folder_does_not_make_the_socket_unreachable(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = passable_folder() / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    try:
        with start(kept) as running:
            assert len(os.fsencode(Path(running.service.host, SOCKET))) <= LONGEST_SOCKET
            assert fetch(running.service, "SELECT 1") == [(1,)]
    finally:
        shutil.rmtree(long.parent)


def test_a_socket_folder_that_somebody_prepared_is_not_used(kept: Path, tmp_path: Path) -> None:
    with start(kept) as running:
        usual = Path(running.service.host)
    usual.symlink_to(tmp_path)
    try:
        with start(kept) as running:
            assert Path(running.service.host) != usual
            assert fetch(running.service, "SELECT 1") == [(1,)]
    finally:
        usual.unlink()
