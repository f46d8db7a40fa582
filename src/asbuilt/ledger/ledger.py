"""All claims of a document, in its order, and where to find each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from asbuilt.component import Component
from asbuilt.document import Outline, read_blocks, read_outline
from asbuilt.ledger import algorithms, api, configuration, data, kept, machines, overview
from asbuilt.ledger.claim import Claim, Kind, Stated, enter
from asbuilt.ledger.references import references

Reader: TypeAlias = Callable[[Component], Iterator[Stated]]
READERS: tuple[Reader, ...] = (
    overview.facts,
    overview.stack,
    overview.paths,
    api.endpoints,
    api.schemas,
    api.errors,
    algorithms.algorithms,
    data.schema,
    data.statements,
    data.mapped,
    data.patterns,
    configuration.variables,
    configuration.loading,
    machines.machines,
)
# These look at blocks, since no section's model holds what they tell of.
OUTLINE_READERS: tuple[Callable[[Component, Outline], Iterator[Stated]], ...] = (kept.kept, kept.prose)


@dataclass(frozen=True)
class Ledger:
    """The claims of one document. Of two with the same key, the first is found."""

    claims: tuple[Claim, ...]
    _known: dict[tuple[Kind, tuple[str, ...]], Claim] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", {claim.key: claim for claim in reversed(self.claims)})

    def find(self, kind: Kind, *names: str) -> Claim | None:
        return self._known.get((kind, names))


def read(component: Component) -> Ledger:
    """Every claim the component makes. Ids are unique: a statement made twice word for word is numbered."""
    outline = read_outline(read_blocks(component.source))
    stated = [one for reader in READERS for one in reader(component)]
    stated += [one for look in OUTLINE_READERS for one in look(component, outline)]
    stated += references(component, outline, stated)
    stated.sort(key=lambda one: one.span.start)
    return Ledger(tuple(_numbered(enter(one, component.source) for one in stated)))


def _numbered(claims: Iterator[Claim]) -> Iterator[Claim]:
    seen: dict[str, int] = {}
    for claim in claims:
        count = seen[claim.id] = seen.get(claim.id, 0) + 1
        yield claim if count == 1 else replace(claim, id=f"{claim.id}-{count}")
