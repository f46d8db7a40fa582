"""TypeScript's interfaces, type aliases, enums and classes of plain members, as definitions."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from asbuilt.diagnostics import Hole
from asbuilt.language.types import Alias, Choice, Constant, Definition, Named, Schema, Type
from asbuilt.language.typescript_mapped import named_in
from asbuilt.language.typescript_types import Joined, NoTypeError, TypeReader
from asbuilt.source import Fragment, Span

_DECLARATION = re.compile(
    r"^[ \t]*+(?:export[ \t]+)?(?:default[ \t]+)?(?:declare[ \t]+)?(?:abstract[ \t]+)?(?:const[ \t]+)?"
    r"(?P<kind>interface|type|enum|class)[ \t]+(?P<name>[A-Za-z_$][\w$]*)",
    re.MULTILINE,
)

_AGAIN = 3  # how often types that are made of others are read again, once more for each step between them


def read_typescript(
    fragment: Fragment, known: Mapping[str, Schema] | None = None
) -> tuple[tuple[Definition, ...], tuple[Hole, ...]]:
    """The types a text declares, and what of it was taken for any value. Interfaces with methods describe no data.

    `known` are schemas of other texts, which these may be made of.
    """
    schemas = dict(known or {})
    reader = _declared(fragment, schemas)
    for _ in range(_AGAIN):
        found = {d.name: d for d in reader.definitions if isinstance(d, Schema) and d.name in reader.wanted}
        if not found:
            break
        schemas |= found
        reader = _declared(fragment, schemas)
    return tuple(reader.definitions), tuple(reader.notes)


def _declared(fragment: Fragment, known: Mapping[str, Schema]) -> TypeReader:
    reader = TypeReader(fragment, known)
    at = 0
    while declaration := _DECLARATION.search(fragment.text, at):
        end = _declaration(reader, declaration)
        # What is skipped behind a declaration may be the indentation of the next one.
        at = max(declaration.end(), _outdented(fragment.text, end))
    return reader


def _outdented(text: str, at: int) -> int:
    while at and text[at - 1] in " \t":
        at -= 1
    return at


def read_type(fragment: Fragment, owner: str) -> tuple[Type, tuple[Definition, ...]] | None:
    """The type that a text is as a whole, with the definitions of objects inside it; None where it is none."""
    reader = TypeReader(fragment)
    reader.skip()
    try:
        found = reader.type(owner)
    except NoTypeError:
        return None
    return (found, tuple(reader.definitions)) if reader.at >= len(fragment.text) else None


def _declaration(reader: TypeReader, found: re.Match[str]) -> int:
    """Read a declaration; where it ends, or where to look on."""
    name, kind = found.group("name"), found.group("kind")
    name_span = reader.fragment.span(*found.span("name"))
    reader.at, reader.depth = found.end(), 0
    before = len(reader.definitions)
    try:
        reader.skip()
        variables = reader.variables()
        readers: dict[str, Callable[[TypeReader, str, Span, tuple[str, ...], int], None]] = {
            "interface": _interface,
            "class": _interface,
            "type": _alias,
            "enum": _enum,
        }
        defaulted = reader.defaulted
        readers[kind](reader, name, name_span, variables, found.start())
        if defaulted:
            made = reader.definitions[before:]
            reader.definitions[before:] = [replace(d, defaulted=defaulted) if d.name == name else d for d in made]
    except NoTypeError as fault:
        del reader.definitions[before:]
        reader.notes.append(Hole(name_span, f"`{name}` is not read: {fault}", "write it as a Python class"))
        return max(fault.at, found.end())
    return max(reader.at, found.end())


def _interface(reader: TypeReader, name: str, name_span: Span, variables: tuple[str, ...], start: int) -> None:
    bases: list[Named] = []
    while reader.word("extends") or reader.word("implements") or reader.take(","):
        base = reader.primary(name)
        bases += [base] if isinstance(base, Named) else []
    fields = reader.members(name)
    if fields is None:
        return
    reader.definitions.append(
        Schema(name, tuple(fields), reader.span(start), name_span, variables, tuple(bases), None, "")
    )


def _alias(reader: TypeReader, name: str, name_span: Span, variables: tuple[str, ...], start: int) -> None:
    reader.expect("=")
    reader.take("|")
    at, before = reader.at, len(reader.definitions)
    if reader.peek() == "{":
        fields = reader.members(name)
        if fields is not None and reader.peek() not in ("|", "&", "["):
            reader.definitions.append(Schema(name, tuple(fields), reader.span(start), name_span, variables))
            return
        reader.at = at
        del reader.definitions[before:]
    type_ = reader.type(name, top=True)
    if isinstance(type_, Joined):
        bases = tuple(part for part in type_.parts if isinstance(part, Named))
        schema = Schema(name, tuple(type_.fields), reader.span(start), name_span, variables, bases)
        reader.definitions.append(schema)
        return
    made = reader.definitions[-1] if len(reader.definitions) > before else None
    if isinstance(made, Schema) and named_in(type_) == made.name == name and type_.span == made.name_span:
        reader.definitions[-1] = replace(made, span=reader.span(start), name_span=name_span, variables=variables)
        return
    reader.definitions.append(Alias(name, type_, reader.span(start), name_span, variables))


def _enum(reader: TypeReader, name: str, name_span: Span, variables: tuple[str, ...], start: int) -> None:
    reader.expect("{")
    values: list[Constant] = []
    while not reader.take("}"):
        if reader.take(","):
            continue
        reader.key()
        if reader.take("="):
            values.append(reader.literal())
        else:
            values.append(len(values))
    reader.definitions.append(
        Alias(name, Choice(tuple(values), reader.span(start)), reader.span(start), name_span, variables)
    )


def declares_types(text: str) -> bool:
    """Whether a text declares types as TypeScript does."""
    return any(_is_typescript(text, match) for match in _DECLARATION.finditer(text))


def _is_typescript(text: str, match: re.Match[str]) -> bool:
    rest = text[match.end() : match.end() + 200]
    if match.group("kind") == "type":
        return bool(re.match(r"\s*(?:<[^>]*>)?\s*=(?!=)", rest))
    if match.group("kind") == "class":
        return bool(re.match(r"[^{}\n:]*\{\s*(?:@|(?:(?:readonly|public|private)\s+)?\w+[?!]?\s*:)", rest))
    return bool(re.match(r"[^{}\n]*\{", rest))
