"""What `asbuilt check --claims` shows: each claim of a document with its standing, and what nobody understood."""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import get_args

from asbuilt import ledger
from asbuilt.frontend import Loaded
from asbuilt.ledger import Claim, Ledger, Standing
from asbuilt.report.excerpt import visible
from asbuilt.report.interchange import located
from asbuilt.source import Source, Span

# Of these a document alone shows four; `verified` and `refuted` come from `asbuilt verify`.
STANDINGS: tuple[Standing, ...] = get_args(Standing)
_SHOWN: tuple[Standing, ...] = ("enacted", "checked", "unchecked", "prose")
_UNSEEN = "only a running system can show it (asbuilt verify)"
_WIDTH = 100  # where no terminal says how wide it is
_NARROWEST = 60


@dataclass(frozen=True, slots=True)
class Account:
    """The claims of a document as far as its text tells, and the stretches that no reader understood."""

    source: Source
    ledger: Ledger
    unread: tuple[Span, ...]

    @property
    def sections(self) -> dict[str, list[Claim]]:
        """The claims of each section, in the order in which the document comes to them."""
        found: dict[str, list[Claim]] = {}
        for claim in self.ledger.claims:
            found.setdefault(claim.section, []).append(claim)
        return found


def account(loaded: Loaded) -> Account:
    """What a document claims. Nothing of one that `run` refuses is enacted."""
    known = ledger.read(loaded.component)
    unread = ledger.not_understood(loaded.component, ledger.understand(loaded.component, known))
    return Account(loaded.source, ledger.doubted(known, loaded.diagnostics, _refusal(loaded)), unread)


def _refusal(loaded: Loaded) -> str:
    """Why `run` does not serve the document; empty where it does."""
    if loaded.errors:
        count = len(loaded.errors)
        return f"the document has {count} error{'s' * (count > 1)}, so it is not served"
    undone = loaded.unservable
    return f"the document is not served: {undone[0].message}" if undone else ""


def why(claim: Claim) -> str:
    """Why a claim is unchecked."""
    return claim.why or (_UNSEEN if claim.standing == "unchecked" else "")


def render_json(found: Account) -> str:
    """A JSON object whose shape is stable: `version` grows when a member changes its meaning or goes.

    `{"version": 1, "file", "summary", "claims", "not_understood"}`. `summary` has, by section, the number of claims
    of each standing. A claim has `id`, `section`, `kind`, `names`, `statement`, `standing`, `why` and `range`, what
    was not understood `range` and `text`. Ranges are those of `asbuilt check --format json`.
    """
    counts = {section: Counter(claim.standing for claim in claims) for section, claims in found.sections.items()}
    report = {
        "version": 1,
        "file": str(found.source.path),
        "summary": {section: {one: count[one] for one in STANDINGS} for section, count in counts.items()},
        "claims": [_claim(found.source, claim) for claim in found.ledger.claims],
        "not_understood": [
            {"range": located(found.source, span), "text": found.source.cut(span)} for span in found.unread
        ],
    }
    return json.dumps(report, indent=2)


def _claim(source: Source, claim: Claim) -> dict[str, object]:
    return {
        "id": claim.id,
        "section": claim.section,
        "kind": claim.kind,
        "names": list(claim.names),
        "statement": claim.statement,
        "standing": claim.standing,
        "why": why(claim),
        "range": located(source, claim.span),
    }


def render_text(found: Account) -> str:
    """The claims by section, what was not understood, and the sums as the last lines."""
    width = max(_NARROWEST, shutil.get_terminal_size((_WIDTH, 0)).columns if sys.stdout.isatty() else _WIDTH)
    lines: list[str] = []
    for section, claims in found.sections.items():
        lines += _section(found.source, section, claims, width)
    lines += (*_unread(found.source, found.unread), *_sums(found))
    return "\n".join(_cut(line, width) for line in lines)


def _section(source: Source, section: str, claims: list[Claim], width: int) -> Iterator[str]:
    """A line for each claim. A reason stands once, above the claims that share it."""
    yield ledger.title_of(section)
    digits = len(str(source.line_count))
    said = ""
    for claim in claims:
        reason = why(claim)
        if reason and reason != said:
            said = reason
            indent = f"  {'':{digits}}  "
            yield from wrap(f"unchecked: {reason}", width, initial_indent=indent, subsequent_indent=f"{indent}  ")
        line = source.position(claim.span.start).line
        yield f"  {line:>{digits}}  {claim.standing:<9}  {claim.id:<12}  {claim.statement}"
    yield ""


def _unread(source: Source, spans: tuple[Span, ...]) -> Iterator[str]:
    if not spans:
        return
    yield "Not understood"
    digits = len(str(source.line_count))
    for span in spans:
        first, last = source.position(span.start).line, source.position(span.end).line
        text = source.cut(span).strip().split("\n", 1)[0]
        more = f"  (and {last - first} more line{'s' * (last - first > 1)})" if last > first else ""
        yield f"  {first:>{digits}}  {text[:80]}{more}"
    yield ""


def _sums(found: Account) -> Iterator[str]:
    rows = [(ledger.title_of(section), claims) for section, claims in found.sections.items()]
    titles = max((len(title) for title, _ in rows), default=0)
    titles = max(titles, len("all claims"))
    yield f"{'':{titles}}  " + "  ".join(f"{one:>9}" for one in _SHOWN)
    for title, claims in (*rows, ("all claims", list(found.ledger.claims))):
        count = Counter(claim.standing for claim in claims)
        yield f"{title:<{titles}}  " + "  ".join(f"{count[one] or '-':>9}" for one in _SHOWN)
    yield ""
    number = len(found.unread)
    name = visible(str(found.source.path))
    stretches = f"{number} stretch{'es' * (number > 1)} of text {'are' if number > 1 else 'is'} not understood"
    yield f"{name}: {stretches if number else 'there is nothing in it that was not understood'}"


def _cut(line: str, width: int) -> str:
    shown = visible(" ".join(line.split("\n")))
    return shown if len(shown) <= width else f"{shown[: width - 1]}…"
