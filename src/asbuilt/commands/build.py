"""Derive something from the document. Nothing the document contains is executed."""

import argparse
import json
import sys
from pathlib import Path

from asbuilt.commands import arguments
from asbuilt.commands.output import write
from asbuilt.frontend import load
from asbuilt.projections.openapi import openapi


def add(parser: argparse.ArgumentParser) -> None:
    arguments.document(parser)
    parser.add_argument("target", metavar="TARGET", choices=("openapi",), help="openapi: OpenAPI 3.1 as JSON")
    parser.add_argument("-o", "--output", type=Path, help="write to this file instead of standard output")


def main(given: argparse.Namespace) -> int:
    loaded = load(given.file)
    if loaded.errors:
        arguments.refuse(loaded.source, loaded.errors, "built from")
        return 1
    text = json.dumps(openapi(loaded.component), indent=2, ensure_ascii=False) + "\n"
    if given.output is None:
        sys.stdout.write(text)
    else:
        try:
            write(given.output, text)
        except OSError as fault:
            arguments.complain(f"{given.output} cannot be written: {fault.strerror}", "name another file")
            return 2
    return 0
