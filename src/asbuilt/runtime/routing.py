"""From a path to what answers it, by method. Literal segments win over parameters, long affixes over short ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from asbuilt.sections.api import Literally, Route, Variable
from asbuilt.values import frozen

Target = TypeVar("Target")


@frozen
class Match(Generic[Target]):
    """A path that is known: its target for each method, and the texts of the path's parameters in order."""

    methods: Mapping[str, Target]
    values: tuple[str, ...]


@dataclass(slots=True)
class _Node(Generic[Target]):
    literals: dict[str, "_Node[Target]"] = field(default_factory=dict)
    variables: list[tuple[str, str, "_Node[Target]"]] = field(default_factory=list)
    methods: dict[str, Target] = field(default_factory=dict)

    def below(self, segment: Literally | Variable) -> "_Node[Target]":
        if isinstance(segment, Literally):
            return self.literals.setdefault(segment.text, _Node())
        for prefix, suffix, node in self.variables:
            if (prefix, suffix) == (segment.prefix, segment.suffix):
                return node
        node = _Node[Target]()
        self.variables.append((segment.prefix, segment.suffix, node))
        self.variables.sort(key=lambda one: -len(one[0]) - len(one[1]))
        return node


class Routes(Generic[Target]):
    """All routes of a component. Of two targets with the same method and path, the first counts."""

    def __init__(self, routes: Iterable[tuple[str, Route, Target]]) -> None:
        self._root: _Node[Target] = _Node()
        self._fixed: dict[str, Match[Target]] = {}
        for method, route, target in routes:
            self.add(method, route, target)

    def add(self, method: str, route: Route, target: Target) -> None:
        node = self._root
        for segment in route.segments:
            node = node.below(segment)
        if route.trailing and route.segments:
            node = node.below(Literally("", route.span))
        node.methods.setdefault(method, target)
        if all(isinstance(segment, Literally) for segment in route.segments):
            self._fixed.setdefault(route.template, Match(node.methods, ()))

    def find(self, path: str) -> Match[Target] | None:
        """The targets of a decoded path, by method; None where no route leads."""
        return self._fixed.get(path) or self._walk(path)

    def _walk(self, path: str) -> Match[Target] | None:
        if not path.startswith("/"):
            return None
        segments = path.split("/")[1:]
        values: list[str] = []
        node = _descend(self._root, segments, 0, values)
        return Match(node.methods, tuple(values)) if node else None


def _descend(node: _Node[Target], segments: list[str], at: int, values: list[str]) -> _Node[Target] | None:
    if at == len(segments):
        return node if node.methods else None
    segment = segments[at]
    literal = node.literals.get(segment)
    if literal is not None:
        found = _descend(literal, segments, at + 1, values)
        if found is not None:
            return found
    for prefix, suffix, below in node.variables:
        length = len(prefix) + len(suffix)
        if len(segment) > length and segment.startswith(prefix) and segment.endswith(suffix):
            values.append(segment[len(prefix) : len(segment) - len(suffix)])
            found = _descend(below, segments, at + 1, values)
            if found is not None:
                return found
            values.pop()
    return None
