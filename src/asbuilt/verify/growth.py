"""How fast figures grow with n, as an exponent with an interval, and what that says of a promise `O(f(n))`.

The figures are fitted by a + b * n^p, by least squares of the relative errors; the interval holds each p that fits
not much worse than the best one (profile likelihood, at 99.9 %). Near p = 0 the model is a + b * log n. A promise is
refuted only where the lower end lies above what f itself is fitted by.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from statistics import median
from typing import Literal, TypeAlias

from asbuilt.values import frozen

Figures: TypeAlias = Sequence[tuple[int, float]]  # n, and what was measured there
Verdict: TypeAlias = Literal["kept", "broken", "open"]
Order: TypeAlias = Callable[[float], float]
_EXPONENTS = tuple(step / 20 for step in range(101))
_MARGIN = 0.15
_NEXT = 0.8  # where the next class begins, which must not be possible too
_TOO_NOISY = 0.2
_MUCH = 1.5
_LEAST_POINTS = 5
_LEAST_SPAN = 8
# The 99.9 % quantile of F(1, d), by d.
_QUANTILES = (405284.0, 998.5, 167.0, 74.1, 47.2, 35.5, 29.2, 25.4, 22.9, 21.0, 19.7, 18.6, 17.8, 17.1, 16.6)
_FAR = 14.0
# Figures that are exact, and how much of them may be steps or noise all the same.
EXACT, STEPPED, TIMED = 0.002, 0.03, 0.05


@frozen
class Growth:
    """The exponent and its interval. `flat`: it cannot be told from no growth at all. `noise` is relative.

    `points` are what was fitted, `allowed` is the error up to which a curve goes with them.
    """

    low: float
    best: float
    high: float
    flat: bool
    noise: float
    points: tuple[tuple[int, float], ...]
    allowed: float

    def __str__(self) -> str:
        if self.flat:
            return f"no growth seen (noise {self.noise:.0%})"
        return f"grows as n^{self.best:.2f} (between {self.low:.2f} and {self.high:.2f})"


def growth(figures: Figures, least: float = TIMED) -> Growth | None:
    """The growth of figures, of those at one n their median; None where they are too few to tell.

    `least` is the relative error that they have at least.
    """
    points = _medians(figures)
    if len(points) < _LEAST_POINTS or points[-1][0] < _LEAST_SPAN * points[0][0] or points[0][1] <= 0:
        return None
    free = len(points) - 3
    errors = [(p, _error(points, p)) for p in _EXPONENTS]
    best, smallest = min(errors, key=lambda pair: pair[1])
    allowed = smallest + _quantile(free) * max(smallest / free, least**2)
    within = [p for p, error in errors if error <= allowed]
    flat = _residual(points, [1.0] * len(points), None) <= allowed
    noise = math.sqrt(smallest / free)
    return Growth(within[0], best, within[-1], flat, noise, tuple(points), allowed)


def judged(order: Order, found: Growth | None) -> Verdict:
    """Whether a growth keeps to `O(order)`: `broken` only where it is surely above."""
    if found is None:
        return "open"
    promised = tuple((n, order(n)) for n, _ in found.points)
    if found.flat:
        # Growth beyond the promise would have to hide in the noise: it can't where n grew by much more than that.
        hidden = 1 + 3 * found.noise
        return "kept" if found.noise < _TOO_NOISY or promised[-1][1] >= hidden * promised[0][1] else "open"
    if promised[-1][1] <= promised[0][1] * 1.001:
        # What grows as a logarithm can't be told from what does not grow by a few sizes.
        grown = found.points[-1][1] / found.points[0][1]
        return "broken" if found.low > _MARGIN and grown > _MUCH else "open"
    exponent = _exponent(promised)
    if found.low > exponent + _MARGIN:
        return "broken"
    fits = _residual(found.points, [value for _, value in promised], 0.0) <= found.allowed
    below = found.high <= exponent + _MARGIN
    return "kept" if below or (fits and found.high < exponent + _NEXT) else "open"


def read_order(text: str) -> Order | None:
    """The function of one variable that stands in `O(...)`; None for what is none, or has several variables."""
    words = _WORD.findall(text)
    letters = {word.casefold() for word in words if word.casefold() not in _FUNCTIONS}
    tokens = [token.casefold() for token in _TOKEN.findall(text.translate(_SIGNS))]
    if len(letters) > 1 or not tokens or "".join(tokens) != re.sub(r"\s", "", text.translate(_SIGNS)).casefold():
        return None
    try:
        return _Reader(tokens).whole()
    except (ValueError, IndexError):
        return None


_WORD = re.compile(r"[A-Za-z_]+")
_TOKEN = re.compile(r"log|lg|ln|sqrt|[A-Za-z_]+|\d+(?:\.\d+)?|[-+*/^()]")
_FUNCTIONS = {"log", "lg", "ln", "sqrt"}
_SIGNS = {ord("²"): "^2", ord("³"): "^3", ord("·"): "*", ord("×"): "*", ord("√"): "sqrt", ord("|"): None}


class _Reader:
    """Reads sums of products of powers: `n log n`, `n^2 + n`, `2^n`."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def whole(self) -> Order:
        found = self._sum()
        if self._at < len(self._tokens):
            raise ValueError(self._tokens[self._at])
        return found

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _sum(self) -> Order:
        parts = [self._product()]
        while self._next() == "+":
            self._at += 1
            parts.append(self._product())
        return lambda n: sum(part(n) for part in parts)

    def _product(self) -> Order:
        parts = [self._power()]
        while self._next() not in {"", "+", ")"}:
            self._at += self._next() == "*"
            parts.append(self._power())
        return lambda n: math.prod(part(n) for part in parts)

    def _power(self) -> Order:
        lower = self._atom()
        if self._next() != "^":
            return lower
        self._at += 1
        upper = self._atom()
        return lambda n: min(lower(n) ** min(upper(n), 600), 1e300)

    def _atom(self) -> Order:
        read = self._tokens[self._at]
        self._at += 1
        if read == "sqrt":
            rooted = self._power()
            return lambda n: math.sqrt(rooted(n))
        if read in _FUNCTIONS:
            inner = self._power()
            return lambda n: math.log2(max(inner(n), 1.0))
        if read == "(":
            inside = self._sum()
            if self._tokens[self._at] != ")":
                raise ValueError(read)
            self._at += 1
            return inside
        if read[0].isdigit():
            number = float(read)
            return lambda _: number
        if read.replace("_", "a").isalpha():
            return lambda n: n
        raise ValueError(read)


