"""Schemas as Python classes of annotated fields, read without executing them: plain, pydantic, dataclass, TypedDict."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from asbuilt.diagnostics import Hole
from asbuilt.language.annotations import Annotation, read_annotation, read_default, union
from asbuilt.language.constants import NotConstantError, constant, dotted
from asbuilt.language.constraints import CONSTRAINTS, read_metadata
from asbuilt.language.python import Code
from asbuilt.language.scalars import named
from asbuilt.language.types import (
    ABSENT,
    UNSET,
    Alias,
    Anything,
    Choice,
    Constant,
    Default,
    Definition,
    Field,
    Named,
    Null,
    Schema,
    Union,
    refine,
)
from asbuilt.sections.api.notation.pydantic import in_camel_case, unenforced, wire_name
from asbuilt.source import Span
from asbuilt.values import frozen

_FOUNDATIONS = frozenset(
    {
        "BaseModel",
        "TypedDict",
        "NamedTuple",
        "SQLModel",
        "Struct",
        "object",
        "ABC",
        "GenericModel",
        "Generic",
        "Protocol",
    }
    | {"BaseSchema", "Schema", "Model", "CamelModel", "DTO"}
)
_ENUMS = frozenset({"Enum", "StrEnum", "IntEnum", "Flag", "IntFlag"})
_NO_SCHEMAS = frozenset(
    {"BaseSettings", "DeclarativeBase", "Base", "Exception", "HTTPException", "BaseException", "ValueError"}
)
_FIELD_CALLS = frozenset({"Field", "field", "Query", "Path", "Header", "Cookie", "Body", "Form"})
_TYPE_CALLS = frozenset({"constr", "conint", "confloat", "condecimal", "conlist", "conset", "conbytes", "condate"})
_TABLE_LINE = re.compile(r"^[ \t]*Table:[ \t]*`?(?P<table>[\w.]+)`?[ \t]*$", re.MULTILINE | re.IGNORECASE)


@frozen
class Context:
    """What all Python of a document knows: constants such as `Status.PAID`, names of type variables and classes.

    Members of `camel` classes, and of those derived from them, are in camelCase on the wire.
    """

    constants: Mapping[str, Default]
    variables: frozenset[str]
    classes: frozenset[str]
    camel: frozenset[str] = frozenset()


def gather(codes: Iterable[Code]) -> Context:
    """The constants and type variables that a document's Python defines."""
    constants: dict[str, Default] = {}
    variables: set[str] = set()
    classes: set[str] = set()
    camel: set[str] = set()
    for code in codes:
        for node in code.body:
            if isinstance(node, ast.ClassDef):
                classes.add(node.name)
                if in_camel_case(node) or any(dotted(base) in camel for base in node.bases):
                    camel.add(node.name)
            if isinstance(node, ast.ClassDef) and _is_enum(node):
                for name, value in _enum_members(node):
                    constants[f"{node.name}.{name}"] = value
            elif isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name):
                if isinstance(node.value, ast.Call) and dotted(node.value.func).endswith(("TypeVar", "ParamSpec")):
                    variables.add(target.id)
                elif isinstance(node.value, ast.Constant) and isinstance(node.value.value, str | int | float):
                    constants[target.id] = node.value.value
    return Context(constants, frozenset(variables), frozenset(classes), frozenset(camel))


def read_definitions(code: Code, context: Context, holes: list[Hole]) -> Iterator[Definition]:
    """The classes and aliases of a stretch of Python, those inside classes after the one they stand in."""
    for node in code.body:
        match node:
            case ast.ClassDef():
                yield from _class(code, node, context, holes)
            case ast.Assign(targets=[ast.Name() as target], value=value):
                yield from _alias(code, target, value, context, holes)
            case ast.AnnAssign(target=ast.Name() as target, annotation=annotation, value=ast.expr() as value):
                if dotted(annotation).endswith("TypeAlias"):
                    yield from _alias(code, target, value, context, holes)


