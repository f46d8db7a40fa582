"""What a variable's name alone says of its values: ports, levels of logging, flags, numbers with their unit."""

import re

from asbuilt.language.values import duration, size

LEVELS = ("debug", "info", "warning", "error")
_OTHER_LEVELS = frozenset(
    {"trace", "verbose", "silly", "http", "information", "notice", "warn", "err", "fatal", "critical", "crit"}
    | {"alert", "emerg", "emergency", "panic", "none", "off", "silent", "all", "default", "notset", "finest", "fine"}
)
_FLAGS = frozenset({"true", "yes", "on", "1", "t", "y", "enabled", "false", "no", "off", "0", "f", "n", "disabled"})
_NUMBERED = re.compile(r".+_(?:SECONDS|SECS|MS|MILLIS|MILLISECONDS|MINUTES|HOURS|DAYS|BYTES|KB|MB)")
_WORD = re.compile(r"[A-Za-z][A-Za-z_ -]*")
_NUMBER = re.compile(r"[+-]?\d[\d_,]*(?:\.\d+)?")
_DATABASE = re.compile(r"\w[\w+.-]*:(?://)?\S|\w+\s*=|/")
_HIGHEST_PORT = 65_535


def refusal_by_name(name: str, text: str) -> str:
    """Why a variable of that name can't have that value, as what completes "the value ..."; empty if it can.

    Only what holds in every component, in any language, is said: a value of a form that is not known is let pass.
    """
    text = text.strip()
    if name == "PORT" or name.endswith("_PORT"):
        return _port(text, own=name in ("PORT", "COMPONENT_PORT"))
    if name == "LOG_LEVEL" or name.endswith("_LOG_LEVEL"):
        known = text.casefold() in _OTHER_LEVELS or text.casefold() in LEVELS
        return "" if known or not _WORD.fullmatch(text) else "is no level of logging"
    if name.startswith("FEATURE_") or name.endswith("_ENABLED"):
        known = text.casefold() in _FLAGS
        return "" if known or not _WORD.fullmatch(text) else "is no boolean (`true` or `false`)"
    if _NUMBERED.fullmatch(name):
        numeric = _NUMBER.fullmatch(text) or duration(text) is not None or size(text) is not None
        return "" if numeric or not _WORD.fullmatch(text) else "is no number"
    if name == "DATABASE_URL":
        return "" if _DATABASE.match(text) else "is no URL of a database, such as `postgresql://host/name`"
    return ""


def _port(text: str, *, own: bool) -> str:
    """Other ports may name a device or a mapping; what looks like a number is one."""
    if re.fullmatch(r"[+-]?\d+", text):
        return "" if len(text) < 10 and 0 <= int(text) <= _HIGHEST_PORT else f"is no port: they end at {_HIGHEST_PORT}"
    return "is no port" if own and _WORD.fullmatch(text) else ""
