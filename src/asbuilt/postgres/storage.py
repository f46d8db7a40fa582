"""Whether a table can hold a row, as far as the row's values are known: types, NOT NULL, CHECK.

Values are those of JSON. What is refused here, PostgreSQL refuses, or it rounds; what is not may still be refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from uuid import UUID

from asbuilt.postgres.catalog import Catalog, Check, Column, SqlType, Table
from asbuilt.postgres.predicates import UNDECIDED, Predicate, predicate
from asbuilt.postgres.sqltypes import element, range_of
from asbuilt.source import Span
from asbuilt.values import frozen

_NO_TEXT_FOR_TIME = re.compile(r"[A-Za-z ]*")
_TIMES_BY_NAME = re.compile(r"now|today|tomorrow|yesterday|epoch|-?infinity|allballs", re.IGNORECASE)
_TRUTH = re.compile(r"\s*(?:t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|of|off|0|1)\s*", re.IGNORECASE)
_PROBE = {"value"}


@frozen
class Refusal:
    """Why a row is refused. `by` names the rule that refuses it; `columns` are those that it is about.

    `lossy`: PostgreSQL takes the value and keeps another one.
    """

    by: str
    reason: str
    columns: tuple[str, ...]
    span: Span
    check: Check | None = None
    lossy: bool = False


class Unstorable(Exception):  # noqa: N818 - it is a verdict
    """A value that a type cannot hold, and why; the sentence continues "a value that ..."."""


class Rounded(Unstorable):
    """A value that PostgreSQL rounds."""


def refusals(table: Table, catalog: Catalog, row: Mapping[str, object]) -> Iterator[Refusal]:
    """Every reason why the table certainly refuses a row with these values, whatever its other columns hold."""
    stored: dict[str, object] = {}
    for name, value in row.items():
        column = table.column(name)
        if column is None:
            continue
        try:
            stored[name] = as_stored(column.type, value, catalog)
        except Unstorable as reason:
            lossy = isinstance(reason, Rounded)
            yield Refusal(f"{table.name}.{name}", str(reason), (name,), column.span, lossy=lossy)
            continue
        if value is None and column.not_null:
            yield Refusal(f"{table.name}.{name}", "is null", (name,), column.span)
        yield from _domain_refusals(column, stored[name], catalog)
    for check in table.checks:
        if set(check.columns) & set(stored):
            rule = read_check(check.expression)
            if rule and rule.holds(stored) is False:
                yield Refusal(check.name, f"breaks `{check.name}`", check.columns, check.span, check)


def _domain_refusals(column: Column, value: object, catalog: Catalog) -> Iterator[Refusal]:
    domain = catalog.domain(column.type.name) if not column.type.dimensions else None
    if domain is None:
        return
    if value is None and domain.not_null:
        yield Refusal(domain.name, "is null", (column.name,), domain.span)
    for check in domain.checks:
        rule = read_check(check.expression)
        if rule and rule.holds(dict.fromkeys(_PROBE, value)) is False:
            yield Refusal(check.name, f"breaks `{check.name}`", (column.name,), check.span, check)


@lru_cache(maxsize=4096)
def read_check(expression: str) -> Predicate | None:
    return predicate(expression)


def as_stored(type_: SqlType, value: object, catalog: Catalog) -> object:
    """The value as a predicate sees it in a column of this type, or UNDECIDED. Raises `Unstorable`."""
    if value is None or value is UNDECIDED:
        return value
    if type_.dimensions:
        return [as_stored(element(type_), item, catalog) for item in value] if isinstance(value, list) else UNDECIDED
    enum = catalog.enum(type_.name)
    if enum is not None:
        if isinstance(value, str) and value not in enum.values:
            raise Unstorable(f"is no value of the type `{enum.name}`")
        return value if isinstance(value, str) else UNDECIDED
    domain = catalog.domain(type_.name)
    if domain is not None:
        return as_stored(domain.base, value, catalog) if domain.base != type_ else UNDECIDED
    if range_of(type_):
        return _whole(type_, value)
    reader = _READERS.get(type_.name)
    return reader(type_, value) if reader else UNDECIDED


def _whole(type_: SqlType, value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"\s*[+-]?\d{1,40}\s*", value):
            if re.fullmatch(r"[A-Za-z ]*", value):
                raise Unstorable(f"is no `{type_}`")
            return UNDECIDED
        value = int(value)
    if isinstance(value, float | Decimal) and value % 1:
        raise Rounded(f"is no `{type_}`")
    if isinstance(value, bool) or not isinstance(value, int):
        return UNDECIDED
    low, high = range_of(type_) or (value, value)
    if not low <= value <= high:
        raise Unstorable(f"is out of the range of `{type_}`")
    return Decimal(value)


def _numeric(type_: SqlType, value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return UNDECIDED
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z ]*", value):
            raise Unstorable(f"is no `{type_}`") from None
        return UNDECIDED
    if not number.is_finite() or abs(number.adjusted()) > 1000:
        return UNDECIDED
    if len(type_.modifiers) < 2:
        return number
    precision, scale = type_.modifiers
    try:
        rounded = number.quantize(Decimal(1).scaleb(-scale))
    except InvalidOperation:
        rounded = number
    if abs(rounded) >= Decimal(1).scaleb(precision - scale):
        raise Unstorable(f"has more digits than `{type_}` holds")
    if rounded != number and not isinstance(value, str):
        raise Rounded(f"has more digits after its point than `{type_}` keeps")
    return rounded


def _inexact(_: SqlType, value: object) -> object:
    plain = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return Decimal(str(value)) if plain else UNDECIDED


def _text(_: SqlType, value: object) -> object:
    return value if isinstance(value, str) else UNDECIDED


def _limited_text(type_: SqlType, value: object) -> object:
    if not isinstance(value, str):
        return UNDECIDED
    longest = type_.modifiers[0] if type_.modifiers else None
    # Spaces beyond the limit are cut off in silence: https://www.postgresql.org/docs/18/datatype-character.html
    if longest is not None and len(value) > longest and value[longest:].strip(" "):
        raise Unstorable(f"is longer than `{type_}`")
    if type_.name == "character":
        return UNDECIDED
    return value if longest is None else value[:longest]


def _boolean(_: SqlType, value: object) -> object:
    if isinstance(value, str) and not _TRUTH.fullmatch(value):
        raise Unstorable("is no `boolean`")
    return value if isinstance(value, bool) else UNDECIDED


def _uuid(_: SqlType, value: object) -> object:
    if not isinstance(value, str):
        return UNDECIDED
    try:
        return UUID(value)
    except ValueError:
        if re.search(r"[^0-9a-fA-F{}-]", value) or not value:
            raise Unstorable("is no `uuid`") from None
        return UNDECIDED


def _moment(read: Callable[[str], object]) -> Callable[[SqlType, object], object]:
    def stored(type_: SqlType, value: object) -> object:
        if not isinstance(value, str):
            return UNDECIDED
        try:
            found = read(value)
        except ValueError:
            words = value.strip()
            # Of what is no ISO 8601, PostgreSQL reads much; of words alone, a few.
            if _NO_TEXT_FOR_TIME.fullmatch(words) and not _TIMES_BY_NAME.fullmatch(words):
                raise Unstorable(f"is no `{type_}`") from None
            return UNDECIDED
        zoned = getattr(found, "tzinfo", None) is not None
        return UNDECIDED if zoned and type_.name == "timestamp without time zone" else found

    return stored


def _structure(_: SqlType, value: object) -> object:
    """JSON: only of lists and objects a predicate can say anything here."""
    return value if isinstance(value, list | dict) else UNDECIDED


_READERS: Mapping[str, Callable[[SqlType, object], object]] = {
    "numeric": _numeric,
    "real": _inexact,
    "double precision": _inexact,
    "text": _text,
    "character varying": _limited_text,
    "character": _limited_text,
    "boolean": _boolean,
    "uuid": _uuid,
    "date": _moment(date.fromisoformat),
    "timestamp with time zone": _moment(datetime.fromisoformat),
    "timestamp without time zone": _moment(datetime.fromisoformat),
    "time without time zone": _moment(time.fromisoformat),
    "jsonb": _structure,
    "json": _structure,
}
