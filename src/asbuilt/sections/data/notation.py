"""Data Models as authors write them."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.diagnostics import Hole
from asbuilt.document import Block, Fence, Outline, Part, flattened
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.ddl import read_ddl
from asbuilt.postgres.reading import infer_cardinality
from asbuilt.sections.data.model import Data, Pattern
from asbuilt.sections.data.notation_orm import read_classes
from asbuilt.sections.data.notation_patterns import has_sqlc, read_patterns, read_sqlc
from asbuilt.sections.data.notation_sql import is_labelled, is_template, kind_of, upward
from asbuilt.source import Fragment

_SCHEMA = "data.database-schema"
_PATTERNS = "data.access-patterns"
# Where SQL is not the schema: it changes one, fills one for tests, or shows how to find out something.
_ELSEWHERE = ("migrations", "testing", "performance", "operations", "monitoring", "errors", "build", "guide")


def read(outline: Outline) -> Data:
    """The data of a document. DDL counts wherever it describes the schema, patterns where they are listed."""
    holes: list[Hole] = []
    ddl = tuple(_schema(outline))
    catalog, faults = read_ddl(ddl)
    patterns = tuple(_settled(pattern, catalog) for pattern in _patterns(outline, holes))
    mapped = tuple(read_classes(_blocks(outline), holes))
    return Data(catalog, ddl, patterns, mapped, faults, tuple(holes))


def _settled(pattern: Pattern, catalog: Catalog) -> Pattern:
    """The pattern with the number of rows that the keys of its tables imply."""
    cardinality = infer_cardinality(pattern.statement, catalog)
    return replace(pattern, statement=replace(pattern.statement, cardinality=cardinality))


def _schema(outline: Outline) -> Iterator[Fragment]:
    for part in outline.walk():
        if not _elsewhere(part):
            for block in flattened(part.blocks):
                if isinstance(block, Fence) and _describes_schema(part, block) and (kept := upward(block.body)):
                    yield kept


def _describes_schema(part: Part, fence: Fence) -> bool:
    """Whether a fence is DDL: it begins like some, or its label and its place leave no doubt that it should."""
    kind = kind_of(fence)
    meant = part.key == _SCHEMA and is_labelled(fence) and kind is None and fence.body.text.strip() != ""
    return kind == "schema" or (meant and not is_template(fence.body.text))


def _elsewhere(part: Part) -> bool:
    return part.key is not None and part.key.partition(".")[0] in _ELSEWHERE


def _patterns(outline: Outline, holes: list[Hole]) -> Iterator[Pattern]:
    yield from read_patterns(outline.blocks(_PATTERNS), holes)
    for key in ("data", _SCHEMA):
        for block in flattened(outline.blocks(key)):
            if isinstance(block, Fence) and kind_of(block) == "queries" and has_sqlc(block.body):
                yield from read_sqlc(block.body, holes)


def _blocks(outline: Outline) -> Iterator[Block]:
    for key in ("data", _SCHEMA, "data.orm-models", _PATTERNS):
        yield from outline.blocks(key)
