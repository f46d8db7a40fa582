"""What PostgreSQL itself says of a schema and of statements on it, without executing any of them.

The schema is made in a scratch database, as far as `admission` lets it; statements are prepared there and their
parameters and results described. https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
"""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import asyncpg

from asbuilt.postgres.admission import Judgement, judged
from asbuilt.postgres.catalog import Catalog, SqlType
from asbuilt.postgres.ddl import sites
from asbuilt.postgres.draft import Site, qualified
from asbuilt.postgres.login import Login
from asbuilt.postgres.reading import named_in, variant, variants
from asbuilt.postgres.rendering import Rendered
from asbuilt.postgres.scope import Tables, listed
from asbuilt.postgres.scratch import scratch
from asbuilt.postgres.signature import sourced
from asbuilt.postgres.soundness import unsound
from asbuilt.postgres.sqltypes import parsed
from asbuilt.postgres.statement import Fault, Signature, Statement
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.postgres.verdict import LookedUp, Named, Verdict, looked_up
from asbuilt.source import Fragment, Span

PATIENCE = 20.0  # seconds for one document
_QUERIES = {"select", "insert", "update", "delete", "merge"}
_QUOTED = re.compile(r'"([^"\n]{1,200})"')
_CALLED = re.compile(r"(?:function|type|procedure) ([\w.]+)")
# What PostgreSQL answers when something is not there, or not what it was to be.
_UNDEFINED = {"42P01", "42704", "42883", "42703", "3F000", "42P16", "42809", "42804", "42830"}
# What a server's position points at: a string, a quoted name, a word, an operator.
_PLACE = re.compile(r"""E?'(?:[^']|'')*'|"[^"]*"|\$?\w+|[-+*/<>=~!@#%^&|?]+|\S""")


class _Interrupted(Exception):  # noqa: N818  # not an error of the program's
    """The server failed in the middle of a hearing."""


# A server that fails says nothing about the SQL.
_BROKEN = (
    _Interrupted,
    TimeoutError,
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresError,
)
# Classes of SQLSTATE that are about the SQL, not about the server's state.
_ABOUT_SQL = {"0A", "22", "23", "2B", "2F", "3D", "3F", "42", "44", "54"}
_GAP = "\n;\n"


_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


def referee(
    ddl: Sequence[Fragment],
    statements: Sequence[Named],
    catalog: Catalog,
    *,
    known: Sequence[Fault] = (),
) -> Verdict:
    """The verdict of a scratch server if one can be had, else of the catalogue alone.

    Where `known` faults stand, the server is not asked again what is wrong.
    Nothing is executed but what `admission` admits. May be called in a coroutine; it blocks for as long as it takes.
    """
    tables = Tables(catalog)
    if not (ddl or statements):
        return Verdict()
    # The server starts on another thread, where no event loop runs, while this one reads.
    with ThreadPoolExecutor(1) as executor:
        ending = ExitStack()
        starting = executor.submit(ending.enter_context, scratch())
        try:
            found, static = looked_up(statements, tables)
            told = [fault.span for fault in (*known, *static.faults)] + [finding.span for finding in unsound(catalog)]
            hearing = _Hearing(told, list(_judgements(ddl)), found, tables)
            login = starting.result()
            return executor.submit(asyncio.run, hearing.hold(login, static)).result()
        except DatabaseUnavailable as reason:
            why = Fault(f"no PostgreSQL has judged this SQL: {reason.message}", _first(ddl, statements), reason.hint)
            return replace(static, unrefereed=(why,))
        except _BROKEN as error:
            why = Fault(f"no PostgreSQL has judged this SQL: {error}", _first(ddl, statements))
            return replace(static, unrefereed=(why,))
        finally:
            executor.submit(ending.close).result()


def _judgements(ddl: Sequence[Fragment]) -> Iterator[tuple[Site, Judgement]]:
    """Each statement of the schema and what of it may be tried, when only the tables before it are there."""
    made: set[str] = set()
    for fragment in ddl:
        for site in sites(fragment)[0]:
            if site.tree.kind == "CreateStmt":
                made.add(qualified(site.tree.node["relation"]))
            yield site, judged(site, made)


def _first(ddl: Sequence[Fragment], statements: Sequence[Named]) -> Span:
    """Where the SQL begins."""
    return (ddl[0] if ddl else statements[0].statement.sql).part(0, 0).whole


@dataclass(slots=True)
class _Sent:
    """A statement that is sent, and where in the document its text stands."""

    site: Site
    text: str
    makes: set[str]


