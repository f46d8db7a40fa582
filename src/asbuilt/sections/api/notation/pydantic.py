"""What pydantic's classes say beside their members: configuration, validators, computed members.

Code is never executed here, so what only code can tell is named, one by one, as not enforced.
"""

import ast
from collections.abc import Iterator, Mapping

from asbuilt.language.constants import dotted
from asbuilt.language.constraints import Unenforced, is_off
from asbuilt.language.names import camel
from asbuilt.language.python import Code
from asbuilt.source import Span

_VALIDATORS = frozenset(
    {"field_validator", "model_validator", "validator", "root_validator", "validates", "validates_schema"}
)
_SERIALIZERS = frozenset({"field_serializer", "model_serializer"})
_IN_ALGORITHM = "raise one of the document's errors from an algorithm, or constrain the type of the member"
_IGNORED = "members that no schema names are ignored, as the HTTP baseline has it"
# The settings of a class that change which bodies are valid, or what is made of them.
_SETTINGS: Mapping[str, str] = {
    "str_strip_whitespace": "write a `Pattern` for texts without surrounding whitespace",
    "str_to_lower": "write a `Pattern` for texts in lower case",
    "str_to_upper": "write a `Pattern` for texts in upper case",
    "str_min_length": "give each text a `Len`",
    "str_max_length": "give each text a `Len`",
    "anystr_strip_whitespace": "write a `Pattern` for texts without surrounding whitespace",
    "min_anystr_length": "give each text a `Len`",
    "max_anystr_length": "give each text a `Len`",
    "coerce_numbers_to_str": "write `str`, and send strings",
    "alias_generator": "give each member an `Alias`",
}
_GENERATORS = {"to_camel", "to_lower_camel", "camelize", "to_camel_case", "snake_to_camel"}


def unenforced(code: Code, node: ast.ClassDef) -> Iterator[Unenforced]:
    """What a class demands of its values that no type tells."""
    for name, value in settings(node):
        hole = _setting(code, name, value)
        if hole:
            yield hole
    for part in node.body:
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _method(code, part)


def settings(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """What `model_config` sets, or the `class Config` of earlier releases, or the class statement itself."""
    yield from ((keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg)
    for part in node.body:
        match part:
            case (
                ast.Assign(targets=[ast.Name(id="model_config")], value=value)
                | ast.AnnAssign(target=ast.Name(id="model_config"), value=ast.expr() as value)
            ):
                yield from _entries(value)
            case ast.ClassDef(name="Config", body=body):
                for line in body:
                    match line:
                        case ast.Assign(targets=[ast.Name(id=name)], value=value):
                            yield name, value


def _entries(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match value:
        case ast.Call(keywords=keywords):
            yield from ((keyword.arg, keyword.value) for keyword in keywords if keyword.arg)
        case ast.Dict(keys=keys, values=values):
            for key, entry in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, entry


def in_camel_case(node: ast.ClassDef) -> bool:
    """Whether the members of a class are in camelCase on the wire: `alias_generator=to_camel`, `rename="camel"`."""
    return any(name in ("alias_generator", "rename") and _is_camel(value) for name, value in settings(node))


def _is_camel(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):  # AliasGenerator(alias=to_camel)
        return any(keyword.arg == "alias" and _is_camel(keyword.value) for keyword in value.keywords)
    if isinstance(value, ast.Constant):
        return value.value == "camel"
    return dotted(value).rpartition(".")[2] in _GENERATORS


def wire_name(name: str, *, in_camel: bool) -> str:
    return camel(name) if in_camel else name


def _setting(code: Code, name: str, value: ast.expr) -> Unenforced | None:
    if name == "forbid_unknown_fields" and not is_off(value):
        return Unenforced(
            code.span(value), "unknown members are not refused, as `forbid_unknown_fields` says", _IGNORED
        )
    if name == "extra":
        word = value.value if isinstance(value, ast.Constant) else dotted(value).rpartition(".")[2]
        if word not in ("forbid", "allow"):
            return None
        done = "refused" if word == "forbid" else "kept"
        return Unenforced(code.span(value), f"unknown members are not {done}, as `extra` says", _IGNORED)
    if name not in _SETTINGS or is_off(value) or _is_camel(value):
        return None
    return Unenforced(code.span(value), f"`{name}` is not enforced", _SETTINGS[name])


def _method(code: Code, method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Unenforced]:
    for decorator in method.decorator_list:
        name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator).rpartition(".")[2]
        span = code.span(decorator)
        if name in _VALIDATORS:
            yield Unenforced(span, f"what `{method.name}` checks is code, and is not enforced", _IN_ALGORITHM)
        elif name in _SERIALIZERS:
            hint = "make the value in an algorithm, or with SQL in a pattern"
            yield Unenforced(span, f"what `{method.name}` makes of an answer is code, and is not done", hint)
        elif name == "computed_field":
            hint = f"declare `{method.name}` as a member, and give its value in an algorithm or a pattern"
            yield Unenforced(span, f"`{method.name}` is computed by code, and is no member of answers", hint)
    if method.name in ("__post_init__", "model_post_init", "__attrs_post_init__"):
        at = code.span(method).start + (10 if isinstance(method, ast.AsyncFunctionDef) else 4)
        span = Span(at, at + len(method.name))
        yield Unenforced(span, f"what `{method.name}` checks is code, and is not enforced", _IN_ALGORITHM)
