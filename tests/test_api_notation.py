"""The canonical notation of endpoints, schemas and errors, as the model has it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from asbuilt.document import read_blocks, read_outline
from asbuilt.language.names import Name
from asbuilt.language.types import ABSENT, UNSET, Alias, Schema, spelled
from asbuilt.sections.api import (
    Api,
    Endpoint,
    ErrorRow,
    Parameter,
    ShapeArray,
    ShapeConstant,
    ShapeHole,
    ShapeObject,
    notation,
)
from asbuilt.source import Source, Span


@dataclass(frozen=True)
class Document:
    api: Api
    source: Source

    def cut(self, span: Span) -> str:
        return self.source.cut(span)


def document(endpoints: str = "", schemas: str = "", errors: str = "") -> Document:
    parts = ["# Shop Implementation Specification", "## API Implementation"]
    if endpoints:
        parts.append(f"### Endpoint Definitions\n```\n{endpoints}\n```")
    if schemas:
        parts.append(f"### Request/Response Schemas\n```python\n{schemas}\n```")
    if errors:
        parts.append(f"### Error Responses\n{errors}")
    source = Source(Path("shop.md"), "\n\n".join(parts) + "\n")
    return Document(notation.read(read_outline(read_blocks(source))), source)


def endpoints(text: str) -> tuple[Endpoint, ...]:
    found = document(text).api
    assert found.holes == ()
    return found.endpoints


def only(text: str) -> Endpoint:
    (endpoint,) = endpoints(text)
    return endpoint


def shown(parameter: Parameter) -> tuple[str, str, str, object]:
    return parameter.place, parameter.name.text, spelled(parameter.type), parameter.default


def test_every_key() -> None:
    endpoint = only(
        """
POST /orders/{id: UUID}/lines/{line}
  Operation:        check, then fulfilment.pay
  Summary:          Pay a line
  Path:             line: int
  Query:            dry: bool = false, tags: list[str]?
  Headers:          X-Api-Version: str?
  Body:             Payment
  Response:         201 Order
  Response:         202
  Response Headers: Location: str, X-Total
  Errors:           OUT_OF_STOCK, GONE
  Auth:             required
  Roles:            clerk, admin
  Idempotency:      Idempotency-Key, optional, kept 24h
  Limit:            20 per minute per principal
  Timeout:          2s
  Transaction:      read committed
  Check Order:      validation, rows
  Status:           deprecated
"""
    )
    assert endpoint.title == "POST /orders/{id}/lines/{line}"
    assert [name.text for name in endpoint.operations] == ["check", "fulfilment.pay"]
    assert endpoint.summary == "Pay a line"
    assert [shown(parameter) for parameter in endpoint.parameters] == [
        ("path", "id", "UUID", UNSET),
        ("path", "line", "int", UNSET),
        ("query", "dry", "bool", False),
        ("query", "tags", "list[str]", None),
        ("header", "X-Api-Version", "str", None),
    ]
    assert endpoint.body is not None
    assert endpoint.body.type is not None
    assert spelled(endpoint.body.type) == "Payment"
    assert [(a.status, a.type and spelled(a.type)) for a in endpoint.answers] == [(201, "Order"), (202, None)]
    headers = [(header.name.text, header.type and spelled(header.type)) for header in endpoint.answer_headers]
    assert headers == [("Location", "str"), ("X-Total", None)]
    assert [error.text for error in endpoint.errors] == ["OUT_OF_STOCK", "GONE"]
    assert {clause.key: clause.text for clause in endpoint.clauses} == {
        "auth": "required",
        "roles": "clerk, admin",
        "idempotency": "Idempotency-Key, optional, kept 24h",
        "limit": "20 per minute per principal",
        "timeout": "2s",
        "transaction": "read committed",
        "check order": "validation, rows",
        "status": "deprecated",
    }


@pytest.mark.parametrize("path", ["/a/{id}", "/a/:id", "/a/<id>", "/a/{ id }"])
def test_a_parameter_in_the_path_in_any_dress(path: str) -> None:
    endpoint = only(f"GET {path}\n  Response: 204")
    assert endpoint.route.template == "/a/{id}"
    (parameter,) = endpoint.parameters
    assert shown(parameter) == ("path", "id", "str", UNSET)
    assert not parameter.typed


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/a/{id: UUID}", "UUID"),
        ("/a/<int:id>", "int"),
        ("/a/<uuid:id>", "UUID"),
        ('/a/{id: Literal["x", "y"]}', 'Literal["x", "y"]'),
    ],
)
def test_types_in_the_path(path: str, type_: str) -> None:
    (parameter,) = only(f"GET {path}\n  Response: 204").parameters
    assert spelled(parameter.type) == type_
    assert parameter.typed


def test_a_column_in_the_path_names_the_row_to_load() -> None:
    found = document("GET /articles/{slug: articles.slug}\n  Response: 204")
    (parameter,) = found.api.endpoints[0].parameters
    assert parameter.column is not None
    assert (parameter.column.text, found.cut(parameter.column.span)) == ("articles.slug", "articles.slug")


def test_affixes_and_trailing_slashes() -> None:
    first, second, root = endpoints("GET /reports/{id}.csv\nGET /reports/\nGET /")
    assert first.route.template == "/reports/{id}.csv"
    assert second.route.template == "/reports/"
    assert root.route.template == "/"


def test_parameters_with_annotations_inside() -> None:
    endpoint = only(
        """
