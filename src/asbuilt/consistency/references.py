"""A code span is a link: what the prose names must be there. So must what a link leads to."""

import re
from collections import Counter
from collections.abc import Iterator

from asbuilt.component import Component
from asbuilt.consistency.lexicon import Lexicon
from asbuilt.diagnostics import Diagnostic, Edit, Fix, rule
from asbuilt.language.names import Name
from asbuilt.language.types import Alias, Choice, Schema, Type, Union
from asbuilt.sections.prose import Link
from asbuilt.values import frozen

_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,3}")
_ENDPOINT = re.compile(r"(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (?P<path>/[^\s?#]*)")
_PATH = re.compile(r"(?:[\w.@-]+/)+[\w.@-]*|[\w@-]+\.(?:md|py|toml|ya?ml|json|sql|txt|sh|ini|cfg)")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_PARAMETER = re.compile(r"\{[^{}/]*\}|:[A-Za-z_]\w*|<[^<>/]*>")


@rule("REF101")
def unresolved_reference(component: Component) -> Iterator[Diagnostic]:
    """A name is one letter away from something that the document defines, and is nothing itself.

    A code span in prose is a link: an operation, a schema or its field, a table or its column, a
    constraint, an index, a pattern, an algorithm, an error code, a variable, a path. Ordinary code is
    left alone; so is a name that stands in more than one place, since then it is no slip of the pen.
    Without backticks, words in capitals such as `ORDER_ID` are looked at: error codes and variables.
    """
    for span, slip in (*slips(component), *_in_capitals(component)):
        meant = span.text.replace(slip.written, slip.meant)
        message = f"`{span.text}` is defined nowhere in this document"
        fix = Fix(f"replace by `{meant}`", (Edit(span.span, meant),))
        yield unresolved_reference.at(span, message, hint=f"did you mean `{meant}`?", fix=fix)


@frozen
class Slip:
    """The one word of a code span that is misspelt, and what it was meant to be."""

    written: str
    meant: str


def slips(component: Component) -> Iterator[tuple[Name, Slip]]:
    """The code spans of the prose that are misspelt, each with what it was meant to be."""
    lexicon = Lexicon(tuple(dict.fromkeys(names_of(component))))
    paths = Lexicon(tuple(path.text.rstrip("/") for path in component.facts.paths))
    used = Counter(_IDENTIFIER.findall(component.source.text))
    for span in component.prose.spans:
        slip = _slip(span.text, lexicon, paths)
        if slip and used[slip.written] == 1:
            yield span, slip


def _in_capitals(component: Component) -> Iterator[tuple[Name, Slip]]:
    """The misspelt error codes and variables in sentences, without backticks."""
    spans = {span.span.start for span in component.prose.spans}
    lexicon = Lexicon(tuple(name for name in dict.fromkeys(names_of(component)) if name.isupper()))
    used = Counter(_IDENTIFIER.findall(component.source.text)) if component.prose.capitals else Counter()
    for word in component.prose.capitals:
        meant = lexicon.near(word.text) if used[word.text] == 1 and word.span.start not in spans else ""
        if meant:
            yield word, Slip(word.text, meant)


def _slip(text: str, lexicon: Lexicon, paths: Lexicon) -> Slip | None:
    """The slip of the pen in a code span; None where it is right, or no name at all."""
    bare = text.removesuffix("()")
    endpoint = _ENDPOINT.fullmatch(text)
    if endpoint:
        bare = _endpoint(endpoint.group("method"), endpoint.group("path"))
        meant = lexicon.near(bare)
    elif _NAME.fullmatch(bare):
        meant = "" if bare in lexicon else lexicon.near(bare)
    else:
        bare = text.rstrip("/")
        meant = paths.near(bare) if _PATH.fullmatch(text) else ""
    if not meant:
        return None
    odd = [
        pair for pair in zip(_IDENTIFIER.findall(bare), _IDENTIFIER.findall(meant), strict=False) if pair[0] != pair[1]
    ]
    return Slip(*odd[0]) if len(odd) == 1 else None


def _endpoint(method: str, path: str) -> str:
    return f"{method} {_PARAMETER.sub('{}', path).rstrip('/') or '/'}"


