"""Annotations as types: what they mean, and where what is wrong in them stands."""

import pytest

from asbuilt.diagnostics import Hole
from asbuilt.language.annotations import Annotation, read_annotation_text
from asbuilt.language.types import (
    ABSENT,
    UNSET,
    Anything,
    Array,
    Choice,
    Map,
    Named,
    Null,
    Scalar,
    Types,
    Union,
    spelled,
)
from asbuilt.source import Fragment


def read(text: str) -> Annotation:
    holes: list[Hole] = []
    found = read_annotation_text(Fragment(text, _origins(text)), holes)
    assert holes == []
    return found


def refused(text: str) -> list[tuple[str, str]]:
    """What is underlined, and why."""
    holes: list[Hole] = []
    read_annotation_text(Fragment(text, _origins(text)), holes)
    return [(text[hole.span.start : hole.span.end], hole.message) for hole in holes]


def _origins(text: str) -> tuple[int, ...]:
    return (0, *(at + 1 for at, char in enumerate(text) if char == "\n"))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("str", "str"),
        ("UUID", "UUID"),
        ("uuid.UUID", "UUID"),
        ("datetime.datetime", "datetime"),
        ("Decimal", "Decimal"),
        ("Any", "Any"),
        ("list[str]", "list[str]"),
        ("List[Order]", "list[Order]"),
        ("Sequence[Order]", "list[Order]"),
        ("set[int]", "list[int]"),
        ("tuple[int, ...]", "list[int]"),
        ("dict[str, Any]", "dict[str, Any]"),
        ("Mapping[str, list[int]]", "dict[str, list[int]]"),
        ("Optional[int]", "int | None"),
        ("Union[int, str, None]", "int | str | None"),
        ("None | int", "int | None"),
        ("int | (str | None)", "int | str | None"),
        ('Literal["a", 1, True, None, -1]', 'Literal["a", 1, True, None, -1]'),
        ("Page[Order]", "Page[Order]"),
        ("Pair[int, list[Order]]", "Pair[int, list[Order]]"),
        ("models.Order", "Order"),
        ('"Order"', "Order"),
        ('list["Order"]', "list[Order]"),
        ('"list[Order] | None"', "list[Order] | None"),
        ("Final[int]", "int"),
        ("string", "str"),
        ("integer", "int"),
        ("boolean", "bool"),
    ],
)
def test_meanings(text: str, meaning: str) -> None:
    assert spelled(read(text).type) == meaning


@pytest.mark.parametrize("word", ["EmailStr", "HttpUrl", "PositiveInt", "List", "AwareDatetime", "Dict"])
def test_names_of_libraries_are_known_unless_the_document_defines_them(word: str) -> None:
    assert not isinstance(Types(()).resolve(read(word).type), Named)


def test_shapes() -> None:
    assert isinstance(read("list[int]").type, Array)
    assert isinstance(read("dict[str, int]").type, Map)
    assert isinstance(read("Any").type, Anything)
    assert isinstance(read("None").type, Null)
    assert isinstance(read("Literal['a']").type, Choice)
    assert isinstance(read("int | None").type, Union)


def test_constraints() -> None:
    found = read("Annotated[int, Ge(1), Lt(2**31 - 1), MultipleOf(5)]").type
    assert isinstance(found, Scalar)
    assert (found.constraints.ge, found.constraints.lt, found.constraints.multiple_of) == (1, 2147483647, 5)
    found = read('Annotated[str, Len(1, 50), Pattern(r"[a-z]+"), Message("no"), EmptyAsNull]').type
    assert isinstance(found, Scalar)
    bounds = found.constraints
    assert (bounds.min_length, bounds.max_length, bounds.pattern, bounds.message) == (1, 50, "[a-z]+", "no")
    assert bounds.empty_as_null
    found = read("Annotated[int, Clamp(1, 500), Otherwise(1)]").type
    assert isinstance(found, Scalar)
    assert (found.constraints.clamp, found.constraints.otherwise) == ((1, 500), 1)
    found = read("Annotated[list[int], Len(max_length=3), Unique]").type
    assert isinstance(found, Array)
    assert (found.constraints.max_length, found.constraints.unique) == (3, True)


