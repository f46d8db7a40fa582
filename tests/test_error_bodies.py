"""What errors and headers hold when they are answered: what was raised, what the call bore, what HTTP can carry."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import Mounted

DOCUMENT = """# Shop Implementation Specification

**Component**: shop

## API Implementation

### Endpoint Definitions
```
POST /take/{shelf}
  Operation: take
  Body: Take
  Response: 204
  Errors: NO_STOCK

GET /weigh
  Operation: weigh
  Response: 204
  Errors: TOO_HEAVY

GET /find
  Operation: find
  Query: gone: bool
  Response: 204
  Errors: LOST, GONE

GET /go
  Operation: go
  Query: to: str
  Response: 302
```

### Request/Response Schemas
```python
class Take:
    sku: Annotated[str, Len(1, 9), Message("can't be blank")]
    count: int
    labelText: str = "none"

class Trouble:
    code: int | None
    message: str
```

### Error Responses
| Error Code | HTTP Status | Description | Response Body |
|---|---|---|---|
| INVALID | 422 | `validation` | `{"errors": {"field": [str]}}` |
| NO_STOCK | 409 | too few are there | `{"sku": str, "count": int, "shelf": str, "left": int, "why": [str]}` |
| TOO_HEAVY | 409 | it is too heavy | problem |
| LOST | 404 | it is lost | Trouble |
| GONE | 410 | it is gone | `{"code": int, "message": str}` |

## Core Algorithms

### Take
```python
def take(body: Take, shelf: str) -> None:
    raise NO_STOCK(left=len(body.labelText), count=-1)

def weigh() -> None:
    raise TOO_HEAVY(detail="it has 9 kg", code="OTHER", kg=9)

def find(gone: bool) -> None:
    raise GONE() if gone else LOST()

def go(to: str, response: Response) -> None:
    response.headers["Location"] = to
    response.headers["X-Length"] = len(to)
```
"""


ENVELOPES = """# Members Implementation Specification

**Component**: members

## API Implementation

### Endpoint Definitions
```
POST /members
  Operation: join
  Body: Joining
  Response: 204

GET /members/{id: int}
  Operation: member
  Response: 200 int
  Errors: GONE

GET /files/{name}
  Operation: file
  Query: path: str
  Response: 204
  Errors: NO_FILE
```

### Request/Response Schemas
```python
class Member:
    email: Annotated[str, Len(3, 99)]
    names: list[Annotated[str, Len(1, 9)]] = []

class Joining:
    member: Member
```

### Error Responses
| Code | HTTP Status | When | Message | Body |
|---|---|---|---|---|
| INVALID | 422 | `validation` | | `{"path": str, "faults": [{"path": str, "message": str}], "by": {"field": [str]}}` |
| MISSING | 404 | `no row` of `member`; `no row` | | `{"message": str, "path": str}` |
| GONE | 410 | `member` has left: `id` stays | This member has left. | `{"message": str, "title": str}` |
| NO_FILE | 409 | `file` finds nothing | | `{"message": str, "path": str}` |
| UNKNOWN | 404 | `unknown route`: nothing is here | | `{"message": str, "path": str}` |

## Core Algorithms

### Members
```python
def join(body: Joining) -> None:
    return None

def member(id: int) -> int:
    raise GONE

def file(name: str, path: str) -> None:
    raise NO_FILE
```
"""


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mounted]:
    document = tmp_path_factory.mktemp("members") / "members.md"
    document.write_text(ENVELOPES)
    served = Mounted(document)
    yield served
    served.close()


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mounted]:
    document = tmp_path_factory.mktemp("shop") / "shop.md"
    document.write_text(DOCUMENT)
    served = Mounted(document)
    yield served
    served.close()


def test_holes_take_what_was_raised_then_what_the_call_bore(ask: Mounted) -> None:
    answer = ask("POST", "/take/top", json={"sku": "A", "count": 3})
    assert answer.status_code == 409
    assert answer.json() == {"sku": "A", "count": -1, "shelf": "top", "left": 4, "why": ["too few are there"]}


def test_a_problem_has_the_detail_that_it_was_raised_with(ask: Mounted) -> None:
    body = ask("GET", "/weigh").json()
    assert (body["detail"], body["code"], body["kg"]) == ("it has 9 kg", "TOO_HEAVY", 9)


def test_a_code_that_is_a_number_is_the_status(ask: Mounted) -> None:
    assert ask("GET", "/find?gone=false").json() == {"code": 404, "message": "it is lost"}
    assert ask("GET", "/find?gone=true").json() == {"code": 410, "message": "it is gone"}
    paths = ask("GET", "/-/openapi.json").json()["paths"]
    shown = paths["/find"]["get"]["responses"]["410"]["content"]["application/json"]
    assert [example["value"]["code"] for example in shown["examples"].values()] == [410]


def test_a_list_under_field_tells_what_is_wrong_with_it(ask: Mounted) -> None:
    answer = ask("POST", "/take/top", json={"sku": ""})
    assert answer.json() == {"errors": {"sku": ["can't be blank"], "count": ["is required"]}}


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("https://example.com/ä b?q=ö#é", "https://example.com/%C3%A4%20b?q=%C3%B6#%C3%A9"),
        ("/already%20so", "/already%20so"),
        ("/a\r\nX-Evil: 1", "/a%0D%0AX-Evil:%201"),
    ],
)
def test_addresses_in_headers_are_percent_encoded(ask: Mounted, target: str, location: str) -> None:
    answer = ask("GET", "/go", params={"to": target}, follow_redirects=False)
    assert answer.headers["location"] == location
    assert answer.headers["x-length"] == str(len(target))


def test_faults_are_placed_inside_the_envelope_of_a_body(members: Mounted) -> None:
    body = members("POST", "/members", json={"member": {"email": "", "names": ["", "x"]}}).json()
    assert body["path"] == "/members"
    assert [fault["path"] for fault in body["faults"]] == ["email", "names.0"]
    assert list(body["by"]) == ["email", "names.0"]
    assert list(members("POST", "/members", json={}).json()["by"]) == ["member"]
    assert list(members("POST", "/members", json=[]).json()["by"]) == ["body"]


def test_people_are_told_a_sentence_and_not_a_cause(members: Mounted) -> None:
    assert members("GET", "/members/none").json() == {"message": "Not Found", "path": "/members/none"}
    gone = {"message": "This member has left.", "title": "Gone"}
    assert members("GET", "/members/1").json() == gone
    assert members("GET", "/files/a?path=b").json() == {"message": "file finds nothing", "path": "b"}
    assert members("GET", "/nowhere").json() == {"message": "nothing is served at `/nowhere`", "path": "/nowhere"}


@pytest.mark.parametrize("loc", ["list[str]", "[str]"])
def test_faults_may_be_spelled_as_fastapi_does(tmp_path: Path, loc: str) -> None:
    shape = f'`{{"detail": [{{"loc": {loc}, "msg": str, "type": str}}]}}`'
    old = '| INVALID | 422 | `validation` | `{"errors": {"field": [str]}}` |'
    document = tmp_path / "shop.md"
    document.write_text(DOCUMENT.replace(old, f"| INVALID | 422 | `validation` | {shape} |"))
    served = Mounted(document)
    body = served("POST", "/take/top", json={"sku": "", "count": 1}).json()
    query = served("GET", "/find?gone=perhaps").json()
    served.close()
    assert body == {"detail": [{"loc": ["body", "sku"], "msg": "can't be blank", "type": "value_error"}]}
    assert query["detail"][0]["loc"] == ["query", "gone"]
