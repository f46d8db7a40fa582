"""Values with units."""

from decimal import Decimal

import pytest

from asbuilt.language.values import Range, Rate, duration, percentage, rate, size, value_range


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("300ms", 0.3),
        ("5s", 5),
        ("5 s", 5),
        ("5 min", 300),
        ("5 minutes", 300),
        ("1 minute", 60),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("1 hour and 5 minutes", 3900),
        ("24h", 86400),
        ("7 days", 604800),
        ("2 weeks", 1209600),
        ("0.5s", 0.5),
        ("1_000ms", 1),
        ("250µs", 0.00025),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "soon", "5 fortnights", "h", "5s later", "s5", "-5s", "5 5"])
def test_no_durations(text: str) -> None:
    assert duration(text) is None


def test_a_bare_number_counts_where_the_key_names_its_unit() -> None:
    assert duration("5", unit="s") == 5
    assert duration("5", unit="ms") == pytest.approx(0.005)
    assert duration("5m", unit="s") == 300


@pytest.mark.parametrize(
    ("text", "count"),
    [("10 MB", 10_000_000), ("1MiB", 1 << 20), ("512 bytes", 512), ("1.5 kB", 1500), ("2GiB", 2 << 30)],
)
def test_sizes(text: str, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("text", ["", "10", "10 parsecs", "MB"])
def test_no_sizes(text: str) -> None:
    assert size(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20 per minute", Rate(20, 60)),
        ("20/min", Rate(20, 60)),
        ("100/s", Rate(100, 1)),
        ("100 requests per hour", Rate(100, 3600)),
        ("5 per 10s", Rate(5, 10)),
        ("20 per minute per principal", Rate(20, 60, "principal")),
        ("20 per minute per IP", Rate(20, 60, "address")),
        ("20 per minute per API key", Rate(20, 60, "key")),
        ("1,000 per day per user", Rate(1000, 86400, "principal")),
        ("at most 20 calls a minute", Rate(20, 60)),
    ],
)
def test_rates(text: str, expected: Rate) -> None:
    assert rate(text) == expected


@pytest.mark.parametrize(
    "text", ["", "20", "20 per", "20 per fortnight", "20 per minute per galaxy", "often", "20 a fortnight"]
)
def test_no_rates(text: str) -> None:
    assert rate(text) is None


def test_percentages() -> None:
    assert percentage("5%") == pytest.approx(0.05)
    assert percentage("50 percent") == pytest.approx(0.5)
    assert percentage("50") is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("1..100", 1, 100), ("1 to 100", 1, 100), ("1-100", 1, 100), ("1..", 1, None), ("..5", None, 5), ("-1..1", -1, 1)],
)
def test_ranges(text: str, low: int | None, high: int | None) -> None:
    bounds = Range(None if low is None else Decimal(low), None if high is None else Decimal(high))
    assert value_range(text) == bounds


@pytest.mark.parametrize("text", ["", "..", "5", "a..b"])
def test_no_ranges(text: str) -> None:
    assert value_range(text) is None


@pytest.mark.parametrize("reader", [duration, size, rate, percentage, value_range])
def test_long_nonsense_is_refused_at_once(reader: object) -> None:
    for text in ("1" * 50_000, "1 " * 50_000, "1h" * 50_000 + "x", "a" * 50_000, "1 per " + "m" * 50_000, "." * 50_000):
        assert callable(reader)
        reader(text)
