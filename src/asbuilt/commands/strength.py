"""Tell how much a document pins down: plant faults into what asbuilt serves of it, and count those that verify finds.

This executes what the document contains, on a database that is gone afterwards.
"""

import argparse

from asbuilt import ledger
from asbuilt.commands import arguments, own
from asbuilt.commands.output import emit
from asbuilt.commands.progress import Progress
from asbuilt.commands.verify import tidily_ended
from asbuilt.frontend import Loaded, load
from asbuilt.verify.strength.measurement import Refuted, Strength, measure
from asbuilt.verify.strength.report import render_json, render_text
from asbuilt.verify.target import Target

MEASURED, NOT_MEASURABLE = 0, 2


def add(parser: argparse.ArgumentParser) -> None:
    parser.usage = "asbuilt strength FILE [OPTION ...]"
    arguments.document(parser)
    option = parser.add_argument
    option("--seed", metavar="N", type=int, default=0, help="another seed tries other values (default: 0)")
    option("--budget", metavar="TIME", type=arguments.budget, help="try as many faults as fit, evenly chosen: 60s")
    option("--format", choices=("text", "json"), default="text", metavar="FORMAT", help="text or json (default: text)")
    option("--all", action="store_true", help="show every fault that was not caught")
    option("--quiet", action="store_true", help="no progress on standard error")


def main(given: argparse.Namespace) -> int:
    loaded = load(given.file)
    if loaded.errors:
        arguments.refuse(loaded.source, loaded.errors, "measured")
        return NOT_MEASURABLE
    try:
        found = _measured(loaded, given)
    except Refuted as refuted:
        arguments.complain(
            f"{loaded.source.path} is refuted without any fault: {refuted.claims[0]}",
            f"mend that first: asbuilt verify {loaded.source.path}",
        )
        return NOT_MEASURABLE
    if not found.outcomes:
        arguments.complain(f"{loaded.source.path} has nothing to plant a fault in", "give it an endpoint")
        return NOT_MEASURABLE
    if given.format == "json":
        emit(render_json(found))
    else:
        print(render_text(found, every=given.all))
    return MEASURED


def _measured(loaded: Loaded, given: argparse.Namespace) -> Strength:
    progress = Progress(quiet=given.quiet)
    try:
        progress.tell(f"serving {loaded.source.path}")
        with tidily_ended(), own.served(loaded) as served:
            target = Target(served.url, own=True, database=served.database, disposable=True)
            claims = ledger.read(loaded.component)
            return measure(loaded.component, claims, target, seed=given.seed, budget=given.budget, tell=progress.tell)
    finally:
        progress.end()
