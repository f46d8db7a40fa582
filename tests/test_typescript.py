"""TypeScript, Go and the words of tables as types."""

from decimal import Decimal

import pytest

from asbuilt.language.gostructs import read_structs
from asbuilt.language.type_words import read_type_words
from asbuilt.language.types import ABSENT, Alias, Constraints, Definition, Scalar, Schema, spelled
from asbuilt.language.typescript import declares_types, read_typescript
from asbuilt.source import Fragment


def fragment(text: str) -> Fragment:
    return Fragment(text, (0, *(at + 1 for at, char in enumerate(text) if char == "\n")))


def shown(definitions: tuple[Definition, ...]) -> dict[str, object]:
    """What each definition says; a `?` marks members that may be left out."""
    return {d.name: spelled(d.type) if isinstance(d, Alias) else members(d) for d in definitions}


def members(schema: Schema) -> dict[str, str]:
    return {f.name + "?" * (f.default is ABSENT): spelled(f.type) for f in schema.fields}


def test_interfaces() -> None:
    found, notes = read_typescript(
        fragment(
            """
export interface Order<T> extends Base, Stamped {
  readonly id: string; // UUID
  note?: string | null;
  total: number | undefined,
  lines: { sku: string; quantity: number }[];
  tags: Array<string>
  status: 'open' | 'closed';
  meta: Record<string, unknown>;
  "x-extra": T;
  at: Date;
  on: true | false;
  pair: [string, number];
  /* nothing */
  [key: string]: any;
}
"""
        )
    )
    assert notes == ()
    assert shown(found) == {
        "OrderLines": {"sku": "str", "quantity": "float"},
        "Order": {
            "id": "UUID",
            "note?": "str | None",
            "total?": "float",
            "lines": "list[OrderLines]",
            "tags": "list[str]",
            "status": 'Literal["open", "closed"]',
            "meta": "dict[str, Any]",
            "x-extra": "T",
            "at": "datetime",
            "on": "bool",
            "pair": "list[str | float]",
        },
    }
    order = found[-1]
    assert isinstance(order, Schema)
    assert order.variables == ("T",)
    assert [base.name for base in order.bases] == ["Base", "Stamped"]


def test_aliases_enums_and_classes() -> None:
    found, _ = read_typescript(
        fragment(
            """
type Status =
  | 'open'
  | 'closed';
type Point = { x: number; y: number };
type Named = Base & { name: string };
type Ids = string[];
export enum Kind { A = 'a', B = 'b' }
enum Level { Low, High }
class CreateOrder {
  @IsString() @Length(1, 5)
  name: string;
  quantity: number = 1;
}
"""
        )
    )
    assert shown(found) == {
        "Status": 'Literal["open", "closed"]',
        "Point": {"x": "float", "y": "float"},
        "Named": {"name": "str"},
        "Ids": "list[str]",
        "Kind": 'Literal["a", "b"]',
        "Level": "Literal[0, 1]",
        "CreateOrder": {"name": "str", "quantity": "float"},
    }


def test_services_are_no_data() -> None:
    found, _ = read_typescript(fragment("interface Store {\n  get(id: string): Promise<Order>;\n  size: number;\n}"))
    assert found == ()


def test_what_is_not_read_is_noted() -> None:
    text = "type Keys = keyof Order;\ntype Some = Partial<Order>;\ntype Good = string;"
    found, notes = read_typescript(fragment(text))
    assert [text[note.span.start : note.span.end] for note in notes] == ["Keys", "Partial"]
    assert shown(found) == {"Some": "Any", "Good": "str"}


def test_types_made_of_others_are_computed() -> None:
    text = """
    interface Create extends Base { name: string; size?: number; kind: 'a' | 'b' }
    type Change = Partial<Create>;
    type Named = Pick<Create, 'id' | 'name'>;
    type Unnamed = Partial<Omit<Create, 'name' | 'kind'>>;
    type Versioned = Partial<Pick<Create, 'name'>> & { version: number };
    type All = Required<Change>;
    interface Envelope { data: Partial<Pick<Create, 'name'>> }
    interface Base { id: string }
    """
    found, notes = read_typescript(fragment(text))
    assert notes == ()
    kind = 'Literal["a", "b"]'
    assert {name: fields for name, fields in shown(found).items() if name not in ("Create", "Base")} == {
        "Change": {"id?": "str", "name?": "str", "size?": "float", "kind?": kind},
        "Named": {"id": "str", "name": "str"},
        "Unnamed": {"id?": "str", "size?": "float"},
        "Versioned": {"name?": "str", "version": "float"},
        "All": {"id": "str", "name": "str", "size": "float", "kind": kind},
        "Envelope": {"data": "EnvelopeData"},
        "EnvelopeData": {"name?": "str"},
    }


