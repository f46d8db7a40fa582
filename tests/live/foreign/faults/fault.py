"""What a fault is: rewrites of source text, declared once, made wherever they apply."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Replacement = str | Callable[[re.Match[str]], str]
Rewrite = tuple[str, Replacement]
Needs = Literal["requests", "at once", "catalogue", "start", "outage"]
"""What shows a fault: requests, several at once, the database's catalogue, a start, a lost database."""

CODE = r"\.(py|js)$"
TABLES = r"\.sql$"


@dataclass(frozen=True, slots=True)
class Fault:
    """Each match of each rewrite, in files whose path `files` matches, is one mutant; `example`: only of that one.

    The document says otherwise in `section`. `together`: all rewrites are made in a file, or none, as one mutant.
    """

    kind: str
    section: str
    rewrites: tuple[Rewrite, ...]
    files: str = CODE
    needs: Needs = "requests"
    together: bool = False
    example: str = ""


def replaced(choices: Mapping[str, str]) -> Replacement:
    """The match with the first of `choices` that it holds, replaced."""
    return lambda found: re.sub("|".join(choices), lambda part: choices[part[0]], found[0], count=1)


def by(step: int) -> Replacement:
    """The number that ends the match, changed by so much."""
    return lambda found: f"{found[1]}{int(found[2].replace('_', '')) + step}"
