"""A database comes to the schema of its document: whole when it is empty, by additions later, and never by a loss."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import start

from asbuilt.postgres import direct
from asbuilt.postgres.login import DatabaseUrl
from asbuilt.postgres.schema_apply import Applied, SchemaDiffers, apply_schema
from asbuilt.postgres.server import EmbeddedServer
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.source import Fragment

ITEMS = "CREATE TABLE items (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE, size int CHECK (size > 0));"


@pytest.fixture
def server(document: Path) -> Iterator[EmbeddedServer]:
    with start(document) as running:
        yield running


def apply(server: EmbeddedServer, sql: str, *, embedded: bool = True) -> Applied:
    return asyncio.run(apply_schema(server.owner, [Fragment(sql, (0,) * (sql.count("\n") + 1))], embedded=embedded))


def columns(server: EmbeddedServer, table: str) -> list[str]:
    found = direct.fetch(
        server.service, "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table
    )
    return sorted(str(row[0]) for row in found)


def test_an_empty_database_gets_the_schema_whole(server: EmbeddedServer) -> None:
    assert apply(server, ITEMS).shown == ("table `items`",)
    assert columns(server, "items") == ["id", "name", "size"]


def test_the_same_schema_changes_nothing_and_the_key_of_cursors_stays(server: EmbeddedServer) -> None:
    first = apply(server, ITEMS)
    again = apply(server, ITEMS)
    assert again.shown == ()
    assert again.cursor_key == first.cursor_key
    assert len(again.cursor_key) == 32


def test_what_adds_is_added(server: EmbeddedServer) -> None:
    apply(server, ITEMS)
    direct.execute(server.service, "INSERT INTO items (name) VALUES ('tea')")
    more = """
    CREATE TYPE shade AS ENUM ('light', 'dark');
    CREATE TABLE items (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE, size int CHECK (size > 0),
        shade shade NOT NULL DEFAULT 'light', parent bigint REFERENCES items (id) ON DELETE SET NULL);
    CREATE TABLE notes (item_id bigint REFERENCES items, body text);
    CREATE INDEX items_size_idx ON items (size);
    CREATE FUNCTION doubled(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2';
    """
    shown = apply(server, more).shown
    assert {"table `notes`", "column `items.shade`", "column `items.parent`", "index `items_size_idx`"} <= set(shown)
    assert direct.fetch(server.service, "SELECT name, shade::text, doubled(4) FROM items") == [("tea", "light", 8)]
    assert apply(server, more).shown == ()


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        ("CREATE TABLE items (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE);", "`items.size`"),
        (ITEMS.replace("size int", "size text").replace("size > 0", "size <> ''"), "`items.size`"),
        (ITEMS.replace("name text NOT NULL", "name text"), "`items.name`"),
        (ITEMS.replace("size > 0", "size > 1"), "items_size_check"),
        (ITEMS.replace("size int", "weight int NOT NULL, size int"), "`items.weight`"),
        ("CREATE TABLE items (id bigserial PRIMARY KEY, name text NOT NULL, size int CHECK (size > 0));", "name_key"),
        (ITEMS.replace("CHECK (size > 0)", "CHECK (size > 0) UNIQUE"), "items_size_key"),
    ],
)
def test_what_would_lose_something_is_refused_and_says_what(server: EmbeddedServer, changed: str, lost: str) -> None:
    apply(server, ITEMS)
    direct.execute(server.service, "INSERT INTO items (name, size) VALUES ('tea', 3)")
    with pytest.raises(SchemaDiffers) as refusal:
        apply(server, changed)
    assert lost in refusal.value.message
    assert "--fresh" in refusal.value.hint
    assert direct.fetch(server.service, "SELECT name, size FROM items") == [("tea", 3)]


def test_a_table_that_the_document_has_no_more_is_refused(server: EmbeddedServer) -> None:
    apply(server, ITEMS + "CREATE TABLE notes (body text);")
    with pytest.raises(SchemaDiffers, match="table `notes`"):
        apply(server, ITEMS)


def test_a_refused_statement_leaves_nothing_behind(server: EmbeddedServer) -> None:
    with pytest.raises(DatabaseUnavailable, match="nowhere"):
        apply(server, ITEMS + "CREATE TABLE notes (item bigint REFERENCES nowhere);")
    assert columns(server, "items") == []


def test_the_service_owns_nothing(server: EmbeddedServer) -> None:
    apply(server, ITEMS)
    with pytest.raises(Exception, match="must be owner"):
        direct.execute(server.service, "DROP TABLE items")


def test_a_database_of_the_users_own_is_not_changed_once_it_is_in_use(server: EmbeddedServer) -> None:
    assert apply(server, ITEMS, embedded=False).shown == ("table `items`",)
    direct.execute(server.owner, "CREATE TABLE elsewhere (id int)", "ALTER TABLE items ADD COLUMN note text")
    assert apply(server, ITEMS, embedded=False).shown == ()
    with pytest.raises(SchemaDiffers, match=r"`items\.weight`"):
        apply(server, ITEMS.replace("size int", "weight int, size int"), embedded=False)


def test_a_database_url_that_leads_nowhere_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        asyncio.run(apply_schema(DatabaseUrl("postgresql://127.0.0.1:1/none"), (), embedded=False))


def test_an_extension_that_is_not_there_is_told_with_a_way_on(server: EmbeddedServer) -> None:
    with pytest.raises(DatabaseUnavailable) as refusal:
        apply(server, "CREATE EXTENSION no_such_thing;" + ITEMS)
    assert "no_such_thing" in refusal.value.message
    assert "leave it out" in refusal.value.hint
