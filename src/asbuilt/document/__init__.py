"""Markdown as located blocks, and its outline matched to the template."""

from asbuilt.document.blocks import (
    Block,
    Document,
    Fence,
    Heading,
    Html,
    ListBlock,
    ListItem,
    Paragraph,
    Quote,
    Row,
    Table,
    ThematicBreak,
    flattened,
    texts,
)
from asbuilt.document.file import UnreadableDocument, read_source
from asbuilt.document.markdown import read_blocks
from asbuilt.document.outline import Outline, Part, read_outline
from asbuilt.document.placeholders import Placeholder, placeholders
from asbuilt.document.setting import Setting, setting_name
from asbuilt.document.settings import Settings, read_settings
from asbuilt.document.template import SECTIONS, SUBSECTIONS, TITLES, Section, Subsection
from asbuilt.document.text import CodeSpan, Label, Link, Text
from asbuilt.document.yamltree import Mapping, Node, Scalar, Sequence, YamlDocument, read_yaml

__all__ = [
    "SECTIONS",
    "SUBSECTIONS",
    "TITLES",
    "Block",
    "CodeSpan",
    "Document",
    "Fence",
    "Heading",
    "Html",
    "Label",
    "Link",
    "ListBlock",
    "ListItem",
    "Mapping",
    "Node",
    "Outline",
    "Paragraph",
    "Part",
    "Placeholder",
    "Quote",
    "Row",
    "Scalar",
    "Section",
    "Sequence",
    "Setting",
    "Settings",
    "Subsection",
    "Table",
    "Text",
    "ThematicBreak",
    "UnreadableDocument",
    "YamlDocument",
    "flattened",
    "placeholders",
    "read_blocks",
    "read_outline",
    "read_settings",
    "read_source",
    "read_yaml",
    "setting_name",
    "texts",
]
