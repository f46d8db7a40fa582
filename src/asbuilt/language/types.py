"""The types that schemas, parameters and holes of error bodies are written in, whatever the notation.

A `Type` is what the author wrote, each part with its span. `Types` knows every named type of the
document and expands names one step at a time, so that recursive schemas stay finite.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

from asbuilt.language.forms import (
    ABSENT,
    FREE,
    UNSET,
    Alias,
    Anything,
    Array,
    Choice,
    Constant,
    Constraints,
    Default,
    Definition,
    Field,
    Map,
    Named,
    Null,
    Number,
    Scalar,
    ScalarKind,
    Schema,
    Type,
    Union,
    names_in,
    refine,
    spelled,
    substitute,
)
from asbuilt.language.library import LIBRARY

__all__ = [
    "ABSENT",
    "FREE",
    "UNSET",
    "Alias",
    "Anything",
    "Array",
    "Choice",
    "Constant",
    "Constraints",
    "Default",
    "Definition",
    "Field",
    "Map",
    "Named",
    "Null",
    "Number",
    "Scalar",
    "ScalarKind",
    "Schema",
    "Type",
    "Types",
    "Union",
    "names_in",
    "refine",
    "spelled",
    "substitute",
]

_EXPANSIONS = 100


@dataclass(frozen=True)
class Types:
    """Every named type of a document; of a name defined twice, the first counts."""

    definitions: tuple[Definition, ...]
    _known: dict[str, Definition] = field(init=False, repr=False, compare=False)
    _whole: dict[str, Schema] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        known: dict[str, Definition] = {}
        for definition in self.definitions:
            known.setdefault(definition.name, definition)
        object.__setattr__(self, "_known", {**LIBRARY, **known})

    def __contains__(self, name: object) -> bool:
        return name in self._known

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(self._known)

    @cached_property
    def schemas(self) -> tuple[Schema, ...]:
        """The schemas of the document itself, in its order."""
        return tuple(d for d in self.definitions if isinstance(d, Schema) and self._known[d.name] is d)

    def definition(self, name: str) -> Definition | None:
        return self._known.get(name)

    def resolve(self, type_: Type) -> Type:
        """The type behind alias names, constraints merged. A schema's name, or an unknown one, stays `Named`."""
        for _ in range(_EXPANSIONS):
            if not isinstance(type_, Named):
                return type_
            target = self._known.get(type_.name)
            if not isinstance(target, Alias):
                return type_
            expanded = substitute(target.type, dict(zip(target.variables, type_.arguments, strict=False)))
            type_ = refine(expanded, type_.constraints)
        return Anything(type_.span)

    def schema(self, type_: Type) -> Schema | None:
        """The schema a type names, with inherited fields first and type arguments filled in; else None."""
        resolved = self.resolve(type_)
        return self._instantiate(resolved, frozenset()) if isinstance(resolved, Named) else None

    def _instantiate(self, named: Named, seen: frozenset[str]) -> Schema | None:
        # Made once where it has no arguments: bases that share bases would double the work at each level.
        if not named.arguments and named.name in self._whole:
            return self._whole[named.name]
        schema = self._known.get(named.name)
        if not isinstance(schema, Schema) or named.name in seen or len(seen) > _EXPANSIONS:
            return None
        bound = dict(zip(schema.variables, named.arguments, strict=False))
        fields: dict[str, Field] = {}
        for base in schema.bases:
            filled = substitute(base, bound)
            parent = self._instantiate(filled, seen | {named.name}) if isinstance(filled, Named) else None
            fields |= {member.name: member for member in parent.fields} if parent else {}
        for member in schema.fields:
            fields[member.name] = replace(member, type=substitute(member.type, bound)) if bound else member
        whole = replace(schema, fields=tuple(fields.values()))
        if not named.arguments:
            self._whole[named.name] = whole
        return whole

    def nullable(self, type_: Type) -> bool:
        """Whether null is a value of the type."""
        resolved = self.resolve(type_)
        if isinstance(resolved, Union):
            return any(self.nullable(option) for option in resolved.options)
        return isinstance(resolved, Null | Anything) or (isinstance(resolved, Choice) and None in resolved.values)

    def present(self, type_: Type) -> Type:
        """The type, resolved, without its null option: `str` for `str | None`."""
        resolved = self.resolve(type_)
        if not isinstance(resolved, Union):
            return resolved
        options = tuple(option for option in resolved.options if not isinstance(self.resolve(option), Null))
        if len(options) == 1:
            return self.present(refine(options[0], resolved.constraints))
        return replace(resolved, options=options)
