"""Python fences: schemas as classes and aliases."""

import re
from collections.abc import Sequence

from asbuilt.diagnostics import Hole
from asbuilt.document import Fence
from asbuilt.language.python import Code, read_module
from asbuilt.language.types import Definition
from asbuilt.sections.api.notation.contribution import Contribution
from asbuilt.sections.api.notation.python_classes import gather, read_definitions

_CLASS = re.compile(r"^[ \t]*class[ \t]+\w+[ \t]*(?:\[[^\n]*\])?[ \t]*(?:\([^{}]*?\))?[ \t]*:", re.MULTILINE)
_ALIAS = re.compile(
    r"^\w+(?:[ \t]*:[ \t]*(?:typing\.)?TypeAlias)?[ \t]*=[ \t]*"
    r"(?:(?:typing\.)?(?:Annotated|Literal|Optional|Union|List|Dict|NewType)\b|(?:list|dict|set|tuple)\[|con(?:str|int|float|list|decimal)\()",
    re.MULTILINE,
)
_TYPE = re.compile(
    r"^type[ \t]+\w+[^=\n]*=[ \t]*(?:Annotated|Literal|list|dict|tuple|[A-Z]\w*[ \t]*(?:\||\[|$))", re.MULTILINE
)
_FOREIGN = re.compile(
    r"^\s*(?:export|interface|public|private|struct|message|func|const|let|var|import [{*])\b", re.MULTILINE
)


def is_python(fence: Fence) -> bool:
    """Whether a fence holds Python that defines types; a label of another language only counts without a class."""
    text = fence.body.text
    if fence.label in ("python", "py", "python3"):
        return True
    return bool(_CLASS.search(text) or _ALIAS.search(text) or _TYPE.search(text)) and not _FOREIGN.search(text)


def read_python(fences: Sequence[Fence]) -> Contribution:
    """All Python of the section as one: constants and type variables of one fence are known in the others."""
    codes: list[Code] = []
    holes: list[Hole] = []
    for fence in fences:
        read, missed = read_module(fence.body)
        codes += read
        holes += missed
    context = gather(codes)
    found: list[Definition] = []
    for code in codes:
        found += read_definitions(code, context, holes)
    return Contribution(definitions=tuple(found), schema_holes=tuple(holes))
