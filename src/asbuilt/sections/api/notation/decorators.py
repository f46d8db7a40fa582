"""Functions that FastAPI and Flask serve, read off their decorators and annotations. Nothing is executed."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from asbuilt.diagnostics import Hole, closest
from asbuilt.language.annotations import read_annotation, read_default
from asbuilt.language.constants import NotConstantError, constant, dotted
from asbuilt.language.constraints import read_metadata
from asbuilt.language.names import Name
from asbuilt.language.python import Code
from asbuilt.language.types import UNSET, Array, Default, Map, Named, Null, Scalar, Type, refine
from asbuilt.sections.api.model import Answer, Body, Endpoint, Parameter
from asbuilt.sections.api.notation.contribution import Found
from asbuilt.sections.api.notation.routes import METHODS, ReadPath, read_path
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

_VERBS = {method.lower(): method for method in METHODS}
_GIVEN = frozenset(
    {
        "Request",
        "Response",
        "BackgroundTasks",
        "Session",
        "AsyncSession",
        "WebSocket",
        "Depends",
        "Security",
        "Principal",
    }
    | {"Database", "HTTPConnection", "OAuth2PasswordRequestForm"}
)
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


@frozen
class _Route:
    method: str
    path: ReadPath
    call: ast.Call


def prefixes(code: Code) -> Mapping[str, str]:
    """The prefix of each router: `router = APIRouter(prefix="/api")`."""
    found: dict[str, str] = {}
    for node in code.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function, keywords=keywords)):
                if dotted(function).rpartition(".")[2] in ("APIRouter", "Blueprint", "FastAPI", "Flask"):
                    value = next((k.value for k in keywords if k.arg in ("prefix", "url_prefix")), None)
                    found[name] = (
                        value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
                    )
    return found


def read_decorated(
    code: Code, routers: Mapping[str, str], constants: Mapping[str, Default], holes: list[Hole]
) -> Iterator[Found]:
    """An endpoint for each function that a router serves."""
    for node in code.body:
        if isinstance(node, _FUNCTION):
            for decorator in node.decorator_list:
                for route in _routes(code, decorator, routers, holes):
                    yield Found(_endpoint(code, node, route, constants, holes), complete=True)


def _routes(code: Code, decorator: ast.expr, routers: Mapping[str, str], holes: list[Hole]) -> Iterator[_Route]:
    match decorator:
        case ast.Call(func=ast.Attribute(value=owner, attr=verb), args=[ast.Constant(value=str()) as written, *_]):
            path = _path(code, written, routers.get(dotted(owner), ""), holes)
        case _:
            return
    if path is None:
        return
    if verb in _VERBS:
        yield _Route(_VERBS[verb], path, decorator)
    elif verb in ("route", "api_route"):
        listed = next((k.value for k in decorator.keywords if k.arg == "methods"), None)
        methods = listed.elts if isinstance(listed, ast.List | ast.Tuple) else []
        names = [item.value for item in methods if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        for method in names or ["GET"]:
            if method.upper() in METHODS:
                yield _Route(method.upper(), path, decorator)


def _path(code: Code, written: ast.Constant, prefix: str, holes: list[Hole]) -> ReadPath | None:
    start, end = code.range(written)
    inner = code.fragment.part(start + 1, end - 1)
    path = read_path(inner, holes) if inner.text else ReadPath(replace(_ROOT, span=inner.whole), ())
    before = read_path(Fragment(prefix, (inner.whole.start,)), []) if prefix else None
    if path and before:
        return replace(path, route=replace(path.route, segments=(*before.route.segments, *path.route.segments)))
    return path


def _endpoint(
    code: Code, node: _FUNCTION, route: _Route, constants: Mapping[str, Default], holes: list[Hole]
) -> Endpoint:
    reader = _Arguments(code, constants, holes, route)
    parameters, body = reader.read(node)
    start, _ = code.range(node)
    at = code.fragment.text.find(node.name, start)
    name = Name(node.name, code.fragment.span(at, at + len(node.name)))
    docstring = ast.get_docstring(node) or ""
    return Endpoint(
        route.method,
        route.path.route,
        code.span(route.call),
        (name,),
        docstring.split("\n", 1)[0],
        parameters,
        body,
        reader.answers(node),
    )


@frozen
class _Arguments:
    code: Code
    constants: Mapping[str, Default]
    holes: list[Hole]
    route: _Route

    def read(self, node: _FUNCTION) -> tuple[tuple[Parameter, ...], Body | None]:
        """Names in the path are path parameters, schemas are the body, all else comes from the query."""
        found = {parameter.name.text: parameter for parameter in self.route.path.parameters}
        body: Body | None = None
        arguments = [*node.args.posonlyargs, *node.args.args]
        defaults: list[ast.expr | None] = [None] * (len(arguments) - len(node.args.defaults)) + list(node.args.defaults)
        pairs = [*zip(arguments, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
        for argument, default in pairs:
            if argument.annotation is None or self._is_given(argument.annotation, default):
                continue
            marks = read_annotation(self.code, argument.annotation, self.holes, self.constants)
            type_, value, header = marks.type, marks.default, _marked(argument.annotation, default, "Header")
            if isinstance(default, ast.Call) and dotted(default.func).rpartition(".")[2] in _SOURCES:
                metadata = read_metadata(self.code, (default,), self.holes, self.constants)
                type_, value = refine(type_, metadata.constraints), metadata.default
            elif default is not None:
                value = read_default(self.code, default, self.holes, self.constants)
            name = Name(argument.arg, self.code.span(argument))
            if argument.arg in found:
                known = found[argument.arg]
                found[argument.arg] = replace(known, type=type_)
            elif _is_body(type_) and not header:
                body = Body(type_, "json", type_.span, required=value is UNSET)
            else:
                wire = argument.arg.replace("_", "-") if header else argument.arg
                place = Name(wire, name.span)
                found[argument.arg] = Parameter(place, "header" if header else "query", type_, name.span, value)
        self._misspelt(found, {argument.arg for argument, _ in pairs})
        return tuple(found.values()), body

    def _misspelt(self, found: Mapping[str, Parameter], arguments: set[str]) -> None:
        """A required argument that is called much like a parameter of the path which no argument takes."""
        missing = [name for name, parameter in found.items() if parameter.place == "path" and name not in arguments]
        for parameter in found.values():
            if missing and parameter.place == "query" and parameter.required:
                close = closest(parameter.name.text, missing)
                if close:
                    message = f"`{parameter.name.text}` is no parameter of the path, which holds `{{{close}}}`"
                    self.holes.append(Hole(parameter.name.span, message, f"did you mean `{close}`?"))

    def _is_given(self, annotation: ast.expr, default: ast.expr | None) -> bool:
        """Whether the framework passes the argument itself."""
        names = {dotted(part).rpartition(".")[2] for part in ast.walk(annotation) if isinstance(part, ast.expr)}
        called = dotted(default.func).rpartition(".")[2] if isinstance(default, ast.Call) else ""
        return bool(names & _GIVEN) or called in ("Depends", "Security")

    def answers(self, node: _FUNCTION) -> tuple[Answer, ...]:
        keywords = {keyword.arg: keyword.value for keyword in self.route.call.keywords}
        written = keywords.get("response_model") or node.returns
        type_: Type | None = None
        if written is not None:
            type_ = read_annotation(self.code, written, self.holes, self.constants).type
        status = _status(keywords.get("status_code"))
        if isinstance(type_, Null) or (status in (204, 205, 304) and "response_model" not in keywords):
            type_ = None
        span = self.code.span(written) if written is not None else self.code.span(self.route.call)
        return (Answer(status, type_, span),)


_SOURCES = frozenset({"Query", "Path", "Header", "Cookie", "Body", "Form", "Field"})
_ROOT = read_path(Fragment("/", (0,)), []).route  # type: ignore[union-attr]  # a slash is a path


def _marked(annotation: ast.expr, default: ast.expr | None, mark: str) -> bool:
    parts = [*ast.walk(annotation), *([default] if default is not None else [])]
    return any(isinstance(part, ast.Call) and dotted(part.func).rpartition(".")[2] == mark for part in parts)


def _is_body(type_: Type) -> bool:
    match type_:
        case Named() | Map():
            return True
        case Array(item=Named()):
            return True
        case Scalar():
            return False
    return False


def raised_statuses(code: Code) -> Iterator[tuple[int, Span]]:
    """The statuses of the exceptions that functions raise: `HTTPException(status_code=409)`, `abort(404)`."""
    for node in ast.walk(ast.Module(list(code.body), [])):
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in ("HTTPException", "abort"):
            named = [keyword.value for keyword in node.keywords if keyword.arg == "status_code"]
            for written in (*named, *node.args[:1])[:1]:
                if isinstance(written, ast.Constant) and type(written.value) is int:
                    yield written.value, code.span(written)


def _status(node: ast.expr | None) -> int:
    """`201`, or `status.HTTP_201_CREATED`."""
    if node is None:
        return 200
    name = dotted(node).rpartition(".")[2]
    if name.startswith("HTTP_") and name[5:8].isdecimal():
        return int(name[5:8])
    try:
        value = constant(node, {})
    except NotConstantError:
        return 200
    return value if isinstance(value, int) and 200 <= value < 400 else 200
