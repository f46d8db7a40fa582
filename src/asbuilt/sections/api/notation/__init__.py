"""The API section as authors write it, in any of the notations that are read.

Each notation is a file of its own: it says which blocks are its own, by what they hold, and reads them.
"""

from collections.abc import Iterator, Sequence

from asbuilt.document import Block, Outline, Table, flattened
from asbuilt.language.examples import Inference
from asbuilt.sections.api.model import Api, ErrorRow
from asbuilt.sections.api.notation.base_paths import read_base_path
from asbuilt.sections.api.notation.contribution import Contribution, merged
from asbuilt.sections.api.notation.elsewhere import defined_elsewhere
from asbuilt.sections.api.notation.endpoint_blocks import read_endpoint_blocks
from asbuilt.sections.api.notation.endpoint_prose import Walker
from asbuilt.sections.api.notation.endpoint_tables import is_endpoint_table, read_endpoint_tables
from asbuilt.sections.api.notation.error_prose import read_error_prose
from asbuilt.sections.api.notation.error_tables import error_columns, read_error_tables
from asbuilt.sections.api.notation.express import read_express
from asbuilt.sections.api.notation.fences import Fences, sorted_fences
from asbuilt.sections.api.notation.http_examples import read_http_examples
from asbuilt.sections.api.notation.merging import merge_mentions, with_examples, with_phrases_that_are_schemas
from asbuilt.sections.api.notation.openapi import read_openapi
from asbuilt.sections.api.notation.phrases import Phrases
from asbuilt.sections.api.notation.python import read_python
from asbuilt.sections.api.notation.schema_prose import SchemaProse
from asbuilt.sections.api.notation.type_fences import read_type_fences

_KEYS = ("api", "api.endpoint-definitions", "api.schemas", "api.error-responses")


def read(outline: Outline) -> Api:
    """The endpoints, schemas and errors of a document. What cannot be read is a hole in its place."""
    blocks = sorted((block for key in _KEYS for block in outline.blocks(key)), key=lambda block: block.span.start)
    fences = sorted_fences(blocks)
    stated = merged(
        (
            read_endpoint_blocks(fences.endpoints),
            read_openapi(fences.structured),
            read_python(fences.python),
            read_type_fences(fences.typed),
            read_express(fences.express),
            read_error_tables(list(_error_tables(blocks))),
        )
    )
    phrases = Phrases(Inference(taken={definition.name for definition in stated.definitions}))
    told = merged((read_endpoint_tables(list(_endpoint_tables(blocks)), phrases), _walked(blocks, fences, phrases)))
    exchanges = tuple(read_http_examples(fences.http, phrases))
    endpoints = merge_mentions((*stated.endpoints, *told.endpoints), stated.base or read_base_path(blocks))
    endpoints = with_examples(endpoints, exchanges)
    definitions = (*stated.definitions, *phrases.inference.definitions)
    api = Api(
        with_phrases_that_are_schemas(endpoints, {definition.name for definition in definitions}),
        definitions,
        _errors(stated.errors, read_error_prose(outline.blocks("api.error-responses"))),
        stated.cross_origin,
        (*stated.endpoint_holes, *told.endpoint_holes),
        stated.schema_holes,
        stated.error_holes,
        (*stated.unread, *told.unread, *fences.unread),
        stated.raised,
    )
    return defined_elsewhere(api, outline, _KEYS)


def _walked(blocks: Sequence[Block], fences: Fences, phrases: Phrases) -> Contribution:
    walker = Walker(phrases, SchemaProse(phrases), fences.names_in)
    walker.walk(blocks)
    return walker.contribution()


def _errors(rows: tuple[ErrorRow, ...], shown: tuple[ErrorRow, ...]) -> tuple[ErrorRow, ...]:
    """The rows of tables, then what only prose and examples tell; of examples of one code, the first."""
    known = {(row.code.text, row.status) for row in rows}
    extra = {(row.code.text, row.status): row for row in reversed(shown)}
    return (*rows, *(row for key, row in reversed(extra.items()) if key not in known))


def _endpoint_tables(blocks: Sequence[Block]) -> Iterator[Table]:
    return (block for block in flattened(blocks) if isinstance(block, Table) and is_endpoint_table(block))


def _error_tables(blocks: Sequence[Block]) -> Iterator[tuple[Table, dict[str, int]]]:
    for block in flattened(blocks):
        if isinstance(block, Table) and not is_endpoint_table(block) and (where := error_columns(block)):
            yield block, where
