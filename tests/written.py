"""Parts of documents, as tests write them."""

from pathlib import Path

from asbuilt.document import read_blocks, read_outline
from asbuilt.language.types import Types
from asbuilt.sections.api import notation
from asbuilt.source import Source, Span

NOWHERE = Span(0, 0)


def types_of(schemas: str) -> Types:
    """The types that a fence of Python classes defines."""
    text = f"# T\n\n## API Implementation\n\n### Request/Response Schemas\n```python\n{schemas}\n```\n"
    return Types(notation.read(read_outline(read_blocks(Source(Path("t.md"), text)))).definitions)
