"""Variables of the environment that something reads, and whether the configuration declares them."""

from collections.abc import Iterable, Iterator

from asbuilt.component import Component
from asbuilt.diagnostics import Diagnostic, nearest, respelled, rule
from asbuilt.language.names import Name

# What every process finds in its environment.
_GIVEN = frozenset(
    {"HOME", "PATH", "USER", "PWD", "SHELL", "TMPDIR", "TEMP", "HOSTNAME", "LANG", "TZ", "CI", "TERM", "LOGNAME", "AWS"}
)
_GIVEN_PREFIXES = ("GITHUB_", "RUNNER_", "KUBERNETES_")


@rule("CFG401")
def undeclared_setting(component: Component) -> Iterator[Diagnostic]:
    """An algorithm reads a setting that no environment variable of the document fills.

    `settings.pool_size` is the variable `POOL_SIZE`. Declare it under Environment Variables; without
    that, the call would fail when it is made.
    """
    settings = {variable.name.text.lower(): variable for variable in component.configuration.variables}
    for function in component.algorithms.functions:
        for name in function.settings:
            if name.text.lower() not in settings:
                yield undeclared_setting.at(
                    name,
                    f"`settings.{name.text}` is no environment variable of this document",
                    hint=nearest(name.text, settings) or f"declare `{name.text.upper()}` under Environment Variables",
                    fix=respelled(name, name.text, settings),
                )


@rule("CFG402", severity="warning")
def undeclared_variable(component: Component) -> Iterator[Diagnostic]:
    """A variable is used as `${NAME}`, or read from the environment by code, and declared nowhere.

    Whoever installs the component reads the list of Environment Variables, and would not set it.
    A document that declares no variable at all is left alone, and so is what every process is given.
    """
    declared = {variable.name.text for variable in component.configuration.variables}
    if not declared:
        return
    for name, others in _first_of_each((*component.prose.references, *component.prose.reads)):
        if name.text not in declared and name.text not in _GIVEN and not name.text.startswith(_GIVEN_PREFIXES):
            yield undeclared_variable.at(
                name,
                f"`{name.text}` is used and not declared",
                hint=nearest(name.text, declared) or f"declare `{name.text}=...` under Environment Variables",
                also=[(other, "and here") for other in others[:3]],
                fix=respelled(name, name.text, declared),
            )


def _first_of_each(names: Iterable[Name]) -> Iterator[tuple[Name, list[Name]]]:
    found: dict[str, list[Name]] = {}
    for name in sorted(names, key=lambda one: one.span.start):
        found.setdefault(name.text, []).append(name)
    for same in found.values():
        yield same[0], same[1:]


RULES = (undeclared_setting, undeclared_variable)
