"""What the findings of `check` do to claims: a contradicted line is not checked, a refused document not enacted."""

from array import array
from collections.abc import Iterable
from dataclasses import replace

from asbuilt.diagnostics import Diagnostic
from asbuilt.ledger.claim import Claim, Standing
from asbuilt.ledger.ledger import Ledger

# What a finding takes from a claim that holds it: a warning says nothing against what is enacted all the same.
_DOUBTED: dict[str, frozenset[Standing]] = {
    "error": frozenset({"enacted", "checked"}),
    "warning": frozenset({"checked"}),
    "note": frozenset(),
}


def doubted(ledger: Ledger, found: Iterable[Diagnostic], refused: str = "") -> Ledger:
    """The ledger with the claims that the findings point at unchecked, each with the finding as the reason.

    `refused` says why `run` does not serve the document, if it does not: then nothing of it is enacted.
    """
    claims = list(ledger.claims)
    holders = _holders(ledger.claims)
    for one in found:
        number = holders[one.span.start] if one.span.start < len(holders) else -1
        if number >= 0 and claims[number].standing in _DOUBTED[one.severity]:
            claims[number] = replace(claims[number], standing="unchecked", why=f"{one.code}: {one.message}")
    return Ledger(tuple(_refused(claim, refused) for claim in claims))


def _refused(claim: Claim, why: str) -> Claim:
    return replace(claim, standing="unchecked", why=why) if why and claim.standing == "enacted" else claim


def _holders(claims: tuple[Claim, ...]) -> "array[int]":
    """At each offset the number of the innermost claim there, -1 where none is."""
    spans = [(span, number) for number, claim in enumerate(claims) for span in claim.spans]
    holders = array("l", [-1]) * max((span.end for span, _ in spans), default=0)
    for span, number in sorted(spans, key=lambda one: one[0].start - one[0].end):
        holders[span.start : span.end] = array("l", [number]) * (span.end - span.start)
    return holders
