"""Real systems on real databases: right ones are never refuted by an outage, started for it or not."""

import shlex
from pathlib import Path

import pytest
from foreign.servers import NAMES, Foreign, Name

from asbuilt import ledger
from asbuilt.commands import own
from asbuilt.frontend import load
from asbuilt.verify.examination import Examination, examine
from asbuilt.verify.outages import outages
from asbuilt.verify.target import Target

LEDGER = Path(__file__).parents[2] / "examples" / "ledger.md"


def proved(target: Target) -> Examination:
    component = load(LEDGER).component
    return examine(component, ledger.read(component), target, probes=(outages,))


def standing(found: Examination) -> str:
    """With the reason, where it is unchecked."""
    assert found.standing("refuted") == ()
    entry = next(entry for entry in found.entries if entry.claim.key == ("error", ("TRY_AGAIN",)))
    return f"unchecked: {entry.why}" if entry.claim.standing == "unchecked" else entry.claim.standing


@pytest.mark.parametrize("name", NAMES)
def test_a_right_system_is_not_refuted(name: Name, state: Path) -> None:
    with Foreign(name, "ledger") as served:
        start = f"cd {shlex.quote(str(served.folder))} && exec {shlex.join(served.command)}"
        target = Target(served.url, database=served.database_url, disposable=True)
        assert standing(proved(target)) in (
            "verified",
            "unchecked: it was answered as ever: no connection of it was lost",
        )
        assert standing(proved(Target(served.url, database=served.database_url, disposable=True, start=start))) == (
            "verified"
        )


def test_what_asbuilt_serves(kept_state: Path, state: Path) -> None:
    with own.served(load(LEDGER)) as served:
        target = Target(served.url, own=True, database=served.database, disposable=True, start=served.start)
        assert standing(proved(target)) == "verified"
