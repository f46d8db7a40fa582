"""An examination as a terminal shows it. Nothing that a document or a target holds reaches it as it is."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, TypeAlias

from asbuilt.ledger import Standing
from asbuilt.report.excerpt import clipped, excerpt, visible
from asbuilt.values import frozen
from asbuilt.verify.examination import Entry, Examination
from asbuilt.verify.report.showing import again, answered, asked, discreet, place, reproduction
from asbuilt.verify.report.sums import (
    PROVABLE,
    STANDINGS,
    Part,
    Reason,
    counted,
    counts,
    effort,
    headline,
    listed,
    outcome,
    parts,
    reasons,
)
from asbuilt.verify.verdict import Evidence

_COLOURS = {"refuted": "1;31", "unchecked": "1;33", "verified": "1;32", "gutter": "1;34", "quiet": "2"}
_STEPS = 4  # requests that are shown before the one that shows it
_LONGEST_COMMAND = 2_000

Paint: TypeAlias = Callable[[str, str], str]
# How much is told of the sections: each, only those where something is not verified, none.
_Detail: TypeAlias = Literal["each", "open", "none"]


@frozen
class Room:
    """The screen that a report is to fit on. Lines that are wider take several rows of it."""

    lines: int
    columns: int

    def holds(self, page: str) -> bool:
        return sum(1 + max(0, len(line) - 1) // self.columns for line in page.split("\n")) <= self.lines


def render_text(found: Examination, *, colour: bool, room: Room | None) -> str:
    """What was refuted in full, why claims are unchecked, sums by section, and the outcome as the last line.

    Without a room all claims are shown, by section. Else as much as fits, one refuted claim in any case.
    """
    paint = _painted if colour else _plain
    if room is None:
        return "\n\n".join([*_everything(found, paint), *_table(found, "each", paint), _outcome(found, 0, paint)])
    refuted = found.standing("refuted")
    details: tuple[_Detail, ...] = ("each", "open", "none")
    for detail in details:
        count = _fitting(found, refuted, detail, room)
        if count is not None:
            return _summary(found, refuted[:count], detail, paint)
    return _summary(found, refuted[:1], "none", paint)


def _fitting(found: Examination, refuted: Sequence[Entry], detail: _Detail, room: Room) -> int | None:
    """How many of the refuted claims there is room for; None where there is not even for the first."""
    fits = None
    for count in range(min(1, len(refuted)), len(refuted) + 1):
        if not room.holds(_summary(found, refuted[:count], detail, _plain)):
            break
        fits = count
    return fits


def _summary(found: Examination, refuted: Sequence[Entry], detail: _Detail, paint: Paint) -> str:
    hidden = len(found.standing("refuted")) - len(refuted)
    return "\n\n".join(
        [
            *(_refuted(found, entry, paint) for entry in refuted),
            *_unchecked(reasons(found.entries), 2 if detail == "none" else 4, paint),
            *_table(found, detail, paint),
            _outcome(found, hidden, paint),
        ]
    )


def _painted(text: str, colour: str) -> str:
    return f"\033[{_COLOURS[colour]}m{text}\033[0m" if text and colour in _COLOURS else text


def _plain(text: str, _colour: str) -> str:
    return text


# A claim


def _refuted(found: Examination, entry: Entry, paint: Paint) -> str:
    claim, source = entry.claim, found.component.source
    at = source.position(claim.span.start)
    shown = excerpt(source, at.line, claim.span)
    gutter = len(str(at.line))
    bar = f"{' ' * gutter} {paint('|', 'gutter')}"
    return "\n".join(
        [
            f"{paint(f'refuted[{claim.id}]', 'refuted')} {claim.kind}: {visible(clipped(claim.statement))}",
            f"{' ' * gutter}{paint('-->', 'gutter')} {visible(str(source.path))}:{at.line}:{at.column}",
            bar,
            f"{paint(str(at.line), 'gutter')} {paint('|', 'gutter')} {shown.text}".rstrip(),
            f"{bar} {' ' * shown.column}{paint('^' * shown.width, 'refuted')}",
            *(f"{' ' * gutter} {paint('=', 'gutter')} {label}: {text}" for label, text in _remarks(found, entry)),
        ]
    )


def _remarks(found: Examination, entry: Entry) -> Iterator[tuple[str, str]]:
    evidence = discreet(entry.evidence, found.target)
    yield "seen", visible(clipped(entry.why))
    yield from ((label, visible(clipped(text))) for label, text in _observed(evidence))
    line, label = reproduction(evidence, found.target), again(found.target)
    if len(line) > _LONGEST_COMMAND:
        line = f"a command of {len(line):,} characters, which `--format json` holds"
    if line:
        yield label, visible(line)
    probe = f"by the probe `{visible(entry.probe)}`, " if entry.probe else ""
    yield "found", f"{probe}with seed {found.seed}"


def _observed(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """The last exchange, those before it in a line each, and what else was observed."""
    *before, last = evidence.exchanges or (None,)
    if len(before) > _STEPS:
        yield "before", f"{len(before) - _STEPS} requests that `--format json` holds"
    for exchange in before[-_STEPS:]:
        if exchange:
            yield "before", f"{asked(exchange.request)} -> {answered(exchange)}"
    if last:
        yield "request", asked(last.request)
        yield "answer", answered(last)
    if evidence.measured:
        yield "measured", evidence.measured
    if evidence.plan:
        yield "plan", " ".join(evidence.plan.split())


def _everything(found: Examination, paint: Paint) -> Iterator[str]:
    for part in parts(found.entries):
        lines = [f"{part.title}: {counted(part.entries)}"]
        for entry in part.entries:
            if entry.claim.standing == "refuted":
                lines += ["", _refuted(found, entry, paint), ""]
            else:
                lines.append(_line(found, entry, paint))
        yield "\n".join(lines).replace("\n\n\n", "\n\n").rstrip("\n")


def _line(found: Examination, entry: Entry, paint: Paint) -> str:
    claim = entry.claim
    line = found.component.source.position(claim.span.start).line
    why = f" -- {visible(clipped(entry.why))}" if entry.why else ""
    standing = paint(f"{claim.standing:9}", claim.standing)
    return f"  {standing} {line:5}  {visible(clipped(claim.statement))}{paint(why, 'quiet')}"


# All claims


def _unchecked(grouped: Sequence[Reason], most: int, paint: Paint) -> Iterator[str]:
    """Why claims are not checked: as many reasons as are asked for, and how many claims have others."""
    if not grouped:
        return
    wide = len(str(max(len(reason.entries) for reason in grouped)))
    lines = [paint("unchecked", "unchecked")]
    lines += [
        f"  {len(reason.entries):{wide}} {visible(clipped(reason.why))} ({listed(reason.titles)})"
        for reason in grouped[:most]
    ]
    rest = sum(len(reason.entries) for reason in grouped[most:])
    if rest:
        lines.append(f"  {rest:{wide}} for other reasons: --all shows each")
    yield "\n".join(lines)


def _table(found: Examination, detail: _Detail, paint: Paint) -> Iterator[str]:
    if detail == "none" or not found.entries:
        return
    known = parts(found.entries)
    shown = [part for part in known if detail == "each" or part.counts["refuted"] or part.counts["unchecked"]]
    columns = [one for one in STANDINGS if one in PROVABLE or counts(found.entries)[one]]
    rest = [entry for part in known if part not in shown for entry in part.entries]
    rows = [*shown, *([Part(f"{len(known) - len(shown)} others", tuple(rest))] if rest else [])]
    wide = max(len(part.title) for part in rows)
    lines = [f"{'':{wide}}  " + "  ".join(f"{paint(one, one)}" for one in columns)]
    lines += [_row(part.title, part.entries, columns, wide) for part in rows]
    if len(rows) > 1:
        lines.append(_row("all", found.entries, columns, wide))
    yield "\n".join(lines)


def _row(title: str, entries: Sequence[Entry], columns: Sequence[Standing], wide: int) -> str:
    known = counts(entries)
    return f"{title:{wide}}  " + "  ".join(f"{known[one] or '-':>{len(one)}}" for one in columns)


def _outcome(found: Examination, hidden: int, paint: Paint) -> str:
    lines = [visible(trouble) for trouble in found.troubles]
    if found.left:
        lines.append(f"the budget was spent before these probes ran: {visible(', '.join(found.left))}")
    name, where = visible(str(found.component.source.path)), visible(place(found))
    more = f" ({hidden} refuted not shown: --all shows everything)" if hidden else ""
    lines.append(f"{paint(headline(found), outcome(found))}: {name} against {where}, {effort(found)}{more}")
    return "\n".join(lines)
