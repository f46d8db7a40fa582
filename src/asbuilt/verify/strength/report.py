"""What was measured, as text and as JSON."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from asbuilt import __version__
from asbuilt.document import SUBSECTIONS
from asbuilt.ledger.place import title_of
from asbuilt.report.excerpt import visible
from asbuilt.values import frozen
from asbuilt.verify.strength.measurement import Outcome, Strength

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
VERSION = 1
_ORDER = {key: place for place, key in enumerate(SUBSECTIONS)}
_SHOWN = 3


@frozen
class Sum:
    """Of one section, or of all: how many faults there are, were tried, were caught."""

    faults: int
    tried: int
    caught: int

    @property
    def share(self) -> float | None:
        """Of those that were tried; None where none was."""
        return self.caught / self.tried if self.tried else None


def summed(outcomes: Iterable[Outcome]) -> Sum:
    held = tuple(outcomes)
    return Sum(len(held), sum(each.tried for each in held), sum(each.caught for each in held))


def sections(found: Strength) -> dict[str, tuple[Outcome, ...]]:
    """The outcomes by the key of their section, in the order of the template."""
    parts: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in sorted(found.outcomes, key=lambda each: _ORDER.get(each.mutant.section, len(_ORDER))):
        parts[outcome.mutant.section].append(outcome)
    return {section: tuple(outcomes) for section, outcomes in parts.items()}


# JSON


def render_json(found: Strength) -> str:
    """A JSON object whose shape is stable: `version` grows when a member changes its meaning or goes.

    - `version` (1), `asbuilt` (its release), `file`, `seed`, `seconds`.
    - `summary`: `faults` (how many there are), `tried` (fewer where the budget was spent), `caught`, `share`
      (`caught` of `tried`, from 0 to 1, null where none was tried).
    - `sections`: each with `section` (a key of the template), `title`, and the members of `summary`.
    - `faults`, in the order of what is served, each with `section`, `kind`, `place`, `outcome` (`caught`, `missed`, or
      `left` where the budget was spent), `claim` (the statement that it refuted; null unless caught), `missing` (what
      would pin it down).
    """
    whole: dict[str, Json] = {
        "version": VERSION,
        "asbuilt": __version__,
        "file": str(found.component.source.path),
        "seed": found.seed,
        "seconds": round(found.seconds, 3),
        "summary": _sum(summed(found.outcomes)),
        "sections": [
            {"section": section, "title": title_of(section), **_sum(summed(outcomes))}
            for section, outcomes in sections(found).items()
        ],
        "faults": [_fault(outcome) for outcome in found.outcomes],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _sum(held: Sum) -> dict[str, Json]:
    share = None if held.share is None else round(held.share, 4)
    return {"faults": held.faults, "tried": held.tried, "caught": held.caught, "share": share}


def _fault(outcome: Outcome) -> dict[str, Json]:
    mutant = outcome.mutant
    return {
        "section": mutant.section,
        "kind": mutant.kind,
        "place": mutant.place,
        "outcome": "caught" if outcome.caught else "missed" if outcome.tried else "left",
        "claim": outcome.by or None,
        "missing": mutant.missing,
    }


# Text


def render_text(found: Strength, *, every: bool = False) -> str:
    """The table, then what was not caught, by section and kind; of each kind some places, or `every` one."""
    parts = sections(found)
    lines = [*_table(parts, found), ""]
    for section, outcomes in parts.items():
        lines += _missed(section, [each for each in outcomes if each.tried and not each.caught], every=every)
    whole = summed(found.outcomes)
    if not found.complete:
        lines += [f"the budget was spent: {whole.tried:,} of {whole.faults:,} faults were tried, evenly chosen"]
    took = f"{found.seconds:.1f} s, seed {found.seed}"
    path = visible(str(found.component.source.path))
    lines += [f"{path} pins down {_percent(whole)}: {whole.caught:,} of {whole.tried:,} faults are caught, {took}"]
    return "\n".join(lines)


def _table(parts: dict[str, tuple[Outcome, ...]], found: Strength) -> Iterator[str]:
    rows = [(title_of(section), summed(outcomes)) for section, outcomes in parts.items()]
    rows.append(("all", summed(found.outcomes)))
    width = max(len(title) for title, _ in rows)
    yield f"{'':{width}}  faults   tried  caught  share"
    for title, held in rows:
        yield f"{title:{width}}  {held.faults:6,}  {held.tried:6,}  {held.caught:6,}  {_percent(held):>5}"


def _percent(held: Sum) -> str:
    """Rounded down: not all is all but something."""
    return "-" if held.share is None else f"{held.caught * 100 // held.tried}%"


def _missed(section: str, missed: Sequence[Outcome], *, every: bool) -> Iterator[str]:
    if not missed:
        return
    yield f"{title_of(section)}: {len(missed):,} not caught"
    kinds: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in missed:
        kinds[outcome.mutant.kind].append(outcome)
    for kind, outcomes in kinds.items():
        shown = len(outcomes) if every else _SHOWN
        yield f"  {kind} ({len(outcomes):,})"
        for outcome in outcomes[:shown]:
            yield f"    {visible(outcome.mutant.place)}"
        if len(outcomes) > shown:
            yield f"    ... and {len(outcomes) - shown:,} more (--all shows them)"
        for told in dict.fromkeys(outcome.mutant.missing for outcome in outcomes[:shown]):
            yield f"    = to pin it down: {visible(told)}"
    yield ""
