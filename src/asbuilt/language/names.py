"""Names, as they are written in JSON, SQL, Python and paths, and how one becomes another."""

import re
from functools import cache

from asbuilt.source import Span
from asbuilt.values import frozen

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATOR = re.compile(r"[\s.\-/]+")
_IRREGULAR = {"person": "people", "child": "children", "man": "men", "woman": "women", "datum": "data"}
_SINGULARS = {plural: singular for singular, plural in _IRREGULAR.items()}


@frozen
class Name:
    """A word of the document that names something, and where it stands."""

    text: str
    span: Span


@cache
def snake(name: str) -> str:
    """`orderLine`, `OrderLine`, `Order-Line` and `order line` are all `order_line`."""
    return _SEPARATOR.sub("_", _HUMP.sub("_", name.strip())).strip("_").lower()


@cache
def camel(name: str) -> str:
    """`order_line` is `orderLine`."""
    head, *tail = snake(name).split("_")
    return head + "".join(word.capitalize() for word in tail)


@cache
def plural(name: str) -> str:
    """The English plural of a snake_case name: only its last word changes."""
    head, _, word = name.rpartition("_")
    prefix = f"{head}_" if head else ""
    if word in _IRREGULAR:
        return prefix + _IRREGULAR[word]
    if re.search(r"[^aeiou]y$", word):
        return prefix + word[:-1] + "ies"
    if re.search(r"(s|x|z|ch|sh)$", word):
        return prefix + word + "es"
    return prefix + word + "s"


@cache
def singular(name: str) -> str:
    """The inverse of `plural`; a word that is not a plural stays as it is."""
    head, _, word = name.rpartition("_")
    prefix = f"{head}_" if head else ""
    if word in _SINGULARS:
        return prefix + _SINGULARS[word]
    if word.endswith("ies") and len(word) > 4:
        return prefix + word[:-3] + "y"
    if re.search(r"(ss|x|z|ch|sh|us)es$", word):
        return prefix + word[:-2]
    if word.endswith("s") and not re.search(r"(ss|us|is)$", word):
        return prefix + word[:-1]
    return name
