"""What is absent goes, what is left stands: compiled statements against a naive account of the same statement."""
# ruff: noqa: E501, S608 - a statement and what becomes of it are compared best on one line; none is run

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.postgres.compile import compile_statement
from asbuilt.postgres.grammar import parse
from asbuilt.postgres.reading import read_statement, variant
from sqltext import fragment


def compiled(sql: str, *present: str) -> str:
    statement = read_statement(fragment(sql))
    assert statement.faults == ()
    return " ".join(compile_statement(statement, frozenset(present)).sql.split())


@pytest.mark.parametrize(
    ("sql", "present", "expected"),
    [
        ("SELECT * FROM t\nWHERE a = :a -- when a", "", "SELECT * FROM t"),
        ("SELECT * FROM t\nWHERE a = :a -- when a\n  AND b = :b -- when b\nLIMIT 1", "b", "SELECT * FROM t WHERE b = $1 LIMIT 1"),
        ("SELECT * FROM t WHERE\n  a = :a AND -- when a\n  b = :b\n", "", "SELECT * FROM t WHERE b = $1"),
        ("SELECT * FROM t WHERE a = 1\n  OR b = :b -- when b\n  AND c = 2", "", "SELECT * FROM t WHERE a = 1 AND c = 2"),
        ("SELECT * FROM t WHERE (\n  a = :a -- when a\n) AND NOT (\n b = :b -- when b\n)", "", "SELECT * FROM t"),
        ("SELECT * FROM t WHERE (\n  a = :a -- when a\n) AND NOT (\n b = :b -- when b\n)", "b", "SELECT * FROM t WHERE NOT ( b = $1 )"),
        ("SELECT * FROM t JOIN u ON\n  u.a = :a -- when a\nWHERE true", "", "SELECT * FROM t JOIN u ON true WHERE true"),
        ("SELECT * FROM t\nJOIN u USING (a) -- when u\nWHERE b", "", "SELECT * FROM t WHERE b"),
        ("SELECT * FROM t GROUP BY\n  a, -- when a\n  b -- when b\nHAVING\n  max(c) > :c -- when c", "", "SELECT * FROM t"),
        ("SELECT a\n, b -- when b\nFROM t ORDER BY\n a DESC, -- when a\n b -- when b\nLIMIT :n -- when n", "b", "SELECT a , b FROM t ORDER BY b"),
        ("SELECT DISTINCT\n a, -- when a\n b FROM t", "", "SELECT DISTINCT b FROM t"),
        ("SELECT a FROM t\nUNION ALL -- when u\nSELECT b FROM u -- when u\nORDER BY 1", "", "SELECT a FROM t ORDER BY 1"),
        ("SELECT * FROM t WHERE a IN (:a,\n :b, -- when b\n :c -- when c\n)", "c", "SELECT * FROM t WHERE a IN ($1, $2 )"),
        ("UPDATE t SET\n a = :a, -- when a\n b = :b -- when b\nWHERE id = :id", "b", "UPDATE t SET b = $1 WHERE id = $2"),
        ("UPDATE t\nSET a = :a -- when a\n, b = :b -- when b\nWHERE id = :id", "b", "UPDATE t SET b = $1 WHERE id = $2"),
        ("UPDATE t SET\n a = :a -- when a\nWHERE id = :id RETURNING *", "", "SELECT * FROM t WHERE id = $1"),
        ("UPDATE t SET\n a = :a -- when a\nWHERE id = :id", "", "SELECT FROM t WHERE id = $1"),
        (
            "UPDATE t AS x SET\n a = :a -- when a\nFROM u WHERE u.id = x.id AND u.b = :b RETURNING x.a, u.b",
            "",
            "SELECT x.a, u.b FROM t AS x , u WHERE u.id = x.id AND u.b = $1",
        ),
        (
            "WITH c AS (UPDATE t SET\n a = :a -- when a\nWHERE id = :id RETURNING *) SELECT * FROM c",
            "",
            "WITH c AS ( SELECT * FROM t WHERE id = $1 ) SELECT * FROM c",
        ),
        (
            "INSERT INTO t (id, a) VALUES (:id, :a) ON CONFLICT (id) DO UPDATE SET\n a = :a -- when a\nRETURNING *",
            "",
            "INSERT INTO t (id, a) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id RETURNING *",
        ),
        ("INSERT INTO t (\n a, -- when a\n b -- when b\n) VALUES (\n :a, -- when a\n :b -- when b\n)", "a", "INSERT INTO t ( a ) VALUES ( $1 )"),
        ("INSERT INTO t (\n a -- when a\n) VALUES (\n :a -- when a\n) RETURNING *", "", "INSERT INTO t DEFAULT VALUES RETURNING *"),
        ("SELECT * FROM t\n-- when f {\nWHERE a = :a\n  AND b = :b -- when b\n-- }\nLIMIT 3", "b", "SELECT * FROM t LIMIT 3"),
        ("SELECT * FROM t\n-- when f {\nWHERE a = :a\n  AND b = :b -- when b\n-- }\nLIMIT 3", "f", "SELECT * FROM t WHERE a = $1 LIMIT 3"),
        ("SELECT :b, :a, :b, :body.c, :a", "", "SELECT $1, $2, $1, $3, $2"),
        ("SELECT * FROM t LIMIT:limit OFFSET:offset;", "", "SELECT * FROM t LIMIT $1 OFFSET $2"),
        ("SELECT 'a -- when a', $$-- when b$$ -- said\n, /* :c -- when c */ :d::int", "", "SELECT 'a -- when a', $$-- when b$$ , $1::int"),
    ],
)  # fmt: skip
def test_compiled(sql: str, present: str, expected: str) -> None:
    assert compiled(sql, *present.split()) == expected


