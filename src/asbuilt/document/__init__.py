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
from asbuilt.document.settings import Setting, setting_name
from asbuilt.document.template import SECTIONS, SUBSECTIONS, TITLES, Section, Subsection
from asbuilt.document.text import CodeSpan, Label, Link, Text

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
    "Outline",
    "Paragraph",
    "Part",
    "Quote",
    "Row",
    "Section",
    "Setting",
    "Subsection",
    "Table",
    "Text",
    "ThematicBreak",
    "UnreadableDocument",
    "flattened",
    "read_blocks",
    "read_outline",
    "read_source",
    "setting_name",
    "texts",
]
