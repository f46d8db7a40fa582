"""An examination as one HTML page that needs nothing else: no network, no fonts, no library.

The page may be opened by people who trust neither the document nor the target. All text of theirs is escaped, and a
Content Security Policy allows the one script and the one style sheet below, by their hashes, and nothing else. The
script compares what the page shows with the data it was made from, and those with their digests.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import resources

from asbuilt import __version__
from asbuilt.document import Heading, read_blocks
from asbuilt.ledger import Standing
from asbuilt.verify.examination import Entry, Examination
from asbuilt.verify.report import proof
from asbuilt.verify.report.interchange import Json, report
from asbuilt.verify.report.marks import SIGNS, mark
from asbuilt.verify.report.rendering import Beside, coded, render_document, safe
from asbuilt.verify.report.showing import place
from asbuilt.verify.report.sums import STANDINGS, counts, headline, outcome, parts, reasons

_BAR = 1000  # the width of the bar, in units of its own
_BAR_ORDER: tuple[Standing, ...] = ("verified", "checked", "enacted", "prose", "unchecked", "refuted")
_STRIPES = (
    '<defs><pattern id="stripes" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<path d="M0 0H4V8H0Z"/></pattern></defs>'
)


def render_page(found: Examination, at: datetime) -> str:
    """The document with the verdict beside each line, evidence folded under it, totals and a filter at the top."""
    data = report(found, at)
    digests = {str(claim["id"]): claim["digest"] for claim in _claims(data)}
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            *_head(found),
            "<body>",
            *_top(found, at),
            *_totals(found),
            *_refuted(found),
            *_reasons(found),
            *_sections(found),
            f"<main>\n{_document(found, digests)}\n</main>",
            *_bottom(data),
            f"<script>{_asset('page.js')}</script>",
            "</body>",
            "</html>\n",
        ]
    )


def _claims(data: dict[str, Json]) -> Iterator[dict[str, Json]]:
    claims = data["claims"]
    if isinstance(claims, list):
        yield from (claim for claim in claims if isinstance(claim, dict))


@cache
def _asset(name: str) -> str:
    return resources.files("asbuilt.verify.report").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """A source expression of the Content Security Policy (https://www.w3.org/TR/CSP3/#grammardef-hash-source)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _head(found: Examination) -> Iterator[str]:
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<link rel="icon" href="data:,">'
    yield f"<title>{safe(found.component.facts.name)}: {safe(headline(found))}</title>"
    yield f"<style>{style}</style>"
    yield "</head>"


# What came out


def _top(found: Examination, at: datetime) -> Iterator[str]:
    facts = found.component.facts
    yield '<header class="top">'
    yield f'<p class="kicker">Is it true of the system? <b>{safe(facts.title or facts.name)}</b></p>'
    said = headline(found)
    yield f'<h1 class="outcome {outcome(found)}">{safe(said[:1].upper() + said[1:])}.</h1>'
    when = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    yield '<dl class="facts">'
    for name, value in (
        ("Document", str(found.component.source.path)),
        ("Examined", place(found)),
        ("When", when),
        ("Effort", f"{found.requests:,} requests in {found.seconds:.1f} s"),
        ("Seed", str(found.seed)),
        ("By", f"asbuilt {__version__}"),
    ):
        yield f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>"
    yield "</dl>"
    yield _bar(found.entries)
    if found.left:
        yield f'<p class="left">The budget was spent before these probes ran: {safe(", ".join(found.left))}.</p>'
    yield from (f'<p class="left">{safe(trouble)}</p>' for trouble in found.troubles)
    yield "</header>"


def _totals(found: Examination) -> Iterator[str]:
    """How many claims have which standing; a click shows these alone. They stay in sight."""
    known = counts(found.entries)
    yield '<div class="totals" role="group" aria-label="Show claims by standing">'
    yield _total("all", f"All <b>{len(found.entries)}</b>", pressed=True)
    for standing in STANDINGS:
        if known[standing] or standing in ("refuted", "unchecked", "verified"):
            yield _total(standing, f'{mark(standing)} <b data-total="{standing}">{known[standing]}</b>')
    yield '<button type="button" class="folding" data-fold="open">Open all evidence</button>'
    yield "</div>"


def _total(standing: str, inner: str, *, pressed: bool = False) -> str:
    state = "true" if pressed else "false"
    return f'<button type="button" class="total" data-show="{standing}" aria-pressed="{state}">{inner}</button>'


def _bar(entries: Sequence[Entry]) -> str:
    known, at, rects = counts(entries), 0.0, [_STRIPES]
    for standing in _BAR_ORDER:
        width = _BAR * known[standing] / max(1, len(entries))
        if width:
            rects.append(f'<rect class="{standing}" x="{at:.2f}" y="0" width="{width:.2f}" height="10"/>')
            at += width
    return (
        f'<svg class="bar" viewBox="0 0 {_BAR} 10" preserveAspectRatio="none" aria-hidden="true">{"".join(rects)}</svg>'
    )


def _refuted(found: Examination) -> Iterator[str]:
    refuted = found.standing("refuted")
    if refuted:
        yield '<section class="list"><h2>Refuted</h2><ul>'
        for entry in refuted:
            said, why = coded(entry.claim.statement), coded(entry.why)
            yield (
                f'<li><span class="sign refuted">{SIGNS["refuted"]}</span> '
                f'<a href="#claim-{safe(entry.claim.id)}">{said}</a><br><span class="why">{why}</span></li>'
            )
        yield "</ul></section>"


def _reasons(found: Examination) -> Iterator[str]:
    grouped = reasons(found.entries)
    if grouped:
        yield '<section class="list"><h2>Not checked, and why</h2><ul>'
        for reason in grouped:
            yield (
                f'<li><span class="sign unchecked">{len(reason.entries)}</span> {coded(reason.why)}<br>'
                f'<span class="why">{safe(", ".join(reason.titles))}</span></li>'
            )
        yield "</ul></section>"


def _sections(found: Examination) -> Iterator[str]:
    known = counts(found.entries)
    columns = [one for one in STANDINGS if known[one] or one in ("refuted", "unchecked", "verified")]
    anchors = _anchors(found)
    yield '<section class="sections"><h2>By section</h2><div class="table"><table><thead><tr><th>Section</th>'
    for one in columns:
        yield f'<th class="count">{SIGNS[one]} <span class="word">{one}</span></th>'
    yield "</tr></thead><tbody>"
    for part in parts(found.entries):
        sums = "".join(
            f'<td class="count {one if part.counts[one] else "none"}">{part.counts[one] or "–"}</td>' for one in columns
        )
        yield f'<tr><td><a href="#doc-{safe(anchors.get(part.key, ""))}">{safe(part.title)}</a></td>{sums}</tr>'
    yield "</tbody></table></div></section>"


def _anchors(found: Examination) -> dict[str, str]:
    """The heading that the claims of each section stand under."""
    headings = [block for block in read_blocks(found.component.source).blocks if isinstance(block, Heading)]
    anchors = {}
    for part in parts(found.entries):
        start = part.entries[0].claim.span.start
        above = [heading.anchor for heading in headings if heading.span.start <= start and heading.level <= 3]
        anchors[part.key] = above[-1] if above else ""
    return anchors


# The document


def _document(found: Examination, digests: dict[str, Json]) -> str:
    source = found.component.source
    lines: dict[int, list[Entry]] = {}
    again: dict[int, list[Entry]] = {}
    for entry in sorted(found.entries, key=lambda one: STANDINGS.index(one.claim.standing)):
        lines.setdefault(source.position(entry.claim.span.start).line, []).append(entry)
        for span in entry.claim.also:
            again.setdefault(source.position(span.start).line, []).append(entry)

    def show(entries: Sequence[Entry]) -> str:
        claims = "".join(proof.claim(entry, found.target, str(digests[entry.claim.id] or "")) for entry in entries)
        return f'<div class="claims">{claims}</div>'

    return "\n".join(render_document(read_blocks(source), Beside(source, lines, again, show)))


def _bottom(data: dict[str, Json]) -> Iterator[str]:
    # A `<` may begin `</script>` or `<!--`: inside JSON it can be spelled otherwise.
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    document = data["document"]
    yield "<footer><h2>What this page vouches for</h2>"
    yield '<p id="check" role="status">Not compared with its digest: the script of this page did not run.</p>'
    yield f'<p>SHA-256 of the data of this page: <code id="digest">{data["digest"]}</code></p>'
    if isinstance(document, dict):
        yield f"<p>SHA-256 of the document: <code>{document['sha256']}</code></p>"
    yield (
        "<p>A digest shows that a page was changed by chance or in part, not by whom it was written: compare it with"
        " the one that <code>asbuilt verify</code> printed. <b>Verified</b> means seen on the running system, in the"
        " cases that were tried. <b>Unchecked</b> means that nothing is known: it is no kind of success.</p>"
    )
    yield "</footer>"
    yield f'<script type="application/json" id="data">{written}</script>'
