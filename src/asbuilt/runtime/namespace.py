"""The Python of a document, compiled so that tracebacks, debuggers and coverage show its lines in the Markdown file.

All fences share one namespace, which knows the schemas as classes and the error codes as exceptions. A linked
module has a namespace of its own, from which the functions that the document links to are taken.
"""

import __future__

import ast
import datetime as dt
import decimal
import typing
import uuid
from collections.abc import Mapping
from typing import Any

from asbuilt.component import Component
from asbuilt.language.types import ABSENT, Alias
from asbuilt.runtime.instances import Classes
from asbuilt.runtime.refusals import DocumentedError
from asbuilt.sections.algorithms import Module

# What annotations of a document are written with is known to its code as well.
_FROM_THE_START: Mapping[str, object] = {
    "Absent": ABSENT,
    "UUID": uuid.UUID,
    "Decimal": decimal.Decimal,
    "datetime": dt.datetime,
    "date": dt.date,
    "time": dt.time,
    "timedelta": dt.timedelta,
    "Any": Any,
    "Literal": typing.Literal,
    "Annotated": typing.Annotated,
    "Mapping": Mapping,
}


def namespace_of(component: Component, classes: Classes, errors: Mapping[str, type[DocumentedError]]) -> dict[str, Any]:
    """The names of a document's code after it has run once: its functions among them.

    Raises what the code raises while it is imported.
    """
    known = {alias.name: Any for alias in component.api.definitions if isinstance(alias, Alias)}
    world: dict[str, Any] = {**_FROM_THE_START, **known, **classes.everything(), **errors}
    shared = {**world, "__name__": component.facts.name.replace("-", "_") or "document"}
    linked = {
        module.path: _ran(module, str(module.path), {**world, "__name__": module.path.stem})
        for module in component.algorithms.modules
        if module.path is not None
    }
    for function in component.algorithms.functions:
        for module in component.algorithms.modules:
            if module.path is not None and function.node in module.tree.body:
                shared[function.name.text] = linked[module.path][function.name.text]
    for module in component.algorithms.modules:
        if module.path is None:
            _ran(module, str(component.source.path), shared)
    return shared


def _ran(module: Module, path: str, names: dict[str, Any]) -> dict[str, Any]:
    # Annotations name types of the document (`Principal`, `Database`), which are no Python objects: never evaluated.
    flags = __future__.annotations.compiler_flag
    tree = ast.fix_missing_locations(module.tree)
    exec(compile(tree, path, "exec", flags=flags, dont_inherit=True), names)  # noqa: S102 - what `run` is for
    return names
