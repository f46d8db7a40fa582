"""Lines about transitions: `paid -> shipped on ship [guard] / action`, and the chains that people write instead.

line    = way (("," | ";") way)*
way     = states (arrow targets clause*)+
states  = state (("," | "/" | "|" | "or" | "and") state)*
        | ("any" | "all" | "*") ["active" | "other" | ...] ["state"] ["except" states]
state   = word | quoted, with "(final)", "(initial)", "(optional)" behind it
clause  = "on" event ("," event)* | "[" guard "]" | "when" guard | "/" action | "after" duration
        | "at" column | ":" event | "(" clause ")"
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from asbuilt.diagnostics import Hole
from asbuilt.language.conditions import read_condition
from asbuilt.language.names import Name, snake
from asbuilt.language.values import duration
from asbuilt.sections.state_machines.model import After, At, Guard, Timer
from asbuilt.sections.state_machines.notation_draft import AnyState, Cause, Draft, Edge
from asbuilt.sections.state_machines.notation_tokens import Misread, Token, tokens
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

START = "[*]"
MOST_WORDS = 3  # of a name that is not quoted
_ON = frozenset({"on", "upon", "via", "by"})
_IF = frozenset({"when", "if", "where"})
_CLAUSES = _ON | _IF | {"after", "at"}
_ANY = frozenset({"any", "all", "every", "*"})
_ANY_WORDS = frozenset(
    {"of", "other", "active", "open", "non-final", "non-terminal", "nonterminal", "state", "states", "status"}
)
_EXCEPT = frozenset({"except", "but"})
_MARKS = {"final": "final", "terminal": "final", "initial": "initial"}
_BETWEEN = frozenset({"/", "|", "·", "•"})
_FORM = "write `paid -> shipped on ship [guard] / action`"


@dataclass(slots=True)
class Chain:
    """Where a line left off, for one that begins with an arrow. Lines that begin alike go on from the same states."""

    last: tuple[Name | AnyState, ...] = ()
    branches: dict[int, tuple[Name | AnyState, ...]] = field(default_factory=dict)

    def before(self, indent: int) -> tuple[Name | AnyState, ...]:
        return self.branches.setdefault(indent, self.last)


def read_line(line: Fragment, draft: Draft, chain: Chain, *, strict: bool) -> Hole | None:
    """Enter the transitions of a line; a hole says what could not be read of it, and then nothing is entered.

    Where the line is not `strict`, words for people may follow on its transitions.
    """
    try:
        reader = _Line(line, tokens(line), draft, chain, strict=strict)
        edges = list(reader.whole())
    except Misread as misread:
        return misread.hole
    draft.edges += edges
    draft.initial += reader.initial
    draft.final |= reader.final
    draft.marked = draft.marked or bool(reader.final)
    draft.unread += reader.unread
    return None


def read_cause(text: Fragment) -> Cause | Hole:
    """What makes a transition happen, as a label or a cell says it: `pay [guard] / action`, `after 30m`."""
    try:
        found = tokens(text)
        reader = _Line(text, found, Draft(), Chain())
        first = found[0]
        cause = Cause()
        if first.kind in ("word", "quoted") and first.text not in _CLAUSES:
            cause = Cause(events=reader.events())
        cause = reader.clauses(cause)
        if reader.now.kind != "end":
            reader.fail("this is no event, guard or action", "write `event [guard] / action`")
        return replace(cause, events=cause.events) if not reader.unread else Hole(text.whole, "this names no event")
    except Misread as misread:
        return misread.hole


def guard_of(text: Fragment) -> Guard:
    return Guard(Name(text.text, text.whole), read_condition(text))


class _Line:
    """Reads one line from left to right."""

    def __init__(self, line: Fragment, found: list[Token], draft: Draft, chain: Chain, *, strict: bool = True) -> None:
        self.line = line
        self.strict = strict
        self.tokens = found
        self.chain = chain
        self.known = {state.name.text for state in draft.states}
        self.at = 0
        self.initial: list[Name] = []
        self.final: set[str] = set()
        self.unread: list[Name] = []

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def fail(self, message: str, hint: str = _FORM) -> None:
        token = self.now
        end = token.end if token.kind != "end" else token.start
        raise Misread(Hole(self.line.span(token.start, end), message, hint))

    def span(self, start: int) -> Span:
        return self.line.span(start, self.tokens[self.at - 1].end)

    def whole(self) -> Iterator[Edge]:
        if self.now.kind == "arrow":
            sources = self.chain.before(self.now.start)
            if not sources:
                self.fail("there is no state before this arrow")
        else:
            self.chain.branches.clear()
            sources = ()
        while self.now.kind != "end":
            yield from self.way(sources)
            sources = ()
            if self.now.kind == "mark" and self.now.text in (",", ";"):
                self.at += 1
            elif self.now.kind != "end" and self.strict:
                self.fail(f"`{self.said(self.now)}` is not expected here")
            elif self.now.kind != "end":
                rest = self.line.part(self.now.start, len(self.line.text.rstrip()))
                self.unread.append(Name(rest.text, rest.whole))
                return

    def said(self, token: Token) -> str:
        return self.line.text[token.start : token.end]

    def way(self, sources: tuple[Name | AnyState, ...]) -> Iterator[Edge]:
        start = self.now.start
        sources = sources or self.sources()
        if self.now.kind not in ("arrow", "both"):
            self.fail("an arrow is missing after the state")
        while self.now.kind in ("arrow", "both"):
            arrow = self.now
            self.at += 1
            targets, optional = self.targets()
            cause = Cause(events=(_event(arrow.fragment),)) if arrow.text and arrow.kind == "arrow" else Cause()
            cause = self.clauses(cause)
            self._mark(sources, targets)
            shown = self.span(start)
            yield from _real(Edge(sources, targets, cause, shown))
            if arrow.kind == "both":
                back = tuple(name for name in sources if isinstance(name, Name))
                yield from _real(Edge(targets, back, cause, shown))
            sources = (*targets, *sources) if optional else targets
            self.chain.last = sources

    def _mark(self, sources: tuple[Name | AnyState, ...], targets: tuple[Name, ...]) -> None:
        if any(isinstance(name, Name) and name.text == START for name in sources):
            self.initial += targets
        if any(name.text == START for name in targets):
            self.final |= {name.text for name in sources if isinstance(name, Name) and name.text != START}

    def sources(self) -> tuple[Name | AnyState, ...]:
        if self.now.text.lower() in _ANY and self.now.kind == "word" and self.now.text not in self.known:
            return (self.any_state(),)
        found: list[Name | AnyState] = [self.state()[0]]
        while self.separated("and", ","):
            found.append(self.state()[0])
        return tuple(found)

    def separated(self, *more: str) -> bool:
        """Take what stands between two states, if there is such."""
        token = self.now
        if (token.kind == "mark" and token.text in _BETWEEN) or (
            token.kind != "quoted" and token.text in ("or", *more)
        ):
            self.at += 1
            return True
        return False

    def any_state(self) -> AnyState:
        start = self.now.start
        self.at += 1
        while self.now.kind == "word" and self.now.text.lower() in _ANY_WORDS:
            self.at += 1
        end = self.tokens[self.at - 1].end
        excepted: list[str] = []
        if self.now.kind == "word" and self.now.text.lower() in _EXCEPT:
            self.at += 1
            excepted.append(self.state()[0].text)
            while self.separated("and", ","):
                excepted.append(self.state()[0].text)
        return AnyState(self.line.span(start, end), tuple(excepted))

    def targets(self) -> tuple[tuple[Name, ...], bool]:
        """The states after an arrow, and whether one of them may be passed over."""
        name, optional = self.state()
        found = [name]
        while self.separated() or (self.now.text == "," and self._is_target_after_comma() and self.separated(",")):
            name, skipped = self.state()
            found.append(name)
            optional = optional or skipped
        return tuple(found), optional

    def _is_target_after_comma(self) -> bool:
        """Whether no arrow follows before the next comma: else what stands behind it begins a way of its own."""
        for token in self.tokens[self.at + 1 :]:
            if token.kind in ("arrow", "both"):
                return False
            if token.kind == "mark" and token.text in (",", ";"):
                return True
        return True

    def state(self) -> tuple[Name, bool]:
        """A state's name, and whether it is marked as optional."""
        token = self.now
        if token.text in _CLAUSES and token.kind == "word" and token.text not in self.known:
            self.fail(f"a state is missing before `{token.text}`")
        if token.kind in ("quoted", "start"):
            self.at += 1
            name = token.name
        else:
            name = self.words("a state")
        optional = False
        while self.now.kind == "paren" and self.now.text.lower() in (*_MARKS, "optional"):
            mark = _MARKS.get(self.now.text.lower())
            optional = optional or mark is None
            if mark == "final":
                self.final.add(name.text)
            elif mark == "initial":
                self.initial.append(name)
            self.at += 1
        return name, optional

    def words(self, what: str) -> Name:
        """A name of one word, or of a few: it ends before a clause, a mark or an arrow."""
        first = self.now
        if first.kind != "word":
            self.fail(f"{what} is missing here" if first.kind in ("end", "arrow") else f"this is no name of {what}")
        self.at += 1
        count = 1
        while self.now.kind == "word" and self.now.text not in (*_CLAUSES, "or", "and"):
            self.at += 1
            count += 1
        fragment = self.line.part(first.start, self.tokens[self.at - 1].end)
        if count > MOST_WORDS:
            raise Misread(Hole(fragment.whole, f"this is too long for a name of {what}", "put names in quotes"))
        return Name(fragment.text, fragment.whole)

    def clauses(self, cause: Cause) -> Cause:
        while True:
            token = self.now
            match token.kind:
                case "tick":
                    self.at += 1
                case "bracket":
                    self.at += 1
                    cause = replace(cause, guard=guard_of(token.fragment))
                case "paren":
                    self.at += 1
                    cause = self.remark(token, cause)
                case "mark" if token.text == "/" and (cause.events or cause.timer or cause.guard):
                    self.at += 1
                    cause = replace(cause, action=_called(self.words("an action")))
                case "mark" if token.text == ":":
                    self.at += 1
                    if self.now.kind != "bracket" and self.now.text not in _CLAUSES:
                        cause = replace(cause, events=(*cause.events, *self.events()))
                case "word" if token.text in _CLAUSES:
                    self.at += 1
                    cause = self.clause(token, cause)
                case _:
                    return cause

    def clause(self, token: Token, cause: Cause) -> Cause:
        if token.text in _ON:
            return replace(cause, events=(*cause.events, *self.events()))
        if token.text in _IF:
            return replace(cause, guard=self.condition())
        timer = self.after(token) if token.text == "after" else self.moment(token)
        return replace(cause, timer=timer)

    def events(self) -> tuple[Name, ...]:
        found = [self.event()]
        while (self.now.text == "," and self._is_target_after_comma()) or self.now.text == "or":
            self.at += 1
            found.append(self.event())
        return tuple(found)

    def event(self) -> Name:
        if self.now.kind == "quoted":
            self.at += 1
            return _event(self.tokens[self.at - 1].fragment)
        name = self.words("an event")
        return Name(_identifier(name.text), name.span)

    def condition(self) -> Guard:
        """What stands between `when` and an action, or the end of the line."""
        start = self.now.start
        end = next((each.start for each in self.tokens[self.at :] if each.kind == "end"), start)
        slash = next((i for i, each in enumerate(self.tokens) if i > self.at and each.text == "/"), None)
        if slash is not None and self.tokens[slash + 2].kind == "end":
            end = self.tokens[slash].start
        while self.now.start < end and self.now.kind != "end":
            self.at += 1
        text = self.line.part(start, end)
        return guard_of(text.part(0, len(text.text.rstrip())))

    def after(self, keyword: Token) -> After:
        start = self.now.start
        if self.now.kind == "variable":
            token = self.now
            self.at += 1
            return After(None, Name(token.text[2:-1], token.fragment.whole), self.span(keyword.start))
        while self.now.kind == "word" and self.now.text not in _CLAUSES:
            self.at += 1
        said = self.line.text[start : self.tokens[self.at - 1].end] if self.now.start > start else ""
        return After(duration(said), None, self.span(keyword.start))

    def moment(self, keyword: Token) -> At:
        if self.now.kind not in ("word", "quoted") or self.now.text in _CLAUSES:
            place = self.span(keyword.start)
            return At(Name("", place), place)
        self.at += 1
        return At(self.tokens[self.at - 1].name, self.span(keyword.start))

    def remark(self, token: Token, cause: Cause) -> Cause:
        """What stands in parentheses after a transition: its clauses or its event, else words for people."""
        if not token.text:
            return cause
        nested = "(" in token.text.replace("()", "")
        inner = read_cause(token.fragment) if not nested else Hole(token.fragment.whole, "")
        if isinstance(inner, Hole) or cause.events or len(token.text.split()) > MOST_WORDS:
            self.unread.append(token.name)
            return cause
        timer: Timer | None = inner.timer or cause.timer
        return Cause(inner.events, timer, inner.guard or cause.guard, inner.action or cause.action)


