"""What stands behind an arrow on the line of an endpoint: `GET /orders -> 200 Order[] | 404 NOT_FOUND`."""

import re

from asbuilt.language.names import Name
from asbuilt.language.type_words import read_type_words
from asbuilt.sections.api.model import Answer
from asbuilt.sections.api.notation.clauses import Draft
from asbuilt.source import Fragment

_ARROW = re.compile(r"(?:^|\s)(?:->|→|=>)\s*(?=\S)")
_TYPE = r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*(?:\[\]|\[\w+\])?|(?:list|List|Array)[\[<]\w+[\]>]"
_ANSWER = re.compile(
    rf"\s*(?:(?P<status>[1-5]\d\d)(?:\s+(?:(?P<type>{_TYPE})|(?P<code>[A-Z][A-Z0-9_]+)))?|(?P<lone>{_TYPE}))\s*"
)


def read_arrow(rest: Fragment, draft: Draft) -> None:
    """Give the draft the answers and errors behind an arrow, if all there is are such; else it is a remark."""
    arrow = _ARROW.search(rest.text)
    if arrow is None:
        return
    pieces = []
    at = arrow.end()
    for piece in rest.text[at:].split("|"):
        match = _ANSWER.fullmatch(rest.text, at, at + len(piece))
        if match is None:
            return
        pieces.append(match)
        at += len(piece) + 1
    for match in pieces:
        _take(match, rest, draft)
    draft.spoken = True
    draft.summary = rest.text[: arrow.start()].strip(" :-–—") if draft.summary else ""


def _take(match: re.Match[str], rest: Fragment, draft: Draft) -> None:
    status = int(match.group("status") or 200)
    begin = match.start() + len(match.group()) - len(match.group().lstrip())
    span = rest.span(begin, match.start() + len(match.group().rstrip()))
    group = "type" if match.group("type") else "lone" if match.group("lone") else None
    if match.group("code"):
        draft.errors.append(Name(match.group("code"), rest.span(*match.span("code"))))
    elif status < 400:
        found = read_type_words(rest.part(*match.span(group)), "") if group else None
        draft.answers.append(Answer(status, found[0] if found else None, span))
