"""Show the plan of a request, stage by stage: what is read, which SQL runs, which line of the document says so."""

import argparse

from asbuilt.commands import arguments
from asbuilt.frontend import load
from asbuilt.runtime.explain import explain


def add(parser: argparse.ArgumentParser) -> None:
    arguments.document(parser)
    parser.add_argument("request", metavar="'METHOD /path'", nargs="?", help="one operation; default: all, a line each")


def main(given: argparse.Namespace) -> int:
    loaded = load(given.file)
    if loaded.errors:
        arguments.refuse(loaded.source, loaded.errors, "explained")
        return 1
    print(explain(loaded.component, given.request))
    return 0
