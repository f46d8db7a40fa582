"""One declaration of a variable, from what the author wrote in whatever place: value, comment, mark."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from asbuilt.language.names import Name
from asbuilt.language.types import FREE, Choice, Constant, Constraints, Number, Scalar, Type
from asbuilt.language.values import value_range
from asbuilt.sections.configuration.model import EnvironmentVariable
from asbuilt.sections.configuration.values import declared, inferred
from asbuilt.source import Span
from asbuilt.values import frozen

_SECRET_WORDS = frozenset(
    {"SECRET", "SECRETS", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD", "CREDENTIAL", "CREDENTIALS"}
    | {"DSN", "KEY", "KEYS", "SALT", "PEPPER"}
)
_SECRET_NAME = re.compile(
    r"(?:.*_)?(?:DATABASE|DB|POSTGRES|POSTGRESQL|MONGO|REDIS|AMQP)_(?:URL|URI)|.*CONNECTION_STRING"
)
_CREDENTIALS = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
_END = r"-?\d[\d_]*(?:\.\d+)?"
_RANGE = re.compile(
    rf"(?<![\w.])(?P<low>{_END})\s*\.\.\s*(?P<high>{_END})(?![\w.])"
    rf"|\b(?:between|from)\s+(?P<least>{_END})\s+(?:and|to)\s+(?P<most>{_END})(?![\w.])"
    rf"|\b(?:range|valid|allowed)\b:?\s*(?P<first>{_END})\s*(?:-|–|to)\s*(?P<last>{_END})(?![\w.-])"
    rf"|\bmin(?:imum)?\b[:=]?\s*(?P<floor>{_END})\s*,?\s*(?:and\s+)?\bmax(?:imum)?\b[:=]?\s*(?P<roof>{_END})(?![\w.])",
    re.IGNORECASE,
)
_WORD = r"""(?:'[^'|]*'|"[^"|]*"|`[^`|]*`|[\w.+-]+)"""
_LISTED = re.compile(
    rf"(?:one of|either):?\s+(?P<all>{_WORD}(?:\s*,\s*(?:or\s+)?{_WORD})*(?:\s+or\s+{_WORD})?)(?=$|[\s;.)(])",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*(?:,\s*(?:or\s+)?|\||\s+or\s+)\s*")
_CHOICES = re.compile(rf"(?:one of:?\s*)?(?P<all>{_WORD}(?:\s*\|\s*{_WORD})+)(?=$|[\s,;.)(])")
_MARK = re.compile(r"\W*(required|mandatory|optional)\b", re.IGNORECASE)
_ASIDE = re.compile(r"\((required|mandatory|optional)\b", re.IGNORECASE)
_DEFAULT_IN_REFERENCE = re.compile(r"\$\{\w+:?-(?P<default>[^{}]*)\}")
REQUIRED_MARKS: Mapping[str, bool] = MappingProxyType({"required": True, "mandatory": True, "optional": False})


@frozen
class Declaration:
    """What one line, row or bullet says. `value` is None where nothing stands; `mark` is the author's word on need."""

    name: Name
    span: Span
    value: str | None = None
    value_span: Span | None = None
    comment: str = ""
    type_word: str = ""
    mark: bool | None = None
    example: str | None = None

    def variable(self) -> EnvironmentVariable:
        default = unset_or(self.value)
        type_ = self._type(default)
        mark = self.mark if self.mark is not None else marked(self.comment)
        return EnvironmentVariable(
            name=self.name,
            type=type_,
            span=self.span,
            default=default,
            required=default is None if mark is None else mark,
            secret=_is_secret(self.name.text, type_, default or self.value or ""),
            description=self.comment,
            default_span=self.value_span if default is not None else None,
        )

    def _type(self, default: str | None) -> Type:
        choices = choices_in(self.comment) or choices_in(self.type_word)
        if choices:
            return Choice(choices, self.span)
        bounds = range_in(self.comment) or range_in(self.type_word) or FREE
        kind = declared(self.type_word)
        if kind:
            return Scalar(kind, self.span, bounds)
        shown = default if default is not None else unset_or(self.example)
        found = inferred(self.name.text, shown, self.span, bounds)
        # A default that is no number does not make the range meaningless: it makes the default wrong.
        ranged = bounds != FREE and isinstance(found, Scalar) and found.kind not in ("int", "float")
        return Scalar("int", self.span, bounds) if ranged else found


def unset_or(value: str | None) -> str | None:
    """The value, or None for what stands for none: nothing, `...`, a placeholder."""
    if value is None or not value.strip() or "..." in value or "…" in value:
        return None
    reference = _DEFAULT_IN_REFERENCE.fullmatch(value)
    if reference:
        return reference.group("default")
    return None if re.fullmatch(r"<[^<>]+>|\$\{\w+\}", value) else value


def marked(comment: str) -> bool | None:
    """Whether a comment says that the variable is required (True) or optional (False)."""
    found = _MARK.match(comment) or _ASIDE.search(comment)
    return REQUIRED_MARKS[found.group(1).lower()] if found else None


def range_in(comment: str) -> Constraints | None:
    """`1..65535`, `between 1 and 10`, `range: 1-10` or `min 1, max 10`, anywhere in a comment."""
    written = _RANGE.search(comment)
    found = value_range("..".join(filter(None, written.groups()))) if written else None
    if found is None or found.low is None or found.high is None:
        return None
    whole = found.low == found.low.to_integral_value() and found.high == found.high.to_integral_value()
    low: Number = int(found.low) if whole else found.low
    high: Number = int(found.high) if whole else found.high
    return Constraints(ge=low, le=high)


def choices_in(comment: str) -> tuple[Constant, ...]:
    """`debug | info | warning`, at the beginning of a comment, or `one of debug, info or warning`."""
    written = _CHOICES.match(comment.strip()) or _LISTED.match(comment.strip())
    if written is None:
        return ()
    words = tuple(word.strip().strip("'\"`") for word in _SEPARATOR.split(written.group("all")))
    return words if len(words) > 1 else ()


def _is_secret(name: str, type_: Type, value: str) -> bool:
    if isinstance(type_, Scalar) and type_.kind == "str":
        words = set(name.upper().split("_"))
        named = bool(words & _SECRET_WORDS) and "PUBLIC" not in words
        return named or bool(_SECRET_NAME.fullmatch(name.upper())) or bool(_CREDENTIALS.search(value))
    return False
