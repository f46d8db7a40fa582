"""One run of `verify`: what is read, what it is held against, and what was found so far."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from asbuilt.component import Component
from asbuilt.ledger import Claim, Kind, Ledger
from asbuilt.verify.client import Client
from asbuilt.verify.target import Target
from asbuilt.verify.verdict import NOTHING, Docket, Evidence, Finding, Verdict
from asbuilt.verify.world import World


@dataclass
class Trial:
    """State over time: the docket grows. `deadline` is on the clock of `time.monotonic`, None for no budget.

    `tell` is called with a line about what is being done, for whoever watches.
    """

    component: Component
    ledger: Ledger
    target: Target
    client: Client
    world: World
    seed: int = 0
    deadline: float | None = None
    docket: Docket = field(default_factory=Docket)
    tell: Callable[[str], None] = lambda _: None

    def random(self, *names: str) -> random.Random:
        """Chance of its own for each purpose, the same for the same seed."""
        return random.Random("\0".join((str(self.seed), *names)))  # noqa: S311 - repeatable on purpose

    @property
    def over(self) -> bool:
        """Whether the budget is spent."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def verdict(self, finding: Finding, why: str, evidence: Evidence, kind: Kind, *names: str) -> Verdict:
        """A verdict on a claim that the ledger holds. Raises KeyError where it holds none of that name."""
        return Verdict(self.claim(kind, *names), finding, why, evidence)

    def unchecked(self, why: str, kind: Kind, *names: str) -> Verdict:
        return self.verdict("unchecked", why, NOTHING, kind, *names)

    def claim(self, kind: Kind, *names: str) -> Claim:
        found = self.ledger.find(kind, *names)
        if found is None:
            raise KeyError((kind, names))
        return found
