"""Faults of the database's schema, and whether its catalogue or a statement of the document shows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from asbuilt.component import Component
from asbuilt.ledger import Ledger
from asbuilt.postgres.damage import Damage, damaged, damages, inventory
from asbuilt.postgres.inventory import Connection, Inventory, take
from asbuilt.postgres.planning import Planned, planned
from asbuilt.postgres.rehearsal import Rehearsal, rehearse
from asbuilt.verify.catalogue import compared
from asbuilt.verify.client import Client
from asbuilt.verify.relations import Relations
from asbuilt.verify.statements import judged, preparable
from asbuilt.verify.strength.mutants import TABLES, Mutant
from asbuilt.verify.target import Target
from asbuilt.verify.trial import Trial
from asbuilt.verify.world import World


@dataclass
class Schema:
    """The schema of the target's database, which is changed and brought back for each fault."""

    component: Component
    ledger: Ledger
    target: Target

    @property
    def _url(self) -> str:
        return self.target.database or ""

    @cached_property
    def _rehearsal(self) -> Rehearsal:
        return rehearse(self.component.data.ddl)

    def mutants(self) -> Iterator[Mutant]:
        """What PostgreSQL refuses to do is no fault that a database could have."""
        for damage in damages(inventory(self._url)):
            if damaged(self._url, damage, _nothing) is not None:
                yield Mutant(TABLES, damage.kind, damage.place, "the statement that makes it", sql=damage.sql)

    def refuted(self, mutant: Mutant) -> str:
        """The claim that is refuted where there is the fault; empty where none is."""
        tried = preparable(self.component)

        async def seen(connection: Connection) -> tuple[Inventory, list[Planned]]:
            return await take(connection), await planned(connection, tried)

        found = damaged(self._url, Damage(mutant.kind, mutant.place, mutant.sql), seen)
        if found is None:
            return ""
        live, plans = found
        client = Client(self.target.base_url)
        trial = Trial(
            self.component, self.ledger, self.target, client, World(self.component, client, Relations(self.component))
        )
        verdicts = (*compared(trial, self._rehearsal, live), *judged(trial, tried, plans))
        return next((each.claim.statement for each in verdicts if each.finding == "refuted"), "")


async def _nothing(_: Connection) -> bool:
    return True
