"""The language of guards, permissions and validations: what is read, what is refused and where, what types agree."""

import random
import time

import pytest

from asbuilt.diagnostics import Hole
from asbuilt.language.condition import Comparison, Expression, Is, Literally, Logic, Membership, Not, Reference, parts
from asbuilt.language.condition_types import Held, Scope, faults
from asbuilt.language.conditions import DEEPEST, LONGEST, read_condition
from asbuilt.postgres.condition_sql import condition_sql
from asbuilt.postgres.grammar import parse
from asbuilt.source import Fragment

SCOPE = Scope(
    {
        "orders": {
            "id": Held("uuid"),
            "status": Held("str", ("pending", "paid")),
            "total_cents": Held("int"),
            "paid_at": Held("datetime"),
            "tags": Held("str", many=True),
            "urgent": Held("bool"),
            "extra": Held(None),
        }
    },
    own="orders",
    open=frozenset({"body", "principal"}),
    bound={"id": Held("uuid")},
)


def read(text: str) -> Expression | Hole:
    return read_condition(Fragment(text, (0,)))


def expression(text: str) -> Expression:
    found = read(text)
    assert not isinstance(found, Hole), found
    return found


def wrong(text: str) -> list[tuple[str, str, str]]:
    return [(text[h.span.start : h.span.end], h.message, h.hint) for h in faults(expression(text), SCOPE)]


def bare(one: Expression) -> str:
    """The expression fully in parentheses, so that its structure shows."""
    match one:
        case Literally(value=value):
            return repr(value)
        case Reference():
            return f"{':' * one.bound}{one.text}"
        case Comparison(operator=operator) | Logic(operator=operator):
            return "(" + f" {operator} ".join(map(bare, parts(one))) + ")"
        case Not(operand=operand):
            return f"(not {bare(operand)})"
        case Membership():
            return f"({bare(one.operand)} {'not ' * one.negated}in {' '.join(map(bare, one.listed))})"
        case Is():
            return f"({bare(one.operand)} is {'not ' * one.negated}{one.value})"
    return f"{type(one).__name__}({', '.join(map(bare, parts(one)))})"


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("a = 1 or b = 2 and c = 3", "((a = 1) or ((b = 2) and (c = 3)))"),
        ("(a = 1 or b = 2) and c = 3", "(((a = 1) or (b = 2)) and (c = 3))"),
        ("not a = 1 and b = 2", "((not (a = 1)) and (b = 2))"),
        ("a == 1 && !(b != 2) || c", "(((a = 1) and (not (b <> 2))) or c)"),
        ("status in ('a', \"b\")", "(status in 'a' 'b')"),
        ("status not in ['a']", "(status not in 'a')"),
        ("'clerk' in principal.roles", "('clerk' in principal.roles)"),
        ("note IS NOT NULL", "(note is not None)"),
        ("note is None", "(note is None)"),
        ("orders.customer_id = :principal.id", "(orders.customer_id = :principal.id)"),
        ("\"order\".status = 'it''s'", '(order.status = "it\'s")'),
        ("total between 1 and 9 and b", "(Between(total, 1, 9) and b)"),
        ("name not like 'a%'", "(not (name like 'a%'))"),
        ("paid_at < now() - 30m", "(paid_at < Arithmetic(Call(), Interval()))"),
        ("1 + 2 * 3 = -x", "(Arithmetic(1, Arithmetic(2, 3)) = Negative(x))"),
    ],
)
def test_structure(text: str, structure: str) -> None:
    assert bare(expression(text)) == structure


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("a <= x <= b", "<=", "comparisons are not chained", "write `a <= x and x <= b`"),
        ("a >> 3", ">", "`>>` is no comparison", "write `=`, `<>`, `<=` or `>=`"),
        ("a => 3", "=>", "`=>` is no comparison", "write `>=`"),
        ("a =", "", "the condition ends too early", "a name or a constant is missing here"),
        ("lenght(a) = 1", "lenght", "`lenght` is no function of conditions", "did you mean `length`?"),
        ("a 'b'", "'b'", "`'b'` is not expected here", "join conditions with `and` or `or`"),
        ("a::text = 'b'", "::", "a condition casts nothing", "compare with a constant of the column's own type"),
        ("name = 'abc", "'abc", "this text has no end", "close it with '"),
        ("(a = 1", "", "`)` is missing to close the parenthesis", ""),
        ("a is 3", "3", "`is` asks for `null`, `true` or `false`", "compare values with `=`"),
        ("; drop table orders", ";", "`;` has no meaning in a condition", ""),
        ("", "", "there is no condition", "say what must hold"),
    ],
)
def test_what_is_refused_and_where(text: str, place: str, message: str, hint: str) -> None:
    found = read(text)
    assert isinstance(found, Hole)
    assert (text[found.span.start : found.span.end], found.message, found.hint) == (place, message, hint)


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("total_cent > 0", "total_cent", "there is no `total_cent` here", "did you mean `total_cents`?"),
        ("status = 'piad'", "'piad'", "it can never be `piad`", "did you mean `paid`?"),
        ("total_cents > 'x'", "total_cents > 'x'", "an integer is compared with text", "compare like with like"),
        ("total_cents", "total_cents", "this is an integer, not a condition", "compare it with something"),
        ("paid_at = null", "paid_at = null", "a comparison with null never holds", "write `is null`"),
        ("paid_at > 30m", "paid_at > 30m", "a time stamp is compared with a duration", "compare like with like"),
        ("'a' in total_cents", "total_cents", "`in` asks for a list, and this is an integer", ""),
        ("length(total_cents) > 1", "total_cents", "`length` asks for text, and this is an integer", ""),
        ("total_cents + paid_at > 1", "total_cents + paid_at", "`+` does not go with an integer and a time stamp", ""),
        (":idd = id", ":idd", "there is no `:idd` here", "did you mean `id`?"),
    ],
)
def test_types(text: str, place: str, message: str, hint: str) -> None:
    assert wrong(text) == [(place, message, hint)]


