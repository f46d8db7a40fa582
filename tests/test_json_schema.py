"""JSON Schema, and the dialect of OpenAPI 3.0, as types."""

import pytest

from asbuilt.document.yamltree import read_yaml
from asbuilt.language.json_schema import SchemaReader, anchored
from asbuilt.language.types import ABSENT, UNSET, Alias, Constraints, Map, Named, Scalar, Schema, Type, Union, spelled
from asbuilt.source import Fragment, Span


def fragment(text: str) -> Fragment:
    return Fragment(text, (0, *(at + 1 for at, char in enumerate(text) if char == "\n")))


def read(text: str) -> tuple[Type, SchemaReader]:
    root = read_yaml(fragment(text)).root
    assert root is not None
    reader = SchemaReader()
    return reader.type(root, "Thing"), reader


def define(text: str) -> Schema:
    root = read_yaml(fragment(text)).root
    assert root is not None
    reader = SchemaReader()
    reader.define("Thing", root, Span(0, 0))
    assert reader.holes == []
    found = reader.definitions[-1]
    assert isinstance(found, Schema)
    return found


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("{type: string}", "str"),
        ("{type: integer}", "int"),
        ("{type: number}", "float"),
        ("{type: boolean}", "bool"),
        ("{type: string, format: uuid}", "UUID"),
        ("{type: string, format: date-time}", "datetime"),
        ("{type: string, format: date}", "date"),
        ("{type: string, format: decimal}", "Decimal"),
        ("{type: string, format: password}", "str"),
        ("{type: array, items: {type: string}}", "list[str]"),
        ("{type: object, additionalProperties: {type: integer}}", "dict[str, int]"),
        ("{type: object}", "dict[str, Any]"),
        ("{type: [string, 'null']}", "str | None"),
        ("{type: string, nullable: true}", "str | None"),
        ("{$ref: '#/components/schemas/Order'}", "Order"),
        ("{$ref: '#/$defs/Order', nullable: true}", "Order | None"),
        ("{enum: [a, b, 1, null]}", 'Literal["a", "b", 1, None]'),
        ("{const: a}", 'Literal["a"]'),
        ("{oneOf: [{type: string}, {type: integer}, {type: 'null'}]}", "str | int | None"),
        ("{anyOf: [{$ref: '#/$defs/A'}, {$ref: '#/$defs/B'}]}", "A | B"),
        ("{allOf: [{$ref: '#/$defs/A'}], description: the A}", "A"),
        ("{}", "Any"),
        ("true", "Any"),
        ('{"type": "array", "items": {"type": "number"}}', "list[float]"),
    ],
)
def test_types(text: str, meaning: str) -> None:
    found, reader = read(text)
    assert reader.holes == []
    assert spelled(found) == meaning


@pytest.mark.parametrize(
    ("text", "constraints"),
    [
        ("{type: integer, minimum: 1, maximum: 9}", Constraints(ge=1, le=9)),
        ("{type: integer, exclusiveMinimum: 1, exclusiveMaximum: 9}", Constraints(gt=1, lt=9)),
        ("{type: integer, minimum: 1, exclusiveMinimum: true}", Constraints(gt=1)),
        ("{type: integer, format: int32}", Constraints(ge=-(2**31), le=2**31 - 1)),
        ("{type: number, multipleOf: 0.5}", Constraints(multiple_of=0.5)),
        ("{type: string, minLength: 1, maxLength: 9}", Constraints(min_length=1, max_length=9)),
        ("{type: array, minItems: 1, uniqueItems: true}", Constraints(min_length=1, unique=True)),
        ("{type: string, pattern: '^[a-z]+$'}", Constraints(pattern="[a-z]+")),
    ],
)
def test_constraints(text: str, constraints: Constraints) -> None:
    found, reader = read(text)
    assert reader.holes == []
    assert not isinstance(found, Named | Union)
    assert getattr(found, "constraints", None) == constraints


@pytest.mark.parametrize(
    ("pattern", "full"),
    [
        ("^a+$", "a+"),
        ("a", "(?s:.*)(?:a)(?s:.*)"),
        ("^a", "(?:a)(?s:.*)"),
        ("a$", "(?s:.*)(?:a)"),
        (r"^a\$", r"(?:a\$)(?s:.*)"),
        ("^a|b$", "(?s:.*)(?:^a|b$)(?s:.*)"),
    ],
)
def test_patterns_may_match_anywhere(pattern: str, full: str) -> None:
    assert anchored(pattern) == full


def test_objects() -> None:
    schema = define(
        """
type: object
description: An order.
required: [id, lines]
properties:
  id: {type: string, format: uuid, readOnly: true}
  note: {type: string, nullable: true, default: null}
  limit: {type: integer, default: 20}
  secret: {type: string, writeOnly: true, description: never shown}
  lines: {type: array, items: {type: object, properties: {sku: {type: string}}}}
"""
    )
    assert schema.description == "An order."
    assert [(f.name, spelled(f.type), f.default) for f in schema.fields] == [
        ("id", "UUID", UNSET),
        ("note", "str | None", None),
        ("limit", "int", 20),
        ("secret", "str", ABSENT),
        ("lines", "list[ThingLinesItem]", UNSET),
    ]
    identity, secret = schema.fields[0], schema.fields[3]
    assert identity.read_only
    assert secret.write_only
    assert secret.description == "never shown"


def test_several_schemas_joined() -> None:
    schema = define(
        """
allOf:
  - $ref: '#/components/schemas/Base'
  - type: object
    required: [a]
    properties: {a: {type: string}, b: {type: string}}
properties: {b: {type: integer}}
"""
    )
    assert [base.name for base in schema.bases] == ["Base"]
    assert [(f.name, spelled(f.type)) for f in schema.fields] == [("a", "str"), ("b", "int")]


def test_the_span_of_a_reference_is_the_name() -> None:
    text = "{$ref: '#/components/schemas/Order'}"
    found, _ = read(text)
    assert text[found.span.start : found.span.end] == "Order"


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        ("{type: strin}", "strin", "`strin` is not a type of JSON Schema"),
        ("{type: string, minLenght: 5}", "minLenght", "`minLenght` is not a keyword of JSON Schema"),
        ("{type: string, minLength: x}", "x", "`minLength` takes a whole number"),
        ("{$ref: 'other.yaml#/Order'}", "'other.yaml#/Order'", "`other.yaml#/Order` lies outside this document"),
        (
            "{$ref: 'https://example.com/x'}",
            "'https://example.com/x'",
            "`https://example.com/x` lies outside this document",
        ),
        ("{not: {type: string}}", "not", "`not` is not read, and would not be enforced"),
        ("[a]", "[a]", "a list is not a schema"),
    ],
)
def test_what_is_wrong_is_underlined(text: str, part: str, message: str) -> None:
    _, reader = read(text)
    assert [
        (text[h.span.start : h.span.end].rstrip("]") + "]" * part.endswith("]"), h.message) for h in reader.holes
    ] == [(part, message)]


def test_aliases() -> None:
    root = read_yaml(fragment("{type: string, maxLength: 3}")).root
    assert root is not None
    reader = SchemaReader()
    reader.define("Sku", root, Span(0, 0))
    (alias,) = reader.definitions
    assert isinstance(alias, Alias)
    assert isinstance(alias.type, Scalar)
    assert not isinstance(alias.type, Map)
