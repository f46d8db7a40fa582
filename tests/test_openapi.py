"""The OpenAPI document says in JSON what the schemas say."""

import json
from pathlib import Path

from asbuilt.projections.openapi import openapi
from specimens import component, document


def test_decimals_are_numbers_of_json() -> None:
    schemas = """
        class Price:
            amount: Annotated[Decimal, Ge(Decimal("0.5")), MultipleOf(Decimal("0.01"))] = Decimal("1.50")
    """
    endpoints = """
        POST /prices
          Body: Price
          Response: 204
    """
    made = json.loads(json.dumps(openapi(component(Path("p.md"), document(schemas=schemas, endpoints=endpoints)))))
    listed = [schema.get("properties", {}) for schema in made["components"]["schemas"].values()]
    (amount,) = (members["amount"] for members in listed if "amount" in members)
    assert "0.01" in json.dumps(amount)
    assert amount["default"] == 1.5
