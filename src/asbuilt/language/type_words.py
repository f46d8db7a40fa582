"""Types as tables and prose name them: `string (uuid)`, `List<String>`, `VARCHAR(255)`, `array of integers`."""

import re
from dataclasses import replace
from decimal import Decimal

from asbuilt.diagnostics import Hole
from asbuilt.language.annotations import read_annotation_text
from asbuilt.language.scalars import EMAIL
from asbuilt.language.types import (
    FREE,
    Anything,
    Array,
    Choice,
    Constraints,
    Definition,
    Map,
    Named,
    Null,
    Scalar,
    ScalarKind,
    Type,
    Union,
)
from asbuilt.language.typescript import read_type
from asbuilt.source import Fragment, Span

_INT32, _INT64 = Constraints(ge=-(2**31), le=2**31 - 1), Constraints(ge=-(2**63), le=2**63 - 1)
_WORDS: dict[str, tuple[ScalarKind, Constraints]] = {
    "str": ("str", FREE),
    "string": ("str", FREE),
    "text": ("str", FREE),
    "char": ("str", FREE),
    "varchar": ("str", FREE),
    "url": ("str", FREE),
    "uri": ("str", FREE),
    "email": ("str", Constraints(pattern=EMAIL, max_length=320)),
    "slug": ("str", FREE),
    "enum": ("str", FREE),
    "objectid": ("str", FREE),
    "jwt": ("str", FREE),
    "phone": ("str", FREE),
    "ip": ("str", FREE),
    "id": ("str", FREE),
    "token": ("str", FREE),
    "base64": ("str", FREE),
    "int": ("int", FREE),
    "integer": ("int", FREE),
    "long": ("int", FREE),
    "bigint": ("int", FREE),
    "int64": ("int", _INT64),
    "int32": ("int", _INT32),
    "smallint": ("int", FREE),
    "short": ("int", FREE),
    "uint": ("int", Constraints(ge=0)),
    "serial": ("int", FREE),
    "float": ("float", FREE),
    "float32": ("float", FREE),
    "float64": ("float", FREE),
    "double": ("float", FREE),
    "number": ("float", FREE),
    "numeric": ("decimal", FREE),
    "decimal": ("decimal", FREE),
    "bigdecimal": ("decimal", FREE),
    "money": ("decimal", FREE),
    "bool": ("bool", FREE),
    "boolean": ("bool", FREE),
    "uuid": ("uuid", FREE),
    "guid": ("uuid", FREE),
    "datetime": ("datetime", FREE),
    "uuid v4": ("uuid", FREE),
    "uuidv4": ("uuid", FREE),
    "uuid string": ("uuid", FREE),
    "string uuid": ("uuid", FREE),
    "iso 8601 string": ("datetime", FREE),
    "iso string": ("datetime", FREE),
    "iso date": ("datetime", FREE),
    "date time": ("datetime", FREE),
    "date-time": ("datetime", FREE),
    "timestamp": ("datetime", FREE),
    "timestamptz": ("datetime", FREE),
    "instant": ("datetime", FREE),
    "iso8601": ("datetime", FREE),
    "iso 8601": ("datetime", FREE),
    "iso": ("datetime", FREE),
    "isodate": ("datetime", FREE),
    "offsetdatetime": ("datetime", FREE),
    "localdatetime": ("datetime", FREE),
    "zoneddatetime": ("datetime", FREE),
    "datetimeoffset": ("datetime", FREE),
    "date": ("date", FREE),
    "localdate": ("date", FREE),
    "time": ("time", FREE),
    "localtime": ("time", FREE),
    "duration": ("timedelta", FREE),
    "timedelta": ("timedelta", FREE),
    "bytes": ("bytes", FREE),
    "binary": ("bytes", FREE),
    "blob": ("bytes", FREE),
    "file": ("bytes", FREE),
}
_OBJECTS = frozenset({"object", "json", "jsonb", "map", "dict", "dictionary", "hash", "jsonobject"})
_ARRAYS = frozenset({"array", "list", "set", "collection"})
_ANYTHING = frozenset({"any", "mixed", "unknown", "jsonvalue"})
_SIZED = re.compile(r"(?P<word>[a-z]+)\s*\(\s*(?P<size>\d{1,9})\s*(?:,\s*(?P<scale>\d{1,9})\s*)?\)", re.IGNORECASE)
_REMARKED = re.compile(r"(?P<word>[A-Za-z][\w\- ]*?)\s*\((?P<remark>[^()]*)\)")
_ARRAY_OF = re.compile(
    r"(?:array|list|set)\s*(?:of\s+|\[\s*|<\s*|\(\s*)(?P<item>.+?)\s*[\]>)]?", re.IGNORECASE | re.DOTALL
)
_BRACKETED = re.compile(r"(?P<item>[^\[\]|]+)\[\s*\]")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"|`([^`]*)`")
_ENUM = re.compile(r"enum\s*[:(\[{]\s*(?P<values>.+?)\s*[)\]}]?", re.IGNORECASE | re.DOTALL)
_PYTHON = re.compile(r"(?:list|dict|set|Optional|Annotated|Literal|tuple)\[")
_MOST_DIGITS = 1000  # https://www.postgresql.org/docs/18/datatype-numeric.html
_LONGEST = 400  # characters: what is longer is a description
_NAME = re.compile(r"[A-Z]\w*(?:<\s*[A-Z]\w*\s*>|\[[A-Z]\w*\])?")


