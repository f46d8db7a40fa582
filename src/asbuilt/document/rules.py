"""What must hold of any document, whatever its sections say."""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, rule
from asbuilt.document.outline import Outline, Part
from asbuilt.document.placeholders import placeholders
from asbuilt.document.suppressions import read_suppressions

# Plain numbers ("1. Install") count anew under each heading; numbers with dots are meant to be unique.
_NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)+)[.)]?\s")


@rule("DOC101")
def unfilled_placeholder(outline: Outline) -> Iterator[Diagnostic]:
    """A `<placeholder>` of the template still stands where something of this component belongs.

    A document with holes in it promises nothing. Replace the placeholder, angle brackets and all, or delete the
    subsection: every subsection of the template may be absent. Code spans, generics (`List<Order>`), HTML and path
    parameters are no placeholders.
    """
    for found in placeholders(outline.document):
        yield unfilled_placeholder.at(
            found, f"`{found.text}` is not filled in", hint="write what it asks for, or delete the subsection"
        )


@rule("DOC102")
def unreadable_block(outline: Outline) -> Iterator[Diagnostic]:
    """A part of the Markdown that no reader can follow, such as lists nested hundreds of levels deep.

    It is left out of all that follows, so it has to be mended before the document means what it says.
    """
    for hole in outline.document.holes:
        yield unreadable_block.at(hole, hole.message, hint=hole.hint)


@rule("DOC103", severity="warning")
def repeated_section_number(outline: Outline) -> Iterator[Diagnostic]:
    """Two headings bear the same number and other titles.

    Usually a chapter was copied, or a second draft pasted behind the first, and one of the two is out of date.
    References such as "see 7.2" lead to either. Number the headings anew, or delete the older one.
    """
    first: dict[str, Part] = {}
    for part in outline.walk():
        number = _NUMBER.match(part.title.plain)
        if number is None:
            continue
        other = first.setdefault(number[1], part)
        if other is not part and other.level == part.level and other.title.plain != part.title.plain:
            yield repeated_section_number.at(
                part.title,
                f"section {number[1]} is numbered twice",
                hint="number one of them anew, or delete the older one",
                also=[(other.title, "the first one")],
            )


@rule("DOC104")
def malformed_suppression(outline: Outline) -> Iterator[Diagnostic]:
    """A comment that begins with `asbuilt:` and silences nothing, since it names no rule or gives no reason.

    A finding that is let stand needs its reason beside it, for whoever reads the document next. The form is
    `<!-- asbuilt: allow rule-name: the reason -->`. Warnings and notes can be allowed, errors cannot: a document
    with errors is not served.
    """
    for hole in read_suppressions(outline).holes:
        yield malformed_suppression.at(hole, hole.message, hint=hole.hint)


RULES = (unfilled_placeholder, unreadable_block, repeated_section_number, malformed_suppression)