GET /orders
  Query: limit: Annotated[int, Ge(1), Le(100)] = 20, status: Literal["a, b", "c"]?, after: Cursor?, sort = newest,
         page[size]: int = 5, q, filter[status]: list[str] = [], on = true, ratio: float = 0.5, note: str | None = None
  Response: 204
"""
    )
    assert [shown(parameter)[1:] for parameter in endpoint.parameters] == [
        ("limit", "int", 20),
        ("status", 'Literal["a, b", "c"]', None),
        ("after", "Cursor", None),
        ("sort", "str", "newest"),
        ("page[size]", "int", 5),
        ("q", "str", UNSET),
        ("filter[status]", "list[str]", []),
        ("on", "bool", True),
        ("ratio", "float", 0.5),
        ("note", "str | None", None),
    ]


def test_lines_that_go_on() -> None:
    endpoint = only(
        """
GET /orders
  Query:
    status: Status?
    limit: int = 20
  Errors: A,
    B
  Response: 200 list[Order]
"""
    )
    assert [parameter.name.text for parameter in endpoint.parameters] == ["status", "limit"]
    assert [error.text for error in endpoint.errors] == ["A", "B"]
    assert len(endpoint.answers) == 1


def test_a_key_that_stands_too_far_in_is_a_key() -> None:
    endpoint = only("POST /orders\n  Body: PlaceOrder\n    Response: 201 Order")
    assert [answer.status for answer in endpoint.answers] == [201]


def test_comments() -> None:
    endpoint = only(
        """
# all of it
GET /orders    # the list
  Query: a: int?   // one
  -- nothing
  Response: 204  # none
  Summary: Issue #5 at http://example.com//x
