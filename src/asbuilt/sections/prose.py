"""What the whole document refers to, in whatever section: code spans, links, and variables of the environment."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from asbuilt.document import Document, Fence, Heading, Outline, Text, flattened, texts
from asbuilt.language.names import Name
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

_ANCHOR_TAG = re.compile(r"""<[A-Za-z][^<>]{0,500}?\b(?:name|id)\s*=\s*["']([^"'<>]{1,200})["']""")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
# Languages in which `${X}` is a variable of the program itself.
_INTERPOLATING = frozenset(
    {"bash", "sh", "shell", "zsh", "console", "makefile", "make", "dockerfile", "docker", "hcl", "terraform", "groovy"}
    | {
        "javascript",
        "js",
        "jsx",
        "typescript",
        "ts",
        "tsx",
        "kotlin",
        "kt",
        "php",
        "perl",
        "dart",
        "scala",
        "http",
        "xml",
    }
)
_REFERENCE = re.compile(r"(?<![\w$\\])\$\{(?P<name>[A-Z][A-Z0-9_]*)(?::[^{}\n]*)?\}")
_READ = re.compile(
    r"""(?:os\.environ(?:\.get\(|\[)|os\.getenv\(|\bgetenv\(|System\.getenv\(|Deno\.env\.get\(|ENV\[|os\.Getenv\("""
    r"""|Environment\.GetEnvironmentVariable\()\s*["'](?P<call>[A-Z][A-Z0-9_]*)["']"""
    r"""|\bprocess\.env(?:\.(?P<dotted>[A-Z][A-Z0-9_]*)|\[["'](?P<item>[A-Z][A-Z0-9_]*)["']\])"""
)
# `ORDER_ID` in a sentence, without backticks.
_CAPITALS = re.compile(r"(?<![\w$`{./-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w`}/(-])")
_MARKS = ("${", "env", "Env", "ENV")  # one of which stands in whatever the two match


@frozen
class Link:
    """A link within the repository. `found` says whether it leads somewhere: None where that was not looked up."""

    text: str
    target: str
    span: Span
    found: bool | None


@frozen
class Prose:
    """`references` are variables as `${NAME}`, `reads` those that code of the document takes from its environment.

    `capitals` are the words of sentences that look like constants: `ORDER_ID`.
    """

    spans: tuple[Name, ...] = ()
    links: tuple[Link, ...] = ()
    anchors: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    references: tuple[Name, ...] = ()
    reads: tuple[Name, ...] = ()
    capitals: tuple[Name, ...] = ()


def read(outline: Outline) -> Prose:
    document = outline.document
    headings = [block for block in flattened(document.blocks) if isinstance(block, Heading)]
    anchors = {heading.anchor for heading in headings} | set(_ANCHOR_TAG.findall(document.source.text))
    prose = [text for text in texts(document.blocks) if text.text]
    declared = {block.span for block in outline.blocks("configuration.environment-variables")}
    references: list[Name] = []
    reads: list[Name] = []
    for block in flattened(document.blocks):
        if isinstance(block, Fence) and block.span in declared:
            references += _found(_REFERENCE, block.body)
        elif isinstance(block, Fence):
            reads += _found(_READ, block.body)
            references += _found(_REFERENCE, block.body) if block.label not in _INTERPOLATING else []
    for text in prose:
        for span in text.code_spans:
            reads += _found(_READ, span.fragment)
            references += _found(_REFERENCE, span.fragment)
    return Prose(
        spans=tuple(Name(span.text, span.span) for text in prose for span in text.code_spans),
        links=tuple(link for text in prose for link in _links(text, document, anchors)),
        anchors=tuple(sorted(anchors)),
        titles=tuple(heading.text.plain.strip() for heading in headings),
        references=tuple(references),
        reads=tuple(reads),
        capitals=tuple(
            Name(word.group(), text.fragment.span(*word.span()))
            for text in prose
            if "_" in text.text
            for word in _CAPITALS.finditer(text.text)
        ),
    )


def _found(pattern: re.Pattern[str], fragment: Fragment) -> list[Name]:
    if not any(mark in fragment.text for mark in _MARKS):
        return []
    named = ((match, match.lastgroup or "") for match in pattern.finditer(fragment.text))
    return [Name(match.group(group), fragment.span(*match.span(group))) for match, group in named]


def _links(text: Text, document: Document, anchors: set[str]) -> Iterator[Link]:
    for link in text.links:
        target = link.target.strip()
        if target and not _SCHEME.match(target) and not (target.startswith("/") or "<" in target):
            yield Link(link.text, target, link.target_span, _leads_somewhere(target, document.source.path, anchors))


def _leads_somewhere(target: str, document: Path, anchors: set[str]) -> bool | None:
    """Whether there is such an anchor, or such a file below the document's folder; what is elsewhere is not looked at.

    Nothing is opened: a link tells no more of a file than that it exists.
    """
    path, _, anchor = target.partition("#")
    if not path:
        wanted = unquote(anchor).casefold()
        return not wanted or wanted == "top" or any(known.casefold() == wanted for known in anchors)
    relative = Path(unquote(path.partition("?")[0]))
    if ".." in relative.parts or relative.is_absolute():
        return None
    try:
        path_there = document.parent.joinpath(relative)
        return path_there.exists() if path_there.resolve().is_relative_to(document.parent.resolve()) else None
    except (OSError, ValueError, RuntimeError):
        return False
