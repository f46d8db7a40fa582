"""What PostgreSQL itself says of a schema and of statements on it, without executing any of them.

The schema is made in a scratch database, as far as `admission` lets it; statements are prepared there and their
parameters and results described. https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
"""

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol

import asyncpg

from asbuilt.language.names import Name
from asbuilt.postgres.admission import Judgement, judged
from asbuilt.postgres.catalog import Catalog, SqlType
from asbuilt.postgres.ddl import sites
from asbuilt.postgres.draft import Site
from asbuilt.postgres.login import Login
from asbuilt.postgres.reading import variant, variants
from asbuilt.postgres.rendering import Rendered
from asbuilt.postgres.scope import Tables, listed
from asbuilt.postgres.scratch import scratch
from asbuilt.postgres.signature import examined, sourced
from asbuilt.postgres.soundness import unsound
from asbuilt.postgres.sqltypes import parsed
from asbuilt.postgres.statement import Fault, Signature, Statement
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.source import Fragment, Span

PATIENCE = 20.0  # seconds for one document
_QUERIES = {"select", "insert", "update", "delete", "merge"}
_QUOTED = re.compile(r'"([^"\n]{1,200})"')
_CALLED = re.compile(r"(?:function|type|procedure) ([\w.]+)")
_UNDEFINED = {"42P01", "42704", "42883", "42703", "3F000", "42P16", "42809"}
_GAP = "\n;\n"


