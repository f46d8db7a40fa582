"""What an examination is held to: claims that have to be verified, and those that were once."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from asbuilt.commands.arguments import complain
from asbuilt.commands.output import write
from asbuilt.diagnostics import nearest
from asbuilt.document import TITLES
from asbuilt.ledger.place import FRONT, OUTSIDE
from asbuilt.report.excerpt import clipped, visible
from asbuilt.verify import baseline
from asbuilt.verify.baseline import Kept, UnreadableBaseline
from asbuilt.verify.examination import Entry, Examination

__all__ = ["UnreadableBaseline", "baseline_of", "required", "unmet"]

_WORD = "verified"
_SHOWN = 10
_SECTIONS = (*TITLES, FRONT, OUTSIDE)


def required(text: str) -> str:
    """The section that has to be verified, empty for all: `verified`, `verified:api`, `verified:api.schemas`."""
    word, colon, section = text.partition(":")
    if word != _WORD or bool(colon) != bool(section):
        raise argparse.ArgumentTypeError(f"`{text[:60]}` is neither `verified` nor `verified:SECTION`")
    if section and section not in _SECTIONS:
        hint = nearest(section, _SECTIONS) or "sections are called as in `--format json`: api, api.schemas"
        raise argparse.ArgumentTypeError(f"there is no section `{section[:60]}`: {hint}")
    return section


def baseline_of(given: argparse.Namespace) -> tuple[Kept, ...] | None:
    """The baseline that was named, None where there is none yet. Raises `UnreadableBaseline`, OSError."""
    return baseline.read(given.baseline) if given.baseline else None


def unmet(found: Examination, given: argparse.Namespace, kept: tuple[Kept, ...] | None) -> bool:
    """Whether a claim that has to be verified is not. Says which, and keeps the baseline."""
    missing = tuple(_missing(found, given.require)) if given.require else ()
    if missing:
        _say(f"{_claims(len(missing))} required to be verified and not", map(_told, missing), everything=given.all)
    lost = _held(found, given.baseline, kept, given) if given.baseline else False
    return bool(missing) or lost


def _missing(found: Examination, sections: list[str]) -> Iterator[Entry]:
    for entry in found.standing("unchecked", "refuted"):
        if any(not section or f"{entry.claim.section}.".startswith(f"{section}.") for section in sections):
            yield entry


def _held(found: Examination, path: Path, kept: tuple[Kept, ...] | None, given: argparse.Namespace) -> bool:
    """Whether a claim of the baseline is no longer verified. A baseline that was not there is written."""
    if kept is None:
        held = baseline.verified(found)
        _keep(path, held)
        print(f"{path} written: {_claims(len(held))} verified from now on", file=sys.stderr)
        return False
    compared = baseline.compare(kept, found)
    if compared.lost:
        lines = (_told(entry) for _, entry in compared.lost)
        _say(f"{_claims(len(compared.lost))} no longer verified ({path})", lines, everything=given.all)
    if given.update_baseline:
        _keep(path, baseline.tightened(kept, found))
        changes = f"{len(compared.gained)} added, {len(compared.gone)} that the document no longer makes dropped"
        print(f"{path} updated: {changes}", file=sys.stderr)
    elif compared.gained:
        count = len(compared.gained)
        print(f"{_claims(count)} verified and not in {path}: --update-baseline adds them", file=sys.stderr)
    return bool(compared.lost)


def _keep(path: Path, kept: tuple[Kept, ...]) -> None:
    write(path, baseline.written(kept))


def _claims(number: int) -> str:
    return f"{number} claim{'s are' if number != 1 else ' is'}"


def _told(entry: Entry) -> str:
    why = f" ({entry.why})" if entry.why else ""
    return visible(clipped(f"{entry.claim.standing}: {entry.claim.statement}{why}"))


def _say(message: str, lines: Iterable[str], *, everything: bool) -> None:
    told = list(lines)
    complain(message, "")
    shown = told if everything else told[:_SHOWN]
    for line in shown:
        print(f"  - {line}", file=sys.stderr)
    if len(shown) < len(told):
        print(f"  - and {len(told) - len(shown)} more: --all shows each", file=sys.stderr)
