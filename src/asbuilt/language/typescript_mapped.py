"""Types that TypeScript makes of others: `Partial<T>`, `Required<T>`, `Pick<T, K>`, `Omit<T, K>`.

https://www.typescriptlang.org/docs/handbook/utility-types.html
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from asbuilt.language.types import ABSENT, UNSET, Choice, Field, Named, Schema, Type

MAPPED = frozenset({"Partial", "Required", "Pick", "Omit"})
_DEEPEST = 20


def mapped_fields(
    word: str, arguments: Sequence[Type], schema_of: Callable[[Type], Schema | None]
) -> tuple[Field, ...] | None:
    """The members of a mapped type; None where its base, or which members it keeps, is not known."""
    base = schema_of(arguments[0]) if arguments else None
    fields = _all_fields(base, schema_of, 0) if base else None
    if fields is None:
        return None
    match word, arguments[1:]:
        case "Partial", ():
            return tuple(replace(field, default=ABSENT) for field in fields)
        case "Required", ():
            return tuple(replace(field, default=UNSET) for field in fields)
        case (("Pick" | "Omit"), (Choice(names),)):
            return tuple(field for field in fields if (field.name in names) == (word == "Pick"))
    return None


def _all_fields(schema: Schema, schema_of: Callable[[Type], Schema | None], depth: int) -> tuple[Field, ...] | None:
    """The members of a schema and of what it extends, its own last; None where a base is not known."""
    if schema.variables or depth > _DEEPEST:
        return None
    found: dict[str, Field] = {}
    for base in schema.bases:
        known = schema_of(base)
        inherited = _all_fields(known, schema_of, depth + 1) if known else None
        if inherited is None:
            return None
        found |= {field.name: field for field in inherited}
    found |= {field.name: field for field in schema.fields}
    return tuple(found.values())


def named_in(type_: Type) -> str:
    """The name of the schema that a type is, if it is one."""
    return type_.name if isinstance(type_, Named) and not type_.arguments else ""
