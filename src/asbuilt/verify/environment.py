"""Environment variables: the target is started without each, and with such values as the document does not allow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, TypeAlias

from asbuilt.sections.configuration import EnvironmentVariable, LoadingStep
from asbuilt.values import frozen
from asbuilt.verify.probe import probe
from asbuilt.verify.settings import DATABASE, PASSWORD, PORTS, choices, wrong
from asbuilt.verify.stand import Case, Seen, Stand, named, stand_of
from asbuilt.verify.starting import free_ports, is_free
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import NOTHING, Evidence, Verdict

# What a start says of a variable; `weak` is right and shows little.
Mark: TypeAlias = Literal["bad", "good", "weak", "open"]
_LEAST_PATIENCE = 10.0
_SLOWER = 8  # times as long as the first start may others take
_UNSEEN = "it starts without it; which value it has then cannot be seen from outside"


@frozen
class Note:
    mark: Mark
    told: str
    evidence: Evidence = NOTHING


@probe("environment", "variable", "loading step", needs=("start",), cost=10, risk=5)
def environment(trial: Trial) -> Iterator[Verdict]:
    """Each start differs in one thing from one that serves; all of them are ended."""
    if trial.component.configuration.variables or trial.component.configuration.loading:
        yield from _Examined(trial, stand_of(trial)).verdicts()


@dataclass
class _Examined:
    trial: Trial
    stand: Stand
    notes: dict[str, list[Note]] = field(default_factory=dict)
    steps: dict[str, Note] = field(default_factory=dict)

    def verdicts(self) -> Iterator[Verdict]:
        why = self._plainly()
        if not why:
            refusals = [partial(self._refused, variable) for variable in self._variables]
            tries: list[Callable[[], None]] = [self._chosen, self._command_line, self._unset, *refusals]
            for each in tries:
                if not self.trial.over:
                    each()
        for variable in self._variables:
            yield self._judged(variable, why)
        for number, step in enumerate(self.trial.component.configuration.loading, 1):
            yield self._loading(number, step, why)

    @property
    def _variables(self) -> tuple[EnvironmentVariable, ...]:
        return self.trial.component.configuration.variables

    @property
    def _port(self) -> EnvironmentVariable | None:
        """The variable that tells the port, where one is declared."""
        known = (self.trial.component.configuration.variable(name) for name in PORTS)
        return next(filter(None, known), None)

    def _set(self, name: str, value: str | None) -> dict[str, str | None]:
        """A variable with a value, or without one; what else tells a port goes with that of the port."""
        if self._port and name == self._port.name.text:
            return {**dict.fromkeys(PORTS), name: value}
        return {name: value}

    def _is_port(self, name: str) -> bool:
        return self._port is not None and name == self._port.name.text

    def _note(self, variable: str, mark: Mark, told: str, seen: Seen | None = None) -> None:
        evidence = self.stand.evidence(seen) if seen else NOTHING
        self.notes.setdefault(variable, []).append(Note(mark, told, evidence))

    def _tried(self, *cases: Case) -> list[Seen]:
        found = self.stand.tried(cases)
        for seen in found:
            self._leaks(seen)
        return found

    # What is tried

    def _plainly(self) -> str:
        """Why nothing can be seen; empty where it serves when it has all it needs."""
        self.trial.tell("starting it")
        seen = self._tried(Case({}))[0]
        self.stand.patience = max(_LEAST_PATIENCE, seen.settled.seconds * _SLOWER)
        why = self.stand.failure(seen)
        told = " and ".join(f"`{name}`" for name in PORTS)
        return f"started with {told} set to a free port, it {why}" if why else ""

    def _refused(self, variable: EnvironmentVariable) -> None:
        """What must keep it from starting: that a required variable is missing, a value that its type does not take."""
        name = variable.name.text
        self.trial.tell(f"starting it with `{name}` wrong")
        cases = [(Case(self._set(name, text)), f"`{name}={text}`") for text, _ in wrong(variable)]
        if variable.required and variable.default is None:
            cases.insert(0, (Case(self._set(name, None)), f"without `{name}`"))
        for seen, (_, told) in zip(self._tried(*(case for case, _ in cases)), cases, strict=True):
            self._note(name, *_refusal(name, told, seen), seen)

    def _unset(self) -> None:
        """What has a default, or is optional, may all be missing."""
        self.trial.tell("starting it without what is optional")
        left = [each.name.text for each in self._variables if _optional(each)]
        default = _number(self._port)
        free = default if default and is_free(default) else None
        for name in [name for name in left if self._is_port(name) and not free]:
            why = f"port {default} is taken here" if default else "no number is told"
            self._note(name, "open", f"its default could not be tried: {why}")
            left.remove(name)
        self._missing(left, free)

    def _missing(self, names: list[str], default: int | None) -> None:
        """Started without all of them; where that fails, without each alone."""
        if not names:
            return
        together: dict[str, str | None] = {}
        for name in names:
            together |= self._set(name, None)
        seen = self._tried(Case(together, default if any(map(self._is_port, names)) else None))[0]
        if seen.serves:
            for name in names:
                self._without(name, seen)
        elif len(names) > 1:
            for name in names:
                self._missing([name], default)
        elif seen.settled.outcome == "serves":
            ports = ", ".join(map(str, seen.settled.ports))
            self._note(names[0], "bad", f"without it, it listens at {ports}, not at {seen.port}", seen)
        elif seen.taken or seen.settled.outcome == "neither":
            self._note(names[0], "open", "started without it, it did not serve", seen)
        else:
            self._note(names[0], "bad", f"without it, it ends with {seen.settled.code}", seen)

    def _without(self, name: str, seen: Seen) -> None:
        if self._is_port(name):
            self._note(name, "good", f"without it, it listens at {seen.port}", seen)
            self.steps["defaults"] = Note("good", f"`{name}` is {seen.port} by default", self.stand.evidence(seen))
        else:
            self._note(name, "weak", _UNSEEN, seen)

    def _chosen(self) -> None:
        """Each value among which a variable chooses, and the port by its own name, are taken."""
        self.trial.tell("starting it with what may be chosen")
        options = {each.name.text: choices(each) for each in self._variables}
        rows = max([len(texts) for texts in options.values()] + [1 if self._port else 0], default=0)
        cases = []
        for row, number in enumerate(free_ports(rows)):
            settings: dict[str, str | None] = {}
            for name, texts in options.items():
                settings |= self._set(name, texts[row]) if row < len(texts) else {}
            if self._port:
                settings |= self._set(self._port.name.text, str(number))
            cases.append(Case(settings, number if self._port else None))
        for seen in self._tried(*cases):
            self._taken(seen)

    def _taken(self, seen: Seen) -> None:
        """Of a start with settings that are all allowed; where it fails, each is tried alone."""
        settings = {name: value for name, value in seen.case.settings.items() if value is not None}
        if seen.serves:
            for name, value in settings.items():
                self._accepted(name, value, seen)
        elif len(settings) > 1:
            alone = [Case(self._set(n, v), seen.port if self._is_port(n) else None) for n, v in settings.items()]
            for each in self._tried(*alone):
                self._taken(each)
        else:
            ((name, value),) = settings.items()
            self._note(name, *_rejection(name, value, seen, port=self._is_port(name)), seen)

    def _accepted(self, name: str, value: str, seen: Seen) -> None:
        if not self._is_port(name):
            self._note(name, "weak", f"with `{name}={value}` it serves", seen)
            return
        self._note(name, "good", f"it listens where `{name}` says", seen)
        if _number(self._port) is not None:
            told = f"`{name}` goes before its default"
            self.steps.setdefault("environment", Note("good", told, self.stand.evidence(seen)))

    def _command_line(self) -> None:
        """asbuilt's own command takes the port as an option."""
        if self.trial.target.own:
            port = free_ports(1)[0]
            seen = self._tried(Case({}, port, f" --port {port}"))[0]
            if seen.serves:
                told = "`--port` goes before the environment"
                self.steps["command line"] = Note("good", told, self.stand.evidence(seen))

    def _leaks(self, seen: Seen) -> None:
        """A secret is told in no output."""
        for variable in self._variables:
            name = variable.name.text
            known = self.stand.secrets.get(PASSWORD if name == DATABASE else name)
            if variable.secret and known and known in seen.settled.output:
                self._note(name, "bad", "its value, which is secret, stands in the output", seen)

    # What it comes to

    def _judged(self, variable: EnvironmentVariable, why: str) -> Verdict:
        name = variable.name.text
        notes = self.notes.get(name, [])
        for note in notes:
            if note.mark == "bad":
                return self.trial.verdict("refuted", note.told, note.evidence, "variable", name)
        good = [note for note in notes if note.mark == "good"]
        if good:
            told = "; ".join(dict.fromkeys(note.told for note in (*good, *(n for n in notes if n.mark == "weak"))))
            return self.trial.verdict("verified", told, good[0].evidence, "variable", name)
        told = "; ".join(dict.fromkeys(note.told for note in notes))
        return self.trial.unchecked(why or told or "no start shows it", "variable", name)

    def _loading(self, number: int, step: LoadingStep, why: str) -> Verdict:
        note = self.steps.get(step.kind)
        if note:
            return self.trial.verdict("verified", note.told, note.evidence, "loading step", str(number))
        lacking = {
            "defaults": "only the default of a port can be seen from outside",
            "environment": "only a port can be seen from outside",
            "command line": "the document does not say how its options are spelled",
            "file": "no file is written beside the target",
        }
        return self.trial.unchecked(why or lacking[step.kind], "loading step", str(number))


