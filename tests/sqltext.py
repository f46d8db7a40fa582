"""SQL as tests write it."""

from dataclasses import dataclass

from asbuilt.language.names import Name
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.ddl import read_ddl
from asbuilt.postgres.reading import read_statement
from asbuilt.postgres.statement import Fault, Statement
from asbuilt.source import Fragment, Span


def fragment(text: str, origin: int = 0) -> Fragment:
    """The text as it stands in a document, `origin` characters after its beginning."""
    starts = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]
    return Fragment(text, tuple(origin + start for start in starts))


def catalog_of(sql: str) -> Catalog:
    catalog, faults = read_ddl([fragment(sql)])
    assert faults == ()
    return catalog


def faults_of(sql: str) -> list[tuple[str, str]]:
    """What is wrong with DDL: each message, and the text it points at."""
    _, faults = read_ddl([fragment(sql)])
    return [(fault.message, cut(sql, fault)) for fault in faults]


def cut(text: str, fault: Fault) -> str:
    return text[fault.span.start : fault.span.end]


@dataclass(frozen=True)
class NamedStatement:
    name: Name
    statement: Statement


def pattern(name: str, sql: str) -> NamedStatement:
    return NamedStatement(Name(name, Span(0, 0)), read_statement(fragment(sql)))
