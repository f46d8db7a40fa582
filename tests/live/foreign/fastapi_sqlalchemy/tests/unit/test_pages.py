"""Cursors lead back to their keys, and what is none is refused."""

from types import SimpleNamespace

import pytest
from fastapi.exceptions import RequestValidationError

from shared.pages import cursor_of, key_of, page


def rows(count: int) -> list[SimpleNamespace]:
    return [SimpleNamespace(id=number) for number in range(1, count + 1)]


def test_the_last_page_has_no_cursor() -> None:
    assert page(rows(2), 2) == {"items": rows(2), "next": None}
    assert page([], 2) == {"items": [], "next": None}


def test_a_cursor_leads_to_the_last_row_shown() -> None:
    shown = page(rows(3), 2)
    assert shown["items"] == rows(2)
    assert key_of(shown["next"], int) == 2


@pytest.mark.parametrize("cursor", ["", "x", "@@@", cursor_of("not a number")])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(RequestValidationError):
        key_of(cursor, int)