"""
    )
    assert [answer.status for answer in endpoint.answers] == [204]
    assert endpoint.summary == "Issue #5 at http://example.com//x"


@pytest.mark.parametrize(
    ("text", "medium", "media_type", "type_"),
    [
        ("Order", "json", "application/json", "Order"),
        ("text/plain", "text", "text/plain", "str"),
        ("text", "text", "text/plain", "str"),
        ("bytes", "bytes", "application/octet-stream", "bytes"),
        ("image/png", "bytes", "image/png", "bytes"),
        ("form Login", "form", "application/x-www-form-urlencoded", "Login"),
        ("form", "form", "application/x-www-form-urlencoded", None),
        ("upload", "upload", "multipart/form-data", None),
        ("multipart/form-data Upload", "upload", "multipart/form-data", "Upload"),
        ("application/merge-patch+json Order", "json", "application/merge-patch+json", "Order"),
    ],
)
def test_bodies(text: str, medium: str, media_type: str, type_: str | None) -> None:
    body = only(f"POST /x\n  Body: {text}\n  Response: 204").body
    assert body is not None
    assert (body.medium, body.media_type, body.type and spelled(body.type)) == (medium, media_type, type_)
    assert body.required


def test_bodies_that_may_be_missing() -> None:
    optional = only("POST /x\n  Body: Order?\n  Response: 204").body
    assert optional is not None
    assert not optional.required
    assert only("POST /x\n  Body: none\n  Response: 204").body is None


@pytest.mark.parametrize(
    ("text", "status", "type_", "media_type"),
    [
        ("200 Order", 200, "Order", "application/json"),
        ("Order", 200, "Order", "application/json"),
        ("200: Order", 200, "Order", "application/json"),
        ("201 Created Order", 201, "Order", "application/json"),
        ("200 Page[Order]", 200, "Page[Order]", "application/json"),
        ("204", 204, None, "application/json"),
        ("204 No Content", 204, None, "application/json"),
        ("200 text/html", 200, "str", "text/html"),
        ("200 application/pdf", 200, "bytes", "application/pdf"),
        ("200 application/hal+json Order", 200, "Order", "application/hal+json"),
        ("302", 302, None, "application/json"),
        ("200 Order - as it is now", 200, "Order", "application/json"),
        ("200 Order (as it is now)", 200, "Order", "application/json"),
    ],
)
def test_responses(text: str, status: int, type_: str | None, media_type: str) -> None:
    (answer,) = only(f"GET /x\n  Response: {text}").answers
    assert (answer.status, answer.type and spelled(answer.type), answer.media_type) == (status, type_, media_type)


def test_several_responses_in_one_line() -> None:
    answers = only("GET /x\n  Response: 200 dict[str, Order], 202").answers
    assert [answer.status for answer in answers] == [200, 202]


def test_base_path_and_lines_for_all() -> None:
    found = document(
        """
