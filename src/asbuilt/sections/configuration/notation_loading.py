"""The order in which sources of configuration are asked, as a list or as numbered lines."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from asbuilt.diagnostics import closest
from asbuilt.document import Block, Fence, ListBlock, Text, flattened
from asbuilt.language.names import Name
from asbuilt.sections.configuration.model import LoadingStep, Step
from asbuilt.values import frozen

_KINDS: tuple[tuple[re.Pattern[str], Step], ...] = (
    (re.compile(r"\b(?:command[ -]?lines?|cli|flags?|argv|arguments?)\b", re.IGNORECASE), "command line"),
    (re.compile(r"\b(?:environment(?:[ -]variables?)?|env(?:[ -]vars?)?|envvars?)\b", re.IGNORECASE), "environment"),
    (re.compile(r"\b(?:defaults?|built[ -]?in|hard[ -]?coded)\b", re.IGNORECASE), "defaults"),
)
_PATH = re.compile(r"(?<![\w/.])(?:[\w.{}$~-]+/)*[\w.{}$-]*\.(?:toml|ya?ml|json|ini|env|conf|cfg|properties)(?![\w])")
_FILE = re.compile(r"\bfiles?\b", re.IGNORECASE)
_NUMBERED = re.compile(r"[ \t]*(?:\d{1,3}[.)]|[-*])[ \t]+(?=\S)")
_WORD = re.compile(r"[A-Za-z]{5,40}")
_WORDS: dict[str, Step] = {
    "environment": "environment",
    "defaults": "defaults",
    "default": "defaults",
    "command": "command line",
    "arguments": "command line",
}
_WORDY = 5
_MISSPELT = 0.85
_RANK: dict[Step, int] = {"defaults": 0, "file": 1, "environment": 2, "command line": 3}


@frozen
class Loading:
    """The steps, the weakest source first, the lines that name none, and misspelt words with what each means."""

    steps: tuple[LoadingStep, ...] = ()
    unknown: tuple[Name, ...] = ()
    misspelt: tuple[tuple[Name, str], ...] = ()


def read_loading(blocks: Iterable[Block]) -> Loading:
    """The order in the first list of which half of the lines or more name a source.

    An order written the other way round (`precedence`: the environment first, the defaults last) is turned.
    """
    for block in flattened(blocks):
        steps: list[LoadingStep] = []
        unknown: list[Name] = []
        misspelt: list[tuple[Name, str]] = []
        for line in _lines(block):
            step = _step(line) or _meant(line, misspelt)
            if step:
                steps.append(step)
            else:
                unknown.append(Name(line.plain.strip(), line.span))
        if len(steps) > 1 or (steps and len(unknown) <= len(steps)):
            falling = _RANK[steps[0].kind] > _RANK[steps[-1].kind]
            return Loading(tuple(reversed(steps) if falling else steps), tuple(unknown), tuple(misspelt))
    return Loading()


def _lines(block: Block) -> Iterator[Text]:
    if isinstance(block, ListBlock):
        yield from (item.text for item in block.items if item.text and block.ordered)
    elif isinstance(block, Fence):
        for line in Text(block.body).lines:
            number = _NUMBERED.match(line.text)
            if number:
                yield line.part(number.end(), len(line.text))


def _step(text: Text) -> LoadingStep | None:
    path = _PATH.search(text.text)
    if path:
        return LoadingStep("file", text.span, path.group())
    for pattern, kind in _KINDS:
        if pattern.search(text.plain):
            return LoadingStep(kind, text.span)
    return LoadingStep("file", text.span) if _FILE.search(text.plain) else None


def _meant(text: Text, misspelt: list[tuple[Name, str]]) -> LoadingStep | None:
    """The source that a short line names but for a slip of the pen."""
    words = list(_WORD.finditer(text.text))
    for word in words if len(words) <= _WORDY else ():
        close = closest(word.group(), _WORDS)
        if close and SequenceMatcher(None, word.group().lower(), close).ratio() >= _MISSPELT:
            misspelt.append((Name(word.group(), text.fragment.span(*word.span())), close))
            return LoadingStep(_WORDS[close], text.span)
    return None
