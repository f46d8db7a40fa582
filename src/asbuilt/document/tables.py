"""Tables as GFM has them: the block rule that finds one, and the cells of a row with their places."""

import re

from markdown_it.rules_block import StateBlock

from asbuilt.document.text import Text
from asbuilt.source import Fragment

TOKEN = "located_table"  # noqa: S105 - markdown-it's word for a piece of a document
_COLUMN = r"[ \t]*:?-+:?[ \t]*"
_DELIMITERS = re.compile(rf"(?!-[ \t])\|?{_COLUMN}(?:\|{_COLUMN})*\|?[ \t]*")
_DELIMITER = re.compile(r"-+")
_PIPE = re.compile(r"(?<!\\)\|")
_MAX_FILLED = 0x10000  # missing cells, as in markdown-it: a short text must not grow into a huge table


def table_rule(state: StateBlock, first: int, last: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """markdown-it's rule for tables, but with one token, whose meta holds the length of each row by its line."""
    columns = _columns(state, first) if first + 2 <= last else 0
    if not columns or silent:
        return bool(columns)
    before, state.parentType = state.parentType, "table"
    line = first + 2
    filled = 0
    while line < last and _goes_on(state, line, last):
        filled += max(0, columns - _count(_content(state, line)))
        if filled > _MAX_FILLED:
            break
        line += 1
    state.parentType, state.line = before, line
    token = state.push(TOKEN, "table", 0)
    token.map = [first, line]
    token.meta = {at: state.eMarks[at] - state.bMarks[at] - state.tShift[at] for at in range(first, line)}
    return True


def _columns(state: StateBlock, first: int) -> int:
    """The number of columns of the table that begins at a line; 0 if none does."""
    start = state.bMarks[first + 1] + state.tShift[first + 1]
    if state.src[start : start + 1] not in ("|", "-", ":") or state.sCount[first + 1] < state.blkIndent:
        return 0
    if state.is_code_block(first) or state.is_code_block(first + 1):
        return 0
    header, delimiters = _content(state, first), _content(state, first + 1)
    if "|" not in header or len(delimiters.rstrip()) < 2 or not _DELIMITERS.fullmatch(delimiters):
        return 0
    columns = _count(header)
    return columns if columns == len(_DELIMITER.findall(delimiters)) else 0


def _goes_on(state: StateBlock, line: int, last: int) -> bool:
    if state.sCount[line] < state.blkIndent or state.isEmpty(line) or state.is_code_block(line):
        return False
    ends = state.md.block.ruler.getRules("blockquote")
    return not any(rule(state, line, last, True) for rule in ends)  # noqa: FBT003 - markdown-it's signature


def _content(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _count(row: str) -> int:
    return len(cell_bounds(row.strip(" \t")))


def cell_bounds(row: str) -> list[tuple[int, int]]:
    """Where the cells of a row without white space around it begin and end. An escaped pipe ends none."""
    ends = [match.start() for match in _PIPE.finditer(row)]
    starts = [0, *(end + 1 for end in ends)]
    bounds = list(zip(starts, [*ends, len(row)], strict=True))
    first = 1 if bounds[0][1] == 0 else 0
    last = len(bounds) - 1 if len(bounds) > 1 and bounds[-1][0] == len(row) else len(bounds)
    return bounds[first:last]


def cells(row: str, begin: int) -> list[Text]:
    """The cells of a row that begins at an offset of the source."""
    found = []
    for start, end in cell_bounds(row):
        bare = row[start:end].lstrip(" \t")
        origin = begin + (end - len(bare) if bare else start)
        found.append(Text(Fragment(bare.rstrip(" \t"), (origin,)), in_table=True))
    return found
