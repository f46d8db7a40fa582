"""What PostgreSQL itself says of a schema and of statements on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from asbuilt.language.names import Name
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.statement import Fault, Signature, Statement
from asbuilt.source import Fragment


class Named(Protocol):
    """A statement with the name its author gave it."""

    @property
    def name(self) -> Name: ...
    @property
    def statement(self) -> Statement: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands against the SQL, and the signature of each statement by its name."""

    faults: tuple[Fault, ...] = ()
    signatures: tuple[tuple[str, Signature], ...] = ()


def referee(ddl: Sequence[Fragment], statements: Sequence[Named], catalog: Catalog, *, serve: bool = True) -> Verdict:
    """The verdict of a scratch server if `serve` says so and one can be had, else of the catalogue."""
    return Verdict()
