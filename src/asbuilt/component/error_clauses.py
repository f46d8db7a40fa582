"""What a row of the error table says of its causes: the references of its description, clause by clause."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import get_args

from asbuilt.component.cause import Cause
from asbuilt.language.names import Name, snake
from asbuilt.language.types import Schema
from asbuilt.postgres.catalog import Catalog
from asbuilt.sections.algorithms import Algorithms
from asbuilt.sections.api import Api, ErrorRow, Shape, ShapeArray, ShapeHole, ShapeObject
from asbuilt.sections.data import Data
from asbuilt.source import Source
from asbuilt.values import frozen

ON_DELETE = "on delete"
# What the holes of an error's body are filled with by name; any other takes what an algorithm raises the error with.
_FILLED_NAMES = "code status title description detail field message faults path loc msg request_id timestamp"
FILLED = frozenset(_FILLED_NAMES.split())
_ENDPOINT = re.compile(r"(?P<method>[A-Z]{3,7}) (?P<path>/[^\s?#]*)")
_PARAMETER = re.compile(r"\{[^{}/]*\}|:[A-Za-z_]\w*|<[^<>/]*>")
_ANYWHERE = ""
_CAUSES: Mapping[str, Cause] = {cause: cause for cause in get_args(Cause)}


@frozen
class Clause:
    """The references between two semicolons, by kind. Those of one kind are alternatives, the kinds conjoin.

    `members` are parameters, and members of schemas as `field` or `Schema.field`.
    """

    causes: frozenset[Cause] = frozenset()
    constraints: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    schemas: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    on_delete: bool = False

    @property
    def words(self) -> Iterable[str]:
        """Words of which one at least is about an occurrence that the clause refers to."""
        members = {member.rpartition(".")[2] for member in self.members}
        return self.constraints or members or self.operations or self.tables or self.schemas or (_ANYWHERE,)

    @property
    def has_cause(self) -> bool:
        """Whether the clause says what the row is about; else at most where, as for errors that algorithms raise."""
        return bool(self.causes or self.constraints or self.members or self.tables or self.schemas)


@dataclass(frozen=True)
class ErrorTable:
    """The rows of the error table by what finds them.

    `clauses` are those of each code's description; of a code with two rows, the first counts.
    `referring` pairs rows with those of their clauses that say what they are about. `open` are, by
    status, the rows that refer to no cause and need nothing filled in that only an algorithm can say;
    those that algorithms raise, `raised`, are left out where there are others.
    """

    clauses: Mapping[str, tuple[Clause, ...]] = field(default_factory=dict)
    referring: tuple[tuple[ErrorRow, Clause], ...] = ()
    open: Mapping[int, tuple[ErrorRow, ...]] = field(default_factory=dict)
    raised: frozenset[str] = frozenset()

    @cached_property
    def _by_word(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, (_, clause) in enumerate(self.referring):
            for word in clause.words:
                found.setdefault(word, []).append(place)
        return found

    def concerning(self, words: Iterable[str]) -> Iterator[tuple[ErrorRow, Clause]]:
        """Those of `referring` that say nothing of where, or name one of the words, in the order of the table."""
        places = {place for word in (_ANYWHERE, *words) for place in self._by_word.get(word, ())}
        return (self.referring[place] for place in sorted(places))


@dataclass(slots=True)
class _Known:
    """What the names of a document stand for; `endpoints` are the names of what is done at a method and path."""

    constraints: set[str] = field(default_factory=set)
    operations: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    schemas: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    endpoints: dict[str, str] = field(default_factory=dict)

    def meant(self, text: str) -> str:
        """What a code span refers to: an endpoint, with or without the base path, is the name of what it does."""
        key = endpoint_key(text)
        if not key or key in self.endpoints:
            return self.endpoints.get(key, text.strip())
        method, _, path = key.partition(" ")
        ending = [
            name for title, name in self.endpoints.items() if title.startswith(f"{method} ") and title.endswith(path)
        ]
        return ending[0] if len(ending) == 1 else text.strip()


def read_error_table(
    source: Source, api: Api, data: Data, algorithms: Algorithms, operations: Mapping[str, str]
) -> ErrorTable:
    """The error table with its descriptions understood. `operations` names what each endpoint does, by its title."""
    known = _known(api, data, algorithms)
    known.operations |= set(operations.values())
    known.endpoints = {endpoint_key(title): name for title, name in operations.items()}
    raised = {name.text for function in algorithms.functions for name in function.raises}
    referring: list[tuple[ErrorRow, Clause]] = []
    silent: dict[int, list[ErrorRow]] = {}
    described: dict[str, tuple[Clause, ...]] = {}
    for row in api.errors:
        clauses = described.setdefault(row.code.text, tuple(_clauses(row, source, known)))
        referring += [(row, clause) for clause in clauses if clause.has_cause]
        if not any(clause.has_cause or clause.operations for clause in clauses) and fills_itself(row):
            silent.setdefault(row.status, []).append(row)
    unraised = {status: [row for row in rows if row.code.text not in raised] for status, rows in silent.items()}
    fallbacks = {status: tuple(unraised[status] or rows) for status, rows in silent.items()}
    return ErrorTable(described, tuple(referring), fallbacks, frozenset(raised))


def fills_itself(row: ErrorRow) -> bool:
    """Whether an answer of the row needs nothing that only an algorithm can say."""
    return all(hole in FILLED for hole in _holes(row))


def endpoint_key(text: str) -> str:
    """`GET /orders/{id: UUID}` as `GET /orders/{}`: whatever its parameters are called."""
    found = _ENDPOINT.fullmatch(text.strip())
    return f"{found['method']} {_PARAMETER.sub('{}', found['path']).rstrip('/') or '/'}" if found else ""


def _holes(row: ErrorRow) -> Iterator[str]:
    ahead: list[Shape] = [row.body] if isinstance(row.body, ShapeObject | ShapeArray | ShapeHole) else []
    while ahead:
        shape = ahead.pop()
        if isinstance(shape, ShapeHole):
            yield shape.name
        elif isinstance(shape, ShapeObject):
            ahead += [member for _, member in shape.members]
        elif isinstance(shape, ShapeArray):
            ahead += shape.items


def _known(api: Api, data: Data, algorithms: Algorithms) -> _Known:
    catalog: Catalog = data.catalog
    known = _Known()
    known.constraints |= {constraint.name for _, constraint in catalog.constraints()}
    known.constraints |= {index.name for index in catalog.indexes if index.unique}
    known.operations |= {function.name.text for function in algorithms.functions}
    known.operations |= {pattern.name.text for pattern in data.patterns}
    known.tables |= {table.name for table in catalog.tables}
    schemas = [definition for definition in api.definitions if isinstance(definition, Schema)]
    known.schemas |= {schema.name for schema in schemas}
    for schema in schemas:
        for member in schema.fields:
            known.members |= {member.name, snake(member.name), f"{schema.name}.{member.name}"}
    for endpoint in api.endpoints:
        known.members |= {parameter.name.text for parameter in endpoint.parameters}
    return known


def _clauses(row: ErrorRow, source: Source, known: _Known) -> Iterator[Clause]:
    """One clause for each stretch of references that no semicolon divides."""
    if not row.references:
        return
    group: list[Name] = []
    text = source.text[row.span.start : row.references[0].span.start].rpartition("|")[2]
    for reference, end in zip(row.references, _ends(row), strict=True):
        following = source.text[reference.span.end : end].split("|")[0]
        group.append(reference)
        text += following.split(";")[0]
        if ";" in following:
            yield _clause(group, text, known)
            group, text = [], following.rpartition(";")[2]
    if group:
        yield _clause(group, text, known)


def _ends(row: ErrorRow) -> Iterator[int]:
    """For each reference of a row, where the text behind it ends: at the next one, or with the row."""
    yield from (after.span.start for after in row.references[1:])
    yield row.span.end


def _clause(references: list[Name], text: str, known: _Known) -> Clause:
    words = {known.meant(reference.text) for reference in references}
    causes = frozenset(_CAUSES[word] for word in words if word in _CAUSES)
    words -= causes
    members = words & known.members
    constraints = words & known.constraints
    operations = words & known.operations
    tables = (words & known.tables) - operations
    return Clause(
        causes,
        frozenset(constraints),
        frozenset(operations),
        frozenset(tables),
        frozenset(words & known.schemas),
        # A word that also names a table or an operation is that, not a parameter.
        frozenset(members - constraints - operations - tables),
        ON_DELETE in words or ON_DELETE in text.lower(),
    )