Base Path: /api
ALL /*
  Headers: X-Api-Version: str?
  Errors:  INTERNAL
  Auth:    required

GET /orders
  Query:    a: int?
  Errors:   GONE
  Response: 204

GET /health
  Auth:     none
  Response: 204

ALL /admin/*
  Roles: admin

GET /admin/users
  Response: 204
"""
    ).api
    assert found.holes == ()
    orders, health, users = found.endpoints
    assert [e.route.template for e in found.endpoints] == ["/api/orders", "/api/health", "/api/admin/users"]
    assert [p.name.text for p in orders.parameters] == ["a", "X-Api-Version"]
    assert [error.text for error in orders.errors] == ["GONE", "INTERNAL"]
    assert [(c.key, c.text) for c in health.clauses] == [("auth", "none")]
    assert {(c.key, c.text) for c in users.clauses} == {("auth", "required"), ("roles", "admin")}
    assert [(c.key, c.text) for c in orders.clauses] == [("auth", "required")]


def test_blocks_are_merged() -> None:
    source = Source(
        Path("shop.md"),
        "# S\n\n## API Implementation\n\n### Endpoint Definitions\n"
        "```\nBase Path: /api\nGET /a\n  Response: 204\n```\n\n"
        "And then:\n\n- nested\n  ```\n  GET /b\n    Response: 204\n  ```\n\n"
        "Or indented:\n\n    GET /c\n      Response: 204\n",
    )
    api = notation.read(read_outline(read_blocks(source)))
    assert [endpoint.title for endpoint in api.endpoints] == ["GET /api/a", "GET /api/b", "GET /api/c"]


def test_several_methods_in_one_line() -> None:
    assert [e.title for e in endpoints("PUT, PATCH /orders/{id}\n  Body: Order\n  Response: 204")] == [
        "PUT /orders/{id}",
        "PATCH /orders/{id}",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Cross-Origin: https://a.example, https://b.example; methods GET, POST; headers X-A; credentials; max age 10m",
        "Cross-Origin:\n  Origins: https://a.example, https://b.example\n  Methods: GET, POST\n  Headers: X-A\n"
        "  Credentials: yes\n  Max Age: 600s",
    ],
)
def test_cross_origin(text: str) -> None:
    found = document(f"{text}\n\nGET /a\n  Response: 204").api
    assert found.holes == ()
    assert found.cross_origin is not None
    assert found.cross_origin.origins == ("https://a.example", "https://b.example")
    assert found.cross_origin.methods == ("GET", "POST")
    assert found.cross_origin.headers == ("X-A",)
    assert found.cross_origin.credentials
    assert found.cross_origin.max_age == 600


def test_cross_origin_faults() -> None:
    found = document("Cross-Origin:\n  Orgins: *\n  Max Age: soon\n\nCross-Origin: everywhere").api
    assert [hole.message for hole in found.holes] == [
        "`Orgins` is not a key of `Cross-Origin`",
        "`soon` is not a duration",
        "`everywhere` is not an origin",
    ]


def test_what_follows_a_broken_endpoint_does_not_join_the_one_before() -> None:
    found = document("GET /a\n  Response: 204\n\nPSOT /b\n  Response: 201 Order\n\nGET /c\n  Response: 204").api
    assert [endpoint.title for endpoint in found.endpoints] == ["GET /a", "GET /c"]
    assert [answer.status for answer in found.endpoints[0].answers] == [204]
    assert [hole.hint for hole in found.holes] == ["did you mean `POST`?"]


def test_places() -> None:
    found = document(
        "GET /ördérs/{id: UUID}\n  Query:    ä: Annotated[int, Ge(1)] = 2, limit: Limit?\n  Errors:   GONE"
    )
    (endpoint,) = found.api.endpoints
    assert found.cut(endpoint.route.span) == "/ördérs/{id: UUID}"
    assert found.cut(endpoint.parameters[0].type.span) == "UUID"
    assert found.cut(endpoint.parameters[1].name.span) == "ä"
    assert found.cut(endpoint.parameters[1].type.span) == "Annotated[int, Ge(1)]"
    assert found.cut(endpoint.parameters[2].type.span) == "Limit"
    assert found.cut(endpoint.errors[0].span) == "GONE"


def definitions(text: str) -> dict[str, object]:
    api = document(schemas=text).api
    assert api.holes == ()
    return {d.name: spelled(d.type) if isinstance(d, Alias) else members(d) for d in api.definitions}


def members(schema: Schema) -> dict[str, str]:
    return {f.name + "?" * (f.default is ABSENT): spelled(f.type) for f in schema.fields}


@pytest.mark.parametrize(
    "text",
    [
        "class Order:\n    id: UUID\n    note: str | None",
        "class Order(BaseModel):\n    id: UUID\n    note: Optional[str]\n    class Config:\n        x = 1",
        "@dataclass(frozen=True)\nclass Order:\n    id: UUID\n    note: str | None\n    def total(self): ...",
        "class Order(TypedDict):\n    id: UUID\n    note: str | None",
        "class Order(NamedTuple):\n    id: UUID\n    note: str | None",
        "class Order(SQLModel):\n    id: UUID\n    note: str | None\n    kind: ClassVar[str] = 'x'\n    _x: int",
        'Order = TypedDict("Order", {"id": UUID, "note": str | None})',
        'class Order:\n    id: "UUID"\n    note: "str | None"',
    ],
)
def test_one_schema_in_many_frameworks(text: str) -> None:
    assert definitions(text) == {"Order": {"id": "UUID", "note": "str | None"}}


def test_members() -> None:
    api = document(
        schemas='''
class Order:
    """An order of goods.

    Table: orders
    """
    id: ReadOnly[UUID]
    secret: WriteOnly[str]
    visit: Annotated[date, Column("visit_date")]
    note: str | Absent = Absent
    tags: list[str] = []
    meta: dict[str, int] = {"a": 1}
    limit: int = 20  # at most a hundred
    status: Status = Status.OPEN
    count: int = Field(default=1, ge=1, description="how many", alias="orderCount")
    later: str = None
    total: Decimal = Decimal("0.00")
    minus: int = -1

class Status(StrEnum):
    OPEN = "open"
    CLOSED = auto()
'''
    ).api
    assert api.holes == ()
    order, status = api.definitions
    assert isinstance(order, Schema)
    assert (order.table, order.description) == ("orders", "An order of goods.")
    found = {member.name: member for member in order.fields}
    assert found["id"].read_only
    assert found["secret"].write_only
    assert found["visit"].column == "visit_date"
    assert found["note"].default is ABSENT
    assert found["tags"].default == []
    assert found["meta"].default == {"a": 1}
    assert found["limit"].description == "at most a hundred"
    assert found["status"].default == "open"
    assert (found["orderCount"].default, found["orderCount"].description) == (1, "how many")
    assert spelled(found["later"].type) == "str | None"
    assert str(found["total"].default) == "0.00"
    assert found["minus"].default == -1
    assert isinstance(status, Alias)
    assert spelled(status.type) == 'Literal["open", "closed"]'


@pytest.mark.parametrize(
    "text",
    [
        "class Page2[T]:\n    items: list[T]\n    more: bool",
        'T = TypeVar("T")\nclass Page2(Generic[T]):\n    items: list[T]\n    more: bool',
        'T = TypeVar("T")\nclass Page2(BaseModel, Generic[T]):\n    items: list[T]\n    more: bool',
        "class Page2 [T: Base] (BaseModel):\n    items: list[T]\n    more: bool",
    ],
)
def test_generics(text: str) -> None:
    found = document(schemas=text)
    (page,) = found.api.definitions
    assert isinstance(page, Schema)
    assert page.variables == ("T",)
    assert members(page) == {"items": "list[T]", "more": "bool"}
    assert page.bases == ()
    assert found.cut(page.name_span) == "Page2"


def test_inheritance() -> None:
    found = document(schemas="class Base:\n    id: UUID\n\nclass Order(Base, Page[Line]):\n    note: str")
    _, order = found.api.definitions
    assert isinstance(order, Schema)
    assert [(base.name, [spelled(a) for a in base.arguments]) for base in order.bases] == [
        ("Base", []),
        ("Page", ["Line"]),
    ]


def test_aliases() -> None:
    text = """
Sku = Annotated[str, Pattern("[A-Z]+")]
type Ids[T] = list[T]
type Names = list[str]
Money: TypeAlias = Decimal | None
UserId = NewType("UserId", UUID)
Colour = Enum("Colour", ["red", "green"])
Pair = tuple[int, str]
Key = UUID
T = TypeVar("T")
LIMIT = 100
Small = Annotated[int, Le(LIMIT)]
router = APIRouter()
"""
    assert definitions(text) == {
        "Sku": "str",
        "Ids": "list[T]",
        "Names": "list[str]",
        "Money": "Decimal | None",
        "UserId": "UUID",
        "Colour": 'Literal["red", "green"]',
        "Pair": "list[int | str]",
        "Key": "UUID",
        "Small": "int",
    }
    found = document(schemas="# ünï\ntype Ids[T] = list[T]")
    (alias,) = found.api.definitions
    assert isinstance(alias, Alias)
    assert (alias.variables, found.cut(alias.name_span)) == (("T",), "Ids")


def test_classes_that_are_no_data() -> None:
    text = """
class Store:
    def get(self): ...

class NotFound(Exception):
    code: int

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[UUID] = mapped_column(primary_key=True)

class Settings(BaseSettings):
    port: int = 8080
"""
    assert definitions(text) == {}


def test_a_broken_line_leaves_the_rest_of_its_class() -> None:
    found = document(
        schemas="class A:\n    x: int\n    y: <what>\n    z: str\n\nclass B\n    x: int\n\nclass C:\n    a: A\n    b: B"
    )
    known = {d.name: d for d in found.api.definitions}
    assert list(known) == ["A", "C", "B"]
    first = known["A"]
    assert isinstance(first, Schema)
    assert list(members(first)) == ["x", "z"]
    assert [found.source.position(hole.span.start).line for hole in found.api.holes] == [9, 12]
    assert len(found.api.holes) == 2


ROWS = """
| Error Code | HTTP Status | Description | Response Body |
|---|---|---|---|
| `GONE` | 410 Gone | `no row` of `orders`: it is gone | problem |
| OUT_OF_STOCK | 409 | too few | `{"code": "OUT_OF_STOCK", "sku": Sku, "at": {"n": int}, "list": [1, str]}` |
| BAD | 422 | bad | Fault |
| PIPED | 400 | bad | `{"state": "a" \\| "b"}` |
"""


def errors(text: str) -> tuple[ErrorRow, ...]:
    api = document(errors=text).api
    assert api.holes == ()
    return api.errors


def test_error_rows() -> None:
    gone, stock, bad, piped = errors(ROWS)
    assert (gone.code.text, gone.status, gone.description) == ("GONE", 410, "no row of orders: it is gone")
    assert [reference.text for reference in gone.references] == ["no row", "orders"]
    assert gone.body is None
    assert isinstance(stock.body, ShapeObject)
    shapes = {name.text: shape for name, shape in stock.body.members}
    assert isinstance(shapes["code"], ShapeConstant)
    assert isinstance(shapes["sku"], ShapeHole)
    assert isinstance(shapes["at"], ShapeObject)
    assert isinstance(shapes["list"], ShapeArray)
    assert shapes["sku"].name == "sku"
    assert isinstance(bad.body, Name)
    assert bad.body.text == "Fault"
    assert isinstance(piped.body, ShapeObject)


@pytest.mark.parametrize(
    "text",
    [
        "| Code | Status | Meaning |\n|---|---|---|\n| GONE | 410 | gone |",
        "| HTTP Status | When | Error |\n|---|---|---|\n| 410 Gone | gone | `GONE` |",
        "| Code | Error | Details |\n|---|---|---|\n| 410 | GONE | gone |",
        "| # | Error Code | HTTP | Cause |\n|---|---|---|---|\n| 1 | **GONE** | 410 | gone |",
        "| Status Code | Name | Description | Body |\n|---|---|---|---|\n| 410 | GONE | gone | - |",
    ],
)
def test_columns_in_any_order_and_words(text: str) -> None:
    (row,) = errors(text)
    assert (row.code.text, row.status, row.description, row.body) == ("GONE", 410, "gone", None)


def test_other_tables_are_no_errors() -> None:
    assert errors("| Status | Meaning |\n|---|---|\n| 404 | not found |") == ()
    assert errors("| Header | Required |\n|---|---|\n| X-A | yes |") == ()


def test_a_reason_phrase_is_a_type_where_a_schema_bears_its_name() -> None:
    read = document(
        "POST /jobs\n  Response: 202 Accepted\n\nPOST /pings\n  Response: 201 Created", "class Accepted:\n    n: int"
    )
    accepted, created = (endpoint.answers[0] for endpoint in read.api.endpoints)
    assert accepted.type is not None
    assert (accepted.status, spelled(accepted.type)) == (202, "Accepted")
    assert (created.status, created.type, created.description) == (201, None, "Created")


@pytest.mark.parametrize(
    ("line", "answers", "errors", "summary"),
    [
        ("GET /orders -> 200 Order[] | 404 NOT_FOUND", [(200, "list[Order]")], ["NOT_FOUND"], ""),
        ("GET /orders → Order", [(200, "Order")], [], ""),
        ("DELETE /orders: all of them => 204", [(204, None)], [], "all of them"),
        ("GET /orders -> makes an order", [], [], "makes an order"),
        ("GET /orders -> 201 Order, or nothing", [], [], "201 Order, or nothing"),
    ],
)
def test_answers_may_stand_behind_an_arrow(
    line: str, answers: list[tuple[int, str | None]], errors: list[str], summary: str
) -> None:
    found, _ = endpoints(f"{line}\n\nGET /other\n")
    assert [(one.status, spelled(one.type) if one.type else None) for one in found.answers] == answers
    assert ([code.text for code in found.errors], found.summary) == (errors, summary)