def names_of(component: Component) -> Iterator[str]:
    yield from _names_of_api(component)
    yield from _names_of_data(component)
    for function in component.algorithms.functions:
        yield function.name.text
        yield from (argument.name.text for argument in function.arguments)
        yield from (name.text for name in function.names_used)
        yield from (name for call in function.calls for name in (call.target, call.name.text))
    yield from (variable.name.text for variable in component.configuration.variables)
    yield from (operation.name for operation in component.operations)
    yield from (path.text.rstrip("/").rpartition("/")[2] for path in component.facts.paths)
    yield from (title for title in component.prose.titles if _NAME.fullmatch(title))
    yield from _names_of_machines(component)


def _names_of_machines(component: Component) -> Iterator[str]:
    for machine in component.machines.machines:
        yield machine.identifier
        yield from (state.name.text for state in machine.states)
        for event in machine.fired:
            yield event
            yield f"{machine.identifier}.{event}"


def _names_of_api(component: Component) -> Iterator[str]:
    api = component.api
    for endpoint in api.endpoints:
        yield _endpoint(endpoint.method, endpoint.route.template)
        yield from (parameter.name.text for parameter in endpoint.parameters)
        yield from (name.text for name in (*endpoint.operations, *endpoint.errors))
        yield from (header.name.text for header in endpoint.answer_headers)
    yield from (row.code.text for row in api.errors)
    for definition in api.definitions:
        yield definition.name
        types: tuple[Type, ...]
        match definition:
            case Schema(fields=fields):
                types = tuple(field.type for field in fields)
                for field in fields:
                    yield field.name
                    yield f"{definition.name}.{field.name}"
            case Alias(type=type_):
                types = (type_,)
        for type_ in types:
            yield from _constants(type_)


def _constants(type_: Type) -> Iterator[str]:
    match type_:
        case Choice(values=values):
            yield from (value for value in values if isinstance(value, str))
        case Union(options=options):
            for option in options:
                yield from _constants(option)


def _names_of_data(component: Component) -> Iterator[str]:
    catalog = component.data.catalog
    for table in catalog.tables:
        yield table.name
        for column in table.columns:
            yield column.name
            yield f"{table.name}.{column.name}"
    yield from (constraint.name for _, constraint in catalog.constraints())
    yield from (index.name for index in catalog.indexes)
    yield from (view.name for view in catalog.views)
    yield from (domain.name for domain in catalog.domains)
    for enum in catalog.enums:
        yield from (enum.name, *enum.values)
    for pattern in component.data.patterns:
        yield pattern.name.text
        yield from pattern.statement.parameters
    yield from (mapped.name.text for mapped in component.data.mapped)


@rule("REF102", severity="warning")
def dangling_link(component: Component) -> Iterator[Diagnostic]:
    """A link leads to a heading that is not there, or to a file that does not exist.

    Anchors are those that GitHub gives to headings. Files are looked for beside the document and below
    its folder; links that leave it, and addresses on the network, are not followed.
    """
    anchors = Lexicon(component.prose.anchors)
    dangling: dict[str, list[Link]] = {}
    for link in component.prose.links:
        if link.found is False:
            dangling.setdefault(link.target, []).append(link)
    for links in dangling.values():
        yield _dangling(links, anchors)


def _dangling(links: list[Link], anchors: Lexicon) -> Diagnostic:
    """One finding for all links with one target, at the first of them."""
    target, also = links[0].target, [(link, "and here") for link in links[1:4]]
    if not target.startswith("#"):
        hint = "write it, or mend the link"
        return dangling_link.at(links[0], f"there is no file `{target}`", hint=hint, also=also)
    close = anchors.near(target[1:])
    hint = f"did you mean `#{close}`?" if close else ""
    edits = tuple(Edit(link.span, f"#{close}") for link in links)
    fix = Fix(f"link to `#{close}`", edits) if close else None
    return dangling_link.at(links[0], f"no heading has the anchor `{target}`", hint=hint, also=also, fix=fix)


RULES = (unresolved_reference, dangling_link)
