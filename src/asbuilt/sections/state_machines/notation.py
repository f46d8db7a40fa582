"""Reads State Machines: one machine under each heading, in whatever notation its blocks are.

Canonical are `States:` and `Transitions:`; chains of arrows, bullets, tables and Mermaid's diagrams are read as well.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from asbuilt.diagnostics import Hole
from asbuilt.document import Block, Fence, Heading, ListBlock, Outline, Paragraph, Part, Quote, Table, Text
from asbuilt.language.names import Name
from asbuilt.sections.state_machines.model import Machine, State, StateMachines
from asbuilt.sections.state_machines.notation_draft import MOST_TRANSITIONS, Draft
from asbuilt.sections.state_machines.notation_lines import Chain, read_line, read_states
from asbuilt.sections.state_machines.notation_mermaid import is_mermaid, read_mermaid
from asbuilt.sections.state_machines.notation_tables import read_table
from asbuilt.sections.state_machines.notation_tokens import ARROW
from asbuilt.source import Fragment, Span

KEY = "state-machines.machine"
Mode: TypeAlias = Literal[
    "", "states", "transitions", "events", "initial", "final", "since", "column", "enforce", "history"
]
_WORDS: dict[str, Mode] = {
    "states": "states",
    "state": "states",
    "statuses": "states",
    "transitions": "transitions",
    "transition": "transitions",
    "valid transitions": "transitions",
    "allowed transitions": "transitions",
    "state transitions": "transitions",
    "transition rules": "transitions",
    "allowed states": "states",
    "allowed statuses": "states",
    "status transitions": "transitions",
    "events": "events",
    "initial": "initial",
    "initial state": "initial",
    "start": "initial",
    "final": "final",
    "final states": "final",
    "final state": "final",
    "terminal states": "final",
    "terminal state": "final",
    "terminal": "final",
    "since": "since",
    "column": "column",
    "enforce": "enforce",
    "history": "history",
}
_CODE = re.compile(r"`([^`\n]+)`")
_ENTRY = re.compile(r"[ \t]*(?:[-*+•][ \t]+(?![->])|\d{1,3}[.)][ \t]+)?")
_KEY = re.compile(r"(?:\*\*|__)?(?P<key>[A-Za-z][A-Za-z ]{2,20}?)[ \t]*(?:\*\*|__)?[ \t]*:(?:\*\*|__)?(?:[ \t]+|$)")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))(?:#|//|%%)(?=\s|$).*")
_NAMED = re.compile(r"[^(`\n]+")
_NUMBERING = re.compile(r"[\dA-Z]{0,3}(?:\.\d+)*[.)]?[ \t]+(?=\S)")
_COLUMN = re.compile(r"(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)")
_SINCE = re.compile(r"\bsince[ \t]+`?(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_OF_STATES = re.compile(
    r"(?i)(?:.*\s)?(?:(?:states?|status(?:es)?)(?:[ ](?:machines?|transitions?|flow|diagram|rules|model|lifecycle))?"
    r"|life-?[ ]?cycle)\s*(?:\([^()]*\))?"
)
_YES = frozenset({"yes", "true", "on", "kept"})
_NO = frozenset({"no", "false", "off", "none"})


def read(outline: Outline) -> StateMachines:
    """All machines of a document, in its order. What of them cannot be read is a hole, or a line for the reader."""
    machines: list[Machine] = []
    holes: list[Hole] = []
    unread: list[Name] = []
    empty: list[Name] = []
    for part in (*outline.parts("state-machines"), *outline.parts(KEY)):
        draft = _read(part.own)
        if not draft.empty:
            machines.append(_machine(part.title.fragment, part.span, draft))
            unread += draft.unread
        elif part.key == KEY and not draft.holes:
            empty += _nothing(part)
        holes += draft.holes
    for title, part in _elsewhere(outline):
        draft = _read(part.blocks)
        if draft.connected:
            machines.append(_machine(title, part.span, draft))
            holes += draft.holes
            unread += draft.unread
    machines.sort(key=lambda machine: machine.span.start)
    return StateMachines(tuple(machines), tuple(holes), tuple(unread), tuple(empty))


def _elsewhere(outline: Outline) -> Iterator[tuple[Fragment, Part]]:
    """Headings of no section that speak of states, with what names the machine: `States` alone names none."""
    ahead = [(part, part.title.fragment) for part in reversed(outline.roots)]
    while ahead:
        part, above = ahead.pop()
        said = part.title.plain
        if part.key is None and _OF_STATES.fullmatch(said):
            bare = _NUMBERING.sub("", said, count=1).strip().casefold()
            yield above if bare in _WORDS else part.title.fragment, part
        if part.key not in (KEY, "state-machines"):
            ahead.extend((child, part.title.fragment) for child in reversed(part.children))


def _nothing(part: Part) -> Iterator[Name]:
    """A heading under which there is no machine in any form that is read."""
    if part.own:
        yield Name(part.title.plain.strip(), part.title.span)


def _machine(title: Fragment, span: Span, draft: Draft) -> Machine:
    states = draft.whole()
    transitions = tuple(draft.transitions(states))
    if len(transitions) == MOST_TRANSITIONS:
        message = f"a machine has fewer than {MOST_TRANSITIONS} transitions"
        draft.holes.append(Hole(title.whole, message, "write it as several machines"))
    return Machine(
        name=_name(title),
        column=draft.column or _column(title),
        span=span,
        states=states,
        transitions=transitions,
        declared=bool(draft.states),
        repeated=tuple(draft.repeated()),
        events=tuple(draft.events),
        since=draft.since or _found(_SINCE, title),
        enforce=draft.enforce,
        history=draft.history,
    )


def _name(title: Fragment) -> Name:
    numbered = _NUMBERING.match(title.text)
    start = numbered.end() if numbered and any(char.isdigit() for char in numbered.group()) else 0
    match = _NAMED.match(title.text, start)
    said = match.group().rstrip(" \t-–—:") if match else title.text
    return Name(said.strip() or title.text, title.span(start, start + len(said)))


def _column(title: Fragment) -> Name | None:
    """The column that a heading names, in backticks or in parentheses."""
    opened = re.search(r"[`(]", title.text)
    since = _SINCE.search(title.text)
    for match in _COLUMN.finditer(title.text, opened.start() if opened else len(title.text)):
        if since is None or match.start() != since.start("name"):
            return Name(match["name"], title.span(*match.span("name")))
    return None


def _found(pattern: re.Pattern[str], text: Fragment) -> Name | None:
    match = pattern.search(text.text)
    return Name(match["name"], text.span(*match.span("name"))) if match else None


@dataclass(slots=True)
class _Reading:
    """Where the reader stands: what the lines at hand are about, and where a chain of arrows left off.

    `strict` is what stands in a fence that says to be a machine: there, each line must be one.
    """

    draft: Draft
    mode: Mode = ""
    strict: bool = False
    chain: Chain = field(default_factory=Chain)

    def line(self, line: Fragment, *, bullet: bool = False) -> None:
        comment = _COMMENT.search(line.text) if self.strict else None
        entry = _ENTRY.match(line.text) if self.strict or bullet else None
        start = entry.end() if entry and entry.group().strip() else 0
        end = len(line.text[: comment.start() if comment else len(line.text)].rstrip())
        bare = line.part(start, max(start, end))
        if not bare.text.strip():
            return
        key = _KEY.match(bare.text.lstrip())
        mode = _WORDS.get(key["key"].strip().lower(), "") if key else ""
        if key and mode:
            self.mode = mode
            cut = len(bare.text) - len(bare.text.lstrip()) + key.end()
            rest = bare.part(cut, len(bare.text))
            if rest.text.strip():
                self.value(rest, bullet=False)
        elif self.mode or ARROW.search(bare.text):
            self.value(bare, bullet=bullet or start > 0)
        elif self.strict:
            hint = "write `States: ...`, `Transitions: ...` or `paid -> shipped on ship`"
            self.draft.holes.append(Hole(_trimmed(bare).whole, "this says nothing of a state machine", hint))

    def value(self, text: Fragment, *, bullet: bool) -> None:
        """What stands after a key, or in a line below it."""
        if ARROW.search(text.text):
            known = len(self.draft.edges)
            hole = read_line(text, self.draft, self.chain, strict=self.strict)
            if hole is None or self.strict or not self.spans(text):
                self.lost(text, hole)
            for edge in self.draft.edges[known:]:
                if self.strict and edge.cause.guard and isinstance(edge.cause.guard.condition, Hole):
                    self.draft.holes.append(edge.cause.guard.condition)
            return
        bare = _trimmed(text)
        match self.mode:
            case "states" | "initial" | "final":
                self.states(bare, bullet=bullet)
            case "events":
                found = read_states(bare)
                self.draft.events += [] if isinstance(found, Hole) else [n for n in found.names if isinstance(n, Name)]
                self.lost(bare, found if isinstance(found, Hole) else None)
            case "since" | "column":
                name = _found(re.compile(r"`?(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)`?\s*$"), bare)
                self.lost(bare, None if name else Hole(bare.whole, "this is no column", "write `orders.paid_at`"))
                if self.mode == "since":
                    self.draft.since = name
                else:
                    self.draft.column = name
            case "enforce" | "history":
                self.setting(bare)
            case _:
                hint = "write `paid -> shipped on ship`"
                self.lost(bare, Hole(bare.whole, "this transition has no arrow", hint))

    def spans(self, text: Fragment) -> bool:
        """Whether code spans of a sentence hold transitions, which then are entered."""
        found = [text.part(*match.span(1)) for match in _CODE.finditer(text.text) if ARROW.search(match[1])]
        return None in [read_line(span, self.draft, self.chain, strict=True) for span in found]

    def states(self, text: Fragment, *, bullet: bool) -> None:
        if bullet:  # one state, and what it is for
            remark = re.search(r"[ \t]*(?:[:–—]|[ \t]-)[ \t]", text.text)
            text = text.part(0, remark.start()) if remark else text
        found = read_states(text)
        if isinstance(found, Hole):
            self.lost(text, found)
            return
        names = [name for name in found.names if isinstance(name, Name)]
        draft = self.draft
        draft.unread += found.remarks
        draft.marked = draft.marked or bool(found.final)
        if self.mode == "states":
            draft.states += [State(name, name.text in found.final) for name in names]
            draft.initial += found.initial
        elif self.mode == "initial":
            draft.initial += names
        else:
            draft.marked = True
            draft.final |= {name.text for name in names}

    def setting(self, text: Fragment) -> None:
        word = text.text.strip("`").lower()
        if self.mode == "enforce":
            if word in ("database", "trigger"):
                self.draft.enforce = Name("database", text.whole)
            elif word not in {"service", "application", *_NO}:
                self.lost(text, Hole(text.whole, f"`{text.text}` enforces nothing", "write `Enforce: database`"))
        elif word in _YES:
            self.draft.history = Name(text.text, text.whole)
        elif word not in _NO:
            self.lost(text, Hole(text.whole, f"`{text.text}` is neither yes nor no", "write `History: yes`"))
        self.mode = ""

    def lost(self, text: Fragment, hole: Hole | None) -> None:
        """In a fence that is a machine, what cannot be read is a fault; in prose, a line for people."""
        if hole and self.strict:
            self.draft.holes.append(hole)
        elif hole:
            bare = _trimmed(text)
            self.draft.unread.append(Name(bare.text, bare.whole))


def _trimmed(text: Fragment) -> Fragment:
    start = len(text.text) - len(text.text.lstrip())
    return text.part(start, max(start, len(text.text.rstrip())))


def _read(blocks: Iterable[Block]) -> Draft:
    draft = Draft()
    _blocks(blocks, _Reading(draft))
    return draft


def _blocks(blocks: Iterable[Block], reading: _Reading) -> None:
    for block in blocks:
        match block:
            case Heading():
                reading.mode = _WORDS.get(block.text.plain.strip().rstrip(":").lower(), "")
            case Fence() if is_mermaid(block.body.text):
                read_mermaid(block.body, reading.draft)
            case Fence():
                _fence(block, reading)
            case Paragraph():
                _prose(block.text, reading)
            case ListBlock():
                _list(block, reading)
            case Quote():
                _blocks(block.blocks, reading)
            case Table():
                if not read_table(block, reading.draft):
                    reading.draft.unread += [Name(row.cells[0].plain, row.span) for row in block.rows if row.cells]


def _list(block: ListBlock, reading: _Reading) -> None:
    for item in block.items:
        for line in item.text.lines if item.text else ():
            reading.line(line.fragment, bullet=True)
        _blocks(item.blocks[1:] if item.text else item.blocks, reading)
    reading.mode = ""


def _prose(text: Text, reading: _Reading) -> None:
    """A paragraph: its settings and chains. Other sentences are for people."""
    for line in text.lines:
        key = _KEY.match(line.text)
        known = key is not None and key["key"].strip().lower() in _WORDS
        if not known and not ARROW.search(line.text):
            reading.mode = ""
            continue
        reading.line(line.fragment)


def _fence(fence: Fence, reading: _Reading) -> None:
    """A fence is a machine if it has a key of one, or arrows between names on most of its lines."""
    lines = [line for line in fence.body.text.split("\n") if line.strip()]
    keys = sum(_WORDS.get(key["key"].strip().lower(), "") in ("states", "transitions") for key in _keys(lines))
    arrows = sum(ARROW.search(line) is not None for line in lines)
    inside = _Reading(reading.draft, reading.mode, strict=keys > 0 or bool(reading.mode))
    if not inside.strict and 2 * arrows < len(lines):
        body = fence.body
        reading.draft.unread += [Name(lines[0].strip(), body.whole)] if lines else []
        return
    at = 0
    for text in fence.body.text.split("\n"):
        start, at = at, at + len(text) + 1
        inside.line(fence.body.part(start, start + len(text)))


def _keys(lines: Iterable[str]) -> Iterator[re.Match[str]]:
    return (key for line in lines if (key := _KEY.match(line.strip())))
