"""How to make a schema as narrow as the column it goes to: in words, and where it is mechanical as an edit."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from asbuilt.component import Component
from asbuilt.component.deposits import Cell
from asbuilt.diagnostics import Edit, Fix
from asbuilt.language.types import Alias, Constraints, Named, Null, Scalar, Type, Union
from asbuilt.postgres.catalog import SqlType, Table
from asbuilt.postgres.demands import Demand, demand
from asbuilt.postgres.sqltypes import range_of
from asbuilt.postgres.storage import Refusal, read_check

_PYTHON_TYPES = frozenset({"str", "int", "float", "Decimal"})
# What to write in Python for a column whose values are no texts.
_TYPES = {
    "uuid": "UUID",
    "smallint": "int",
    "integer": "int",
    "bigint": "int",
    "numeric": "Decimal",
    "boolean": "bool",
    "date": "date",
    "time without time zone": "time",
    "timestamp with time zone": "datetime",
    "timestamp without time zone": "datetime",
}
_Bound = TypeVar("_Bound", int, Decimal)
_ANCHORED = re.compile(r"\^(?P<inner>[^$]*)\$")


def advice(component: Component, value: object, refusal: Refusal, cell: Cell, table: Table) -> str:
    """What to change, in a line."""
    if refusal.reason == "is left out" and cell.nulled:
        return "make the member required, give it a default, or let the statement leave it out with `-- when`"
    if refusal.reason == "is left out":
        return "make the member required, or give the column a DEFAULT"
    if value is None:
        return "take `None` out of the type, or NOT NULL out of the column"
    if len(refusal.columns) > 1:
        return f"no schema compares two members: name `{refusal.by}` in a row of the error table, which answers it"
    column = table.column(cell.column)
    type_ = _TYPES.get(column.type.name) if column and refusal.reason.startswith("is no `") else None
    wanted = type_ or _whole_type(component, refusal, cell, table)
    if wanted:
        return f"write `{wanted}`, or change the type of the column"
    marks = _marks(component, cell, table)
    return f"narrow the type with `{marks}`, or widen the column" if marks else "narrow the type, or widen the column"


def narrowed(component: Component, value: object, refusal: Refusal, cell: Cell, table: Table) -> Fix | None:
    """The edit that makes the member's annotation as narrow as the column, where it is written in Python."""
    type_ = _not_null(cell.field.type, component)
    column = table.column(cell.column)
    unsuitable = value is None or refusal.reason == "is left out" or len(refusal.columns) > 1
    if type_ is None or column is None or unsuitable or cell.type is not cell.field.type:
        return None
    written = component.source.cut(type_.span)
    other = _TYPES.get(column.type.name) if refusal.reason.startswith("is no `") else None
    wanted = other or _whole_type(component, refusal, cell, table)
    if wanted:
        whole = written in ("str", "float", "Decimal") or (written.startswith("Literal[") and written.endswith("]"))
        return Fix(f"write `{wanted}`", (Edit(type_.span, wanted),)) if whole else None
    marks = _marks(component, cell, table)
    if not marks:
        return None
    heads = {mark.partition("(")[0] for mark in marks.split(", ") if "(" in mark}
    if written.startswith("Annotated[") and written.endswith("]") and not any(head in written for head in heads):
        return Fix(f"add `{marks}`", (Edit(type_.span, f"{written[:-1]}, {marks}]"),))
    if written in _PYTHON_TYPES or _is_python_alias(written, type_, component):
        return Fix(f"add `{marks}`", (Edit(type_.span, f"Annotated[{written}, {marks}]"),))
    return None


def _whole_type(component: Component, refusal: Refusal, cell: Cell, table: Table) -> str:
    """The `Literal` that says what the column holds, where it holds one of a few texts."""
    column = table.column(cell.column)
    enum = component.data.catalog.enum(column.type.name) if column else None
    values = enum.values if enum else ()
    if refusal.check and not values:
        known = read_check(refusal.check.expression)
        values = demand(known, cell.column).values if known else ()
    quoted = ", ".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return f"Literal[{quoted}]" if values else ""


def _not_null(type_: Type, component: Component) -> Type | None:
    """The one part of the annotation that is not `None`."""
    if not isinstance(type_, Union):
        return type_
    options = [option for option in type_.options if not isinstance(component.types.resolve(option), Null)]
    return options[0] if len(options) == 1 else None


