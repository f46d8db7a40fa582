"""Fences that declare types in other languages: TypeScript and Go."""

from collections.abc import Sequence

from asbuilt.diagnostics import Hole
from asbuilt.document import Fence
from asbuilt.language.gostructs import declares_structs, read_structs
from asbuilt.language.names import Name
from asbuilt.language.types import Definition, Schema
from asbuilt.language.typescript import declares_types, read_typescript
from asbuilt.sections.api.notation.contribution import Contribution


def is_type_fence(fence: Fence) -> bool:
    return declares_structs(fence.body.text) or declares_types(fence.body.text)


def read_type_fences(fences: Sequence[Fence]) -> Contribution:
    """The types that the fences declare; what is not understood is noted, and stands for any value."""
    definitions: list[Definition] = []
    notes: list[Hole] = []
    for fence in fences:
        if declares_structs(fence.body.text):
            found, unread = read_structs(fence.body)
        else:
            found, unread = read_typescript(fence.body, {d.name: d for d in definitions if isinstance(d, Schema)})
        definitions += found
        notes += unread
    return Contribution(definitions=tuple(definitions), unread=tuple(notes))


def declared_names(fence: Fence) -> tuple[Name, ...]:
    """The names of the types that a fence declares, those of objects inside others left out."""
    found = read_type_fences((fence,)).definitions
    return tuple(Name(d.name, d.name_span) for d in found if d.name_span.end > d.name_span.start)
