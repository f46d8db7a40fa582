"""Settings: `Key: value` lines, bullets `- **Key**: value`, tables of two columns and YAML are one notation."""

import re
from collections.abc import Iterable

from asbuilt.diagnostics import Hole
from asbuilt.document.blocks import Block, Fence, Html, ListBlock, ListItem, Paragraph, Quote, Table
from asbuilt.document.lineitems import read_lines
from asbuilt.document.setting import Setting, setting_name
from asbuilt.document.text import Text, joined
from asbuilt.document.yamltree import Mapping, Node, Scalar, Sequence, read_yaml
from asbuilt.source import Fragment
from asbuilt.values import frozen

_PLAIN_KEY = re.compile(r"(?P<key>[^\W_](?:[^:\n`*|<>]{0,38}[^\s:`*|<>])?)[ \t]*:(?:[ \t]+|$)")
_CODE_KEY = re.compile(r"`(?P<key>[^`\n]{1,80})`[ \t]*:(?:[ \t]+|$)")
_MARKED = re.compile(r"(?P<mark>\*\*|__|[*_`])(?P<key>[^*_`]{1,100}?):?(?P=mark):?")
_YAML_LABELS = frozenset({"yaml", "yml", "json", "json5", "jsonc"})


@frozen
class Settings:
    """What blocks set, in order. `rest` is the prose among them that sets nothing, and blocks of other kinds."""

    settings: tuple[Setting, ...]
    rest: tuple[Text | Block, ...] = ()
    holes: tuple[Hole, ...] = ()

    def get(self, *names: str) -> Setting | None:
        """The first setting with one of the names, however they are spelt."""
        wanted = set(map(setting_name, names))
        return next((setting for setting in self.settings if setting.name in wanted), None)


def read_settings(blocks: Iterable[Block]) -> Settings:
    """The settings that blocks hold; a list or a fence after a key without a value belongs to that key."""
    found: list[Setting] = []
    rest: list[Text | Block] = []
    holes: list[Hole] = []
    for block in blocks:
        part = _of_block(block)
        holes += part.holes
        rest += part.rest
        open_key = bool(found) and not found[-1].value.text and not found[-1].children
        if open_key and part.settings and isinstance(block, ListBlock | Fence):
            last = found.pop()
            found.append(Setting(last.name, last.key, last.value, part.settings, last.note))
        else:
            found += part.settings
    return Settings(tuple(found), tuple(rest), tuple(holes))


def _of_block(block: Block) -> Settings:
    match block:
        case Paragraph():
            return _of_lines(block.text)
        case ListBlock():
            return _merged(_of_item(item) for item in block.items)
        case Quote():
            return read_settings(block.blocks)
        case Table() if len(block.header.cells) == 2:
            rows = [row.cells for row in block.rows]
            return Settings(tuple(_setting(_unmarked(cells[0]), cells[1]) for cells in rows if cells[0].text))
        case Fence():
            return _of_fence(block)
        case Html():
            return Settings(())
        case _:
            return Settings((), (block,))


def _merged(parts: Iterable[Settings]) -> Settings:
    several = tuple(parts)
    return Settings(
        tuple(setting for part in several for setting in part.settings),
        tuple(left for part in several for left in part.rest),
        tuple(hole for part in several for hole in part.holes),
    )


def _setting(key: Text, value: Text, children: tuple[Setting, ...] = (), note: Text | None = None) -> Setting:
    return Setting(setting_name(key.plain), key, value, children, note)


def _unmarked(cell: Text) -> Text:
    """A key without the emphasis or the backticks around it."""
    match = _MARKED.fullmatch(cell.text)
    return cell.part(*match.span("key")) if match else cell


def _labelled(text: Text, *, bold_only: bool = False) -> Setting | None:
    """The setting that a line is: a bold label or, unless those are asked for, a short plain key."""
    if label := text.label:
        return _setting(_unmarked(label.name), label.rest, note=label.note)
    match = None if bold_only else _PLAIN_KEY.match(text.text) or _CODE_KEY.match(text.text)
    if match is None:
        return None
    return _setting(text.part(*match.span("key")), text.part(match.end(), len(text.text)))


def _of_lines(text: Text) -> Settings:
    """A paragraph of settings, one per line. A line without a key continues the value before it."""
    found: list[tuple[Setting, list[Text]]] = []
    rest: list[Text] = []
    bold = False
    for line in text.lines:
        setting = _labelled(line, bold_only=bold)
        if setting:
            bold = bold or line.label is not None
            found.append((setting, [setting.value]))
        elif found:
            found[-1][1].append(line)
        else:
            rest.append(line)
    return Settings(tuple(_continued(setting, lines) for setting, lines in found), tuple(rest))


def _continued(setting: Setting, lines: list[Text]) -> Setting:
    value = joined([line for line in lines if line.text] or lines[:1])
    return Setting(setting.name, setting.key, value, setting.children, setting.note)


def _of_item(item: ListItem) -> Settings:
    """A bullet: its label is the key, and what is nested under it are its children. Without a label, an entry."""
    text = item.text
    if text is None:
        return read_settings(item.blocks)
    below = read_settings(item.blocks[1:])
    head = _labelled(text)
    setting = head or Setting("", text.part(0, 0), text)
    with_children = Setting(setting.name, setting.key, setting.value, below.settings, setting.note)
    return Settings((with_children,), below.rest, below.holes)


def _of_fence(fence: Fence) -> Settings:
    """By content: YAML where the label or a brace says so, or where lines of keys and values are not enough."""
    body = fence.body
    if not body.text.strip():
        return Settings(())
    expected = fence.label in _YAML_LABELS or body.text.lstrip().startswith(("{", "---"))
    if not expected:
        lines = read_lines(body)
        if not lines.unread:
            return Settings(lines.settings)
    tree = read_yaml(body)
    if isinstance(tree.root, Mapping | Sequence):
        return Settings(_of_node(tree.root))
    lines = read_lines(body)
    if expected and (lines.unread or tree.is_yaml):
        return Settings((), (fence,), tree.holes)
    if len(lines.unread) > len(lines.settings):
        return Settings((), (fence,))
    return Settings(lines.settings, tuple(map(Text, lines.unread)))


def front_settings(front: Fragment | None, blocks: Iterable[Block]) -> Settings:
    """What a document says of itself: YAML front matter, and the settings above its first section."""
    below = read_settings(block for block in blocks if not isinstance(block, Fence))
    if front is None:
        return below
    tree = read_yaml(front)
    above = _of_node(tree.root) if isinstance(tree.root, Mapping) else ()
    return Settings((*above, *below.settings), below.rest, (*tree.holes, *below.holes))


def _of_node(node: Node) -> tuple[Setting, ...]:
    """The entries of a mapping, or of a list, as settings; recursion ends at YAML's depth limit."""
    match node:
        case Mapping(entries):
            return tuple(_of_entry(Text(key.fragment), value) for key, value in entries)
        case Sequence(items):
            return tuple(_of_entry(Text(_start(item)), item) for item in items)
        case _:
            return ()


def _of_entry(key: Text, value: Node) -> Setting:
    if isinstance(value, Scalar):
        return _setting(key, Text(value.fragment))
    return _setting(key, Text(_start(value)), _of_node(value))


def _start(node: Node) -> Fragment:
    return Fragment("", (node.span.start,))
