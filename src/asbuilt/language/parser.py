"""The guard around Python's parser: the one place that calls it on what a document holds. Nothing is ever executed.

The parser recurses as deep as its input nests, so a linear scan refuses what is too deep or too
large before the parser sees it: https://docs.python.org/3/library/ast.html#ast.parse warns of crashes.
"""

import ast
import re
import warnings
from dataclasses import dataclass, field

from asbuilt.diagnostics import Hole
from asbuilt.source import Fragment, Span

MAX_LENGTH = 1_000_000
MAX_NESTING = 100
MAX_LINE = 4_000  # of a text that is not ASCII: each place in a line is found by decoding what stands before it

_TOKEN = re.compile(
    r"""
    (?P<string>[A-Za-z]{0,2}(?:
        \"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z) | '''(?:[^\\]|\\.)*?(?:'''|\Z)
      | "(?:[^"\\\n]|\\.)*"? | '(?:[^'\\\n]|\\.)*'?
    ))
    | (?P<comment>\#[^\n]*)
    | (?P<continued>\\\n)
    | (?P<line>\n[ \t\f]*)
    | (?P<word>[^\W\d]\w*)
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<pause>[,;])
    | (?P<operator>[-+~*/%@&|^<>=!.]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_HOLE_OF_STRING = re.compile(r"\{([^{}]*)")
_LINKING_WORDS = frozenset({"not", "lambda", "if", "else", "await", "and", "or", "in", "is", "for", "yield"})


def parse_python(fragment: Fragment) -> ast.Module | Hole:
    """The tree of a fragment, or why there is none and where. Never raises, whatever the text holds.

    Lines of the tree count from 1 in the fragment; columns count UTF-8 bytes, as `ast` has it:
    `span_of` makes them a place in the document.
    """
    refused = refusal(fragment)
    if refused is not None:
        return refused
    tree = syntax_tree(fragment.text)
    return tree if isinstance(tree, ast.Module) else syntax_fault(fragment, tree)


def syntax_tree(text: str) -> ast.Module | SyntaxError:
    """The tree of a text that `refusal` lets pass, or the fault. A depth that it misses is a fault without a line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape in a string is the author's matter
        try:
            return ast.parse(text.replace("\r", " "))
        except SyntaxError as error:
            return error
        except (RecursionError, MemoryError):
            return SyntaxError("it nests too deeply")
        except ValueError:
            return SyntaxError("it holds characters that are no text")


def span_of(node: ast.AST, fragment: Fragment) -> Span:
    """Where in the document a node of the fragment's tree is written; a tree as a whole is the whole fragment."""
    line, end_line = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    if line is None or end_line is None:
        return fragment.whole
    start = _offset(fragment, line, getattr(node, "col_offset", 0))
    return fragment.span(start, _offset(fragment, end_line, getattr(node, "end_col_offset", 0)))


def _offset(fragment: Fragment, line: int, column: int) -> int:
    """The offset in the fragment of a line and a column that counts UTF-8 bytes."""
    start = fragment.line_start(line)
    if fragment.text.isascii():
        return start + column
    before = fragment.text[start : start + column]
    return start + len(before.encode()[:column].decode(errors="ignore"))


def syntax_fault(fragment: Fragment, error: SyntaxError, shift: int = 0) -> Hole:
    """The fault at the place it names, `shift` lines further up.

    Its columns count characters from 1; line and column may be missing or beside the text.
    """
    message = f"this is no valid Python: {(error.msg or 'invalid syntax').rstrip('.')}"
    if not error.lineno:
        return Hole(fragment.whole, message)
    first = fragment.line_start(max(error.lineno - shift, 1))
    line_end = fragment.text.find("\n", first)
    line_end = len(fragment.text) if line_end < 0 else line_end
    start = min(first + max((error.offset or 1) - 1, 0), max(line_end - 1, 0))
    end = start + 1
    if error.end_lineno == error.lineno and error.end_offset:
        end = max(end, first + error.end_offset - 1)
    return Hole(fragment.span(start, max(start, min(end, line_end))), message)


def refusal(fragment: Fragment) -> Hole | None:
    """Why a text is not handed to Python's parser: it is too deep or too long, or holds U+0000."""
    text = fragment.text
    if len(text) > MAX_LENGTH:
        return Hole(fragment.span(0, 0), f"this Python is longer than {MAX_LENGTH:,} characters and is not read")
    if (nul := text.find("\0")) >= 0:
        return Hole(fragment.span(nul, nul + 1), "Python cannot hold the character U+0000")
    if not text.isascii() and (long := re.search(rf"[^\n]{{{MAX_LINE}}}", text)):
        return Hole(
            fragment.span(long.start(), long.start()), f"a line of Python is longer than {MAX_LINE:,} characters"
        )
    deep = _first_too_deep(text)
    if deep is None:
        return None
    return Hole(fragment.span(deep, deep + 1), f"this Python nests deeper than {MAX_NESTING} levels and is not read")


@dataclass(slots=True)
class _Depth:
    """How deep the tree may be at a point: blocks, `elif`s, open brackets, and the operators since the last comma.

    `links` counts for each open bracket, the innermost last, what joins one expression to a deeper
    one; `blocks` pairs each open indentation with the number of its `elif`s.
    """

    links: list[int] = field(default_factory=lambda: [0])
    blocks: list[list[int]] = field(default_factory=lambda: [[0, 0]])
    total: int = 0
    fresh: bool = True

    def link(self, count: int = 1) -> None:
        self.links[-1] += count
        self.total += count

    def pause(self) -> None:
        self.total -= self.links[-1]
        self.links[-1] = 0

    def open(self) -> None:
        self.link()
        self.links.append(0)

    def close(self) -> None:
        if len(self.links) > 1:
            self.total -= self.links.pop()

    def line(self, indentation: int) -> None:
        if len(self.links) > 1:
            return
        self.pause()
        while len(self.blocks) > 1 and self.blocks[-1][0] > indentation:
            self.total -= 1 + self.blocks.pop()[1]
        if indentation > self.blocks[-1][0]:
            self.blocks.append([indentation, 0])
            self.total += 1
        self.fresh = True

    def word(self, word: str) -> None:
        if self.fresh:
            if word == "elif":
                self.blocks[-1][1] += 1
                self.total += 1
            elif word != "else":
                self.total -= self.blocks[-1][1]
                self.blocks[-1][1] = 0
            self.fresh = False
        if word in _LINKING_WORDS:
            self.link()


def _first_too_deep(text: str) -> int | None:
    depth = _Depth()
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "line":
                following = text[token.end() : token.end() + 1]
                if following not in {"", "\n", "#"}:
                    depth.line(token.end() - token.start() - 1)
            case "word":
                depth.word(token.group())
            case "open":
                depth.open()
            case "close":
                depth.close()
            case "pause":
                depth.pause()
            case "operator":
                depth.link(token.end() - token.start())
            case "string" if "f" in token.group()[:2].lower():
                inside = max((_links(hole.group(1)) for hole in _HOLE_OF_STRING.finditer(token.group())), default=0)
                if depth.total + inside > MAX_NESTING:
                    return token.start()
        if depth.total > MAX_NESTING:
            return token.start()
    return None


def _links(expression: str) -> int:
    """At most how deep the expression in an f-string nests."""
    return len(re.findall(r"[-+~*/%@&|^<>=!.(\[]|\b(?:not|lambda|if|else|await|and|or|in|is|for|yield)\b", expression))
