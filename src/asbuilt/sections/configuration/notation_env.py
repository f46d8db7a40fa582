"""Environment variables in fences: env files, shell exports, Compose and Kubernetes YAML, JSON."""

import re
from collections.abc import Iterator
from dataclasses import replace

from asbuilt.diagnostics import Hole
from asbuilt.document import Fence
from asbuilt.language.names import Name
from asbuilt.sections.configuration.declaration import Declaration
from asbuilt.source import Fragment

_ENV_LABELS = frozenset({"", "env", "dotenv", "text", "txt", "plaintext", "conf", "config"})
_SHELL_LABELS = frozenset(
    {"bash", "sh", "shell", "zsh", "console", "ini", "properties", "dockerfile", "docker", "toml"}
)
_TREE_LABELS = frozenset({"yaml", "yml", "json", "jsonc"})
_ASSIGNMENT = re.compile(
    r"[ \t]*(?:-[ \t]+)?(?:(?:export|set|ENV|declare[ \t]+-x)[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*(?P<rest>.*)"
)
_MEMBER = re.compile(
    r"""[ \t]*(?:-[ \t]+)?(?P<quote>["']?)(?P<name>[A-Z][A-Z0-9_]*)(?:=|(?P=quote)[ \t]*:(?:[ \t]+|$))(?P<rest>.*)"""
)
_NAMED_ENTRY = re.compile(r"""[ \t]*-[ \t]+name:[ \t]*["']?(?P<name>[A-Z][A-Z0-9_]*)["']?[ \t]*$""")
_VALUE_ENTRY = re.compile(r"[ \t]*value:[ \t]*(?P<rest>.*)")
_QUOTED = re.compile(r"""(?P<quote>["'])(?P<value>(?:\\.|(?!(?P=quote)).)*)(?P=quote)""")
_COMMENT = re.compile(r"(?:^|[ \t])#")
_HEADLINE = re.compile(
    r"[\W_]*(?P<word>required|mandatory|optional)(?:[ \t]+(?:variables|settings|values))?[\W_]*", re.IGNORECASE
)
_ONE_LINE_MARK = re.compile(r"[\W_]*(?P<word>required|mandatory|optional)\b", re.IGNORECASE)


def read_fence(fence: Fence, holes: list[Hole]) -> Iterator[Declaration]:
    """The variables a fence declares; nothing from one that declares none."""
    lines = fence.body.text.split("\n")
    written = [line for line in lines if line.strip() and not line.lstrip().startswith(("#", ";", "//"))]
    assigned = sum(_ASSIGNMENT.fullmatch(line) is not None for line in written)
    if fence.label in _TREE_LABELS or _looks_like_a_tree(written):
        yield from _members(fence.body)
    elif fence.label in _ENV_LABELS and assigned * 2 >= len(written) > 0:
        yield from _assignments(fence.body, holes)
    elif fence.label in _SHELL_LABELS:
        yield from _assignments(fence.body, [])


def _looks_like_a_tree(written: list[str]) -> bool:
    return any(re.match(r"\s*(?:environment|env|data):\s*$|\{\s*$", line) for line in written[:20])


def headline(text: str) -> bool | None:
    """Whether a heading or comment says that what follows is required or optional."""
    found = _HEADLINE.fullmatch(text.strip())
    return found.group("word").lower() != "optional" if found else None


def _assignments(body: Fragment, holes: list[Hole]) -> Iterator[Declaration]:
    mark: bool | None = None
    following: tuple[bool | None, str] = (None, "")
    for at, line in _lines(body):
        stripped = line.strip()
        if not stripped:
            following = (None, "")
        elif stripped.startswith(("#", ";", "//")):
            said = headline(stripped)
            mark = said if said is not None else mark
            one = _ONE_LINE_MARK.match(stripped) if said is None else None
            remark = stripped.lstrip("#;/ \t")
            # A word or two head a group of variables; a sentence is about the next one.
            shown = remark if said is None and remark.count(" ") > 1 else ""
            following = (one.group("word").lower() != "optional" if one else None, shown)
        elif match := _ASSIGNMENT.fullmatch(line):
            found = _declaration(body, at, match, following[1])
            yield replace(found, mark=following[0] if following[0] is not None else mark)
            following = (None, "")
        else:
            holes.append(_malformed(body, at, line))