def _class(code: Code, node: ast.ClassDef, context: Context, holes: list[Hole]) -> Iterator[Definition]:
    bases = [dotted(base.value if isinstance(base, ast.Subscript) else base).rpartition(".")[2] for base in node.bases]
    if _is_enum(node):
        yield Alias(
            node.name,
            Choice(tuple(v for _, v in _enum_members(node)), code.span(node)),
            code.span(node),
            _name(code, node),
        )
        return
    root = next(
        (base for base in node.bases if isinstance(base, ast.Subscript) and dotted(base.value) == "RootModel"), None
    )
    if root is not None:
        type_ = read_annotation(code, root.slice, holes, context.constants).type
        yield Alias(node.name, type_, code.span(node), _name(code, node))
        return
    foreign = [base for base in bases if base not in context.classes]
    if any(base in _NO_SCHEMAS or base.endswith(("Error", "Exception")) for base in foreign) or _is_service(node):
        return
    holes += unenforced(code, node)
    yield _schema(code, node, context, holes)
    for inner in node.body:
        if isinstance(inner, ast.ClassDef) and inner.name not in ("Config", "Meta"):
            yield from _class(code, inner, context, holes)


def _is_service(node: ast.ClassDef) -> bool:
    """Whether a class does things, or maps a table, instead of describing data."""
    annotated = any(isinstance(part, ast.AnnAssign) for part in node.body)
    assigned = {
        target.id
        for part in node.body
        if isinstance(part, ast.Assign)
        for target in part.targets
        if isinstance(target, ast.Name)
    }
    methods = any(isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) for part in node.body)
    return "__tablename__" in assigned or (not annotated and methods)


def _is_enum(node: ast.ClassDef) -> bool:
    return any(dotted(base).rpartition(".")[2] in _ENUMS for base in node.bases)


def _enum_members(node: ast.ClassDef) -> Iterator[tuple[str, Constant]]:
    texts = any(dotted(base).rpartition(".")[2] in ("StrEnum", "str") for base in node.bases)
    count = 0
    for part in node.body:
        if not (isinstance(part, ast.Assign) and isinstance(target := part.targets[0], ast.Name)):
            continue
        if target.id.startswith("_"):
            continue
        count += 1
        value = part.value
        if isinstance(value, ast.Call) and dotted(value.func).endswith("auto"):
            yield target.id, target.id.lower() if texts else count
            continue
        if isinstance(value, ast.Tuple) and value.elts:
            value = value.elts[0]
        try:
            found = constant(value, {})
        except NotConstantError:
            continue
        if found is None or isinstance(found, bool | int | float | str):
            yield target.id, found


def _schema(code: Code, node: ast.ClassDef, context: Context, holes: list[Hole]) -> Schema:
    variables = list(code.variables.get(node.lineno, ()))
    bases: list[Named] = []
    for base in node.bases:
        name = dotted(base.value if isinstance(base, ast.Subscript) else base).rpartition(".")[2]
        if isinstance(base, ast.Subscript) and name in ("Generic", "Protocol"):
            items = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
            variables += [item.id for item in items if isinstance(item, ast.Name)]
        elif name and name not in _FOUNDATIONS:
            found = read_annotation(code, base, holes, context.constants).type
            bases += [found] if isinstance(found, Named) else []
    total = not any(
        k.arg == "total" and isinstance(k.value, ast.Constant) and k.value.value is False for k in node.keywords
    )
    docstring = ast.get_docstring(node) or ""
    table = _TABLE_LINE.search(docstring)
    return Schema(
        node.name,
        tuple(_fields(code, node, context, holes, total=total)),
        code.span(node),
        _name(code, node),
        tuple(dict.fromkeys(variables)),
        tuple(bases),
        table.group("table") if table else None,
        _TABLE_LINE.sub("", docstring).strip(),
    )


def _name(code: Code, node: ast.ClassDef) -> Span:
    at = code.fragment.text.find(node.name, code.range(node)[0] + len("class"))
    return code.fragment.span(at, at + len(node.name))


def _fields(code: Code, node: ast.ClassDef, context: Context, holes: list[Hole], *, total: bool) -> Iterator[Field]:
    in_camel = node.name in context.camel
    for index, part in enumerate(node.body):
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name) and not part.target.id.startswith("_"):
            if part.target.id == "model_config":
                continue
            member = _field(code, part, wire_name(part.target.id, in_camel=in_camel), context, holes)
            if member is None:
                continue
            if not total and member.default is UNSET and not _is_required(part.annotation):
                member = replace(member, default=ABSENT)
            following = node.body[index + 1] if index + 1 < len(node.body) else None
            if not member.description and (text := _documentation(following)):
                member = replace(member, description=text)
            yield member


def _documentation(node: ast.stmt | None) -> str:
    """The string that stands below a member, as some write its documentation."""
    match node:
        case ast.Expr(value=ast.Constant(value=str() as text)):
            return text.strip()
    return ""


def _is_required(annotation: ast.expr) -> bool:
    return isinstance(annotation, ast.Subscript) and dotted(annotation.value).rpartition(".")[2] == "Required"


