"""Values with units, as people write them: durations, sizes, rates, percentages, ranges."""

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from asbuilt.values import frozen

Scope = Literal["principal", "address", "key"]

_NUMBER = r"\d{1,12}(?:[_,]\d{3})*(?:\.\d{1,9})?"
_SECONDS: dict[str, float] = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 604800,
}
_UNITS: dict[str, str] = {
    "nanosecond": "ns",
    "microsecond": "us",
    "millisecond": "ms",
    "msec": "ms",
    "milli": "ms",
    "second": "s",
    "sec": "s",
    "minute": "m",
    "min": "m",
    "hour": "h",
    "hr": "h",
    "day": "d",
    "week": "w",
}
_BYTES: dict[str, int] = {
    "b": 1,
    "byte": 1,
    "bytes": 1,
    "k": 1000,
    "kb": 1000,
    "m": 1000**2,
    "mb": 1000**2,
    "g": 1000**3,
    "gb": 1000**3,
    "tb": 1000**4,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
    "tib": 1024**4,
}
_DURATION_PART = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>[a-zµ]+)\s*(?:,|and\b)?\s*", re.IGNORECASE)
_SIZE = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>[a-z]+)", re.IGNORECASE)
_PERCENTAGE = re.compile(rf"(?P<number>{_NUMBER})\s*(?:%|percent)", re.IGNORECASE)
_RANGE = re.compile(rf"(?P<low>-?{_NUMBER})?\s*(?:\.\.|…|–|—|\bto\b|(?<=\d)-)\s*(?P<high>-?{_NUMBER})?", re.IGNORECASE)
_RATE = re.compile(
    rf"(?:at most |max(?:imum)? |up to )?(?P<count>{_NUMBER})\s*(?:requests?|reqs?|calls?|times|queries)?\s*"
    r"(?:/|per|an?|every|each|in)\s*(?P<window>\d[^,;()]{0,30}?|[a-zµ]{1,12})"
    r"\s*(?:(?:,\s*)?(?:per|by|for each|for|/)\s*(?P<scope>[a-z][a-z ]{0,30}))?",
    re.IGNORECASE,
)
_SCOPES: dict[str, Scope] = {
    "principal": "principal",
    "user": "principal",
    "caller": "principal",
    "account": "principal",
    "client": "principal",
    "customer": "principal",
    "address": "address",
    "ip": "address",
    "ip address": "address",
    "host": "address",
    "key": "key",
    "api key": "key",
    "token": "key",
}


@frozen
class Rate:
    """So many in so many seconds. `scope` says whose calls are counted, None where the author does not."""

    count: int
    seconds: float
    scope: Scope | None = None


@frozen
class Range:
    """Both ends belong to it; None is open."""

    low: Decimal | None
    high: Decimal | None


def duration(text: str, unit: str = "") -> float | None:
    """The seconds in `300ms`, `5 min`, `1h30m`, `7 days`. A bare number counts only where `unit` is given."""
    text = text.strip()
    if unit and re.fullmatch(_NUMBER, text):
        return _number(text) * _SECONDS[_unit(unit) or "s"]
    total, at = 0.0, 0
    while at < len(text):
        match = _DURATION_PART.match(text, at)
        known = _unit(match.group("unit")) if match else None
        if match is None or known is None:
            return None
        total += _number(match.group("number")) * _SECONDS[known]
        at = match.end()
    return total if text else None


def _unit(word: str) -> str | None:
    word = word.lower() if word != "M" else word
    if word in _SECONDS:
        return word
    return _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))


def _number(text: str) -> float:
    return float(text.replace("_", "").replace(",", ""))


def size(text: str) -> int | None:
    """The bytes in `10 MB` (decimal) or `1 MiB` (binary)."""
    match = _SIZE.fullmatch(text.strip())
    scale = _BYTES.get(match.group("unit").lower()) if match else None
    return round(_number(match.group("number")) * scale) if match and scale else None


def percentage(text: str) -> float | None:
    """`5%` is 0.05."""
    match = _PERCENTAGE.fullmatch(text.strip())
    return _number(match.group("number")) / 100 if match else None


def rate(text: str) -> Rate | None:
    """`20 per minute`, `100/s`, `5 requests per 10s per address`."""
    match = _RATE.fullmatch(text.strip())
    if match is None:
        return None
    window = match.group("window").strip()
    seconds = duration(window if window[0].isdigit() else f"1 {window}")
    scope = match.group("scope")
    known = _SCOPES.get(scope.strip().lower()) if scope else None
    if not seconds or (scope and known is None):
        return None
    return Rate(round(_number(match.group("count"))), seconds, known)


def value_range(text: str) -> Range | None:
    """`1..100`, `1 to 100`, `1-100`; one end may be left open: `1..`."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or (match.group("low") is None and match.group("high") is None):
        return None
    return Range(_decimal(match.group("low")), _decimal(match.group("high")))


def _decimal(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text.replace("_", "").replace(",", ""))
    except InvalidOperation:
        return None


def iso_duration(value: timedelta) -> str:
    """In days of 24 hours and with one sign: `P1DT1H30M`, `-PT5M`."""
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    exact = f"{seconds}.{value.microseconds:06}".rstrip("0") if value.microseconds else str(seconds)
    clock = "".join(
        f"{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M"), (exact, "S")) if amount not in (0, "0")
    )
    days = f"{value.days}D" if value.days else ""
    return f"{sign}P{days}{'T' + clock if clock else ''}" if days or clock else "PT0S"
