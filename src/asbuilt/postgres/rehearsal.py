"""The document's own schema, made in a scratch database, so that it can be compared with a live one like with like."""

import asyncio
from collections.abc import Sequence

import asyncpg

from asbuilt.postgres.admission import judged
from asbuilt.postgres.connecting import why_not
from asbuilt.postgres.ddl import sites
from asbuilt.postgres.draft import qualified
from asbuilt.postgres.inventory import SPELLING_SETTINGS, Connection, Inventory, take
from asbuilt.postgres.login import Login
from asbuilt.postgres.scratch import scratch
from asbuilt.postgres.waiting import to_end
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

PATIENCE = 20.0  # seconds for one document


@frozen
class Unmade:
    """A place of the schema that was not made in the scratch database, or not whole, and why."""

    span: Span
    why: str


@frozen
class Rehearsal:
    """What the document's schema makes of an empty database, as far as it could be made."""

    inventory: Inventory
    unmade: tuple[Unmade, ...] = ()

    def why_not(self, span: Span) -> str:
        """Why what stands at `span` may be missing; empty where nothing there was left out."""
        over = (each for each in self.unmade if each.span.start < span.end and span.start < each.span.end)
        return next((each.why for each in over), "")


def rehearse(ddl: Sequence[Fragment]) -> Rehearsal:
    """Makes the schema, as far as `admission` lets it, and takes the inventory; the database is gone afterwards.

    Not to be called while an event loop runs in the thread. Raises `DatabaseUnavailable`.
    """
    with scratch() as login:
        try:
            return to_end(_within(login, ddl))
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise why_not(error, login) from None


async def _within(login: Login, ddl: Sequence[Fragment]) -> Rehearsal:
    connection = await asyncpg.connect(**login.arguments(), server_settings=dict(SPELLING_SETTINGS), timeout=5)
    try:
        async with asyncio.timeout(PATIENCE):
            return await rehearsed(connection, ddl)
    finally:
        connection.terminate()


async def rehearsed(connection: Connection, ddl: Sequence[Fragment]) -> Rehearsal:
    """The rehearsal of a schema on a connection to a database that is empty and of no value."""
    unmade: list[Unmade] = []
    made: set[str] = set()
    for site in (site for fragment in ddl for site in sites(fragment)[0]):
        if site.tree.kind == "CreateStmt":
            made.add(qualified(site.tree.node["relation"]))
        judgement = judged(site, made)
        unmade += [Unmade(site.span(each.start, each.end), each.reason) for each in judgement.exclusions]
        if judgement.text is None:
            continue
        try:
            await connection.execute(judgement.text)
        except asyncpg.PostgresError as refusal:
            unmade.append(Unmade(site.sql.whole, f"PostgreSQL refuses it: {refusal.args[0]}"))
    return Rehearsal(await take(connection), tuple(unmade))
