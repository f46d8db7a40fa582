"""Types that a single word names: Python's, Pydantic's, and the words that JSON Schema uses."""

from collections.abc import Mapping

from asbuilt.language.forms import FREE, Anything, Array, Constraints, Map, Named, Null, Scalar, ScalarKind, Type
from asbuilt.source import Span

EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"
_WEB = r"https?://\S+"
SCALARS: Mapping[str, tuple[ScalarKind, Constraints]] = {
    "str": ("str", FREE),
    "string": ("str", FREE),
    "String": ("str", FREE),
    "int": ("int", FREE),
    "integer": ("int", FREE),
    "Integer": ("int", FREE),
    "float": ("float", FREE),
    "number": ("float", FREE),
    "bool": ("bool", FREE),
    "boolean": ("bool", FREE),
    "Boolean": ("bool", FREE),
    "UUID": ("uuid", FREE),
    "uuid": ("uuid", FREE),
    "UUID1": ("uuid", FREE),
    "UUID3": ("uuid", FREE),
    "UUID4": ("uuid", FREE),
    "UUID5": ("uuid", FREE),
    "UUID7": ("uuid", FREE),
    "datetime": ("datetime", FREE),
    "AwareDatetime": ("datetime", FREE),
    "NaiveDatetime": ("datetime", FREE),
    "PastDatetime": ("datetime", FREE),
    "FutureDatetime": ("datetime", FREE),
    "date": ("date", FREE),
    "PastDate": ("date", FREE),
    "FutureDate": ("date", FREE),
    "time": ("time", FREE),
    "timedelta": ("timedelta", FREE),
    "Decimal": ("decimal", FREE),
    "decimal": ("decimal", FREE),
    "bytes": ("bytes", FREE),
    "StrictStr": ("str", FREE),
    "StrictInt": ("int", FREE),
    "StrictFloat": ("float", FREE),
    "StrictBool": ("bool", FREE),
    "StrictBytes": ("bytes", FREE),
    "SecretStr": ("str", FREE),
    "EmailStr": ("str", Constraints(pattern=EMAIL, max_length=320)),
    "NameEmail": ("str", FREE),
    "AnyUrl": ("str", FREE),
    "AnyHttpUrl": ("str", Constraints(pattern=_WEB)),
    "HttpUrl": ("str", Constraints(pattern=_WEB, max_length=2083)),
    "IPvAnyAddress": ("str", FREE),
    "IPv4Address": ("str", FREE),
    "IPv6Address": ("str", FREE),
    "Path": ("str", FREE),
    "PositiveInt": ("int", Constraints(gt=0)),
    "NonNegativeInt": ("int", Constraints(ge=0)),
    "NegativeInt": ("int", Constraints(lt=0)),
    "NonPositiveInt": ("int", Constraints(le=0)),
    "PositiveFloat": ("float", Constraints(gt=0)),
    "NonNegativeFloat": ("float", Constraints(ge=0)),
    "NegativeFloat": ("float", Constraints(lt=0)),
    "NonPositiveFloat": ("float", Constraints(le=0)),
    "FiniteFloat": ("float", FREE),
}
ANYTHING = frozenset({"Any", "object", "any", "JSON", "Json", "JsonValue", "JSONValue"})
ARRAYS = frozenset({"list", "List", "Sequence", "MutableSequence", "Iterable", "Collection", "deque", "array"})
SETS = frozenset({"set", "Set", "frozenset", "FrozenSet", "AbstractSet", "MutableSet"})
MAPS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "DefaultDict"})
TUPLES = frozenset({"tuple", "Tuple"})


def named(name: str, span: Span) -> Type:
    """The type that a bare name stands for. Names of libraries stay names: a document may define its own `Path`."""
    name = name.rpartition(".")[2]
    if name[:1].isupper() and name not in _OWN_WORDS:
        return Named(name, span)
    return known(name, span) or Named(name, span)


def known(name: str, span: Span) -> Type | None:
    """The type that a bare name stands for unless the document defines it."""
    scalar = SCALARS.get(name)
    if scalar:
        return Scalar(scalar[0], span, scalar[1])
    if name in ANYTHING:
        return Anything(span)
    if name in ARRAYS or name in TUPLES:
        return Array(Anything(span), span)
    if name in SETS:
        return Array(Anything(span), span, Constraints(unique=True))
    if name in MAPS:
        return Map(Anything(span), span)
    return Null(span) if name == "NoneType" else None


# Capitalised words that are part of the notation itself.
_OWN_WORDS = frozenset({"UUID", "Decimal", "Any"})
