"""Python's annotations as types: the standard library's, those of pydantic and annotated-types, and our own."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from asbuilt.diagnostics import Hole, nearest
from asbuilt.language.constants import NotConstantError, constant, dotted
from asbuilt.language.constraints import CONSTRAINTS, read_metadata
from asbuilt.language.python import Code, read_expression
from asbuilt.language.scalars import ANYTHING, ARRAYS, MAPS, SCALARS, SETS, TUPLES, named
from asbuilt.language.types import (
    ABSENT,
    FREE,
    UNSET,
    Anything,
    Array,
    Choice,
    Constant,
    Constraints,
    Default,
    Map,
    Named,
    Null,
    Scalar,
    ScalarKind,
    Type,
    Union,
    refine,
)
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

_WRAPPERS = frozenset({"Final", "Required", "InitVar", "SkipValidation", "SkipJsonSchema", "Mapped"})
_CONSTRAINED: Mapping[str, ScalarKind] = {
    "constr": "str",
    "conint": "int",
    "confloat": "float",
    "condecimal": "decimal",
    "conbytes": "bytes",
    "condate": "date",
}
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


@frozen
class Annotation:
    """A type, and what its annotation says of the member that has it.

    `default` is what `Field(...)` gives; `absent` says that `Absent` is among the options.
    """

    type: Type
    default: Default = UNSET
    absent: bool = False
    read_only: bool = False
    write_only: bool = False
    column: str | None = None
    alias: str | None = None
    description: str = ""
    of_class: bool = False


def read_annotation(
    code: Code, node: ast.expr, holes: list[Hole], constants: Mapping[str, Default] | None = None
) -> Annotation:
    """What an annotation says. A part that cannot be read adds a hole and counts as any value."""
    return _Reader(code, holes, constants or {}).member(node)


def read_annotation_text(
    fragment: Fragment, holes: list[Hole], constants: Mapping[str, Default] | None = None
) -> Annotation:
    """The same for an annotation that stands alone, such as `Status` in `status: Status?`."""
    if _IDENTIFIER.fullmatch(fragment.text) and fragment.text not in ("None", "True", "False"):
        return Annotation(named(fragment.text, fragment.whole))
    found = read_expression(fragment)
    if isinstance(found, Hole):
        holes.append(replace(found, hint=found.hint or "write a type, such as `int`, `list[str]` or `Status`"))
        return Annotation(Anything(fragment.whole))
    code, node = found
    return read_annotation(code, node, holes, constants)


def read_default(
    code: Code, node: ast.expr, holes: list[Hole], constants: Mapping[str, Default] | None = None
) -> Default:
    """The value of a default. One that is no constant adds a hole and counts as one that may be left out."""
    try:
        return constant(node, constants or {})
    except NotConstantError as error:
        holes.append(
            Hole(
                code.span(error.node),
                f"`{_short(code.text(error.node))}` is not a constant",
                "a default is a number, a string, True, False, None, a list, a dict, a `timedelta` or an enum's member",
            )
        )
        return ABSENT


def union(options: list[Type], span: Span) -> Type:
    """The union of some types: flat, null last, no union for a single one."""
    flat: list[Type] = []
    for option in options:
        flat += option.options if isinstance(option, Union) and option.constraints == FREE else [option]
    nulls = [option for option in flat if isinstance(option, Null)]
    ordered = [option for option in flat if not isinstance(option, Null)] + nulls[:1]
    return ordered[0] if len(ordered) == 1 else Union(tuple(ordered), span)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."


@dataclass(slots=True)
class _Reader:
    code: Code
    holes: list[Hole]
    constants: Mapping[str, Default]
    _depth: int = field(default=0)

    def member(self, node: ast.expr) -> Annotation:
        """The outermost level, where marks of the member may stand."""
        if quoted := self._quoted(node):
            reader, inner = quoted
            return reader.member(inner)
        match node:
            case ast.Subscript(value=head, slice=inner):
                name = dotted(head).rpartition(".")[2]
                if name == "Annotated":
                    return self._annotated(node, inner)
                if name in ("ReadOnly", "WriteOnly"):
                    found = self.member(inner)
                    return replace(found, read_only=name == "ReadOnly", write_only=name == "WriteOnly")
                if name == "NotRequired":
                    return replace(self.member(inner), absent=True)
                if name == "ClassVar":
                    return Annotation(Anything(self.code.span(node)), of_class=True)
                if name in _WRAPPERS:
                    return self.member(inner)
                if name in ("Optional", "Union"):
                    extra: list[ast.expr] = [ast.copy_location(ast.Constant(None), node)] if name == "Optional" else []
                    return self._union(node, [*_items(inner), *extra])
            case ast.BinOp(op=ast.BitOr()):
                return self._union(node, _options(node))
        return Annotation(self.type(node))

    def type(self, node: ast.expr) -> Type:
        if quoted := self._quoted(node):
            reader, inner = quoted
            return reader.type(inner)
        span = self.code.span(node)
        match node:
            case ast.Name(id="Absent"):
                return self._hole(
                    node, "`Absent` stands only beside the type of a member, as in `str | Absent = Absent`"
                )
            case ast.Name() | ast.Attribute():
                name = dotted(node)
                return named(name, span) if name else self._no_type(node)
            case ast.Constant(value=None):
                return Null(span)
            case ast.Subscript(value=head, slice=inner):
                return self._generic(node, dotted(head).rpartition(".")[2], head, inner)
            case ast.BinOp(op=ast.BitOr()):
                return union([self.type(option) for option in _options(node)], span)
            case ast.Call(func=function):
                return self._constrained(node, dotted(function).rpartition(".")[2])
            case _:
                return self._no_type(node)

    def _generic(self, node: ast.expr, name: str, head: ast.expr, inner: ast.expr) -> Type:
        span = self.code.span(node)
        items = _items(inner)
        if name == "Literal":
            return Choice(tuple(self._literals(items)), span)
        if name in ("Annotated", "ReadOnly", "WriteOnly", "NotRequired", "Optional", "Union") or name in _WRAPPERS:
            return self.member(node).type
        if name in ARRAYS:
            return Array(self.type(items[0]), span) if len(items) == 1 else self._count(node, name, items)
        if name in SETS:
            unique = Constraints(unique=True)
            return Array(self.type(items[0]), span, unique) if len(items) == 1 else self._count(node, name, items)
        if name in MAPS:
            return Map(self.type(items[1]), span) if len(items) == 2 else self._count(node, name, items)
        if name in TUPLES:
            return self._tuple(items, span)
        if name in ("type", "Type"):
            return Scalar("str", span)
        if not name:
            return self._no_type(node)
        if name in SCALARS or name in ANYTHING:
            return self._hole(node, f"`{name}` takes no type in brackets")
        return Named(name, self.code.span(head), tuple(self.type(item) for item in items))

    def _tuple(self, items: list[ast.expr], span: Span) -> Type:
        if len(items) == 2 and isinstance(items[1], ast.Constant) and items[1].value is Ellipsis:
            return Array(self.type(items[0]), span)
        types: list[Type] = []
        for item in items:
            found = self.type(item)
            if not any(replace(found, span=span) == replace(known, span=span) for known in types):
                types.append(found)
        count = Constraints(min_length=len(items), max_length=len(items))
        return Array(union(types, span) if types else Anything(span), span, count)

    def _literals(self, items: list[ast.expr]) -> list[Constant]:
        values: list[Constant] = []
        for item in items:
            if isinstance(item, ast.Tuple) and not item.elts:
                continue
            if isinstance(item, ast.Subscript) and dotted(item.value).rpartition(".")[2] == "Literal":
                values += self._literals(_items(item.slice))
                continue
            try:
                value = constant(item, self.constants)
            except NotConstantError:
                value = UNSET
            if value is None or isinstance(value, bool | int | float | str):
                values.append(value)
            else:
                self._hole(
                    item,
                    f"`{_short(self.code.text(item))}` is not a value that `Literal` can hold",
                    "put strings in quotes",
                )
        return values

    def _annotated(self, node: ast.expr, inner: ast.expr) -> Annotation:
        items = _items(inner)
        if len(items) < 2:
            self._hole(node, "`Annotated` takes a type and at least one constraint")
            return self.member(items[0]) if items else Annotation(Anything(self.code.span(node)))
        found = self.member(items[0])
        marks = read_metadata(self.code, items[1:], self.holes, self.constants)
        refined = refine(found.type, marks.constraints)
        if not isinstance(refined, Named | Null):
            refined = replace(refined, span=self.code.span(node))
        return replace(
            found,
            type=refined,
            default=marks.default if marks.default is not UNSET else found.default,
            column=marks.column or found.column,
            alias=marks.alias or found.alias,
            description=marks.description or found.description,
            read_only=marks.read_only or found.read_only,
            write_only=marks.write_only or found.write_only,
        )

    def _union(self, node: ast.expr, options: list[ast.expr]) -> Annotation:
        kept = [option for option in options if not (isinstance(option, ast.Name) and option.id == "Absent")]
        absent = len(kept) < len(options)
        if not kept:
            return Annotation(self._hole(node, "`Absent` alone is no type", "write `str | Absent = Absent`"))
        members = [self.member(option) for option in kept]
        first = members[0]
        return replace(
            first,
            type=union([member.type for member in members], self.code.span(node)),
            absent=absent or any(member.absent for member in members),
            read_only=any(member.read_only for member in members),
            write_only=any(member.write_only for member in members),
        )

    def _constrained(self, node: ast.Call, name: str) -> Type:
        """pydantic's `constr(...)` and its kin."""
        span = self.code.span(node)
        if name in _CONSTRAINED:
            marks = read_metadata(self.code, (node,), self.holes, self.constants)
            return Scalar(_CONSTRAINED[name], span, marks.constraints)
        if name in ("conlist", "conset", "confrozenset") and node.args:
            marks = read_metadata(self.code, (node,), self.holes, self.constants)
            unique = marks.constraints if name == "conlist" else replace(marks.constraints, unique=True)
            return Array(self.type(node.args[0]), span, unique)
        if name in SCALARS:
            inner = ", ".join(self.code.text(argument) for argument in node.args)
            text = SCALARS[name][0] == "str"
            hint = f"write `Annotated[str, Len(max_length={inner})]`" if text else "constraints stand in `Annotated`"
            return self._hole(node, f"`{_short(self.code.text(node))}` is a call, not a type", hint)
        return self._no_type(node)

    def _quoted(self, node: ast.expr) -> "tuple[_Reader, ast.expr] | None":
        """What a forward reference in quotes refers to, and a reader for the place where it stands."""
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            return None
        start, end = self.code.range(node)
        if self.code.fragment.text[start + 1 : end - 1] != node.value or not node.value.strip() or self._depth > 2:
            return None
        found = read_expression(self.code.fragment.part(start + 1, end - 1))
        if isinstance(found, Hole):
            return None
        code, inner = found
        return _Reader(code, self.holes, self.constants, self._depth + 1), inner

    def _count(self, node: ast.expr, name: str, items: list[ast.expr]) -> Type:
        written = [_short(self.code.text(item)) for item in items]
        if name in MAPS:
            hint = f"write `{name}[str, {written[0]}]`"
            return self._hole(node, f"`{name}` takes two types in brackets", hint)
        hint = f"write `{name}[{' | '.join(written)}]`"
        return self._hole(node, f"`{name}` takes one type in brackets", hint)

    def _no_type(self, node: ast.expr) -> Type:
        text = _short(self.code.text(node))
        hint = "write a type, such as `int`, `list[str]` or the name of a schema"
        match node:
            case ast.List(elts=[item]):
                hint = f"write `list[{_short(self.code.text(item))}]`"
            case ast.Constant(value=value) if value is not Ellipsis:
                hint = f"for one value, write `Literal[{_short(self.code.text(node))}]`"
            case ast.Dict():
                hint = "give the object a class of its own, or write `dict[str, int]`"
            case ast.Call(func=function):
                hint = nearest(dotted(function), CONSTRAINTS) or hint
        return self._hole(node, f"`{text}` is not a type", hint)

    def _hole(self, node: ast.expr, message: str, hint: str = "") -> Type:
        span = self.code.span(node)
        self.holes.append(Hole(span, message, hint))
        return Anything(span)


def _items(inner: ast.expr) -> list[ast.expr]:
    return list(inner.elts) if isinstance(inner, ast.Tuple) and inner.elts else [inner]


def _options(node: ast.expr) -> list[ast.expr]:
    """The options of `A | B | C`, left to right, however many."""
    options: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        options.append(node.right)
        node = node.left
    return [node, *reversed(options)]
