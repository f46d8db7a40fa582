"""Texts for environment variables: such as a type takes, such as it must refuse, and secrets that can be recognised."""

import random
from collections.abc import Iterable, Iterator

from asbuilt.language.types import Choice, Scalar
from asbuilt.sections.configuration import EnvironmentVariable, value_of

PORTS = ("COMPONENT_PORT", "PORT")  # where a port is told; the second is what many frameworks and platforms take
DATABASE = "DATABASE_URL"
PASSWORD = "PASSWORD"  # noqa: S105 - what stands for the one in the database's URL
_LEAST_SECRET = 8  # characters: what is shorter may stand in an output by chance
_NUMBERS = frozenset({"int", "float", "decimal"})
_SAMPLES: dict[str, str] = {
    "int": "1",
    "float": "1.5",
    "decimal": "1.5",
    "bool": "true",
    "timedelta": "5s",
    "uuid": "5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01",
    "datetime": "2026-01-02T03:04:05+00:00",
    "date": "2026-01-02",
    "time": "03:04:05",
}
_NONSENSE: dict[str, str] = {
    "int": "many",
    "float": "much",
    "decimal": "much",
    "bool": "perhaps",
    "timedelta": "soon",
    "uuid": "no-uuid",
    "datetime": "someday",
    "date": "someday",
    "time": "sometime",
}


def sample(variable: EnvironmentVariable, chance: random.Random) -> str:
    """A text that the variable's type takes; a secret is one that nothing else is."""
    type_ = variable.type
    if isinstance(type_, Choice):
        return str(type_.values[0])
    if not isinstance(type_, Scalar) or type_.kind == "str":
        if variable.name.text.endswith(("_URL", "_URI")):
            return "http://127.0.0.1:9/"
        return f"sample-{chance.getrandbits(160):040x}"
    low = type_.constraints.ge
    return str(low) if low is not None else _SAMPLES.get(type_.kind, "sample")


def samples(variables: Iterable[EnvironmentVariable], chance: random.Random) -> dict[str, str]:
    """What a start needs at least: of each variable its default, or a sample of what is required and has none."""
    found = {}
    for variable in variables:
        if variable.default is not None:
            found[variable.name.text] = variable.default
        elif variable.required:
            found[variable.name.text] = sample(variable, chance)
    return found


def wrong(variable: EnvironmentVariable) -> Iterator[tuple[str, str]]:
    """Texts that the variable's type does not take, each the nearest of its kind, with what is the matter."""
    for text, why in _candidates(variable):
        try:
            value_of(variable.type, text)
        except ValueError as fault:
            yield text, str(fault) or why


def _candidates(variable: EnvironmentVariable) -> Iterator[tuple[str, str]]:
    type_ = variable.type
    if isinstance(type_, Choice):
        yield "unheard-of", "is no choice"
    elif isinstance(type_, Scalar):
        low, high = type_.constraints.ge, type_.constraints.le
        if type_.kind in _NUMBERS:
            yield from ((str(low - 1), f"is below {low}"),) if low is not None else ()
            yield from ((str(high + 1), f"is above {high}"),) if high is not None else ()
        if type_.kind in _NONSENSE:
            yield _NONSENSE[type_.kind], "is not of its type"


def choices(variable: EnvironmentVariable) -> tuple[str, ...]:
    """The texts among which a variable chooses, but for the default."""
    if not isinstance(variable.type, Choice):
        return ()
    return tuple(str(value) for value in variable.type.values if str(value) != variable.default)


def recognisable(text: str | None) -> bool:
    """Whether a secret is long enough to be told from other text."""
    return text is not None and len(text) >= _LEAST_SECRET
