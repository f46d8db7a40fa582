"""YAML, and JSON with it, as values that know where they were written. No tags, no aliases, nothing is executed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from asbuilt.diagnostics import Hole
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

MAX_DEPTH = 32
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@frozen
class Scalar:
    """A leaf. `text` is its value as a string; `quoted` tells "1" from 1.

    `fragment` maps the characters of an unescaped scalar exactly, those of others to its beginning.
    """

    fragment: Fragment
    quoted: bool
    span: Span

    @property
    def text(self) -> str:
        return self.fragment.text


@frozen
class Sequence:
    items: tuple["Node", ...]
    span: Span


@frozen
class Mapping:
    entries: tuple[tuple[Scalar, "Node"], ...]
    span: Span

    def get(self, key: str) -> "Node | None":
        return next((value for name, value in self.entries if name.text == key), None)


Node: TypeAlias = Scalar | Sequence | Mapping


@frozen
class YamlDocument:
    """The root is None where the text is empty or, then with holes, can't be read.

    `is_yaml` is False where the text breaks YAML's grammar: it may be something else altogether.
    """

    root: Node | None
    holes: tuple[Hole, ...]
    is_yaml: bool = True


def read_yaml(fragment: Fragment) -> YamlDocument:
    """The first YAML document in a fragment."""
    reader = _Reader(fragment)
    is_yaml = True
    try:
        for event in yaml.parse(fragment.text, Loader=_LOADER):
            reader.take(event)
            if reader.done:
                break
    except yaml.MarkedYAMLError as problem:
        is_yaml = False
        at = min(_index(problem.problem_mark), len(fragment.text))
        reason = " ".join(str(part) for part in (problem.context, problem.problem) if part)
        reader.refuse(at, at, f"this is no YAML: {reason}", "check indentation, quotes and colons")
    except (yaml.YAMLError, ValueError) as problem:  # characters that YAML does not allow
        at = min(max(0, getattr(problem, "position", 0) or 0), len(fragment.text))
        reader.refuse(at, at, "this is no YAML: it holds a character that YAML does not allow", "remove the character")
    return YamlDocument(None if reader.holes else reader.root, tuple(reader.holes), is_yaml)


@dataclass(slots=True)
class _Open:
    start: int
    mapping: bool
    nodes: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    fragment: Fragment
    root: Node | None = None
    holes: list[Hole] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    done: bool = False

    def refuse(self, start: int, end: int, message: str, hint: str) -> None:
        self.holes.append(Hole(self.fragment.span(start, end), message, hint))
        self.done = True

    def take(self, event: yaml.Event) -> None:
        start, end = _index(event.start_mark), _index(event.end_mark)
        tag = getattr(event, "tag", None)
        match event:
            case yaml.AliasEvent():
                self.refuse(start, end, "aliases (`*name`) are not read", "write the value out")
            case yaml.NodeEvent() if tag is not None and tag != "!":
                self.refuse(start, end, f"tags (`{tag[:40]}`) are not read", "write a plain value")
            case yaml.ScalarEvent():
                self._scalar(event, start, end)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self.stack.append(_Open(start, isinstance(event, yaml.MappingStartEvent)))
                if len(self.stack) > MAX_DEPTH:
                    self.refuse(start, end, f"what is nested deeper than {MAX_DEPTH} levels is not read", "flatten it")
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close(end)
            case yaml.DocumentEndEvent():
                self.done = True

    def _scalar(self, event: yaml.ScalarEvent, start: int, end: int) -> None:
        value, quoted = event.value, bool(event.style)  # plain is None or '', as the loader has it
        shift = 1 if event.style in ("'", '"') else 0
        if self.fragment.text[start + shift : end - shift] == value:
            exact = self.fragment.part(start + shift, end - shift)
        else:
            exact = Fragment(value, (self.fragment.offset(start),) * (value.count("\n") + 1))
        self._add(Scalar(exact, quoted, self.fragment.span(start, end)))

    def _close(self, end: int) -> None:
        closed = self.stack.pop()
        nodes = closed.nodes
        last = nodes[-1].span.end if nodes else self.fragment.offset(end)
        span = Span(self.fragment.offset(closed.start), max(last, self.fragment.offset(closed.start)))
        if not closed.mapping:
            self._add(Sequence(tuple(nodes), span))
            return
        entries: list[tuple[Scalar, Node]] = []
        for key, value in _pairs(nodes):
            if not isinstance(key, Scalar):
                self.holes.append(Hole(key.span, "a key that is a list or a mapping is not read", "use a word as key"))
                self.done = True
                continue
            entries.append((key, value))
        self._add(Mapping(tuple(entries), span))

    def _add(self, node: Node) -> None:
        if self.stack:
            self.stack[-1].nodes.append(node)
        else:
            self.root = node


def _index(mark: object) -> int:
    """The offset of a mark of PyYAML, whose two loaders have marks of their own types."""
    return int(getattr(mark, "index", 0))


def _pairs(nodes: list[Node]) -> Iterator[tuple[Node, Node]]:
    return zip(nodes[::2], nodes[1::2], strict=True)
