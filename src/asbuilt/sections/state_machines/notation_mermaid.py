"""Mermaid's `stateDiagram-v2`: https://mermaid.js.org/syntax/stateDiagram.html."""

import re

from asbuilt.diagnostics import Hole
from asbuilt.language.names import Name
from asbuilt.sections.state_machines.model import State
from asbuilt.sections.state_machines.notation_draft import Cause, Draft, Edge
from asbuilt.sections.state_machines.notation_lines import START, read_cause
from asbuilt.source import Fragment

_NAME = r"(?:\[\*\]|[\w.-]+?)(?::::[\w-]+)?"
_WAY = re.compile(rf"(?P<source>{_NAME})\s*-->\s*(?P<target>{_NAME})\s*(?::\s*(?P<label>.*))?")
_ALIAS = re.compile(r'state\s+"(?P<shown>[^"\n]*)"\s+as\s+(?P<name>[\w.-]+)\s*(?P<open>\{)?')
_BLOCK = re.compile(r"state\s+(?P<name>[\w.-]+)\s*\{")
_CHOICE = re.compile(r"state\s+(?P<name>[\w.-]+)\s*<<(?P<kind>\w+)>>")
_TOLD = re.compile(r"(?P<name>[\w.-]+)\s*:\s*(?P<text>.*)")
_ALONE = re.compile(r"(?:state\s+)?(?P<name>[\w.-]+)")
_DRAWN = re.compile(
    r"stateDiagram(?:-v2)?|direction\s+\w+|hide\b.*|scale\b.*|classDef\b.*|class\b.*|style\b.*|accTitle\b.*|accDescr\b.*"
    r"|title\b.*|---.*|%%.*|end\s+note"
)
_NOTE = re.compile(r"note\s+(?:left|right)\s+of\s+[\w.-]+\s*(?P<text>:)?")


def is_mermaid(text: str) -> bool:
    """Whether a fence holds a state diagram, whatever its label."""
    return any(line.strip().startswith("stateDiagram") for line in text.split("\n", 20)[:20])


def read_mermaid(body: Fragment, draft: Draft) -> None:
    """Enter the states and transitions of a diagram. Its `[*]` mark the initial and the final states."""
    draft.marked = True
    at, noted = 0, False
    shown: dict[str, str] = {}
    for text in body.text.split("\n"):
        start, at = at, at + len(text) + 1
        bare = text.strip().removesuffix(";").rstrip()
        line = body.part(start + len(text) - len(text.lstrip()), start + len(text) - len(text.lstrip()) + len(bare))
        note = _NOTE.match(bare)
        if noted:
            noted = bare != "end note"
        elif note:
            noted = note["text"] is None
        elif bare and not _DRAWN.fullmatch(bare):
            _line(line, draft, shown)
    _respell(draft, shown)


def _line(line: Fragment, draft: Draft, shown: dict[str, str]) -> None:
    if match := _WAY.fullmatch(line.text):
        _way(line, match, draft)
    elif match := _ALIAS.fullmatch(line.text):
        shown[match["name"]] = match["shown"]
        if match["open"]:
            draft.holes.append(_nested(line))
    elif _BLOCK.fullmatch(line.text) or line.text in ("}", "--"):
        if line.text != "}":
            draft.holes.append(_nested(line))
    elif match := _CHOICE.fullmatch(line.text):
        message = f"`{match['name']}` is a pseudo state (`{match['kind']}`), and those are not read"
        draft.holes.append(Hole(line.whole, message, "draw a transition with a guard for each way"))
    elif match := _TOLD.fullmatch(line.text) or _ALONE.fullmatch(line.text):
        name = _named(line, match, "name")
        if not any(edge for edge in draft.edges if name.text in _names(edge)):
            draft.initial += [] if draft.initial or draft.edges else [name]
    else:
        draft.holes.append(Hole(line.whole, "this line of the diagram is not read", "write `paid --> shipped: ship`"))


def _nested(line: Fragment) -> Hole:
    return Hole(line.whole, "a state inside of a state is not read", "draw each machine in a diagram of its own")


def _names(edge: Edge) -> set[str]:
    return {name.text for name in (*edge.sources, *edge.targets) if isinstance(name, Name)}


def _named(line: Fragment, match: re.Match[str], group: str) -> Name:
    start = match.start(group)
    text = match[group].partition(":::")[0]
    return Name(text, line.span(start, start + len(text)))


def _way(line: Fragment, match: re.Match[str], draft: Draft) -> None:
    source, target = _named(line, match, "source"), _named(line, match, "target")
    cause = _cause(line.part(*match.span("label")), draft) if match["label"] else Cause()
    if source.text == START and target.text != START:
        draft.initial.append(target)
    elif target.text == START:
        draft.final.add(source.text)
    else:
        draft.edges.append(Edge((source,), (target,), cause, line.whole))


def _cause(label: Fragment, draft: Draft) -> Cause:
    found = read_cause(label)
    if isinstance(found, Hole):
        draft.unread.append(Name(label.text, label.whole))
        return Cause()
    return found


def _respell(draft: Draft, shown: dict[str, str]) -> None:
    """`state "On hold" as OnHold` gives the state its name, `OnHold` stands for it in the diagram."""
    if not shown:
        return

    def spelt(name: Name) -> Name:
        return Name(shown.get(name.text, name.text), name.span)

    for at, edge in enumerate(draft.edges):
        sources = tuple(spelt(name) if isinstance(name, Name) else name for name in edge.sources)
        draft.edges[at] = Edge(sources, tuple(map(spelt, edge.targets)), edge.cause, edge.span)
    draft.states = [State(spelt(state.name), state.final) for state in draft.states]
    draft.initial = [spelt(name) for name in draft.initial]
    draft.final = {shown.get(name, name) for name in draft.final}
