"""Write a document that checks clean and runs, to be changed into your own."""

import argparse
import re
from datetime import date
from importlib import resources
from pathlib import Path

from asbuilt.commands.arguments import complain

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 63  # of a label in DNS, RFC 1035, 2.3.4: it names a service too


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the component's name: lower-case words joined by hyphens")
    parser.add_argument("--full", action="store_true", help="all 41 subsections of the template")


def main(given: argparse.Namespace) -> int:
    name = given.name.removesuffix(".md")
    if not SLUG.fullmatch(name) or len(name) > LONGEST:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-").lstrip("0123456789-") or "orders"
        return _refuse(
            f"`{given.name[:LONGEST]}` is no component name",
            f"lower-case words joined by hyphens, {LONGEST} characters at most: asbuilt new {slug[:20].strip('-')}",
        )
    path = Path(f"{name}.md")
    starter = resources.files("asbuilt").joinpath("starters", "full.md" if given.full else "short.md")
    text = starter.read_text(encoding="utf-8")
    filled = (("{name}", name), ("{Title}", name.replace("-", " ").title()), ("{today}", date.today().isoformat()))
    for mark, value in filled:
        text = text.replace(mark, value)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return _refuse(f"{path} exists already and is left as it is", "choose another name")
    except OSError as fault:
        return _refuse(f"{path} cannot be written: {fault.strerror}", "choose a folder that you may write to")
    print(f"{path} written. Next:\n  asbuilt check {path}\n  asbuilt run {path} --reload")
    return 0


def _refuse(message: str, hint: str) -> int:
    complain(message, hint)
    return 2