def _medians(figures: Figures) -> list[tuple[int, float]]:
    values: dict[int, list[float]] = {}
    for n, value in figures:
        values.setdefault(n, []).append(value)
    return [(n, median(values[n])) for n in sorted(values)]


@lru_cache(maxsize=64)
def _exponent(points: tuple[tuple[int, float], ...]) -> float:
    return min((_error(points, p), p) for p in _EXPONENTS)[1]


def _error(points: Sequence[tuple[int, float]], exponent: float) -> float:
    """The sum of the squared relative errors of the best a + b * n^p, b not below zero."""
    curve = [math.log(n) if exponent == 0 else n**exponent for n, _ in points]
    return _residual(points, curve, 0.0)


def _residual(points: Sequence[tuple[int, float]], curve: Iterable[float], slope: float | None) -> float:
    """Weighted by 1 / y^2. Without a slope the constant alone is fitted."""
    xs, ys = list(curve), [max(value, 1e-12) for _, value in points]
    weights = [1 / y**2 for y in ys]
    w = sum(weights)
    wy = sum(1 / y for y in ys)
    constant = wy / w
    flat = sum((constant / y - 1) ** 2 for y in ys)
    if slope is None:
        return flat
    wx = sum(weight * x for weight, x in zip(weights, xs, strict=True))
    wxx = sum(weight * x * x for weight, x in zip(weights, xs, strict=True))
    wxy = sum(x / y for x, y in zip(xs, ys, strict=True))
    below = w * wxx - wx * wx
    b = (w * wxy - wx * wy) / below if below > 1e-12 * w * wxx else 0.0
    a = (wy - b * wx) / w
    if b < 0:
        return flat
    return sum(((a + b * x) / y - 1) ** 2 for x, y in zip(xs, ys, strict=True))


def _quantile(free: int) -> float:
    return _QUANTILES[free - 1] if free <= len(_QUANTILES) else _FAR
