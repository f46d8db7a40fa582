"""Markdown into located blocks: what is found, and that every character is where it is said to be."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from asbuilt.document import (
    Document,
    Fence,
    Heading,
    Html,
    ListBlock,
    Paragraph,
    Quote,
    Table,
    Text,
    ThematicBreak,
    UnreadableDocument,
    flattened,
    read_blocks,
    read_outline,
    read_settings,
    read_source,
    texts,
)
from asbuilt.document.placeholders import placeholders
from asbuilt.source import Fragment, Source

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.md"))


def read(text: str) -> Document:
    return read_blocks(Source(Path("x.md"), text))


def only(text: str, kind: type):
    found = [block for block in flattened(read(text).blocks) if isinstance(block, kind)]
    assert len(found) == 1, found
    return found[0]


def prose(text: str) -> Text:
    return only(text, Paragraph).text


def fragments(document: Document) -> list[Fragment]:
    blocks = list(flattened(document.blocks))
    bodies = [block.body for block in blocks if isinstance(block, Fence | Html)]
    infos = [block.info.fragment for block in blocks if isinstance(block, Fence)]
    return [*bodies, *infos, *(text.fragment for text in texts(document.blocks))]


def assert_exact(document: Document) -> None:
    """Each character of each fragment is the source's at its offset, and spans are spans."""
    text = document.source.text
    for fragment in fragments(document):
        for at, char in enumerate(fragment.text):
            written = text[fragment.offset(at)]
            assert written == char or (char == "\n" and written in " \t\r\n"), (fragment, at)
    for block in flattened(document.blocks):
        assert 0 <= block.span.start <= block.span.end <= len(text)
    for part in texts(document.blocks):
        for code in part.code_spans:
            assert len(code.fragment.text) <= len(text[code.span.start : code.span.end])
        for link in part.links:
            assert link.span.start <= link.target_span.start <= link.target_span.end <= link.span.end


def test_every_kind_of_block_is_located():
    text = (
        "# Title\n\nProse\nof two lines.\n\n---\n\n- item\n  ```sql\n  SELECT 1;\n  ```\n\n> quoted\n\n"
        "| a | b |\n|---|---|\n| c | d |\n\n    indented\n\n<!-- note -->\n\nSetext\n======\n"
    )
    document = read(text)
    kinds = [type(block) for block in flattened(document.blocks)]
    assert kinds == [
        Heading, Paragraph, ThematicBreak, ListBlock, Paragraph, Fence, Quote, Paragraph, Table, Fence, Html, Heading
    ]  # fmt: skip
    written = [document.source.cut(block.span) for block in document.blocks]
    assert written == [
        "# Title",
        "Prose\nof two lines.",
        "---",
        "item\n  ```sql\n  SELECT 1;\n  ```",
        "quoted",
        "| a | b |\n|---|---|\n| c | d |",
        "indented",
        "<!-- note -->",
        "Setext\n======",
    ]


@pytest.mark.parametrize("breaks", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("```\na\n  b\n```", "a\n  b"),
        ("- x\n  ```py\n  a\n\n    b\n  ```", "a\n\n  b"),
        ("> ```\n> a\n>   b\n> ```", "a\n  b"),
        ("> - x\n>   ```\n>   a\n>    b\n>   ```", "a\n b"),
        ("1. x\n\n\t```\n\ta\n\t\tb\n\t```", "a\n\tb"),
        ("- x\n\n      code\n\n        more", "code\n\n  more"),
        ("   ```\n   a\n  b\n c\n   ```", "a\nb\nc"),
        ("~~~ sql\na ``` b\n~~~", "a ``` b"),
        ("````\n```\n````", "```"),
        ("```\n```", ""),
        ("- ```\n  \ta\n  ```", "\ta"),
        (">\t```\n>\ta\n>\t```", "\ta"),
    ],
)
def test_a_fence_maps_back_to_the_source(text: str, body: str, breaks: str, mark: str):
    document = read(mark + text.replace("\n", breaks))
    fence = next(block for block in flattened(document.blocks) if isinstance(block, Fence))
    assert fence.body.text.expandtabs(4).split() == body.expandtabs(4).split()
    assert_exact(document)
    if "\t" not in text:
        assert fence.body.text == body


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_examples_are_mapped_exactly(path: Path, breaks: str):
    assert_exact(read(path.read_text(encoding="utf-8").replace("\n", breaks)))


