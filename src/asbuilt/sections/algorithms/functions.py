"""What a Python function does, as far as its tree tells: calls, errors raised, names taken from outside."""

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from asbuilt.diagnostics import Hole
from asbuilt.language.annotations import read_annotation, read_default
from asbuilt.language.names import Name
from asbuilt.language.python import Code
from asbuilt.language.types import UNSET, Type
from asbuilt.sections.algorithms.model import Algorithm, Argument, Call
from asbuilt.source import Span
from asbuilt.values import frozen

Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = Callable[[ast.AST], Span]
_BUILTINS = frozenset(dir(builtins))
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@frozen
class Body:
    """What one function holds, before anything is known of the others."""

    calls: tuple[Call, ...]
    raises: tuple[Name, ...]
    free: tuple[Name, ...]
    settings: tuple[Name, ...]


def read_function(code: Code, node: Function, heading: str, place: Place) -> Algorithm:
    body = _body(node, place)
    return Algorithm(
        name=Name(node.name, _name_span(code, node, place)),
        heading=heading,
        arguments=tuple(_arguments(code, node, place)),
        returns=_type(code, node.returns, place),
        is_async=isinstance(node, ast.AsyncFunctionDef),
        raises=body.raises,
        calls=body.calls,
        names_used=body.free,
        settings=body.settings,
        node=node,
        span=place(node),
    )


def _name_span(code: Code, node: Function, place: Place) -> Span:
    """Where the name stands behind `def`: the tree does not say."""
    whole = place(node)
    if whole != code.span(node):
        return whole
    start = code.range(node)[0]
    at = code.fragment.text.find(node.name, code.fragment.text.find("def", start) + 3)
    return code.fragment.span(at, at + len(node.name))


def _arguments(code: Code, node: Function, place: Place) -> Iterator[Argument]:
    """The parameters that are filled by name; `*args` and `**kwargs` take nothing by name."""
    given = node.args
    named = [*given.posonlyargs, *given.args]
    unset: list[ast.expr | None] = [None] * (len(named) - len(given.defaults))
    defaults = [*unset, *given.defaults, *given.kw_defaults]
    for argument, default in zip([*named, *given.kwonlyargs], defaults, strict=True):
        value = UNSET if default is None else read_default(code, default, [])
        start = place(argument).start
        whole = place(argument)
        span = whole if argument.annotation is None else Span(start, min(whole.end, start + len(argument.arg)))
        yield Argument(Name(argument.arg, span), _type(code, argument.annotation, place), value)


def _type(code: Code, annotation: ast.expr | None, place: Place) -> Type | None:
    """The type of an annotation; one that only Python understands is none of ours, and no fault."""
    if annotation is None:
        return None
    holes: list[Hole] = []
    found = read_annotation(code, annotation, holes).type
    return None if holes else replace(found, span=place(annotation))


@dataclass(slots=True)
class _Findings:
    place: Place
    parameters: frozenset[str]
    calls: list[Call] = field(default_factory=list)
    raised: list[tuple[str, ast.AST]] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    loaded: list[ast.Name] = field(default_factory=list)
    settings: list[Name] = field(default_factory=list)

    def take(self, node: ast.AST, *, repeated: bool) -> None:
        match node:
            case ast.Name(ctx=ast.Load()):
                self.loaded.append(node)
            case ast.Name(id=name) | ast.arg(arg=name):
                self.bound.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                self.bound.add(name)
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                self.bound.add(name)
            case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
                self.bound.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                self.bound |= {(alias.asname or alias.name).partition(".")[0] for alias in names}
            case ast.Call(func=ast.Attribute(value=ast.Name(id=target))) if target in self.parameters:
                self.calls.append(self._call(node, target, repeated=repeated))
            case ast.Attribute(value=ast.Name(id="settings"), attr=attribute) if "settings" in self.parameters:
                self.settings.append(self._tail(node, attribute))
            case ast.Raise(exc=ast.Name(id=name) as error) | ast.Raise(exc=ast.Call(func=ast.Name(id=name) as error)):
                self.raised.append((name, error))

    def _call(self, node: ast.Call, target: str, *, repeated: bool) -> Call:
        function = node.func
        assert isinstance(function, ast.Attribute)  # noqa: S101 - the pattern above says so
        keywords = [(keyword.arg, self.place(keyword)) for keyword in node.keywords]
        return Call(
            target=target,
            name=self._tail(function, function.attr),
            repeated=repeated,
            span=self.place(node),
            keywords=tuple(Name(word, Span(at.start, at.start + len(word))) for word, at in keywords if word),
            positional=sum(not isinstance(argument, ast.Starred) for argument in node.args),
            unpacked=any(word is None for word, _ in keywords) or any(isinstance(a, ast.Starred) for a in node.args),
        )

    def _tail(self, node: ast.AST, attribute: str) -> Name:
        whole = self.place(node)
        return Name(attribute, Span(max(whole.start, whole.end - len(attribute)), whole.end))


