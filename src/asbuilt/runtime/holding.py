"""From a column to what brings a value to the type it is stored as, or refuses it: nothing is rounded, nothing cut.

PostgreSQL rounds numbers to the digits of their column, cuts spaces off, and reads `yesterday` as a time. What
a caller sends is stored as it was sent, or it is a fault of that value.
"""

import struct
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from ipaddress import ip_interface, ip_network

from asbuilt.language.types import Choice, Constraints, Scalar, ScalarKind, Type
from asbuilt.postgres.catalog import Catalog, SqlType
from asbuilt.postgres.spelling import stored_kind
from asbuilt.postgres.sqltypes import range_of
from asbuilt.runtime.faults import Wrong
from asbuilt.runtime.scalars import FROM_TEXT, Take, decimal, moment, one_of, whole

_TIMES = ("timestamp with time zone", "timestamp without time zone", "time without time zone")
_SECOND = 6  # digits that PostgreSQL keeps of one


def reader(kind: ScalarKind, column: SqlType, catalog: Catalog, known: Mapping[ScalarKind, Take]) -> Take:
    """What reads a value of a kind that goes to a column: a number keeps its digits where the column does."""
    wanted = stored_kind(kind, column, catalog)
    if kind == "float" and wanted == "int":
        return known["int"]
    if kind == "float" and wanted == "decimal":
        plain = known["float"]

        def exact(value: object) -> object:
            plain(value)
            return decimal(value)

        return exact
    return known[kind]


def holder(type_: Type, column: SqlType, catalog: Catalog) -> Take | None:
    """What brings a value of a type to a column, or raises `Wrong`. None where the two agree."""
    if isinstance(type_, Scalar) and not column.dimensions:
        return _joined(
            _converted(type_.kind, column, catalog), _limited(type_.kind, type_.constraints, column, catalog)
        )
    if isinstance(type_, Choice) and all(isinstance(value, str | None) for value in type_.values):
        known = [value for value in type_.values if value is not None]
        kept = catalog.enum(column.name)
        if column.dimensions or (kept and set(known) <= set(kept.values)):
            return None
        longest = Constraints(max_length=max(map(len, map(str, known)), default=0))
        return _joined(_converted("str", column, catalog), _limited("str", longest, column, catalog))
    return None


def _joined(convert: Take | None, limit: Take | None) -> Take | None:
    if convert is None or limit is None:
        return convert or limit
    return lambda value: None if value is None else limit(convert(value))


def _converted(kind: ScalarKind, column: SqlType, catalog: Catalog) -> Take | None:
    wanted = stored_kind(kind, column, catalog)
    if column.name == "timestamp without time zone" and kind in ("str", "datetime"):
        return _wall
    if wanted == kind or wanted is None:
        return None
    if kind == "str":
        return _moment if wanted == "datetime" else FROM_TEXT[wanted]
    if kind == "decimal":
        return whole
    return _day if wanted == "date" else None


def _moment(value: object) -> datetime:
    """A date, or a date and time, as ISO 8601 has them; without an offset it is in UTC."""
    try:
        return moment(value)
    except Wrong:
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None or found.tzinfo is not None:
            raise
        return found.replace(tzinfo=UTC)


def _wall(value: object) -> datetime:
    """As `_moment`, in UTC without saying so: what a driver sends as a timestamp without time zone."""
    found = value if isinstance(value, datetime) else _moment(value)
    return found.astimezone(UTC).replace(tzinfo=None)


def _day(value: object) -> date:
    if isinstance(value, datetime) and value.timetz() == time(tzinfo=UTC):
        return value.date()
    raise Wrong("must be a date without a time of day")


def _limited(kind: ScalarKind, constraints: Constraints, column: SqlType, catalog: Catalog) -> Take | None:
    """What a type says that its kind does not: lengths, digits, ranges."""
    enum, bounds, numbers = catalog.enum(column.name), range_of(column), column.modifiers
    if enum:
        return one_of(enum.values)
    if bounds:
        own = (constraints.ge, constraints.gt), (constraints.le, constraints.lt)
        return None if kind == "int" and _within(own, *bounds, column) else _ranged(*bounds)
    if column.name == "numeric" and len(numbers) == 2:
        return None if _has_digits(constraints, *numbers) else _digits(*numbers)
    if column.name in ("character varying", "character") and numbers:
        most = constraints.max_length
        return None if most is not None and most <= numbers[0] else _short(numbers[0])
    if column.name in _TIMES and numbers and numbers[0] < _SECOND:
        return _seconds(numbers[0])
    if column.name in ("real", "double precision"):
        return _float(column, whole=kind == "int") if column.name == "real" or kind == "int" else None
    return _ADDRESSES.get(column.name) if kind == "str" else None


