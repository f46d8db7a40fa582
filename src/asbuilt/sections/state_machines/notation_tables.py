"""Tables of transitions (From, Event, Guard, To) and of states, their columns in any order and by many names."""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Hole
from asbuilt.document import Row, Table, Text
from asbuilt.language.names import Name
from asbuilt.sections.state_machines.model import State
from asbuilt.sections.state_machines.notation_draft import AnyState, Cause, Draft, Edge
from asbuilt.sections.state_machines.notation_lines import START, guard_of, read_cause, read_states
from asbuilt.source import Fragment

_HEADERS = {
    "from": "from;source;current;old",
    "to": "to;target;next;new;becomes;resulting",
    "event": "event;trigger;on;transition;command;when",
    "guard": "guard;condition;guards;conditions;precondition;preconditions;requires;only if",
    "action": "action;effect;actions;effects;side effect;side effects;do",
    "state": "state;status;states",
    "final": "final;terminal;is final;end",
    "allowed": "allowed transitions;transitions;transitions to;can go to;possible transitions;valid transitions",
}
_KNOWN = {word: key for key, words in _HEADERS.items() for word in words.split(";")}
_NOTHING = re.compile(r"\W*(?:none|n/a|nothing|start|\(start\))?\W*", re.IGNORECASE)
_YES = re.compile(r"\s*(?:yes|y|true|x|final|terminal|✓|✔|✅)\s*", re.IGNORECASE)


def read_table(table: Table, draft: Draft) -> bool:
    """Enter the rows of a table; False where its columns are those of neither transitions nor states."""
    columns = _columns(table.header)
    if "to" in columns and ("from" in columns or "state" in columns):
        for row in table.rows:
            _transition(row, columns, draft)
        return True
    if "state" in columns and len(table.header.cells) > 1:
        draft.marked = draft.marked or "final" in columns
        for row in table.rows:
            _state(row, columns, draft)
        return True
    return False


def _columns(header: Row) -> dict[str, int]:
    """The place of each column that is known, by what it holds."""
    found: dict[str, int] = {}
    for at, cell in enumerate(header.cells):
        words = cell.plain.strip().casefold()
        bare = re.sub(r"\s*(?:states?|status(?:es)?)$", "", words)
        key = _KNOWN.get(words) or _KNOWN.get(bare)
        key = "to" if key == "allowed" else key
        if key and key not in found:
            found[key] = at
    return found


def _cell(row: Row, columns: dict[str, int], key: str) -> Fragment | None:
    at = columns.get(key)
    text: Text | None = row.cells[at] if at is not None and at < len(row.cells) else None
    if text is None or not text.text.strip() or _NOTHING.fullmatch(text.text):
        return None
    return text.fragment


def _transition(row: Row, columns: dict[str, int], draft: Draft) -> None:
    source, target = _cell(row, columns, "from") or _cell(row, columns, "state"), _cell(row, columns, "to")
    targets = list(_listed(target, draft)) if target else []
    cause = _cause(row, columns, draft)
    if source is None:
        draft.initial += targets
        return
    sources = _listed_or_any(source, draft)
    if not targets:
        draft.final |= {name.text for name in sources if isinstance(name, Name)}
        return
    if any(name.text == START for name in targets):
        draft.final |= {name.text for name in sources if isinstance(name, Name)}
    kept = tuple(name for name in targets if name.text != START)
    if sources and kept:
        draft.edges.append(Edge(sources, kept, cause, row.span))


def _listed_or_any(cell: Fragment, draft: Draft) -> tuple[Name | AnyState, ...]:
    found = read_states(cell)
    if isinstance(found, Hole):
        draft.holes.append(found)
        return ()
    return tuple(found.names)


def _listed(cell: Fragment, draft: Draft) -> Iterator[Name]:
    found = read_states(cell)
    if isinstance(found, Hole):
        draft.holes.append(found)
        return
    draft.unread += found.remarks
    draft.final |= found.final
    yield from (name for name in found.names if isinstance(name, Name))


def _cause(row: Row, columns: dict[str, int], draft: Draft) -> Cause:
    """The event, guard and action of a row. Beside a column of states alone, a trigger is what led into the state."""
    cause = Cause()
    if event := _cell(row, columns, "event"):
        read = read_cause(event) if "from" in columns else Hole(event.whole, "")
        if isinstance(read, Hole):
            draft.unread.append(Name(event.text, event.whole))
        else:
            cause = read
    guard, action = _cell(row, columns, "guard"), _cell(row, columns, "action")
    named = _name(action) if action else None
    if action and named is None:
        draft.unread.append(Name(action.text, action.whole))
    return Cause(cause.events, cause.timer, guard_of(_bare(guard)) if guard else cause.guard, named or cause.action)


def _bare(cell: Fragment) -> Fragment:
    """A cell without the backticks around it."""
    inner = re.fullmatch(r"`([^`]+)`", cell.text)
    return cell.part(*inner.span(1)) if inner else cell


def _name(cell: Fragment) -> Name | None:
    bare = _bare(cell)
    return Name(bare.text.removesuffix("()"), bare.whole) if re.fullmatch(r"\w+(?:\(\))?", bare.text) else None


def _state(row: Row, columns: dict[str, int], draft: Draft) -> None:
    cell = _cell(row, columns, "state")
    found = read_states(cell) if cell else None
    if isinstance(found, Hole):
        draft.holes.append(found)
    elif found:
        final = _cell(row, columns, "final")
        is_final = final is not None and _YES.fullmatch(final.text) is not None
        for name in found.names:
            if isinstance(name, Name):
                draft.states.append(State(name, is_final or name.text in found.final))
        draft.initial += found.initial
