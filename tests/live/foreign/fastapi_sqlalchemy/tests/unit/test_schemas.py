"""Bodies: what is taken, what is refused, what is told apart."""

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.schemas import OpenAccount
from todo.schemas import ChangeTodo, CreateTodo


@pytest.mark.parametrize(
    "body", [{"due": 5}, {"due": "20261201"}, {"done": 1}, {"priority": None}, {"title": ""}, {"title": "x" * 201}]
)
def test_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CreateTodo.model_validate({"title": "x", **body})


@pytest.mark.parametrize("currency", ["eur", "EURO", "EUR\n", "ÄÖÜ"])
def test_currencies_are_three_capitals(currency: str) -> None:
    with pytest.raises(ValidationError):
        OpenAccount(name="x", currency=currency)


def test_what_is_left_out_is_not_null() -> None:
    assert ChangeTodo.model_validate({"note": None}).model_dump(exclude_unset=True) == {"note": None}
    assert ChangeTodo.model_validate({}).model_dump(exclude_unset=True) == {}
