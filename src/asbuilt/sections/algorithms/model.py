"""Algorithms as written: Python functions with their promises, never executed here."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from asbuilt.diagnostics import Hole
from asbuilt.language.names import Name
from asbuilt.language.types import UNSET, Default, Type
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen


@frozen
class Argument:
    """A parameter of an algorithm. `type` is None where it has no annotation."""

    name: Name
    type: Type | None
    default: Default = UNSET


@frozen
class Call:
    """A call `db.pattern(...)` or `upstream.method(...)`: whom, what, and whether it may run more than once.

    `unpacked` says that arguments come out of a `*list` or a `**mapping`, so that `keywords` are not all.
    """

    target: str
    name: Name
    repeated: bool
    span: Span
    keywords: tuple[Name, ...] = ()
    positional: int = 0
    unpacked: bool = False


@frozen
class Complexity:
    """A promise about cost: `O(n log n) in lines` (`order`, `of`), `exactly n statements` (`bound`, `statements`)."""

    text: str
    span: Span
    order: str | None = None
    of: str | None = None
    statements: str | None = None
    bound: str | None = None


@frozen
class Algorithm:
    """A function of a fence under a heading. Several functions may share a fence and a heading.

    `names_used` are the names it takes from outside: of other functions, imports, schemas, error codes;
    `settings` are the attributes of its parameter `settings` that it reads.
    """

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
    settings: tuple[Name, ...] = ()


@frozen
class Module:
    """One Python fence, or a linked module: its text, and its tree.

    The tree's lines and columns are those of the document, or of the file at `path`. `defines` are the
    names that its statements bind.
    """

    code: Fragment
    tree: ast.Module
    span: Span
    path: Path | None = None
    defines: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Algorithms:
    """`pseudocode` are the headings whose text no reader takes for code; they stay prose.

    `unread` are the lines of `Complexity` that hold no promise in a form that can be checked.
    """

    functions: tuple[Algorithm, ...] = ()
    modules: tuple[Module, ...] = ()
    pseudocode: tuple[Name, ...] = ()
    holes: tuple[Hole, ...] = ()
    unread: tuple[Name, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Algorithm]:
        """Of two functions of one name, the first."""
        return {function.name.text: function for function in reversed(self.functions)}

    def function(self, name: str) -> Algorithm | None:
        return self.by_name.get(name)
