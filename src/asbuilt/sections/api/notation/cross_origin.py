"""`Cross-Origin:` lines: which pages of other origins may call."""

import re
from dataclasses import dataclass, field

from asbuilt.diagnostics import Hole, nearest
from asbuilt.language.values import duration
from asbuilt.sections.api.model import CrossOrigin
from asbuilt.sections.api.notation.parameters import split
from asbuilt.source import Fragment, Span

_KEYS = {
    "origin": "origins",
    "origins": "origins",
    "allowed origins": "origins",
    "method": "methods",
    "methods": "methods",
    "allowed methods": "methods",
    "header": "headers",
    "headers": "headers",
    "allowed headers": "headers",
    "exposed": "exposed",
    "expose": "exposed",
    "exposed headers": "exposed",
    "credentials": "credentials",
    "allow credentials": "credentials",
    "max age": "max age",
}
_KEYED = re.compile(r"(?P<key>[A-Za-z][A-Za-z \-]*?)\s*:(?!//)\s*(?P<value>.*)", re.DOTALL)
_WORDED = re.compile(
    r"(?P<key>credentials|max[ -]age|methods|headers|exposed|origins)\b\s*(?P<value>.*)", re.IGNORECASE | re.DOTALL
)
_ORIGIN = re.compile(r"\*|null|\$\{\w+\}|https?://[^\s/]+")


@dataclass(slots=True)
class _Lists:
    origins: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    exposed: list[str] = field(default_factory=list)
    credentials: bool = False
    max_age: float | None = None


def read_cross_origin(value: Fragment, span: Span, holes: list[Hole]) -> CrossOrigin:
    """`https://shop.example, credentials, max age 10m`, or the same as lines `Origins: ...` below the key."""
    found = _Lists()
    for line in split(value, "\n;"):
        keyed = _KEYED.fullmatch(line.text)
        if keyed and _key(keyed.group("key")) not in _KEYS:
            hint = nearest(keyed.group("key"), ("Origins", "Methods", "Headers", "Exposed", "Credentials", "Max Age"))
            where = line.span(*keyed.span("key"))
            holes.append(Hole(where, f"`{keyed.group('key')}` is not a key of `Cross-Origin`", hint))
        elif keyed:
            _take(_KEYS[_key(keyed.group("key"))], line.part(*keyed.span("value")), found, holes)
        else:
            key = "origins"
            for item in split(line, ","):
                worded = _WORDED.fullmatch(item.text)
                key = _KEYS[_key(worded.group("key"))] if worded else key
                _take(key, item.part(*worded.span("value")) if worded else item, found, holes)
    return CrossOrigin(
        tuple(found.origins),
        span,
        tuple(found.methods),
        tuple(found.headers),
        tuple(found.exposed),
        found.credentials,
        found.max_age,
    )


def _key(written: str) -> str:
    return " ".join(re.split(r"[\s_-]+", written.strip().lower()))


def _take(key: str, value: Fragment, found: _Lists, holes: list[Hole]) -> None:
    match key:
        case "credentials":
            found.credentials = value.text.strip().lower() not in ("no", "false", "none", "off", "never")
        case "max age":
            found.max_age = duration(value.text, unit="s")
            if found.max_age is None:
                holes.append(Hole(value.whole, f"`{value.text}` is not a duration", "write `10m` or `600s`"))
        case "origins":
            for item in split(value, ", "):
                origin = item.text.strip("`'\"").rstrip("/")
                if origin == "any":
                    origin = "*"
                if _ORIGIN.fullmatch(origin):
                    found.origins.append(origin)
                else:
                    hint = "an origin is `https://host`, with a port if need be, or `*`"
                    holes.append(Hole(item.whole, f"`{item.text}` is not an origin", hint))
        case _:
            items = (item.text.strip("`'\"") for item in split(value, ", "))
            {"methods": found.methods, "headers": found.headers, "exposed": found.exposed}[key].extend(items)
