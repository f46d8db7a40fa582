"""What algorithms read of bodies and rows must be there, and so must what they make schemas and errors with."""

import ast
from collections.abc import Iterator, Mapping

from asbuilt.component import Component
from asbuilt.component.error_clauses import FILLED
from asbuilt.diagnostics import Diagnostic, nearest, respelled, rule
from asbuilt.language.names import Name, snake
from asbuilt.language.types import Array, Named, Schema, Type, Types
from asbuilt.sections.algorithms import Algorithm
from asbuilt.sections.api import ErrorRow, Shape, ShapeArray, ShapeHole, ShapeObject
from asbuilt.source import Source, Span
from asbuilt.values import frozen


@frozen
class _Row:
    """The row that a pattern gives."""

    pattern: str
    columns: tuple[str, ...]


_Known = Schema | _Row
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@rule("ALG407")
def undefined_member(component: Component) -> Iterator[Diagnostic]:
    """An algorithm reads a member that its body does not have, or a column that a pattern does not give.

    So does the making of a schema with a keyword that is none of its fields. It is an `AttributeError` or a
    `TypeError` when the line is reached. Only names whose type is certain are looked at: the parameters that are
    annotated with a schema, and what is assigned once from a pattern.
    """
    linked = {id(node) for module in component.algorithms.modules if module.path for node in module.tree.body}
    for function in component.algorithms.functions:
        if id(function.node) not in linked:
            yield from _unread(component, function)
            yield from _unmade(component, function)


def _unread(component: Component, function: Algorithm) -> Iterator[Diagnostic]:
    known = _variables(component, function)
    for node in ast.walk(function.node):
        match node:
            case ast.Attribute(value=value, attr=attribute, ctx=ast.Load()) if not attribute.startswith("_"):
                owner = _type_of(value, known, component)
                if owner and not _has(owner, attribute):
                    names = _names(owner)
                    called = f"`{owner.name}`" if isinstance(owner, Schema) else f"a row of `{owner.pattern}`"
                    where = Name(attribute, _end(node, attribute, component.source))
                    yield undefined_member.at(
                        where,
                        f"{called} has no `{attribute}`",
                        hint=nearest(attribute, names) or f"it has {', '.join(f'`{name}`' for name in names[:12])}",
                        fix=respelled(where, attribute, names),
                    )


def _unmade(component: Component, function: Algorithm) -> Iterator[Diagnostic]:
    """The keywords that a schema is made with and does not have."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            schema = _schema(component, Named(node.func.id, function.span))
            names = _names(schema) if schema else []
            for keyword in node.keywords if schema else ():
                if keyword.arg and keyword.arg not in names and keyword.arg.rstrip("_") not in names:
                    where = Name(keyword.arg, _start(keyword, keyword.arg, component.source))
                    yield undefined_member.at(
                        where,
                        f"`{node.func.id}` has no `{keyword.arg}`",
                        hint=nearest(keyword.arg, names) or f"it has {', '.join(f'`{name}`' for name in names[:12])}",
                        fix=respelled(where, keyword.arg, names),
                    )


@rule("ALG408")
def undefined_hole(component: Component) -> Iterator[Diagnostic]:
    """An error is raised with an argument that its body has no hole for, so it is never answered.

    Keyword arguments fill the holes of the body in the error table, by name; of a problem (RFC 9457) every one
    becomes a member. A text without a name is the `detail`:

        raise OUT_OF_STOCK("too few are left", sku=body.sku)
    """
    rows = {row.code.text: row for row in reversed(component.api.errors)}
    linked = {id(node) for module in component.algorithms.modules if module.path for node in module.tree.body}
    for function in component.algorithms.functions:
        for node in ast.walk(function.node) if id(function.node) not in linked else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in rows:
                yield from _unfilled(component, node, rows[node.func.id])


def _unfilled(component: Component, call: ast.Call, row: ErrorRow) -> Iterator[Diagnostic]:
    if row.body is None or (isinstance(row.body, Name) and component.types.definition(row.body.text) is None):
        return
    holes = list(dict.fromkeys(_holes(row.body, component.types)))
    alike = {snake(hole) for hole in holes}
    given = {keyword.arg for keyword in call.keywords}
    for keyword in call.keywords:
        if keyword.arg and snake(keyword.arg) not in alike:
            where = Name(keyword.arg, _start(keyword, keyword.arg, component.source))
            free = [hole for hole in holes if hole not in given and hole not in FILLED] or holes
            listed = ", ".join(f"`{hole}`" for hole in holes[:12])
            yield undefined_hole.at(
                where,
                f"the body of `{row.code.text}` has no hole `{keyword.arg}`",
                hint=nearest(keyword.arg, free) or (f"it has {listed}" if holes else "it has none"),
                also=[(row.code, "its row")],
                fix=respelled(where, keyword.arg, free),
            )


def _holes(body: Name | Shape, types: Types) -> Iterator[str]:
    """The names of all that is filled when an error is answered, at any depth."""
    if isinstance(body, Name):
        yield from _members(Named(body.text, body.span), types, set())
        return
    seen: set[str] = set()
    ahead: list[Shape] = [body]
    while ahead:
        match ahead.pop():
            case ShapeHole(name=name, type=type_):
                yield name.strip("<>{}$ ")
                yield from _members(type_, types, seen) if type_ else ()
            case ShapeObject(members=members):
                ahead += [member for _, member in reversed(members)]
            case ShapeArray(items=items):
                ahead += reversed(items)


def _members(type_: Type, types: Types, seen: set[str]) -> Iterator[str]:
    """The members of a schema, and those of the schemas in it, each schema once and not below a hundred others."""
    present = types.present(type_)
    schema = types.schema(present.item if isinstance(present, Array) else present)
    if schema is None or schema.name in seen or len(seen) > 100:
        return
    seen.add(schema.name)
    for field in schema.fields:
        yield field.name
        yield from _members(field.type, types, seen)


def _variables(component: Component, function: Algorithm) -> Mapping[str, _Known]:
    """The names that hold one type of thing throughout the function."""
    found: dict[str, _Known] = {}
    for argument in function.arguments:
        schema = _schema(component, argument.type)
        if schema:
            found[argument.name.text] = schema
    stored: dict[str, int] = {}
    for node in ast.walk(function.node):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stored[node.id] = stored.get(node.id, 0) + 1
        elif isinstance(node, _SCOPES[:3]) and node is not function.node:
            for inner in (*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs):
                stored[inner.arg] = stored.get(inner.arg, 0) + 2
        elif isinstance(node, ast.MatchAs | ast.ExceptHandler | ast.MatchStar) and node.name:
            stored[node.name] = stored.get(node.name, 0) + 2
    found = {name: type_ for name, type_ in found.items() if name not in stored}
    for node in ast.walk(function.node):
        name, row = _taken(node, component)
        if row and stored.get(name) == 1 and name not in {argument.name.text for argument in function.arguments}:
            found[name] = row
    return found


def _taken(node: ast.AST, component: Component) -> tuple[str, _Row | None]:
    """A name that is given the row, or each of the rows, of a pattern."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, _row(value, component, {"one", "maybe"})
        case (
            ast.For(target=ast.Name(id=name), iter=value)
            | ast.AsyncFor(target=ast.Name(id=name), iter=value)
            | ast.comprehension(target=ast.Name(id=name), iter=value)
        ):
            return name, _row(value, component, {"many"})
    return "", None


