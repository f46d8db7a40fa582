"""Algorithms as people write them: Python by content, files by link, promises about cost; nothing is executed."""

import ast
import random
import time
from pathlib import Path

import pytest

from asbuilt.document import read_blocks, read_outline
from asbuilt.language.types import spelled
from asbuilt.sections.algorithms import Algorithm, Algorithms, Complexity, notation, rules
from asbuilt.source import Source

PLACE = """async def place_order(body: PlaceOrder, db: Database, inventory: Inventory, limit: int = 20) -> Order:
    prices = {row.sku: row for row in await db.prices_of(skus=[line.sku for line in body.lines])}
    for line in body.lines:
        if line.sku not in prices:
            raise UNKNOWN_SKU
        if not await inventory.reserve(sku=line.sku, quantity=line.quantity):
            raise OUT_OF_STOCK(sku=line.sku)
    return await db.insert_order(note=body.note, total=total(prices))
"""


def read(text: str, path: Path = Path("a.md")) -> tuple[Algorithms, Source]:
    source = Source(path, f"# A\n\n## Core Algorithms\n\n{text}\n")
    return notation.read(read_outline(read_blocks(source))), source


def one(code: str, label: str = "python", after: str = "") -> tuple[Algorithm, Source]:
    algorithms, source = read(f"### Place Order\n```{label}\n{code}```\n\n{after}")
    assert not algorithms.holes
    return algorithms.functions[0], source


def names(algorithms: Algorithms) -> list[str]:
    return [finding.name for rule in rules.RULES for finding in rule(algorithms)]


def test_a_function_is_read_with_all_it_asks_for():
    function, source = one(PLACE)
    assert (function.name.text, function.heading, function.is_async) == ("place_order", "Place Order", True)
    assert [(a.name.text, spelled(a.type) if a.type else None) for a in function.arguments] == [
        ("body", "PlaceOrder"),
        ("db", "Database"),
        ("inventory", "Inventory"),
        ("limit", "int"),
    ]
    assert function.arguments[3].default == 20
    assert [name.text for name in function.raises] == ["UNKNOWN_SKU", "OUT_OF_STOCK"]
    assert [name.text for name in function.names_used] == ["UNKNOWN_SKU", "OUT_OF_STOCK", "total"]
    assert [(c.target, c.name.text, c.repeated, [k.text for k in c.keywords]) for c in function.calls] == [
        ("db", "prices_of", False, ["skus"]),
        ("inventory", "reserve", True, ["sku", "quantity"]),
        ("db", "insert_order", False, ["note", "total"]),
    ]
    written = [function.name, *(a.name for a in function.arguments), *function.raises, *function.names_used]
    written += [c.name for c in function.calls] + [k for c in function.calls for k in c.keywords]
    assert [source.cut(name.span) for name in written] == [name.text for name in written]


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        ("return db.x()", False),
        ("for _ in range(9): db.x()", True),
        ("while db.x(): pass", True),
        ("return [1 for row in db.x() if row]", False),
        ("return [db.x() for row in rows]", True),
        ("return [1 for row in rows for _ in db.x()]", True),
        ("def inner(): return db.x()\n    return map(inner, rows)", True),
        ("db.x()\n    return f(db)", True),
        ("if db.x(): return 1", False),
    ],
)
def test_what_may_run_again_is_known(body, repeated):
    function, _ = one(f"def f(db, rows=()):\n    {body}\n")
    assert [call.repeated for call in function.calls] == [repeated]


def test_mutual_recursion_repeats():
    algorithms, _ = read(
        "### A\n```python\ndef f(db):\n    db.x()\n    g(db)\n\n"
        "def g(db):\n    db.y()\n    f(db)\n\ndef h(db): db.z()\n```\n"
    )
    assert [c.repeated for f in algorithms.functions for c in f.calls] == [True, True, False]


