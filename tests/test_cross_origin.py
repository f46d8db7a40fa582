"""`Cross-Origin` lets pages of other origins call; without it no answer says anything about origins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serving import Mounted

DOCUMENT = """\
# Hello Implementation Specification

## API Implementation

### Endpoint Definitions
```
{policy}
GET /hello
  Operation: hello
  Response:  200 text/plain
```

## Core Algorithms

### Hello
```python
def hello() -> str:
    return "hello"
```

## Configuration Implementation

### Environment Variables
```env
# Optional
FRONT_ENDS=...
```
"""
NAMED = """\
Cross-Origin:
  Origins:     https://shop.example, https://admin.example
  Methods:     GET, POST
  Headers:     Content-Type, X-Api-Version
  Credentials: yes
  Max Age:     10m
"""
PAGE = {"origin": "https://shop.example"}
PREFLIGHT = {**PAGE, "access-control-request-method": "GET"}


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Any]:
    opened: list[Mounted] = []

    def serve(policy: str) -> Mounted:
        path = tmp_path / "hello.md"
        path.write_text(DOCUMENT.replace("{policy}", policy))
        opened.append(Mounted(path, {"FRONT_ENDS": "https://shop.example https://admin.example"}))
        return opened[-1]

    yield serve
    for served in opened:
        served.close()


def about_origins(response: Any) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control")}


def test_without_it_nothing_is_said(serve: Any) -> None:
    hello = serve("")
    assert about_origins(hello("GET", "/hello", headers=PAGE)) == {}
    assert about_origins(hello("OPTIONS", "/hello", headers=PREFLIGHT)) == {}


def test_a_named_origin_may_read(serve: Any) -> None:
    response = serve(NAMED)("GET", "/hello", headers=PAGE)
    assert response.headers["access-control-allow-origin"] == "https://shop.example"
    assert response.headers["access-control-allow-credentials"] == "true"
    assert response.headers["vary"] == "Origin"


def test_another_origin_may_not(serve: Any) -> None:
    response = serve(NAMED)("GET", "/hello", headers={"origin": "https://elsewhere.example"})
    assert response.status_code == 200
    assert about_origins(response) == {}
    assert response.headers["vary"] == "Origin"


def test_a_preflight_is_answered_before_anything_else(serve: Any) -> None:
    response = serve(NAMED)("OPTIONS", "/hello", headers=PREFLIGHT)
    assert response.status_code == 204
    assert about_origins(response) == {
        "access-control-allow-origin": "https://shop.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET",
        "access-control-allow-headers": "Content-Type, X-Api-Version",
        "access-control-max-age": "600",
    }


def test_errors_can_be_read_too(serve: Any) -> None:
    response = serve(NAMED)("GET", "/nowhere", headers=PAGE)
    assert response.status_code == 404
    assert response.headers["access-control-allow-origin"] == "https://shop.example"


def test_anybody_is_answered_with_a_star(serve: Any) -> None:
    response = serve("Cross-Origin:\n  Origins: *\n")("GET", "/hello", headers=PAGE)
    assert about_origins(response) == {"access-control-allow-origin": "*"}


def test_origins_can_be_configured(serve: Any) -> None:
    policy = "Cross-Origin:\n  Origins: ${FRONT_ENDS}\n"
    response = serve(policy)("GET", "/hello", headers=PAGE)
    assert response.headers["access-control-allow-origin"] == "https://shop.example"