def _within(own: tuple[tuple[object, ...], tuple[object, ...]], low: int, high: int, column: SqlType) -> bool:
    """Whether a range of the document's is within the column's. The driver itself refuses what is no bigint."""
    lows, highs = ([one for one in side if isinstance(one, int | float | Decimal)] for side in own)
    return column.name == "bigint" or bool(lows and highs and max(lows) >= low and min(highs) <= high)


def _ranged(low: int, high: int) -> Take:
    def hold(value: object) -> object:
        if isinstance(value, int) and not low <= value <= high:
            raise Wrong("is out of range")
        return value

    return hold


def _has_digits(constraints: Constraints, precision: int, scale: int) -> bool:
    """Whether a document's own constraints let no number through that loses digits, or has too many."""
    step, low, high = constraints.multiple_of, constraints.ge, constraints.le
    if step is None or low is None or high is None:
        return False
    most = Decimal(1).scaleb(precision - scale)
    fine = max(abs(Decimal(str(low))), abs(Decimal(str(high)))) < most
    return fine and _scale(Decimal(str(step))) <= scale


def _scale(value: Decimal) -> int:
    """How many digits a number needs after its point; less than none for tens and hundreds."""
    _, digits, exponent = value.as_tuple()
    zeros = 0
    while zeros < len(digits) - 1 and digits[-1 - zeros] == 0:
        zeros += 1
    return -(int(exponent) + zeros)


def _digits(precision: int, scale: int) -> Take:
    most = Decimal(1).scaleb(precision - scale)
    unit = "digit" if scale == 1 else "digits"
    lost = f"must have at most {scale} {unit} after the point" if scale > 0 else f"must be a multiple of {10**-scale}"
    lost = lost if scale else "must be an integer"

    def hold(value: object) -> object:
        if isinstance(value, int | Decimal):
            number = Decimal(value)
            if abs(number) >= most:
                raise Wrong("is out of range")
            if number and _scale(number) > scale:
                raise Wrong(lost)
        return value

    return hold


def _short(most: int) -> Take:
    message = f"must have at most {most} {'character' if most == 1 else 'characters'}"

    def hold(value: object) -> object:
        if isinstance(value, str) and len(value) > most:
            raise Wrong(message)
        return value

    return hold


def _seconds(digits: int) -> Take:
    step = 10 ** (_SECOND - digits)
    unit = "digit" if digits == 1 else "digits"
    message = f"must have at most {digits} {unit} of a second" if digits else "must have no fraction of a second"

    def hold(value: object) -> object:
        if isinstance(value, datetime | time) and value.microsecond % step:
            raise Wrong(message)
        return value

    return hold


def _float(column: SqlType, *, whole: bool) -> Take:
    """A binary fraction is near to what was sent, by its nature; a whole number must be it."""
    form = "<f" if column.name == "real" else "<d"

    def hold(value: object) -> object:
        if not isinstance(value, int | float):
            return value
        try:
            (held,) = struct.unpack(form, struct.pack(form, value))
        except OverflowError:
            raise Wrong("is out of range") from None
        if value and not held:
            raise Wrong("is out of range")
        if whole and held != value:
            raise Wrong("has more digits than can be stored")
        return value

    return hold


def _addressed(read: Callable[[str], object], message: str) -> Take:
    def hold(value: object) -> object:
        try:
            return read(str(value)) and value
        except ValueError:
            raise Wrong(message) from None

    return hold


_ADDRESSES: Mapping[str, Take] = {
    "inet": _addressed(ip_interface, "must be an IP address"),
    "cidr": _addressed(ip_network, "must be an IP network, such as `192.0.2.0/24`"),
}
