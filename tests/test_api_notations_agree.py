"""One API in several notations is one model, wherever its parts stand."""

from dataclasses import replace
from pathlib import Path

import pytest

from asbuilt.document import read_blocks, read_outline
from asbuilt.language.likeness import unplaced
from asbuilt.language.types import Definition, Schema
from asbuilt.sections.api import Api, Endpoint, notation
from asbuilt.source import Source

SCHEMAS = """
### Request/Response Schemas
```python
class PlaceOrder:
    sku: str
    quantity: Annotated[int, Ge(1), Le(99)]
    note: str | None = None

class Order:
    id: UUID
    sku: str
    quantity: int
    lines: list[Line]

class Line:
    sku: str
```
"""
BLOCKS = """
### Endpoint Definitions
```
POST /orders
  Operation: place_order
  Body:      PlaceOrder
  Response:  201 Order

GET /orders/{id: UUID}
  Operation: order_by_id
  Response:  200 Order

GET /orders
  Operation: list_orders
  Query:     limit: int = 20
  Response:  200 list[Order]
```
"""
DECORATORS = """
### Endpoint Definitions
```python
router = APIRouter()

@router.post("/orders", status_code=201)
async def place_order(body: PlaceOrder, db: Session = Depends(get_db)) -> Order: ...

@router.get("/orders/{id}", response_model=Order)
def order_by_id(id: UUID): ...

@router.get("/orders")
def list_orders(limit: int = 20) -> list[Order]: ...
```
"""
OPENAPI = """
### Endpoint Definitions
```yaml
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    post:
      operationId: place_order
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/PlaceOrder'}
      responses:
        '201':
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
    get:
      operationId: list_orders
      parameters:
        - {name: limit, in: query, schema: {type: integer, default: 20}}
      responses:
        '200':
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Order'}}
  /orders/{id}:
    parameters:
      - $ref: '#/components/parameters/id'
    get:
      operationId: order_by_id
      responses:
        '200': {$ref: '#/components/responses/Order'}
components:
  parameters:
    id: {name: id, in: path, required: true, schema: {type: string, format: uuid}}
  responses:
    Order:
      content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
  schemas:
    PlaceOrder:
      type: object
      required: [sku, quantity]
      properties:
        sku: {type: string}
        quantity: {type: integer, minimum: 1, maximum: 99}
        note: {type: string, nullable: true, default: null}
    Order:
      type: object
      required: [id, sku, quantity, lines]
      properties:
        id: {type: string, format: uuid}
        sku: {type: string}
        quantity: {type: integer}
        lines: {type: array, items: {$ref: '#/components/schemas/Line'}}
    Line:
      type: object
      required: [sku]
      properties:
        sku: {type: string}
```
"""
TABLE = """
### Endpoint Definitions

| Method | Path | Handler | Query | Request Body | Response | Description |
|---|---|---|---|---|---|---|
| POST | `/orders` | `place_order` | | `PlaceOrder` | `201` Order | |
| GET | `/orders/:id` | `order_by_id` | | — | `200` [Order](#order) | |
| GET | `/orders` | `list_orders` | `limit` | — | `Order[]` | |
"""
HEADINGS = """
### Endpoint Definitions

#### 1. Place an order — POST /orders
**Request body:** `PlaceOrder`

**Response `201`:** `Order`

#### `GET /orders/{id}`

| Parameter | Type | In | Required |
|---|---|---|---|
| id | UUID | path | yes |

Response: `200` Order

#### GET `/orders`
**Query parameters:**

| Param | Type | Default |
|---|---|---|
| limit | integer | 20 |

**Returns:** `Order[]`
"""
BULLETS = """
### Endpoint Definitions
- `POST /orders`
  - **Body**: `PlaceOrder`
  - **Response**: `201 Created`, `Order`
- `GET /orders/{id}`
  - **Response**: `200` `Order`
- `GET /orders`
  - **Query**: `limit`
  - **Response**: `200` `Order[]`
"""
TYPESCRIPT = """
### Request/Response Schemas
```typescript
interface PlaceOrder {
  sku: string;
  quantity: number; // integer, 1 to 99
  note?: string | null;
}
interface Order { id: string; /* nothing */ sku: string; quantity: number; lines: Line[] }
type Line = { sku: string }
```
"""
FIELD_TABLES = """
### Request/Response Schemas

#### PlaceOrder
| Field | Type | Required | Constraints | Default |
|---|---|---|---|---|
| sku | string | yes | | |
| quantity | integer | yes | 1-99 | |
| note | string \\| null | no | | null |

#### `Order`
| Field | Type | Required |
|---|---|---|
| id | UUID | Yes |
| sku | String | Yes |
| quantity | int | Yes |
| lines | Line[] | Yes |

#### Line
| Field | Type | Required |
|---|---|---|
| sku | string | ✓ |
"""
JSON_SCHEMA = """
### Request/Response Schemas
```json
{
  "$defs": {
    "PlaceOrder": {
      "type": "object",
      "required": ["sku", "quantity"],
      "properties": {
        "sku": {"type": "string"},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 99},
        "note": {"type": ["string", "null"], "default": null}
      }
    },
    "Order": {
      "type": "object",
      "required": ["id", "sku", "quantity", "lines"],
      "properties": {
        "id": {"type": "string", "format": "uuid"},
        "sku": {"type": "string"},
        "quantity": {"type": "integer"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}}
      }
    },
    "Line": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}
  }
}
```
"""


