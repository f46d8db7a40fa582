"""Types as documents could have them, made by hypothesis."""

from decimal import Decimal

from hypothesis import strategies as st

from asbuilt.language.types import (
    ABSENT,
    UNSET,
    Anything,
    Array,
    Choice,
    Constraints,
    Field,
    Map,
    Named,
    Null,
    Scalar,
    Schema,
    Type,
    Types,
    Union,
)
from written import NOWHERE

PATTERNS = (
    r"[A-Z]{3}-[0-9]{4}",
    r"[a-z]+",
    r"\d{4}-\d{2}",
    r"[\w.+-]+@[\w-]+\.[\w.]+",
    r"[^/]*",
    r"(a|b)+c?",
    "",
    r"\S+",
)
_KINDS = ("bool", "uuid", "datetime", "date", "time", "timedelta", "bytes")


@st.composite
def texts(draw: st.DrawFn) -> Type:
    pattern = draw(st.sampled_from((None, None, *PATTERNS)))
    least = draw(st.none() | st.integers(0, 12))
    most = draw(st.none() | st.integers(least or 0, 60))
    return Scalar("str", NOWHERE, Constraints(pattern=pattern, min_length=least, max_length=most))


@st.composite
def numbers(draw: st.DrawFn) -> Type:
    kind = draw(st.sampled_from(("int", "float", "decimal")))
    whole = st.integers(-(10**6), 10**6)
    bound = whole if kind == "int" else whole | st.integers(-1000, 1000).map(lambda n: Decimal(n) / 4)
    low, width = draw(st.none() | bound), draw(st.none() | st.integers(0, 1000))
    high = None if width is None else (low if low is not None else draw(bound)) + width
    outside = draw(st.booleans()), draw(st.booleans())
    step = draw(
        st.sampled_from((None, None, 1, 5, 10) if kind == "int" else (None, None, 1, Decimal("0.01"), Decimal("0.5")))
    )
    return Scalar(
        kind,
        NOWHERE,
        Constraints(
            ge=None if outside[0] else low,
            gt=low if outside[0] else None,
            le=None if outside[1] else high,
            lt=high if outside[1] else None,
            multiple_of=step,
        ),
    )  # fmt: skip


def choices() -> st.SearchStrategy[Type]:
    constants = st.sampled_from(("a", "b", "low", "", 1, 2, True, None))
    return st.lists(constants, min_size=1, max_size=4).map(lambda values: Choice(tuple(values), NOWHERE))


def simple() -> st.SearchStrategy[Type]:
    plain = st.sampled_from(_KINDS).map(lambda kind: Scalar(kind, NOWHERE))
    return st.one_of(texts(), numbers(), plain, choices(), st.just(Anything(NOWHERE)))


def _sizes() -> st.SearchStrategy[Constraints]:
    bounds = st.tuples(st.none() | st.integers(0, 3), st.none() | st.integers(3, 6), st.booleans())
    return bounds.map(lambda each: Constraints(min_length=each[0], max_length=each[1], unique=each[2]))


def _around(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    optional = inner.map(lambda type_: Union((type_, Null(NOWHERE)), NOWHERE))
    several = st.tuples(inner, inner).map(lambda options: Union(options, NOWHERE))
    maps = st.tuples(inner, st.none() | st.integers(0, 2)).map(
        lambda e: Map(e[0], NOWHERE, Constraints(min_length=e[1]))
    )
    return st.one_of(st.tuples(inner, _sizes()).map(lambda e: Array(e[0], NOWHERE, e[1])), optional, several, maps)


def types() -> st.SearchStrategy[Type]:
    return st.recursive(simple(), _around, max_leaves=4)


@st.composite
def documents(draw: st.DrawFn) -> Types:
    """Schemas `S0`, `S1`, ... of which each may hold those before it and, optionally, itself."""
    schemas = []
    for number in range(draw(st.integers(1, 3))):
        known = st.sampled_from([f"S{other}" for other in range(number)] or ["S0"]).map(
            lambda name: Named(name, NOWHERE)
        )
        fields = []
        for at in range(draw(st.integers(1, 4))):
            itself = not number or draw(st.booleans())
            type_ = draw(types() if itself else known | _around(known))
            default = draw(st.sampled_from((UNSET, UNSET, ABSENT)))
            fields.append(Field(f"f{at}", type_, NOWHERE, default))
        if draw(st.booleans()):
            own = Union((Named(f"S{number}", NOWHERE), Null(NOWHERE)), NOWHERE)
            fields.append(Field("own", own, NOWHERE, ABSENT))
        schemas.append(Schema(f"S{number}", tuple(fields), NOWHERE, NOWHERE))
    return Types(tuple(schemas))
