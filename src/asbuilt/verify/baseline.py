"""The claims that were verified once, kept in a file beside the document: a ratchet.

The file belongs under version control. It only ever grows tighter by itself: a claim that is in it and is no longer
verified stays in it until somebody deletes its line, or the claim from the document.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from asbuilt.values import frozen
from asbuilt.verify.examination import Entry, Examination

VERSION = 1
_LARGEST = 50_000_000


class UnreadableBaseline(Exception):  # noqa: N818 - what it is, not that it is an error
    """A file that is no baseline: what is wrong with it, and what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """A claim as it was when it was verified. Its order is that of the file."""

    section: str
    statement: str
    id: str


@frozen
class Comparison:
    """An examination held against a baseline.

    `lost` were verified and are no longer, each with what it is now; `gone` are no longer in the document; `gained`
    are verified and not in the baseline.
    """

    lost: tuple[tuple[Kept, Entry], ...]
    gone: tuple[Kept, ...]
    gained: tuple[Kept, ...]


def read(path: Path) -> tuple[Kept, ...] | None:
    """The claims in a baseline; None where there is no such file. Raises `UnreadableBaseline`, OSError."""
    if not path.exists():
        return None
    try:
        with path.open(encoding="utf-8") as file:
            stored = json.loads(file.read(_LARGEST))
        if stored["version"] != VERSION:
            raise UnreadableBaseline(
                f"`{path}` is a baseline of version {stored['version']}, this release reads {VERSION}",
                "write it anew: delete the file, then `asbuilt verify --baseline` makes one",
            )
        return tuple(
            sorted(Kept(str(one["section"]), str(one["statement"]), str(one["id"])) for one in stored["verified"])
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnreadableBaseline(
            f"`{path}` is no baseline", "name another file, or delete it: `asbuilt verify --baseline` makes one"
        ) from None


def written(kept: tuple[Kept, ...]) -> str:
    """A baseline as JSON, a claim per line and sorted, so that a change of one claim is a change of one line."""
    lines = (
        json.dumps({"id": one.id, "section": one.section, "statement": one.statement}, ensure_ascii=False)
        for one in sorted(kept)
    )
    body = ",\n    ".join(lines)
    return f'{{\n  "version": {VERSION},\n  "verified": [{f"{chr(10)}    {body}{chr(10)}  " if body else ""}]\n}}\n'


def compare(kept: tuple[Kept, ...], found: Examination) -> Comparison:
    entries = {entry.claim.id: entry for entry in found.entries}
    known = {one.id for one in kept}
    return Comparison(
        lost=tuple((one, entries[one.id]) for one in kept if one.id in entries and not _proved(entries[one.id])),
        gone=tuple(one for one in kept if one.id not in entries),
        gained=tuple(one for one in verified(found) if one.id not in known),
    )


def tightened(kept: tuple[Kept, ...], found: Examination) -> tuple[Kept, ...]:
    """What the baseline holds from now on: all that is verified, and what is no longer so and has to be again."""
    compared = compare(kept, found)
    return tuple(sorted((*verified(found), *(one for one, _ in compared.lost))))


def verified(found: Examination) -> tuple[Kept, ...]:
    return tuple(
        sorted(Kept(entry.claim.section, entry.claim.statement, entry.claim.id) for entry in found.standing("verified"))
    )


def _proved(entry: Entry) -> bool:
    """A claim that needs no running system any more is proved from the text."""
    return entry.claim.standing in ("verified", "checked")
