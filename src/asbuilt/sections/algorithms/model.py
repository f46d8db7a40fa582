"""Algorithms as written: Python functions with their promises, never executed here."""

import ast
from dataclasses import dataclass

from asbuilt.diagnostics import Hole
from asbuilt.language.names import Name
from asbuilt.language.types import UNSET, Default, Type
from asbuilt.source import Fragment, Span


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter of an algorithm. `type` is None where it has no annotation."""

    name: Name
    type: Type | None
    default: Default = UNSET


@dataclass(frozen=True, slots=True)
class Call:
    """A call `db.pattern(...)` or `upstream.method(...)`: whom, what, and whether it may run more than once."""

    target: str
    name: Name
    repeated: bool


@dataclass(frozen=True, slots=True)
class Complexity:
    """A promise about cost: `O(n log n) in lines` (`measure`, `of`), `exactly n statements`, `at most 8 statements`."""

    text: str
    span: Span
    order: str | None = None
    of: str | None = None
    statements: str | None = None
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A function of a fence under a heading. Several functions may share a fence and a heading."""

    name: Name
    heading: str
    arguments: tuple[Argument, ...]
    returns: Type | None
    is_async: bool
    raises: tuple[Name, ...]
    calls: tuple[Call, ...]
    names_used: tuple[Name, ...]
    node: ast.FunctionDef | ast.AsyncFunctionDef
    span: Span
    complexity: tuple[Complexity, ...] = ()


@dataclass(frozen=True, slots=True)
class Module:
    """One Python fence: its text, and the tree whose line numbers are those of the document."""

    code: Fragment
    tree: ast.Module
    span: Span


@dataclass(frozen=True, slots=True)
class Algorithms:
    """`pseudocode` are the headings whose text no reader takes for code; they stay prose."""

    functions: tuple[Algorithm, ...] = ()
    modules: tuple[Module, ...] = ()
    pseudocode: tuple[Name, ...] = ()
    holes: tuple[Hole, ...] = ()

    def function(self, name: str) -> Algorithm | None:
        return next((function for function in self.functions if function.name.text == name), None)
