"""Python source read by `ast` and never executed, whose nodes know where they stand in the document.

The grammar of Python 3.12's type parameters is read on every version: `class Page[T]:` and `type Ids = list[int]`
are rewritten, character for character, to what older grammars know.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import field
from functools import lru_cache
from itertools import accumulate, pairwise

from asbuilt.diagnostics import Hole
from asbuilt.language.parser import refusal, syntax_fault, syntax_tree
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

_MAX_REPAIRS = 8
_SHORT = 200  # characters of an expression whose tree is kept
_PARAMETERS = r"\[(?P<parameters>[^\[\]\n]*(?:\[[^\[\]\n]*\][^\[\]\n]*)*)\]"
_GENERIC = re.compile(rf"^[ \t]*+(?:class|def|async[ \t]+def)[ \t]+(?P<name>\w+)[ \t]*{_PARAMETERS}", re.MULTILINE)
_TYPE_ALIAS = re.compile(rf"^type[ \t]+(?P<name>\w+)[ \t]*(?:{_PARAMETERS})?[ \t]*(?==[^=])", re.MULTILINE)
_STATEMENT = re.compile(r"^[^\s#)\]}]", re.MULTILINE)


@frozen
class Code:
    """A stretch of Python: its statements, and where each node was written.

    `variables` holds the type variables of `class X[T]` and `type X[T]`, by line; `aliases` the lines
    of `type` statements with the place of the name, which the tree has further left.
    """

    fragment: Fragment
    body: tuple[ast.stmt, ...]
    variables: dict[int, tuple[str, ...]] = field(default_factory=dict)
    aliases: dict[int, Span] = field(default_factory=dict)
    _columns: dict[int, list[int]] = field(default_factory=dict, repr=False, compare=False)

    def offset(self, line: int, column: int) -> int:
        """The offset in the fragment of a column in UTF-8 bytes, which is what `ast` counts."""
        start = self.fragment.line_start(line)
        text = self.fragment.text
        if text.isascii():
            return start + column
        known = self._columns.get(line)
        if known is None:
            end = text.find("\n", start)
            written = text[start : end if end >= 0 else len(text)]
            known = list(accumulate((len(char.encode("utf-8", "replace")) for char in written), initial=0))
            self._columns[line] = known
        return start + _index(known, column)

    def range(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends in the fragment."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        last, end = getattr(node, "end_lineno", None) or line, getattr(node, "end_col_offset", None) or column
        return self.offset(line, column), self.offset(last, end)

    def span(self, node: ast.AST) -> Span:
        return self.fragment.span(*self.range(node))

    def text(self, node: ast.AST) -> str:
        start, end = self.range(node)
        return self.fragment.text[start:end]

    def part(self, node: ast.AST) -> Fragment:
        return self.fragment.part(*self.range(node))

    def comment(self, node: ast.AST) -> str:
        """The comment that ends the last line of a node, without its `#`."""
        end = self.range(node)[1]
        stop = self.fragment.text.find("\n", end)
        rest = self.fragment.text[end : stop if stop >= 0 else len(self.fragment.text)].lstrip(" \t,")
        return rest[1:].strip() if rest.startswith("#") else ""


def _index(columns: list[int], column: int) -> int:
    low, high = 0, len(columns) - 1
    while low < high:
        middle = (low + high) // 2
        if columns[middle] < column:
            low = middle + 1
        else:
            high = middle
    return low


def read_module(
    fragment: Fragment, matters: Callable[[Fragment], bool] = lambda _: True
) -> tuple[tuple[Code, ...], tuple[Hole, ...]]:
    """The statements of a fragment. A statement that is no Python becomes a hole, those around it are read.

    What does not matter to the caller is no hole; it is passed over.
    """
    fragment = dedented(fragment)
    code = _parse(fragment, fragment.text)
    if isinstance(code, Code):
        return (code,), ()
    if not fragment.text.strip():
        return (), ()
    codes: list[Code] = []
    holes: list[Hole] = []
    for part in _chunks(fragment):
        missed: list[Hole] = []
        found = _repaired(part, missed)
        if found is not None:
            codes.append(found)
        if missed and matters(part):
            holes += missed
    return tuple(codes), tuple(holes)


def read_expression(fragment: Fragment) -> tuple[Code, ast.expr] | Hole:
    """One expression, which may go over several lines."""
    known = _expressions(fragment.text) if len(fragment.text) < _SHORT else None
    if known is not None:
        return Code(fragment, ()), known
    refused = refusal(fragment)
    if refused is not None:
        return refused
    tree = syntax_tree(_widened(fragment.text))
    if isinstance(tree, SyntaxError):
        bare = syntax_tree(fragment.text)  # its fault is told without the parentheses, unless they mend it
        return syntax_fault(fragment, bare) if isinstance(bare, SyntaxError) else syntax_fault(fragment, tree, shift=1)
    value = _sole(tree)
    return Hole(fragment.whole, "this is not a Python expression") if value is None else (Code(fragment, ()), value)


def _widened(text: str) -> str:
    """The text in parentheses, which make line breaks and indentation harmless, on lines of their own."""
    return f"(\n{text}\n)"


def _sole(tree: ast.Module) -> ast.expr | None:
    """The only expression of a widened text, its lines counted as the text has them."""
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    value = tree.body[0].value
    ast.increment_lineno(value, -1)
    return value


@lru_cache(maxsize=4096)
def _expressions(text: str) -> ast.expr | None:
    """The tree of a short expression, which specifications repeat a lot. Nobody changes it."""
    fragment = Fragment(text, (0,) * (text.count("\n") + 1))
    tree = syntax_tree(_widened(text)) if refusal(fragment) is None else None
    return _sole(tree) if isinstance(tree, ast.Module) else None


def dedented(fragment: Fragment) -> Fragment:
    """The fragment without the indentation that all its lines share."""
    if not fragment.text.startswith((" ", "\t", "\n")):
        return fragment
    lines = fragment.text.split("\n")
    written = [line for line in lines if line.strip()]
    shared = min((len(line) - len(line.lstrip(" \t")) for line in written), default=0)
    cuts = [min(shared, len(line)) for line in lines]
    origins = tuple(origin + cut for origin, cut in zip(fragment.origins, cuts, strict=False))
    return Fragment("\n".join(line[cut:] for line, cut in zip(lines, cuts, strict=True)), origins)


def _parse(fragment: Fragment, text: str) -> Code | Hole:
    refused = refusal(fragment)
    if refused is not None:
        return refused
    rewritten, variables, names = _older(text) if "[" in text or "type" in text else (text, {}, {})
    tree = syntax_tree(rewritten)
    if isinstance(tree, SyntaxError):
        return syntax_fault(fragment, tree)
    aliases = {line: fragment.span(*at) for line, at in names.items()}
    return Code(fragment, tuple(tree.body), variables, aliases)


def _older(text: str) -> tuple[str, dict[int, tuple[str, ...]], dict[int, tuple[int, int]]]:
    """The text without type parameters and `type`, of the same length, with what was taken out by line."""
    variables: dict[int, tuple[str, ...]] = {}
    names: dict[int, tuple[int, int]] = {}
    pieces: list[str] = []
    at, line, counted = 0, 1, 0
    for match, is_alias in _typed(text):
        if match.start() < at:
            continue
        line += text.count("\n", counted, match.start())
        counted = match.start()
        pieces.append(text[at : match.start()])
        if is_alias:
            pieces.append(match.group("name").ljust(match.end() - match.start()))
            names[line] = match.span("name")
        else:
            begin, end = match.start("parameters") - 1, match.end("parameters") + 1
            pieces.append(text[match.start() : begin] + " " * (end - begin))
        parameters = match.group("parameters")
        if parameters:
            heads = (parameter.split(":")[0].split("=")[0].strip(" *") for parameter in parameters.split(","))
            variables[line] = tuple(head for head in heads if head.isidentifier())
        at = match.end()
    return "".join((*pieces, text[at:])), variables, names


def _typed(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    found = [(match, False) for match in _GENERIC.finditer(text)] + [(m, True) for m in _TYPE_ALIAS.finditer(text)]
    return iter(sorted(found, key=lambda pair: pair[0].start()))


def _chunks(fragment: Fragment) -> Iterator[Fragment]:
    """The top-level statements, decorators with what they decorate, as far as indentation shows them."""
    starts: list[int] = []
    decorated = False
    for match in _STATEMENT.finditer(fragment.text):
        if not decorated:
            starts.append(match.start())
        decorated = fragment.text.startswith("@", match.start())
    for start, end in pairwise([*starts, len(fragment.text)]):
        yield fragment.part(start, end)


def _repaired(fragment: Fragment, holes: list[Hole]) -> Code | None:
    """A statement read without its broken lines, each of which is a hole; None where that does not help."""
    text, found = fragment.text, list[Hole]()
    for _ in range(_MAX_REPAIRS):
        code = _parse(fragment, text)
        if isinstance(code, Code):
            holes += found
            return code
        found.append(code)
        line = _line(fragment, code.span)
        start = fragment.line_start(line)
        stop = text.find("\n", start)
        written = text[start : stop if stop >= 0 else len(text)]
        if line == 1 or not written.strip():
            break
        indent = len(written) - len(written.lstrip())
        text = text[: start + indent] + "0".ljust(len(written) - indent) + text[start + len(written) :]
    holes.append(found[0])
    return None


def _line(fragment: Fragment, span: Span) -> int:
    """The line of a fragment (from 1) that a span of the document begins in."""
    low, high = 1, len(fragment.origins)
    while low < high:
        middle = (low + high + 1) // 2
        if fragment.origins[middle - 1] <= span.start:
            low = middle
        else:
            high = middle - 1
    return low
