"""Proves the servers written by hand: `make proof` prints what `verify` says of each of the six."""

import shlex
import sys
from collections import Counter

from asbuilt import ledger
from asbuilt.commands import own
from asbuilt.frontend import load
from asbuilt.verify.examination import Examination, examine
from asbuilt.verify.target import Target
from foreign.servers import ALL, ROOT, Example, Foreign, Name


def proved(name: Name, example: Example) -> Examination:
    """With all that a user can give: its database, the command that starts it, asbuilt's own serving beside it."""
    loaded = load(ROOT / "examples" / f"{example}.md")
    with own.served(loaded) as reference, Foreign(name, example) as served:
        target = Target(
            served.url,
            database=served.database_url,
            disposable=True,
            start=f"cd {shlex.quote(str(served.folder))} && exec {shlex.join(served.command)}",
            reference=reference.url,
        )
        return examine(loaded.component, ledger.read(loaded.component), target)


def main() -> int:
    refuted = 0
    for name, example in ALL:
        found = proved(name, example)
        counts = Counter(entry.claim.standing for entry in found.entries)
        told = ", ".join(f"{counts[standing]} {standing}" for standing in ("verified", "refuted", "unchecked"))
        print(f"{name:20} {example:7} {told}; {found.requests:,} requests in {found.seconds:.1f} s", flush=True)
        for entry in found.standing("refuted", "unchecked"):
            print(f"    {entry.claim.standing}: {entry.claim.statement}: {entry.why}")
        refuted += counts["refuted"]
    return 1 if refuted else 0


if __name__ == "__main__":
    sys.exit(main())
