"""What must hold of the configuration before a process can be started with it."""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Hole, closest, rule
from asbuilt.language.types import FREE, Choice, Scalar
from asbuilt.sections.configuration.meanings import LEVELS, refusal_by_name
from asbuilt.sections.configuration.model import Configuration, EnvironmentVariable
from asbuilt.sections.configuration.values import value_of


@rule("CFG101")
def malformed_variable(configuration: Configuration) -> Iterator[Diagnostic]:
    """A line of an environment block declares no variable.

    Such a block has one `NAME=value` on each line, and `#` before each comment. Names hold letters,
    digits and underscores and begin with no digit, as POSIX has it; anything else, a shell cannot set.
    """
    for hole in configuration.holes:
        yield malformed_variable.at(hole, hole.message, hint=hole.hint)


@rule("CFG102")
def duplicate_variable(configuration: Configuration) -> Iterator[Diagnostic]:
    """One variable is declared twice in one place, with other defaults.

    Which of the two counts would depend on the reader. Keep one. Values that differ by environment
    belong under headings of their own.
    """
    for second, first in configuration.repeated:
        yield duplicate_variable.at(
            second.name,
            f"`{second.name.text}` is declared twice with other defaults",
            hint="keep one, or put a heading over each environment",
            also=[(first.name, _shown(first))],
        )


def _shown(variable: EnvironmentVariable) -> str:
    return "the first one" if variable.secret else f"the first one, with `{variable.default}`"


@rule("CFG103")
def invalid_default(configuration: Configuration) -> Iterator[Diagnostic]:
    """A default is outside the range or the choices that stand beside it, or of another type.

    With no value given, the component would refuse its own default and never start:
    `LOG_LEVEL=infos  # debug | info | warning | error`. Some names say enough by themselves: a port
    (`COMPONENT_PORT`, `..._PORT`) is at most 65535, `LOG_LEVEL` a level, `FEATURE_...` a boolean, and what ends
    in a unit (`..._SECONDS`, `..._BYTES`) a number.
    """
    for variable in configuration.variables:
        reason = _refusal(variable)
        if reason:
            where = Hole(variable.default_span or variable.span, "")
            fix, hint = _mended(variable)
            shown = "the default" if variable.secret else f"the default `{variable.default}`"
            message = f"{shown} of `{variable.name.text}` {reason}"
            yield invalid_default.at(where, message, hint=hint, fix=fix)


def _refusal(variable: EnvironmentVariable) -> str:
    if variable.default is None:
        return ""
    try:
        value_of(variable.type, variable.default)
    except ValueError as error:
        return str(error)
    bounded = isinstance(variable.type, Choice) or (
        isinstance(variable.type, Scalar) and variable.type.constraints != FREE
    )
    return "" if bounded else refusal_by_name(variable.name.text, variable.default)


def _mended(variable: EnvironmentVariable) -> tuple[Fix | None, str]:
    known = [str(value) for value in variable.type.values] if isinstance(variable.type, Choice) else []
    if not known and variable.name.text.endswith("LOG_LEVEL"):
        known = list(LEVELS)
    close = closest(variable.default or "", known)
    if not close or variable.default_span is None:
        return None, f"write one of {', '.join(f'`{level}`' for level in LEVELS)}" if known == [*LEVELS] else ""
    return Fix(f"write `{close}`", (Edit(variable.default_span, close),)), f"did you mean `{close}`?"


@rule("CFG104", severity="note")
def required_with_default(configuration: Configuration) -> Iterator[Diagnostic]:
    """A variable is marked as required and has a default.

    The default is used where the variable is not set, so nobody is required to set it. Write
    `NAME=...` for a value that must be given, or put the variable under `# Optional`.
    """
    for variable in configuration.variables:
        if variable.required and variable.default is not None:
            message = f"`{variable.name.text}` is required and has a default, which is used where it is not set"
            hint = f"write `{variable.name.text}=...` if it must be given"
            yield required_with_default.at(variable.name, message, hint=hint)


@rule("CFG105", severity="note")
def unknown_source(configuration: Configuration) -> Iterator[Diagnostic]:
    """A step of the loading order names no source of configuration.

    Known sources are the defaults, files by their path, the environment and the command line.
    Any other step is left to the reader.
    """
    for step in configuration.unknown_steps:
        yield unknown_source.at(
            step,
            f"`{step.text}` names no source of configuration",
            hint="write `the defaults`, a file's path, `the environment` or `the command line`",
        )


@rule("CFG106")
def misspelt_source(configuration: Configuration) -> Iterator[Diagnostic]:
    """A step of the loading order misspells a source of configuration.

    The order decides which of two values counts, so no step of it is guessed. The sources are `defaults`, the path of
    a file, `environment` and `command line`.
    """
    for name, meant in configuration.misspelt_steps:
        yield misspelt_source.at(
            name,
            f"`{name.text}` is no source of configuration",
            hint=f"did you mean `{meant}`?",
            fix=Fix(f"replace `{name.text}` by `{meant}`", (Edit(name.span, meant),)),
        )


RULES = (
    malformed_variable,
    duplicate_variable,
    invalid_default,
    required_with_default,
    unknown_source,
    misspelt_source,
)
