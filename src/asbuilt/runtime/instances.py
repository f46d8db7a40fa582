"""The classes that schemas become: what algorithms take, make and answer.

Attributes are the members' names in snake_case; an instance has a repr and compares by value.
"""

import copy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from keyword import iskeyword

import msgspec

from asbuilt.language.names import snake
from asbuilt.language.types import UNSET, Field, Named, Scalar, Schema, Types
from asbuilt.runtime.faults import Wrong
from asbuilt.runtime.scalars import FROM_JSON


class Instance(msgspec.Struct, kw_only=True):
    """What every schema's class derives from."""

    def __class_getitem__(cls, _arguments: object) -> type["Instance"]:
        """`Page[Order]` is `Page`: type arguments matter to the document, not at run time."""
        return cls

    def __getattr__(self, name: str) -> object:
        """A member by the name it has in JSON: `orderId` is `order_id`."""
        own = snake(name)
        if own == name or own not in self.__struct_fields__:
            raise AttributeError(f"`{type(self).__name__}` has no member `{name}`", name=name, obj=self)
        return getattr(self, own)


def attributes(schema: Schema) -> tuple[str, ...]:
    """The attribute that holds each member, in order: `orderId` is `order_id`, `from` is `from_`."""
    names: dict[str, None] = {}
    for member in schema.fields:
        name = "".join(letter if letter.isalnum() else "_" for letter in snake(member.name))
        if not name.isidentifier() or iskeyword(name):
            name = f"{name}_" if iskeyword(name) else f"_{name}"
        while name in names:
            name += "_"
        names[name] = None
    return tuple(names)


def fresh(default: object) -> Callable[[], object]:
    """What makes the value of a member that was left out; no two instances share a list or a dict."""
    if isinstance(default, list | dict):
        return lambda: copy.deepcopy(default)
    return lambda: default


@dataclass(frozen=True)
class Classes:
    """The class of each schema of a document, made when it is first asked for."""

    types: Types
    _made: dict[str, type[Instance]] = field(default_factory=dict)

    def of(self, schema: Schema) -> type[Instance]:
        """The class of a schema; instances of a generic one share theirs, whatever the arguments."""
        made = self._made.get(schema.name)
        if made is None:
            made = self._made[schema.name] = _class(schema, self.types)
        return made

    def everything(self) -> dict[str, type[Instance]]:
        """The class of every schema by its name, built-in ones included."""
        found = (self.types.definition(name) for name in self.types.names)
        named = (Named(one.name, one.span) for one in found if isinstance(one, Schema))
        whole = (schema for one in named if (schema := self.types.schema(one)))
        return {schema.name: self.of(schema) for schema in whole}


def _default(member: Field, types: Types) -> object:
    """A default in the type of its member: `"2026-01-01"` may stand for a date."""
    present = types.present(member.type)
    if isinstance(member.default, str) and isinstance(present, Scalar):
        with suppress(Wrong):
            return FROM_JSON[present.kind](member.default)
    return member.default


def _class(schema: Schema, types: Types) -> type[Instance]:
    fields: list[tuple[str, type, object]] = []
    required: list[tuple[str, type]] = []
    for name, member in zip(attributes(schema), schema.fields, strict=True):
        if member.default is UNSET:
            required.append((name, object))
        elif isinstance(member.default, list | dict):
            fields.append((name, object, msgspec.field(default_factory=fresh(member.default))))
        else:
            fields.append((name, object, msgspec.field(default=_default(member, types))))
    wire = dict(zip(attributes(schema), (member.name for member in schema.fields), strict=True))
    # The stub says `Struct`; with `bases` it is a class derived from those.
    return msgspec.defstruct(  # type: ignore[return-value]
        schema.name, [*required, *fields], bases=(Instance,), kw_only=True, module="schemas", rename=wire
    )
