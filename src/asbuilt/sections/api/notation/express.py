"""Routes as Express and its kin register them: `router.get("/orders/:id", ...)`."""

import re
from collections.abc import Sequence

from asbuilt.document import Fence
from asbuilt.sections.api.notation.clauses import Draft
from asbuilt.sections.api.notation.contribution import Contribution, Found
from asbuilt.sections.api.notation.routes import METHODS, read_path

_VERBS = "|".join(method.lower() for method in METHODS)
_ROUTE = re.compile(
    rf"^[ \t]*+(?:const[ \t]+\w+[ \t]*=[ \t]*)?(?:app|router|server|api|fastify|\w+Router|\w+Routes)"
    rf"\.(?P<verb>{_VERBS})(?:<[^<>()\n]*>)?\([ \t]*(?P<quote>['\"`])(?P<path>/[^'\"`\n]*)(?P=quote)",
    re.MULTILINE,
)
_CHAIN = re.compile(
    r"^[ \t]*+(?:app|router|\w+Router)\.route\([ \t]*(?P<quote>['\"`])(?P<path>/[^'\"`\n]*)(?P=quote)[ \t]*\)",
    re.MULTILINE,
)
_LINK = re.compile(rf"\s*\.(?P<verb>{_VERBS})\([^()\n]*\)")


def is_express(fence: Fence) -> bool:
    text = fence.body.text
    return "(" in text and bool(_ROUTE.search(text) or _CHAIN.search(text))


def read_express(fences: Sequence[Fence]) -> Contribution:
    """A mention for each route; what its handler takes and answers is for other parts of the document to tell."""
    found: list[Found] = []
    for fence in fences:
        for match in _ROUTE.finditer(fence.body.text):
            found += _mentioned(fence, match, [match.group("verb")])
        for match in _CHAIN.finditer(fence.body.text):
            verbs, at = [], match.end()
            while link := _LINK.match(fence.body.text, at):
                verbs.append(link.group("verb"))
                at = link.end()
            found += _mentioned(fence, match, verbs)
    return Contribution(tuple(found))


def _mentioned(fence: Fence, match: re.Match[str], verbs: Sequence[str]) -> list[Found]:
    path = read_path(fence.body.part(*match.span("path")), [])
    if path is None:
        return []
    drafts = []
    for verb in verbs:
        draft = Draft(fence.body.span(*match.span("path")))
        draft.take_path(path)
        drafts.append(Found(draft.endpoint(verb.upper(), path), complete=False))
    return drafts
