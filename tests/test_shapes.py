"""JSON as people write it, and the types it is an example of."""

import pytest

from asbuilt.diagnostics import Hole
from asbuilt.language.examples import Inference
from asbuilt.language.shapes import Json, JsonArray, JsonConstant, JsonHole, JsonObject, read_json
from asbuilt.language.types import ABSENT, Named, Schema, spelled
from asbuilt.source import Fragment


def fragment(text: str) -> Fragment:
    return Fragment(text, (0, *(at + 1 for at, char in enumerate(text) if char == "\n")))


def plain(value: Json) -> object:
    match value:
        case JsonObject():
            return {member.name.text: plain(member.value) for member in value.members}
        case JsonArray():
            return [plain(item) for item in value.items]
        case JsonConstant():
            return value.value
        case JsonHole():
            return f"<{value.text.text}>"


def read(text: str) -> object:
    found = read_json(fragment(text))
    assert not isinstance(found, Hole), found
    return plain(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": [true, null, -2.5e3]}', {"a": 1, "b": [True, None, -2500.0]}),
        ('{"a": 1,}', {"a": 1}),
        ("{a: 'x', b: \"y\"}", {"a": "x", "b": "y"}),
        ('{"a": int, "b": Status | None}', {"a": "<int>", "b": "<Status | None>"}),
        ('{"a": list[str], "b": dict[str, int]}', {"a": "<list[str]>", "b": "<dict[str, int]>"}),
        ('{"s": "ok" | "down"}', {"s": '<"ok" | "down">'}),
        ("{ email, password }", {"email": "<>", "password": "<>"}),
        ('{"a": 1, // one\n "b": 2 # two\n}', {"a": 1, "b": 2}),
        ('{"a": [...], ...}', {"a": []}),
        ('{"items": [{"a": 1}, …]}', {"items": [{"a": 1}]}),
        ('{"a?": 1, b?: int}', {"a?": 1, "b": "<int>"}),
        ('{\n "a": boolean\n "b": number\n}', {"a": "<boolean>", "b": "<number>"}),
        (r'{"a": "q\"\u00e9\n"}', {"a": 'q"é\n'}),
        ("[]", []),
        ("Order", "<Order>"),
    ],
)
def test_tolerant_json(text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"a": }', "}"),
        ('{"a" 1}', "1"),
        ('{"a": 1', "1"),
        ("[1, 2", "2"),
        ('{"a": 1} x', "x"),
        ('{5: "a"}', "5"),
        ("", ""),
    ],
)
def test_what_is_wrong_is_underlined(text: str, part: str) -> None:
    found = read_json(fragment(text))
    assert isinstance(found, Hole)
    assert text[found.span.start : found.span.end] == part


def test_names_and_values_know_their_places() -> None:
    text = '{\n  "code": "GONE",\n  "sku": Sku\n}'
    found = read_json(fragment(text))
    assert isinstance(found, JsonObject)
    spans = [(member.name.span, member.value.span) for member in found.members]
    cut = [(text[name.start : name.end], text[value.start : value.end]) for name, value in spans]
    assert cut == [("code", '"GONE"'), ("sku", "Sku")]


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, "[1," * 60_000, "{a" * 50_000, '"' * 100_001, "(" * 100_000, "//" * 100_000],
)
def test_hostile_json_ends_in_a_value(text: str) -> None:
    read_json(fragment(text))


def infer(text: str) -> tuple[str, dict[str, dict[str, str]]]:
    """The type of an example, and the members of each schema it made; a `?` marks those that may be left out."""
    found = read_json(fragment(text))
    assert not isinstance(found, Hole)
    inference = Inference()
    type_ = inference.type(found, "Thing")
    schemas = [definition for definition in inference.definitions if isinstance(definition, Schema)]
    assert all(schema.inferred for schema in schemas)
    members = {s.name: {f.name + "?" * (f.default is ABSENT): spelled(f.type) for f in s.fields} for s in schemas}
    return spelled(type_), members


def test_examples_imply_types() -> None:
    text = """{
      "id": "11111111-1111-1111-1111-111111111111", "n": 1, "x": 1.5, "on": true, "at": "2026-01-02T03:04:05Z",
      "day": "2026-01-02", "name": "Tea", "nothing": null, "tags": ["a"], "empty": [], "user": User, "kind": "a | b",
      "type": "string", "more": {}
    }"""
    name, members = infer(text)
    assert name == "Thing"
    assert members["Thing"] == {
        "id": "UUID",
        "n": "int",
        "x": "float",
        "on": "bool",
        "at": "datetime",
        "day": "date",
        "name": "str",
        "nothing": "Any",
        "tags": "list[str]",
        "empty": "list[Any]",
        "user": "User",
        "kind": 'Literal["a", "b"]',
        "type": "str",
        "more": "dict[str, Any]",
    }


def test_objects_inside_are_named_after_their_place() -> None:
    _, members = infer('{"lines": [{"sku": "A", "note": "x"}, {"sku": "B"}], "total": {"cents": 1}}')
    assert members == {
        "ThingLine": {"sku": "str", "note?": "str"},
        "ThingTotal": {"cents": "int"},
        "Thing": {"lines": "list[ThingLine]", "total": "ThingTotal"},
    }


def test_names_that_are_taken_get_a_number() -> None:
    inference = Inference(taken={"Thing"})
    value = read_json(fragment('{"a": 1}'))
    assert isinstance(value, JsonObject)
    first, second = inference.type(value, "Thing"), inference.type(value, "Thing")
    assert isinstance(first, Named)
    assert isinstance(second, Named)
    assert (first.name, second.name) == ("Thing2", "Thing3")
