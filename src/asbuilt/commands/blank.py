"""What `check` says to somebody who tries it on the blank template: one screen, and what to type next."""

from collections import Counter

from asbuilt.diagnostics import Diagnostic
from asbuilt.document import SECTIONS, Part
from asbuilt.frontend import Loaded

PLACEHOLDER = "DOC101"
MANY = 12


def is_template(loaded: Loaded) -> bool:
    """Whether a document is still the template: its component has no name, and most of it is placeholders."""
    found = _open(loaded)
    front = loaded.outline.title
    return len(found) >= MANY and front is not None and any(one.span.start <= front.span.end for one in found)


def welcome(loaded: Loaded) -> str:
    found = _open(loaded)
    counts = Counter(_section(loaded, one) for one in found)
    titles = {section.key: section.title for section in SECTIONS}
    wide = max(map(len, titles.values()))
    lines = [f"  {titles.get(key, 'Front matter'):{wide}}  {'·' * count} {count}" for key, count in counts.items()]
    return "\n".join(
        (
            f"{loaded.source.path} is the blank template: {len(found)} placeholders are open.",
            "",
            *lines,
            "",
            "Fill in the ones you need and delete the other subsections: each of them may be absent.",
            "A component that answers needs Endpoint Definitions, Request/Response Schemas and Database Schema.",
            "",
            "Next, one of:",
            "  asbuilt new orders                   a short document that checks clean and runs",
            "  asbuilt new orders --full            the same with all 41 subsections filled in",
            f"  asbuilt check {loaded.source.path} --format json   every placeholder with its line and column",
        )
    )


def _open(loaded: Loaded) -> list[Diagnostic]:
    return [one for one in loaded.diagnostics if one.code == PLACEHOLDER]


def _section(loaded: Loaded, found: Diagnostic) -> str:
    """The key of the section a placeholder stands in, empty above the first."""
    holder: Part | None = None
    for part in loaded.outline.roots:
        if part.span.start <= found.span.start:
            holder = part
    return (holder.key or "").partition(".")[0] if holder else ""
