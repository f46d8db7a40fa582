"""Where in the outline a character stands."""

from bisect import bisect_right
from dataclasses import dataclass, field

from asbuilt.document import SUBSECTIONS, TITLES, Outline, Part

FRONT = "front-matter"
# What stands under headings that the template does not know.
OUTSIDE = "outside"


@dataclass(frozen=True)
class Places:
    """The key of the section or subsection at each offset of a document."""

    outline: Outline
    _starts: list[int] = field(init=False, repr=False, compare=False, default_factory=list)
    _keys: list[str] = field(init=False, repr=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        stack: list[tuple[Part, str]] = [(part, OUTSIDE) for part in reversed(self.outline.roots)]
        while stack:
            part, above = stack.pop()
            key = part.key or above
            self._starts.append(part.heading.span.start)
            self._keys.append(key)
            stack.extend((child, key) for child in reversed(part.children))

    def section(self, offset: int) -> str:
        """A key of the template, `front-matter` before the first heading below the title, else `outside`."""
        at = bisect_right(self._starts, offset) - 1
        return self._keys[at] if at >= 0 else FRONT


def title_of(section: str) -> str:
    """A section as a person calls it."""
    named = {FRONT: "Front matter", OUTSIDE: "Outside of the template"}
    if section in SUBSECTIONS and SUBSECTIONS[section].named:
        section = SUBSECTIONS[section].section
    return named.get(section) or TITLES.get(section, section)
