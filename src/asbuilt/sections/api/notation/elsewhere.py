"""Types that the API uses and another section shows: interfaces under "Domain Model", classes beside an algorithm."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from asbuilt.diagnostics import Hole
from asbuilt.document import Block, ListBlock, Outline, flattened
from asbuilt.language.examples import Inference
from asbuilt.language.names import Name
from asbuilt.language.types import Alias, Anything, Definition, Schema, Type, Types, names_in
from asbuilt.sections.api.model import Api
from asbuilt.sections.api.notation.endpoint_prose import Walker
from asbuilt.sections.api.notation.fences import sorted_fences
from asbuilt.sections.api.notation.phrases import Phrases
from asbuilt.sections.api.notation.pieces import type_name
from asbuilt.sections.api.notation.python import read_python
from asbuilt.sections.api.notation.schema_prose import SchemaProse
from asbuilt.sections.api.notation.type_fences import read_type_fences


def defined_elsewhere(api: Api, outline: Outline, own: Sequence[str]) -> Api:
    """The API with the definitions of names that it lacks, where any part of the document has them."""
    missing = set(_missing(api))
    if not missing:
        return api
    wanted_names = frozenset(missing)
    blocks = [block for part in outline.walk() if part.key not in own for block in part.blocks]
    found = {definition.name: definition for definition in reversed(tuple(_shown(blocks)))}
    added: list[Definition] = []
    while wanted := [found.pop(name) for name in sorted(missing) if name in found]:
        added += wanted
        missing = {name for definition in wanted for type_ in types_of(definition) for name in _names(type_)}
        missing -= {definition.name for definition in (*api.definitions, *added)}
    known = {definition.name for definition in (*api.definitions, *added)}
    described = {
        name.text: name for name in _described(outline) if name.text in wanted_names and name.text not in known
    }
    opaque = (Alias(name.text, Anything(name.span), name.span, name.span) for name in described.values())
    notes = (_note(name) for name in described.values())
    return replace(api, definitions=(*api.definitions, *added, *opaque), unread=(*api.unread, *notes))


def _described(outline: Outline) -> Iterator[Name]:
    """The names that a heading or the label of a bullet bears: what stands there tells of the type, to people."""
    for part in outline.walk():
        if name := type_name(part.title):
            yield name
        for block in flattened(part.blocks):
            for item in block.items if isinstance(block, ListBlock) else ():
                if item.text and (label := item.text.label) and (name := type_name(label.name)):
                    yield name


def _note(name: Name) -> Hole:
    message = f"`{name.text}` is described in a form that is not read: any value is taken for one"
    return Hole(name.span, message, "show it as a class, an interface, a table of fields or an example")


def _shown(blocks: Sequence[Block]) -> Iterator[Definition]:
    fences = sorted_fences(blocks)
    yield from read_python(fences.python).definitions
    yield from read_type_fences(fences.typed).definitions
    phrases = Phrases(Inference())
    Walker(phrases, SchemaProse(phrases), fences.names_in).walk(blocks)
    yield from phrases.inference.definitions


def _missing(api: Api) -> Iterator[str]:
    types = Types(api.definitions)
    used: list[Type] = [type_ for definition in api.definitions for type_ in types_of(definition)]
    for endpoint in api.endpoints:
        used += [parameter.type for parameter in endpoint.parameters]
        used += [endpoint.body.type] if endpoint.body and endpoint.body.type else []
        used += [answer.type for answer in endpoint.answers if answer.type]
    return (name for type_ in used for name in _names(type_) if name not in types)


def _names(type_: Type) -> Iterable[str]:
    return (named.name for named in names_in(type_))


def types_of(definition: Definition) -> Iterator[Type]:
    """The types that a definition is made of."""
    match definition:
        case Alias():
            yield definition.type
        case Schema():
            yield from definition.bases
            yield from (member.type for member in definition.fields)