PIECES = ["a", "b c", "`", "``", "```", "~~~", "\n", "\n\n", "> ", "- ", "1. ", "  ", "    ", "\t", "|", "|-|-|", "\\|"]
PIECES += [
    "# ",
    "---",
    "===",
    "[",
    "](x)",
    "](",
    "<!--",
    "-->",
    "<Name>",
    "**",
    "_",
    "\r\n",
    "é",
    "日",
    "\\",
    "<br>",
    "[ ] ",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_whatever_is_written_is_mapped_exactly(text: str):
    document = read(text)
    assert_exact(document)
    list(placeholders(document))
    read_settings(document.blocks)
    read_outline(document)


REFERENCE = MarkdownIt("commonmark", {"maxNesting": 40}).enable("table").disable("reference")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["|", "-", ":", "a", " ", "\n", "\\", "> ", "- ", "|-|", "`"]), max_size=30).map("".join)
)
def test_tables_are_those_of_gfm(text: str):
    if text.startswith("---"):
        return
    expected: list[list[list[str]]] = []
    inside = False
    for token in REFERENCE.parse(text):
        if token.type == "table_open":
            expected.append([])
        if token.type in ("tr_open", "tr_close"):
            inside = token.type == "tr_open"
            expected[-1] += [[]] if inside else []
        if token.type == "inline" and inside:
            expected[-1][-1].append(token.content)
    found = []
    for block in flattened(read(text).blocks):
        if isinstance(block, Table):
            width = len(block.header.cells)
            rows = [[cell.text.replace("\\|", "|") for cell in row.cells] for row in (block.header, *block.rows)]
            found.append([row[:width] for row in rows])
    assert found == expected


def test_code_spans():
    def codes(text: str) -> list[str]:
        return [code.text for code in prose(text).code_spans]

    assert codes("`a` and ``b ` c`` and `` ` ``") == ["a", "b ` c", "`"]
    assert codes(r"\`no code\`, `foo\`") == ["foo\\"]
    assert codes("a `b\nc` d") == ["b c"]
    assert codes("`` never closed ` here") == []
    assert codes("[`in a link`](x) and **`in bold`**") == ["in a link", "in bold"]
    assert codes("a <!-- `in a comment` --> `after`") == ["after"]


def test_an_escaped_pipe_in_a_cell_keeps_the_length_of_its_code_span():
    table = only("| a |\n|---|\n| `str \\| None` |\n", Table)
    (code,) = table.rows[0].cells[0].code_spans
    assert code.text == "str | None"
    assert code.fragment.text == "str  | None"


def test_links():
    text = prose('[a `b`](c.md "title"), ![alt](<d e>), <https://f.g/h>, [i](j(k)l), [m](n\no) [p]\\(q)')
    assert [(link.text, link.target, link.image) for link in text.links] == [
        ("a `b`", "c.md", False),
        ("alt", "d e", True),
        ("https://f.g/h", "https://f.g/h", False),
        ("i", "j(k)l", False),
    ]
    assert [(link.text, link.target) for link in prose("[ref]: other.md#x").links] == [("ref", "other.md#x")]
    assert prose("`[a](b)`").links == ()


def test_plain_text_is_what_a_reader_sees():
    assert prose(r"**Bold** _it_ `c*d` [l](t) a_b_c 2\*3 &amp; <br>x <Name>").plain == (
        "Bold it c*d l a_b_c 2*3 & x <Name>"
    )


@pytest.mark.parametrize(
    ("text", "name", "note", "rest"),
    [
        ("**Language**: Python", "Language", None, "Python"),
        ("**Language:** Python", "Language", None, "Python"),
        ("**quote** (one): what for", "quote", "(one)", "what for"),
        ("__A b__ : c", "A b", None, "c"),
        ("**TTL** - 60s", "TTL", None, "60s"),
        ("**Empty**:", "Empty", None, ""),
    ],
)
def test_labels(text: str, name: str, note: str | None, rest: str):
    label = prose(text).label
    assert label is not None
    assert (label.name.text, label.note and label.note.text, label.rest.text) == (name, note, rest)
    assert prose(text).fragment.text[label.name.span.start :].startswith(name)


