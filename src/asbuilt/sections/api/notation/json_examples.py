"""JSON examples in fences and prose, with the labels between them."""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Hole
from asbuilt.language.shapes import JsonArray, JsonObject, read_json_at
from asbuilt.source import Fragment

_OPENS = re.compile(r"[\[{]")
_MOST_FAILURES = 50  # each may have read to the end of the text
_COMMENT = re.compile(r"\s*(?://|#)\s*")


def examples(text: Fragment) -> Iterator[tuple[Fragment, JsonObject | JsonArray]]:
    """The objects and arrays in a text, each with the line in front of it: `// Request`, `201 →`."""
    at = before = failures = 0
    while failures < _MOST_FAILURES and (match := _OPENS.search(text.text, at)):
        found = read_json_at(text, match.start())
        if isinstance(found, Hole):
            failures += 1
            at = text.text.find("\n", match.end())
            if at < 0:
                return
            continue
        value = found[0]
        if isinstance(value, JsonObject | JsonArray):
            yield _label(text, before, match.start()), value
        # What follows the bracket, comments too, may be the label of the next one.
        before = at = _behind(text.text, match.start(), found[1])


def _label(text: Fragment, before: int, start: int) -> Fragment:
    end = before + len(text.text[before:start].rstrip())
    line = max(before, text.text.rfind("\n", before, end) + 1)
    comment = _COMMENT.match(text.text, line, end)
    return text.part(min(comment.end() if comment else line, end), end)


def _behind(text: str, start: int, end: int) -> int:
    return max(text.rfind("}", start, end), text.rfind("]", start, end)) + 1 or end
