"""Configuration as written: the variables, and the order in which sources are asked."""

from typing import Literal

from asbuilt.diagnostics import Hole
from asbuilt.language.names import Name
from asbuilt.language.types import Type
from asbuilt.source import Span
from asbuilt.values import frozen

Step = Literal["defaults", "file", "environment", "command line"]


@frozen
class EnvironmentVariable:
    """`default` is the text of the value, None where it is unset. `secret` values are never shown.

    A variable that is `required` and has a default falls back to it like any other.
    """

    name: Name
    type: Type
    span: Span
    default: str | None = None
    required: bool = False
    secret: bool = False
    description: str = ""
    default_span: Span | None = None


@frozen
class LoadingStep:
    """A source of configuration; a later one wins. `path` is set for files, relative to the document."""

    kind: Step
    span: Span
    path: str | None = None


@frozen
class Configuration:
    """`repeated` are later declarations of a variable that contradict the first, each with the first beside it.

    `unknown_steps` are lines of the loading order that name no source; `misspelt_steps` are words of lines that were
    taken for another one, which stands beside each.
    """

    variables: tuple[EnvironmentVariable, ...] = ()
    loading: tuple[LoadingStep, ...] = ()
    holes: tuple[Hole, ...] = ()
    repeated: tuple[tuple[EnvironmentVariable, EnvironmentVariable], ...] = ()
    unknown_steps: tuple[Name, ...] = ()
    misspelt_steps: tuple[tuple[Name, str], ...] = ()

    def variable(self, name: str) -> EnvironmentVariable | None:
        return next((variable for variable in self.variables if variable.name.text == name), None)
