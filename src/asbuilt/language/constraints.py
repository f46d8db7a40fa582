"""What stands behind the type in `Annotated[T, ...]`: constraints, marks, pydantic's `Field(...)`."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

import re2

from asbuilt.diagnostics import Hole, nearest
from asbuilt.language.constants import NotConstantError, constant, dotted, number
from asbuilt.language.python import Code
from asbuilt.language.types import ABSENT, FREE, UNSET, Constraints, Default, Number
from asbuilt.source import Span
from asbuilt.values import frozen

Arguments: TypeAlias = tuple[tuple[str, ast.expr], ...]

# The constraints that positional arguments stand for, by the name that is called.
_POSITIONS: Mapping[str, tuple[str, ...]] = {
    "Ge": ("ge",),
    "Gt": ("gt",),
    "Le": ("le",),
    "Lt": ("lt",),
    "MultipleOf": ("multiple_of",),
    "Interval": (),
    "Len": ("min_length", "max_length"),
    "Length": ("min_length", "max_length"),
    "MinLen": ("min_length",),
    "MinLength": ("min_length",),
    "MaxLen": ("max_length",),
    "MaxLength": ("max_length",),
    "Pattern": ("pattern",),
    "Regex": ("pattern",),
    "Clamp": ("low", "high"),
    "Otherwise": ("otherwise",),
    "Message": ("message",),
    "Column": ("column",),
    "Alias": ("alias",),
    "Doc": ("description",),
    "Description": ("description",),
    "Unique": (),
    "UniqueItems": (),
    "EmptyAsNull": (),
    "ReadOnly": (),
    "WriteOnly": (),
    "Field": ("default",),
    "Query": ("default",),
    "Path": ("default",),
    "Header": ("default",),
    "Cookie": ("default",),
    "Body": ("default",),
    "Form": ("default",),
    "Meta": (),
    "StringConstraints": (),
    "constr": (),
    "conint": (),
    "confloat": (),
    "condecimal": (),
    "conbytes": (),
    "condate": (),
    "conlist": ("item",),
    "conset": ("item",),
    "confrozenset": ("item",),
}
CONSTRAINTS = tuple(name for name in _POSITIONS if name[0].isupper())
_OUR_OWN = (
    "`Ge`, `Gt`, `Le`, `Lt`, `Len`, `MultipleOf`, `Pattern`, `Unique`, `Clamp`, `Otherwise`, `EmptyAsNull`, `Message`,"
    " `Column`"
)
_SPELLED: Mapping[str, str] = {
    "regex": "pattern",
    "min_items": "min_length",
    "max_items": "max_length",
    "min_len": "min_length",
    "max_len": "max_length",
    "minimum": "ge",
    "maximum": "le",
    "unique_items": "unique",
    "title": "",
    "example": "",
    "examples": "",
    "item": "",
    "strict": "",
    "repr": "",
    "frozen": "",
    "init": "",
    "kw_only": "",
    "compare": "",
    "hash": "",
    "metadata": "",
    "json_schema_extra": "",
    "validate_default": "",
    "deprecated": "",
    "discriminator": "",
    "union_mode": "",
    "allow_inf_nan": "",
    "include_in_schema": "",
    "openapi_examples": "",
    "convert_underscores": "",
    "embed": "",
    "media_type": "",
    "alias_priority": "",
    "primary_key": "",
    "foreign_key": "",
    "index": "",
    "nullable": "",
    "sa_column": "",
    "sa_column_kwargs": "",
    "sa_type": "",
    "unit": "",
}
# They say nothing about which values are valid.
_SILENT = frozenset(
    {"Depends", "Security", "Strict", "Discriminator", "Tag", "SkipValidation"}
    | {"Examples", "Example", "Title", "WithJsonSchema", "Timezone"}
)
# What only code can tell, and arguments that no type tells: named as not enforced, with what to write instead.
_CODE = frozenset(
    {"BeforeValidator", "AfterValidator", "PlainValidator", "WrapValidator", "PlainSerializer", "WrapSerializer"}
    | {"Predicate", "Not", "GetPydanticSchema"}
)
_UNENFORCED: Mapping[str, str] = {
    "strip_whitespace": "write a `Pattern` for texts without surrounding whitespace",
    "to_lower": "write a `Pattern` for texts in lower case",
    "to_upper": "write a `Pattern` for texts in upper case",
    "coerce_numbers_to_str": "write `str`, and send strings",
    "validation_alias": "a member has one name, which `alias` gives",
    "serialization_alias": "a member has one name, which `alias` gives",
}
_BARE: Mapping[str, Mapping[str, Default]] = {
    "Unique": {"unique": True},
    "UniqueItems": {"unique": True},
    "EmptyAsNull": {"empty_as_null": True},
    "ReadOnly": {"read_only": True},
    "WriteOnly": {"write_only": True},
}
_CONSTRAINTS = frozenset(Constraints.__match_args__)
_NUMBERS = frozenset({"ge", "gt", "le", "lt", "multiple_of", "low", "high"})
_COUNTS = frozenset({"min_length", "max_length", "max_digits", "decimal_places"})
_MOST_DIGITS = 1000
_TEXTS = frozenset({"pattern", "message", "column", "alias", "description"})


@frozen
class Metadata:
    """Constraints on values, and what is said of the member itself."""

    constraints: Constraints = FREE
    default: Default = UNSET
    column: str | None = None
    alias: str | None = None
    description: str = ""
    read_only: bool = False
    write_only: bool = False


def read_metadata(code: Code, nodes: Iterable[ast.expr], holes: list[Hole], known: Mapping[str, Default]) -> Metadata:
    """What pieces of metadata say together; the later one wins where two speak.

    One that is not understood adds a hole: it would not be enforced.
    """
    values: dict[str, Default] = {}
    for node in nodes:
        values.update(_spoken(code, node, holes, known))
    return _metadata(values)


def _spoken(code: Code, node: ast.expr, holes: list[Hole], known: Mapping[str, Default]) -> Mapping[str, Default]:
    match node:
        case ast.Constant(value=str() as text):
            return {"description": text}
        case ast.Call(func=function):
            name = dotted(function).rpartition(".")[2]
        case _:
            name = dotted(node).rpartition(".")[2]
    if name in _SILENT:
        return {}
    if name in _CODE:
        hint = "write a constraint such as `Pattern` or `Ge`, or check the value in an algorithm"
        holes.append(Unenforced(code.span(node), f"`{_shown(code, node)}` is code, and is not enforced", hint))
        return {}
    if name not in _POSITIONS:
        hint = nearest(name, CONSTRAINTS) or f"these are known: {_OUR_OWN}"
        holes.append(Hole(code.span(node), f"`{_shown(code, node)}` is no constraint", hint))
        return {}
    return _Call(code, holes, known, name).read(node)


class Unenforced(Hole):
    """Something that is understood, and that the types of a document can't demand."""

    __slots__ = ()


