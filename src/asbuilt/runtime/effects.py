"""What can be told of an algorithm from its text alone: how many statements it runs, whether it may wait."""

import ast

from asbuilt.component import AlgorithmStep, Component, Operation
from asbuilt.language.types import Named
from asbuilt.sections.algorithms import Algorithm

# Modules that compute and nothing else: a plain function that knows only these is run where it is called.
_PURE_NAMES = """
__future__ abc array ast base64 binascii bisect calendar cmath collections colorsys contextlib copy dataclasses datetime
decimal difflib enum fractions functools hashlib heapq hmac html ipaddress itertools json keyword math msgspec numbers
operator random re re2 secrets statistics string struct textwrap types typing unicodedata urllib.parse uuid zlib
"""
_PURE = frozenset(_PURE_NAMES.split())
_WAITS = frozenset({"open", "input", "breakpoint"})


def database_of(algorithm: Algorithm) -> str | None:
    """The parameter of an algorithm that is the database: called `db`, or annotated `Database`."""
    for argument in algorithm.arguments:
        annotated = isinstance(argument.type, Named) and argument.type.name == "Database"
        if annotated or argument.name.text == "db":
            return argument.name.text
    return None


def statements_at_most_one(algorithm: Algorithm) -> bool:
    """Whether it is certain that an algorithm runs one statement or none: then there is no transaction to make."""
    database = database_of(algorithm)
    if database is None:
        return True
    calls = [call for call in algorithm.calls if call.target == database]
    # Any other mention hands the database on to somebody whose calls are not counted here.
    mentions = sum(isinstance(node, ast.Name) and node.id == database for node in ast.walk(algorithm.node))
    return len(calls) <= 1 and not any(call.repeated for call in calls) and mentions == len(calls)


def several_statements(operation: Operation) -> bool:
    """Whether an operation runs more than one statement, as far as its text tells."""
    count = len(operation.loads)
    for step in operation.steps:
        if not isinstance(step, AlgorithmStep):
            count += 1
        elif not statements_at_most_one(step.algorithm):
            return True
        elif database_of(step.algorithm):
            count += 1
    return count > 1


def waits(algorithm: Algorithm, component: Component) -> bool:
    """Whether a plain function may wait for something (files, sockets, sleep): then it must not hold up others."""
    reached = _reached(algorithm, component)
    modules = _imports(component)
    for function in reached:
        used = {node.id for node in ast.walk(function.node) if isinstance(node, ast.Name)}
        origins = {modules[name] for name in used if name in modules} | set(_imported(function.node).values())
        pure = {origin for origin in origins if origin in _PURE or origin.partition(".")[0] in _PURE}
        if used & _WAITS or origins - pure or _is_linked(function, component):
            return True
    return False


def constant(algorithm: Algorithm, component: Component) -> bool:
    """Whether an algorithm always gives the same: it takes nothing, and returns schemas made of literals."""
    body = [node for node in algorithm.node.body if not _is_docstring(node)]
    if algorithm.arguments or algorithm.is_async or len(body) != 1 or not isinstance(body[0], ast.Return):
        return False
    redefined = {name for module in component.algorithms.modules for name in module.defines}
    schemas = {schema.name for schema in component.types.schemas} - redefined
    return body[0].value is not None and _literal(body[0].value, schemas)


def _literal(node: ast.expr, schemas: set[str]) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.List(items) | ast.Tuple(items):
            return all(_literal(item, schemas) for item in items)
        case ast.Dict(keys, values):
            return all(key is not None and _literal(key, schemas) for key in keys) and all(
                _literal(value, schemas) for value in values
            )
        case ast.Call(ast.Name(name), [], keywords) if name in schemas:
            return all(keyword.arg is not None and _literal(keyword.value, schemas) for keyword in keywords)
        case _:
            return False


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _reached(algorithm: Algorithm, component: Component) -> list[Algorithm]:
    """An algorithm and all it calls, by name."""
    known = {function.name.text: function for function in component.algorithms.functions}
    found = {algorithm.name.text: algorithm}
    pending = [algorithm]
    while pending:
        for name in pending.pop().names_used:
            if name.text in known and name.text not in found:
                found[name.text] = known[name.text]
                pending.append(known[name.text])
    return list(found.values())


def _imports(component: Component) -> dict[str, str]:
    """The names that the document's code imports, and the module each comes from."""
    return {name: origin for module in component.algorithms.modules for name, origin in _imported(module.tree).items()}


def _imported(tree: ast.AST) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: node.module or "" for alias in node.names}
    return found


def _is_linked(algorithm: Algorithm, component: Component) -> bool:
    """Whether an algorithm stands in a module of its own, whose other functions are not read."""
    return not any(
        module.path is None and algorithm.node in module.tree.body for module in component.algorithms.modules
    )
