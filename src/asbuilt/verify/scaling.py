"""Calls that grow: a list of the body with n items, each of them naming rows of its own."""

from collections.abc import Iterator

from asbuilt.component import Operation
from asbuilt.language.types import Array, Constraints
from asbuilt.verify.call import Call, body_schema
from asbuilt.verify.places import Path, put
from asbuilt.verify.trial import Trial
from asbuilt.verify.values import Size
from asbuilt.verify.world import Lacking, Prepared


def lists_of(trial: Trial, operation: Operation) -> Iterator[tuple[str, Constraints]]:
    """The members of an operation's body that are lists, by name, and how long they may be."""
    types = trial.component.types
    schema = body_schema(operation, types)
    for member in schema.fields if schema else ():
        type_ = types.present(member.type)
        if isinstance(type_, Array):
            yield member.name, type_.constraints


def scaled(trial: Trial, operation: Operation, member: str, items: int, size: Size = "large") -> tuple[Prepared, Call]:
    """A valid call whose list has that many items. Raises `Lacking` where one cannot be made."""
    prepared = trial.world.prepare(operation, size)
    body = prepared.call.body
    listed = body.get(member) if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(listed, list) or not listed:
        raise Lacking(f"no item of `{member}` could be made")
    made = [listed[0], *(_item(trial, operation, member, listed[0]) for _ in range(items - 1))]
    return prepared, prepared.call.with_body({**body, member: made})


def _item(trial: Trial, operation: Operation, member: str, pattern: object) -> object:
    """Another item: rows that the first one names are made anew, so that no two items are merged."""
    for way, column in trial.world.relations.of(operation).body.items():
        if way[0] == member:
            value = trial.world.row(column.table).value(column.column)
            inner: Path = tuple(step for step in way[1:2] if step != 0) + way[2:]
            pattern = put(pattern, inner, value)
    return pattern