@dataclass(slots=True)
class _Hearing:
    """One document before one server. `told` are places where something is known to be wrong already."""

    told: list[Span]
    schema: list[tuple[Site, Judgement]]
    looked_up: list[LookedUp]
    tables: Tables
    faults: list[Fault] = field(default_factory=list)
    unrefereed: list[Fault] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    lenient: bool = False
    final: bool = True

    async def hold(self, login: Login, static: Verdict) -> Verdict:
        """The verdict. What the server does not get to say in time stays as the catalogue has it."""
        signatures = dict(static.signatures)
        try:
            async with asyncio.timeout(PATIENCE):
                connection = await asyncpg.connect(**login.arguments(), timeout=5)
                try:
                    await self._make(connection)
                    sound = [(each, signature) for each, signature, found in self.looked_up if _is_sound(each, found)]
                    for each, signature in sound:
                        signatures[each.name.text] = await self._prepare(connection, each.statement, signature)
                    prepared = [each.statement for each, _ in sound if signatures[each.name.text].refereed]
                    await self._try_variants(connection, prepared)
                finally:
                    connection.terminate()
        except _BROKEN as error:
            place = self.schema[0][0].sql if self.schema else self.looked_up[0][0].statement.sql
            reason = f"PostgreSQL has not judged all of this SQL: {str(error) or 'it took too long'}"
            self.unrefereed.append(Fault(reason, place.part(0, 0).whole))
            self.final = False
        faults = (*static.faults, *dict.fromkeys(self.faults))
        return Verdict(faults, tuple(signatures.items()), tuple(self.unrefereed), self.final)

    async def _make(self, connection: _Connection) -> None:
        """Makes the schema: all at once, or, if something in it is refused, one statement after the other."""
        own = await _shadowing(connection, self.schema)
        sent: list[_Sent] = []
        for site, judgement in self.schema:
            names = judgement.makes & own if site.tree.kind == "CreateFunctionStmt" else set()
            if names:
                judgement.text = None
                reason = f"a function of PostgreSQL is called {listed(sorted(names))} too"
                self.unrefereed.append(Fault(f"PostgreSQL has not judged this: {reason}", site.sql.whole))
            self._note(site, judgement)
            if judgement.text is not None:
                sent.append(_Sent(site, judgement.text, judgement.makes))
        if not sent:
            return
        try:
            await connection.execute(_GAP.join(each.text for each in sent))
        except asyncpg.PostgresError:
            for each in sent:
                await self._execute(connection, each)

    def _note(self, site: Site, judgement: Judgement) -> None:
        for exclusion in judgement.exclusions:
            span = site.span(exclusion.start, exclusion.end)
            self.unrefereed.append(Fault(f"PostgreSQL has not judged this: {exclusion.reason}", span))
        if judgement.text is None:
            self.absent |= judgement.makes
            self.lenient = self.lenient or site.tree.kind == "CreateExtensionStmt"

    async def _execute(self, connection: _Connection, sent: _Sent) -> None:
        try:
            await connection.execute(sent.text)
        except asyncpg.PostgresError as error:
            place = sent.site.span(*_place(error, sent.site.sql.text))
            if sent.site.tree.kind == "CreateExtensionStmt":
                self.lenient, self.final = True, False  # it may be installed tomorrow
                self.unrefereed.append(Fault(f"PostgreSQL has not judged this: {_message(error)}", sent.site.sql.whole))
            elif not any(_within(span, sent.site.sql.whole) for span in self.told):
                self._refuse(_fault(error, place), named_in(sent.site.tree))
            self.absent |= sent.makes

    def _refuse(self, fault: Fault, tables: Iterable[str]) -> None:
        """Records what the server says, unless it only misses what it was not shown, or what it refused before."""
        if fault.sqlstate[:2] not in _ABOUT_SQL:
            raise _Interrupted(fault.message)
        names = {*re.findall(r"`([^`\n]+)`", fault.message), *_CALLED.findall(fault.message), *tables}
        missed = self.lenient or not self.absent.isdisjoint(name.rpartition(".")[2] for name in names)
        if not (missed and fault.sqlstate in _UNDEFINED):
            self.faults.append(fault)

    async def _prepare(self, connection: _Connection, statement: Statement, static: Signature) -> Signature:
        """The signature of the statement with everything present."""
        made = variant(statement, None)
        try:
            return _signature(await connection.prepare(made.sql), made, static, self.tables)
        except asyncpg.PostgresError as error:
            self._refuse(_of_statement(error, made, statement, []), statement.tables)
            return static

    async def _try_variants(self, connection: _Connection, statements: Sequence[Statement]) -> None:
        """Prepares the statements without what is conditional: all at once, or one by one if something is refused."""
        tried = [
            (statement, present, variant(statement, present))
            for statement in statements
            for present in list(variants(statement))[1:]
        ]
        if not tried:
            return
        try:
            text = _GAP.join(f"PREPARE variant_{at} AS {made.sql}" for at, (_, _, made) in enumerate(tried))
            await connection.execute(text)
        except asyncpg.PostgresError:
            for statement, present, made in tried:
                await self._try_variant(connection, statement, present, made)

    async def _try_variant(
        self, connection: _Connection, statement: Statement, present: frozenset[str], made: Rendered
    ) -> None:
        try:
            await connection.prepare(made.sql)
        except asyncpg.PostgresError as error:
            absent = sorted({each.name for each in statement.conditions} - present)
            self._refuse(_of_statement(error, made, statement, absent), statement.tables)


