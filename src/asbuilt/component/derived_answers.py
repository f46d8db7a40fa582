"""What an endpoint wants to answer, seen from the rows that a derived operation gives."""

from typing import Literal

from asbuilt.component.subjects import Underivable, World
from asbuilt.language.types import Anything, Array, Map, Schema, Type, spelled
from asbuilt.postgres.json_sql import items_of
from asbuilt.sections.api import Answer, Endpoint
from asbuilt.values import frozen

Form = Literal["nothing", "any", "object", "list", "page"]


@frozen
class Wanted:
    """`item` is the schema of the object, or of the items; None: all columns of the table."""

    form: Form
    item: Schema | None = None


def wanted_answer(endpoint: Endpoint, world: World) -> Wanted:
    """The form of the first documented success. Raises `Underivable` for what no row of a table can be."""
    answer = _success(endpoint)
    if answer is None or answer.type is None:
        return Wanted("nothing")
    if not answer.media_type.endswith("json"):
        raise Underivable(answer.span, f"`{answer.media_type}` is not made of rows")
    resolved = world.types.present(answer.type)
    schema = world.types.schema(resolved)
    if isinstance(resolved, Anything | Map):
        return Wanted("any")
    if schema and schema.name != "Page":
        return Wanted("object", schema)
    item = items_of(resolved, world.types)
    if item is resolved:
        raise _no_row(answer, resolved)
    form: Form = "list" if isinstance(resolved, Array) else "page"
    inner = world.types.present(item)
    if isinstance(inner, Anything | Map):
        return Wanted(form)
    of = world.types.schema(inner)
    if of is None:
        raise _no_row(answer, inner)
    return Wanted(form, of)


def _success(endpoint: Endpoint) -> Answer | None:
    found = next((answer for answer in endpoint.answers if 200 <= answer.status < 300), None)
    if endpoint.answers and found is None:
        raise Underivable(endpoint.answers[0].span, f"`{endpoint.answers[0].status}` is no answer of a table")
    return found


def _no_row(answer: Answer, type_: Type) -> Underivable:
    return Underivable(
        answer.span,
        f"`{spelled(type_)}` is not a row of one table",
        "write a pattern that selects it, and name it with `Operation:`",
    )
