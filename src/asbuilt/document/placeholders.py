"""Placeholders of the template that nobody has filled in yet, such as `<Component Name>`.

Angle brackets serve many ends in a specification: generics, HTML, path parameters, metavariables such as `<token>`.
Taken for a placeholder is what the template says word for word, and what is written in its manner.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from asbuilt.document.blocks import Document, Fence, flattened, texts
from asbuilt.document.text import Text
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

_TEMPLATE = """
Component Name; Name; YYYY-MM-DD; Primary language and version; If applicable; Build system; Dependency
management; main code organization; subdirectories; other directories; Concrete API definitions with types;
Detailed schemas with validation rules; Code; Status; When occurs; JSON structure; Algorithm Name; Pseudocode
or detailed description; What makes it efficient; Table definitions with constraints; Model definitions in
framework syntax; Pattern Name; Description and usage; State Machine Name; List of states; Valid transitions;
How configuration is loaded and validated; Detailed auth implementation; How permissions are checked; At rest
and in transit; How PII is handled; What's logged; How to connect to this component; How component is
discovered; Concrete implementation details; How test data is structured; What's mocked and how; Commands to
set up test environment; Build commands and steps; Dockerfile contents; Pipeline configuration; Step with
checks; Graceful shutdown steps; Health check endpoint code; How metrics are collected and exported; Log
format and configuration; How traces are implemented; Format; Expiration rules; When to clear; Key indexes;
Specific optimizations; Connection pools, thread pools, etc.; Retry implementation with backoff; How degraded
functionality works; How component recovers from failures; Migration up and down scripts; How to migrate
existing data; Commands to set up dev environment; Steps; Tips and tools; Project-specific conventions
"""
KNOWN = frozenset(" ".join(_TEMPLATE.split()).split("; "))

_ANGLES = re.compile(r"(?<![\w.\\)\]}$@/=])<([^\W\d_][^<>=|\"`{}\[\]\n]{0,200}[\w.)])>")
# In the template's manner: a phrase that begins with a capital, or one such word alone.
_PHRASE = re.compile(r"[A-Z][\w'’-]+[.,]?(?: [\w'’/(&+-]+[.,)]*)+")
_WORD = re.compile(r"[A-Z][a-z]+(?:-[a-z]+)*")
_TYPES = re.compile(r"[\w.]+(?:, [\w.]+)+")
_NEAR = 100
_SLOT = re.compile(r"[\s*_]*(?:[^:<>\n]{1,80}:[\s*_]*)?")
# In code a word alone is more often a tag or a type than a placeholder.
_IN_CODE = frozenset(name for name in KNOWN if " " in name) | {"subdirectories", "YYYY-MM-DD"}


@frozen
class Placeholder:
    """`text` holds the angle brackets."""

    text: str
    span: Span


def placeholders(document: Document) -> Iterator[Placeholder]:
    """All unfilled placeholders, in the order of the document. Code spans and HTML hold none."""
    for block in flattened(document.blocks):
        if isinstance(block, Fence):
            yield from _in_code(block.body)
        else:
            for text in texts([block], nested=False):
                yield from _in_prose(text)


def _in_prose(text: Text) -> Iterator[Placeholder]:
    if "<" not in text.text:
        return
    taken = sorted([(code.start, code.end) for code in text.found.codes] + list(text.found.tags))
    for match in _ANGLES.finditer(text.text):
        name = match[1]
        before = bisect_right(taken, (match.start(), len(text.text)))
        if before and match.start() < taken[before - 1][1]:
            continue
        if name in KNOWN or _is_phrase(name) or (_WORD.fullmatch(name) and _is_slot(text.text, match)):
            yield _found(text.fragment, match)


def _in_code(body: Fragment) -> Iterator[Placeholder]:
    if "<" not in body.text:
        return
    alone = _ANGLES.fullmatch(body.text.strip())
    for match in _ANGLES.finditer(body.text):
        if match[1] in _IN_CODE or (alone and _is_phrase(match[1])):
            yield _found(body, match)


def _is_phrase(name: str) -> bool:
    return bool(_PHRASE.fullmatch(name)) and not _TYPES.fullmatch(name) and not name.startswith(("T ", "K "))


def _is_slot(text: str, match: re.Match[str]) -> bool:
    """Whether the match is all that its line says, a label aside."""
    before = text[max(0, match.start() - _NEAR) : match.start()].rpartition("\n")[2]
    after = text[match.end() : match.end() + _NEAR].partition("\n")[0]
    return len(before) < _NEAR and bool(_SLOT.fullmatch(before)) and not after.strip(" *_.")


def _found(fragment: Fragment, match: re.Match[str]) -> Placeholder:
    return Placeholder(match[0], fragment.span(*match.span()))
