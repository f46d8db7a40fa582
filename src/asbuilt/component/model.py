"""The waist: everything a document says, names resolved, frozen. All that follows reads this and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from asbuilt.component.error_clauses import Clause, ErrorTable, read_error_table
from asbuilt.diagnostics import Hole
from asbuilt.language.types import Types
from asbuilt.postgres.derivation import Derivation
from asbuilt.postgres.statement import Signature
from asbuilt.sections.algorithms import Algorithm, Algorithms
from asbuilt.sections.api import Api, Endpoint, ErrorRow
from asbuilt.sections.configuration import Configuration
from asbuilt.sections.data import Data, Pattern
from asbuilt.sections.overview import Facts
from asbuilt.sections.prose import Prose
from asbuilt.sections.state_machines import Machine, StateMachines
from asbuilt.source import Source, Span
from asbuilt.values import frozen


@frozen
class AlgorithmStep:
    algorithm: Algorithm


@frozen
class PatternStep:
    pattern: Pattern


@frozen
class DerivedStep:
    """`reasons` say, a line each, what was derived from what: for `check`'s note and for `explain`."""

    derivation: Derivation
    reasons: tuple[str, ...]


@frozen
class MachineStep:
    """An event of a state machine, fired at the row that the path names. No such step is enacted yet."""

    machine: Machine
    event: str


Step: TypeAlias = AlgorithmStep | PatternStep | DerivedStep | MachineStep


@frozen
class Operation:
    """What an endpoint does. `name` is unique in the component: an OpenAPI operationId, a metric's label.

    `loads` are the rows that typed path parameters load, left to right: (parameter, table, column).
    `hole` says why no steps could be found; such an operation cannot be served. It is `pending` where the document
    defines what it does in a section that is not enacted yet.
    """

    name: str
    endpoint: Endpoint
    steps: tuple[Step, ...]
    loads: tuple[tuple[str, str, str], ...] = ()
    hole: Hole | None = None
    pending: bool = False


@frozen
class Pending:
    """A part of the document that is recognised and not enacted yet. `protects`: `run` refuses without it."""

    key: str
    title: str
    span: Span
    protects: bool
    why: str


@dataclass(frozen=True)
class Component:
    """One implementation specification. `signatures` holds, by pattern name, what PostgreSQL says of it.

    `elsewhere` are the names that sections without a reader define: state machines, upstreams.
    """

    source: Source
    facts: Facts
    api: Api = field(default_factory=Api)
    data: Data = field(default_factory=Data)
    algorithms: Algorithms = field(default_factory=Algorithms)
    configuration: Configuration = field(default_factory=Configuration)
    machines: StateMachines = field(default_factory=StateMachines)
    operations: tuple[Operation, ...] = ()
    signatures: tuple[tuple[str, Signature], ...] = ()
    pending: tuple[Pending, ...] = ()
    prose: Prose = field(default_factory=Prose)
    elsewhere: frozenset[str] = frozenset()

    @cached_property
    def types(self) -> Types:
        return Types(self.api.definitions)

    @cached_property
    def _signatures(self) -> dict[str, Signature]:
        return dict(self.signatures)

    @cached_property
    def error_table(self) -> ErrorTable:
        names = {operation.endpoint.title: operation.name for operation in self.operations}
        return read_error_table(self.source, self.api, self.data, self.algorithms, names)

    @cached_property
    def error_rows(self) -> Mapping[str, ErrorRow]:
        """The rows of the error table by their codes; of two for one code, the first."""
        return {row.code.text: row for row in reversed(self.api.errors)}

    @property
    def clauses(self) -> Mapping[str, tuple[Clause, ...]]:
        """For each code of the error table, what its description refers to."""
        return self.error_table.clauses

    @cached_property
    def stored_names(self) -> frozenset[str]:
        """The names of tables and constraints."""
        catalog = self.data.catalog
        tables = {table.name for table in catalog.tables}
        return frozenset(tables | {constraint.name for _, constraint in catalog.constraints()})

    def signature(self, pattern: str) -> Signature | None:
        return self._signatures.get(pattern)