def _field(code: Code, node: ast.AnnAssign, name: str, context: Context, holes: list[Hole]) -> Field | None:
    annotation = read_annotation(code, node.annotation, holes, context.constants)
    if annotation.of_class:
        return None
    annotation = _with_value(code, node.value, annotation, context, holes)
    default = annotation.default
    if default is UNSET and annotation.absent:
        default = ABSENT
    type_ = annotation.type
    if default is None and not _admits_null(type_):
        # `note: str = None` is how many write an optional member.
        type_ = union([type_, Null(type_.span)], type_.span)
    return Field(
        annotation.alias or name,
        type_,
        code.span(node),
        default,
        annotation.read_only,
        annotation.write_only,
        annotation.column,
        annotation.description or code.comment(node),
    )


def _admits_null(type_: object) -> bool:
    if isinstance(type_, Union):
        return any(_admits_null(option) for option in type_.options)
    return isinstance(type_, Null | Anything | Named) or (isinstance(type_, Choice) and None in type_.values)


def _with_value(
    code: Code, value: ast.expr | None, annotation: Annotation, context: Context, holes: list[Hole]
) -> Annotation:
    """The annotation with what stands behind `=`: a default, or a call such as `Field(...)`."""
    if value is None:
        return annotation
    if isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in _FIELD_CALLS:
        marks = read_metadata(code, (value,), holes, context.constants)
        return replace(
            annotation,
            type=refine(annotation.type, marks.constraints),
            default=marks.default if marks.default is not UNSET else annotation.default,
            alias=marks.alias or annotation.alias,
            column=marks.column or annotation.column,
            description=marks.description or annotation.description,
            read_only=marks.read_only or annotation.read_only,
            write_only=marks.write_only or annotation.write_only,
        )
    return replace(annotation, default=read_default(code, value, holes, context.constants))


def _alias(code: Code, target: ast.Name, value: ast.expr, context: Context, holes: list[Hole]) -> Iterator[Definition]:
    name_span = code.aliases.get(target.lineno, code.span(target))
    span = name_span.to(code.span(value))
    match value:
        case ast.Call(func=function, args=args):
            called = dotted(function).rpartition(".")[2]
            if called == "NewType" and len(args) == 2:
                value = args[1]
            elif called in ("TypedDict", "NamedTuple") and len(args) == 2:
                yield _functional(code, target.id, args[1], span, name_span, context, holes)
                return
            elif called in _ENUMS and len(args) == 2:
                yield Alias(target.id, Choice(tuple(_functional_enum(args[1])), span), span, name_span)
                return
            elif called not in _TYPE_CALLS:
                return
        case ast.Subscript() | ast.BinOp(op=ast.BitOr()) | ast.Attribute():
            pass
        case ast.Name(id=other):
            if target.lineno not in code.aliases and (target.id.lower() == target.id or other in CONSTRAINTS):
                return
        case ast.Constant(value=str()) if target.lineno in code.aliases:
            pass
        case _:
            return
    if target.id.startswith("__") or (
        isinstance(value, ast.Attribute) and named(dotted(value), span).span == span and target.id.lower() == target.id
    ):
        return
    type_ = read_annotation(code, value, holes, context.constants).type
    variables = code.variables.get(target.lineno) or tuple(sorted(context.variables & _names(value)))
    yield Alias(target.id, type_, span, name_span, variables)


def _names(node: ast.expr) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _functional(
    code: Code, name: str, members: ast.expr, span: Span, name_span: Span, context: Context, holes: list[Hole]
) -> Schema:
    """`TypedDict("X", {"a": int})` and `NamedTuple("X", [("a", int)])`."""
    pairs: Sequence[tuple[ast.expr | None, ast.expr]] = ()
    match members:
        case ast.Dict(keys=keys, values=values):
            pairs = tuple(zip(keys, values, strict=True))
        case ast.List(elts=items):
            pairs = tuple((i.elts[0], i.elts[1]) for i in items if isinstance(i, ast.Tuple) and len(i.elts) == 2)
    fields = []
    for key, annotation in pairs:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            found = read_annotation(code, annotation, holes, context.constants)
            default = ABSENT if found.absent else UNSET
            fields.append(Field(key.value, found.type, code.span(key).to(code.span(annotation)), default))
    return Schema(name, tuple(fields), span, name_span)


def _functional_enum(members: ast.expr) -> Iterator[Constant]:
    match members:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            yield from (item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str))
        case ast.Dict(values=values):
            yield from (
                v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str | int | float)
            )
