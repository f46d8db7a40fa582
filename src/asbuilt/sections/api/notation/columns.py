"""The columns of tables by what their headers say, in any order."""

import re
from collections.abc import Mapping

from asbuilt.document import Table, Text

_NO_WORD = re.compile(r"[^\w]+|_+")


def folded(header: str) -> str:
    """A header reduced to its words: lower case, single spaces, no punctuation."""
    return " ".join(_NO_WORD.sub(" ", header.casefold()).split())


def columns(table: Table, synonyms: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """The index of each known column, by its key. The first header that fits a key has it, keys in their order.

    A header fits as a whole, or by words it begins or ends with: `Response Body (JSON)` fits `response body`.
    """
    headers = [folded(cell.plain) for cell in table.header.cells]
    found: dict[str, int] = {}
    for exact in (True, False):
        for key, names in synonyms.items():
            if key in found:
                continue
            for index, header in enumerate(headers):
                if index not in found.values() and any(_fits(header, name, exact=exact) for name in names):
                    found[key] = index
                    break
    return found


def _fits(header: str, name: str, *, exact: bool) -> bool:
    if exact:
        return header == name
    return header.startswith(name + " ") or header.endswith(" " + name)


def cell(cells: tuple[Text, ...], where: Mapping[str, int], key: str) -> Text | None:
    """The cell of a row under a column; None where the table has no such column or the cell says nothing."""
    index = where.get(key)
    if index is None or index >= len(cells):
        return None
    text = cells[index]
    return text if text.plain.strip(" -–—") else None
