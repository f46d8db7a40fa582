"""What the prose refers to: code spans that name something of the document, and links within the repository."""

import re
from collections.abc import Iterable, Iterator

from asbuilt.component import Component
from asbuilt.consistency.lexicon import Lexicon
from asbuilt.consistency.references import names_of, slips
from asbuilt.document import Outline
from asbuilt.ledger.claim import Stated
from asbuilt.ledger.place import Places

_ENDPOINT = re.compile(r"(?P<method>[A-Z]+) (?P<path>/[^\s?#]*)")
_PARAMETER = re.compile(r"\{[^{}/]*\}|:[A-Za-z_]\w*|<[^<>/]*>")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,3}")


def references(component: Component, outline: Outline, claimed: Iterable[Stated]) -> Iterator[Stated]:
    """One claim for each name in each section, at its first place; what stands inside a claim belongs to that."""
    places = Places(outline)
    inside = bytearray(len(component.source.text) + 1)
    for stated in claimed:
        if stated.kind not in ("kept", "prose"):
            inside[stated.span.start : stated.span.end] = b"\1" * (stated.span.end - stated.span.start)
    seen: set[tuple[str, ...]] = set()
    for stated in (*_spans(component, places), *_links(component, places)):
        if stated.names not in seen and not inside[stated.span.start]:
            seen.add(stated.names)
            yield stated


def _spans(component: Component, places: Places) -> Iterator[Stated]:
    known = Lexicon(tuple(dict.fromkeys(names_of(component))))
    paths = {path.text.rstrip("/") for path in component.facts.paths}
    misspelt = {span.span: slip.meant for span, slip in slips(component)}
    for span in component.prose.spans:
        section = places.section(span.span.start)
        if span.span in misspelt:
            why = f"nothing is called so; `{misspelt[span.span]}` was meant?"
            text = f"`{span.text}` is defined in this document"
            yield Stated(section, "reference", (section, span.text), text, span.span, "unchecked", why)
        elif span.text.rstrip("/") in paths or _resolves(span.text, known):
            text = f"`{span.text}` is defined in this document"
            yield Stated(section, "reference", (section, span.text), text, span.span, "checked")


def _resolves(text: str, known: Lexicon) -> bool:
    bare = text.removesuffix("()")
    if endpoint := _ENDPOINT.fullmatch(text):
        path = _PARAMETER.sub("{}", endpoint["path"]).rstrip("/") or "/"
        return f"{endpoint['method']} {path}" in known
    return _NAME.fullmatch(bare) is not None and bare in known


def _links(component: Component, places: Places) -> Iterator[Stated]:
    for link in component.prose.links:
        text = f"the link to {link.target} leads somewhere"
        section = places.section(link.span.start)
        why = "" if link.found else "it leads nowhere" if link.found is False else "it was not followed"
        yield Stated(
            section, "reference", (section, link.target), text, link.span, "unchecked" if why else "checked", why
        )
