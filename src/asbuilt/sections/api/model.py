"""The HTTP surface as written: endpoints, what they take and answer, and the errors they may give."""

import re
from typing import Literal, TypeAlias

from asbuilt.diagnostics import Hole
from asbuilt.language.names import Name
from asbuilt.language.types import UNSET, Constant, Default, Definition, Type
from asbuilt.source import Span
from asbuilt.values import frozen

Place = Literal["path", "query", "header"]
Medium = Literal["json", "text", "bytes", "form", "upload"]
# A description that begins with its causes: `no row`: nothing has that id.
_LEAD = re.compile(r"(?P<causes>[^:–—]{1,200})(?::|–|—)\s+(?P<rest>\S.*)", re.DOTALL)
_WORD = re.compile(r"\w+")
_JOINING = frozenset(("a", "an", "and", "any", "delete", "for", "in", "of", "on", "or", "the"))


@frozen
class Literally:
    """A segment of a path that is matched as written."""

    text: str
    span: Span


@frozen
class Variable:
    """A segment of a path that is a parameter: `{id}`, `:id`, `<id>`, perhaps with affixes (`{id}.json`)."""

    name: str
    span: Span
    prefix: str = ""
    suffix: str = ""


Segment: TypeAlias = Literally | Variable


@frozen
class Route:
    """A path, base path included, as segments between slashes. `trailing` is its final slash."""

    segments: tuple[Segment, ...]
    span: Span
    trailing: bool = False

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it: `/orders/{id}`."""
        parts = (s.text if isinstance(s, Literally) else f"{s.prefix}{{{s.name}}}{s.suffix}" for s in self.segments)
        return "/" + "/".join(parts) + ("/" if self.trailing and self.segments else "")


@frozen
class Parameter:
    """A value from path, query string or header. `name` is the wire name; code knows it as snake_case.

    `column` is the row a path parameter loads (`articles.slug`). A parameter of the query is a
    list when its type is one: repeated, or as the document says.
    """

    name: Name
    place: Place
    type: Type
    span: Span
    default: Default = UNSET
    column: Name | None = None
    description: str = ""

    @property
    def required(self) -> bool:
        return self.default is UNSET

    @property
    def typed(self) -> bool:
        """Whether the author wrote a type; one that was not written is a str with the span of the name."""
        return self.type.span != self.name.span


@frozen
class Body:
    """What a request carries. `type` is None for a body that is not described."""

    type: Type | None
    medium: Medium
    span: Span
    media_type: str = "application/json"
    required: bool = True


@frozen
class Answer:
    """A documented success: status, type of the body (None: no body), media type."""

    status: int
    type: Type | None
    span: Span
    media_type: str = "application/json"
    description: str = ""


@frozen
class AnswerHeader:
    name: Name
    type: Type | None
    span: Span


@frozen
class Clause:
    """A line of an endpoint whose meaning is enacted elsewhere: `Auth`, `Roles`, `Idempotency`, `Limit`, ..."""

    key: str
    text: str
    span: Span


@frozen
class Endpoint:
    """One method of one path. `operations` is empty where the operation is derived.

    `clauses` holds, by normalised key (`auth`, `roles`, `limit`, `idempotency`, `timeout`,
    `transaction`, `check order`, `status`), the lines as written.
    """

    method: str
    route: Route
    span: Span
    operations: tuple[Name, ...] = ()
    summary: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    answers: tuple[Answer, ...] = ()
    answer_headers: tuple[AnswerHeader, ...] = ()
    errors: tuple[Name, ...] = ()
    clauses: tuple[Clause, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.method} {self.route.template}"

    def clause(self, key: str) -> Clause | None:
        return next((clause for clause in self.clauses if clause.key == key), None)

    def parameters_in(self, place: Place) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if parameter.place == place)


@frozen
class ShapeHole:
    """A place in an error's body that is filled when the error is answered."""

    name: str
    type: Type | None
    span: Span


@frozen
class ShapeObject:
    members: tuple[tuple[Name, "Shape"], ...]
    span: Span


@frozen
class ShapeArray:
    items: tuple["Shape", ...]
    span: Span


@frozen
class ShapeConstant:
    value: Constant
    span: Span


Shape: TypeAlias = ShapeObject | ShapeArray | ShapeConstant | ShapeHole


@frozen
class ErrorRow:
    """A row of the error table. `body` is None for a problem (RFC 9457), a schema's name, or a shape.

    `references` are the code spans of the description: the causes of the row. `message` is what a column of
    its own says beside the description.
    """

    code: Name
    status: int
    status_span: Span
    description: str
    references: tuple[Name, ...]
    span: Span
    body: Name | Shape | None = None
    message: str = ""

    @property
    def sentence(self) -> str:
        """What people are told: the message, else the description without its causes; empty if it holds nothing else.

        `no row`: nothing has that id - is "nothing has that id", and `no row` of `orders` is nothing.
        """
        if self.message or not self.references:
            return self.message or self.description
        lead = _LEAD.match(self.description)
        if lead and self._only_refers(lead["causes"]):
            return lead["rest"]
        return "" if self._only_refers(self.description) else self.description

    def _only_refers(self, text: str) -> bool:
        for name in sorted({reference.text for reference in self.references}, key=len, reverse=True):
            text = text.replace(name, " ")
        return _JOINING.issuperset(_WORD.findall(text.lower()))


@frozen
class CrossOrigin:
    """Who may call from a browser of another origin. Lists hold `*` for any; `max_age` is in seconds."""

    origins: tuple[str, ...]
    span: Span
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    credentials: bool = False
    max_age: float | None = None


@frozen
class Api:
    """The section as a whole. `unread` is what stands there in no notation that is known: it is noted, not refused.

    `raised` are the statuses that code of endpoints raises: `HTTPException(status_code=409)`.
    """

    endpoints: tuple[Endpoint, ...] = ()
    definitions: tuple[Definition, ...] = ()
    errors: tuple[ErrorRow, ...] = ()
    cross_origin: CrossOrigin | None = None
    endpoint_holes: tuple[Hole, ...] = ()
    schema_holes: tuple[Hole, ...] = ()
    error_holes: tuple[Hole, ...] = ()
    unread: tuple[Hole, ...] = ()
    raised: tuple[tuple[int, Span], ...] = ()

    @property
    def holes(self) -> tuple[Hole, ...]:
        """Everything that could not be read."""
        return (*self.endpoint_holes, *self.schema_holes, *self.error_holes)
