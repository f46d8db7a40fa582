"""Where a target is started again and again, with one thing different each time."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from asbuilt.values import frozen
from asbuilt.verify.settings import DATABASE, PASSWORD, PORTS, recognisable, samples
from asbuilt.verify.starting import PATIENCE, Settled, free_ports, settled, started
from asbuilt.verify.trial import Trial
from asbuilt.verify.verdict import Evidence

AT_ONCE = 3
_IN_USE = re.compile(r"in use|EADDRINUSE|cannot assign|permission denied", re.IGNORECASE)
_PLAIN = re.compile(r"[\w./:=@%+, -]+")
_LINES, _WIDE = 12, 200


@frozen
class Case:
    """A start: what is set for it beyond what it needs, None for what is taken away, and `more` words of the command.

    Without a port among the settings it is told one; `port` is where it should listen then, None for the one told.
    """

    settings: Mapping[str, str | None]
    port: int | None = None
    more: str = ""


@frozen
class Seen:
    """What became of a case: `port` is where it should listen, `environ` what it was given."""

    case: Case
    port: int
    environ: Mapping[str, str]
    settled: Settled

    @property
    def serves(self) -> bool:
        """Whether it serves where it should."""
        return self.settled.outcome == "serves" and self.port in self.settled.ports

    @property
    def taken(self) -> bool:
        """Whether it ended because its port could not be had."""
        return self.settled.outcome == "ended" and bool(_IN_USE.search(self.settled.output))


@dataclass
class Stand:
    """`environ` is what a start needs, `secrets` the values in it, by variable, that must never be shown."""

    command: str
    shown: str
    environ: Mapping[str, str]
    secrets: Mapping[str, str]
    patience: float = PATIENCE

    def tried(self, cases: Sequence[Case]) -> list[Seen]:
        """What becomes of each, a few at a time. Each is ended before this returns."""
        found: list[Seen] = []
        for at in range(0, len(cases), AT_ONCE):
            with self.begun(cases[at : at + AT_ONCE]) as seen:
                found += seen
        return found

    @contextmanager
    def begun(self, cases: Sequence[Case]) -> Iterator[list[Seen]]:
        """What becomes of each, all at once. Those that serve go on to serve until the end of the block."""
        ports = free_ports(len(cases))
        environs = [self._environ(case, port) for case, port in zip(cases, ports, strict=True)]
        expected = [case.port or port for case, port in zip(cases, ports, strict=True)]
        commands = [self.command + case.more for case in cases]
        with started(zip(commands, environs, expected, strict=True)) as running:
            found = settled(running, self.patience)
            yield [Seen(*each) for each in zip(cases, expected, environs, found, strict=True)]

    def failure(self, seen: Seen) -> str:
        """Why a start that should serve does not, to follow "it"; empty where it serves."""
        found = seen.settled
        if seen.serves:
            return ""
        said = self.masked(found.output).strip().splitlines()
        match found.outcome:
            case "serves":
                return f"served at {', '.join(map(str, found.ports))}"
            case "ended":
                return f"ended with {found.code}: {said[-1][:_WIDE] if said else 'it said nothing'}"
            case "neither":
                return "did not serve"

    def _environ(self, case: Case, port: int) -> dict[str, str]:
        given = {**self.environ, **dict.fromkeys(PORTS, str(port))}
        changed = {**given, **{name: value for name, value in case.settings.items() if value is not None}}
        return {name: value for name, value in changed.items() if case.settings.get(name, "") is not None}

    def evidence(self, seen: Seen) -> Evidence:
        found = seen.settled
        end = {
            "serves": f"it serves at {', '.join(map(str, found.ports))}",
            "ended": f"it ended with {found.code}",
            "neither": "it neither served nor ended",
        }[found.outcome]
        lines = [line[:_WIDE] for line in self.masked(found.output).splitlines() if line.strip()]
        said = "\n".join(lines[-_LINES:])
        command = self._line(seen.case)
        return Evidence(measured=f"$ {command}\n{end} after {found.seconds:.1f} s\n{said}".rstrip(), command=command)

    def masked(self, text: str) -> str:
        """A text without secrets."""
        for name in sorted(self.secrets, key=lambda name: -len(self.secrets[name])):
            text = text.replace(self.secrets[name], f"${name}")
        return text

    def _line(self, case: Case) -> str:
        """What shows the same in a shell."""
        gone = [f"-u {name}" for name, value in case.settings.items() if value is None]
        put = [f"{name}={shlex.quote(value)}" for name, value in case.settings.items() if value is not None]
        whole = self.shown + case.more
        command = whole if _PLAIN.fullmatch(whole) else f"sh -c {shlex.quote(whole)}"
        return " ".join([*(["env", *gone] if gone else []), *put, command])


def stand_of(trial: Trial, **settings: str) -> Stand:
    """Starts of the target: its settings are those of this process, defaults, and samples of what is required."""
    chance = trial.random("environment")
    environ = dict(os.environ)
    if trial.target.database is not None:
        environ[DATABASE] = trial.target.database
    environ.update(settings)
    variables = trial.component.configuration.variables
    for name, text in samples(variables, chance).items():
        environ.setdefault(name, text)
    # A default stands in the document: it is no secret, and may be a word that stands elsewhere too.
    names = {each.name.text for each in variables if each.secret and environ.get(each.name.text) != each.default}
    secrets = {name: environ[name] for name in sorted(names) if recognisable(environ.get(name))}
    secrets |= _login(environ.get(DATABASE, ""))
    path = trial.component.source.path.name
    command = trial.target.start or ""
    return Stand(command, f"asbuilt run {shlex.quote(path)}" if trial.target.own else command, environ, secrets)


def named(name: str, outputs: Iterable[str]) -> bool:
    """Whether a variable is named in what was written, in letters of any size."""
    word = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", re.IGNORECASE)
    return any(word.search(output) for output in outputs)


def _login(url: str) -> dict[str, str]:
    """The database's URL, and the password in it where it is long enough to be known again."""
    try:
        password = unquote(urlsplit(url).password or "")
    except ValueError:
        password = ""
    found = {DATABASE: url} if url else {}
    return {**found, PASSWORD: password} if recognisable(password) else found
