"""What was found of a claim, and what shows it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from asbuilt.ledger import Claim
from asbuilt.values import frozen
from asbuilt.verify.exchange import Exchange

Finding: TypeAlias = Literal["verified", "refuted", "unchecked"]
# How the findings of several probes about one claim weigh: what was seen to be wrong stays wrong.
_WEIGHT: dict[Finding, int] = {"refuted": 2, "verified": 1, "unchecked": 0}


@frozen
class Evidence:
    """What was observed: `exchanges` in their order (the last one shows it), `plan` of a statement, `measured` figures.

    `command` is a line for a shell that shows the same where that is no HTTP request (`psql ...`, `PORT= cmd`).
    """

    exchanges: tuple[Exchange, ...] = ()
    plan: str = ""
    measured: str = ""
    command: str = ""

    def __bool__(self) -> bool:
        return bool(self.exchanges or self.plan or self.measured)


NOTHING = Evidence()


@frozen
class Verdict:
    """`why` says in one line what was seen, or why nothing could be. `probe` names who found it.

    A verdict of `verified` without evidence cannot be made: nothing is verified that was not observed.
    """

    claim: Claim
    finding: Finding
    why: str
    evidence: Evidence = NOTHING
    probe: str = ""

    def __post_init__(self) -> None:
        if self.finding != "unchecked" and not self.evidence:
            raise ValueError(f"{self.finding} without evidence: {self.claim.statement}")


@dataclass
class Docket:
    """The verdicts so far, by claim: the weightiest of each, the first of equals."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def enter(self, verdicts: Iterable[Verdict]) -> None:
        for verdict in verdicts:
            known = self.verdicts.get(verdict.claim.id)
            if known is None or _WEIGHT[verdict.finding] > _WEIGHT[known.finding]:
                self.verdicts[verdict.claim.id] = verdict

    def of(self, claim: Claim) -> Verdict | None:
        return self.verdicts.get(claim.id)

    def refuted(self, claim: Claim) -> bool:
        known = self.of(claim)
        return known is not None and known.finding == "refuted"
