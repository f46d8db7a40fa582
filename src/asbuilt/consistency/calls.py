"""What algorithms call, raise and name must be there: patterns with their arguments, error codes, other names."""

from collections.abc import Iterator, Mapping
from itertools import islice

from asbuilt.component import Component
from asbuilt.diagnostics import Diagnostic, nearest, respelled, rule
from asbuilt.language.names import Name, snake
from asbuilt.language.types import Named
from asbuilt.sections.algorithms import Algorithm, Call
from asbuilt.sections.data import Pattern

# Names that the code of a document knows without importing them: what its annotations are written with.
_KNOWN = frozenset(
    {"Absent", "UUID", "Decimal", "datetime", "date", "time", "timedelta", "Any", "Literal", "Annotated", "Mapping"}
)


def _database_calls(function: Algorithm) -> Iterator[Call]:
    """The calls on the parameter that is the database: called `db`, or annotated `Database`."""
    databases = {
        argument.name.text
        for argument in function.arguments
        if argument.name.text == "db" or (isinstance(argument.type, Named) and argument.type.name == "Database")
    }
    return (call for call in function.calls if call.target in databases)


@rule("ALG403")
def undefined_pattern(component: Component) -> Iterator[Diagnostic]:
    """An algorithm calls a data access pattern that is not defined.

    `db` has one method for each pattern, and nothing else.
    """
    known = {pattern.name.text for pattern in component.data.patterns}
    for function in component.algorithms.functions:
        for call in _database_calls(function):
            if call.name.text not in known:
                yield undefined_pattern.at(
                    call.name,
                    f"no pattern is called `{call.name.text}`",
                    hint=nearest(call.name.text, known) or "write it under Data Access Patterns",
                    fix=respelled(call.name, call.name.text, known),
                )


@rule("ALG404")
def pattern_arguments(component: Component) -> Iterator[Diagnostic]:
    """A pattern is called with an argument that it does not have, or without one that it needs.

    A pattern's parameters are those of its SQL, `:name`. Ones of the request (`:principal.id`,
    `:body.note`) are filled in, ones that only a `-- when` mentions may be left out.
    """
    patterns = {pattern.name.text: pattern for pattern in reversed(component.data.patterns)}
    for function in component.algorithms.functions:
        for call in _database_calls(function):
            pattern = patterns.get(call.name.text)
            if pattern and not pattern.statement.faults:
                yield from _misfits(call, pattern)


def _misfits(call: Call, pattern: Pattern) -> Iterator[Diagnostic]:
    parameters = _parameters(pattern)
    given = set(islice(parameters, call.positional)) | {snake(keyword.text) for keyword in call.keywords}
    for keyword in call.keywords:
        if snake(keyword.text) not in parameters:
            free = [name for name in parameters if name not in given]
            yield _unknown(keyword, pattern, parameters, free)
    if call.positional > len(parameters):
        message = f"`{pattern.name.text}` takes {len(parameters)} arguments, and is given {call.positional}"
        yield pattern_arguments.at(call, message, also=[(pattern.name, "it is defined here")])
    missing = [name for name, needed in parameters.items() if needed and name not in given]
    if missing and not call.unpacked and not any(snake(k.text) not in parameters for k in call.keywords):
        names = ", ".join(f"`{name}`" for name in missing)
        also = [(pattern.name, "it is defined here")]
        yield pattern_arguments.at(call, f"`{pattern.name.text}` is called without {names}", also=also)


def _unknown(keyword: Name, pattern: Pattern, parameters: Mapping[str, bool], free: list[str]) -> Diagnostic:
    listed = ", ".join(f"`{name}`" for name in parameters) or "none"
    return pattern_arguments.at(
        keyword,
        f"pattern `{pattern.name.text}` has no parameter `{keyword.text}`",
        hint=nearest(keyword.text, free) or f"it has {listed}",
        also=[(pattern.name, "it is defined here")],
        fix=respelled(keyword, keyword.text, free),
    )


def _parameters(pattern: Pattern) -> dict[str, bool]:
    """The parameters that a call fills, in order of appearance, and whether it must."""
    statement = pattern.statement
    optional = {snake(condition.name.partition(".")[0]) for condition in statement.conditions}
    dotted = {snake(name.partition(".")[0]) for name in statement.parameters if "." in name}
    heads = (snake(name.partition(".")[0]) for name in (*statement.parameters, *(c.name for c in statement.conditions)))
    return {head: head not in optional | dotted for head in heads}


@rule("ALG401")
def undefined_raise(component: Component) -> Iterator[Diagnostic]:
    """An algorithm raises an error that no row of the error table defines.

    Errors are raised by their code, which the table gives a status and a body. Without a row there is
    nothing to answer.
    """
    known = [row.code.text for row in component.api.errors]
    for function in component.algorithms.functions:
        for name in function.raises:
            if name.text not in known:
                yield undefined_raise.at(
                    name,
                    f"no row of the error table defines `{name.text}`",
                    hint=nearest(name.text, known) or "add a row for it under Error Responses",
                    fix=respelled(name, name.text, known),
                )


@rule("ALG405")
def undefined_name(component: Component) -> Iterator[Diagnostic]:
    """An algorithm uses a name that nothing defines.

    All Python of a document shares one namespace: its functions, constants and imports, its schemas,
    its error codes. Any other name is a `NameError` when the line is reached. Import it in the fence.
    """
    known = _namespace(component)
    linked = {id(node) for module in component.algorithms.modules if module.path for node in module.tree.body}
    for function in component.algorithms.functions:
        if id(function.node) in linked:
            continue  # a module of its own, whose names are its own affair
        raised = {name.text for name in function.raises}
        for name in function.names_used:
            if name.text not in known and name.text not in raised:
                alike = [one for one in known if one.isupper() == name.text.isupper()]
                hint = nearest(name.text, alike) or "import it, or define it in a fence"
                fix = respelled(name, name.text, alike)
                yield undefined_name.at(name, f"`{name.text}` is defined nowhere", hint=hint, fix=fix)


def _namespace(component: Component) -> frozenset[str]:
    fences = (module.defines for module in component.algorithms.modules if module.path is None)
    return (
        _KNOWN
        | frozenset(name for defined in fences for name in defined)
        | {function.name.text for function in component.algorithms.functions}
        | {row.code.text for row in component.api.errors}
        | frozenset(component.types.names)
    )


RULES = (undefined_raise, undefined_pattern, pattern_arguments, undefined_name)
