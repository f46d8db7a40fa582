"""Configuration as written: the variables, and the order in which sources are asked."""

from dataclasses import dataclass
from typing import Literal

from asbuilt.diagnostics import Hole
from asbuilt.language.names import Name
from asbuilt.language.types import Type
from asbuilt.source import Span

Step = Literal["defaults", "file", "environment", "command line"]


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """`default` is the text of the value, None where it is unset. `secret` values are never shown."""

    name: Name
    type: Type
    span: Span
    default: str | None = None
    required: bool = False
    secret: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class LoadingStep:
    """A source of configuration; a later one wins. `path` is set for files, relative to the document."""

    kind: Step
    span: Span
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    variables: tuple[EnvironmentVariable, ...] = ()
    loading: tuple[LoadingStep, ...] = ()
    holes: tuple[Hole, ...] = ()

    def variable(self, name: str) -> EnvironmentVariable | None:
        return next((variable for variable in self.variables if variable.name.text == name), None)
