"""Data Models in the forms that authors use."""
# ruff: noqa: E501 - what is read is compared best with what was written on one line
# ruff: noqa: S608 - none of the SQL is run

from pathlib import Path

import pytest

from asbuilt.document import read_blocks, read_outline
from asbuilt.language.types import spelled
from asbuilt.sections.data import Data, notation
from asbuilt.source import Source

HEAD = "# Shop Implementation Specification\n\n## Data Models\n\n"


def data(text: str) -> Data:
    source = Source(Path("shop.md"), text)
    return notation.read(read_outline(read_blocks(source)))


def patterns(text: str) -> dict[str, str]:
    read = data(HEAD + "### Data Access Patterns\n" + text)
    assert read.holes == ()
    return {pattern.name.text: f"{pattern.mark} {pattern.statement.sql.text}" for pattern in read.patterns}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- **one_order** (one): What for.\n  ```sql\n  SELECT 1\n  ```\n", {"one_order": "one SELECT 1"}),
        ("- **one_order**: What for.\n\n```\nSELECT 1\n```\n", {"one_order": "None SELECT 1"}),
        ("- **Order by id**: What for.\n  ```sql\n  SELECT 1;\n  ```\n", {"order_by_id": "None SELECT 1;"}),
        ("- `one_order` (many): What for.\n  ```\n  SELECT 1\n  ```\n", {"one_order": "many SELECT 1"}),
        ("- one_order: What for.\n\n  ```postgresql\n  SELECT 1\n  ```\n", {"one_order": "None SELECT 1"}),
        ("- **`one_order`** (optional): `SELECT * FROM t`\n", {"one_order": "maybe SELECT * FROM t"}),
        ("- **one_order** (for admins only): What for.\n  ```sql\n  SELECT 1\n  ```\n", {"one_order": "None SELECT 1"}),
        ("#### one_order (one)\nWhat for.\n```sql\nSELECT 1\n```\n", {"one_order": "one SELECT 1"}),
        ("#### Find the `one_order`\n```sql\nSELECT 1\n```\n", {"one_order": "None SELECT 1"}),
        ("#### 1. Find Orders\n```sql\nSELECT 1\n```\n", {"find_orders": "None SELECT 1"}),
        ("**one_order** (one): What for.\n```sql\nSELECT 1\n```\n\n**two_orders**:\n```sql\nSELECT 2\n```\n", {"one_order": "one SELECT 1", "two_orders": "None SELECT 2"}),
        ("1. **a_b**: x\n   ```sql\n   SELECT 1\n   ```\n2. **c_d** (none): y\n   ```sql\n   DELETE FROM t\n   ```\n", {"a_b": "None SELECT 1", "c_d": "none DELETE FROM t"}),
        ("```sql\n-- name: one_order :one\nSELECT 1;\n\n-- name: all_orders :many\n-- of everybody\nSELECT 2;\n-- name: drop_all :exec\nDELETE FROM t;\n```\n", {"one_order": "one SELECT 1;", "all_orders": "many -- of everybody\nSELECT 2;", "drop_all": "none DELETE FROM t;"}),
        ("| Pattern | Purpose | Rows | SQL |\n|---|---|---|---|\n| one_order | x | one | `SELECT 1` |\n| `two` | y | many | `SELECT 'a\\|b'` |\n", {"one_order": "one SELECT 1", "two": "many SELECT 'a |b'"}),
        ("- **prose**: Orders are found by their id.\n- **code**: In Python.\n  ```python\n  select(Order)\n  ```\n", {}),
        ("Orders are read like this:\n```sql\nSELECT 1\n```\n", {}),
    ],
)  # fmt: skip
def test_patterns(text: str, expected: dict[str, str]) -> None:
    assert patterns(text) == expected