def _declaration(body: Fragment, at: int, match: re.Match[str], above: str) -> Declaration:
    rest, start = match.group("rest"), at + match.start("rest")
    value, comment = split_value(rest)
    offset = rest.find(value) if value else 0
    return Declaration(
        name=Name(match.group("name"), body.span(at + match.start("name"), at + match.end("name"))),
        span=body.span(at + match.start("name"), at + len(match.string.rstrip())),
        value=value,
        value_span=body.span(start + offset, start + offset + len(value)),
        comment=comment or above,
    )


def split_value(rest: str) -> tuple[str, str]:
    """The value of an assignment without its quotes, and the comment after it."""
    quoted = _QUOTED.match(rest)
    if quoted:
        behind = rest[quoted.end() :].lstrip(" \t,")
        if not behind or behind.startswith(("#", "//")):
            return quoted.group("value"), behind.lstrip("#/ \t")
    comment = _COMMENT.search(rest)
    if comment is None:
        return rest.strip(), ""
    return rest[: comment.start()].strip(), rest[comment.end() :].strip()


def _malformed(body: Fragment, at: int, line: str) -> Hole:
    stripped = line.strip()
    start = at + line.index(stripped)
    span = body.span(start, start + len(stripped))
    name, equals, _ = stripped.partition("=")
    if equals and name.strip():
        wrong = name.strip()
        hint = "a name holds letters, digits and underscores, and begins with no digit"
        return Hole(body.span(start, start + len(wrong)), f"`{wrong}` is no name of an environment variable", hint)
    return Hole(span, "this line declares no variable", "write `NAME=value`, or `# ...` for a comment")


def _members(body: Fragment) -> Iterator[Declaration]:
    """Variables in YAML and JSON, by line: what is in upper case and has a value is one, whatever it stands under."""
    entry: tuple[int, re.Match[str]] | None = None
    for at, line in _lines(body):
        value = _VALUE_ENTRY.fullmatch(line)
        if entry and value:
            shown, comment = split_value(value.group("rest"))
            start = at + value.start("rest") + max(value.group("rest").find(shown), 0)
            yield _entry(body, *entry, shown, start, comment)
            entry = None
            continue
        if entry:
            yield _entry(body, *entry, None, 0, "")
            entry = None
        if named := _NAMED_ENTRY.fullmatch(line):
            entry = (at, named)
        elif match := _MEMBER.fullmatch(line):
            yield from _member(body, at, match)
    if entry:
        yield _entry(body, *entry, None, 0, "")


def _member(body: Fragment, at: int, match: re.Match[str]) -> Iterator[Declaration]:
    rest = match.group("rest").rstrip().removesuffix(",")
    if match.group("quote") and f"{match.group('name')}=" in match.group():
        rest = rest.removesuffix(match.group("quote"))
    value, comment = split_value(rest)
    if value[:1] not in ("{", "[", "|", ">"):
        start = at + match.start("rest") + max(match.group("rest").find(value), 0)
        name = Name(match.group("name"), body.span(at + match.start("name"), at + match.end("name")))
        whole = body.span(at + match.start("name"), at + len(match.string.rstrip()))
        yield Declaration(
            name, whole, None if value == "null" else value, body.span(start, start + len(value)), comment
        )


def _entry(body: Fragment, at: int, match: re.Match[str], value: str | None, start: int, comment: str) -> Declaration:
    name = Name(match.group("name"), body.span(at + match.start("name"), at + match.end("name")))
    span = body.span(start, start + len(value)) if value is not None else None
    return Declaration(name, name.span, value, span, comment)


def _lines(body: Fragment) -> Iterator[tuple[int, str]]:
    at = 0
    for line in body.text.split("\n"):
        yield at, line
        at += len(line) + 1
