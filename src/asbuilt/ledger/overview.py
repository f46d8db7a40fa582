"""What front matter and Implementation Overview claim."""

from collections.abc import Iterator

from asbuilt.component import Component
from asbuilt.ledger.claim import Stated
from asbuilt.ledger.place import FRONT
from asbuilt.source import Span

STACK = "overview.technology-stack"
TREE = "overview.repository-structure"
_NO_VERSIONS = "nothing reads the versions of a running system yet"
_NO_TREE = "the repository was not looked at"
_NOT_FOLLOWED = "the link leads out of the document's folder, so it was not followed"


def facts(component: Component) -> Iterator[Stated]:
    """A fact is checked: what it must be, the text alone shows."""
    known = component.facts
    told = (
        ("component", known.component, f"the component is called {known.name}"),
        ("document status", known.status_word, f"the document is {known.status}"),
        ("last updated", known.updated, f"it was last updated on {known.updated.text}" if known.updated else ""),
    )
    for name, written, text in told:
        if written is not None:
            yield Stated(FRONT, "fact", (name,), text, written.span, "checked")
    if known.implements:
        text = f"it implements {known.implements.text}"
        followed = _followed(component, known.implements.span)
        yield Stated(
            FRONT,
            "fact",
            ("implements",),
            text,
            known.implements.span,
            "checked" if followed else "unchecked",
            "" if followed else _NOT_FOLLOWED,
        )


def _followed(component: Component, span: Span) -> bool:
    inside = [link for link in component.prose.links if span.start <= link.span.start < span.end]
    return bool(inside) and all(link.found for link in inside)


def stack(component: Component) -> Iterator[Stated]:
    for what, which, span in component.facts.stack:
        text = f"{what}: {which}" if what else which
        yield Stated(STACK, "stack", (what, which), text, span, "unchecked", _NO_VERSIONS)


def paths(component: Component) -> Iterator[Stated]:
    for path in component.facts.paths:
        text = f"there is {path.text} in the repository"
        yield Stated(TREE, "path", (path.text,), text, path.span, "unchecked", _NO_TREE)
