"""What Configuration Implementation claims: each variable, and the order of sources."""

from collections.abc import Iterator

from asbuilt.component import Component
from asbuilt.language.types import Scalar, Type, spelled
from asbuilt.ledger.claim import Stated
from asbuilt.sections.configuration import EnvironmentVariable, LoadingStep

VARIABLES = "configuration.environment-variables"
LOADING = "configuration.loading"


def variables(component: Component) -> Iterator[Stated]:
    for variable in component.configuration.variables:
        name = variable.name.text
        yield Stated(VARIABLES, "variable", (name,), f"{name} is {_variable(variable)}", variable.span)


def _variable(variable: EnvironmentVariable) -> str:
    """Type, range, default, and whether it must be set; the default of a secret is not repeated."""
    default = ""
    if variable.default is not None:
        default = ", with a default that is secret" if variable.secret else f", {variable.default} by default"
    required = ", required" if variable.required else ""
    return f"{spelled(variable.type)}{_range(variable.type)}{required}{default}"


def _range(type_: Type) -> str:
    if not isinstance(type_, Scalar):
        return ""
    low, high = type_.constraints.ge, type_.constraints.le
    ends = ("" if low is None else str(low), "" if high is None else str(high))
    return f" in {'..'.join(ends)}" if any(ends) else ""


def loading(component: Component) -> Iterator[Stated]:
    for number, step in enumerate(component.configuration.loading, 1):
        text = f"source {number} of configuration is {_source(step)}; a later one wins"
        yield Stated(LOADING, "loading step", (str(number),), text, step.span)


def _source(step: LoadingStep) -> str:
    if step.kind == "file":
        return f"the file {step.path}" if step.path else "a file"
    return {"defaults": "the defaults", "environment": "the environment"}.get(step.kind, f"the {step.kind}")
