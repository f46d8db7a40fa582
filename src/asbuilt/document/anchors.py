"""The fragment identifiers that GitHub gives to headings."""

import re
from collections.abc import Callable

_DROPPED = re.compile(r"[^\w\- ]")


def slug(plain: str) -> str:
    """What GitHub makes of a heading: lower case, punctuation and emoji dropped, each space a hyphen."""
    return _DROPPED.sub("", plain.strip().lower()).replace(" ", "-")


def anchors() -> Callable[[str], str]:
    """A function from headings to anchors that numbers repetitions: `setup`, `setup-1`, `setup-2`."""
    taken: dict[str, int] = {}

    def anchor(plain: str) -> str:
        wanted = unique = slug(plain)
        while unique in taken:
            taken[wanted] += 1
            unique = f"{wanted}-{taken[wanted]}"
        taken[unique] = 0
        return unique

    return anchor
