"""Configuration as authors write it: env blocks, tables, bullets, settings classes; the order of sources."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from asbuilt.diagnostics import Hole
from asbuilt.document import Block, Fence, Heading, ListBlock, Outline, Paragraph, Table, flattened
from asbuilt.language.types import Scalar
from asbuilt.sections.configuration.declaration import Declaration
from asbuilt.sections.configuration.model import Configuration, EnvironmentVariable
from asbuilt.sections.configuration.notation_classes import is_python, read_classes
from asbuilt.sections.configuration.notation_env import headline, read_fence
from asbuilt.sections.configuration.notation_loading import read_loading
from asbuilt.sections.configuration.notation_tables import read_list, read_table

_ELSEWHERE = frozenset({"environment variables", "env vars", "environment variable"})


def read(outline: Outline) -> Configuration:
    """The configuration of a document. What one place leaves out of a variable, another may say."""
    holes: list[Hole] = []
    variables: dict[str, EnvironmentVariable] = {}
    places: dict[str, int] = {}
    repeated: list[tuple[EnvironmentVariable, EnvironmentVariable]] = []
    for place, variable in _variables(_blocks(outline), holes):
        name = variable.name.text
        first = variables.get(name)
        if first is None:
            variables[name], places[name] = variable, place
            continue
        if _contradicts(first, variable) and places[name] == place:
            repeated.append((variable, first))
        variables[name] = _completed(first, variable)
    loading = read_loading(outline.blocks("configuration.loading"))
    return Configuration(
        tuple(variables.values()),
        loading.steps,
        tuple(holes),
        tuple(repeated),
        loading.unknown,
        loading.misspelt,
    )


def _blocks(outline: Outline) -> Iterator[Block]:
    """What declares variables: the subsection, the section's own text, and such a heading in any other section."""
    yield from outline.blocks("configuration.environment-variables")
    yield from outline.blocks("configuration")
    for part in outline.walk():
        if part.key is None and part.title.plain.strip().casefold() in _ELSEWHERE:
            yield from part.blocks


def _variables(blocks: Iterable[Block], holes: list[Hole]) -> Iterator[tuple[int, EnvironmentVariable]]:
    """Each declaration with the number of its place: headings and bold lines (`Development:`) tell places apart."""
    mark: bool | None = None
    place = 0
    for block in flattened(blocks):
        if isinstance(block, Heading) or (isinstance(block, Paragraph) and block.text.plain.rstrip().endswith(":")):
            place += 1
            mark = headline(block.text.plain)
        for declaration in _declarations(block, mark, holes):
            marked = declaration if declaration.mark is not None else replace(declaration, mark=mark)
            yield place, marked.variable()


def _declarations(block: Block, mark: bool | None, holes: list[Hole]) -> Iterator[Declaration]:  # noqa: FBT001
    match block:
        case Fence() if is_python(block):
            yield from read_classes(block)
        case Fence():
            yield from read_fence(block, holes)
        case Table():
            yield from read_table(block)
        case ListBlock():
            yield from read_list(block, mark)


def _contradicts(first: EnvironmentVariable, second: EnvironmentVariable) -> bool:
    return first.default is not None and second.default is not None and first.default != second.default


def _completed(first: EnvironmentVariable, second: EnvironmentVariable) -> EnvironmentVariable:
    """The first declaration with what only the second says."""
    plain = isinstance(first.type, Scalar) and first.type.kind == "str"
    filled = first.default is None and second.default is not None
    return replace(
        first,
        type=second.type if plain else first.type,
        default=second.default if filled else first.default,
        default_span=second.default_span if filled else first.default_span,
        required=first.required and not (filled and not second.required),
        secret=first.secret or second.secret,
        description=first.description or second.description,
    )