def _real(edge: Edge) -> Iterator[Edge]:
    """The edge without the pseudo state that begins and ends it."""
    sources = tuple(one for one in edge.sources if isinstance(one, AnyState) or one.text != START)
    targets = tuple(one for one in edge.targets if one.text != START)
    if sources and targets:
        yield replace(edge, sources=sources, targets=targets)


def _event(fragment: Fragment) -> Name:
    return Name(_identifier(fragment.text), fragment.whole)


def _identifier(text: str) -> str:
    """An event as operations name it: several words are one in snake_case."""
    bare = text.strip().removesuffix("()")
    return bare if " " not in bare and "-" not in bare else snake(bare)


def _called(name: Name) -> Name:
    return Name(name.text.removesuffix("()"), name.span)


@frozen
class Listed:
    """States in a list, and what is said of them in parentheses."""

    names: tuple[Name | AnyState, ...]
    initial: tuple[Name, ...]
    final: frozenset[str]
    remarks: tuple[Name, ...]


def read_states(text: Fragment) -> Listed | Hole:
    """A list of states, as `States:` and the cells of tables hold them: `pending, "on hold" / shipped (final)`."""
    try:
        reader = _Line(text, tokens(text), Draft(), Chain())
        names: list[Name | AnyState] = []
        while reader.now.kind != "end":
            names += reader.sources()
            while reader.now.kind in ("paren", "bracket"):
                reader.unread.append(reader.now.name)
                reader.at += 1
            if reader.now.kind != "end" and not reader.separated("and", ",", ";"):
                reader.fail(f"`{reader.said(reader.now)}` is not expected here", "divide states by commas")
    except Misread as misread:
        return misread.hole
    return Listed(tuple(names), tuple(reader.initial), frozenset(reader.final), tuple(reader.unread))