@pytest.mark.parametrize(
    "text",
    [
        "Annotated[int, Field(ge=1, le=9)]",
        "conint(ge=1, le=9)",
        "Annotated[int, Interval(ge=1, le=9)]",
        "Annotated[int, Meta(ge=1, le=9)]",
        "Annotated[Annotated[int, Ge(1)], Le(9)]",
        "Annotated[Annotated[int, Ge(5), Le(9)], Ge(1)]",
    ],
)
def test_one_constraint_in_many_words(text: str) -> None:
    found = read(text).type
    assert isinstance(found, Scalar)
    assert (found.constraints.ge, found.constraints.le) == (1, 9)


def test_marks_of_a_member() -> None:
    assert read("ReadOnly[int]").read_only
    assert read("WriteOnly[str]").write_only
    assert read("Annotated[date, Column('visit_date')]").column == "visit_date"
    assert read("Annotated[int, 'how many']").description == "how many"
    assert read("str | Absent").absent
    assert not read("str | None").absent
    assert read("NotRequired[int]").absent
    assert read("ClassVar[int]").of_class
    assert read("Annotated[int, Field(default=3)]").default == 3
    assert read("Annotated[int, Field(...)]").default is UNSET
    assert read("Annotated[list, Field(default_factory=list)]").default == []
    assert read("Annotated[UUID, Field(default_factory=uuid4)]").default is ABSENT
    assert read("Annotated[int, Field(alias='orderCount')]").alias == "orderCount"


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        ("list[int, str]", "list[int, str]", "`list` takes one type in brackets"),
        ("dict[int]", "dict[int]", "`dict` takes two types in brackets"),
        ("[Order]", "[Order]", "`[Order]` is not a type"),
        ("list[[Order]]", "[Order]", "`[Order]` is not a type"),
        ("int[str]", "int[str]", "`int` takes no type in brackets"),
        ("5", "5", "`5` is not a type"),
        ("Annotated[int, Gee(1)]", "Gee(1)", "`Gee(1)` is no constraint"),
        ("Annotated[int, Ge]", "Ge", "`Ge` needs its value in parentheses"),
        ("Annotated[int, Ge('x')]", "'x'", "`'x'` is not a constant"),
        ("Annotated[int, Ge(LIMIT)]", "LIMIT", "`LIMIT` is not a constant"),
        ("Annotated[str, Len(-1)]", "-1", "a length is a whole number, not `-1`"),
        ("Annotated[str, Pattern(5)]", "5", "`Pattern` takes a string, not `5`"),
        ("Annotated[int]", "Annotated[int]", "`Annotated` takes a type and at least one constraint"),
        ("Literal[Order]", "Order", "`Order` is not a value that `Literal` can hold"),
        ("list[Absent]", "Absent", "`Absent` stands only beside the type of a member, as in `str | Absent = Absent`"),
        ("list[str", "[", "this is no valid Python: '[' was never closed"),
        ("ünï | [Ördér]", "[Ördér]", "`[Ördér]` is not a type"),
    ],
)
def test_what_is_wrong_is_underlined(text: str, part: str, message: str) -> None:
    assert refused(text) == [(part, message)]


def test_patterns_are_those_of_re2() -> None:
    (found,) = refused(r"Annotated[str, Pattern(r'(a)\1')]")
    assert found[0] == r"r'(a)\1'"
    assert found[1].startswith("this pattern cannot be matched in linear time")


def test_spans_reach_into_forward_references_and_later_lines() -> None:
    text = 'dict[\n    str,\n    list["Ördr | Foo"],\n]'
    found = read(text).type
    assert isinstance(found, Map)
    assert isinstance(found.value, Array)
    assert isinstance(found.value.item, Union)
    first, second = found.value.item.options
    assert (text[first.span.start : first.span.end], text[second.span.start : second.span.end]) == ("Ördr", "Foo")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "list[" * 50_000 + "int" + "]" * 50_000,
        "int" + " | int" * 50_000,
        "-" * 100_000 + "1",
        "a" + ".b" * 100_000,
        "Annotated[int, Ge(" + "(" * 50_000 + "1",
        "Annotated[int, Ge(9**9**9**9**9)]",
        "Annotated[int, Ge(" + "9*" * 90 + "9)]",
        "'" * 99_999,
        "\0",
        "\ud800",
        "Annotated[str, '\\ud800']",
        "Literal[" + "1," * 50_000 + "]",
        "lambda: " * 10_000 + "1",
        "ü" * 50_000 + "[" + "ü" * 50_000 + "]",
    ],
)
def test_hostile_annotations_end_in_a_value(text: str) -> None:
    read_annotation_text(Fragment(text, (0,)), [])
