"""What one notation finds in the blocks of a document, before all of it is merged."""

from collections.abc import Iterable

from asbuilt.diagnostics import Hole
from asbuilt.language.types import Definition
from asbuilt.sections.api.model import CrossOrigin, Endpoint, ErrorRow, Route
from asbuilt.source import Span
from asbuilt.values import frozen


@frozen
class Found:
    """An endpoint. A `complete` one says all there is to say; a mention (a row, a bullet) may be one of several."""

    endpoint: Endpoint
    complete: bool


@frozen
class Contribution:
    endpoints: tuple[Found, ...] = ()
    definitions: tuple[Definition, ...] = ()
    errors: tuple[ErrorRow, ...] = ()
    cross_origin: CrossOrigin | None = None
    endpoint_holes: tuple[Hole, ...] = ()
    schema_holes: tuple[Hole, ...] = ()
    error_holes: tuple[Hole, ...] = ()
    unread: tuple[Hole, ...] = ()
    base: Route | None = None
    raised: tuple[tuple[int, Span], ...] = ()


NOTHING = Contribution()


def merged(contributions: Iterable[Contribution]) -> Contribution:
    """All of them as one, in their order."""
    found = tuple(contributions)
    return Contribution(
        tuple(endpoint for one in found for endpoint in one.endpoints),
        tuple(definition for one in found for definition in one.definitions),
        tuple(row for one in found for row in one.errors),
        next((one.cross_origin for one in found if one.cross_origin), None),
        tuple(hole for one in found for hole in one.endpoint_holes),
        tuple(hole for one in found for hole in one.schema_holes),
        tuple(hole for one in found for hole in one.error_holes),
        tuple(note for one in found for note in one.unread),
        next((one.base for one in found if one.base), None),
        tuple(status for one in found for status in one.raised),
    )
