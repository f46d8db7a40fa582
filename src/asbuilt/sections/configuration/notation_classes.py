"""Environment variables as fields of a settings class (pydantic's `BaseSettings` and its kin), never executed."""

import ast
import re
from collections.abc import Iterator

from asbuilt.document import Fence
from asbuilt.language.names import Name
from asbuilt.language.python import Code, read_module
from asbuilt.sections.configuration.declaration import Declaration

_CLASS = re.compile(r"^class[ \t]+\w+[ \t]*\([^)\n]*(?:Settings|Config)\b", re.MULTILINE)


def is_python(fence: Fence) -> bool:
    """Whether a fence holds a settings class."""
    return fence.label in ("", "python", "py", "python3") and _CLASS.search(fence.body.text) is not None


def read_classes(fence: Fence) -> Iterator[Declaration]:
    codes, _ = read_module(fence.body)
    for code in codes:
        for statement in code.body:
            if isinstance(statement, ast.ClassDef):
                yield from _fields(code, statement)


def _fields(code: Code, settings: ast.ClassDef) -> Iterator[Declaration]:
    for field in settings.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            value = field.value
            constant = value if isinstance(value, ast.Constant) and value.value is not None else None
            written = str(constant.value) if constant else None
            start, end = code.range(constant) if constant else (0, 0)
            if constant and isinstance(constant.value, str):
                start, end = start + 1, end - 1
            as_written = constant is not None and code.fragment.text[start:end] == written
            yield Declaration(
                name=Name(field.target.id.upper(), code.span(field.target)),
                span=code.span(field),
                value=written.lower() if isinstance(getattr(constant, "value", None), bool) and written else written,
                value_span=code.fragment.span(start, end) if as_written else None,
                comment=code.comment(field),
                type_word=code.text(field.annotation),
                mark=value is None,
            )