def _refusal(name: str, told: str, seen: Seen) -> tuple[Mark, str]:
    """What a start says that must be refused."""
    found = seen.settled
    if found.outcome == "serves":
        return "bad", f"{told}: it starts all the same"
    if found.outcome == "neither":
        return "open", f"{told}: it neither served nor ended"
    if found.code == 0:
        return "bad", f"{told}: it ends with 0, as if nothing were wrong"
    if not named(name, [found.output]):
        return "open" if seen.taken else "bad", f"{told}: it ends with {found.code} and does not name `{name}`"
    return "good", f"{told}: refused with {found.code}"


def _rejection(name: str, value: str, seen: Seen, *, port: bool) -> tuple[Mark, str]:
    """What a start says that failed with one setting that is allowed."""
    found = seen.settled
    if found.outcome == "serves":
        return "bad", f"with `{name}={value}` it listens at {', '.join(map(str, found.ports))}"
    if found.outcome == "ended" and not seen.taken and (port or named(name, [found.output])):
        return "bad", f"with `{name}={value}` it ends with {found.code}"
    return "open", f"started with `{name}={value}`, it did not serve"


def _optional(variable: EnvironmentVariable) -> bool:
    return not variable.required and variable.name.text != DATABASE


def _number(variable: EnvironmentVariable | None) -> int | None:
    """The port that a variable has by default."""
    text = variable.default if variable else None
    return int(text) if text and text.isdecimal() and 0 < int(text) < 65536 else None