def _is_sound(each: Named, found: tuple[Fault, ...]) -> bool:
    return each.statement.verb in _QUERIES and not each.statement.faults and not found


def _signature(
    prepared: "asyncpg.prepared_stmt.PreparedStatement[asyncpg.Record]",
    made: Rendered,
    static: Signature,
    tables: Tables,
) -> Signature:
    types = (_type(type_) for type_ in prepared.get_parameters())
    results = tuple((attribute.name, _type(attribute.type)) for attribute in prepared.get_attributes())
    columns = sourced(static.columns, results, tables)
    return Signature(tuple(zip(made.parameters, types, strict=True)), columns, refereed=True)


def _type(type_: asyncpg.Type) -> SqlType:
    name = type_.name if type_.schema in {"pg_catalog", "public"} else f"{type_.schema}.{type_.name}"
    return parsed(name)


async def _shadowing(connection: _Connection, judged_sites: Sequence[tuple[Site, Judgement]]) -> set[str]:
    """Which functions of the document have the name of one of PostgreSQL's own, which they could stand in for."""
    made = [judgement.makes for site, judgement in judged_sites if site.tree.kind == "CreateFunctionStmt"]
    names = sorted({name for each in made for name in each})
    if not names:
        return set()
    query = "SELECT DISTINCT proname::text FROM pg_catalog.pg_proc WHERE proname = ANY($1::text[])"
    return {row[0] for row in await connection.fetch(query, names)}


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start <= outer.end


def _place(error: asyncpg.PostgresError, text: str) -> tuple[int, int]:
    """Where in the sent text the server points: the word there, or the whole text."""
    position = getattr(error, "position", None)
    if not position:
        return 0, len(text)
    start = min(int(position) - 1, len(text))
    match = _PLACE.match(text, start)
    return start, match.end() if match else start


def _message(error: asyncpg.PostgresError) -> str:
    """The server's message in the style of ours: names in backticks, no stop."""
    text = str(getattr(error, "message", None) or error)
    return _QUOTED.sub(r"`\1`", text).rstrip(".")


def _hint(error: asyncpg.PostgresError) -> str:
    hint = str(getattr(error, "hint", None) or getattr(error, "detail", None) or "")
    shown = _QUOTED.sub(r"`\1`", hint).rstrip(".")
    return shown[:1].lower() + shown[1:]


def _fault(error: asyncpg.PostgresError, span: Span) -> Fault:
    return Fault(_message(error), span, _hint(error), str(getattr(error, "sqlstate", "") or "XX000"))


def _of_statement(error: asyncpg.PostgresError, made: Rendered, statement: Statement, absent: list[str]) -> Fault:
    """A fault with parameters by their names, at the place the author wrote."""
    start, end = _place(error, made.sql)
    span = made.span(start, end)
    message, hint = _message(error), _hint(error)
    numbered = re.search(r"parameter \$(\d+)", message)
    if numbered and 0 < int(numbered[1]) <= len(made.parameters):
        name = made.parameters[int(numbered[1]) - 1]
        message = message.replace(f"${numbered[1]}", f"`:{name}`")
        span = next(each.span for each in statement.placeholders if each.name == name)
        if getattr(error, "sqlstate", "") in {"42P18", "42P08"}:
            hint = f"say its type: `:{name}::text`"
    message = re.sub(r"\$(\d+)", lambda match: _by_name(match, made), message)
    if absent:
        message = f"without {listed(absent)}: {message}"
    return Fault(message, span, hint, str(getattr(error, "sqlstate", "") or "XX000"))


def _by_name(match: re.Match[str], made: Rendered) -> str:
    number = int(match[1])
    return f":{made.parameters[number - 1]}" if 0 < number <= len(made.parameters) else match[0]
