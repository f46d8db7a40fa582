"""The database that asbuilt brings along: it starts, keeps what it was given, and stays private."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import asyncpg
import pytest
from servers import ROOT, eventually, in_another_process, postmaster_of, start

from asbuilt.postgres import datafolder, server
from asbuilt.postgres.account import server_account
from asbuilt.postgres.direct import execute, fetch
from asbuilt.postgres.login import Login
from asbuilt.postgres.unavailable import (
    AlreadyRunning,
)

as_root = pytest.mark.skipif(not ROOT, reason="only root can give folders away")
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
with_system_postgres = pytest.mark.skipif(not DEBIAN, reason="no PostgreSQL is installed on this machine")

RUNS_UNTIL_KILLED = """
    import sys
    from pathlib import Path
    from asbuilt.postgres.direct import execute
    from asbuilt.postgres.server import start
    with start(Path(sys.argv[1]), say=lambda _: None) as server:
        execute(server.owner, "CREATE TABLE kept (word text)")
        execute(server.service, "INSERT INTO kept VALUES ('committed')")
        print(server.data_folder, flush=True)
        sys.stdin.read()
"""


def test_data_survive_from_one_run_to_the_next(document: Path) -> None:
    told: list[str] = []
    with server.start(document, say=told.append) as first:
        execute(first.owner, "CREATE TABLE kept (word text)")
        execute(first.service, "INSERT INTO kept VALUES ('Ärger')")
    assert told == [f"preparing PostgreSQL {first.version} for the first run..."]
    with server.start(document, say=told.append) as second:
        assert fetch(second.service, "SELECT upper(word) FROM kept") == [("ÄRGER",)]
    assert len(told) == 1
    assert second.data_folder == first.data_folder == server.data_folder(document)


def test_a_later_start_takes_a_moment(kept: Path) -> None:
    start(kept).stop()
    begun = time.monotonic()
    with start(kept):
        assert time.monotonic() - begun < 1


def test_nobody_else_can_look_into_the_folder(kept: Path) -> None:
    with start(kept) as running:
        assert running.data_folder.stat().st_mode & 0o777 == 0o700
        assert Path(running.service.host).stat().st_mode & 0o777 == 0o700
        assert fetch(running.owner, "SHOW listen_addresses") == [("",)]
    assert not Path(running.service.host).exists()


def test_the_server_sees_nothing_of_the_environment(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", "hush")
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    monkeypatch.setenv("PGPASSWORD", "hush")
    with start(kept) as running:
        environment = Path("/proc", str(postmaster_of(running.data_folder)), "environ")
        if environment.exists():
            assert b"hush" not in environment.read_bytes()


def test_a_terminal_cannot_interrupt_it_before_asbuilt(kept: Path) -> None:
    with start(kept) as running:
        assert os.getsid(postmaster_of(running.data_folder)) != os.getsid(0)


def test_stopping_twice_and_after_a_crash_of_the_caller_is_harmless(kept: Path) -> None:
    with pytest.raises(ZeroDivisionError), start(kept) as running:
        raise ZeroDivisionError
    running.stop()
    start(kept).stop()


def test_a_forked_worker_does_not_stop_it(kept: Path) -> None:
    with start(kept) as running:
        worker = os.fork()
        if worker == 0:
            running.stop()
            os._exit(0)
        assert os.waitpid(worker, 0)[1] == 0
        assert fetch(running.service, "SELECT 1") == [(1,)]


def test_fresh_begins_empty_and_keeps_the_old_data(document: Path) -> None:
    with start(document) as old:
        execute(old.owner, "CREATE TABLE kept ()")
    told: list[str] = []
    with server.start(document, fresh=True, say=told.append) as new:
        assert fetch(new.owner, "SELECT to_regclass('kept')::text") == [(None,)]
        assert new.kept is not None
        assert str(new.kept) in told[0]
    new.data_folder.rename(new.data_folder.with_name("other"))
    new.kept.rename(new.data_folder)
    with start(document) as restored:
        assert fetch(restored.owner, "SELECT to_regclass('kept')::text") == [("kept",)]


@with_system_postgres
def test_it_runs_on_the_postgres_of_the_machine(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASBUILT_POSTGRES_BIN", str(DEBIAN[-1]))
    with start(document) as running:
        assert running.version.split(".")[0] == DEBIAN[-1].parent.name
        execute(running.owner, "CREATE TABLE kept (word text DEFAULT 'ä')")
        execute(running.service, "INSERT INTO kept DEFAULT VALUES")
    monkeypatch.delenv("ASBUILT_POSTGRES_BIN")
    with start(document) as again:  # written by another version than the first at hand
        assert again.version == running.version
        assert fetch(again.service, "SELECT upper(word) FROM kept") == [("Ä",)]


def test_each_document_has_a_folder_of_its_own(tmp_path: Path) -> None:
    named = server.data_folder(tmp_path / "My orders!.md")
    assert named.parent.name.startswith("my-orders-")
    assert named != server.data_folder(tmp_path / "my-orders.md")
    assert named == server.data_folder(tmp_path / "x" / ".." / "My orders!.md")


def test_state_is_kept_where_the_xdg_directories_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ASBUILT_STATE", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_STATE_HOME", "relative/is/ignored")
    assert datafolder.state_folder() == Path("/home/ada/.local/state/asbuilt")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert datafolder.state_folder() == tmp_path / "asbuilt"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert datafolder.state_folder() == Path("/var/lib/asbuilt")


def test_roles(document: Path) -> None:
    with start(document) as running:
        execute(
            running.owner,
            "CREATE TABLE items (id bigserial PRIMARY KEY, word text)",
            "CREATE SCHEMA asbuilt",
            "CREATE TABLE asbuilt.claims (id bigint GENERATED ALWAYS AS IDENTITY, word text)",
            "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'",
            "CREATE TYPE mood AS ENUM ('glad')",
            "CREATE EXTENSION citext",
        )
        execute(
            running.service,
            "INSERT INTO items (word) VALUES ('a'), ('b')",
            "UPDATE items SET word = 'c' WHERE word = 'a'",
            "DELETE FROM items WHERE word = 'b'",
            "INSERT INTO asbuilt.claims (word) VALUES ('a')",
            "SELECT twice(1), 'glad'::mood, 'x'::citext, nextval('items_id_seq')",
        )
        for forbidden in (
            "CREATE TABLE mine ()",
            "CREATE TEMPORARY TABLE mine ()",
            "CREATE SCHEMA mine",
            "ALTER TABLE items ADD COLUMN more int",
            "DROP TABLE items",
            "TRUNCATE items",
            "SET ROLE asbuilt_owner",
            "COPY items TO PROGRAM 'true'",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                execute(running.service, forbidden)
        privileged = "SELECT rolname FROM pg_roles WHERE rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication"
        assert {name for (name,) in fetch(running.owner, privileged)} == {"asbuilt"}
        for login in (running.owner, running.service):
            for elsewhere in ("postgres", "template1"):
                other = Login(login.host, login.port, login.user, elsewhere)
                with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                    fetch(other, "SELECT 1")


def test_the_server_ends_when_asbuilt_is_killed_and_loses_nothing(document: Path) -> None:
    child = in_another_process(RUNS_UNTIL_KILLED, document)
    assert child.stdout is not None
    data = Path(child.stdout.readline().strip())
    process = postmaster_of(data)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    with start(document) as running:  # waits for the leftover server to end
        assert postmaster_of(running.data_folder) != process
        assert fetch(running.service, "SELECT word FROM kept") == [("committed",)]


def test_a_killed_server_is_started_again(kept: Path) -> None:
    told: list[str] = []
    with server.start(kept, say=told.append) as running:
        execute(running.owner, "CREATE TABLE kept (word text)")
        execute(running.service, "INSERT INTO kept VALUES ('committed')")
        os.kill(postmaster_of(running.data_folder), signal.SIGKILL)
        eventually(lambda: "PostgreSQL is up again" in told)
        assert "ended unexpectedly (SIGKILL)" in told[-2]
        assert fetch(running.service, "SELECT word FROM kept") == [("committed",)]


def test_stopping_while_it_is_started_again(kept: Path) -> None:
    running = start(kept)
    (running.data_folder / "global").rename(running.data_folder / "hidden")
    os.kill(postmaster_of(running.data_folder), signal.SIGKILL)
    time.sleep(0.3)
    running.stop()
    (running.data_folder / "hidden").rename(running.data_folder / "global")
    start(kept).stop()


def test_a_stale_lock_file_whose_number_is_another_process_now(kept: Path) -> None:
    start(kept).stop()
    data = server.data_folder(kept)
    account = server_account(data)
    bystander = subprocess.Popen(
        ["sleep", "60"], user=account.uid if ROOT else None, group=account.gid if ROOT else None, cwd="/"
    )
    try:
        stale = data / "postmaster.pid"
        stale.write_text(f"{bystander.pid}\n{data}\n1\n5432\n/tmp\n\n0 0\nready\n")
        os.chown(stale, account.uid, account.gid)
        with start(kept) as running:
            assert fetch(running.service, "SELECT 1") == [(1,)]
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_an_unfinished_first_run_is_begun_again(document: Path) -> None:
    place = datafolder.place_of(document)
    place.unfinished.mkdir(parents=True)
    (place.unfinished / "PG_VERSION").write_text("18\n")
    for folder in (place.folder, place.folder.parent):
        folder.chmod(0o711)
    with start(document) as running:
        assert fetch(running.service, "SELECT 1") == [(1,)]
    assert not place.unfinished.exists()


def test_a_second_run_of_one_document_is_told_who_has_it(document: Path) -> None:
    child = in_another_process(RUNS_UNTIL_KILLED, document)
    assert child.stdout is not None
    child.stdout.readline()
    with pytest.raises(AlreadyRunning, match=f"`My orders!.md` is in use by process {child.pid}"):
        start(document)
    child.communicate()
    assert child.returncode == 0
    with start(document), pytest.raises(AlreadyRunning), start(document, fresh=True):
        pass


def test_two_documents_at_once(tmp_path: Path) -> None:
    with start(tmp_path / "a.md") as a, start(tmp_path / "b.md") as b:
        execute(a.owner, "CREATE TABLE only_here ()")
        assert fetch(b.owner, "SELECT to_regclass('only_here')::text") == [(None,)]


AN_ORDINARY_USER = """
    import os, pwd, sys, tempfile
    from pathlib import Path
    import asyncio.selector_events, asyncio.unix_events, encodings.idna
    from asbuilt.postgres import scratch, server
    from asbuilt.postgres.direct import execute, fetch
    from asbuilt.postgres.unavailable import FolderRefused

    user = pwd.getpwnam("daemon")
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    document = Path(sys.argv[1])
    for word in ("first", "later"):
        with server.start(document, say=lambda _: None) as running:
            execute(running.owner, "CREATE TABLE IF NOT EXISTS kept (word text)")
            execute(running.service, f"INSERT INTO kept VALUES ('{word}')")
            print(*(row[0] for row in fetch(running.service, "SELECT word FROM kept")), running.data_folder.owner())
    with scratch.scratch() as login:
        print(*fetch(login, "SELECT current_user::text")[0])
    os.environ["ASBUILT_STATE"] = sys.argv[2]
    try:
        server.start(document, say=lambda _: None)
    except FolderRefused as error:
        print(error.message)
"""


@as_root
def test_as_an_ordinary_user(document: Path, state: Path) -> None:
    theirs, not_theirs = state / "theirs", state / "not-theirs"
    theirs.mkdir()
    not_theirs.mkdir()
    shutil.chown(theirs, "daemon")
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(AN_ORDINARY_USER), document, not_theirs],
        env={**os.environ, "ASBUILT_STATE": str(theirs)},
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    assert child.stdout.splitlines() == [
        "first daemon",
        "first later daemon",
        "scratch",
        f"`daemon` can't read and write {not_theirs}/databases: Permission denied",
    ]