@dataclass(frozen=True)
class Leaf:
    """A predicate on a line of its own, present only with its parameter if `conditional`."""

    name: str
    conditional: bool

    def lines(self, _: bool) -> list[str]:
        return [f"c_{self.name} = :{self.name}"]

    def naive(self, present: frozenset[str]) -> str | None:
        return None if self.conditional and self.name not in present else f"c_{self.name} = :{self.name}"


@dataclass(frozen=True)
class Group:
    """Predicates under one connective, in parentheses, perhaps negated, perhaps all present only with one parameter."""

    name: str
    word: str
    parts: tuple["Leaf | Group", ...]
    negated: bool
    conditional: bool

    def lines(self, leading: bool) -> list[str]:
        inner = [f"    {line}" for line in joined(self.parts, self.word, leading)]
        return [f"{'NOT ' if self.negated else ''}(", *inner, ")"]

    def naive(self, present: frozenset[str]) -> str | None:
        if self.conditional and self.name not in present:
            return None
        kept = [text for part in self.parts if (text := part.naive(present)) is not None]
        if not kept:
            return None
        return f"{'NOT ' if self.negated else ''}({f' {self.word} '.join(kept)})"


def joined(parts: tuple[Leaf | Group, ...], word: str, leading: bool) -> list[str]:
    """The parts line by line, the connective before or behind each."""
    written: list[str] = []
    for at, part in enumerate(parts):
        lines = part.lines(leading)
        if leading and at:
            lines[0] = f"{word} {lines[0]}"
        if not leading and at + 1 < len(parts):
            lines[-1] = f"{lines[-1]} {word}"
        if part.conditional:
            lines = (
                [f"{lines[0]} -- when {part.name}"] if len(lines) == 1 else [f"-- when {part.name} {{", *lines, "-- }"]
            )
        written += lines
    return written


names = st.sampled_from("abcdefgh")
leaves = st.builds(Leaf, names, st.booleans())
predicates = st.recursive(
    leaves,
    lambda inner: st.builds(
        Group,
        names,
        st.sampled_from(["AND", "OR"]),
        st.lists(inner, min_size=1, max_size=4).map(tuple),
        st.booleans(),
        st.booleans(),
    ),
    max_leaves=10,
)
subsets = st.frozensets(names)


@dataclass(frozen=True)
class Listed:
    """An item of a comma list."""

    name: str
    text: str
    conditional: bool


def items(pattern: str, least: int = 0) -> st.SearchStrategy[list[Listed]]:
    made = st.builds(lambda name, when: Listed(name, pattern.format(name), when), names, st.booleans())
    return st.lists(made, min_size=least, max_size=4, unique_by=lambda each: each.name)


