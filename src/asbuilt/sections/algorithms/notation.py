"""Core Algorithms as authors write them: Python by content, links to Python files, promises about cost; prose else."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

from asbuilt.diagnostics import Hole
from asbuilt.document import Block, Fence, Outline, Paragraph, Text, flattened
from asbuilt.language.names import Name, snake
from asbuilt.language.python import Code, read_module
from asbuilt.sections.algorithms.complexity import complexity_lines, read_complexity
from asbuilt.sections.algorithms.functions import Function, read_function, recursive
from asbuilt.sections.algorithms.linked import read_module_file
from asbuilt.sections.algorithms.model import Algorithm, Algorithms, Complexity, Module
from asbuilt.source import Fragment, Source, Span

_PYTHON = frozenset({"python", "py", "python3", "py3"})
_MAY_BE_PYTHON = frozenset({"", "text", "txt", "plaintext"})
_DEFINITION = re.compile(r"^(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(", re.MULTILINE)


def read(outline: Outline) -> Algorithms:
    """The algorithms of a document, in its order, all in one namespace."""
    reader = _Reader(outline.document.source)
    reader.take(outline.blocks("algorithms"), "", Span(0, 0))
    for part in outline.parts("algorithms.algorithm"):
        reader.take(part.own, part.title.plain.strip(), part.title.span)
    return reader.algorithms()


@dataclass(slots=True)
class _Reader:
    source: Source
    functions: list[Algorithm] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    pseudocode: list[Name] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    unread: list[Name] = field(default_factory=list)
    linked: set[tuple[Path, str]] = field(default_factory=set)

    def take(self, blocks: Iterable[Block], heading: str, span: Span) -> None:
        first, pseudocode = len(self.functions), False
        for block in flattened(blocks):
            match block:
                case Fence():
                    pseudocode = not self._fence(block, heading) or pseudocode
                case Paragraph(text):
                    self._links(text, heading)
                    for line in complexity_lines(text):
                        self._promise(line, heading, first)
        if pseudocode and len(self.functions) == first:
            self.pseudocode.append(Name(heading, span))

    def algorithms(self) -> Algorithms:
        """All that was read; what a function raises is an error code unless the namespace knows it otherwise."""
        known = frozenset(name for module in self.modules for name in module.defines)
        cycles = recursive({function.name.text: function for function in reversed(self.functions)})
        functions = (
            replace(
                function,
                raises=tuple(code for code in function.raises if code.text not in known),
                calls=tuple(replace(c, repeated=c.repeated or function.name.text in cycles) for c in function.calls),
            )
            for function in self.functions
        )
        return Algorithms(
            tuple(functions), tuple(self.modules), tuple(self.pseudocode), tuple(self.holes), tuple(self.unread)
        )

    def _fence(self, fence: Fence, heading: str) -> bool:
        """Whether the fence is Python; then its functions are taken."""
        labelled = fence.label in _PYTHON
        if not labelled and (fence.label not in _MAY_BE_PYTHON or not _DEFINITION.search(fence.body.text)):
            return False
        codes, holes = read_module(fence.body)
        # Where no label says so, one slip is a slip in Python; more are a notation of the author's own.
        if not labelled and (len(holes) > 1 or not any(_functions(code) for code in codes)):
            return False
        self.holes += holes
        for code in codes:
            self.functions += (read_function(code, node, heading, code.span) for node in _functions(code))
        if all(isinstance(statement, ast.Expr) for code in codes for statement in code.body):
            return True  # an example of a call, which defines nothing
        tree = ast.Module([statement for code in codes for statement in _moved(code, self.source)], [])
        self.modules.append(Module(fence.body, tree, fence.span, defines=frozenset(_bound(tree))))
        return True

    def _links(self, text: Text, heading: str) -> None:
        for link in text.links:
            if link.target.partition("#")[0].endswith(".py") and ":" not in link.target:
                found = read_module_file(self.source.path, link.target, link.target_span)
                if isinstance(found, Hole):
                    self.holes.append(found)
                elif found:
                    self._linked(*found, link.text.strip("`() "), heading, link.span)

    def _linked(self, path: Path, text: str, name: str, heading: str, span: Span) -> None:
        """The function of a linked file whose name the link shows; the file's other names are there for it alone."""

        def at_the_link(_: ast.AST) -> Span:
            return span

        if (path, name) in self.linked:
            return
        starts = accumulate((len(line) + 1 for line in text.split("\n")[:-1]), initial=0)
        codes, holes = read_module(Fragment(text, tuple(starts)))
        for hole in holes[:1]:
            line = text.count("\n", 0, hole.span.start) + 1
            self.holes.append(Hole(span, f"`{path.name}`, line {line}: {hole.message}", hole.hint))
        functions = {node.name: (code, node) for code in codes for node in _functions(code)}
        if not any(module.path == path for module in self.modules):
            tree = ast.Module([statement for code in codes for statement in code.body], [])
            self.modules.append(Module(Fragment(text, ()), tree, span, path, frozenset(_bound(tree))))
        if name in functions:
            code, node = functions[name]
            self.linked.add((path, name))
            self.functions.append(read_function(code, node, heading, at_the_link))

    def _promise(self, line: Text, heading: str, first: int) -> None:
        """A promise is about the function that bears the heading's name, else about the last one before it."""
        promises = read_complexity(line)
        if not promises and line.text.strip() and "<" not in line.text:
            self.unread.append(Name(line.plain.strip(), line.span))
        here = range(first, len(self.functions))
        if here:
            at = next((i for i in here if self.functions[i].name.text == snake(heading)), here[-1])
            self.functions[at] = _promising(self.functions[at], promises)


def _promising(function: Algorithm, promises: tuple[Complexity, ...]) -> Algorithm:
    return replace(function, complexity=(*function.complexity, *promises))


def _functions(code: Code) -> list[Function]:
    return [node for node in code.body if isinstance(node, Function)]


def _moved(code: Code, source: Source) -> Iterator[ast.stmt]:
    """The statements of a fence with the lines and columns of the document: a traceback shows its lines."""
    starts = [source.position(origin) for origin in code.fragment.origins]
    # Columns count bytes: what stands before the code is indentation, which is ASCII.
    for statement in code.body:
        for node in ast.walk(statement):
            line, end_line = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
            if isinstance(node, ast.stmt | ast.expr | ast.excepthandler | ast.arg | ast.keyword | ast.alias) and line:
                begin, end = starts[line - 1], starts[(end_line or line) - 1]
                node.lineno, node.end_lineno = begin.line, end.line
                node.col_offset += begin.column - 1
                node.end_col_offset = (node.end_col_offset or 0) + end.column - 1
        yield statement


def _bound(tree: ast.Module) -> Iterator[str]:
    """The names that the statements of a module bind."""
    for statement in tree.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name).partition(".")[0] for alias in names)
            case _:
                names_in = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
                yield from (node.id for node in names_in if isinstance(node.ctx, ast.Store))
