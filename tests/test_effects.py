"""What is told of an algorithm from its text alone."""

from pathlib import Path

import pytest

from asbuilt.component import Component
from asbuilt.frontend import read
from asbuilt.runtime.effects import constant, several_statements, waits
from asbuilt.source import Source

DOCUMENT = """\
# E Implementation Specification

**Component**: e

## API Implementation

### Endpoint Definitions
```
GET /it
  Operation: it
  Response:  200 Thing
```

### Request/Response Schemas
```python
class Thing:
    name: str
    parts: list[str] = []
```

## Core Algorithms

### It
```python
import math
import time
import urllib.request

LIMIT = 5


def helper(x):
    return math.sqrt(x)


def waiting():
    time.sleep(1)


{code}
```

## Data Models

### Database Schema
```sql
CREATE TABLE things (name text PRIMARY KEY);
```

### Data Access Patterns
- **all_things** (many): All.
  ```sql
  SELECT name FROM things
  ```
"""


def component(code: str) -> Component:
    return read(Source(Path("e.md"), DOCUMENT.replace("{code}", code)), referee=False).component


@pytest.mark.parametrize(
    ("code", "is_constant"),
    [
        ('def it():\n    return Thing(name="x", parts=["a", "b"])', True),
        ('def it():\n    """Says what it is."""\n    return {"name": "x"}', True),
        ("def it():\n    return Thing(name=LIMIT)", False),
        ('def it():\n    return Thing(**{"name": "x"})', False),
        ("def it():\n    return Thing(name=str(helper(4)))", False),
        ('async def it():\n    return Thing(name="x")', False),
        ('def it(request):\n    return Thing(name="x")', False),
        ('def Thing(name):\n    return helper(name)\n\n\ndef it():\n    return Thing(name="x")', False),
    ],
)
def test_what_is_always_the_same(code: str, is_constant: bool) -> None:
    found = component(code)
    algorithm = found.algorithms.function("it")
    assert algorithm is not None
    assert constant(algorithm, found) is is_constant


@pytest.mark.parametrize(
    ("code", "may_wait"),
    [
        ("def it():\n    return helper(2)", False),
        ("def it():\n    return waiting()", True),
        ("def it():\n    return urllib.request.urlopen('x')", True),
        ("def it():\n    return open('x')", True),
        ("def it():\n    import socket\n    return socket.socket()", True),
        ("def it():\n    return it()", False),
    ],
)
def test_what_may_wait(code: str, may_wait: bool) -> None:
    found = component(code)
    algorithm = found.algorithms.function("it")
    assert algorithm is not None
    assert waits(algorithm, found) is may_wait


@pytest.mark.parametrize(
    ("code", "several"),
    [
        ("async def it(db):\n    return await db.all_things()", False),
        ("async def it(db):\n    await db.all_things()\n    return await db.all_things()", True),
        ("async def it(db):\n    return [await db.all_things() for _ in range(3)]", True),
        (
            "async def other(db):\n    return await db.all_things()\n\n\nasync def it(db):\n    return await other(db)",
            True,
        ),
        ("def it():\n    return Thing(name='x')", False),
    ],
)
def test_how_many_statements(code: str, several: bool) -> None:
    operation = component(code).operations[0]
    assert several_statements(operation) is several