def commas(listed: list[Listed], leading: bool) -> list[str]:
    lines = []
    for at, item in enumerate(listed):
        text = f", {item.text}" if leading and at else item.text
        text = f"{text}," if not leading and at + 1 < len(listed) else text
        lines.append(f"    {text}" + (f" -- when {item.name}" if item.conditional else ""))
    return lines


def kept(listed: list[Listed], present: frozenset[str]) -> list[str]:
    return [item.text for item in listed if not item.conditional or item.name in present]


def same(written: str, present: frozenset[str], naive: str) -> None:
    """Asserts that a statement compiled for what is present is the naive one, and sound in itself."""
    statement = read_statement(fragment(written))
    assert statement.faults == (), written
    query = compile_statement(statement, present)
    expected = compile_statement(read_statement(fragment(naive)), frozenset())
    assert query.parameters == expected.parameters
    assert bare(query.sql) == bare(expected.sql), written
    assert query == compile_statement(statement, present)
    made = variant(statement, present)
    for word in re.finditer(r"\bc_\w\b", made.sql):
        at = made.offset(word.start())
        assert written[at : at + 3] == word[0]


def bare(sql: str) -> object:
    tree = parse(sql)
    assert tree is not None
    return unplaced(tree.node)


def unplaced(value: object) -> object:
    if isinstance(value, dict):
        return {key: unplaced(inner) for key, inner in value.items() if key != "location"}
    return [unplaced(inner) for inner in value] if isinstance(value, list) else value


@given(st.lists(predicates, min_size=1, max_size=4).map(tuple), st.sampled_from(["AND", "OR"]), st.booleans(), subsets)
def test_predicates(parts: tuple[Leaf | Group, ...], word: str, leading: bool, present: frozenset[str]) -> None:
    written = "\n".join(["SELECT * FROM t", "WHERE", *joined(parts, word, leading), "LIMIT 3"])
    found = [text for part in parts if (text := part.naive(present)) is not None]
    where = f"WHERE {f' {word} '.join(found)}" if found else ""
    same(written, present, f"SELECT * FROM t {where} LIMIT 3")


@given(items("c_{0}"), items("c_{0} DESC"), st.booleans(), st.booleans(), subsets)
def test_lists(
    columns: list[Listed], keys: list[Listed], leading: bool, limited: bool, present: frozenset[str]
) -> None:
    lines = ["SELECT", *commas(columns, leading), "FROM t"]
    lines += ["ORDER BY", *commas(keys, leading)] if keys else []
    lines += ["LIMIT :h -- when h"] if limited else []
    order = ", ".join(kept(keys, present))
    naive = f"SELECT {', '.join(kept(columns, present))} FROM t {f'ORDER BY {order}' if order else ''}"
    same("\n".join(lines), present, naive + (" LIMIT :h" if limited and "h" in present else ""))


@given(items("c_{0} = :{0}", least=1), predicates, st.booleans(), st.booleans(), subsets)
def test_changes(
    sets: list[Listed], where: Leaf | Group, leading: bool, answered: bool, present: frozenset[str]
) -> None:
    lines = ["UPDATE t SET", *commas(sets, leading), "WHERE", *joined((where,), "AND", leading)]
    lines += ["RETURNING *"] if answered else []
    found = where.naive(present)
    condition = f" WHERE {found}" if found else ""
    changes = ", ".join(kept(sets, present))
    if changes:
        naive = f"UPDATE t SET {changes}{condition}{' RETURNING *' if answered else ''}"
    else:
        naive = f"SELECT {'*' if answered else ''} FROM t{condition}"
    same("\n".join(lines), present, naive)


@given(
    st.lists(st.tuples(names, st.booleans()), min_size=1, max_size=5, unique_by=lambda each: each[0]),
    st.booleans(),
    subsets,
)
def test_insertions(columns: list[tuple[str, bool]], leading: bool, present: frozenset[str]) -> None:
    listed = [Listed(name, f"c_{name}", when) for name, when in columns]
    values = [Listed(name, f":{name}", when) for name, when in columns]
    lines = ["INSERT INTO t (", *commas(listed, leading), ") VALUES (", *commas(values, leading), ") RETURNING *"]
    left, right = ", ".join(kept(listed, present)), ", ".join(kept(values, present))
    naive = f"INSERT INTO t ({left}) VALUES ({right})" if left else "INSERT INTO t DEFAULT VALUES"
    same("\n".join(lines), present, f"{naive} RETURNING *")
