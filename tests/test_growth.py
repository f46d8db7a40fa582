"""Promises of `O(f(n))` against figures: known implementations, noise of all kinds, and no false refutation."""

import math
import random
from collections.abc import Callable, Sequence

import pytest

from asbuilt.verify.growth import STEPPED, growth, judged, read_order

SIZES = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
ORDERS = ("1", "log n", "sqrt n", "n", "n log n", "n^2", "n^2 log n", "n^3")


@pytest.mark.parametrize(
    ("text", "at_eight"),
    [
        ("1", 1),
        ("n", 8),
        ("N", 8),
        ("log n", 3),
        ("n log n", 24),
        ("n log(n)", 24),
        ("n * log n", 24),
        ("n·log n", 24),
        ("n²", 64),
        ("n^2 + n", 72),
        ("n^2 log n", 192),
        ("(n + 1) * 2", 18),
        ("sqrt(n)", math.sqrt(8)),
        ("√n", math.sqrt(8)),
        ("2^n", 256),
        ("lines", 8),
        ("|n|", 8),
    ],
)
def test_orders_are_read(text: str, at_eight: float) -> None:
    order = read_order(text)
    assert order is not None
    assert order(8) == pytest.approx(at_eight)


@pytest.mark.parametrize("text", ["n * m", "V + E", "", "n +", "(n", "n!", "?"])
def test_what_is_no_order_of_one_variable(text: str) -> None:
    assert read_order(text) is None


def linear_search(items: Sequence[int]) -> int:
    return sum(1 for _ in items)


def first(items: Sequence[int]) -> int:
    return 1 if items else 0


def constant_work(_: Sequence[int]) -> int:
    return 17


def binary_search(items: Sequence[int]) -> int:
    steps, low, high = 0, 0, len(items)
    while low < high:
        steps += 1
        low = (low + high) // 2 + 1
    return steps


def tree_lookups(items: Sequence[int]) -> int:
    return sum(binary_search(items) for _ in items)


def bubble_sort(items: Sequence[int]) -> int:
    return sum(1 for at in range(len(items)) for _ in range(len(items) - at - 1))


def merge_sort(items: Sequence[int]) -> int:
    if len(items) < 2:
        return 1
    middle = len(items) // 2
    return merge_sort(items[:middle]) + merge_sort(items[middle:]) + len(items)


def pairs(items: Sequence[int]) -> int:
    return sum(1 for _ in items for _ in items)


def triples(items: Sequence[int]) -> int:
    return sum(at * at for at in range(len(items)))


def divisors(items: Sequence[int]) -> int:
    return math.isqrt(len(items))


def batches_of_ten(items: Sequence[int]) -> int:
    return 2 + math.ceil(len(items) / 10)


def header_and_lines(items: Sequence[int]) -> int:
    return 3 + len(items)


def two_passes(items: Sequence[int]) -> int:
    return 5 + 2 * len(items)


def list_membership(items: Sequence[int]) -> int:
    return sum(at for at, _ in enumerate(items))


def set_membership(items: Sequence[int]) -> int:
    return len(set(items)) + len(items)


def string_concatenation(items: Sequence[int]) -> int:
    return sum(range(len(items))) + len(items)


def matrix_product(items: Sequence[int]) -> int:
    return len(items) ** 3


def heap_sort(items: Sequence[int]) -> int:
    return sum(1 + int(math.log2(at)) for at in range(1, len(items) + 1))


def window(items: Sequence[int]) -> int:
    return sum(len(items[max(0, at - 3) : at]) for at in range(len(items)))


def sort_then_scan(items: Sequence[int]) -> int:
    return merge_sort(items) + len(items)


# Each with the class it is of, and one that it is not of.
KNOWN: Sequence[tuple[Callable[[Sequence[int]], int], str, str]] = (
    (linear_search, "n", "log n"),
    (first, "1", ""),
    (constant_work, "1", ""),
    (binary_search, "log n", ""),
    (tree_lookups, "n log n", "sqrt n"),
    (bubble_sort, "n^2", "n"),
    (merge_sort, "n log n", "sqrt n"),
    (pairs, "n^2", "n log n"),
    (triples, "n^3", "n^2"),
    (divisors, "sqrt n", "1"),
    (batches_of_ten, "n", "1"),
    (header_and_lines, "n", "1"),
    (two_passes, "n", "1"),
    (list_membership, "n^2", "n"),
    (set_membership, "n", "1"),
    (string_concatenation, "n^2", "n log n"),
    (matrix_product, "n^3", "n^2"),
    (heap_sort, "n log n", "1"),
    (window, "n", "sqrt n"),
    (sort_then_scan, "n log n", "log n"),
)


def order_of(text: str) -> Callable[[float], float]:
    found = read_order(text)
    assert found is not None
    return found


def figures_of(work: Callable[[Sequence[int]], int]) -> list[tuple[int, float]]:
    return [(n, float(work(range(n)))) for n in SIZES]


@pytest.mark.parametrize(("work", "own", "less"), KNOWN, ids=[work.__name__ for work, _, _ in KNOWN])
def test_known_implementations(work: Callable[[Sequence[int]], int], own: str, less: str) -> None:
    found = growth(figures_of(work), STEPPED)
    assert judged(order_of(own), found) == "kept"
    for wider in ORDERS[ORDERS.index(own) :]:
        assert judged(order_of(wider), found) != "broken"
    if less:
        assert judged(order_of(less), found) == "broken"


def noisy(order: str, chance: random.Random, noise: float, overhead: float) -> list[tuple[int, float]]:
    """Times of five calls at each size: a constant, work of that order, noise to the right, now and then a pause."""
    work = order_of(order)
    scale = work(SIZES[-1])
    found = []
    for n in SIZES:
        for _ in range(5):
            value = overhead + work(n) / scale
            value *= 1 + abs(chance.gauss(0, noise))
            value += chance.choice((0,) * 19 + (3.0,))
            found.append((n, value))
    return found


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("noise", [0.02, 0.1, 0.3])
def test_noise_refutes_nothing_that_is_true(order: str, noise: float) -> None:
    for seed in range(50):
        chance = random.Random(f"{order} {noise} {seed}")  # noqa: S311 - repeatable on purpose
        found = growth(noisy(order, chance, noise, chance.choice((0.0, 0.05, 1.0)) + 0.001))
        for wider in (order, *ORDERS[ORDERS.index(order) + 1 :][:1]):
            assert judged(order_of(wider), found) != "broken", (seed, wider, found)


def test_noise_hides_little() -> None:
    found = [growth(noisy("n^2", random.Random(seed), 0.1, 0.01)) for seed in range(50)]  # noqa: S311
    assert sum(judged(order_of("n"), each) == "broken" for each in found) >= 45


def test_too_few_sizes_tell_nothing() -> None:
    assert growth([(1, 1.0), (2, 2.0), (4, 4.0)]) is None
    assert growth([(100 + n, float(n)) for n in range(20)]) is None
    assert judged(order_of("1"), None) == "open"