def test_bold_prose_is_no_label():
    assert prose("**Bold** prose goes on").label is None
    assert prose("plain: value").label is None


def test_lists_keep_numbers_and_boxes():
    ordered = only("3. a\n4. b\n", ListBlock)
    assert [(item.number, item.text and item.text.text) for item in ordered.items] == [(3, "a"), (4, "b")]
    tasks = only("- [ ] todo\n- [x] done\n- plain\n", ListBlock)
    assert [(item.checked, item.text and item.text.text) for item in tasks.items] == [
        (False, "todo"),
        (True, "done"),
        (None, "plain"),
    ]


def test_anchors_are_githubs():
    document = read("# Hello, World!\n## a `b_c` d\n## Hello World\n## 🚀 Go-Live\n## Ünïcode\n")
    anchors = [block.anchor for block in document.blocks if isinstance(block, Heading)]
    assert anchors == ["hello-world", "a-b_c-d", "hello-world-1", "-go-live", "ünïcode"]


def test_front_matter_is_yaml_above_everything():
    document = read("<!-- note -->\n---\ntitle: x\n---\n# T\n")
    assert document.front is not None
    assert document.source.cut(document.front.whole) == "title: x"
    assert [type(block) for block in document.blocks] == [Heading]
    assert read("---\n\nprose\n\n---\n").front is None
    assert read("---\nnever closed: x\n").front is None


def test_a_phrase_in_angle_brackets_is_prose():
    assert isinstance(read("<How component is discovered>\n").blocks[0], Paragraph)
    assert isinstance(read("<details>\nx\n</details>\n").blocks[0], Html)


def test_a_row_with_too_many_cells_is_a_hole():
    document = read("| a | b |\n|---|---|\n| c | `x | y` |\n| d |\n")
    (hole,) = document.holes
    assert "3 cells" in hole.message
    assert document.source.cut(hole.span) == "y`"
    table = document.blocks[0]
    assert isinstance(table, Table)
    assert [len(row.cells) for row in table.rows] == [3, 2]


def test_a_fence_may_be_labelled_with_odd_white_space():
    (fence,) = read_blocks(Source(Path("a.md"), "```\u2028\nx\n```\n")).blocks
    assert isinstance(fence, Fence)
    assert fence.label == ""


def test_an_unclosed_fence_is_a_hole():
    (hole,) = read("a\n\n  ```py\nb\n").holes
    assert "never closed" in hole.message
    assert read("```\na\n```\n- ```\n  b\n  ```\n").holes == ()
    assert len(read("- ```\n  b\n\nc\n").holes) == 1


@pytest.mark.parametrize("marker", ["> ", ">", "- ", "1. ", "* + "])
def test_nesting_without_end_is_a_hole(marker: str):
    document = read("before\n\n" + marker * 100_000 + "x\n")
    assert any("nested deeper" in hole.message for hole in document.holes)
    assert isinstance(document.blocks[0], Paragraph)