def _row(value: ast.expr, component: Component, cardinalities: set[str]) -> _Row | None:
    if isinstance(value, ast.Await):
        value = value.value
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="db"), attr=name)):
            pattern, signature = component.data.pattern(name), component.signature(name)
            columns = tuple(column.name for column in signature.columns) if signature else ()
            if pattern and pattern.cardinality in cardinalities and columns and not {"*", "?column?"} & {*columns}:
                return _Row(name, columns)
    return None


def _type_of(value: ast.expr, known: Mapping[str, _Known], component: Component) -> _Known | None:
    match value:
        case ast.Name(id=name):
            return known.get(name)
        case ast.Attribute(value=inner, attr=attribute):
            owner = _type_of(inner, known, component)
            field = _field(owner, attribute) if isinstance(owner, Schema) else None
            return _schema(component, field) if field else None
    return None


def _field(schema: Schema, attribute: str) -> Type | None:
    return next((field.type for field in schema.fields if snake(field.name) == snake(attribute)), None)


def _schema(component: Component, type_: Type | None) -> Schema | None:
    """The schema that a type is, null aside; None for lists and for what has no fields."""
    present = component.types.present(type_) if type_ else None
    schema = component.types.schema(present) if present and not isinstance(present, Array) else None
    return schema if schema and schema.fields else None


def _has(owner: _Known, attribute: str) -> bool:
    plain = attribute.rstrip("_").removeprefix("column_")
    names = _names(owner)
    return attribute in names or plain in names or (isinstance(owner, Schema) and snake(attribute) in names)


def _names(owner: _Known) -> list[str]:
    return [snake(field.name) for field in owner.fields] if isinstance(owner, Schema) else list(owner.columns)


def _end(node: ast.expr, text: str, source: Source) -> Span:
    end = _offset(source, node.end_lineno or node.lineno, node.end_col_offset or 0)
    return Span(max(0, end - len(text)), end)


def _start(node: ast.keyword, text: str, source: Source) -> Span:
    start = _offset(source, node.lineno, node.col_offset)
    return Span(start, start + len(text))


def _offset(source: Source, line: int, column: int) -> int:
    """Where a line and a column in bytes, as Python counts it, is in the document."""
    return source.line_start(line) + len(source.line(line).encode()[:column].decode(errors="ignore"))


RULES = (undefined_member, undefined_hole)
