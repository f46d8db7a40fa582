"""The scratch database of the referee: quick, empty, and able to harm nothing."""

import os
import signal
import time
from pathlib import Path

import asyncpg
import pytest
from servers import eventually, postmaster_of

from asbuilt.postgres import datafolder, scratch
from asbuilt.postgres.direct import execute, fetch
from asbuilt.postgres.login import Login

pytestmark = pytest.mark.usefixtures("kept")


def test_a_scratch_database_is_empty_and_gone_afterwards() -> None:
    leftovers = (
        "CREATE SCHEMA extra",
        "CREATE TABLE extra.leftover (id int)",
        "CREATE TABLE leftover (id int)",
        "CREATE EXTENSION citext",
        "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'",
        "ALTER ROLE scratch SET search_path = nowhere",
        "SELECT 1 / 0",
    )
    with pytest.raises(asyncpg.DivisionByZeroError), scratch.scratch() as login:
        execute(login, *leftovers)
    assert not Path(login.host).exists()
    with scratch.scratch() as login:
        assert fetch(login, "SELECT to_regclass('leftover')::text, to_regnamespace('extra')::text") == [(None, None)]
        assert fetch(login, "SHOW search_path") == [('"$user", public',)]


def test_what_the_scratch_login_cannot_do() -> None:
    with scratch.scratch() as login:
        for forbidden in (
            "CREATE ROLE other",
            "CREATE DATABASE other",
            "ALTER ROLE scratch SUPERUSER",
            "SET ROLE asbuilt",
            "SET SESSION AUTHORIZATION asbuilt",
            "COPY (SELECT 1) TO PROGRAM 'true'",
            "COPY (SELECT 1) TO '/dev/null'",
            "SELECT pg_read_file('/etc/hostname')",
            "SELECT pg_ls_dir('/')",
            "SELECT lo_import('/etc/hostname')",
            "ALTER SYSTEM SET archive_command = 'true'",
            "SET temp_file_limit = -1",
            "SET session_preload_libraries = 'x'",
            "LOAD '/tmp/x.so'",
            "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/tmp/x.so', 'f'",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
            "DO 'BEGIN END'",
            "CREATE EXTENSION dblink",
            "CREATE EXTENSION file_fdw",
            "SELECT * FROM pg_authid",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                execute(login, forbidden)
        assert fetch(login, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]
        for database, user in (("postgres", "scratch"), ("template1", "scratch"), ("scratch", "nobody")):
            other = Login(login.host, login.port, user, database)
            with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                fetch(other, "SELECT 1")


def test_what_the_scratch_login_uses_up_is_limited() -> None:
    with scratch.scratch() as login:
        assert fetch(login, "SHOW statement_timeout") == [("5s",)]
        with pytest.raises(asyncpg.PostgresError, match="File too large"):
            execute(login, "CREATE TABLE big AS SELECT n FROM generate_series(1, 2500000) n")
        assert fetch(login, "SELECT 1") == [(1,)]


def test_several_scratch_databases_at_once() -> None:
    with scratch.scratch() as one, scratch.scratch() as two:
        execute(one, "CREATE TABLE only_here ()")
        assert one.host != two.host
        assert fetch(two, "SELECT to_regclass('only_here')::text") == [(None,)]


def test_a_scratch_database_comes_and_goes_in_a_moment() -> None:
    with scratch.scratch():
        pass
    begun = time.monotonic()
    with scratch.scratch():
        pass
    assert time.monotonic() - begun < 2  # 0.1 s on an idle machine


def test_a_broken_scratch_cluster_is_made_anew(kept_state: Path) -> None:
    with scratch.scratch() as login:
        process = postmaster_of(kept_state / "scratch" / "scratch0" / "data")
        os.kill(process, signal.SIGKILL)
        eventually(lambda: not datafolder.is_alive(str(process)) or _is_zombie(process))
        with pytest.raises((OSError, asyncpg.PostgresError)):
            fetch(login, "SELECT 1")
    (kept_state / "scratch" / "scratch0" / "data" / "global" / "pg_control").unlink()
    with scratch.scratch() as login:
        assert fetch(login, "SELECT 1") == [(1,)]


def _is_zombie(process: int) -> bool:
    return " Z " in Path("/proc", str(process), "stat").read_text()
