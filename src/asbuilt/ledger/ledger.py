"""All claims of a document, in its order, and where to find each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from asbuilt.component import Component
from asbuilt.ledger import api
from asbuilt.ledger.claim import Claim, Kind, Stated, enter

Reader: TypeAlias = Callable[[Component], Iterator[Stated]]
READERS: tuple[Reader, ...] = (api.endpoints, api.schemas, api.errors)


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
    stated = sorted((one for reader in READERS for one in reader(component)), key=lambda one: one.span.start)
    return Ledger(tuple(_numbered(enter(one, component.source) for one in stated)))


def _numbered(claims: Iterator[Claim]) -> Iterator[Claim]:
    seen: dict[str, int] = {}
    for claim in claims:
        count = seen[claim.id] = seen.get(claim.id, 0) + 1
        yield claim if count == 1 else replace(claim, id=f"{claim.id}-{count}")