def _body(node: Function, place: Place) -> Body:
    parameters = frozenset(a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
    found = _Findings(place, parameters)
    for inner, repeated in _walk(node):
        found.take(inner, repeated=repeated)
    local = found.bound | parameters
    raised = [Name(name, place(error)) for name, error in found.raised if name not in local | _BUILTINS]
    free: dict[str, Name] = {}
    for name in sorted(found.loaded, key=lambda one: (one.lineno, one.col_offset)):
        if name.id not in local and name.id not in _BUILTINS:
            free.setdefault(name.id, Name(name.id, place(name)))
    raised.sort(key=lambda code: code.span.start)
    found.calls.sort(key=lambda call: call.span.start)
    return Body(tuple(found.calls), tuple(raised), tuple(free.values()), tuple(found.settings))


def _walk(function: Function) -> Iterator[tuple[ast.AST, bool]]:
    """Every node of a function's body, and whether it may run more than once. Annotations are not among them.

    What a loop goes over is computed once; a nested function may be called again and again.
    """
    stack: list[tuple[ast.AST, bool]] = [(child, False) for child in (*function.body, function.args)]
    once: dict[int, bool] = {}
    while stack:
        node, repeated = stack.pop()
        yield node, repeated
        source = _source(node)
        if source is not None:
            once[id(source)] = repeated
        inside = repeated or isinstance(node, (*_LOOPS, *_SCOPES))
        children = (child for child in ast.iter_child_nodes(node) if not _is_annotation(node, child))
        stack.extend((child, once.get(id(child), inside)) for child in children)


def _source(node: ast.AST) -> ast.AST | None:
    """What a loop goes over."""
    match node:
        case ast.For(iter=over) | ast.AsyncFor(iter=over):
            return over
        case ast.ListComp(generators=[first, *_]) | ast.SetComp(generators=[first, *_]):
            return first.iter
        case ast.DictComp(generators=[first, *_]) | ast.GeneratorExp(generators=[first, *_]):
            return first.iter
    return None


def _is_annotation(parent: ast.AST, child: ast.AST) -> bool:
    match parent:
        case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
            return child is annotation
        case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
            return child is returns
    return False


def recursive(functions: Mapping[str, Algorithm]) -> frozenset[str]:
    """The functions that may call themselves, directly or through others, and what lies between two of them."""
    calls = {name: {used.text for used in f.names_used if used.text in functions} for name, f in functions.items()}
    callers: dict[str, set[str]] = {name: set() for name in calls}
    for name, called in calls.items():
        for other in called:
            callers[other].add(name)
    return frozenset(_left(calls, callers) & _left(callers, calls))


def _left(leads: Mapping[str, set[str]], back: Mapping[str, set[str]]) -> set[str]:
    """What is left when whatever leads nowhere is taken away, again and again."""
    open_ends = {name: len(onward) for name, onward in leads.items()}
    frontier = [name for name, count in open_ends.items() if not count]
    left = set(leads)
    while frontier:
        name = frontier.pop()
        left.discard(name)
        for before in back[name]:
            open_ends[before] -= 1
            if not open_ends[before]:
                frontier.append(before)
    return left
