"""Arguments in, exit code out; no decisions.

Exit codes: 0 done and clean, 1 the document has errors, 2 the command could not be carried out as asked,
78 the configuration is faulty (`run`). Of `verify`: 1 a claim is refuted, 3 one that has to be verified is unchecked.
"""

import argparse
import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType

from asbuilt import __version__
from asbuilt.commands.arguments import complain
from asbuilt.diagnostics import nearest
from asbuilt.document import UnreadableDocument
from asbuilt.postgres.unavailable import DatabaseUnavailable
from asbuilt.runtime.cannot_serve import CannotServe

CLEAN, REFUSED, INTERRUPTED = 0, 2, 130
# Each is a module of `commands`, imported when it is asked for: `check` need not wait for a web server.
COMMANDS = {
    "new": "write a document that checks and runs",
    "check": "find what contradicts itself",
    "run": "serve it (this executes what the document contains)",
    "verify": "prove that a running system keeps it",
    "strength": "tell how much it pins down",
    "explain": "show the plan of a request",
    "build": "derive something from the document: openapi",
    "rule": "print a rule's manual page",
    "data": "show the data folder of a document's embedded database",
}
# Verbs of the design that this release does not have: a clear answer instead of "invalid choice".
NOT_YET = ("migrate", "init", "diff", "lsp", "mcp")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit code. No traceback reaches the user for a fault of the world."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in NOT_YET:
        return _refuse(f"`asbuilt {words[0]}` is not part of release {__version__}", "asbuilt --help lists what is")
    if words and words[0] not in COMMANDS and not words[0].startswith("-"):
        return _refuse(f"there is no command `{words[0]}`", nearest(words[0], COMMANDS) or "asbuilt --help lists all")
    _open_streams()
    try:
        given = _parser(words[0] if words else "").parse_args(words)
        command: Callable[[argparse.Namespace], int] = given.command
        code = command(given)
        sys.stdout.flush()
    except (UnreadableDocument, DatabaseUnavailable, CannotServe) as refusal:
        return _refuse(refusal.message, refusal.hint)
    except BrokenPipeError:
        # The reader of our output went away (`asbuilt check x.md | head`): nothing is left to say.
        _drop_output()
        return CLEAN
    except OSError as fault:
        _drop_output()
        what = f"{fault.filename}: " if fault.filename else ""
        return _refuse(f"{what}{fault.strerror or fault}", "")
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _parser(verb: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="asbuilt",
        description="The implementation specification that runs: check, serve and prove a Markdown document.",
        epilog="Exit codes: 0 clean, 1 the document has errors, 2 usage or environment, 78 faulty configuration.",
    )
    parser.add_argument("--version", action="version", version=f"asbuilt {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, told in COMMANDS.items():
        command = commands.add_parser(name, help=told)
        if name == verb:
            module = _imported(f"asbuilt.commands.{name}")
            command.description = module.__doc__
            module.add(command)
            command.set_defaults(command=module.main)
    return parser


def _imported(name: str) -> ModuleType:
    """The module. What it brings along is kept out of all collection of garbage: it lives as long as the program."""
    if name in sys.modules:
        return sys.modules[name]
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()


def _open_streams() -> None:
    """Have all three streams, as a caller that closed some of them may not have left them (`asbuilt ... >&-`)."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(descriptor, True)  # noqa: FBT003 - takes no keywords
    os.close(descriptor)
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for all of the process
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal can't show is spelled out
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Let what is still to be written to standard output go nowhere: it can't be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(message: str, hint: str) -> int:
    complain(message, hint)
    return REFUSED