def _is_python_alias(written: str, type_: Type, component: Component) -> bool:
    alias = component.types.definition(written) if isinstance(type_, Named) else None
    return isinstance(alias, Alias) and component.source.cut(alias.span).startswith(f"{written} = ")


def _marks(component: Component, cell: Cell, table: Table) -> str:
    """The constraints that the annotation lacks, as they are written: `Len(max_length=100)`."""
    column = table.column(cell.column)
    present = component.types.present(cell.type)
    if column is None or isinstance(present, Named | Null):
        return ""
    found = _of_type(column.type)
    for check in table.checks:
        known = read_check(check.expression) if check.columns == (cell.column,) else None
        found = _together(found, demand(known, cell.column)) if known else found
    domain = component.data.catalog.domain(column.type.name)
    for check in domain.checks if domain else ():
        known = read_check(check.expression)
        found = _together(found, demand(known, "value")) if known else found
    if isinstance(present, Scalar) and present.kind == "int":
        found = replace(found, step=None)
    return _written(found, present.constraints)


def _of_type(type_: SqlType) -> Demand:
    bounds = range_of(type_)
    if bounds and type_.name != "bigint":
        return Demand(at_least=Decimal(bounds[0]), at_most=Decimal(bounds[1]))
    if type_.name == "numeric" and len(type_.modifiers) == 2:
        precision, scale = type_.modifiers
        most = Decimal(1).scaleb(precision - scale) - Decimal(1).scaleb(-scale)
        return Demand(at_least=-most, at_most=most, step=Decimal(1).scaleb(-scale) if scale >= 0 else None)
    if type_.name == "character varying" and type_.modifiers and not type_.dimensions:
        return Demand(longest=type_.modifiers[0])
    return Demand()


def _together(one: Demand, other: Demand) -> Demand:
    """Both demands: of two bounds the narrower."""
    low = _narrower(max, one.at_least, other.at_least)
    high = _narrower(min, one.at_most, other.at_most)
    return Demand(
        at_least=low if other.above is None or (low is not None and low > other.above) else None,
        above=_narrower(max, one.above, other.above),
        at_most=high if other.below is None or (high is not None and high < other.below) else None,
        below=_narrower(min, one.below, other.below),
        shortest=_narrower(max, one.shortest, other.shortest),
        longest=_narrower(min, one.longest, other.longest),
        values=other.values or one.values,
        pattern=other.pattern or one.pattern,
        step=other.step or one.step,
    )


def _narrower(choose: Callable[..., _Bound], one: _Bound | None, other: _Bound | None) -> _Bound | None:
    return choose(one, other) if one is not None and other is not None else one if other is None else other


def _written(found: Demand, known: Constraints) -> str:
    """A demand as constraints of an annotation, without what is known already."""
    marks = []
    shortest = found.shortest if found.shortest and found.shortest > (known.min_length or 0) else None
    longest = found.longest if known.max_length is None or (found.longest or 0) < known.max_length else None
    lengths = [f"min_length={shortest}"] * bool(shortest) + [f"max_length={longest}"] * (longest is not None)
    if lengths:
        marks.append(f"Len({', '.join(lengths)})")
    marks += [f"{name}({bound.normalize():f})" for name, bound in _bounds(found, known) if bound is not None]
    if found.step is not None and known.multiple_of is None:
        marks.append(f"MultipleOf({found.step:f})")
    anchored = _ANCHORED.fullmatch(found.pattern or "")
    if anchored and '"' not in anchored["inner"] and known.pattern is None:
        marks.append(f'Pattern(r"{anchored["inner"]}")')
    return ", ".join(marks)


def _bounds(found: Demand, known: Constraints) -> Iterator[tuple[str, Decimal | None]]:
    lows = [Decimal(str(bound)) for bound in (known.ge, known.gt) if bound is not None]
    highs = [Decimal(str(bound)) for bound in (known.le, known.lt) if bound is not None]
    for name, bound in (("Ge", found.at_least), ("Gt", found.above)):
        yield name, bound if bound is not None and all(bound >= low for low in lows) else None
    for name, bound in (("Le", found.at_most), ("Lt", found.below)):
        yield name, bound if bound is not None and all(bound <= high for high in highs) else None
