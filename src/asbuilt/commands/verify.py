"""Prove, claim by claim, that a running implementation keeps the document: asbuilt's own, or any other.

Without `--target` this executes what the document contains, on a database of its own that is gone afterwards.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from asbuilt import ledger
from asbuilt.commands import arguments, own
from asbuilt.frontend import Loaded, load
from asbuilt.verify.examination import examine
from asbuilt.verify.target import Target

REFUTED, UNCHECKED = 1, 3


def add(parser: argparse.ArgumentParser) -> None:
    arguments.document(parser)
    parser.add_argument("--target", metavar="URL", help="prove a running system (default: the document itself, served)")
    parser.add_argument("--database", metavar="URL", help="the target's database, for reading only")
    parser.add_argument("--disposable", action="store_true", help="the target's database may be written to")
    parser.add_argument("--start", metavar="CMD", help="the command that starts the target")
    parser.add_argument("--against", metavar="URL", help="another implementation of the document to compare with")
    parser.add_argument("--seed", type=int, default=0, help="another seed tries other values (default: 0)")


def main(given: argparse.Namespace) -> int:
    loaded = load(given.file)
    if loaded.errors:
        arguments.refuse(loaded.source, loaded.errors, "verified")
        return 2
    with _target(loaded, given) as target:
        found = examine(loaded.component, ledger.read(loaded.component), target, seed=given.seed, tell=_tell)
    for entry in found.entries:
        print(entry.claim.standing, entry.claim.section, entry.claim.statement, "--", entry.why)
    return REFUTED if found.standing("refuted") else 0


@contextmanager
def _target(loaded: Loaded, given: argparse.Namespace) -> Iterator[Target]:
    if given.target:
        yield Target(
            given.target,
            database=given.database,
            disposable=given.disposable,
            start=given.start,
            reference=given.against,
        )
        return
    with own.served(loaded) as served:
        yield Target(served.url, own=True, database=served.database, disposable=True, reference=given.against)


def _tell(line: str) -> None:
    print(f"  {line}", file=sys.stderr)
