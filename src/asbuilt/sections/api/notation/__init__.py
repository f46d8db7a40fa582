"""The API section as authors write it, in any of the notations that are read."""

from collections.abc import Iterator

from asbuilt.document import Block, Fence, Outline, Table, flattened
from asbuilt.sections.api.model import Api
from asbuilt.sections.api.notation.contribution import merged
from asbuilt.sections.api.notation.endpoint_blocks import HAS_TOP_KEY, LISTS_ENDPOINTS, read_endpoint_blocks
from asbuilt.sections.api.notation.error_tables import error_columns, read_error_tables
from asbuilt.sections.api.notation.python import is_python, read_python

_KEYS = ("api", "api.endpoint-definitions", "api.schemas", "api.error-responses")


def read(outline: Outline) -> Api:
    """The endpoints, schemas and errors of a document. What cannot be read is a hole in its place."""
    blocks = sorted((block for key in _KEYS for block in outline.blocks(key)), key=lambda block: block.span.start)
    fences = [block for block in flattened(blocks) if isinstance(block, Fence)]
    python = [fence for fence in fences if is_python(fence)]
    endpoints = [fence for fence in fences if fence not in python and _is_endpoints(fence)]
    found = merged(
        (read_endpoint_blocks(endpoints), read_python(python), read_error_tables(list(_error_tables(blocks))))
    )
    return Api(
        tuple(one.endpoint for one in found.endpoints),
        found.definitions,
        found.errors,
        found.cross_origin,
        found.endpoint_holes,
        found.schema_holes,
        found.error_holes,
    )


def _is_endpoints(fence: Fence) -> bool:
    return bool(LISTS_ENDPOINTS.search(fence.body.text) or HAS_TOP_KEY.search(fence.body.text))


def _error_tables(blocks: list[Block]) -> Iterator[tuple[Table, dict[str, int]]]:
    for block in flattened(blocks):
        if isinstance(block, Table) and (where := error_columns(block)):
            yield block, where
