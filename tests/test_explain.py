"""`explain` shows what a request will do, and where the document says so."""

from pathlib import Path

import pytest

from asbuilt.frontend import load
from asbuilt.runtime.cannot_serve import CannotServe
from asbuilt.runtime.explain import explain

COMPONENT = load(Path(__file__).parent / "documents" / "stock.md", referee=False).component
TEXT = COMPONENT.source.text.splitlines()


def line_of(words: str) -> int:
    return next(number for number, line in enumerate(TEXT, 1) if words in line)


def test_without_a_request_each_operation_has_a_line() -> None:
    lines = explain(COMPONENT).splitlines()
    assert len(lines) == len(COMPONENT.operations)
    assert lines[0].split() == [
        "POST",
        "/products",
        "create_product",
        "derived",
        f"stock.md:{line_of('POST /products')}",
    ]


def test_a_derived_operation_says_what_was_derived_and_shows_its_sql() -> None:
    shown = explain(COMPONENT, "GET /products/{sku}")
    assert "`{sku}` is `sku`, the primary key of `products`" in shown
    assert "FROM products AS t" in shown
    assert "$1 text sku" in shown
    assert "200 Product as application/json, JSON built by PostgreSQL, with an ETag" in shown


def test_a_pattern_shows_where_it_stands() -> None:
    shown = explain(COMPONENT, "GET /products")
    assert f"pattern `products_page` (many)  [stock.md:{line_of('**products_page**')}]" in shown
    assert "query       after: Cursor?, limit: Limit = 20" in shown
    assert "written for what is present of: after" in shown


def test_an_algorithm_shows_its_transaction_and_statements() -> None:
    shown = explain(COMPONENT, "POST /swap")
    assert "transaction serializable, begun at the first statement" in shown
    assert f"`swap(body, db)`, awaited  [stock.md:{line_of('async def swap')}]" in shown
    assert "UPDATE products SET amount = $1 WHERE sku = $2 RETURNING *" in shown
    assert f"409 TOO_FEW: raised  [stock.md:{line_of('| TOO_FEW')}]" in shown


@pytest.mark.parametrize("request_", ["get /products/tea", "GET /products/tea?x=1", "GET  /products/{sku}"])
def test_a_request_may_be_told_as_it_is_made(request_: str) -> None:
    assert explain(COMPONENT, request_).startswith("GET /products/{sku}\n")


def test_an_unknown_request_is_answered_with_the_nearest() -> None:
    with pytest.raises(CannotServe) as refusal:
        explain(COMPONENT, "GET /product")
    assert refusal.value.hint == "did you mean `GET /products`?"


def test_rows_of_the_path_come_before_the_body() -> None:
    shown = explain(COMPONENT, "POST /products/{sku}/take")
    assert shown.index("load ") < shown.index("body ") < shown.index("algorithm ")