def read(*parts: str) -> Api:
    text = "# Shop Implementation Specification\n\n## API Implementation\n" + "".join(parts)
    return notation.read(read_outline(read_blocks(Source(Path("shop.md"), text))))


def endpoints(api: Api) -> dict[str, object]:
    return {endpoint.title: unplaced(_plain(endpoint)) for endpoint in api.endpoints}


def _plain(endpoint: Endpoint) -> Endpoint:
    """The endpoint without remarks and without what only some notations can say."""
    answers = tuple(replace(answer, description="") for answer in endpoint.answers)
    return replace(endpoint, summary="", answers=answers)


def schemas(api: Api) -> dict[str, object]:
    return {definition.name: unplaced(_undescribed(definition)) for definition in api.definitions}


def _undescribed(definition: Definition) -> Definition:
    if not isinstance(definition, Schema):
        return definition
    return replace(definition, fields=tuple(replace(member, description="") for member in definition.fields))


EXPECTED = read(BLOCKS, SCHEMAS)


def test_the_measure_itself_is_read_without_holes() -> None:
    assert EXPECTED.holes == ()
    assert len(EXPECTED.endpoints) == 3
    assert len(EXPECTED.definitions) == 3


@pytest.mark.parametrize(
    "parts",
    [(DECORATORS, SCHEMAS), (OPENAPI,), (OPENAPI.replace("```yaml", "```"),)],
    ids=["decorators", "openapi", "unlabelled"],
)
def test_notations_that_say_all(parts: tuple[str, ...]) -> None:
    api = read(*parts)
    assert api.holes == ()
    assert endpoints(api) == endpoints(EXPECTED)
    assert schemas(api) == schemas(EXPECTED)


def test_openapi_in_json_is_openapi() -> None:
    text = """
### Endpoint Definitions
```json
{
\t"openapi": "3.1.0",
\t"paths": {"/orders": {"post": {
\t\t"operationId": "place_order",
\t\t"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/PlaceOrder"}}}},
\t\t"responses": {"201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}
\t}}}
}
```
"""
    api = read(text, SCHEMAS)
    assert api.holes == ()
    assert endpoints(api)["POST /orders"] == endpoints(EXPECTED)["POST /orders"]


@pytest.mark.parametrize("notation_of_schemas", [FIELD_TABLES, JSON_SCHEMA], ids=["tables", "json-schema"])
def test_notations_of_schemas(notation_of_schemas: str) -> None:
    api = read(BLOCKS, notation_of_schemas)
    assert api.holes == ()
    assert schemas(api) == schemas(EXPECTED)


def test_typescript_says_the_same_as_far_as_it_can() -> None:
    api = read(BLOCKS, TYPESCRIPT)
    assert api.holes == ()
    assert [definition.name for definition in api.definitions] == ["PlaceOrder", "Order", "Line"]
    assert [member.name for member in _schema(api, "PlaceOrder").fields] == ["sku", "quantity", "note"]


def _schema(api: Api, name: str) -> Schema:
    return next(d for d in api.definitions if isinstance(d, Schema) and d.name == name)


@pytest.mark.parametrize("text", [TABLE, HEADINGS, BULLETS], ids=["table", "headings", "bullets"])
def test_notations_of_endpoints(text: str) -> None:
    """Tables, headings and bullets have no place for a type of a path parameter, nor always for the operation."""
    api = read(text, SCHEMAS)
    assert api.holes == ()
    assert {title: _outside(api, title) for title in endpoints(api)} == {
        title: _outside(EXPECTED, title) for title in endpoints(EXPECTED)
    }


def _outside(api: Api, title: str) -> object:
    """Body, answers and the names of parameters."""
    endpoint = next(endpoint for endpoint in api.endpoints if endpoint.title == title)
    names = [(parameter.place, parameter.name.text) for parameter in endpoint.parameters]
    body = endpoint.body and endpoint.body.type
    return names, unplaced(body), [(answer.status, unplaced(answer.type)) for answer in endpoint.answers]


def test_tables_know_operations_and_parameter_tables_types() -> None:
    assert [o.text for e in read(TABLE, SCHEMAS).endpoints for o in e.operations] == [
        "place_order",
        "order_by_id",
        "list_orders",
    ]
    by_id, listed = read(HEADINGS, SCHEMAS).endpoints[1:]
    assert unplaced(by_id.parameters[0].type) == unplaced(EXPECTED.endpoints[1].parameters[0].type)
    assert unplaced(listed.parameters) == unplaced(EXPECTED.endpoints[2].parameters)


def test_a_list_a_table_and_headings_of_the_same_endpoints_are_one() -> None:
    api = read(BULLETS, TABLE, HEADINGS, BLOCKS, SCHEMAS)
    assert [endpoint.title for endpoint in api.endpoints] == [endpoint.title for endpoint in EXPECTED.endpoints]
    assert unplaced([e.body for e in api.endpoints]) == unplaced([e.body for e in EXPECTED.endpoints])
    assert [len(e.answers) for e in api.endpoints] == [1, 1, 1]
