"""Arguments in, exit code out; no decisions.

Exit codes: 0 done and clean, 1 the document has errors, 2 the command could not be carried out as asked,
78 the configuration is faulty (`run`).
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from asbuilt import __version__
from asbuilt.commands import build, check, data, explain, new, rule, run
from asbuilt.commands.arguments import complain
from asbuilt.document import UnreadableDocument
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.runtime.cannot_serve import CannotServe

CLEAN, REFUSED, INTERRUPTED = 0, 2, 130
COMMANDS = (new, check, run, explain, build, rule, data)
# Verbs of the design that this release does not have: a clear answer instead of "invalid choice".
NOT_YET = ("verify", "migrate", "init", "diff", "lsp", "mcp")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit code. No traceback reaches the user for a fault of the world."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in NOT_YET:
        return _refuse(f"`asbuilt {words[0]}` is not part of release {__version__}", "asbuilt --help lists what is")
    given = _parser().parse_args(words)
    command: Callable[[argparse.Namespace], int] = given.command
    try:
        return command(given)
    except (UnreadableDocument, DatabaseUnavailable, CannotServe) as refusal:
        return _refuse(refusal.message, refusal.hint)
    except BrokenPipeError:
        # The reader of our output went away (`asbuilt check x.md | head`): nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="asbuilt",
        description="The implementation specification that runs: check, serve and prove a Markdown document.",
        epilog="Exit codes: 0 clean, 1 the document has errors, 2 usage or environment, 78 faulty configuration.",
    )
    parser.add_argument("--version", action="version", version=f"asbuilt {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        parser_of_verb = commands.add_parser(module.NAME, help=module.HELP, description=module.__doc__)
        module.add(parser_of_verb)
        parser_of_verb.set_defaults(command=module.main)
    return parser


def _refuse(message: str, hint: str) -> int:
    complain(message, hint)
    return REFUSED