HOSTILE = {
    "quotes": lambda n: "> " * n + "x",
    "brackets": lambda n: "[" * n,
    "links": lambda n: "[a](" * n,
    "images": lambda n: "![a" * n + "](x)" * n,
    "titles": lambda n: '[a](x "' * n,
    "backticks": lambda n: "a" + "`" * n,
    "runs": lambda n: " ".join("`" * length for length in range(1, int((2 * n) ** 0.5))),
    "comments": lambda n: "a <!-- " * n,
    "angles": lambda n: "<Aa bb " * n,
    "emphasis": lambda n: "*a " * n + "a*" * n,
    "fences": lambda n: "- ```\n" * (n // 10),
    "wide table": lambda n: "|a" * (n // 2) + "|\n" + "|-" * (n // 2) + "|\n" + "|b" * (n // 2) + "|\n",
    "empty rows": lambda n: "|a" * (n // 8) + "|\n" + "|-" * (n // 8) + "|\n" + "|\n" * (n // 8),
    "heading": lambda n: "# a" + " " * n + ":" + "(" * n,
    "settings": lambda n: "```\na: b\n" + "  c\n" * (n // 4) + "```\n\n**a**: b\n" + "c\n" * (n // 4),
    "yaml": lambda n: "```yaml\n" + "[" * n + "\n```",
    "blanks": lambda n: "```\n" + " " * n + "x" + " " * n + "#\n```",
}


def cost(text: str) -> float:
    begin = time.process_time()
    document = read(text)
    read_outline(document)
    list(placeholders(document))
    read_settings(document.blocks)
    for part in texts(document.blocks):
        part.plain, part.code_spans, part.links  # noqa: B018 - found when asked for
    return time.process_time() - begin


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length_only(name: str):
    make = HOSTILE[name]
    small = min(cost(make(4_000)) for _ in range(2))
    assert cost(make(32_000)) < 8 * 4 * small + 0.2


def test_a_long_document_is_read_fast():
    piece = "## Part\n\nProse with `code`, a [link](#part)\nand **bold** words.\n\n"
    piece += "- **a**: b\n  ```sql\n  SELECT 1\n  ```\n\n"
    piece += "| a | b |\n|---|---|\n| `c` | d |\n| e | f |\n\n```\nx: 1\n```\n\n"
    text = piece * 500
    assert text.count("\n") > 9_000
    assert min(cost(text) for _ in range(2)) < 1  # a fifth of that on an idle machine; see benches for the measure


class TestReadSource:
    def refusal(self, path: Path | str) -> UnreadableDocument:
        with pytest.raises(UnreadableDocument) as caught:
            read_source(path)
        refusal = caught.value
        assert refusal.hint
        assert "\n" not in refusal.message
        return refusal

    def write(self, folder: Path, content: bytes) -> Path:
        path = folder / "x.md"
        path.write_bytes(content)
        return path

    def test_text_is_kept_but_for_the_mark(self, tmp_path: Path):
        assert read_source(self.write(tmp_path, b"\xef\xbb\xbf# \xc3\xa9\r\n")).text == "# é\r\n"

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "is empty"),
            (b" \n\t\n", "is empty"),
            (b"# a\0b", "is binary: byte 4"),
            (b"# ok\n\xc3\xa9\xff", "byte 0xff at line 2, column 2"),
            (b"\xef\xbb\xbfab\xff", "byte 0xff at line 1, column 3"),
            ("# a".encode("utf-16"), "UTF-16"),
        ],
    )
    def test_what_is_no_text_is_refused(self, tmp_path: Path, content: bytes, said: str):
        assert said in self.refusal(self.write(tmp_path, content)).message

    def test_size(self, tmp_path: Path):
        path = tmp_path / "x.md"
        with path.open("wb") as file:
            file.truncate(50_000_000)
        assert "50.0 MB" in self.refusal(path).message

    def test_missing_file_names_its_neighbour(self, tmp_path: Path):
        (tmp_path / "orders.md").write_text("# x")
        refusal = self.refusal(tmp_path / "order.md")
        assert "does not exist" in refusal.message
        assert "orders.md" in refusal.hint
        assert "does not exist" in self.refusal(tmp_path / "a" / "b.md").message

    def test_folder(self, tmp_path: Path):
        (tmp_path / "orders.md").write_text("# x")
        refusal = self.refusal(tmp_path)
        assert "is a folder" in refusal.message
        assert "orders.md" in refusal.hint

    def test_pipe_and_device_are_refused_without_waiting(self, tmp_path: Path):
        os.mkfifo(tmp_path / "pipe")
        assert "a pipe" in self.refusal(tmp_path / "pipe").message
        assert "a device" in self.refusal("/dev/null").message

    def test_odd_names(self, tmp_path: Path):
        assert "\x1b" not in self.refusal(tmp_path / "a\x1b[31m.md").message
        self.refusal("a\0b")
        self.refusal("x" * 5000)

    @pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
    def test_unreadable_file(self, tmp_path: Path):
        path = self.write(tmp_path, b"# x")
        path.chmod(0)
        assert "may not be read" in self.refusal(path).message


def test_deep_nesting_needs_no_deep_stack():
    program = (
        "import sys; from pathlib import Path; from asbuilt.source import Source; from asbuilt.document import *\n"
        "sys.setrecursionlimit(400)\n"
        "for mark in ('> ', '- ', '> - ', '['):\n"
        "    document = read_blocks(Source(Path('x'), mark * 50_000 + 'x'))\n"
        "    read_outline(document); [text.plain for text in texts(document.blocks)]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
