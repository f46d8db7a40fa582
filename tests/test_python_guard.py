"""No text may crash, stall or derail Python's parser, and every place in a tree is a place in the document."""

import ast
import random
import time

import pytest

from asbuilt.diagnostics import Hole
from asbuilt.language.parser import MAX_LENGTH, parse_python, span_of
from asbuilt.source import Fragment, Source


def fragment(text: str, *, indent: int = 0, before: str = "") -> tuple[Source | None, Fragment]:
    """The text as it would stand in a document: after `before`, each line indented."""
    document, origins = before, []
    for line in text.split("\n"):
        document += " " * indent
        origins.append(len(document))
        document += line + "\n"
    return document, Fragment(text, tuple(origins))


def test_a_node_is_found_in_the_document_behind_indentation_and_wide_characters():
    document, code = fragment(
        'größe = "π𝄞"; x = größe.länge(a)\nif größe:\n    return_ = "ü" + y', indent=3, before="# T\n"
    )
    tree = parse_python(code)
    assert isinstance(tree, ast.Module)
    written = {
        node.id if isinstance(node, ast.Name) else ast.dump(node): node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Constant)
    }
    for name in ("x", "a", "y", "return_"):
        span = span_of(written[name], code)
        assert document[span.start : span.end] == name
    constant = next(node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    span = span_of(constant, code)
    assert document[span.start : span.end] == '"π𝄞"'


def test_a_module_spans_its_fragment():
    _, code = fragment("a = 1\nb = 2", before="xx\n")
    assert span_of(parse_python(code), code) == code.whole


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("x = (1\ny = 2", "(", "'(' was never closed"),
        ("ü = 1\nü ü = 2", "ü", "invalid syntax"),
        ("def f():\nreturn 1", "return", "expected an indented block after function definition on line 1"),
        ("x = 'abc", "'", "unterminated string literal (detected at line 1)"),
        ("x = 1 +", "+", "invalid syntax"),
    ],
)
def test_a_syntax_error_is_a_hole_at_its_place(text, place, message):
    document, code = fragment(text, indent=2, before="before\n")
    hole = parse_python(code)
    assert isinstance(hole, Hole)
    assert message in hole.message
    assert document[hole.span.start : hole.span.end].startswith(place)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "(" * 100_000 + ")" * 100_000,
        "[" * 500 + "]" * 500,
        "x = " + "-" * 100_000 + "1",
        "x = " + "not " * 60_000 + "1",
        "x = " + "lambda: " * 30_000 + "1",
        "x = a" + ".a" * 100_000,
        "x = a" + "()" * 100_000,
        "x = a" + "[0]" * 50_000,
        "x = 1" + " + 1" * 50_000,
        "x = 1" + " if 1 else 1" * 20_000,
        "x = " + "1 ** " * 40_000 + "1",
        "x = " + "await " * 40_000 + "1",
        "x = f'{" + "-" * 100_000 + "1}'",
        "x = f'{" + "(" * 100_000 + ")" * 100_000 + "}'",
        "x = " + 'f"{' * 50_000 + '}"' * 50_000,
        "if 1: pass\n" + "elif 1: pass\n" * 19_000,
        "".join(" " * depth + "if 1:\n" for depth in range(600)) + " " * 600 + "pass",
        "x = '''" + "\\" * 100_001,
        "x" + " \\\n" * 80_000,
        "'" * 200_001,
        "x = " + "9" * 200_000,
        "\0",
        "x = '\ud800'",
        "é" * 200_000,
        "x" * (MAX_LENGTH + 1),
        "1 1\n" * 60_000,
        "{1:" * 30_000,
        "match x:\n case " + "[" * 90 + "1 1" + "]" * 90 + ": pass",
    ],
    ids=range(29),
)
def test_hostile_text_is_refused_quickly(text):
    _, code = fragment(text)
    started = time.perf_counter()
    assert isinstance(parse_python(code), Hole)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "text",
    [
        "x = '\\d'",
        "table = [\n" + "".join(f"    {{'a': -{n}, 'b': not x.y.z(1 + {n})}},\n" for n in range(2_000)) + "]",
        "def f(a):\n" + "    a.b(c + 1)\n" * 5_000,
        "x = '" + "((((" * 10_000 + "'  # " + "((((" * 1_000,
        "print(f'{a}" + "-" * 200 + "{b}')",
        "if a: pass\n" + "elif b: pass\n" * 90 + "else: pass\n" + "if a: pass\nelif b: pass\n" * 1_000,
        "@a\n" * 200 + "async def f(): ...",
    ],
    ids=range(7),
)
def test_ordinary_large_text_is_read(text):
    _, code = fragment(text)
    assert isinstance(parse_python(code), ast.Module)


def test_mutations_never_raise():
    seed = (
        "async def place(body: Order, *, n: int = 3) -> Order:\n"
        '    for ligne in body["ü"]:\n        raise ERR(x=f"{ligne!r:>{n}}")\n'
    )
    shuffle = random.Random(7)  # noqa: S311 - a fixed seed, no secret
    for _ in range(500):
        text = list(seed)
        for _ in range(shuffle.randrange(1, 12)):
            text[shuffle.randrange(len(text))] = chr(
                shuffle.choice([shuffle.randrange(128), shuffle.randrange(0x3000)])
            )
        document, code = fragment("".join(text), indent=2)
        tree = parse_python(code)
        if isinstance(tree, ast.Module):
            for node in ast.walk(tree):
                span = span_of(node, code)
                assert 0 <= span.start <= span.end <= len(document)
        else:
            assert 0 <= tree.span.start <= tree.span.end <= len(document)