def test_exceptions_that_are_no_error_codes_are_left_alone():
    algorithms, _ = read(
        "### A\n```python\nfrom x import Broken\n\nclass Mine(Exception): ...\n\ndef f(error):\n"
        "    raise ValueError\n    raise Broken\n    raise Mine()\n    raise error\n    raise GONE from error\n```\n"
    )
    assert [name.text for name in algorithms.functions[0].raises] == ["GONE"]


def test_the_tree_bears_the_lines_and_columns_of_the_document():
    algorithms, source = read("### A\n- then\n  ```python\n  def f():\n      return größe\n  ```\n")
    (module,) = algorithms.modules
    name = next(node for node in ast.walk(module.tree) if isinstance(node, ast.Name))
    line = source.text.splitlines()[name.lineno - 1].encode()
    assert line[name.col_offset : name.end_col_offset].decode() == "größe"
    compile(module.tree, "a.md", "exec")


@pytest.mark.parametrize(
    "fence",
    [
        "```\nfor each line in lines:\n    reserve stock\n```",
        "```pseudocode\ndef f(x):\n    return x\n```",
        "```\ndef place(order):\n    for each line in order:\n        reserve the stock of line\n    done\n```",
        "```go\nfunc f() int { return 1 }\n```",
        "```\nPROCEDURE place(order)\nBEGIN\nEND\n```",
        "    an indented block\n",
    ],
)
def test_pseudocode_stays_prose_and_is_counted(fence):
    algorithms, _ = read(f"### Place Order\n{fence}\n\n**Complexity**: O(n)\n")
    assert [name.text for name in algorithms.pseudocode] == ["Place Order"]
    assert (algorithms.functions, algorithms.holes, names(algorithms)) == ((), (), [])


def test_one_slip_in_an_unlabelled_function_is_a_slip_in_python():
    algorithms, _ = read("### A\n```\ndef f(db):\n    x = (1\n    return x\n```\n")
    assert names(algorithms) == ["python-syntax"]


def test_a_broken_statement_leaves_the_others():
    algorithms, _ = read(
        "### A\n```python\ndef f(db):\n    return 1\n\ndef g(:\n    return 2\n\ndef h(db):\n    return 3\n```\n"
    )
    assert [f.name.text for f in algorithms.functions] == ["f", "h"]
    assert names(algorithms) == ["python-syntax"]


def test_an_example_of_a_call_defines_nothing():
    algorithms, _ = read("### A\n```python\nprint(place_order(body))\n```\n")
    assert algorithms == Algorithms()


def test_functions_share_one_namespace():
    algorithms, _ = read("### A\n```python\ndef f(): ...\n```\n### B\n```python\ndef f(): ...\n```\n")
    assert names(algorithms) == ["duplicate-algorithm"]


@pytest.mark.parametrize(
    ("text", "promises"),
    [
        ("O(n log n) in `lines`", [("n log n", "lines", None, None)]),
        ("O(1)", [("1", None, None, None)]),
        ("O(n + m) time, O(n) space", [("n + m", None, None, None)]),
        ("exactly 3 statements", [(None, None, "3", "exactly")]),
        ("at most 8 statements", [(None, None, "8", "at most")]),
        ("exactly n statements, O(n) in lines", [(None, None, "n", "exactly"), ("n", "lines", None, None)]),
        ("one statement", [(None, None, "1", "exactly")]),
        ("at most n + 1 queries", [(None, None, "n + 1", "at most")]),
        ("O(n²) where n is the number of rows", [("n²", None, None, None)]),
        ("quick, all prepared statements", []),
        ("linear", []),
    ],
)
def test_promises_about_cost(text, promises):
    algorithms, source = read(
        f"### F\n```python\ndef f(): ...\n```\n\n**Complexity**: {text}\n**Key Optimizations**: none\n"
    )
    found = algorithms.functions[0].complexity
    assert [(c.order, c.of, c.statements, c.bound) for c in found] == promises
    assert [source.cut(c.span) for c in found] == [c.text for c in found]
    assert names(algorithms) == ([] if promises else ["malformed-complexity"])


