"""Documents as long as one likes and without a fault: so many kinds of parts, each with all that belongs to a kind."""

from collections.abc import Iterator

HEAD = """\
# Warehouse Implementation Specification

**Component**: warehouse
**Document Status**: Current
**Last Updated**: 2026-11-23

## API Implementation

### Endpoint Definitions
"""
ENDPOINTS = """\
GET /parts-{n}
  Query:     limit: Limit = 20
  Response:  200 list[Part{n}]

POST /parts-{n}
  Body:      Part{n}
  Response:  201 Part{n}
  Errors:    PART_{n}_EXISTS

GET /parts-{n}/{{id: UUID}}
  Operation: part_{n}_by_id
  Response:  200 Part{n}
  Errors:    PART_NOT_FOUND

PUT /parts-{n}/{{id: UUID}}
  Body:      Part{n}
  Response:  200 Part{n}
  Errors:    PART_NOT_FOUND, PART_{n}_EXISTS

DELETE /parts-{n}/{{id: UUID}}
  Response:  204
  Errors:    PART_NOT_FOUND
"""
SCHEMAS = '''\
class Part{n}:
    """Table: parts_{n}"""

    id: ReadOnly[UUID]
    name: Annotated[str, Len(1, 80)]
    grade: Literal["a", "b", "c"]
    cents: Annotated[int, Ge(0), Le(1_000_000)]
    note: Annotated[str, Len(max_length=500)] | None = None
    created_at: ReadOnly[datetime]
'''
ERRORS = """\
| PART_{n}_EXISTS | 409 | `parts_{n}_name_key`: there is a part of that name | problem |"""
ALGORITHM = """\
### Price {n}
```python
def price_{n}(part: Part{n}, factors: Mapping[str, int]) -> int:
    return part.cents * factors[part.grade]
```

**Complexity**: O(1)
**Key Optimizations**: none are wanted for `Part{n}`
"""
REMARK = """\
- Remark {m} on `Part{n}`: its price is that of its grade, `parts_{n}.grade`, which does not change once it is stored,
  and `part_{n}_by_id` finds it; *nothing else* is said of `parts_{n}.note`, however long it may be.
"""
TABLES = """\
CREATE TABLE parts_{n} (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name       varchar(80) NOT NULL UNIQUE,
    grade      text NOT NULL CHECK (grade IN ('a', 'b', 'c')),
    cents      bigint NOT NULL CHECK (cents BETWEEN 0 AND 1000000),
    note       varchar(500),
    created_at timestamptz NOT NULL DEFAULT now()
);
"""
PATTERNS = """\
- **part_{n}_by_id**: One row of `parts_{n}`.
  ```sql
  SELECT id, name, grade, cents, note, created_at FROM parts_{n} WHERE id = :id
  ```"""


def specification(kinds: int, remarks: int = 0) -> str:
    """Five endpoints, one schema and one table for each kind; with remarks, an algorithm and so many lines of prose."""
    return "\n".join(_parts(range(1, kinds + 1), remarks))


def _parts(every: range, remarks: int) -> Iterator[str]:
    yield HEAD + "```"
    yield from (ENDPOINTS.format(n=n) for n in every)
    yield "```\n\n### Request/Response Schemas\n```python\nLimit = Annotated[int, Ge(1), Le(100)]\n"
    yield from (SCHEMAS.format(n=n) for n in every)
    yield "```\n\n### Error Responses"
    yield "| Error Code | HTTP Status | Description | Response Body |\n|---|---|---|---|"
    yield "| PART_NOT_FOUND | 404 | `no row`: there is no such part | problem |"
    yield from (ERRORS.format(n=n) for n in every)
    if remarks:
        yield "\n## Core Algorithms\n"
        for n in every:
            yield ALGORITHM.format(n=n)
            yield from (REMARK.format(n=n, m=m) for m in range(1, remarks + 1))
    yield "\n## Data Models\n\n### Database Schema\n```sql"
    yield from (TABLES.format(n=n) for n in every)
    yield "```\n\n### Data Access Patterns"
    yield from (PATTERNS.format(n=n) for n in every)
    yield ""
