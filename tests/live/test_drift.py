"""Schemas that mean the same show no drift; of those with a single fault, it is found, at the claim it breaks."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from ddl_mutants import Claim, mutants, schemas
from ddl_spellings import ALIKE

from asbuilt.postgres.agreement import Agreement, Rivals
from asbuilt.postgres.drift import drift
from asbuilt.postgres.inventory import SPELLING_SETTINGS, Inventory, take
from asbuilt.postgres.scratch import scratch
from asbuilt.postgres.witness_row import likely_apart, witness_rows
from sqltext import fragment

SCHEMAS = schemas()
# How many faults there are of each at least.
FAULTS = {"todo": 100, "ledger": 150, "orders": 150, "shortener": 45, "shop": 160}


class Maker:
    """Makes schemas in one database, each in a transaction that is undone."""

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._loop, self._connection = loop, connection
        self._made: dict[str, Inventory] = {}

    def make(self, ddl: str) -> Inventory:
        if ddl not in self._made:
            self._made[ddl] = self._loop.run_until_complete(self._make(ddl))
        return self._made[ddl]

    async def _make(self, ddl: str) -> Inventory:
        transaction = self._connection.transaction()
        await transaction.start()
        try:
            await self._connection.execute(ddl)
            return await take(self._connection)
        finally:
            await transaction.rollback()


@pytest.fixture(scope="module")
def maker(kept_state: object) -> Iterator[Maker]:
    loop = asyncio.new_event_loop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(kept_state))
        with scratch() as login:
            settings = dict(SPELLING_SETTINGS)
            connection = loop.run_until_complete(asyncpg.connect(**login.arguments(), server_settings=settings))
            yield Maker(loop, connection)
            loop.run_until_complete(connection.close())
    loop.close()


def differing(agreements: Iterator[Agreement]) -> list[Agreement]:
    return [each for each in agreements if not each.agrees]


def test_there_are_many_spellings() -> None:
    assert len(ALIKE) == len(set(ALIKE)) >= 200


@pytest.mark.parametrize(("ours", "live"), ALIKE, ids=range(1, len(ALIKE) + 1))
def test_another_spelling_is_no_drift(maker: Maker, ours: str, live: str) -> None:
    assert differing(drift(maker.make(ours), maker.make(live))) == []
    besides = {"extra", "besides", "UNIQUE (name, id)", "CREATE INDEX ON t (name, id)"}
    if not any(word in live for word in besides):
        assert differing(drift(maker.make(live), maker.make(ours))) == []


def claims(agreements: Iterator[Agreement]) -> set[Claim]:
    return {(each.kind, each.names) for each in differing(agreements)}


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_single_fault_is_found_at_its_claim(maker: Maker, name: str) -> None:
    ours = maker.make(SCHEMAS[name])
    assert claims(drift(ours, ours)) == set()
    made = 0
    rivals: dict[str, Rivals] = {}
    for mutant in mutants(ours):
        try:
            live = maker.make(f"{SCHEMAS[name]};{mutant.sql}")
        except asyncpg.PostgresError:
            continue  # PostgreSQL does not let itself be changed so
        made += 1
        found = differing(drift(ours, live))
        told = {(each.kind, each.names): each.rivals for each in found}
        assert mutant.claim in told, f"{mutant.name}: {mutant.sql}"
        assert set(told) <= mutant.also | {mutant.claim}, f"{mutant.name}: {mutant.sql}"
        pair = told[mutant.claim]
        if pair is not None:
            rivals[mutant.sql] = pair
    rows = witness_rows([fragment(SCHEMAS[name])], list(rivals.values()))
    assert [sql for sql, row in zip(rivals, rows, strict=True) if not row] == []
    print(f"{name}: {made} faults, each found at its claim")
    assert made >= FAULTS[name]


def test_conditions_that_no_row_tells_apart() -> None:
    columns = (("a", "integer"), ("b", "text"))
    alike = [
        Rivals(columns, "a <> 0", "a < 0 OR a > 0"),
        Rivals(columns, "a > 0", "a >= 0", stricter=True),
        Rivals(columns, "length(b) = 3", "b ~ '^.{3}$'"),
        Rivals((("v", "v"),), "v = 'x'", "v <> 'y'"),
    ]
    apart = [Rivals(columns, "a >= 0", "a > 0", stricter=True), Rivals(columns, "a > 0 OR b = 'x'", "a > 0")]
    rows = witness_rows([fragment("CREATE TYPE v AS ENUM ('x', 'y')")], [*alike, *apart])
    assert rows[:4] == ["", "", "", ""]
    assert rows[4].startswith("a = 0, b = ")
    assert "b = x" in rows[5]
    assert not any(map(likely_apart, alike))


def test_there_are_many_faults() -> None:
    assert sum(FAULTS.values()) >= 60