@pytest.mark.parametrize(
    "text",
    [
        "urgent and not urgent is true",
        "order.total_cents > body.minimum",
        "id = '5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01' or id = :id",
        "paid_at between '2026-01-01' and now() - 7 days",
        "'vip' in tags and status in ('paid', 'pending')",
        "extra > 3 and extra = 'x'",
        "now() - paid_at > interval '2 hours'",
        "coalesce(total_cents, 0) % 2 = 0.0",
    ],
)
def test_what_is_right(text: str) -> None:
    assert wrong(text) == []


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("a = 1 or b = 2 and not c", "((o.a = 1) OR ((o.b = 2) AND (NOT o.c)))"),
        ("status in ('a', 'it''s')", "(o.status IN ('a', 'it''s'))"),
        ("'x' not in tags", "(NOT ('x' = ANY (o.tags)))"),
        ("a is not null and b is true", "((o.a IS NOT NULL) AND (o.b IS TRUE))"),
        ("paid_at < now() - 1h30m", "(o.paid_at < (pg_catalog.now() - interval '5400 seconds'))"),
        ("today() - day > 3", "((CURRENT_DATE - o.day) > 3)"),
        ("x not between -1 and --2.50", "(o.x NOT BETWEEN (- 1) AND (- (- 2.50)))"),
        ("trim(name) like 'a%' and name ~ '^b'", "((pg_catalog.btrim(o.name) LIKE 'a%') AND (o.name ~ '^b'))"),
        ("coalesce(a, b, 0) % 2 <> 1", "((COALESCE(o.a, o.b, 0) % 2) <> 1)"),
        ('name = "\'; drop table orders --"', "(o.name = '''; drop table orders --')"),
    ],
)
def test_sql(text: str, sql: str) -> None:
    found = condition_sql(expression(text), lambda name: f"o.{name.text}")
    assert found == sql
    assert parse(f"SELECT {found}") is not None


def test_nothing_nests_without_end() -> None:
    for text in ("(" * 5_000, "not " * 2_000 + "a", "-" * 5_000 + "a", "1" + "+1" * 4_000, "abs(" * 2_000):
        found = read(text)
        assert isinstance(found, Hole)
    assert not isinstance(read("(" * (DEEPEST - 1) + "a" + ")" * (DEEPEST - 1)), Hole)
    assert isinstance(read("a " * LONGEST), Hole)
    deep = "(" * (DEEPEST - 1) + "a" + " between 1 and 2)" * (DEEPEST - 1)
    assert len(faults(expression(deep), SCOPE)) < LONGEST


def test_any_text_is_read_in_time() -> None:
    chance = random.Random(7)  # noqa: S311 - the same texts each time
    words = [
        "a",
        "and",
        "or",
        "not",
        "in",
        "(",
        ")",
        "'x'",
        "=",
        "1",
        "30m",
        ",",
        "is",
        "null",
        "-",
        "between",
        "[",
        ".",
    ]
    started = time.perf_counter()
    for _ in range(2_000):
        found = read(" ".join(chance.choices(words, k=chance.randint(1, 12))))
        if not isinstance(found, Hole):
            faults(found, SCOPE)
    assert time.perf_counter() - started < 3
