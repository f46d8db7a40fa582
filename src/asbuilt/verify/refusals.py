"""What the bodies of two refusals by one row of the error table have to have in common."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.language.names import Name
from asbuilt.language.types import Choice, Named, Scalar, Type
from asbuilt.sections.api import ErrorRow, Shape, ShapeArray, ShapeHole, ShapeObject
from asbuilt.verify.correlation import Correlation, Gap

# Free text is for people to read: each implementation has its own words.
_DETERMINED = frozenset({"int", "bool", "uuid", "decimal"})


def hole_gaps(correlation: Correlation, row: ErrorRow, ours: object, theirs: object) -> list[Gap]:
    """Where holes of a body differ whose types leave no choice. Problems have none."""
    if row.body is None:
        return []
    if isinstance(row.body, Name):
        schema = correlation.types.schema(Named(row.body.text, row.body.span))
        members = [(field.name, field.type) for field in schema.fields] if schema else []
        return [gap for name, type_ in members for gap in _member(correlation, name, type_, ours, theirs)]
    return list(_holes(correlation, row.body, ours, theirs, ""))


def _member(correlation: Correlation, name: str, type_: Type, ours: object, theirs: object) -> Iterator[Gap]:
    if isinstance(ours, dict) and isinstance(theirs, dict) and name in ours and name in theirs:
        yield from _hole(correlation, type_, ours[name], theirs[name], f"/{name}")


def _holes(correlation: Correlation, shape: Shape, ours: object, theirs: object, pointer: str) -> Iterator[Gap]:
    match shape:
        case ShapeObject(members=members) if isinstance(ours, dict) and isinstance(theirs, dict):
            for name, inner in members:
                if name.text in ours and name.text in theirs:
                    there = f"{pointer}/{name.text}"
                    yield from _holes(correlation, inner, ours[name.text], theirs[name.text], there)
        case ShapeHole(type=type_) if type_ is not None:
            yield from _hole(correlation, type_, ours, theirs, pointer)
        case ShapeArray():
            return


def _hole(correlation: Correlation, type_: Type, ours: object, theirs: object, pointer: str) -> Iterator[Gap]:
    present = correlation.types.present(type_)
    if isinstance(present, Choice) or (isinstance(present, Scalar) and present.kind in _DETERMINED):
        yield from (replace(gap, pointer=pointer) for gap in correlation.gaps(ours, theirs, type_))
