"""Find every contradiction, dangling name and forgotten placeholder of a document. Nothing it contains is executed.

With `--claims`: list every statement of the document that was understood, how far it is known to be true, and what
nobody understood. The exit code is the same with it and without: 1 for a document with errors.
"""

import argparse
import sys

from asbuilt.commands import arguments, blank
from asbuilt.frontend import RULES, Loaded, load
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
    parser.add_argument("--claims", action="store_true", help="list what the document claims, in place of the findings")


def main(given: argparse.Namespace) -> int:
    loaded = load(given.file, referee=not given.no_referee)
    source, found = loaded.source, loaded.diagnostics
    if given.claims:
        return _claims(loaded, given)
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


def _claims(loaded: Loaded, given: argparse.Namespace) -> int:
    from asbuilt.commands import claims  # noqa: PLC0415 - what a plain check does without, it does not wait for

    if given.format == "sarif":
        arguments.complain("claims are no findings, which is all that SARIF knows", "use --format text or json")
        return 2
    account = claims.account(loaded)
    print(claims.render_json(account) if given.format == "json" else claims.render_text(account))
    if loaded.errors and given.format == "text":
        count = len(loaded.errors)
        print(f"{count} error{'s' * (count > 1)} (asbuilt check {given.file})", file=sys.stderr)
    return 1 if loaded.errors else 0
