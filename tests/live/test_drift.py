"""Schemas that mean the same show no drift; of those with a single fault, it is found, at the claim it breaks."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from ddl_mutants import Claim, mutants, schemas
from ddl_spellings import ALIKE

from asbuilt.postgres.agreement import Agreement
from asbuilt.postgres.drift import drift
from asbuilt.postgres.inventory import SPELLING_SETTINGS, Inventory, take
from asbuilt.postgres.scratch import scratch

SCHEMAS = schemas()
# How many faults there are of each at least.
FAULTS = {"todo": 110, "ledger": 150, "orders": 160, "shortener": 50, "shop": 160}


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
    for mutant in mutants(ours):
        try:
            live = maker.make(f"{SCHEMAS[name]};{mutant.sql}")
        except asyncpg.PostgresError:
            continue  # PostgreSQL does not let itself be changed so
        made += 1
        found = claims(drift(ours, live))
        assert mutant.claim in found, f"{mutant.name}: {mutant.sql}"
        assert found <= mutant.also | {mutant.claim}, f"{mutant.name}: {mutant.sql}"
    print(f"{name}: {made} faults, each found at its claim")
    assert made >= FAULTS[name]


def test_there_are_many_faults() -> None:
    assert sum(FAULTS.values()) >= 60
