"""The lines, rows and items that readers are there for, and which of them say nothing that is to be read."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from asbuilt.component import Component
from asbuilt.document import Block, Fence, ListBlock, Outline, Part, Table, flattened
from asbuilt.ledger.kept import is_read
from asbuilt.ledger.place import OUTSIDE
from asbuilt.source import Fragment, Span

# Where bullets are a notation; elsewhere they are prose.
_LISTS = ("api", "overview.", "configuration", "data.access-patterns", "state-machines")
_COMMENT = re.compile(r"\s*(?:#(?![\w{])|//|--(?:\s|$)|/\*.*\*/\s*$|<!--)")
_QUOTES = re.compile(r'"""|\'\'\'')
_MARKS = re.compile(r"[\s{}()\[\]<>,;:|│├└─`'\"*&+.-]*")
# What readers look past, since nothing in it can be wrong: imports, decorators, ends of bodies, and lines whose
# value is told elsewhere or to people alone.
_STRUCTURE = re.compile(
    r"\s*(?:from\s+[\w.]+\s+import\b|import\s+[\w{*\"']|@\w|pass$|(?:pub\s+)?export\s*[{*]"
    r"|(?:Base[ _-]?(?:Path|URL)|Prefix|Summary|Description|Purpose|Title)\s*:"
    r"|(?:ALL|ANY|[A-Z]{3,7})\s+\S*\*\s*$|(?:States|Transitions|Events)\s*:\s*$|stateDiagram|direction\s+\w+$)",
    re.IGNORECASE,
)


# Keys of OpenAPI and JSON Schema that their reader goes through; what it does not know there, it tells as a hole.
_KEYS = (
    "openapi swagger info version title summary description paths components schemas parameters requestBody responses "
    "content schema name in required type format properties items operationId tags security servers url headers get "
    "post put patch delete head options definitions enum nullable default readOnly writeOnly minimum maximum "
    "minLength maxLength minItems maxItems pattern additionalProperties allOf anyOf oneOf"
)
_OPENAPI = re.compile(r"""^[ \t]*+["']?(?:openapi|swagger|paths|components|\$schema)["']?\s*:""", re.MULTILINE)
_KEY = re.compile(rf"""\s*(?:-\s+)?["']?(?:{"|".join(_KEYS.split())}|[\w.+*-]+/[\w.+*-]+)["']?\s*:""")
_TREE = "overview.repository-structure"  # whose first line is the repository itself
_PARAMETER = re.compile(r"\{[^{}/]*\}|(?<=/):[A-Za-z_]\w*|<[^<>/]*>")
_MENTION = re.compile(r"\b(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b[\s`|*]{1,9}(?P<path>/[^\s`|)\"',]*)")
_WORD = re.compile(r"\w+")


Role: TypeAlias = Literal["statement", "mention", "structure", "comment"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of code, a row or an item. `block` is where the fence, table or list item begins that it belongs to.

    A `mention` names again what is told in full elsewhere: an endpoint in a summary, a variable in an example.
    `structure` stands there for the sake of its neighbours: a bracket, an import, a docstring.
    """

    span: Span
    block: int
    role: Role


def lines_for_readers(component: Component, outline: Outline) -> Iterator[Line]:
    """Lines of code, rows and items in sections with a reader, and code and rows outside of the template.

    Blank lines are not among them, nor is pseudocode: they are prose.
    """
    reader = _Reader(_Mentions(component))
    if outline.document.front is not None:
        yield from reader.code(outline.document.front, "")
    yield from reader.blocks(outline.preamble, "")
    told = {name.span for name in component.algorithms.pseudocode}
    stack = [(part, OUTSIDE, False) for part in reversed(outline.roots)]
    while stack:
        part, above, prose = stack.pop()
        key = part.key or above
        prose = (prose and part.key is None) or _is_told(part, told)
        if key == OUTSIDE or is_read(key):
            yield from reader.blocks(part.blocks, key, prose=prose)
        stack.extend((child, key, prose) for child in reversed(part.children))


def _is_told(part: Part, told: set[Span]) -> bool:
    """Whether the part is pseudocode, which has no reader on purpose."""
    return part.title.span in told or (part.key == "algorithms" and Span(0, 0) in told)


@dataclass(frozen=True)
class _Mentions:
    """The endpoints and variables of a document, and which lines name one."""

    component: Component

    @cached_property
    def endpoints(self) -> frozenset[str]:
        """Methods and paths, the parameters blank, with the base path and without its first segments."""
        routes = ((one.method, _PARAMETER.sub("{}", one.route.template)) for one in self.component.api.endpoints)
        tails = ((method, path.split("/")[1:]) for method, path in routes)
        return frozenset(
            f"{method} /{'/'.join(segments[at:])}" for method, segments in tails for at in range(min(3, len(segments)))
        )

    @cached_property
    def variables(self) -> frozenset[str]:
        return frozenset(variable.name.text for variable in self.component.configuration.variables)

    def names_again(self, text: str, key: str) -> bool:
        if key.startswith("configuration"):
            return not self.variables.isdisjoint(_WORD.findall(text))
        found = _MENTION.search(text) if key.startswith("api") else None
        if found is None:
            return False
        path = _PARAMETER.sub("{}", found["path"].partition("?")[0])
        return f"{found['method']} {path}" in self.endpoints


@dataclass(frozen=True, slots=True)
class _Reader:
    mentions: _Mentions

    def blocks(self, blocks: Iterable[Block], key: str, *, prose: bool = False) -> Iterator[Line]:
        for block in flattened(blocks):
            match block:
                case Fence() if not prose:
                    yield from self.code(block.body, key)
                case Table() if not prose:
                    for row in block.rows:
                        text = " ".join(cell.plain for cell in row.cells)
                        role: Role = "mention" if self.mentions.names_again(text, key) else "statement"
                        yield Line(row.span, block.span.start, "structure" if not text.strip() else role)
                case ListBlock() if key.startswith(_LISTS):
                    for item in block.items:
                        if item.text:
                            yield from self.code(item.text.fragment, key)

    def code(self, body: Fragment, key: str) -> Iterator[Line]:
        openapi = key.startswith("api") and _OPENAPI.search(body.text) is not None
        quoted = False
        at = 0
        for text in body.text.split("\n"):
            begin, at = at, at + len(text) + 1
            inside = quoted or text.lstrip().startswith(('"""', "'''"))
            quoted ^= len(_QUOTES.findall(text)) % 2 == 1
            if text.strip():
                span = body.span(begin, at - 1)
                root = key == _TREE and begin == 0
                role = "structure" if inside or root else self._role(text, key, openapi=openapi)
                yield Line(span, body.whole.start, role)

    def _role(self, text: str, key: str, *, openapi: bool) -> Role:
        if _COMMENT.match(text):
            return "comment"
        if _MARKS.fullmatch(text) or _STRUCTURE.match(text) or (openapi and _KEY.match(text)):
            return "structure"
        return "mention" if self.mentions.names_again(text, key) else "statement"
