"""Counts how many of the planted faults `verify` finds, and at which claims: `make mutants` prints and keeps the table.

Each mutant is proved as a user would prove a server of theirs: by its URL, a database that may be written to, the
command that starts it, and asbuilt's own serving of the document to compare with. It is refuted when any claim is, and
at the right claim when one of them is of the section that the fault breaks.
"""

import argparse
import shlex
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from asbuilt import ledger
from asbuilt.commands import own
from asbuilt.component import Component
from asbuilt.frontend import load
from asbuilt.ledger import Ledger, title_of
from asbuilt.verify.examination import Examination, examine
from asbuilt.verify.target import Target
from foreign import mutants
from foreign.mutants import Mutant
from foreign.servers import EXAMPLES, ROOT, Foreign, NotReadyError

TABLE = ROOT / "docs" / "mutants.md"


@dataclass(frozen=True, slots=True)
class Catch:
    """What became of one mutant. `claims` are the refuted ones: section and statement, the first of each section."""

    mutant: Mutant
    claims: tuple[tuple[str, str], ...]
    started: bool
    seconds: float

    @property
    def caught(self) -> bool:
        """A server that does not start, or dies when it is asked, is none that keeps the document."""
        return bool(self.claims) or not self.started

    @property
    def rightly(self) -> bool:
        return not self.started or any(section in _alike(self.mutant.section) for section, _ in self.claims)


# What an operation does is said by its endpoint, its algorithm and its patterns: a fault may show at any of them.
DEEDS = frozenset({"Endpoint Definitions", "Core Algorithms", "Data Access Patterns"})


def _alike(section: str) -> frozenset[str]:
    return DEEDS if section in DEEDS else frozenset({section})


@dataclass(frozen=True, slots=True)
class Ground:
    """An example, read once, and where asbuilt serves it."""

    component: Component
    ledger: Ledger
    reference: str


def hunt(planted: Sequence[Mutant]) -> Iterator[Catch]:
    """One mutant after the other, each on a server and a database of its own."""
    with ExitStack() as ending:
        grounds = {}
        for example in EXAMPLES:
            loaded = load(ROOT / "examples" / f"{example}.md")
            served = ending.enter_context(own.served(loaded))
            grounds[example] = Ground(loaded.component, ledger.read(loaded.component), served.url)
        for mutant in planted:
            with tempfile.TemporaryDirectory(prefix="asbuilt-mutant-") as name:
                folder = Path(name)
                folder.chmod(0o755)
                yield _caught(mutant, folder, grounds[mutant.example])


def _caught(mutant: Mutant, folder: Path, ground: Ground) -> Catch:
    began = time.monotonic()
    try:
        with Foreign(mutant.server, mutant.example, mutant.write(folder)) as served:
            target = Target(
                served.url,
                database=served.database_url,
                disposable=True,
                start=f"cd {shlex.quote(str(served.folder))} && exec {shlex.join(served.command)}",
                reference=ground.reference,
            )
            found = examine(ground.component, ground.ledger, target)
            survived = not found.troubles
            return Catch(mutant, _refuted(found), started=survived, seconds=time.monotonic() - began)
    except NotReadyError:
        return Catch(mutant, (), started=False, seconds=time.monotonic() - began)


def _refuted(found: Examination) -> tuple[tuple[str, str], ...]:
    claims = [entry.claim for entry in found.standing("refuted")]
    return tuple({title_of(claim.section): claim.statement for claim in reversed(claims)}.items())


def table(catches: Sequence[Catch]) -> str:
    """The table by kind, and each mutant that was missed or found at another section's claim."""
    kinds: dict[str, list[Catch]] = {}
    for catch in catches:
        kinds.setdefault(catch.mutant.kind, []).append(catch)
    lines = [
        "| Fault | Planted | Refuted | At its section |",
        "|-------|--------:|--------:|---------------:|",
        *(_row(kind, kinds[kind]) for kind in sorted(kinds)),
        _row("**all**", catches),
    ]
    missed = [f"- `{catch.mutant.id}` ({catch.mutant.section})" for catch in catches if not catch.caught]
    astray = [
        f"- `{catch.mutant.id}` ({catch.mutant.section}): {', '.join(section for section, _ in catch.claims)}"
        for catch in catches
        if catch.caught and not catch.rightly
    ]
    lines += ["", "Missed:", "", *(missed or ["none"]), "", "Refuted, but at another section's claim:", ""]
    return "\n".join([*lines, *(astray or ["none"])]) + "\n"


def _row(kind: str, catches: Iterable[Catch]) -> str:
    found = list(catches)
    caught, rightly = sum(each.caught for each in found), sum(each.caught and each.rightly for each in found)
    return f"| {kind} | {len(found)} | {caught} | {rightly} |"


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=2, help="mutants of a kind in each server (default: 2)")
    parser.add_argument("--most", type=int, default=1_000, help="of all these, so many, evenly spaced")
    parser.add_argument("--only", default="", help="those whose id holds this")
    parser.add_argument("--keep", action="store_true", help=f"write the table to {TABLE.relative_to(ROOT)}")
    given = parser.parse_args(words)
    planted = [m for m in mutants.spread(mutants.all(), given.each) if given.only in m.id]
    count = min(given.most, len(planted))
    planted = [planted[number * len(planted) // count] for number in range(count)]
    catches = []
    for number, catch in enumerate(hunt(planted), start=1):
        catches.append(catch)
        told = "refuted" if catch.rightly and catch.caught else "elsewhere" if catch.caught else "MISSED"
        print(
            f"{number:4} of {len(planted)}  {told:9} {catch.seconds:5.1f} s  {catch.mutant.id}",
            file=sys.stderr,
            flush=True,
        )
    made = table(catches)
    print(made)
    if given.keep:
        text = TABLE.read_text(encoding="utf-8")
        head, mark, _ = text.partition("<!-- table -->\n")
        TABLE.write_text(f"{head}{mark}\n{made}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