def read_type_words(fragment: Fragment, owner: str = "") -> tuple[Type, tuple[Definition, ...]] | None:
    """The type that a phrase means, with definitions of objects inside it; None where it is no type."""
    text = fragment.text.replace("\\", " ").replace("`", " ")
    stripped = text.strip(" .:*")
    if not stripped or len(stripped) > _LONGEST:
        return None
    start = text.index(stripped[0])
    clean = Fragment(stripped, fragment.part(start, start + len(stripped)).origins)
    simple = _phrase(clean.text, clean.whole)
    if simple is not None:
        return simple, ()
    array = _BRACKETED.fullmatch(clean.text) or _ARRAY_OF.fullmatch(clean.text)
    if array:
        item = clean.part(*array.span("item"))
        inner = read_type_words(item, owner) or _singular(item)
        if inner is not None:
            return Array(inner[0], clean.whole), inner[1]
    return _annotated(clean) or _typescript(clean, owner)


def _phrase(text: str, span: Span) -> Type | None:
    word = " ".join(text.casefold().split())
    if word.endswith("?") and (inner := _phrase(text[:-1], span)) is not None:
        return Union((inner, Null(span)), span)
    if word in _WORDS:
        kind, constraints = _WORDS[word]
        return Scalar(kind, span, constraints)
    if word in _OBJECTS:
        return Map(Anything(span), span)
    if word in _ARRAYS:
        return Array(Anything(span), span)
    if word in _ANYTHING:
        return Anything(span)
    if word in ("null", "none"):
        return Null(span)
    sized = _SIZED.fullmatch(text)
    if sized and sized.group("word").casefold() in _WORDS:
        kind, constraints = _WORDS[sized.group("word").casefold()]
        return Scalar(kind, span, constraints.under(_sized(kind, int(sized["size"]), int(sized["scale"] or 0))))
    return _options(text, span) or _remarked(text, span)


def _sized(kind: ScalarKind, size: int, scale: int) -> Constraints:
    """What the numbers in brackets bound: the length of a text, the digits of a decimal."""
    if kind == "str":
        return Constraints(max_length=size)
    if kind != "decimal" or not scale <= size <= _MOST_DIGITS:
        return FREE
    largest = Decimal((0, (9,) * size, -scale))
    return Constraints(ge=largest.copy_negate(), le=largest)


def _remarked(text: str, span: Span) -> Type | None:
    """`String (Email)` and `string (uuid)`: the remark counts where it names a type, else the word."""
    match = _REMARKED.fullmatch(text)
    if match is None:
        return None
    remark = " ".join(match.group("remark").casefold().split())
    if remark in _WORDS and remark not in ("id", "token", "text", "time"):
        kind, constraints = _WORDS[remark]
        return Scalar(kind, span, constraints)
    base = _phrase(match.group("word").strip(), span)
    if base is None or isinstance(base, Named):
        return base
    values = _values(match.group("remark"))
    return Choice(values, span) if values and isinstance(base, Scalar) and base.kind == "str" else base


def _options(text: str, span: Span) -> Type | None:
    """`enum(a, b)`, `'a' | 'b'`, `string | null`."""
    enum = _ENUM.fullmatch(text)
    if enum:
        written = [value.strip(" '\"") for value in re.split(r"[,|/]", enum.group("values"))]
        return Choice(tuple(value for value in written if value), span)
    if values := _values(text):
        return Choice(values, span)
    if "|" not in text:
        return None
    found = [_phrase(option.strip(), span) for option in text.split("|")]
    if any(option is None for option in found):
        return None
    options = tuple(option for option in found if option is not None)
    nulls = [option for option in options if isinstance(option, Null)]
    return Union((*(option for option in options if not isinstance(option, Null)), *nulls), span)


def _values(text: str) -> tuple[str, ...]:
    """The quoted values that a text consists of."""
    found = [match.group(match.lastindex or 0) for match in _QUOTED.finditer(text)]
    rest = re.sub(r"[\s,|/]|\bor\b", "", _QUOTED.sub("", text))
    return tuple(found) if found and not rest else ()


def _annotated(text: Fragment) -> tuple[Type, tuple[Definition, ...]] | None:
    if not _NAME.fullmatch(text.text) and not _PYTHON.match(text.text):
        return None
    holes: list[Hole] = []
    bracketed = Fragment(text.text.replace("<", "[").replace(">", "]"), text.origins)
    type_ = read_annotation_text(bracketed, holes).type
    return None if holes else (type_, ())


def _typescript(text: Fragment, owner: str) -> tuple[Type, tuple[Definition, ...]] | None:
    found = read_type(text, owner)
    if found is None:
        return None
    type_, definitions = found
    known = _known(type_)
    return (known, definitions) if known is not None else None


def _known(type_: Type) -> Type | None:
    """The type with words such as `Integer` understood; None where a name in it is no name of a type."""
    match type_:
        case Named(name=name, arguments=()):
            return _phrase(name, type_.span) or (type_ if name[:1].isupper() else None)
        case Array():
            item = _known(type_.item)
            return replace(type_, item=item) if item is not None else None
        case Map():
            value = _known(type_.value)
            return replace(type_, value=value) if value is not None else None
        case Union():
            options = [_known(option) for option in type_.options]
            return replace(type_, options=tuple(o for o in options if o is not None)) if all(options) else None
    return type_


def _singular(item: Fragment) -> tuple[Type, tuple[Definition, ...]] | None:
    """`array of integers`."""
    type_ = _phrase(item.text.removesuffix("s"), item.whole)
    return (type_, ()) if type_ is not None else None
