"""One statement of a document, and its standing."""

import hashlib
from typing import Literal, TypeAlias

from asbuilt.source import Source, Span
from asbuilt.values import frozen

# `enacted`: `run` does it. `checked`: proved from the text. `verified`, `refuted`: seen on a running system.
# `unchecked`: could be proved and was not, which is never a success. `prose`: understood by people only.
Standing: TypeAlias = Literal["enacted", "checked", "verified", "refuted", "unchecked", "prose"]
Kind: TypeAlias = Literal[
    "fact",
    "stack",
    "path",
    "endpoint",
    "parameter",
    "body",
    "answer",
    "answer header",
    "listed error",
    "clause",
    "cross-origin",
    "schema",
    "member",
    "alias",
    "error",
    "algorithm",
    "complexity",
    "table",
    "column",
    "constraint",
    "index",
    "type",
    "view",
    "statement",
    "mapped column",
    "pattern",
    "variable",
    "loading step",
    "machine",
    "state",
    "transition",
    "kept",
    "reference",
    "prose",
]

NOT_ENACTED = "not enacted yet"


@frozen
class Stated:
    """What a section says, before it is entered: `kind` and `names` together are unique in a document.

    `also` are further places where the same is said: the line that names an endpoint's operation.
    """

    section: str
    kind: Kind
    names: tuple[str, ...]
    statement: str
    span: Span
    standing: Standing = "enacted"
    why: str = ""
    also: tuple[Span, ...] = ()


@frozen
class Claim:
    """A statement of a document, in one line.

    `id` is made from what is said and where in the outline, never from the line, so that it outlives edits
    elsewhere. `section` is a key of the template (`api.endpoint-definitions`), or `front-matter`.
    `kind` and `names` say what it is about: ("answer", ("GET /lists", "200")).
    """

    id: str
    section: str
    kind: Kind
    names: tuple[str, ...]
    statement: str
    span: Span
    standing: Standing
    why: str = ""
    also: tuple[Span, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every place where it is said, the chief one first."""
        return (self.span, *self.also)

    @property
    def key(self) -> tuple[Kind, tuple[str, ...]]:
        return self.kind, self.names


def enter(stated: Stated, source: Source) -> Claim:
    """The claim that a statement makes, with an id of ten hexadecimal digits."""
    said = (" ".join(source.cut(span).split()) for span in (stated.span, *stated.also))
    content = "\0".join((stated.section, stated.kind, *stated.names, *said))
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return Claim(
        digest,
        stated.section,
        stated.kind,
        stated.names,
        stated.statement,
        stated.span,
        stated.standing,
        stated.why,
        stated.also,
    )