def test_types_are_made_of_those_of_other_texts() -> None:
    first, _ = read_typescript(fragment("interface Order { name: string }"))
    known = {found.name: found for found in first if isinstance(found, Schema)}
    found, notes = read_typescript(fragment("type Change = Partial<Order>;"), known)
    assert (shown(found), notes) == ({"Change": {"name?": "str"}}, ())


def test_places() -> None:
    text = "interface Order {\n  lines: Line[];\n}"
    (order,) = read_typescript(fragment(text))[0]
    assert isinstance(order, Schema)
    assert text[order.name_span.start : order.name_span.end] == "Order"
    assert text[order.fields[0].span.start : order.fields[0].span.end] == "lines: Line[]"


@pytest.mark.parametrize(
    ("text", "declares"),
    [
        ("interface A {\n  b: string\n}", True),
        ("export type A = 'b'", True),
        ("class A {\n  b: string;\n}", True),
        ("class A:\n    b: str", False),
        ("public class A {\n  private String b;\n}", False),
        ("type == 'x'", False),
    ],
)
def test_recognition(text: str, *, declares: bool) -> None:
    assert declares_types(text) is declares


@pytest.mark.parametrize(
    "text",
    [
        "type A = " + "(" * 100_000,
        "type A = " + "{ a: " * 50_000,
        "type A = " + "Array<" * 50_000,
        "type A = string" + " | string" * 30_000,
        "type A = " + "[" * 100_000,
        "interface A {" * 20_000,
        "interface A { a",
        "interface A { [",
        "type A =",
        "enum A {" + "a," * 30_000,
        "interface A {\n" + "  a: string; // x\n" * 20_000 + "}",
    ],
)
def test_hostile_typescript_ends(text: str) -> None:
    read_typescript(fragment(text))


def test_go() -> None:
    found, _ = read_structs(
        fragment(
            """
type Status string
const (
    Open   Status = "open"
    Closed Status = "closed"
)
type Order struct {
    ID       uuid.UUID         `json:"id"`
    Note     *string           `json:"note,omitempty" validate:"max=500"`
    Quantity int               `json:"quantity" validate:"required,min=1,max=99"`
    Lines    []Line            `json:"lines"`
    Labels   map[string]string `json:"labels"`
    At       time.Time         `json:"at"`
    Status   Status            `json:"status"`
    secret   string
    Hidden   string            `json:"-"`
}
"""
        )
    )
    assert shown(found) == {
        "Status": 'Literal["open", "closed"]',
        "Order": {
            "id": "UUID",
            "note?": "str | None",
            "quantity": "int",
            "lines": "list[Line]",
            "labels": "dict[str, str]",
            "at": "datetime",
            "status": "Status",
        },
    }


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("string", "str"),
        ("String (Email)", "str"),
        ("string (uuid)", "UUID"),
        ("UUID v4", "UUID"),
        (r"List\<String\>", "list[str]"),
        ("`Order[]`", "list[Order]"),
        ("array of integers", "list[int]"),
        ("Array<Order>", "list[Order]"),
        ("Map<String, Integer>", "dict[str, int]"),
        ("VARCHAR(255)", "str"),
        ("'a' | 'b'", 'Literal["a", "b"]'),
        ("enum(a, b)", 'Literal["a", "b"]'),
        ("string | null", "str | None"),
        ("integer?", "int | None"),
        ("number (0-100)", "float"),
        ("ISO 8601", "datetime"),
        ("timestamp", "datetime"),
        ("decimal(10,2)", "Decimal"),
        ("object", "dict[str, Any]"),
        ("OrderLine", "OrderLine"),
        ("list[Order]", "list[Order]"),
    ],
)
def test_words_of_tables(text: str, meaning: str) -> None:
    found = read_type_words(fragment(text))
    assert found is not None
    assert spelled(found[0]) == meaning


@pytest.mark.parametrize(
    "text", ["", "see below", "the type of the order", "-", "a" * 10_000, "(" * 300, "string and more"]
)
def test_other_words_are_no_types(text: str) -> None:
    assert read_type_words(fragment(text)) is None


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("decimal(5, 2)", Constraints(ge=Decimal("-999.99"), le=Decimal("999.99"))),
        ("numeric(3)", Constraints(ge=Decimal(-999), le=Decimal(999))),
        ("decimal(2, 5)", Constraints()),
        ("varchar(80)", Constraints(max_length=80)),
    ],
)
def test_sizes_in_brackets_are_bounds(words: str, meant: Constraints) -> None:
    found = read_type_words(fragment(words))
    assert found is not None
    assert isinstance(found[0], Scalar)
    assert found[0].constraints == meant
