"""What PostgreSQL says becomes a condition by its code, and nothing of its words leaves."""

import asyncpg
import pytest

from asbuilt.postgres.connecting import why_not
from asbuilt.postgres.errors import Condition, condition
from asbuilt.postgres.login import DatabaseUrl


def told(sqlstate: str, **fields: str) -> asyncpg.PostgresError:
    letters = {"constraint": "n", "table": "t", "column": "c", "schema": "s", "message": "M", "detail": "D"}
    raw = {"S": "ERROR", "C": sqlstate, "M": "said", **{letters[name]: value for name, value in fields.items()}}
    error: asyncpg.PostgresError = asyncpg.PostgresError.new(raw)
    return error


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("23505", "unique"),
        ("23503", "foreign key"),
        ("23001", "foreign key"),
        ("23514", "check"),
        ("23502", "not null"),
        ("23P01", "exclusion"),
        ("22001", "length"),
        ("22003", "range"),
        ("22021", "characters"),
        ("22P05", "characters"),
        ("22P02", "value"),
        ("40001", "serialization"),
        ("40P01", "deadlock"),
        ("55P03", "lock"),
        ("57014", "timeout"),
        ("57P01", "unavailable"),
        ("53300", "unavailable"),
        ("08006", "unavailable"),
        ("25006", "read only"),
        ("42501", "denied"),
        ("42P01", "schema"),
        ("P0001", "raised"),
        ("99999", "other"),
    ],
)
def test_codes(sqlstate: str, kind: str) -> None:
    assert condition(told(sqlstate)).kind == kind


def test_names_are_kept_and_values_are_not() -> None:
    found = condition(
        told("23505", constraint="users_email_key", table="users", schema="public", detail="Key (email)=(a@b) exists")
    )
    assert (found.constraint, found.table) == ("users_email_key", "users")
    assert "a@b" not in repr(found)
    assert condition(told("23505", table="users", schema="crm")).table == "crm.users"
    for sqlstate in ("22P02", "22003", "P0001", "23514"):
        assert "a@b" not in repr(condition(told(sqlstate, message="invalid input: a@b")))


def test_what_the_network_says_is_unavailable() -> None:
    for error in (ConnectionRefusedError(), TimeoutError(), asyncpg.InterfaceError("connection is closed"), EOFError()):
        assert condition(error).kind == "unavailable"
    assert condition(KeyError("x")) == Condition("other", message="KeyError")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "can't be reached: Connection refused"),
        (TimeoutError(), "does not answer"),
        (told("28P01", message='password authentication failed for user "u"'), "refuses the connection"),
        (told("3D000", message='database "x" does not exist'), "does not exist"),
        (ValueError("invalid DSN"), "the address is not understood"),
    ],
)
def test_why_there_is_no_database(error: Exception, words: str) -> None:
    said = str(why_not(error, DatabaseUrl("postgresql://u:hush@h/d")))
    assert words in said
    assert "hush" not in said
