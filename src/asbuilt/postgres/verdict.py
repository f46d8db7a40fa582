"""What is said of a document's SQL: by the catalogue that its schema makes, or by a server that was asked."""

from collections.abc import Sequence
from typing import Protocol

from asbuilt.language.names import Name
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.scope import Tables
from asbuilt.postgres.signature import examined
from asbuilt.postgres.statement import Fault, Signature, Statement
from asbuilt.values import frozen


class Named(Protocol):
    """A statement with the name its author gave it."""

    @property
    def name(self) -> Name: ...
    @property
    def statement(self) -> Statement: ...


@frozen
class Verdict:
    """What stands against the SQL, and the signature of each statement by its name.

    `unrefereed` says what no server has judged, and why. `final`: the same server would say the same again.
    """

    faults: tuple[Fault, ...] = ()
    signatures: tuple[tuple[str, Signature], ...] = ()
    unrefereed: tuple[Fault, ...] = ()
    final: bool = False


LookedUp = tuple[Named, Signature, tuple[Fault, ...]]


def looked_up(statements: Sequence[Named], tables: Tables) -> tuple[list[LookedUp], Verdict]:
    """What the catalogue alone says of each statement."""
    found = [(each, *examined(each.statement, tables)) for each in statements]
    faults = tuple(fault for _, _, faults in found for fault in faults)
    return found, Verdict(faults, tuple((each.name.text, signature) for each, signature, _ in found))


def unheard(statements: Sequence[Named], catalog: Catalog) -> Verdict:
    """The verdict where no server is asked."""
    return looked_up(statements, Tables(catalog))[1]