def test_a_promise_is_about_the_function_of_the_heading():
    algorithms, _ = read(
        "### Place Order\n```python\ndef place_order(): ...\n\ndef total(): ...\n```\n- **Complexity**: O(n)\n"
    )
    assert [len(f.complexity) for f in algorithms.functions] == [1, 0]
    assert isinstance(algorithms.functions[0].complexity[0], Complexity)


def test_a_linked_function_is_read_and_never_executed(tmp_path):
    (tmp_path / "code").mkdir()
    mark = tmp_path / "mark"
    (tmp_path / "code" / "orders.py").write_text(
        f"open({str(mark)!r}, 'w')\nRATE = 3\n\n"
        "def place_order(body, db):\n    return db.insert()\n\ndef other(): ...\n"
    )
    algorithms, source = read(
        "### A\nSee [`place_order`](code/orders.py), and [place_order](code/orders.py) again.\n", tmp_path / "a.md"
    )
    assert [(f.name.text, source.cut(f.span)) for f in algorithms.functions] == [
        ("place_order", "[`place_order`](code/orders.py)")
    ]
    assert [module.path for module in algorithms.modules] == [tmp_path / "code" / "orders.py"]
    assert (names(algorithms), mark.exists()) == ([], False)


def test_files_elsewhere_are_not_read(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "f.py").write_text("def f(): ...\n")
    (inside / "away.py").symlink_to(outside / "f.py")
    (inside / "folder").symlink_to(outside)
    (inside / "near.py").write_text("def f(): ...\n")
    (inside / "large.py").write_text("#" * 600_000)
    (inside / "binary.py").write_bytes(b"\xff\xfe\x00")
    (inside / "broken.py").write_text("x = 1\ndef f(:\n")
    (inside / "loop.py").symlink_to(inside / "loop.py")
    targets = [
        "../out/f.py",
        str(outside / "f.py"),
        "away.py",
        "folder/f.py",
        "large.py",
        "binary.py",
        "broken.py",
        "loop.py",
        "a%00.py",
    ]
    for target in targets:
        algorithms, _ = read(f"### A\n[f]({target})\n", inside / "a.md")
        assert (algorithms.functions, names(algorithms)) == ((), ["python-syntax"]), target
    algorithms, _ = read(
        "### A\n[f](near.py), [f](gone.py), [f](near.py/x.py), [site](https://a.example/f.py)\n", inside / "a.md"
    )
    assert ([f.name.text for f in algorithms.functions], names(algorithms)) == (["f"], [])


def test_mutations_never_raise():
    seed = f"### A\n```python\n{PLACE}```\n**Complexity**: O(n) in `lines`, exactly 1 statements\n[f](g.py)\n"
    shuffle = random.Random(5)  # noqa: S311 - a fixed seed, no secret
    for _ in range(500):
        text = list(seed)
        for _ in range(shuffle.randrange(1, 12)):
            text[shuffle.randrange(len(text))] = chr(
                shuffle.choice([shuffle.randrange(128), shuffle.randrange(0x3000)])
            )
        algorithms, source = read("".join(text))
        for rule in rules.RULES:
            assert all(0 <= f.span.start <= f.span.end <= len(source.text) for f in rule(algorithms))
        for module in algorithms.modules:
            ast.fix_missing_locations(module.tree)


@pytest.mark.parametrize(
    "code",
    [
        "".join(f"def f{n}(db): f{n + 1}(db)\n" for n in range(3_000)),
        "def f(db):\n" + "    db.x(a=1)\n" * 5_000,
        "def f(db):\n" + "".join(" " * 4 * (n + 1) + "for x in db.y():\n" for n in range(19)) + " " * 80 + "pass\n",
    ],
    ids=range(3),
)
def test_time_is_linear(code):
    started = time.perf_counter()
    read(f"### A\n```python\n{code}```\n**Complexity**: {'O(n) ' * 20_000}")
    assert time.perf_counter() - started < 5
