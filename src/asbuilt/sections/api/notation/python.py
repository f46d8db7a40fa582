"""Python fences: schemas as classes and aliases, endpoints as decorated functions."""

import re
from collections.abc import Sequence

from asbuilt.diagnostics import Hole
from asbuilt.document import Fence
from asbuilt.language.python import Code, read_module
from asbuilt.language.types import Alias, Anything, Definition
from asbuilt.sections.api.notation.contribution import Contribution, Found
from asbuilt.sections.api.notation.decorators import prefixes, raised_statuses, read_decorated
from asbuilt.sections.api.notation.python_classes import gather, read_definitions
from asbuilt.source import Fragment

_CLASS = re.compile(r"^[ \t]*+class[ \t]+\w+[ \t]*(?:\[[^\n]*\])?[ \t]*(?:\([^{}]*?\))?[ \t]*:", re.MULTILINE)
_ALIAS = re.compile(
    r"^\w+(?:[ \t]*:[ \t]*(?:typing\.)?TypeAlias)?[ \t]*=[ \t]*(?:(?:typing\.)?"
    r"(?:Annotated|Literal|Optional|Union|List|Dict|NewType)\b|(?:list|dict|set|tuple)\[|con(?:str|int|float|list|decimal)\()",
    re.MULTILINE,
)
_TYPE = re.compile(
    r"^type[ \t]+\w+[^=\n]*=[ \t]*(?:Annotated|Literal|list|dict|tuple|[A-Z]\w*[ \t]*(?:\||\[|$))", re.MULTILINE
)
_DECORATED = re.compile(
    r"^@\w+\.(?:get|post|put|patch|delete|route|api_route)\([^\n]*\n(?:@[^\n]*\n)*(?:async )?def ", re.MULTILINE
)
_HEAD = re.compile(r"\s*(?:@|class\s+(?P<name>\w+)|\w+\s*[:=]|type\s+\w+)")
_FOREIGN = re.compile(
    r"^[ \t]*+(?:export|interface|public|private|struct|message|func|const|let|var|import [{*])\b", re.MULTILINE
)


def is_python(fence: Fence) -> bool:
    """Whether a fence holds Python that defines types or serves functions."""
    text = fence.body.text
    if fence.label in ("python", "py", "python3"):
        return True
    found = _CLASS.search(text) or _ALIAS.search(text) or _TYPE.search(text) or _DECORATED.search(text)
    return bool(found) and not _FOREIGN.search(text)


def _matters(statement: Fragment, broken: list[Definition]) -> bool:
    """Whether a statement that is no Python would have said something; the name of its class stays known."""
    head = _HEAD.match(statement.text)
    if head is None:
        return False
    if name := head.group("name"):
        span = statement.span(*head.span("name"))
        broken.append(Alias(name, Anything(span), span, span))
    return True


def read_python(fences: Sequence[Fence]) -> Contribution:
    """All Python of the section as one: constants and type variables of one fence are known in the others."""
    codes: list[Code] = []
    schema_holes: list[Hole] = []
    broken: list[Definition] = []
    for fence in fences:
        read, missed = read_module(fence.body, lambda statement: _matters(statement, broken))
        codes += read
        schema_holes += missed
    context = gather(codes)
    definitions: list[Definition] = []
    endpoints: list[Found] = []
    endpoint_holes: list[Hole] = []
    routers = {name: prefix for code in codes for name, prefix in prefixes(code).items()}
    for code in codes:
        definitions += read_definitions(code, context, schema_holes)
        endpoints += read_decorated(code, routers, context.constants, endpoint_holes)
    defined = {definition.name for definition in definitions}
    definitions += (definition for definition in broken if definition.name not in defined)
    return Contribution(
        tuple(endpoints),
        tuple(definitions),
        endpoint_holes=tuple(endpoint_holes),
        schema_holes=tuple(schema_holes),
        raised=tuple(status for code in codes for status in raised_statuses(code)),
    )