class Named(Protocol):
    """A statement with the name its author gave it."""

    @property
    def name(self) -> Name: ...
    @property
    def statement(self) -> Statement: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands against the SQL, and the signature of each statement by its name.

    `unrefereed` says what no server has judged, and why.
    """

    faults: tuple[Fault, ...] = ()
    signatures: tuple[tuple[str, Signature], ...] = ()
    unrefereed: tuple[Fault, ...] = ()


def referee(ddl: Sequence[Fragment], statements: Sequence[Named], catalog: Catalog, *, serve: bool = True) -> Verdict:
    """The verdict of a scratch server if `serve` says so and one can be had, else of the catalogue alone.

    Nothing is executed but what `admission` admits. May be called in a coroutine; it blocks for as long as it takes.
    """
    tables = Tables(catalog)
    known = [(each, *examined(each.statement, tables)) for each in statements]
    faults = [fault for _, _, found in known for fault in found]
    static = Verdict(tuple(faults), tuple((each.name.text, signature) for each, signature, _ in known))
    if not serve or not (ddl or statements):
        return static
    told = [*(fault.span for fault in faults), *(finding.span for finding in unsound(catalog))]
    hearing = _Hearing(told, frozenset(tables.tables))
    try:
        return _on_own_loop(hearing, ddl, known, static)
    except DatabaseUnavailable as reason:
        place = ddl[0].part(0, 0) if ddl else statements[0].statement.sql.part(0, 0)
        why = Fault(f"no PostgreSQL has judged this SQL: {reason}", place.whole, reason.hint)
        return replace(static, unrefereed=(why,))


_Known = tuple[Named, Signature, tuple[Fault, ...]]


def _on_own_loop(hearing: "_Hearing", ddl: Sequence[Fragment], known: list[_Known], static: Verdict) -> Verdict:
    """Runs the hearing on an event loop of its own, whether or not this thread has one that runs."""
    with ThreadPoolExecutor(1) as executor, scratch() as login:
        return executor.submit(asyncio.run, hearing.hold(login, ddl, known, static)).result()


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
    tables: frozenset[str]
    faults: list[Fault] = field(default_factory=list)
    unrefereed: list[Fault] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    lenient: bool = False

    async def hold(self, login: Login, ddl: Sequence[Fragment], known: list[_Known], static: Verdict) -> Verdict:
        signatures = dict(static.signatures)
        try:
            async with asyncio.timeout(PATIENCE):
                connection = await asyncpg.connect(**login.arguments(), timeout=5)
                try:
                    await self._make(connection, ddl)
                    for each, signature, found in known:
                        if each.statement.verb in _QUERIES and not each.statement.faults and not found:
                            signatures[each.name.text] = await self._prepare(connection, each.statement, signature)
                finally:
                    connection.terminate()
        except (TimeoutError, OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError) as error:
            place = ddl[0].part(0, 0) if ddl else known[0][0].statement.sql.part(0, 0)
            reason = f"PostgreSQL has not judged all of this SQL: {error or 'it took too long'}"
            self.unrefereed.append(Fault(reason, place.whole))
        faults = (*static.faults, *dict.fromkeys(self.faults))
        return Verdict(faults, tuple(signatures.items()), tuple(self.unrefereed))

    async def _make(self, connection: "asyncpg.Connection[asyncpg.Record]", ddl: Sequence[Fragment]) -> None:
        """Makes the schema: all at once, or, if something in it is refused, one statement after the other."""
        judged_sites = [(site, judged(site, self.tables)) for fragment in ddl for site in sites(fragment)[0]]
        own = await _shadowing(connection, judged_sites)
        sent: list[_Sent] = []
        for site, judgement in judged_sites:
            names = judgement.makes & own if site.tree.kind == "CreateFunctionStmt" else set()
            if names:
                judgement.text = None
                reason = f"a function of PostgreSQL is called {listed(sorted(names))} too"
                self.unrefereed.append(Fault(f"not tried: {reason}", site.sql.whole))
            self._note(site, judgement)
            if judgement.text is not None:
                sent.append(_Sent(site, judgement.text, judgement.makes))
        try:
            await connection.execute(_GAP.join(each.text for each in sent))
        except asyncpg.PostgresError:
            for each in sent:
                await self._execute(connection, each)

    def _note(self, site: Site, judgement: Judgement) -> None:
        for exclusion in judgement.exclusions:
            span = site.span(exclusion.start, exclusion.end)
            self.unrefereed.append(Fault(f"not tried: {exclusion.reason}", span))
        if judgement.text is None:
            self.absent |= judgement.makes
            self.lenient = self.lenient or site.tree.kind == "CreateExtensionStmt"

    async def _execute(self, connection: "asyncpg.Connection[asyncpg.Record]", sent: _Sent) -> None:
        try:
            await connection.execute(sent.text)
        except asyncpg.PostgresError as error:
            self.absent |= sent.makes
            place = sent.site.span(*_place(error, sent.site.sql.text))
            if sent.site.tree.kind == "CreateExtensionStmt":
                self.lenient = True
                self.unrefereed.append(Fault(f"not tried: {_message(error)}", sent.site.sql.whole))
            elif not any(_within(span, sent.site.sql.whole) for span in self.told):
                self._refuse(_fault(error, place))

    def _refuse(self, fault: Fault) -> None:
        """Records what the server says, unless it only misses what it was not shown."""
        names = {name.rpartition(".")[2] for name in re.findall(r"`([^`\n]+)`", fault.message)}
        names |= {name.rpartition(".")[2] for name in _CALLED.findall(fault.message)}
        missed = fault.sqlstate in _UNDEFINED and (names & self.absent or self.lenient)
        if missed:
            self.unrefereed.append(replace(fault, message=f"not tried: {fault.message}", hint=""))
        else:
            self.faults.append(fault)

    async def _prepare(
        self, connection: "asyncpg.Connection[asyncpg.Record]", statement: Statement, static: Signature
    ) -> Signature:
        """What the server says of the statement in each of its variants; its signature if all is present."""
        signature = static
        for present in variants(statement):
            made = variant(statement, present)
            try:
                prepared = await connection.prepare(made.sql)
            except asyncpg.PostgresError as error:
                absent = sorted({each.name for each in statement.conditions} - present)
                self._refuse(_of_statement(error, made, statement, absent))
                if not absent:
                    break
                continue
            if made.parameters or signature is static:
                signature = _signature(prepared, made, static) if signature is static else signature
        return signature


def _signature(
    prepared: "asyncpg.prepared_stmt.PreparedStatement[asyncpg.Record]", made: Rendered, static: Signature
) -> Signature:
    types = (_type(type_) for type_ in prepared.get_parameters())
    results = tuple((attribute.name, _type(attribute.type)) for attribute in prepared.get_attributes())
    columns = sourced(static.columns, results)
    return Signature(tuple(zip(made.parameters, types, strict=True)), columns, refereed=True)


def _type(type_: asyncpg.Type) -> SqlType:
    name = type_.name if type_.schema in {"pg_catalog", "public"} else f"{type_.schema}.{type_.name}"
    return parsed(name)


async def _shadowing(
    connection: "asyncpg.Connection[asyncpg.Record]", judged_sites: Sequence[tuple[Site, Judgement]]
) -> set[str]:
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
    match = re.compile(r'"[^"]*"|\$?\w+|\S').match(text, start)
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