def is_off(node: ast.expr) -> bool:
    """Whether an argument is False or None, so that it asks for nothing."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


class UnreadPattern(Hole):
    """A pattern that RE2, which matches in linear time, does not take."""

    __slots__ = ()


def pattern_hole(pattern: str, span: Span) -> UnreadPattern | None:
    """What RE2 says against a pattern; None when it takes it."""
    reason = _refusal(pattern)
    if not reason:
        return None
    message = f"this pattern cannot be matched in linear time: {reason}"
    return UnreadPattern(span, message, "the syntax is that of RE2, without look-around and back-references")


@lru_cache(maxsize=1024)
def _refusal(pattern: str) -> str:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except (re2.error, ValueError, UnicodeError) as error:
        text = error.args[0] if error.args else "it cannot be read"
        return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return ""


def _shown(code: Code, node: ast.AST) -> str:
    text = " ".join(code.text(node).split())
    return text if len(text) <= 60 else text[:57] + "..."


@frozen
class _Call:
    code: Code
    holes: list[Hole]
    known: Mapping[str, Default]
    name: str

    def read(self, node: ast.expr) -> Mapping[str, Default]:
        if not isinstance(node, ast.Call):
            if _POSITIONS[self.name]:
                self._hole(node, f"`{self.name}` needs its value in parentheses", f"write `{self.name}(...)`")
            return _BARE.get(self.name, {})
        values = dict(_BARE.get(self.name, {}))
        for key, argument in self._arguments(node):
            value = self._value(key, argument)
            if value is not UNSET:
                values[key] = value
        return self._digits(values, node)

    def _digits(self, values: dict[str, Default], node: ast.Call) -> Mapping[str, Default]:
        """Counts of digits as bounds: two places are multiples of 0.01, three digits before the point below 1000."""
        digits, places = values.pop("max_digits", None), values.pop("decimal_places", None)
        if isinstance(places, int):
            values.setdefault("multiple_of", Decimal(1).scaleb(-min(places, _MOST_DIGITS)) if places else 1)
        if isinstance(digits, int):
            before = max(0, min(digits, _MOST_DIGITS) - (places if isinstance(places, int) else 0))
            if "le" not in values and "lt" not in values:
                values["lt"] = 10**before
            if "ge" not in values and "gt" not in values:
                values["gt"] = -(10**before)
            if not isinstance(places, int):
                message = "`max_digits` without `decimal_places` is enforced before the decimal point only"
                self.holes.append(Unenforced(self.code.span(node), message, "say how many decimal places there are"))
        return values

    def _arguments(self, call: ast.Call) -> Arguments:
        positions = _POSITIONS[self.name]
        found: list[tuple[str, ast.expr]] = []
        for index, argument in enumerate(call.args):
            if index < len(positions):
                if _SPELLED.get(positions[index], positions[index]):
                    found.append((positions[index], argument))
            else:
                self._hole(argument, f"`{self.name}` takes {_counted(len(positions))}")
        for keyword in call.keywords:
            key = _SPELLED.get(keyword.arg or "", keyword.arg or "")
            if key == "default_factory":
                found.append(("default", _factory(keyword.value)))
            elif key in _NUMBERS or key in _COUNTS or key in _TEXTS or key in ("default", "unique", "otherwise"):
                found.append((key, keyword.value))
            elif key == "exclude":
                found += [("write_only", keyword.value)] if not is_off(keyword.value) else []
            elif key in _UNENFORCED:
                if not is_off(keyword.value):
                    shown = f"`{_shown(self.code, keyword)}` is not enforced"
                    self.holes.append(Unenforced(self.code.span(keyword), shown, _UNENFORCED[key]))
            elif keyword.arg and keyword.arg not in _SPELLED:
                taken = " and ".join(f"`{position}`" for position in positions)
                hint = nearest(keyword.arg, positions) or (f"it takes {taken}" if taken else "")
                self._hole(keyword.value, f"`{self.name}` has no argument `{keyword.arg}`", hint)
        return tuple(found)

    def _value(self, key: str, node: ast.expr) -> Default:
        if key == "default" and isinstance(node, ast.Name) and node.id == "Absent":
            return ABSENT
        try:
            if key in _NUMBERS:
                return number(node, self.known)
            value = constant(node, self.known)
        except NotConstantError as error:
            self._hole(error.node, f"`{_shown(self.code, error.node)}` is not a constant", "write the value itself")
            return ABSENT if key == "default" else UNSET
        if key in _COUNTS and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            if value is not None:
                self._hole(node, f"a length is a whole number, not `{_shown(self.code, node)}`")
            return UNSET
        if key in _TEXTS and not isinstance(value, str):
            if value is not None:
                self._hole(node, f"`{self.name}` takes a string, not `{_shown(self.code, node)}`", "put it in quotes")
            return UNSET
        if key == "pattern" and isinstance(value, str):
            unread = pattern_hole(value, self.code.span(node))
            if unread:
                self.holes.append(unread)
                return UNSET
        return value

    def _hole(self, node: ast.expr, message: str, hint: str = "") -> None:
        self.holes.append(Hole(self.code.span(node), message, hint))


def _counted(count: int) -> str:
    return {0: "nothing in parentheses", 1: "one value"}.get(count, f"{count} values")


def _factory(node: ast.expr) -> ast.expr:
    """The constant that a factory such as `list` makes; for others, a default that is not known before the call."""
    made: ast.expr
    match node:
        case ast.Name(id="list" | "set" | "tuple"):
            made = ast.List([], ast.Load())
        case ast.Name(id="dict"):
            made = ast.Dict([], [])
        case ast.Lambda(body=body):
            made = body
        case _:
            made = ast.Name("Absent", ast.Load())
    return ast.copy_location(made, node)


def _metadata(values: Mapping[str, Default]) -> Metadata:
    spoken = {key: value for key, value in values.items() if key in _CONSTRAINTS}
    low, high = values.get("low"), values.get("high")
    constraints = Constraints(**spoken) if spoken else FREE  # type: ignore[arg-type]  # each was checked for its key
    if isinstance(low, Number) and isinstance(high, Number):
        constraints = replace(constraints, clamp=(low, high))
    return Metadata(
        constraints,
        values.get("default", UNSET),
        column=_text(values, "column"),
        alias=_text(values, "alias"),
        description=_text(values, "description") or "",
        read_only="read_only" in values,
        write_only="write_only" in values,
    )


def _text(values: Mapping[str, Default], key: str) -> str | None:
    value = values.get(key)
    return value if isinstance(value, str) else None
