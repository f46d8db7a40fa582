"""Find every contradiction, dangling name and forgotten placeholder of a document. Nothing it contains is executed."""

import argparse
import sys

from asbuilt.commands import arguments, blank
from asbuilt.frontend import RULES, load
from asbuilt.report import render_json, render_sarif, render_text


def add(parser: argparse.ArgumentParser) -> None:
    arguments.document(parser)
    parser.add_argument("--format", choices=("text", "json", "sarif"), default="text", help="default: text")
    parser.add_argument("--all", action="store_true", help="show every finding, not only what fits on the screen")
    parser.add_argument(
        "--notes", action="store_true", help="show notes too: what was derived, what is not enacted yet"
    )
    parser.add_argument(
        "--no-referee", action="store_true", help="do not ask a PostgreSQL server; the SQL is only parsed"
    )


def main(given: argparse.Namespace) -> int:
    loaded = load(given.file, referee=not given.no_referee)
    source, found = loaded.source, loaded.diagnostics
    if given.format == "json":
        print(render_json(source, found))
    elif given.format == "sarif":
        print(render_sarif(source, found, RULES))
    elif blank.is_template(loaded):
        print(blank.welcome(loaded))
    else:
        shown = found if given.notes else tuple(one for one in found if one.severity != "note")
        limit = None if given.all else arguments.fitting(source, shown)
        print(render_text(source, shown, colour=arguments.colourful(), limit=limit))
        hidden = len(found) - len(shown)
        if hidden:
            print(f"{hidden} note{'s' * (hidden > 1)} not shown (asbuilt check --notes {given.file})", file=sys.stderr)
    return 1 if loaded.errors else 0
