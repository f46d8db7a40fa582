"""The claims of an examination by section, and how many have which standing."""

from collections import Counter
from collections.abc import Iterable, Sequence

from asbuilt.ledger import Standing
from asbuilt.ledger.place import title_of
from asbuilt.values import frozen
from asbuilt.verify.examination import Entry, Examination

# What matters most comes first. `enacted` is what no running system could show to be otherwise.
STANDINGS: tuple[Standing, ...] = ("refuted", "unchecked", "verified", "checked", "enacted", "prose")
PROVABLE: tuple[Standing, ...] = ("refuted", "unchecked", "verified")


@frozen
class Part:
    """The claims of one section, in the order of the document. `key` is of the template: `api.schemas`."""

    key: str
    entries: tuple[Entry, ...]

    @property
    def title(self) -> str:
        return title_of(self.key)

    @property
    def counts(self) -> "Counter[Standing]":
        return counts(self.entries)


@frozen
class Reason:
    """Why claims were not checked, and which."""

    why: str
    entries: tuple[Entry, ...]

    @property
    def titles(self) -> tuple[str, ...]:
        """The sections they are of."""
        return tuple(part.title for part in parts(self.entries))


def parts(entries: Iterable[Entry]) -> tuple[Part, ...]:
    """The sections that hold claims, in the order in which the document comes to them."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.claim.section, []).append(entry)
    return tuple(Part(key, tuple(entries)) for key, entries in found.items())


def counts(entries: Iterable[Entry]) -> "Counter[Standing]":
    return Counter(entry.claim.standing for entry in entries)


def counted(entries: Iterable[Entry]) -> str:
    """The numbers by standing: `1 refuted, 6 unchecked, 43 verified`."""
    known = counts(entries)
    return ", ".join(f"{known[standing]} {standing}" for standing in STANDINGS if known[standing]) or "no claims"


def reasons(entries: Iterable[Entry]) -> tuple[Reason, ...]:
    """Why the unchecked ones of the claims are so; the commonest reason first.

    Reasons that differ only behind a colon are one: `not enacted yet: a cache has no reader yet`.
    """
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.claim.standing == "unchecked":
            found.setdefault(entry.why.partition(": ")[0], []).append(entry)
    ordered = sorted(found.items(), key=lambda one: -len(one[1]))
    return tuple(
        Reason(entries[0].why if len({entry.why for entry in entries}) == 1 else reason, tuple(entries))
        for reason, entries in ordered
    )


def outcome(found: Examination) -> Standing:
    """The gravest standing of what could be proved."""
    known = counts(found.entries)
    if known["refuted"]:
        return "refuted"
    return "unchecked" if known["unchecked"] or not known["verified"] or found.troubles else "verified"


def headline(found: Examination) -> str:
    """What came out, in half a sentence."""
    known = counts(found.entries)
    provable = sum(known[standing] for standing in PROVABLE)
    if not provable:
        return "no claim of the document could be proved on a running system"
    if known["refuted"]:
        return f"{known['refuted']} of {provable} provable claims {_are(known['refuted'])} refuted"
    if not known["verified"]:
        return f"nothing is verified: all {provable} provable claims are unchecked"
    if known["unchecked"]:
        return (
            f"none of {provable} provable claims is refuted, {known['unchecked']} {_are(known['unchecked'])} unchecked"
        )
    return f"all {provable} provable claims are verified"


def effort(found: Examination) -> str:
    """What it took: `214 requests in 3.2 s, seed 0`."""
    asked = f"{found.requests:,} request{'s' * (found.requests != 1)}"
    return f"{asked} in {found.seconds:.1f} s, seed {found.seed}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names in one line, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