def test_a_pattern_knows_its_place_its_purpose_and_the_keys_of_its_table() -> None:
    text = HEAD + (
        "### Database Schema\n```\nCREATE TABLE orders (id int PRIMARY KEY, note text);\n```\n\n"
        "### Data Access Patterns\n- **Order by id**: One *order*,\n  found by `id`.\n  ```sql\n  SELECT * FROM orders\n  WHERE id = :id\n  ```\n"
    )
    (pattern,) = data(text).patterns
    assert text[pattern.name.span.start : pattern.name.span.end] == "Order by id"
    assert text[pattern.span.start :].startswith("Order by id**")
    assert text[: pattern.span.end].endswith(":id")
    assert pattern.description == "One order, found by id."
    assert (pattern.cardinality, pattern.statement.cardinality) == ("maybe", "maybe")
    (placeholder,) = pattern.statement.placeholders
    assert text[placeholder.span.start : placeholder.span.end] == ":id"


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("### Database Schema\n```sql\nCREATE TABLE a (x int);\n```\n```\nALTER TABLE a ADD y int;\n```\n#### More\n```text\n-- b\nCREATE TABLE b (x int);\n```\n", "a(x,y) b(x)"),
        ("### Tables\n```ddl\ncreate unlogged table a (x int);\n```\n", "a(x)"),
        ("### Database Schema\n```json\n{\"CREATE TABLE\": 1}\n```\n```\nusers: id, name\n```\n", ""),
        ("### Database Schema\n```sql\n<Table definitions with constraints>\n```\n", ""),
        ("### Entity\nAs SQL:\n```sql\nCREATE TABLE a (x int);\n```\n```sql\nSELECT * FROM a;\n```\n", "a(x)"),
        ("### Database Schema\n```sql\n-- 001.up.sql\nCREATE TABLE a (x int);\n```\n```sql\n-- 001.down.sql\nDROP TABLE a;\n```\n```sql\nDROP INDEX i; DROP TABLE a;\n```\n", "a(x)"),
        ("### Database Schema\n```sql\n-- migrate:up\nDROP TABLE IF EXISTS a;\nCREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n```\n", "a(x)"),
        ("```sql\nCREATE TABLE a (x int);\n```\n\n## Migration Scripts\n```sql\nCREATE TABLE b (x int);\n```\n", "a(x)"),
    ],
)  # fmt: skip
def test_the_schema_is_found_by_content(text: str, tables: str) -> None:
    catalog = data(HEAD + text).catalog
    told = (f"{table.name}({','.join(column.name for column in table.columns)})" for table in catalog.tables)
    assert " ".join(told) == tables


def test_a_table_outside_the_section_is_one_all_the_same() -> None:
    text = (
        "# Shop\n\n## The Basket\n```sql\nCREATE TABLE a (x int);\n```\n\n"
        + HEAD[7:]
        + "```sql\nCREATE TABLE b (x int);\n```\n"
    )
    assert [table.name for table in data(text).catalog.tables] == ["a", "b"]


def test_labelled_sql_that_is_none_is_a_fault_under_database_schema() -> None:
    (fault,) = data(HEAD + "### Database Schema\n```sql\nCREAT TABLE a (x int);\n```\n").faults
    assert fault.message == "syntax error at or near `CREAT`"


MAPPED = '''\
class Base(DeclarativeBase):
    pass

class Order(Base):
    """One order."""
    __tablename__ = "orders"
    __table_args__ = (UniqueConstraint("number"), UniqueConstraint("a", "b"), {"schema": "public"})

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    number: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    note: Mapped[Optional[str]] = mapped_column("remark", String(100), unique=True)
    total: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), nullable=True)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    data = Column(JSONB, nullable=False)
    kind = sa.Column(sa.Enum("a", "b"), primary_key=False)
    lines: Mapped[list["Line"]] = relationship(back_populates="order")

    def total_cents(self) -> int:
        __import__("os").system("false")

class Plain:
    x: int
'''


def test_mapped_classes() -> None:
    text = HEAD + f"### ORM Models\n```python\n{MAPPED}```\n"
    (mapped,) = data(text).mapped
    assert (mapped.name.text, mapped.table.text) == ("Order", "orders")
    assert text[mapped.name.span.start : mapped.name.span.end] == "Order"
    assert text[mapped.table.span.start : mapped.table.span.end] == "orders"
    told = [
        (
            c.name.text,
            spelled(c.type) if c.type else None,
            c.sql_type,
            c.nullable,
            c.primary_key,
            c.unique,
            c.foreign_key,
        )
        for c in mapped.columns
    ]
    assert told == [
        ("id", "UUID", None, False, True, False, None),
        ("number", "int", None, False, False, True, None),
        ("customer_id", "int", None, False, False, False, "customers.id"),
        ("remark", "str | None", "character varying(100)", True, False, True, None),
        ("total", "Decimal", "numeric(12, 2)", False, False, False, None),
        ("placed_at", "datetime", "timestamp with time zone", True, False, False, None),
        ("tags", "list[str]", "text[]", False, False, False, None),
        ("data", None, "jsonb", False, False, False, None),
        ("kind", None, None, True, False, False, None),
    ]
    for column in mapped.columns:
        assert text[column.name.span.start : column.name.span.end] == column.name.text


def test_broken_python_is_a_hole_and_the_rest_is_read() -> None:
    text = (
        HEAD
        + "### ORM Models\n```python\nclass A(Base):\n    __tablename__ = 'a'\n    x: Mapped[int]\n\nclass B(Base:\n    __tablename__ = 'b'\n```\n"
    )
    read = data(text)
    assert [mapped.table.text for mapped in read.mapped] == ["a"]
    assert len(read.holes) >= 1
