"""A right implementation is never reported wrong: six servers written by hand, proved with all that can be given."""

import pytest
from foreign.proving import proved
from foreign.servers import ALL, Example, Name

# The document names the command line as a source and not how it is written.
BEYOND_PROOF = {("loading step", ("3",))}


@pytest.mark.parametrize(("name", "example"), ALL, ids=["-".join(each) for each in ALL])
def test_no_claim_is_refuted(name: Name, example: Example) -> None:
    found = proved(name, example)
    assert found.troubles == ()
    assert [(entry.claim.statement, entry.why) for entry in found.standing("refuted")] == []
    assert {entry.claim.key for entry in found.standing("unchecked")} <= BEYOND_PROOF
