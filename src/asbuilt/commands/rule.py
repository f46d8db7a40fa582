"""Print the manual page of a rule: what it finds, why that matters, what to do. Without a code, list all rules."""

import argparse
import inspect

from asbuilt.commands.arguments import complain
from asbuilt.diagnostics import nearest
from asbuilt.frontend import RULES


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", metavar="RULE", nargs="?", help="a code or a name: API101, undefined-schema")


def main(given: argparse.Namespace) -> int:
    if given.rule is None:
        for rule in RULES:
            print(f"{rule.code:8} {rule.severity:8} {rule.name}")
        return 0
    wanted = given.rule.upper()
    for rule in RULES:
        if wanted in {rule.code, rule.name.upper()}:
            print(f"{rule.code} {rule.name} ({rule.severity})\n\n{inspect.cleandoc(rule.page)}")
            return 0
    known = [rule.code for rule in RULES] + [rule.name for rule in RULES]
    hint = nearest(given.rule, known) or "`asbuilt rule` lists all rules"
    complain(f"there is no rule `{given.rule}`", hint)
    return 2
