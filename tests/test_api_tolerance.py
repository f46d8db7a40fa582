"""What real documents hold: examples, requests as sent, prose between them, and things that are no API at all."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.document import read_blocks, read_outline
from asbuilt.language.types import ABSENT, UNSET, Schema, spelled
from asbuilt.sections.api import Api, Endpoint, ShapeArray, ShapeConstant, ShapeHole, ShapeObject, notation, rules
from asbuilt.source import Source


def read(text: str) -> Api:
    source = Source(Path("shop.md"), "# Shop Implementation Specification\n\n## API Implementation\n\n" + text)
    return notation.read(read_outline(read_blocks(source)))


def only(text: str) -> Endpoint:
    api = read("### Endpoints\n\n" + text)
    assert api.holes == ()
    (endpoint,) = api.endpoints
    return endpoint


def schema(api: Api, name: str) -> dict[str, str]:
    found = next(d for d in api.definitions if isinstance(d, Schema) and d.name == name)
    return {f.name + "?" * (f.default is ABSENT): spelled(f.type) for f in found.fields}


REQUEST = '```json\n{"email": "a@b.example", "age": 3}\n```\n'
ANSWER = '```json\n{"id": "11111111-1111-1111-1111-111111111111", "user": User}\n```\n'


@pytest.mark.parametrize(
    "text",
    [
        f"#### POST /users\n**Request:**\n{REQUEST}\n**Response `201`:**\n{ANSWER}",
        f"#### Create a user\n\n`POST /users`\n\nRequest body:\n{REQUEST}\nResponse (201):\n{ANSWER}",
        f"#### Create a user\n\n```\nPOST /users\n```\n\nRequest JSON\n\n{REQUEST}\nSuccess `201`:\n{ANSWER}",
        f"#### Create\n- **POST** `/users`\n\n**Request JSON**\n\n{REQUEST}\n**Response JSON (201)**\n\n{ANSWER}",
        f"#### POST /users\n##### Request\n{REQUEST}\n##### Response 201\n{ANSWER}",
        f"- `POST /users`\n\n  Request:\n  {REQUEST.replace(chr(10), chr(10) + '  ')}\n  Response `201`:\n"
        f"  {ANSWER.replace(chr(10), chr(10) + '  ')}",
        '#### POST /users\n```json\n// Request\n{"email": "a@b.example", "age": 3}\n\n// Response 201\n'
        '{"id": "11111111-1111-1111-1111-111111111111", "user": User}\n```\n',
        '#### POST /users\n\nRequest\n{\n  "email": "a@b.example",\n  "age": 3\n}\n\nResponse 201\n{\n'
        '  "id": "11111111-1111-1111-1111-111111111111", "user": User\n}\n',
        '```http\nPOST /users HTTP/1.1\nContent-Type: application/json\n\n{"email": "a@b.example", "age": 3}\n\n'
        'HTTP/1.1 201 Created\n\n{"id": "11111111-1111-1111-1111-111111111111", "user": User}\n```\n',
        '```\nPOST /users\n{"email": "a@b.example", "age": 3}\n201 → {"id": "11111111-1111-1111-1111-111111111111",\n'
        '       "user": User}\n401 → {"message": "no"}\n```\n',
    ],
)
def test_examples_below_a_method_and_a_path(text: str) -> None:
    api = read("### Endpoints\n\n" + text)
    (endpoint,) = api.endpoints
    assert endpoint.title == "POST /users"
    assert endpoint.body is not None
    assert endpoint.body.type is not None
    assert schema(api, spelled(endpoint.body.type)) == {"email": "str", "age": "int"}
    (answer,) = endpoint.answers
    assert answer.status == 201
    assert answer.type is not None
    assert schema(api, spelled(answer.type)) == {"id": "UUID", "user": "User"}
    assert all(d.inferred for d in api.definitions if isinstance(d, Schema))


def test_a_table_of_fields_says_more_than_an_example() -> None:
    api = read(
        "### Endpoints\n\n#### POST /users\nRequest body:\n"
        '```json\n{"name": "Ann", "tags": [{"name": "a"}]}\n```\n\n'
        "| Field | Type | Required | Constraints |\n|---|---|---|---|\n"
        "| name | String | Y | max 50 |\n| tags | List\\<Tag\\> | N | |\n| age | int | N | 1-150 |\n"
    )
    (endpoint,) = api.endpoints
    assert endpoint.body is not None
    assert endpoint.body.type is not None
    name = spelled(endpoint.body.type)
    assert schema(api, name) == {"name": "str", "tags?": "list[PostUsersBodyTag]", "age?": "int"}
    assert "Tag" not in {d.name for d in api.definitions}


def test_a_name_followed_by_an_example_is_shown_by_it() -> None:
    api = read('### Endpoints\n\n#### PUT /users/:id\n**Request:** `UpdateUser`\n```json\n{"name": "Ann"}\n```\n')
    assert schema(api, "UpdateUser") == {"name": "str"}


def test_examples_with_values_in_their_paths_add_no_endpoints() -> None:
    text = (
        "- `GET /banks/:slug`\n\nExample:\n```bash\ncurl http://localhost/banks/awash-bank\n"
        "curl -X DELETE http://localhost/banks/17\n"
        'curl -X POST http://localhost/banks -d \'{"name": "Awash"}\'\n```\n'
    )
    api = read("### Endpoints\n\n" + text)
    assert [endpoint.title for endpoint in api.endpoints] == ["GET /banks/{slug}", "POST /banks"]


def test_labelled_lines() -> None:
    endpoint = only(
        "#### DELETE /users/{id}\n**Public** (no token needed)\n\nDeletes a user for good.\n\n"
        "**Errors:** `USER_NOT_FOUND`, FORBIDDEN_HERE\n\n→ 204 No Content\n\n**Response**: 204\n"
    )
    assert [error.text for error in endpoint.errors] == ["USER_NOT_FOUND", "FORBIDDEN_HERE"]
    assert [(answer.status, answer.type) for answer in endpoint.answers] == [(204, None)]
    assert [(clause.key, clause.text) for clause in endpoint.clauses] == [("auth", "none")]
    assert endpoint.summary == "Deletes a user for good."


@pytest.mark.parametrize(
    ("cell", "auth"),
    [
        ("Bearer", "required"),
        ("✅", "required"),
        ("Admin only", "required"),
        ("No", "none"),
        ("Public", "none"),
        ("None", "none"),
        ("❌", "none"),
        ("Optional", "optional"),
        ("Public (API key)", "required"),
        ("no session, but a token", "required"),
    ],
)
def test_who_may_call_is_rather_too_strict_than_too_open(cell: str, auth: str) -> None:
    endpoint = only(f"| Method | Path | Auth |\n|---|---|---|\n| GET | /a | {cell} |\n")
    assert [(clause.key, clause.text) for clause in endpoint.clauses] == [("auth", auth)]


def test_tables_with_one_column_for_both() -> None:
    api = read("### Endpoints\n\n| Endpoint | Purpose |\n|---|---|\n| `GET /a` | reads |\n| `GET /b` / x | reads |\n")
    assert [(e.title, e.summary) for e in api.endpoints] == [("GET /a", "reads"), ("GET /b", "reads")]


def test_what_a_service_calls_is_not_what_it_offers() -> None:
    table = "| Target Service | Method | URL |\n|---|---|---|\n| Billing | POST | `${BILLING}/v1/charge` |\n"
    assert read("### Endpoints\n\n" + table).endpoints == ()


def test_a_stated_base_path_holds_for_tables_and_headings() -> None:
    api = read(
        "### Endpoints\n\nBase URL: `https://api.example.com/v1`\n\n- `GET /a`\n- `GET /v1/b`\n\n"
        "| Method | Path |\n|---|---|\n| GET | /c |\n"
    )
    assert [endpoint.title for endpoint in api.endpoints] == ["GET /v1/c", "GET /v1/a", "GET /v1/b"]


def test_sentences_are_no_endpoints() -> None:
    api = read("### Endpoints\n\nGET /a was replaced in 2020. Clients call `POST /b` first, then DELETE /c.\n")
    assert api.endpoints == ()


def test_types_shown_elsewhere_are_found() -> None:
    source = Source(
        Path("shop.md"),
        "# S\n\n## API Implementation\n\n### Endpoints\n\n| Method | Path | Response |\n|---|---|---|\n"
        "| GET | /a | `Order` |\n| GET | /b | `User` |\n| GET | /c | `Bank` |\n| GET | /d | `Lost` |\n\n"
        "## Domain\n\n```ts\ninterface Order { line: Line }\ninterface Line { sku: string }\n"
        "interface Other { x: Gone }\n```\n\n"
        '- **Bank:** `{ slug, kind: "a" | "b" }`\n\n### User\nwords only\n',
    )
    api = notation.read(read_outline(read_blocks(source)))
    assert {definition.name for definition in api.definitions} == {"Order", "Line", "Bank", "User"}
    assert schema(api, "Bank") == {"slug": "Any", "kind": 'Literal["a", "b"]'}
    assert [note.message for note in api.unread] == [
        "`User` is described in a form that is not read: any value is taken for one"
    ]
    found = [finding.message for rule in rules.RULES for finding in rule(api) if finding.severity == "error"]
    assert found == ["`Lost` is not defined"]


@pytest.mark.parametrize(
    "text",
    [
        "```graphql\ntype Query { orders: [Order!]! }\n```",
        '```proto\nsyntax = "proto3";\nservice S { rpc Get(A) returns (B); }\n```',
        "```csharp\npublic record Order(Guid Id, string Note);\n```",
        "```java\npublic class Order {\n  private String note;\n}\n```",
    ],
)
def test_other_languages_are_noted(text: str) -> None:
    api = read("### Request/Response Schemas\n\n" + text)
    assert api.definitions == ()
    assert len(api.unread) == 1


WORDS = st.sampled_from(
    [
        "GET /a",
        "POST /b/{id}",
        "Body: A",
        "Response: 200 A",
        "```",
        "```python",
        "class A:",
        "  x: int",
        "| a | b |",
        "|--|--|",
        "#### ",
        "- ",
        "**Request:**",
        '{"a": 1',
        "}",
        "Errors: X_Y",
        "{",
        "[",
        "(",
        "ALL /*",
        "Base Path: /x",
        "interface A {",
        "paths:",
        "  /a:",
        "    get:",
        "curl http://x/y",
        "type A = ",
        "201 → ",
        "`",
        "<",
        "&",
        "*/",
        "//",
        "#",
        "=",
        "\t",
        "ü",
        "\0",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=40), st.sampled_from(["\n", " ", "\n  ", "\n\n"]))
def test_no_text_is_fatal(words: list[str], glue: str) -> None:
    api = read("### Endpoints\n\n" + glue.join(words))
    for rule in rules.RULES:
        for finding in rule(api):
            assert finding.message
            assert finding.span.start <= finding.span.end


def seconds(text: str) -> float:
    start = time.process_time()
    api = read(text)
    for rule in rules.RULES:
        list(rule(api))
    return time.process_time() - start


@pytest.mark.parametrize(
    "line",
    [
        "```\nGET /a{n}/{{id}}\n  Query: a: int = 1, b: Foo?\n  Body: A\n  Response: 200 list[A]\n```\n",
        "```python\nclass A{n}:\n    x: Annotated[int, Ge(1)] = 5\n    y: list[A{n}] | None\n```\n",
        "| Method | Path | Response |\n|---|---|---|\n| GET | /a{n} | `Order` |\n\n",
        '#### GET /a{n}\nResponse:\n```json\n{{"a": [{{"b": 1}}]}}\n```\n',
        "| Code | Status | Meaning |\n|---|---|---|\n| E_{n} | 409 | `a` |\n\n",
        "```ts\ninterface A{n} {{ a: string; b: A{n}[] }}\n```\n",
        "```\ncurl http://x/a/{n}1 -d '{{\"a\": 1}}'\n```\n",
        "```yaml\nA{n}:\n  type: object\n  properties: {{a: {{type: string}}}}\n```\n",
    ],
)
def test_time_grows_with_length_and_no_faster(line: str) -> None:
    def text(count: int) -> str:
        return "### Endpoints\n\n" + "".join(line.format(n=n) for n in range(count))

    seconds(text(20))
    small, large = min(seconds(text(40)) for _ in range(3)), min(seconds(text(320)) for _ in range(2))
    assert large < 8 * small * 3 + 0.05


@pytest.mark.parametrize(
    "text",
    [
        "```\n" + "GET /a\n" * 5000 + "```",
        "```\nGET /a\n  Query: " + "a, " * 20_000 + "\n```",
        "```\nGET /a\n  Query:\n" + "    a\n" * 20_000 + "```",
        "```\nGET /" + "{a}/" * 5000 + "\n```",
        "```\nGET /" + "{" * 50_000 + "\n```",
        "```\n" + "ALL /*\n  Auth: none\n" * 2000 + "GET /a\n  Response: 204\n" * 200 + "```",
        "```json\n" + "{" * 50_000 + "\n```",
        "#### GET /a\n" + "[\n" * 20_000,
        "```python\n" + "class A(" * 5_000 + "\n```",
        "```python\n" + "class A\n" * 3_000 + "```",
        "```python\nclass A:\n" + "    x: <\n" * 3_000 + "```",
        "| Code | Status |\n|---|---|\n| A | 400 |\n" * 1000,
        "| Method | Path |\n|---|---|\n" + "| GET | /" + "a" * 50_000 + " |\n",
        "| Field | Type |\n|---|---|\n| a | " + "a " * 20_000 + " |\n",
        "GET " * 20_000,
        "**" * 20_000,
        "- " * 500 + "GET /a",
    ],
)
def test_hostile_documents_end(text: str) -> None:
    assert seconds("### Endpoints\n\n" + text) < 10


def test_routes_of_express() -> None:
    api = read(
        "### Endpoints\n\n```js\nconst router = express.Router();\nrouter.get('/orders/:id', auth, getOrder);\n"
        "router.post('/orders', create)\napp.route(\"/users\").get(list).post(add)\n```\n"
    )
    assert [e.title for e in api.endpoints] == ["GET /orders/{id}", "POST /orders", "GET /users", "POST /users"]
    assert api.unread == ()


def test_errors_as_bullets_and_examples() -> None:
    api = read(
        "### Error Responses\n\n- `404 ORDER_NOT_FOUND`: `no row` of `orders`\n- **OUT_OF_STOCK** (409) — too few\n"
        "- other\n\n"
        "#### 422 Unprocessable\n```json\n"
        '{"error": {"code": "NOT_VALID", "message": "No name", "faults": [{"at": "/a"}]}}\n'
        '```\n\n```json\n{"status": 410, "code": "GONE_FOREVER", "title": "Gone"}\n```\n'
    )
    assert [(row.code.text, row.status) for row in api.errors] == [
        ("ORDER_NOT_FOUND", 404),
        ("OUT_OF_STOCK", 409),
        ("NOT_VALID", 422),
        ("GONE_FOREVER", 410),
    ]
    first, second, third, _ = api.errors
    assert [reference.text for reference in first.references] == ["no row", "orders"]
    assert second.description == "too few"
    assert isinstance(third.body, ShapeObject)
    ((name, inner),) = third.body.members
    assert name.text == "error"
    assert isinstance(inner, ShapeObject)
    shapes = {member.text: shape for member, shape in inner.members}
    assert isinstance(shapes["code"], ShapeConstant)
    assert isinstance(shapes["message"], ShapeHole)
    assert isinstance(shapes["faults"], ShapeArray)


@pytest.mark.parametrize("mark", ["- {}: {}", "- **{}**: {}", "- **{}:** {}", "**{}**: {}", "{}: {}", "- {}: `{}`"])
def test_what_canonical_lines_say_is_understood_below_headings(mark: str) -> None:
    told = [
        ("Body", "Order"),
        ("Operation", "place_order"),
        ("Query", "dry: bool = false, note: str?"),
        ("Roles", "clerk"),
        ("Limit", "20 per minute"),
        ("Transaction", "none"),
    ]
    lines = (mark.format(key, value) + ("\n" if mark.startswith("-") else "\n\n") for key, value in told)
    endpoint = only("#### POST /orders\n\n" + "".join(lines))
    assert [name.text for name in endpoint.operations] == ["place_order"]
    assert [(p.place, p.name.text, spelled(p.type), p.default) for p in endpoint.parameters] == [
        ("query", "dry", "bool", False),
        ("query", "note", "str", None),
    ]
    assert {(clause.key, clause.text) for clause in endpoint.clauses} == {
        ("roles", "clerk"),
        ("limit", "20 per minute"),
        ("transaction", "none"),
    }


@pytest.mark.parametrize(
    "line",
    ["- Operation: Creates an order", "- Operation: create", "- Query: filters by status", "- status: the state"],
)
def test_labels_that_prose_gives_are_not_taken_for_canonical_lines(line: str) -> None:
    endpoint = only(f"#### GET /orders\n\n{line}\n")
    assert (endpoint.operations, endpoint.parameters, endpoint.clauses) == ((), (), ())


def test_a_caption_may_say_with_an_arrow_what_is_answered() -> None:
    endpoint = only("```\nGET /orders -> 200 Order[] | 404 NOT_FOUND\n```\n")
    assert [(one.status, spelled(one.type) if one.type else None) for one in endpoint.answers] == [(200, "list[Order]")]
    assert [code.text for code in endpoint.errors] == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("kind", "rules", "notes", "default"),
    [
        ("integer", ">= 0, default 0", "", 0),
        ("integer", "1..100 (default: 20)", "", 20),
        ("boolean", "", "Whether it is new; defaults to `true`", True),
        ("string", 'default: "name"', "", "name"),
        ("string", "", "The default address of the customer", UNSET),
        ("integer", "default: the number of lines", "", UNSET),
    ],
)
def test_a_default_may_stand_among_the_rules_of_a_field(kind: str, rules: str, notes: str, default: object) -> None:
    head = "| Field | Type | Required | Validation | Description |\n|---|---|---|---|---|\n"
    api = read(f"### Schemas\n\n**Order**\n\n{head}| f | {kind} | yes | {rules} | {notes} |\n")
    (found,) = (d for d in api.definitions if isinstance(d, Schema))
    assert found.fields[0].default == default
