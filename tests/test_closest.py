"""The name that was meant is found among few and among many, in bounded time."""

import difflib
from collections.abc import Iterable

import pytest

from asbuilt.diagnostics import closest

WORDS = ("order", "item", "user", "status", "total", "customer", "price", "invoice", "payment", "address", "refund")
MANY = [f"{a}_{b}_{c}" for a in WORDS for b in WORDS for c in WORDS]


@pytest.mark.parametrize(
    "written", ["order_itme_status", "oder_item_status", "order_item_statuss", "Order_Item_Statsu"]
)
def test_a_slip_is_found_among_many(written: str) -> None:
    assert closest(written, MANY) == "order_item_status"


def test_what_is_like_nothing_has_no_closest() -> None:
    assert closest("zyxwvq", MANY) == ""


def test_of_many_names_a_few_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    matches = difflib.get_close_matches

    def counted(word: str, known: Iterable[str], **limits: float) -> list[str]:
        known = list(known)
        compared.append(len(known))
        return matches(word, known, n=5, cutoff=limits["cutoff"])

    monkeypatch.setattr(difflib, "get_close_matches", counted)
    closest("order_itme_status", MANY)
    assert compared[0] <= 50


def test_endless_names_are_not_compared() -> None:
    assert closest("a" * 100_000, ["a" * 99_999, "b"]) == ""
